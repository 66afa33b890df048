// SPDX-License-Identifier: GPL-2.0
/* gmemctl list: pools and their ranges */
#include <string.h>

#include "gmemctl.h"
#include "list.h"
#include "output.h"

static bool range_has_origin(const struct list_opts *opts,
			     const struct gmem_range *range)
{
	const char *origin = gmem_range_get_origin(range);

	return !opts->origins.nr || (origin && has_word(&opts->origins, origin));
}

static bool pool_has_origin(const struct list_opts *opts,
			    struct gmem_pool *pool)
{
	struct gmem_range *range;

	if (!opts->origins.nr)
		return true;
	gmem_range_foreach(pool, range)
		if (range_has_origin(opts, range))
			return true;
	return false;
}

bool pool_matches(const struct list_opts *opts, struct gmem_pool *pool)
{
	const char *nodes = gmem_pool_get_nodes(pool);
	int node;

	if (opts->pools.nr && !has_word(&opts->pools, gmem_pool_get_name(pool)))
		return false;
	if (!pool_has_origin(opts, pool))
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

	if (!range_has_origin(opts, range))
		return false;
	return !opts->nodes.set ||
	       (!gmem_range_get_node(range, &node) && node >= 0 &&
		node < NODELIST_MAX && opts->nodes.has[node]);
}

static int each_pool(struct app *app, const struct list_opts *opts,
		     struct sink *sink)
{
	struct gmem_pool *pool;

	gmem_pool_foreach(app->ctx, pool)
		if (pool_matches(opts, pool))
			sink->add(sink, pool);
	return 0;
}

static int each_range(struct app *app, const struct list_opts *opts,
		      struct sink *sink)
{
	struct gmem_range *range;
	struct gmem_pool *pool;

	gmem_pool_foreach(app->ctx, pool) {
		if (!pool_matches(opts, pool))
			continue;
		gmem_range_foreach(pool, range)
			if (range_matches(opts, range))
				sink->add(sink, range);
	}
	return 0;
}

const struct kind pool_kind = {
	.row = &pool_type,
	.json = &pool_type,
	.each_row = each_pool,
	.each_json = each_pool,
};

const struct kind range_kind = {
	.row = &range_type,
	.json = &range_type,
	.each_row = each_range,
	.each_json = each_range,
};
