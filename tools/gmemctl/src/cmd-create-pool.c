// SPDX-License-Identifier: GPL-2.0
/* gmemctl create-pool */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "amount.h"
#include "change.h"

struct create_opts {
	struct change_opts change;
	struct size size;
	struct node_arg node;
};

static const struct opt create_options[] = {
	{ 's', "size", OPT_SIZE, "SIZE", offsetof(struct create_opts, size),
	  "take this much System RAM; N% is of all that --node has (default 0)" },
	{ 'N', "node", OPT_NODE, "N", offsetof(struct create_opts, node),
	  "take it from this NUMA node, now and later (default any)" },
	{ 0 }
};

static const struct reason create_reasons[] = {
	{ EEXIST, "there is a pool of that name",
	  "gmemctl resize-pool changes its size" },
	{ ENOSPC, "not so much memory can be taken",
	  "only movable memory can: ask for less, or boot with gmem= or movablecore=" },
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
};

static int do_create(struct gmem_ctx *ctx, const void *arg)
{
	const struct create *create = arg;

	return gmem_create_pool(ctx, create->name, create->bytes, create->node);
}

static int get_bytes(const struct app *app, const struct create_opts *opts,
		     int node, uint64_t *bytes)
{
	uint64_t total = 0;
	int err;

	if (!opts->size.set)
		return 0;
	if (opts->size.sign) {
		error(app, NULL, "--size: '%s' has a sign, and a new pool has no size to add to",
		      opts->size.text);
		return RC_USAGE;
	}
	if (opts->size.percent) {
		err = gmem_get_mem_total(app->ctx, node, &total);
		if (err) {
			error(app, NULL, "--size: cannot read MemTotal: %s",
			      strerror(-err));
			return exit_code_of(err);
		}
	}
	return amount_target(app, &opts->size, total, 0, bytes);
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
	char size[SIZE_TEXT], from[32] = "";
	char *nodes;
	int rc, err;

	(void)nr;
	rc = check_name(app, create.name);
	if (!rc)
		rc = check_node(app, &opts->node);
	if (!rc)
		rc = get_bytes(app, opts, create.node, &create.bytes);
	if (rc)
		return rc;

	change.total = create.bytes;
	size_format(size, create.bytes);
	if (create.node != GMEM_NODE_ANY)
		snprintf(from, sizeof(from), " of node %d", create.node);

	err = change_run(app, &change);
	if (err && create.bytes)
		return change_failed(app, create_reasons, create.name, err,
				     false, NULL, "cannot make a pool with %s%s",
				     size, from);
	if (err)
		return change_failed(app, create_reasons, create.name, err,
				     false, NULL, "cannot make an empty pool");
	nodes = describe_nodes(app, &create);
	change_done(app, create.name, "created pool %s: %s%s", create.name,
		    create.bytes ? size : "empty", nodes);
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
