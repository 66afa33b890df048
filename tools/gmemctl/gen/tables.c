// SPDX-License-Identifier: GPL-2.0
/*
 * Print the tables of verbs, options and columns, one record on each line with
 * tabs between its fields.  The build makes the manual page and the completion
 * of shells from it.
 *
 *   verb	NAME OPERANDS COMPLETE SUMMARY
 *   option	VERB GROUP LETTER NAME VALUE COMPLETE HELP
 *   column	VERB SECTION NAME SHOWN HELP
 *
 * A field that does not apply is "-".
 */
#include <stdio.h>

#include "gmemctl.h"
#include "output.h"

static const char *complete_name(enum complete complete)
{
	switch (complete) {
	case COMPLETE_NONE:
		return "none";
	case COMPLETE_POOLS:
		return "pools";
	case COMPLETE_DEVICES:
		return "devices";
	case COMPLETE_MODES:
		return "modes";
	case COMPLETE_NODES:
		return "nodes";
	case COMPLETE_VERBS:
		return "verbs";
	case COMPLETE_COLUMNS:
		return "columns";
	case COMPLETE_FILES:
		return "files";
	case COMPLETE_DIRS:
		return "dirs";
	}
	return NULL;
}

static enum complete complete_option(enum opt_type type)
{
	switch (type) {
	case OPT_NODE:
	case OPT_NODELIST:
		return COMPLETE_NODES;
	case OPT_POOLS:
		return COMPLETE_POOLS;
	case OPT_COLUMNS:
		return COMPLETE_COLUMNS;
	case OPT_MODE:
		return COMPLETE_MODES;
	case OPT_FILE:
		return COMPLETE_FILES;
	case OPT_DIR:
		return COMPLETE_DIRS;
	default:
		return COMPLETE_NONE;
	}
}

static void print_verb(const struct verb *verb)
{
	static const char *const groups[] = {
		[GROUP_OWN] = "own",
		[GROUP_CHANGE] = "change",
		[GROUP_COMMON] = "common",
		[GROUP_ALL] = "all",
	};
	const struct object_type *const *type;
	const struct column *column;
	const struct opt *opt = NULL;
	enum opt_group group;

	printf("verb\t%s\t%s\t%s\t%s\n", verb->name,
	       *verb->operands ? verb->operands : "-",
	       complete_name(verb->complete), verb->summary);
	while ((opt = options_next(verb, opt, &group)))
		printf("option\t%s\t%s\t%c\t%s\t%s\t%s\t%s\n", verb->name,
		       groups[group], opt->letter ? opt->letter : '-',
		       opt->name, opt->arg ? opt->arg : "-",
		       complete_name(complete_option(opt->type)), opt->help);
	for (type = verb->types; type && *type; type++)
		for (column = (*type)->columns; column->name; column++)
			printf("column\t%s\t%s\t%s\t%s\t%s\n", verb->name,
			       (*type)->section, column->name,
			       column->shown ? "shown" : "-", column->help);
}

int main(void)
{
	const struct verb *const *verb;

	for (verb = verbs; *verb; verb++)
		print_verb(*verb);
	return 0;
}
