// SPDX-License-Identifier: GPL-2.0
/*
 * gmemctl restore and gmemctl online: pools as the configuration has them.
 * What is so already is left alone, so that both can be repeated.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "change.h"
#include "config.h"
#include "plan.h"

struct restore_opts {
	struct change_opts change;
	const char *config;
	bool check;
};

static const struct opt restore_options[] = {
	{ 'c', "config", OPT_FILE, "PATH",
	  offsetof(struct restore_opts, config),
	  "read this file, or the files *.conf of this directory" },
	{ 'C', "check", OPT_FLAG, NULL, offsetof(struct restore_opts, check),
	  "print what is not as configured, and change nothing" },
	{ 0 }
};

static const struct opt online_options[] = {
	{ 'c', "config", OPT_FILE, "PATH",
	  offsetof(struct restore_opts, config),
	  "read this file, or the files *.conf of this directory" },
	{ 0 }
};

static const struct reason restore_reasons[] = {
	{ ENOSPC, "not so much memory can be taken",
	  "gmemctl list -B shows which memory blocks can" },
	{ EBUSY, "its memory is in use",
	  "gmemctl list -U shows who has it" },
	{ ENOENT, "there is no such DAX device, or somebody has destroyed the pool",
	  "gmemctl list -D -o +start shows those that there are" },
	{ ENXIO, "the driver gmem is not there",
	  "boot a kernel with CONFIG_DEV_DAX_GMEM=y" },
	{ EINVAL, "the kernel does not accept the size or the node", NULL },
	{ EINTR, "interrupted", "the same command goes on" },
	{ 0 }
};

struct work {
	struct app *app;
	const struct restore_opts *opts;
	bool online;		/* grow pools that there are */
	struct config config;
	int first;		/* bad exit code */
};

struct run {
	const char *name;
	const struct move *move;
};

static int do_move(struct gmem_ctx *ctx, const void *arg)
{
	const struct run *run = arg;

	return move_run(ctx, run->name, run->move);
}

/* Adds to a text for free(). */
static char *append(char *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static char *append(char *text, const char *fmt, ...)
{
	char *more, *both;
	va_list args;

	va_start(args, fmt);
	must(vasprintf(&more, fmt, args) >= 0);
	va_end(args);
	both = format("%s%s", text, more);
	free(text);
	free(more);
	return both;
}

/* Where the memory is to be, for messages; for free(). */
static char *describe(const struct pool_config *config)
{
	char *all = format("%s", "");
	char text[SIZE_TEXT];
	size_t i;

	if (!config->nr_sizes)
		all = append(all, "%s", size_format(text, config->total));
	for (i = 0; i < config->nr_sizes; i++)
		all = append(all, "%s%s on node %d", i ? ", " : "",
			     size_format(text, config->sizes[i].bytes),
			     config->sizes[i].node);
	if (config->max)
		all = append(all, ", up to %s", size_format(text, config->max));
	for (i = 0; i < config->nr_devices; i++)
		all = append(all, "%s%s", i ? ", " : " and ",
			     config->devices[i].name);
	return all;
}

static const char *node_text(char *buf, int node)
{
	if (node == GMEM_NODE_ANY)
		snprintf(buf, SIZE_TEXT, "any node");
	else
		snprintf(buf, SIZE_TEXT, "node %d", node);
	return buf;
}

/* What a move would mend; for free(). */
static char *describe_move(const struct plan *plan, const struct move *move)
{
	char text[SIZE_TEXT], text2[SIZE_TEXT];

	if (move->reserve)
		return format("keeps %s of what is free; it should keep %s",
			      size_format(text, plan->reserved),
			      size_format(text2, move->size));
	if (move->set_elastic && !move->max)
		return format("grows by itself; it should not");
	if (move->set_elastic)
		return format("should grow by itself, up to %s, and keep what is free for %g s",
			      size_format(text, move->max),
			      move->delay_ms / 1000.0);
	if (move->device)
		return format("does not have the device %s",
			      move->device->name);
	return format("grows on %s; it should on %s",
		      node_text(text, plan->node),
		      node_text(text2, plan->config->node));
}

/* Adds a line, or, for JSON, to the cause; frees the text. */
static void add_difference(const struct work *work, const char *name,
			   char **cause, char *text)
{
	if (!work->app->opts->json)
		printf("%s: %s\n", name, text);
	*cause = append(*cause, "%s%s", **cause ? "; " : "", text);
	free(text);
}

/*
 * Several moves may be one difference: sizes are those of all nodes, and the node is
 * another one in between.  Returns all, for free().
 */
static char *print_differences(const struct work *work, const struct plan *plan)
{
	const char *name = plan->config->name;
	char *wanted = describe(plan->config);
	char *cause = format("%s", "");
	const struct move *move;
	char text[SIZE_TEXT];
	bool resize = false;
	size_t i;

	if (!plan->exists)
		add_difference(work, name, &cause,
			       format("is not there; it should have %s",
				      wanted));
	for (i = 0; plan->exists && i < plan->nr; i++)
		resize = resize || plan->moves[i].resize;
	if (resize)
		add_difference(work, name, &cause,
			       format("has %s; it should have %s",
				      size_format(text, plan->size), wanted));
	for (i = 0; plan->exists && i < plan->nr; i++) {
		move = &plan->moves[i];
		if (move->resize ||
		    (move->set_node && plan->node == plan->config->node) ||
		    (resize && move->reserve))
			continue;
		add_difference(work, name, &cause, describe_move(plan, move));
	}
	free(wanted);
	return cause;
}

static int run_plan(struct work *work, const struct plan *plan, int *failure)
{
	struct app *app = work->app;
	const char *name = plan->config->name;
	char *wanted = describe(plan->config);
	bool changed = false;
	int rc = 0, err = 0;
	size_t i;

	for (i = 0; !err && i < plan->nr; i++) {
		const struct move *move = &plan->moves[i];
		struct run run = { .name = name, .move = move };
		struct change change = {
			.pool = name,
			.doing = move->device ? "moving memory" :
				 move->grow ? "growing" : "shrinking",
			.total = move->bytes,
			.run = do_move,
			.arg = &run,
		};

		err = change_run(app, &change);
		changed = changed || (!err && !app->change->dry_run);
	}
	if (err)
		rc = change_failed(app, restore_reasons, name, err, changed,
				   NULL, "cannot give it %s, as %s:%u says",
				   wanted, plan->config->file,
				   plan->config->line);
	else
		change_done(app, name, "pool %s has %s now", name, wanted);
	*failure = err;
	free(wanted);
	return rc;
}

static int restore_pool(struct work *work, const struct pool_config *config,
			int *err)
{
	struct plan plan;
	char *cause;
	int rc;

	rc = plan_make(work->app, config, work->online, &plan);
	if (rc) {
		change_result(work->app, &(struct result){
			.pool = config->name, .result = "failed",
			.cause = "the pool cannot be read" });
		return rc;
	}
	if (!plan.nr) {
		if (!work->app->opts->json)
			printf("pool %s is as configured already\n",
			       config->name);
		change_result(work->app, &(struct result){
			.pool = config->name, .result = "already" });
	} else if (work->opts->check) {
		cause = print_differences(work, &plan);
		change_result(work->app, &(struct result){
			.pool = config->name, .result = "differs",
			.cause = cause });
		free(cause);
		rc = RC_FAILED;
	} else {
		rc = run_plan(work, &plan, err);
	}
	plan_free(&plan);
	return rc;
}

static int restore_one(struct app *app, const char *name, void *arg, int *err)
{
	struct work *work = arg;
	int rc;

	(void)app;
	rc = restore_pool(work, config_find(&work->config, name), err);
	if (rc && !work->first)
		work->first = rc;
	return rc;
}

/* Before the first write: the names are configured, and the sizes possible. */
static int check_names(const struct work *work, int nr, char **names)
{
	const struct pool_config *config;
	int rc = 0, i;

	for (i = 0; !rc && i < nr; i++) {
		rc = check_name(work->app, names[i]);
		if (rc)
			break;
		config = config_find(&work->config, names[i]);
		if (!config) {
			error(work->app, names[i],
			      "there is no pool of that name in the configuration");
			advise("gmemctl save %s prints what to write into it",
			       names[i]);
			rc = RC_NOT_FOUND;
		} else {
			rc = plan_check(work->app, config);
		}
	}
	return rc;
}

/* What the host keeps: before pools take the rest. */
static int restore_host(struct work *work)
{
	const struct config *config = &work->config;
	struct app *app = work->app;
	char text[SIZE_TEXT], text2[SIZE_TEXT];
	uint64_t now = 0;
	char *cause;
	int err;

	err = gmem_get_keep_free(app->ctx, &now);
	if (!err && now == config->keep_free) {
		change_result(app, &(struct result){
			.pool = KEEP_FREE, .result = "already" });
		return 0;
	}
	if (work->opts->check) {
		cause = format("%s", "");
		add_difference(work, KEEP_FREE, &cause,
			       format("is %s; it should be %s",
				      size_format(text, now),
				      size_format(text2, config->keep_free)));
		change_result(app, &(struct result){
			.pool = KEEP_FREE, .result = "differs",
			.cause = cause });
		free(cause);
		return RC_FAILED;
	}
	err = change_keep_free(app, config->keep_free);
	if (err)
		return change_failed(app, restore_reasons, KEEP_FREE, err,
				     false, NULL, "cannot be %s, as %s:%u says",
				     size_format(text, config->keep_free),
				     config->host_file, config->host_line);
	return 0;
}

static int check_all(const struct work *work)
{
	size_t i;
	int rc = 0;

	for (i = 0; !rc && i < work->config.nr; i++)
		rc = plan_check(work->app, &work->config.v[i]);
	return rc;
}

/*
 * The pools in the order in which they are done: first what only gives memory back.
 * Returns an array for free().
 */
static char **order_names(const struct work *work, int nr, char **names)
{
	char **order = calloc(nr + 1, sizeof(*order));
	bool *first = calloc(nr + 1, sizeof(*first));
	int i, n = 0;

	must(order && first);
	for (i = 0; i < nr; i++) {
		first[i] = !work->online && !work->opts->check &&
			   plan_only_shrinks(work->app,
					     config_find(&work->config,
							 names[i]));
		if (first[i])
			order[n++] = names[i];
	}
	for (i = 0; i < nr; i++)
		if (!first[i])
			order[n++] = names[i];
	free(first);
	return order;
}

static int run_work(struct work *work, int nr, char **names)
{
	char **all = NULL, **order;
	int rc, host = 0;
	size_t i;

	rc = plan_check_devices(work->app, &work->config);
	if (!rc)
		rc = nr ? check_names(work, nr, names) : check_all(work);
	if (!rc)
		rc = unsupported(work->app);
	if (!rc && work->online)
		rc = check_pools(work->app, nr, names);
	if (rc)
		return rc;

	if (!nr && work->config.host_file)
		host = restore_host(work);
	else if (!nr && !work->config.nr && !work->app->opts->json)
		puts("no pool is configured");
	if (!nr && work->config.nr) {
		all = calloc(work->config.nr, sizeof(*all));
		must(all);
		for (i = 0; i < work->config.nr; i++)
			all[i] = work->config.v[i].name;
		nr = work->config.nr;
		names = all;
	}
	order = order_names(work, nr, names);
	rc = change_each(work->app, nr, order, restore_one, work);
	free(order);
	free(all);
	/* What is as configured does not make the rest a part of a success. */
	if (work->opts->check)
		rc = work->first;
	else if (host && !rc && nr)
		rc = RC_PARTIAL;
	return rc ? rc : host;
}

static int restore_or_online(struct app *app, const struct restore_opts *opts,
			     bool online, int nr, char **names)
{
	struct work work = { .app = app, .opts = opts, .online = online };
	int rc;

	rc = config_read(app, opts->config, &work.config);
	if (rc)
		return rc;
	rc = run_work(&work, nr, names);
	config_free(&work.config);
	return rc;
}

static int restore(struct app *app, const void *arg, int nr, char **operands)
{
	return restore_or_online(app, arg, false, nr, operands);
}

static int online(struct app *app, const void *arg, int nr, char **operands)
{
	return restore_or_online(app, arg, true, nr, operands);
}

const struct verb verb_restore = {
	.name = "restore",
	.operands = "[NAME]...",
	.complete = COMPLETE_POOLS,
	.summary = "Make and resize pools as the configuration says.",
	.opts = restore_options,
	.opts_size = sizeof(struct restore_opts),
	.max_operands = -1,
	.changes = true,
	.run = restore,
};

const struct verb verb_online = {
	.name = "online",
	.operands = "NAME...",
	.complete = COMPLETE_POOLS,
	.summary = "Take the memory again that the configuration gives to pools.",
	.opts = online_options,
	.opts_size = sizeof(struct restore_opts),
	.min_operands = 1,
	.max_operands = -1,
	.changes = true,
	.run = online,
};
