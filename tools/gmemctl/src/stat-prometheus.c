// SPDX-License-Identifier: GPL-2.0
/*
 * gmemctl stat --prometheus: what there is, in the text format that Prometheus
 * reads.  All samples of a metric are together, as the format wants it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gmemctl.h"
#include "stat.h"

static const struct {
	const char *name;
	const char *help;
	int (*get)(const struct gmem_pool *pool, uint64_t *num);
} metrics[] = {
	{ "size_bytes", "Memory of the pool.", gmem_pool_get_size },
	{ "used_bytes", "Memory that guest_memfds hold.", gmem_pool_get_used },
	{ "available_bytes", "Memory that guest_memfds can take.",
	  gmem_pool_get_available },
	{ "scrubbed_bytes", "Available memory that is zero already.",
	  gmem_pool_get_scrubbed },
	{ "largest_free_bytes", "Largest contiguous free piece.",
	  gmem_pool_get_largest_free },
	{ "poisoned_bytes", "Memory out of use because of memory errors.",
	  gmem_pool_get_poisoned },
	{ "users", "Number of guest_memfds that hold memory.",
	  gmem_pool_get_users },
};

static const struct {
	const char *name;
	const char *help;
	int (*get)(const struct gmem_node *node, uint64_t *num);
} node_metrics[] = {
	{ "size_bytes", "Memory of the pool on a NUMA node.",
	  gmem_node_get_size },
	{ "available_bytes", "Memory on a NUMA node that guest_memfds can take.",
	  gmem_node_get_available },
};

static bool wanted(const struct words *pools, const struct gmem_pool *pool)
{
	return !pools->nr || has_word(pools, gmem_pool_get_name(pool));
}

static void print_head(const char *kind, const char *name, const char *help)
{
	printf("# HELP gmem_%s_%s %s\n# TYPE gmem_%s_%s gauge\n", kind, name,
	       help, kind, name);
}

static void print_nodes(struct gmem_pool *pool, size_t i)
{
	struct gmem_node *node;
	uint64_t num;

	gmem_node_foreach(pool, node) {
		if (node_metrics[i].get(node, &num))
			continue;
		printf("gmem_pool_node_%s{pool=\"%s\",node=\"%d\"} %" PRIu64 "\n",
		       node_metrics[i].name, gmem_pool_get_name(pool),
		       gmem_node_get_id(node), num);
	}
}

/* Names of pools need no escapes.  What is not known is left out. */
void print_prometheus(struct app *app, const struct words *pools)
{
	struct gmem_pool *pool;
	uint64_t num;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(metrics); i++) {
		print_head("pool", metrics[i].name, metrics[i].help);
		gmem_pool_foreach(app->ctx, pool)
			if (wanted(pools, pool) && !metrics[i].get(pool, &num))
				printf("gmem_pool_%s{pool=\"%s\"} %" PRIu64 "\n",
				       metrics[i].name,
				       gmem_pool_get_name(pool), num);
	}
	for (i = 0; i < ARRAY_SIZE(node_metrics); i++) {
		print_head("pool_node", node_metrics[i].name,
			   node_metrics[i].help);
		gmem_pool_foreach(app->ctx, pool)
			if (wanted(pools, pool))
				print_nodes(pool, i);
	}
}
