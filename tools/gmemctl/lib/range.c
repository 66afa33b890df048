// SPDX-License-Identifier: LGPL-2.1
/* The directories range<N> of a pool. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "private.h"

struct gmem_range {
	struct gmem_pool *pool;
	struct gmem_range *next;
	unsigned int id;
	int node_err;
	int node;
	char *origin;
	char *device;
	struct value size;
	struct value available;
	struct value start;
};

struct ids {
	unsigned int *v;
	size_t nr;
	size_t room;
};

static int add_id(void *arg, const char *name)
{
	struct ids *ids = arg;
	unsigned int id;

	if (parse_index(name, "range", &id))
		return 0;
	if (ids->nr == ids->room) {
		size_t room = ids->room ? 2 * ids->room : 16;
		unsigned int *v = reallocarray(ids->v, room, sizeof(*v));

		if (!v)
			return -ENOMEM;
		ids->v = v;
		ids->room = room;
	}
	ids->v[ids->nr++] = id;
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	unsigned int x = *(const unsigned int *)a;
	unsigned int y = *(const unsigned int *)b;

	return (x > y) - (x < y);
}

static struct gmem_range *range_read(struct gmem_pool *pool, unsigned int id)
{
	struct gmem_ctx *ctx = gmem_pool_get_ctx(pool);
	const char *name = gmem_pool_get_name(pool);
	struct gmem_range *range;

	range = calloc(1, sizeof(*range));
	if (!range)
		return NULL;
	range->pool = pool;
	range->id = id;
	range->size = sysfs_read_u64(ctx, 10, CLASS_PATH "/%s/range%u/size",
				     name, id);
	range->available = sysfs_read_u64(ctx, 10,
					  CLASS_PATH "/%s/range%u/available",
					  name, id);
	range->start = sysfs_read_u64(ctx, 16, CLASS_PATH "/%s/range%u/start",
				      name, id);
	range->node_err = sysfs_read_int(ctx, &range->node,
					 CLASS_PATH "/%s/range%u/node",
					 name, id);
	range->origin = sysfs_read_string(ctx, CLASS_PATH "/%s/range%u/origin",
					  name, id);
	range->device = sysfs_read_string(ctx, CLASS_PATH "/%s/range%u/device",
					  name, id);
	return range;
}

int ranges_read(struct gmem_pool *pool, struct gmem_range **first)
{
	struct ids ids = { 0 };
	char path[PATH_MAX];
	size_t i;
	int err;

	snprintf(path, sizeof(path), CLASS_PATH "/%s",
		 gmem_pool_get_name(pool));
	err = sysfs_list(gmem_pool_get_ctx(pool), path, add_id, &ids);
	if (!err && ids.nr)
		qsort(ids.v, ids.nr, sizeof(*ids.v), compare_ids);
	for (i = 0; !err && i < ids.nr; i++) {
		*first = range_read(pool, ids.v[i]);
		if (*first)
			first = &(*first)->next;
		else
			err = -ENOMEM;
	}
	free(ids.v);
	return err;
}

void ranges_free(struct gmem_range *range)
{
	struct gmem_range *next;

	for (; range; range = next) {
		next = range->next;
		free(range->origin);
		free(range->device);
		free(range);
	}
}

struct gmem_range *gmem_range_get_first(struct gmem_pool *pool)
{
	return pool_ranges(pool);
}

struct gmem_range *gmem_range_get_next(struct gmem_range *range)
{
	return range->next;
}

unsigned int gmem_range_get_id(const struct gmem_range *range)
{
	return range->id;
}

struct gmem_pool *gmem_range_get_pool(const struct gmem_range *range)
{
	return range->pool;
}

int gmem_range_get_size(const struct gmem_range *range, uint64_t *bytes)
{
	return get_value(&range->size, bytes);
}

int gmem_range_get_available(const struct gmem_range *range, uint64_t *bytes)
{
	return get_value(&range->available, bytes);
}

int gmem_range_get_node(const struct gmem_range *range, int *node)
{
	if (!range->node_err)
		*node = range->node;
	return range->node_err;
}

const char *gmem_range_get_origin(const struct gmem_range *range)
{
	return range->origin;
}

const char *gmem_range_get_device(const struct gmem_range *range)
{
	return range->device && *range->device ? range->device : NULL;
}

int gmem_range_get_start(const struct gmem_range *range, uint64_t *address)
{
	return get_value(&range->start, address);
}
