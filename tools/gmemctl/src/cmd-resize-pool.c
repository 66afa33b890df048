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
#include "config.h"
#include "plan.h"

struct resize_opts {
	struct change_opts change;
	struct node_arg node;
	struct size max;
	struct seconds_arg delay;
};

static const struct opt resize_options[] = {
	{ 'N', "node", OPT_NODE, "N", offsetof(struct resize_opts, node),
	  "take or give back memory on this NUMA node, this time" },
	{ 'm', "max", OPT_SIZE, "SIZE", offsetof(struct resize_opts, max),
	  "let it take System RAM up to this size when guests need it; 0: no more" },
	{ 'd', "delay", OPT_SECONDS, "SECS", offsetof(struct resize_opts, delay),
	  "of an elastic pool: give that back when it is free for so long" },
	{ 0 }
};

static const struct reason grow_reasons[] = {
	{ ENOSPC, "not so much memory can be taken",
	  "ask for less (gmemctl list -B shows what can be taken), or boot with movablecore=" },
	{ EINVAL, "the kernel does not accept the size or the node", NULL },
	{ 0 }
};

static const struct reason stuck_reasons[] = {
	{ 0 }
};

static const struct reason shrink_reasons[] = {
	{ EBUSY, "not enough memory blocks are free", NULL },
	{ EINVAL, "the kernel does not accept the size or the node", NULL },
	{ 0 }
};

/*
 * An elastic pool may have more than it was given, for guests: what is resized is
 * what it keeps when they have gone.
 */
struct resize {
	const char *name;
	uint64_t bytes;
	uint64_t old;
	uint64_t size;		/* what it has */
	uint64_t devices;
	bool elastic;
	uint64_t max;		/* 0: it is not elastic */
	uint64_t delay_ms;
	bool set_node;
	int node;
	int old_node;
	int *stuck;		/* why the node could not be set back, or 0 */
};

static int write_size(struct gmem_ctx *ctx, const struct resize *resize)
{
	if (resize->elastic)
		return gmem_set_reserved(ctx, resize->name,
					 resize->bytes - resize->devices);
	return gmem_resize_pool(ctx, resize->name, resize->bytes);
}

/* The node of the pool is another one for the time of this change only. */
static int do_resize(struct gmem_ctx *ctx, const void *arg)
{
	const struct resize *resize = arg;
	int err;

	if (!resize->set_node)
		return write_size(ctx, resize);

	err = gmem_set_node_policy(ctx, resize->name, resize->node);
	if (err)
		return err;
	err = write_size(ctx, resize);
	if (err)
		change_keep_words(ctx);
	*resize->stuck = gmem_set_node_policy(ctx, resize->name,
					      resize->old_node);
	if (*resize->stuck && !err)
		change_keep_words(ctx);
	if (*resize->stuck && err)
		error(gmem_get_userdata(ctx), resize->name,
		      "its node stays %d: %s", resize->node,
		      strerror(-*resize->stuck));
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

static void report_done(struct app *app, const struct resize *resize,
			const char *old, const char *new)
{
	if (resize->elastic)
		change_done(app, resize->name,
			    "pool %s keeps %s of what is free now, and kept %s",
			    resize->name, new, old);
	else
		change_done(app, resize->name, "resized pool %s from %s to %s",
			    resize->name, old, new);
}

/* It was resized, and still takes memory from a node that was for this time. */
static int report_stuck(struct app *app, const struct resize *resize,
			const char *old, const char *new)
{
	char *more = format("write %d to /sys/class/gmem/%s/node",
			    resize->old_node, resize->name);
	int rc;

	rc = change_failed(app, stuck_reasons, resize->name, *resize->stuck,
			   true, more,
			   "resized from %s to %s, but its node stays %d", old,
			   new, resize->node);
	free(more);
	return rc;
}

static int resize(struct app *app, struct resize *resize)
{
	bool grow = resize->bytes > resize->old;
	struct change change = {
		.pool = resize->name,
		.doing = grow ? "growing" : "shrinking",
		.run = do_resize,
		.arg = resize,
	};
	char old_text[SIZE_TEXT], new_text[SIZE_TEXT];
	int rc, err, stuck = 0;
	bool partial;
	char *more;

	resize->stuck = &stuck;
	size_format(old_text, resize->old);
	size_format(new_text, resize->bytes);
	if (resize->bytes > resize->size)
		change.total = resize->bytes - resize->size;
	else if (!resize->elastic)
		change.total = resize->size - resize->bytes;
	if (resize->bytes == resize->old) {
		if (!app->opts->json)
			printf("pool %s %s %s already\n", resize->name,
			       resize->elastic ? "keeps" : "has", old_text);
		change_result(app, &(struct result){
			.pool = resize->name, .result = "already" });
		return 0;
	}

	err = change_run(app, &change);
	if (!err && stuck)
		return report_stuck(app, resize, old_text, new_text);
	if (!err) {
		report_done(app, resize, old_text, new_text);
		return 0;
	}
	more = look_at_rest(app, resize->name, err, resize->size, &partial);
	rc = change_failed(app, grow ? grow_reasons : shrink_reasons,
			   resize->name, err, partial, more, "cannot %s from %s to %s",
			   grow ? "grow" : "shrink", old_text, new_text);
	free(more);
	return rc;
}

static int do_elastic(struct gmem_ctx *ctx, const void *arg)
{
	const struct resize *resize = arg;

	return gmem_set_elastic(ctx, resize->name, resize->max,
				resize->delay_ms);
}

static int set_elastic(struct app *app, const struct resize *resize,
		       bool resized)
{
	struct change change = {
		.pool = resize->name,
		.doing = "setting",
		.run = do_elastic,
		.arg = resize,
	};
	char text[SIZE_TEXT];
	int err = change_run(app, &change);

	if (err)
		return change_failed(app, stuck_reasons, resize->name, err,
				     resized, NULL,
				     "cannot set what it takes by itself");
	if (resize->max)
		change_done(app, resize->name,
			    "pool %s takes up to %s by itself now, and gives back what is free for %g s",
			    resize->name, size_format(text, resize->max),
			    resize->delay_ms / 1000.0);
	else
		change_done(app, resize->name,
			    "pool %s does not grow by itself now", resize->name);
	return 0;
}

static int read_pool(struct app *app, struct gmem_pool *pool,
		     struct resize *resize)
{
	uint64_t reserved;
	int err;

	err = gmem_pool_get_size(pool, &resize->size);
	if (!err)
		err = gmem_pool_get_node_policy(pool, &resize->old_node);
	if (err) {
		error(app, resize->name, "cannot read the pool: %s",
		      strerror(-err));
		return exit_code_of(err);
	}
	resize->old = resize->size;
	resize->devices = device_bytes(pool, GMEM_NODE_ANY);
	resize->delay_ms = DEFAULT_DELAY_MS;
	resize->elastic = !gmem_pool_get_max(pool, &resize->max) &&
			  resize->max &&
			  !gmem_pool_get_reserved(pool, &reserved);
	if (resize->elastic) {
		resize->old = reserved + resize->devices;
		gmem_pool_get_return_delay(pool, &resize->delay_ms);
	}
	return 0;
}

static int check_max(struct app *app, const struct resize_opts *opts,
		     struct resize *resize)
{
	const struct size *max = &opts->max;
	int rc;

	if (opts->delay.set)
		resize->delay_ms = opts->delay.ms;
	if (max->set && (max->sign || max->percent)) {
		error(app, NULL, "--max: '%s' is not a size alone", max->text);
		return RC_USAGE;
	}
	rc = max->set ? amount_target(app, max, 0, 0, &resize->max) : 0;
	if (!rc && max->set && resize->max && resize->max < resize->bytes) {
		error(app, NULL, "--max: '%s' is less than the pool has",
		      max->text);
		rc = RC_USAGE;
	}
	if (!rc && opts->delay.set && !resize->max) {
		error(app, NULL, "--delay is for elastic pools, see --max");
		rc = RC_USAGE;
	}
	return rc;
}

static int check_elastic(struct app *app, const struct resize_opts *opts,
			 struct resize *resize)
{
	if (!resize->elastic)
		return 0;
	if (resize->bytes < resize->devices) {
		error(app, resize->name, "it has more of devices than that");
		return RC_USAGE;
	}
	if (opts->node.set && resize->bytes < resize->old) {
		error(app, NULL,
		      "--node: an elastic pool gives back what is free, of any node");
		return RC_USAGE;
	}
	return 0;
}

static int check_operands(struct app *app, const struct resize_opts *opts,
			  int nr, char **operands, struct size *size)
{
	const char *reason;

	if (nr > 1) {
		reason = size_parse(operands[1], size);
		if (!reason)
			return 0;
		error(app, NULL, "'%s' is %s", operands[1], reason);
		return RC_USAGE;
	}
	if (opts->node.set || (!opts->max.set && !opts->delay.set)) {
		error(app, NULL, "an operand is missing; usage: gmemctl %s %s",
		      app->verb->name, app->verb->operands);
		return RC_USAGE;
	}
	return 0;
}

static int resize_pool(struct app *app, const void *arg, int nr,
		       char **operands)
{
	const struct resize_opts *opts = arg;
	struct resize data = { .name = operands[0] };
	struct gmem_pool *pool;
	struct size size;
	int rc;

	rc = check_name(app, data.name);
	if (!rc)
		rc = check_operands(app, opts, nr, operands, &size);
	if (!rc)
		rc = unsupported(app);
	if (!rc)
		rc = find_pool(app, data.name, &pool);
	if (rc)
		return rc;

	rc = read_pool(app, pool, &data);
	if (!rc)
		rc = check_resize_node(app, &opts->node, pool);
	gmem_pool_unref(pool);
	data.bytes = data.old;
	if (!rc && nr > 1)
		rc = amount_target(app, &size, data.old, data.old, &data.bytes);
	if (!rc)
		rc = check_elastic(app, opts, &data);
	if (!rc)
		rc = check_max(app, opts, &data);
	if (rc)
		return rc;

	data.node = opts->node.node;
	data.set_node = opts->node.set && data.node != data.old_node;
	if (nr > 1)
		rc = resize(app, &data);
	if (!rc && (opts->max.set || opts->delay.set))
		rc = set_elastic(app, &data, data.bytes != data.old);
	return rc;
}

const struct verb verb_resize_pool = {
	.name = "resize-pool",
	.operands = "NAME [SIZE]",
	.complete = COMPLETE_POOLS,
	.summary = "Take more System RAM into a pool, or give some back.",
	.opts = resize_options,
	.opts_size = sizeof(struct resize_opts),
	.min_operands = 1,
	.max_operands = 2,
	.changes = true,
	.note = "SIZE is the new size of the pool; +SIZE and -SIZE are how much to add or to\n"
		"give back.  N% is of the present size.  Without SIZE it stays as it is, which is\n"
		"for --max and --delay.",
	.run = resize_pool,
};
