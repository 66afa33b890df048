// SPDX-License-Identifier: GPL-2.0
/* gmemctl list */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gmemctl.h"
#include "output.h"

struct list_opts {
	struct common_opts common;
	bool ranges;
	bool names;
	bool bytes;
	bool raw;
	bool noheadings;
	const char *columns;
	struct names pools;
	struct nodelist nodes;
};

static const struct opt list_options[] = {
	{ 'p', "pool", OPT_NAMES, "NAME,...",
	  offsetof(struct list_opts, pools), "only these pools" },
	{ 'N', "node", OPT_NODELIST, "LIST",
	  offsetof(struct list_opts, nodes),
	  "only what is on these nodes, and empty pools that grow there" },
	{ 'R', "ranges", OPT_FLAG, NULL,
	  offsetof(struct list_opts, ranges),
	  "list ranges; in JSON, in addition to the pools" },
	{ 0, "names", OPT_FLAG, NULL, offsetof(struct list_opts, names),
	  "print only the names of the pools, one on each line" },
	{ 'o', "output", OPT_COLUMNS, "[+]COL,...",
	  offsetof(struct list_opts, columns),
	  "the columns to print, or with + to add" },
	{ 'b', "bytes", OPT_FLAG, NULL, offsetof(struct list_opts, bytes),
	  "print sizes in bytes" },
	{ 'r', "raw", OPT_FLAG, NULL, offsetof(struct list_opts, raw),
	  "do not align columns" },
	{ 0, "noheadings", OPT_FLAG, NULL,
	  offsetof(struct list_opts, noheadings),
	  "print no line of headings" },
	{ 0 }
};

static int check_options(const struct app *app, const struct list_opts *opts,
			 struct table *table)
{
	const struct object_type *type = opts->ranges ? &range_type :
							&pool_type;
	const char *reason, *two = NULL;
	char bad[64];

	if (opts->names && opts->ranges)
		two = "--names and --ranges";
	else if (opts->names && opts->columns)
		two = "--names and --output";
	else if (opts->names && opts->common.json)
		two = "--names and --json";
	else if (opts->columns && opts->common.json)
		two = "--output and --json";
	if (two) {
		error(app, NULL, "%s exclude each other", two);
		return RC_USAGE;
	}
	reason = table_choose(table, type, opts->columns, bad, sizeof(bad));
	if (reason) {
		error(app, NULL, "--output: '%s' is %s (see gmemctl help list)",
		      bad, reason);
		return RC_USAGE;
	}
	return 0;
}

static bool has_name(const struct names *names, const char *name)
{
	size_t i;

	for (i = 0; i < names->nr; i++)
		if (!strcmp(names->v[i], name))
			return true;
	return false;
}

static bool pool_matches(const struct list_opts *opts, struct gmem_pool *pool)
{
	const char *nodes = gmem_pool_get_nodes(pool);
	int node;

	if (opts->pools.nr && !has_name(&opts->pools, gmem_pool_get_name(pool)))
		return false;
	if (!opts->nodes.set || nodelist_meets(&opts->nodes, nodes))
		return true;
	return nodes && !*nodes && !gmem_pool_get_node_policy(pool, &node) &&
	       node >= 0 && node < NODELIST_MAX && opts->nodes.has[node];
}

static bool range_matches(const struct list_opts *opts,
			  const struct gmem_range *range)
{
	int node;

	return !opts->nodes.set ||
	       (!gmem_range_get_node(range, &node) && node >= 0 &&
		node < NODELIST_MAX && opts->nodes.has[node]);
}

static void print_json(struct app *app, const struct list_opts *opts)
{
	struct json_object *pools = json_section(app, pool_type.section);
	struct json_object *ranges = NULL;
	struct gmem_range *range;
	struct gmem_pool *pool;

	if (opts->ranges)
		ranges = json_section(app, range_type.section);
	gmem_pool_foreach(app->ctx, pool) {
		if (!pool_matches(opts, pool))
			continue;
		json_add(pools, &pool_type, pool);
		if (!opts->ranges)
			continue;
		gmem_range_foreach(pool, range)
			if (range_matches(opts, range))
				json_add(ranges, &range_type, range);
	}
	json_print(app);
}

static void print_table(struct app *app, const struct list_opts *opts,
			struct table *table)
{
	struct gmem_range *range;
	struct gmem_pool *pool;

	table->bytes = opts->bytes;
	table->raw = opts->raw;
	table_start(table, !opts->noheadings);
	gmem_pool_foreach(app->ctx, pool) {
		if (!pool_matches(opts, pool))
			continue;
		if (!opts->ranges) {
			table_add(table, pool);
			continue;
		}
		gmem_range_foreach(pool, range)
			if (range_matches(opts, range))
				table_add(table, range);
	}
	table_print(table);
	table_free(table);
}

static void print_names(struct app *app, const struct list_opts *opts)
{
	struct gmem_pool *pool;

	gmem_pool_foreach(app->ctx, pool)
		if (pool_matches(opts, pool))
			puts(gmem_pool_get_name(pool));
}

/* A name that was asked for and is not there is an error; the rest is shown. */
static int check_pools(struct app *app, const struct list_opts *opts)
{
	struct gmem_pool *pool;
	int rc = 0;
	size_t i;

	for (i = 0; i < opts->pools.nr; i++) {
		gmem_pool_foreach(app->ctx, pool)
			if (!strcmp(opts->pools.v[i], gmem_pool_get_name(pool)))
				break;
		if (pool)
			continue;
		error(app, opts->pools.v[i], "there is no such pool");
		rc = RC_NOT_FOUND;
	}
	return rc;
}

static int list(struct app *app, const void *arg, int nr, char **operands)
{
	const struct list_opts *opts = arg;
	struct table table = { 0 };
	int rc, err;

	(void)nr;
	(void)operands;
	rc = check_options(app, opts, &table);
	if (rc)
		return rc;

	rc = unsupported(app);
	if (!rc) {
		err = gmem_scan(app->ctx);
		if (err) {
			error(app, NULL, "cannot read the pools: %s",
			      strerror(-err));
			rc = exit_code_of(err);
		}
	}
	if (!rc)
		rc = check_pools(app, opts);

	if (app->opts->json)
		print_json(app, opts);
	else if (opts->names)
		print_names(app, opts);
	else
		print_table(app, opts, &table);
	return rc;
}

static const struct object_type *const list_types[] = {
	&pool_type, &range_type, NULL
};

const struct verb verb_list = {
	.name = "list",
	.operands = "",
	.summary = "List pools, or with --ranges the ranges that they are made of.",
	.opts = list_options,
	.opts_size = sizeof(struct list_opts),
	.types = list_types,
	.run = list,
};
