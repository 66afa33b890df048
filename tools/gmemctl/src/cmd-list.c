// SPDX-License-Identifier: GPL-2.0
/*
 * gmemctl list
 *
 * What it does with every kind of object; list-*.c have the kinds.
 */
#include <stdio.h>
#include <string.h>

#include "gmemctl.h"
#include "list.h"
#include "output.h"

static const struct opt list_options[] = {
	{ 'p', "pool", OPT_POOLS, "NAME,...",
	  offsetof(struct list_opts, pools),
	  "only these pools, and what is theirs" },
	{ 'N', "node", OPT_NODELIST, "LIST",
	  offsetof(struct list_opts, nodes),
	  "only what is on these nodes, and empty pools that grow there" },
	{ 'S', "origin", OPT_WORDS, "ORIGIN,...",
	  offsetof(struct list_opts, origins),
	  "only ranges that came from there (boot, ram, dax), and pools that have such" },
	{ 'u', "user", OPT_WORDS, "USER,...",
	  offsetof(struct list_opts, users),
	  "only backings that processes of these users have open" },
	{ 'R', "ranges", OPT_FLAG, NULL,
	  offsetof(struct list_opts, ranges),
	  "list ranges; in JSON, in addition to the pools" },
	{ 'B', "blocks", OPT_FLAG, NULL,
	  offsetof(struct list_opts, blocks),
	  "list memory blocks of System RAM that could be taken" },
	{ 'U', "backings", OPT_FLAG, NULL,
	  offsetof(struct list_opts, backings),
	  "list guest_memfds that hold memory, with the processes" },
	{ 'D', "devices", OPT_FLAG, NULL,
	  offsetof(struct list_opts, devices),
	  "list DAX devices, whose memory can be that of pools" },
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

/* A table has one kind; JSON has the pools and all that are asked for. */
static const struct kind *choose_kind(const struct list_opts *opts)
{
	if (opts->ranges)
		return &range_kind;
	if (opts->blocks)
		return &block_kind;
	if (opts->backings)
		return &backing_kind;
	if (opts->devices)
		return &device_kind;
	return &pool_kind;
}

static const char *exclusive(const struct list_opts *opts)
{
	bool json = opts->common.json;

	if (opts->names && opts->ranges)
		return "--names and --ranges";
	if (opts->names && opts->blocks)
		return "--names and --blocks";
	if (opts->names && opts->backings)
		return "--names and --backings";
	if (opts->names && opts->devices)
		return "--names and --devices";
	if (opts->names && opts->columns)
		return "--names and --output";
	if (opts->names && json)
		return "--names and --json";
	if (opts->columns && json)
		return "--output and --json";
	if (json)
		return NULL;
	if (opts->ranges && opts->blocks)
		return "--ranges and --blocks";
	if (opts->ranges && opts->backings)
		return "--ranges and --backings";
	if (opts->blocks && opts->backings)
		return "--blocks and --backings";
	if (opts->ranges && opts->devices)
		return "--ranges and --devices";
	if (opts->blocks && opts->devices)
		return "--blocks and --devices";
	if (opts->backings && opts->devices)
		return "--backings and --devices";
	/* Filters that say nothing about what is listed. */
	if (opts->blocks && opts->pools.nr)
		return "--blocks and --pool";
	if (opts->blocks && opts->origins.nr)
		return "--blocks and --origin";
	if (opts->backings && opts->nodes.set)
		return "--backings and --node";
	if (opts->backings && opts->origins.nr)
		return "--backings and --origin";
	if (opts->devices && opts->origins.nr)
		return "--devices and --origin";
	return NULL;
}

static int check_origins(const struct app *app, const struct list_opts *opts)
{
	static const char *const origins[] = { "boot", "ram", "dax" };
	size_t i, n;

	for (i = 0; i < opts->origins.nr; i++) {
		for (n = 0; n < ARRAY_SIZE(origins); n++)
			if (!strcmp(opts->origins.v[i], origins[n]))
				break;
		if (n < ARRAY_SIZE(origins))
			continue;
		error(app, NULL, "--origin: '%s' is not boot, ram or dax",
		      opts->origins.v[i]);
		return RC_USAGE;
	}
	return 0;
}

static int check_options(const struct app *app, const struct list_opts *opts,
			 struct table *table)
{
	const char *reason, *two = exclusive(opts);
	char bad[64];

	if (two) {
		error(app, NULL, "%s exclude each other", two);
		return RC_USAGE;
	}
	if (opts->users.nr && !opts->backings) {
		error(app, NULL, "--user is for --backings");
		return RC_USAGE;
	}
	reason = table_choose(table, choose_kind(opts)->row, opts->columns, bad,
			      sizeof(bad));
	if (reason) {
		error(app, NULL, "--output: '%s' is %s (see gmemctl help list)",
		      bad, reason);
		return RC_USAGE;
	}
	return check_origins(app, opts) ? RC_USAGE : check_users(app, opts);
}

struct json_sink {
	struct sink sink;
	const struct object_type *type;
	struct json_object *array;
};

static void add_json(struct sink *sink, const void *object)
{
	struct json_sink *json = (struct json_sink *)sink;

	json_add(json->array, json->type, object);
}

static int list_json(struct app *app, const struct list_opts *opts,
		     const struct kind *kind)
{
	struct json_sink sink = {
		.sink.add = add_json,
		.type = kind->json,
		.array = json_section(app, kind->json->section),
	};

	return kind->each_json(app, opts, &sink.sink);
}

static int print_json(struct app *app, const struct list_opts *opts)
{
	int rc, rc2 = 0, rc3 = 0, rc4 = 0, rc5 = 0;

	rc = list_json(app, opts, &pool_kind);
	if (opts->ranges)
		rc2 = list_json(app, opts, &range_kind);
	if (opts->blocks)
		rc3 = list_json(app, opts, &block_kind);
	if (opts->backings)
		rc4 = list_json(app, opts, &backing_kind);
	if (opts->devices)
		rc5 = list_json(app, opts, &device_kind);
	json_print(app);
	return rc ? rc : rc2 ? rc2 : rc3 ? rc3 : rc4 ? rc4 : rc5;
}

struct table_sink {
	struct sink sink;
	struct table *table;
};

static void add_row(struct sink *sink, const void *object)
{
	table_add(((struct table_sink *)sink)->table, object);
}

static int print_table(struct app *app, const struct list_opts *opts,
		       struct table *table)
{
	struct table_sink sink = { .sink.add = add_row, .table = table };
	int rc;

	table->bytes = opts->bytes;
	table->raw = opts->raw;
	table_start(table, !opts->noheadings);
	rc = choose_kind(opts)->each_row(app, opts, &sink.sink);
	table_print(table);
	table_free(table);
	return rc;
}

static void print_names(struct app *app, const struct list_opts *opts)
{
	struct gmem_pool *pool;

	gmem_pool_foreach(app->ctx, pool)
		if (pool_matches(opts, pool))
			puts(gmem_pool_get_name(pool));
}

static int scan(struct app *app, const struct list_opts *opts)
{
	int rc;

	/* Blocks can be looked at on any kernel. */
	if (opts->blocks && !opts->common.json)
		return 0;
	rc = unsupported(app);
	if (rc)
		return rc;
	rc = scan_pools(app);
	if (rc)
		return rc;
	return check_pool_names(app, &opts->pools);
}

static int list(struct app *app, const void *arg, int nr, char **operands)
{
	const struct list_opts *opts = arg;
	struct table table = { 0 };
	int rc, rc2 = 0;

	(void)nr;
	(void)operands;
	rc = check_options(app, opts, &table);
	if (rc)
		return rc;

	rc = scan(app, opts);
	if (app->opts->json)
		rc2 = print_json(app, opts);
	else if (opts->names)
		print_names(app, opts);
	else if (rc != RC_UNSUPPORTED)
		rc2 = print_table(app, opts, &table);
	return rc ? rc : rc2;
}

static const struct object_type *const list_types[] = {
	&pool_type, &range_type, &block_type, &owner_type, &device_type,
	NULL
};

const struct verb verb_list = {
	.name = "list",
	.operands = "",
	.summary = "List pools, what they are made of, who uses them, or what they could take.",
	.opts = list_options,
	.opts_size = sizeof(struct list_opts),
	.types = list_types,
	.run = list,
};
