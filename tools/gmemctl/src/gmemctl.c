// SPDX-License-Identifier: GPL-2.0
/*
 * gmemctl: administration of pools of memory without struct pages.
 *
 * This file runs one of the verbs that verbs.c lists.  What a verb does is in
 * the cmd-*.c file of its name.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "gmemctl.h"
#include "change.h"

static void print_log(struct gmem_ctx *ctx, int priority, const char *message)
{
	(void)ctx;
	(void)priority;
	fprintf(stderr, "libgmem: %s\n", message);
}

static int run_with_context(struct app *app, void *opts, int nr,
			    char **operands, int argc, char **argv)
{
	const struct verb *verb = app->verb;
	const char *sysroot = app->opts->sysroot;
	int rc, err;

	err = gmem_new(&app->ctx);
	if (err) {
		error(app, NULL, "cannot open the root directory: %s",
		      strerror(-err));
		return RC_FAILED;
	}
	gmem_set_log_fn(app->ctx, print_log);
	if (app->opts->verbose)
		gmem_set_log_priority(app->ctx, LOG_DEBUG);

	err = sysroot ? gmem_set_sysroot(app->ctx, sysroot) : 0;
	if (err) {
		error(app, NULL, "--sysroot: '%s': %s", sysroot,
		      strerror(-err));
		rc = RC_USAGE;
	} else if (verb->changes) {
		changes_start(app);
		rc = changes_end(app, argc, argv,
				 verb->run(app, opts, nr, operands));
	} else {
		rc = verb->run(app, opts, nr, operands);
	}
	gmem_unref(app->ctx);
	return rc;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct app app = { .verb = verb };
	char **operands;
	void *opts;
	int rc, nr;

	opts = calloc(1, verb->opts_size);
	operands = calloc(argc + 1, sizeof(*operands));
	must(opts && operands);
	app.opts = opts;
	app.change = verb->changes ? opts : NULL;

	nr = options_parse(&app, opts, argc, argv, operands);
	if (nr < 0) {
		rc = -nr;
	} else if (app.opts->help) {
		options_help(verb);
		rc = RC_DONE;
	} else if (verb->plain) {
		rc = verb->run(&app, opts, nr, operands);
	} else {
		rc = run_with_context(&app, opts, nr, operands, argc, argv);
	}
	json_object_put(app.json);
	options_free(verb, opts);
	free(operands);
	return rc;
}

/* Output that nobody got is not a success. */
static int flush_output(int rc)
{
	if (!fflush(stdout) && !ferror(stdout))
		return rc;
	fprintf(stderr, "gmemctl: cannot write the output: %s\n",
		strerror(errno));
	return rc ? rc : RC_FAILED;
}

int main(int argc, char **argv)
{
	const struct app no_verb = { 0 };
	const struct verb *verb;

	if (argc < 2) {
		error(&no_verb, NULL, "which verb? (see gmemctl help)");
		return RC_USAGE;
	}
	if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help"))
		verb = &verb_help;
	else if (!strcmp(argv[1], "-V") || !strcmp(argv[1], "--version"))
		verb = &verb_version;
	else
		verb = find_verb(argv[1]);
	if (!verb) {
		error(&no_verb, NULL, "there is no verb '%s' (see gmemctl help)",
		      argv[1]);
		return RC_USAGE;
	}
	return flush_output(run(verb, argc - 1, argv + 1));
}
