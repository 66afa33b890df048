// SPDX-License-Identifier: GPL-2.0
/* gmemctl help, gmemctl version */
#include <stdio.h>

#include "gmemctl.h"

static void print_verbs(void)
{
	const struct verb *const *verb;

	puts("Usage: gmemctl VERB [OPTION]... [OPERAND]...\n\n"
	     "Administration of pools of memory without struct pages, for guests.\n\n"
	     "Verbs:");
	for (verb = verbs; *verb; verb++)
		printf("  %-13s %s\n", (*verb)->name, (*verb)->summary);
	puts("\ngmemctl help VERB prints the options of a verb; gmemctl(8) says more.");
}

static int print_help(struct app *app, const void *opts, int nr,
		      char **operands)
{
	const struct verb *verb;

	(void)opts;
	if (!nr) {
		print_verbs();
		return RC_DONE;
	}
	verb = find_verb(operands[0]);
	if (!verb) {
		error(app, NULL, "there is no verb '%s' (see gmemctl help)",
		      operands[0]);
		return RC_USAGE;
	}
	options_help(verb);
	return RC_DONE;
}

static int print_version(struct app *app, const void *opts, int nr,
			 char **operands)
{
	(void)app;
	(void)opts;
	(void)nr;
	(void)operands;
	puts("gmemctl " VERSION);
	return RC_DONE;
}

const struct verb verb_help = {
	.name = "help",
	.operands = "[VERB]",
	.complete = COMPLETE_VERBS,
	.summary = "Print what there is, or the options of a verb.",
	.opts_size = sizeof(struct common_opts),
	.max_operands = 1,
	.plain = true,
	.run = print_help,
};

const struct verb verb_version = {
	.name = "version",
	.operands = "",
	.summary = "Print the version.",
	.opts_size = sizeof(struct common_opts),
	.plain = true,
	.run = print_version,
};
