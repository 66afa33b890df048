// SPDX-License-Identifier: GPL-2.0
/* gmemctl destroy-pool */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "change.h"
#include "plan.h"

static const struct reason destroy_reasons[] = {
	{ EBUSY, "its memory is in use", "gmemctl list -U shows who has it" },
	{ 0 }
};

static int do_destroy(struct gmem_ctx *ctx, const void *arg)
{
	return gmem_delete_pool(ctx, arg);
}

/* What is left of a pool that could not be destroyed. */
struct rest {
	uint64_t size;
	char *hint;
};

static void look_at_rest(struct app *app, const char *name, int err,
			 uint64_t old, struct rest *rest)
{
	char old_text[SIZE_TEXT], size_text[SIZE_TEXT];
	uint64_t users = 0, poisoned = 0;
	struct gmem_pool *pool;

	rest->size = old;
	rest->hint = NULL;
	if (gmem_pool_lookup(app->ctx, name, &pool))
		return;
	gmem_pool_get_size(pool, &rest->size);
	gmem_pool_get_users(pool, &users);
	gmem_pool_get_poisoned(pool, &poisoned);
	gmem_pool_unref(pool);

	size_format(size_text, rest->size);
	if (rest->size < old)
		rest->hint = format("the pool still has %s of %s: the same command goes on",
				    size_text, size_format(old_text, old));
	else if (err == -EINTR)
		rest->hint = format("the pool has %s as before", size_text);
	else if (err == -EBUSY && users)
		rest->hint = format("%" PRIu64 " guest_memfd%s its memory: see gmemctl list -U",
				    users, users == 1 ? " holds" : "s hold");
	else if (err == -EBUSY && poisoned)
		rest->hint = format("%s has memory errors; resize-pool gives back the rest",
				    size_format(size_text, poisoned));
}

static int destroy_one(struct app *app, const char *name, void *arg, int *err)
{
	struct change change = {
		.pool = name,
		.doing = "giving memory back",
		.run = do_destroy,
		.arg = name,
	};
	char text[SIZE_TEXT], text2[SIZE_TEXT];
	struct gmem_pool *pool;
	struct rest rest;
	uint64_t devices;
	int rc;

	(void)arg;
	rc = find_pool(app, name, &pool);
	if (rc) {
		/* It was there a moment ago. */
		change_result(app, &(struct result){
			.pool = name, .result = "failed", .err = -ENOENT,
			.cause = "there is no such pool" });
		return rc;
	}
	gmem_pool_get_size(pool, &change.total);
	devices = device_bytes(pool, GMEM_NODE_ANY);
	gmem_pool_unref(pool);

	*err = change_run(app, &change);
	if (!*err) {
		change_done(app, name, "destroyed pool %s: %s is System RAM again%s%s%s",
			    name, size_format(text, change.total - devices),
			    devices ? ", and " : "",
			    devices ? size_format(text2, devices) : "",
			    devices ? " of devices is in no pool" : "");
		return 0;
	}
	look_at_rest(app, name, *err, change.total, &rest);
	rc = change_failed(app, destroy_reasons, name, *err,
			   rest.size < change.total, rest.hint,
			   "cannot destroy the pool");
	free(rest.hint);
	return rc;
}

static int destroy_pool(struct app *app, const void *arg, int nr,
			char **operands)
{
	int rc;

	(void)arg;
	rc = check_pools(app, nr, operands);
	return rc ? rc : change_each(app, nr, operands, destroy_one, NULL);
}

const struct verb verb_destroy_pool = {
	.name = "destroy-pool",
	.operands = "NAME...",
	.complete = COMPLETE_POOLS,
	.summary = "Destroy pools: all of their memory becomes System RAM again.",
	.opts_size = sizeof(struct change_opts),
	.min_operands = 1,
	.max_operands = -1,
	.changes = true,
	.run = destroy_pool,
};
