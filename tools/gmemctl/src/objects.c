// SPDX-License-Identifier: GPL-2.0
/* What pools, their nodes and their ranges show of themselves. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "gmemctl.h"
#include "output.h"

/* A getter of libgmem as the getter of a column. */
#define NUMBER_GETTER(kind, value)					\
static int kind##_##value(const void *object, struct cell *cell)	\
{									\
	return gmem_##kind##_get_##value(object, &cell->num);		\
}

#define TEXT_GETTER(kind, value)					\
static int kind##_##value(const void *object, struct cell *cell)	\
{									\
	cell->text = gmem_##kind##_get_##value(object);			\
	return cell->text ? 0 : -ENODATA;				\
}

TEXT_GETTER(pool, name)
TEXT_GETTER(pool, state)
TEXT_GETTER(pool, nodes)
NUMBER_GETTER(pool, size)
NUMBER_GETTER(pool, used)
NUMBER_GETTER(pool, available)
NUMBER_GETTER(pool, scrubbed)
NUMBER_GETTER(pool, largest_free)
NUMBER_GETTER(pool, poisoned)
NUMBER_GETTER(pool, users)
NUMBER_GETTER(pool, progress)
NUMBER_GETTER(pool, reserved)
NUMBER_GETTER(pool, max)
NUMBER_GETTER(pool, return_delay)
TEXT_GETTER(pool, free_blocks)
NUMBER_GETTER(node, tier)
NUMBER_GETTER(node, distance)
NUMBER_GETTER(node, size)
NUMBER_GETTER(node, available)
NUMBER_GETTER(range, size)
NUMBER_GETTER(range, available)
NUMBER_GETTER(range, start)
TEXT_GETTER(range, origin)
TEXT_GETTER(range, device)

static int pool_node_policy(const void *object, struct cell *cell)
{
	return gmem_pool_get_node_policy(object, &cell->node);
}

static int node_id(const void *object, struct cell *cell)
{
	cell->node = gmem_node_get_id(object);
	return 0;
}

static int range_id(const void *object, struct cell *cell)
{
	cell->num = gmem_range_get_id(object);
	return 0;
}

static int range_pool(const void *object, struct cell *cell)
{
	cell->text = gmem_pool_get_name(gmem_range_get_pool(object));
	return 0;
}

static int range_node(const void *object, struct cell *cell)
{
	return gmem_range_get_node(object, &cell->node);
}

static int range_end(const void *object, struct cell *cell)
{
	uint64_t start, size;
	int err;

	err = gmem_range_get_start(object, &start);
	if (!err)
		err = gmem_range_get_size(object, &size);
	if (!err)
		cell->num = start + size - 1;
	return err;
}

static const struct column node_columns[] = {
	{ .name = "NODE", .key = "node", .type = COL_NODE, .get = node_id },
	{ .name = "SIZE", .key = "size", .type = COL_BYTES, .get = node_size },
	{ .name = "AVAIL", .key = "available", .type = COL_BYTES,
	  .get = node_available },
	{ .name = "TIER", .key = "tier", .type = COL_COUNT, .get = node_tier },
	{ .name = "DISTANCE", .key = "distance", .type = COL_COUNT,
	  .get = node_distance },
	{ 0 }
};

static const struct object_type node_type = {
	.section = "nodes",
	.columns = node_columns,
};

static void pool_fill_nodes(const void *object, struct json_object *array)
{
	struct gmem_node *node;

	/* What is read for the first time is kept in the pool. */
	gmem_node_foreach((struct gmem_pool *)object, node)
		json_add(array, &node_type, node);
}

/* "4,22"; what several nodes have in common once. */
static int of_nodes(const void *object, struct cell *cell,
		    int (*get)(const struct gmem_node *node, uint64_t *value))
{
	static char text[128];
	uint64_t value, seen[16];
	struct gmem_node *node;
	size_t nr = 0, i, n = 0;

	text[0] = '\0';
	gmem_node_foreach((struct gmem_pool *)object, node) {
		if (get(node, &value))
			continue;
		for (i = 0; i < nr && seen[i] != value; i++)
			;
		if (i < nr || nr == ARRAY_SIZE(seen))
			continue;
		seen[nr++] = value;
		n += snprintf(text + n, sizeof(text) - n, "%s%" PRIu64,
			      n ? "," : "", value);
		if (n >= sizeof(text))
			break;
	}
	cell->text = text;
	return nr ? 0 : -ENODATA;
}

static int pool_tiers(const void *object, struct cell *cell)
{
	return of_nodes(object, cell, gmem_node_get_tier);
}

static int pool_distances(const void *object, struct cell *cell)
{
	return of_nodes(object, cell, gmem_node_get_distance);
}

static const struct column pool_columns[] = {
	{ "POOL", "pool", COL_TEXT, true, pool_name, NULL,
	  "name of the pool" },
	{ "STATE", "state", COL_TEXT, true, pool_state, NULL,
	  "what happens to it: idle, growing, shrinking or deleting" },
	{ "NODES", "nodes", COL_LIST, true, pool_nodes, pool_fill_nodes,
	  "NUMA nodes that its memory is on" },
	{ "SIZE", "size", COL_BYTES, true, pool_size, NULL,
	  "all of its memory" },
	{ "USED", "used", COL_BYTES, true, pool_used, NULL,
	  "held by guest_memfds" },
	{ "AVAIL", "available", COL_BYTES, true, pool_available, NULL,
	  "free for guest_memfds" },
	{ "SCRUBBED", "scrubbed", COL_BYTES, true, pool_scrubbed, NULL,
	  "how much of AVAIL is zero already" },
	{ "LARGEST", "largest_free", COL_BYTES, true, pool_largest_free, NULL,
	  "largest contiguous free piece" },
	{ "POISONED", "poisoned", COL_BYTES, true, pool_poisoned, NULL,
	  "out of use because of memory errors" },
	{ "USERS", "users", COL_COUNT, true, pool_users, NULL,
	  "number of guest_memfds that hold memory" },
	{ "NODE", "node", COL_NODE, false, pool_node_policy, NULL,
	  "node on which it grows and shrinks" },
	{ "PROGRESS", "progress", COL_BYTES, false, pool_progress, NULL,
	  "what the change that STATE names has moved so far" },
	{ "MAX", "max", COL_BYTES, false, pool_max, NULL,
	  "how large it may become when guests need memory; 0: it does not grow" },
	{ "RESERVED", "reserved", COL_BYTES, false, pool_reserved, NULL,
	  "what was given to it and stays; devices are not part of it" },
	{ "DELAY", "return_delay", COL_COUNT, false, pool_return_delay, NULL,
	  "milliseconds that what it took so stays when it is free" },
	{ "TIERS", NULL, COL_TEXT, false, pool_tiers, NULL,
	  "memory tiers that its memory is in; a lower one is faster" },
	{ "DISTANCES", NULL, COL_TEXT, false, pool_distances, NULL,
	  "how far its memory is from the nearest CPUs; 10 is theirs" },
	{ "BLOCKS", "free_blocks", COL_TEXT, false, pool_free_blocks, NULL,
	  "free aligned blocks of 2M, 4M and so on up to 1G" },
	{ 0 }
};

const struct object_type pool_type = {
	.section = "pools",
	.title = "Columns",
	.columns = pool_columns,
};

static const struct column range_columns[] = {
	{ "POOL", "pool", COL_TEXT, true, range_pool, NULL,
	  "name of the pool" },
	{ "RANGE", "range", COL_COUNT, true, range_id, NULL,
	  "number of the range in its pool" },
	{ "NODE", "node", COL_NODE, true, range_node, NULL,
	  "NUMA node" },
	{ "SIZE", "size", COL_BYTES, true, range_size, NULL,
	  "length" },
	{ "AVAIL", "available", COL_BYTES, true, range_available, NULL,
	  "free for guest_memfds" },
	{ "ORIGIN", "origin", COL_TEXT, true, range_origin, NULL,
	  "where it came from: boot (gmem=), ram (at run time) or dax" },
	{ "DEVICE", "device", COL_TEXT, false, range_device, NULL,
	  "the DAX device that it came from" },
	{ "START", "start", COL_ADDRESS, true, range_start, NULL,
	  "first physical address, for root" },
	{ "END", "end", COL_ADDRESS, false, range_end, NULL,
	  "last physical address, for root" },
	{ 0 }
};

const struct object_type range_type = {
	.section = "ranges",
	.title = "Columns with --ranges",
	.columns = range_columns,
};
