// SPDX-License-Identifier: GPL-2.0
/* gmemctl resize-pool */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "amount.h"
#include "change.h"

struct resize_opts {
	struct change_opts change;
	struct node_arg node;
};

static const struct opt resize_options[] = {
	{ 'N', "node", OPT_NODE, "N", offsetof(struct resize_opts, node),
	  "take or give back memory on this NUMA node, this time" },
	{ 0 }
};

static const struct reason grow_reasons[] = {
	{ ENOSPC, "not so much memory can be taken",
	  "ask for less (gmemctl list -B shows what can be taken), or boot with movablecore=" },
	{ EINVAL, "the kernel does not accept the size or the node", NULL },
	{ 0 }
};

static const struct reason shrink_reasons[] = {
	{ EBUSY, "not enough memory blocks are free", NULL },
	{ EINVAL, "the kernel does not accept the size or the node", NULL },
	{ 0 }
};

struct resize {
	const char *name;
	uint64_t bytes;
	bool set_node;
	int node;
	int old_node;
};

/* The node of the pool is another one for the time of this change only. */
static int do_resize(struct gmem_ctx *ctx, const void *arg)
{
	const struct resize *resize = arg;
	int err, err2;

	if (!resize->set_node)
		return gmem_resize_pool(ctx, resize->name, resize->bytes);

	err = gmem_set_node_policy(ctx, resize->name, resize->node);
	if (err)
		return err;
	err = gmem_resize_pool(ctx, resize->name, resize->bytes);
	if (err)
		change_keep_words(ctx);
	err2 = gmem_set_node_policy(ctx, resize->name, resize->old_node);
	if (err2) {
		error(gmem_get_userdata(ctx), resize->name,
		      "cannot set its node from %d back to %d: %s",
		      resize->node, resize->old_node, strerror(-err2));
		advise("write %d to /sys/class/gmem/%s/node", resize->old_node,
		       resize->name);
	}
	return err;
}

/* A node whose memory is all in pools is offline, and still can be shrunk. */
static int check_resize_node(struct app *app, const struct node_arg *arg,
			     struct gmem_pool *pool)
{
	struct gmem_node *node;

	gmem_node_foreach(pool, node)
		if (arg->set && gmem_node_get_id(node) == arg->node)
			return 0;
	return check_node(app, arg);
}

/*
 * What a failure left behind.  Returns a hint for free(), or NULL if the reason
 * alone says enough.
 */
static char *look_at_rest(struct app *app, const char *name, int err,
			  uint64_t old, bool *partial)
{
	char text[SIZE_TEXT], text2[SIZE_TEXT];
	uint64_t available, size, users;
	struct gmem_pool *pool;
	char *more = NULL;

	*partial = false;
	if (gmem_pool_lookup(app->ctx, name, &pool))
		return NULL;
	if (gmem_pool_get_size(pool, &size) ||
	    gmem_pool_get_available(pool, &available) ||
	    gmem_pool_get_users(pool, &users)) {
		gmem_pool_unref(pool);
		return NULL;
	}
	gmem_pool_unref(pool);

	*partial = size != old;
	if (*partial)
		more = format("the pool has %s now", size_format(text, size));
	else if (err == -EINTR)
		more = format("the pool has %s as before",
			      size_format(text, size));
	else if (err == -EBUSY && users)
		more = format("%s of %s is free; only whole blocks go back: see gmemctl list -U",
			      size_format(text, available),
			      size_format(text2, size));
	return more;
}

static int resize(struct app *app, struct resize *resize, uint64_t old)
{
	bool grow = resize->bytes > old;
	struct change change = {
		.pool = resize->name,
		.doing = grow ? "growing" : "shrinking",
		.total = grow ? resize->bytes - old : old - resize->bytes,
		.run = do_resize,
		.arg = resize,
	};
	char old_text[SIZE_TEXT], new_text[SIZE_TEXT];
	bool partial;
	char *more;
	int rc, err;

	size_format(old_text, old);
	size_format(new_text, resize->bytes);
	if (!change.total) {
		if (!app->opts->json)
			printf("pool %s has %s already\n", resize->name,
			       old_text);
		change_result(app, &(struct result){
			.pool = resize->name, .result = "already" });
		return 0;
	}

	err = change_run(app, &change);
	if (!err) {
		change_done(app, resize->name, "resized pool %s from %s to %s",
			    resize->name, old_text, new_text);
		return 0;
	}
	more = look_at_rest(app, resize->name, err, old, &partial);
	rc = change_failed(app, grow ? grow_reasons : shrink_reasons,
			   resize->name, err, partial, more, "cannot %s from %s to %s",
			   grow ? "grow" : "shrink", old_text, new_text);
	free(more);
	return rc;
}

static int resize_pool(struct app *app, const void *arg, int nr,
		       char **operands)
{
	const struct resize_opts *opts = arg;
	struct resize data = { .name = operands[0] };
	struct gmem_pool *pool;
	const char *reason;
	struct size size;
	uint64_t old;
	int rc, err;

	(void)nr;
	rc = check_name(app, data.name);
	if (rc)
		return rc;
	reason = size_parse(operands[1], &size);
	if (reason) {
		error(app, NULL, "'%s' is %s", operands[1], reason);
		return RC_USAGE;
	}
	rc = unsupported(app);
	if (!rc)
		rc = find_pool(app, data.name, &pool);
	if (rc)
		return rc;

	err = gmem_pool_get_size(pool, &old);
	if (!err && opts->node.set)
		err = gmem_pool_get_node_policy(pool, &data.old_node);
	if (err) {
		error(app, data.name, "cannot read the pool: %s",
		      strerror(-err));
		rc = exit_code_of(err);
	} else {
		rc = check_resize_node(app, &opts->node, pool);
	}
	gmem_pool_unref(pool);
	if (!rc)
		rc = amount_target(app, &size, old, old, &data.bytes);
	if (rc)
		return rc;

	data.node = opts->node.node;
	data.set_node = opts->node.set && data.node != data.old_node;
	return resize(app, &data, old);
}

const struct verb verb_resize_pool = {
	.name = "resize-pool",
	.operands = "NAME SIZE",
	.complete = COMPLETE_POOLS,
	.summary = "Take more System RAM into a pool, or give some back.",
	.opts = resize_options,
	.opts_size = sizeof(struct resize_opts),
	.min_operands = 2,
	.max_operands = 2,
	.changes = true,
	.note = "SIZE is the new size of the pool; +SIZE and -SIZE are how much to add or to\n"
		"give back.  N% is of the present size.",
	.run = resize_pool,
};
