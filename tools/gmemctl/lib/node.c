// SPDX-License-Identifier: LGPL-2.1
/* The directories node<nid> of a pool. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "private.h"

struct gmem_node {
	struct gmem_pool *pool;
	struct gmem_node *next;
	unsigned int id;
	struct value size;
	struct value available;
	struct value tier;
	struct value distance;
};

struct reader {
	struct gmem_pool *pool;
	struct gmem_node **first;
};

static int add_node(void *arg, const char *name)
{
	struct reader *reader = arg;
	struct gmem_pool *pool = reader->pool;
	struct gmem_ctx *ctx = gmem_pool_get_ctx(pool);
	struct gmem_node **where, *node;
	unsigned int id;

	if (parse_index(name, "node", &id))
		return 0;
	node = calloc(1, sizeof(*node));
	if (!node)
		return -ENOMEM;
	node->pool = pool;
	node->id = id;
	node->size = sysfs_read_u64(ctx, 10, CLASS_PATH "/%s/node%u/size",
				    gmem_pool_get_name(pool), id);
	node->available = sysfs_read_u64(ctx, 10,
					 CLASS_PATH "/%s/node%u/available",
					 gmem_pool_get_name(pool), id);
	node->tier = sysfs_read_u64(ctx, 10, CLASS_PATH "/%s/node%u/tier",
				    gmem_pool_get_name(pool), id);
	node->distance = sysfs_read_u64(ctx, 10,
					CLASS_PATH "/%s/node%u/distance",
					gmem_pool_get_name(pool), id);

	/* A handful at most. */
	for (where = reader->first; *where; where = &(*where)->next)
		if ((*where)->id > id)
			break;
	node->next = *where;
	*where = node;
	return 0;
}

int nodes_read(struct gmem_pool *pool, struct gmem_node **first)
{
	struct reader reader = { .pool = pool, .first = first };
	char path[PATH_MAX];

	snprintf(path, sizeof(path), CLASS_PATH "/%s",
		 gmem_pool_get_name(pool));
	return sysfs_list(gmem_pool_get_ctx(pool), path, add_node, &reader);
}

void nodes_free(struct gmem_node *node)
{
	struct gmem_node *next;

	for (; node; node = next) {
		next = node->next;
		free(node);
	}
}

struct gmem_node *gmem_node_get_first(struct gmem_pool *pool)
{
	return pool_nodes(pool);
}

struct gmem_node *gmem_node_get_next(struct gmem_node *node)
{
	return node->next;
}

int gmem_node_get_id(const struct gmem_node *node)
{
	return node->id;
}

struct gmem_pool *gmem_node_get_pool(const struct gmem_node *node)
{
	return node->pool;
}

int gmem_node_get_size(const struct gmem_node *node, uint64_t *bytes)
{
	return get_value(&node->size, bytes);
}

int gmem_node_get_available(const struct gmem_node *node, uint64_t *bytes)
{
	return get_value(&node->available, bytes);
}

int gmem_node_get_tier(const struct gmem_node *node, uint64_t *tier)
{
	return get_value(&node->tier, tier);
}

int gmem_node_get_distance(const struct gmem_node *node, uint64_t *distance)
{
	return get_value(&node->distance, distance);
}
