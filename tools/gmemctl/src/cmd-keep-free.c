// SPDX-License-Identifier: GPL-2.0
/* gmemctl keep-free */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gmemctl.h"
#include "change.h"

static const struct reason keep_free_reasons[] = {
	{ EINVAL, "the kernel does not accept the size", NULL },
	{ ENOENT, "this kernel has no file for that", "boot a later one" },
	{ 0 }
};

static int read_keep_free(struct app *app, uint64_t *bytes)
{
	int err = gmem_get_keep_free(app->ctx, bytes);

	if (!err)
		return 0;
	error(app, NULL, "cannot read keep_free: %s", strerror(-err));
	return exit_code_of(err);
}

static int parse_amount(const struct app *app, const char *text,
			uint64_t *bytes)
{
	const char *reason;
	struct size size;
	uint64_t total = 0;
	int err;

	reason = size_parse(text, &size);
	if (!reason && size.sign)
		reason = "a size with a sign";
	if (!reason && size.percent) {
		err = gmem_get_mem_total(app->ctx, GMEM_NODE_ANY, &total);
		if (err) {
			error(app, NULL, "cannot read MemTotal: %s",
			      strerror(-err));
			return exit_code_of(err);
		}
	}
	if (!reason)
		reason = size_of(&size, total, bytes);
	if (!reason && size.percent && *bytes > total)
		reason = "more than there is";
	if (!reason)
		return 0;
	error(app, NULL, "'%s' is %s", text, reason);
	return RC_USAGE;
}

/* What it is now, beside the results. */
static void add_value(struct app *app, uint64_t bytes)
{
	struct json_object *value = json_object_new_uint64(bytes);

	must(value);
	must(!json_object_object_add(app->json, KEEP_FREE, value));
}

static void report(struct app *app, uint64_t bytes)
{
	char text[SIZE_TEXT];

	change_result(app, &(struct result){
		.pool = KEEP_FREE, .result = "already" });
	if (app->opts->json)
		add_value(app, bytes);
	else
		printf("pools leave %s to the host\n",
		       size_format(text, bytes));
}

static int keep_free(struct app *app, const void *arg, int nr,
		     char **operands)
{
	char text[SIZE_TEXT];
	uint64_t now, bytes;
	int rc, err;

	(void)arg;
	rc = nr ? parse_amount(app, operands[0], &bytes) : 0;
	if (!rc)
		rc = unsupported(app);
	if (!rc)
		rc = read_keep_free(app, &now);
	if (rc)
		return rc;
	if (!nr || bytes == now) {
		report(app, now);
		return 0;
	}
	err = change_keep_free(app, bytes);
	if (err)
		return change_failed(app, keep_free_reasons, KEEP_FREE, err,
				     false, NULL, "cannot be %s",
				     size_format(text, bytes));
	if (app->opts->json && !app->change->dry_run)
		add_value(app, bytes);
	return 0;
}

const struct verb verb_keep_free = {
	.name = "keep-free",
	.operands = "[SIZE]",
	.summary = "Print or set how much memory has to stay available when a pool takes some.",
	.opts_size = sizeof(struct change_opts),
	.max_operands = 1,
	.changes = true,
	.run = keep_free,
};
