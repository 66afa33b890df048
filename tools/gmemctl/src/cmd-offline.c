// SPDX-License-Identifier: GPL-2.0
/* gmemctl offline */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "change.h"
#include "plan.h"

struct offline_opts {
	struct change_opts change;
	bool available;
};

static const struct opt offline_options[] = {
	{ 'a', "available", OPT_FLAG, NULL,
	  offsetof(struct offline_opts, available),
	  "give back the whole memory blocks that are free, and keep the rest" },
	{ 0 }
};

static const struct reason offline_reasons[] = {
	{ EBUSY, "its memory is in use",
	  "gmemctl list -U shows who has it; --available leaves them theirs" },
	{ 0 }
};

struct offline {
	const char *name;
	uint64_t size;		/* as it was before */
	uint64_t devices;	/* what of it is not System RAM, and stays */
	uint64_t available;
	uint64_t poisoned;
	uint64_t users;
	uint64_t block;
	bool free_only;
};

static int do_all(struct gmem_ctx *ctx, const void *arg)
{
	const struct offline *offline = arg;

	return gmem_resize_pool(ctx, offline->name, offline->devices);
}

/*
 * How many of the free bytes are whole blocks is known to the kernel alone.  A
 * request that is too large costs nothing, so try less and less.
 */
static int do_available(struct gmem_ctx *ctx, const void *arg)
{
	const struct offline *offline = arg;
	uint64_t ram = offline->size - offline->devices;
	uint64_t left = (offline->available < ram ? offline->available : ram) /
			offline->block;
	uint64_t size = offline->size;
	uint64_t step = left;
	int err;

	while (step) {
		err = gmem_resize_pool(ctx, offline->name,
				       size - step * offline->block);
		if (err == -EBUSY) {
			step /= 2;
			continue;
		}
		if (err)
			return err;
		size -= step * offline->block;
		left -= step;
		if (step > left)
			step = left;
	}
	return 0;
}

static int read_pool(struct app *app, struct offline *offline)
{
	struct gmem_pool *pool;
	int rc, err;

	rc = find_pool(app, offline->name, &pool);
	if (rc)
		return rc;
	err = gmem_pool_get_size(pool, &offline->size);
	if (!err)
		err = gmem_pool_get_available(pool, &offline->available);
	if (!err)
		err = gmem_pool_get_users(pool, &offline->users);
	if (!err)
		err = gmem_pool_get_poisoned(pool, &offline->poisoned);
	offline->devices = device_bytes(pool, GMEM_NODE_ANY);
	gmem_pool_unref(pool);
	if (!err)
		err = gmem_get_block_size(app->ctx, &offline->block);
	if (err) {
		error(app, offline->name, "cannot read the pool: %s",
		      strerror(-err));
		return exit_code_of(err);
	}
	return 0;
}

static void report_already(struct app *app, const struct offline *offline)
{
	char text[SIZE_TEXT];

	if (!app->opts->json && !offline->size)
		printf("pool %s is empty already\n", offline->name);
	else if (!app->opts->json && offline->size == offline->devices)
		printf("pool %s has memory of devices alone, %s\n",
		       offline->name, size_format(text, offline->size));
	else if (!app->opts->json)
		printf("pool %s has no whole memory block free of %s\n",
		       offline->name, size_format(text, offline->size));
	change_result(app, &(struct result){
		.pool = offline->name, .result = "already" });
}

static void done(struct app *app, const struct offline *offline,
		 const struct offline *now)
{
	char back[SIZE_TEXT], rest[SIZE_TEXT];

	size_format(back, offline->size - now->size);
	if (!now->size)
		change_done(app, offline->name,
			    "pool %s is empty: %s is System RAM again",
			    offline->name, back);
	else
		change_done(app, offline->name,
			    "pool %s has %s: %s is System RAM again",
			    offline->name, size_format(rest, now->size), back);
}

static int failed(struct app *app, const struct offline *offline,
		  const struct offline *now, int err)
{
	char text[SIZE_TEXT], text2[SIZE_TEXT];
	bool partial = now->size < offline->size;
	char *more = NULL;
	int rc;

	if (partial)
		more = format("the pool still has %s of %s",
			      size_format(text, now->size),
			      size_format(text2, offline->size));
	else if (err == -EINTR)
		more = format("the pool has %s as before",
			      size_format(text, now->size));
	else if (err == -EBUSY && !now->users && now->poisoned)
		more = format("%s has memory errors; --available gives back the rest",
			      size_format(text, now->poisoned));
	rc = change_failed(app, offline_reasons, offline->name, err, partial,
			   more, "cannot give its memory back");
	free(more);
	return rc;
}

static int offline_one(struct app *app, const char *name, void *arg, int *err)
{
	const struct offline_opts *opts = arg;
	struct offline one = { .name = name, .free_only = opts->available };
	struct offline now = { .name = name };
	struct offline *offline = &one;
	struct change change = {
		.pool = name,
		.doing = "giving memory back",
		.run = one.free_only ? do_available : do_all,
		.arg = offline,
	};
	int rc;

	rc = read_pool(app, offline);
	if (rc) {
		change_result(app, &(struct result){
			.pool = offline->name, .result = "failed",
			.err = -ENOENT, .cause = "the pool cannot be read" });
		return rc;
	}
	change.total = offline->free_only ? offline->available :
					    offline->size - offline->devices;
	if (!change.total || offline->size == offline->devices ||
	    (offline->free_only && offline->available < offline->block)) {
		report_already(app, offline);
		return 0;
	}

	*err = change_run(app, &change);
	if (read_pool(app, &now))
		now = *offline;
	if (*err)
		return failed(app, offline, &now, *err);
	if (!app->change->dry_run && now.size == offline->size)
		report_already(app, offline);
	else
		done(app, offline, &now);
	return 0;
}

static int offline(struct app *app, const void *arg, int nr, char **operands)
{
	struct offline_opts opts = *(const struct offline_opts *)arg;
	int rc;

	rc = check_pools(app, nr, operands);
	return rc ? rc : change_each(app, nr, operands, offline_one, &opts);
}

const struct verb verb_offline = {
	.name = "offline",
	.operands = "NAME...",
	.complete = COMPLETE_POOLS,
	.summary = "Give the memory of pools back, and keep the pools.",
	.opts = offline_options,
	.opts_size = sizeof(struct offline_opts),
	.min_operands = 1,
	.max_operands = -1,
	.changes = true,
	.run = offline,
};
