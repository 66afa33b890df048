// SPDX-License-Identifier: GPL-2.0
/* gmemctl compact-pool */
#include <errno.h>
#include <string.h>

#include "gmemctl.h"
#include "change.h"

static const struct reason compact_reasons[] = {
	{ ENOENT, "this kernel has no file for that", "boot a later one" },
	{ EINTR, "interrupted", "the same command goes on" },
	{ 0 }
};

static int do_compact(struct gmem_ctx *ctx, const void *arg)
{
	return gmem_compact_pool(ctx, arg);
}

static unsigned int count_ranges(struct app *app, const char *name)
{
	struct gmem_range *range;
	struct gmem_pool *pool;
	unsigned int nr = 0;

	if (gmem_pool_lookup(app->ctx, name, &pool))
		return 0;
	gmem_range_foreach(pool, range)
		nr++;
	gmem_pool_unref(pool);
	return nr;
}

static int compact_one(struct app *app, const char *name, void *arg, int *err)
{
	struct change change = {
		.pool = name,
		.doing = "compacting",
		.run = do_compact,
		.arg = name,
	};
	unsigned int before = count_ranges(app, name);

	(void)arg;
	*err = change_run(app, &change);
	if (*err)
		return change_failed(app, compact_reasons, name, *err, false,
				     NULL, "cannot be compacted");
	change_done(app, name, "compacted pool %s: ranges before %u, now %u",
		    name, before, count_ranges(app, name));
	return 0;
}

static int compact(struct app *app, const void *arg, int nr, char **operands)
{
	int rc;

	(void)arg;
	rc = check_pools(app, nr, operands);
	return rc ? rc : change_each(app, nr, operands, compact_one, NULL);
}

const struct verb verb_compact_pool = {
	.name = "compact-pool",
	.operands = "NAME...",
	.complete = COMPLETE_POOLS,
	.summary = "Make one range of those that are neighbours, so that whole GiB can be had.",
	.opts_size = sizeof(struct change_opts),
	.min_operands = 1,
	.max_operands = -1,
	.changes = true,
	.run = compact,
};
