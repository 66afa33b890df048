// SPDX-License-Identifier: GPL-2.0
/* gmemctl create-pool */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "amount.h"
#include "change.h"
#include "config.h"

struct create_opts {
	struct change_opts change;
	struct size size;
	struct node_arg node;
	struct size max;
	struct seconds_arg delay;
};

static const struct opt create_options[] = {
	{ 's', "size", OPT_SIZE, "SIZE", offsetof(struct create_opts, size),
	  "take this much System RAM; N% is of all that --node has (default 0)" },
	{ 'N', "node", OPT_NODE, "N", offsetof(struct create_opts, node),
	  "take it from this NUMA node, now and later (default any)" },
	{ 'm', "max", OPT_SIZE, "SIZE", offsetof(struct create_opts, max),
	  "let it take System RAM up to this size when guests need it" },
	{ 'd', "delay", OPT_SECONDS, "SECS", offsetof(struct create_opts, delay),
	  "with --max: give that back when it is free for so long (default 10)" },
	{ 0 }
};

static const struct reason create_reasons[] = {
	{ EEXIST, "there is a pool of that name",
	  "gmemctl resize-pool changes its size" },
	{ ENOSPC, "not so much memory can be taken",
	  "ask for less (gmemctl list -B shows what can be taken), or boot with movablecore=" },
	{ EINVAL, "the kernel does not accept the name, the size or the node",
	  NULL },
	{ ENOENT, "there is no /sys/class/gmem/create", NULL },
	{ EINTR, "interrupted", "no pool was made, and all memory is as before" },
	{ 0 }
};

struct create {
	const char *name;
	uint64_t bytes;
	int node;
	uint64_t max;
	uint64_t delay_ms;
};

static int do_create(struct gmem_ctx *ctx, const void *arg)
{
	const struct create *create = arg;

	if (create->max)
		return gmem_create_elastic_pool(ctx, create->name,
						create->bytes, create->node,
						create->max, create->delay_ms);
	return gmem_create_pool(ctx, create->name, create->bytes, create->node);
}

static int get_bytes(const struct app *app, const struct size *size,
		     const char *name, int node, uint64_t *bytes)
{
	char text[SIZE_TEXT];
	uint64_t total = 0;
	int rc, err;

	if (!size->set)
		return 0;
	if (size->sign) {
		error(app, NULL, "--%s: '%s' has a sign, and a new pool has no size to add to",
		      name, size->text);
		return RC_USAGE;
	}
	if (!size->percent)
		return amount_target(app, size, 0, 0, bytes);
	err = gmem_get_mem_total(app->ctx, node, &total);
	if (err) {
		error(app, NULL, "--%s: cannot read MemTotal: %s", name,
		      strerror(-err));
		return exit_code_of(err);
	}
	rc = amount_target(app, size, total, 0, bytes);
	if (!rc && *bytes > total) {
		error(app, NULL, "--%s: '%s' is more than there is, %s", name,
		      size->text, size_format(text, total));
		rc = RC_USAGE;
	}
	return rc;
}

/* " on node 0", " on nodes 0-1", or nothing for an empty pool. */
static char *describe_nodes(struct app *app, const struct create *create)
{
	struct gmem_pool *pool;
	const char *nodes;
	char *text = NULL;

	if (create->bytes &&
	    !gmem_pool_lookup(app->ctx, create->name, &pool)) {
		nodes = gmem_pool_get_nodes(pool);
		if (nodes && *nodes)
			text = format(" on node%s %s",
				      strpbrk(nodes, ",-") ? "s" : "", nodes);
		gmem_pool_unref(pool);
	}
	return text ? text : format("%s", "");
}

static int check_elastic(const struct app *app, const struct create_opts *opts,
			 struct create *create)
{
	if (opts->delay.set && !opts->max.set) {
		error(app, NULL, "--delay is for --max");
		return RC_USAGE;
	}
	if (opts->max.set && !create->max) {
		error(app, NULL, "--max: a pool that may have nothing is of no use");
		return RC_USAGE;
	}
	if (opts->max.set && create->max < create->bytes) {
		error(app, NULL, "--max: '%s' is less than --size",
		      opts->max.text);
		return RC_USAGE;
	}
	create->delay_ms = opts->delay.set ? opts->delay.ms : DEFAULT_DELAY_MS;
	return 0;
}

static int create_pool(struct app *app, const void *arg, int nr,
		       char **operands)
{
	const struct create_opts *opts = arg;
	struct create create = {
		.name = operands[0],
		.node = opts->node.set ? opts->node.node : GMEM_NODE_ANY,
	};
	struct change change = {
		.pool = create.name,
		.doing = "taking memory",
		.run = do_create,
		.arg = &create,
	};
	char size[SIZE_TEXT], max[SIZE_TEXT], from[32] = "";
	struct gmem_pool *pool;
	char *nodes;
	int rc, err;

	(void)nr;
	rc = check_name(app, create.name);
	if (!rc)
		rc = check_node(app, &opts->node);
	if (!rc)
		rc = get_bytes(app, &opts->size, "size", create.node,
			       &create.bytes);
	if (!rc)
		rc = get_bytes(app, &opts->max, "max", create.node,
			       &create.max);
	if (!rc)
		rc = check_elastic(app, opts, &create);
	if (rc)
		return rc;

	change.total = create.bytes;
	size_format(size, create.bytes);
	if (create.node != GMEM_NODE_ANY)
		snprintf(from, sizeof(from), " of node %d", create.node);

	/* Without the write nobody else would say so. */
	if (app->change->dry_run &&
	    !gmem_pool_lookup(app->ctx, create.name, &pool)) {
		gmem_pool_unref(pool);
		err = -EEXIST;
	} else {
		err = change_run(app, &change);
	}
	if (err && create.bytes)
		return change_failed(app, create_reasons, create.name, err,
				     false, NULL, "cannot make a pool with %s%s",
				     size, from);
	if (err)
		return change_failed(app, create_reasons, create.name, err,
				     false, NULL, "cannot make an empty pool");
	nodes = describe_nodes(app, &create);
	change_done(app, create.name, "created pool %s: %s%s%s%s", create.name,
		    create.bytes ? size : "empty", nodes,
		    create.max ? ", up to " : "",
		    create.max ? size_format(max, create.max) : "");
	free(nodes);
	return 0;
}

const struct verb verb_create_pool = {
	.name = "create-pool",
	.operands = "NAME",
	.summary = "Make a pool out of System RAM.",
	.opts = create_options,
	.opts_size = sizeof(struct create_opts),
	.min_operands = 1,
	.max_operands = 1,
	.changes = true,
	.run = create_pool,
};
