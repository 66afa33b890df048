// SPDX-License-Identifier: LGPL-2.1
/* Memory blocks, the unit in which System RAM enters and leaves pools. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

#define MEMORY_PATH	"sys/devices/system/memory"
#define NODE_PATH	"sys/devices/system/node"

struct gmem_block {
	struct gmem_block *next;
	unsigned int id;
	int node;		/* -1: not known, or several */
	char *state;
	char *zones;
	bool acpi;		/* part of an ACPI memory device */
	char *driver;		/* who added it; NULL: nobody that we know of */
};

/* System RAM that a driver added, as /proc/iomem has it. */
struct driver_range {
	uint64_t start;
	uint64_t end;
	char driver[32];
};

struct scan {
	struct gmem_ctx *ctx;
	struct gmem_block **v;
	size_t nr;
	size_t room;
	unsigned int node;
	struct driver_range *drivers;
	size_t nr_drivers;
	uint64_t block_size;
};

void blocks_forget(struct gmem_ctx *ctx)
{
	struct gmem_block *block, *next;

	for (block = ctx->blocks; block; block = next) {
		next = block->next;
		free(block->state);
		free(block->zones);
		free(block->driver);
		free(block);
	}
	ctx->blocks = NULL;
	ctx->blocks_scanned = false;
}

/* "100000000-1ffffffff : System RAM (kmem)"; to others than root it is all 0. */
static int add_driver_range(void *arg, const char *line)
{
	struct driver_range range, *v;
	struct scan *scan = arg;
	unsigned long long start, end;

	if (sscanf(line, " %llx-%llx : System RAM (%31[^)])", &start, &end,
		   range.driver) != 3 || !end)
		return 0;
	range.start = start;
	range.end = end;
	v = reallocarray(scan->drivers, scan->nr_drivers + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	scan->drivers = v;
	v[scan->nr_drivers++] = range;
	return 0;
}

static const char *find_driver(const struct scan *scan, unsigned int id)
{
	uint64_t start = id * scan->block_size;
	size_t i;

	/* A handful at most. */
	for (i = 0; i < scan->nr_drivers; i++)
		if (start <= scan->drivers[i].end &&
		    start + scan->block_size > scan->drivers[i].start)
			return scan->drivers[i].driver;
	return NULL;
}

static int add_block(void *arg, const char *name)
{
	struct scan *scan = arg;
	struct gmem_block *block;
	const char *driver;
	unsigned int id;

	if (parse_index(name, "memory", &id))
		return 0;
	if (scan->nr == scan->room) {
		size_t room = scan->room ? 2 * scan->room : 64;
		struct gmem_block **v;

		v = reallocarray(scan->v, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		scan->v = v;
		scan->room = room;
	}
	block = calloc(1, sizeof(*block));
	if (!block)
		return -ENOMEM;
	scan->v[scan->nr++] = block;
	block->id = id;
	block->node = -1;
	block->state = sysfs_read_string(scan->ctx, MEMORY_PATH "/%s/state",
					 name);
	block->zones = sysfs_read_string(scan->ctx,
					 MEMORY_PATH "/%s/valid_zones", name);
	block->acpi = sysfs_exists(scan->ctx, MEMORY_PATH "/%s/firmware_node",
				   name);
	driver = find_driver(scan, id);
	if (driver) {
		block->driver = strdup(driver);
		if (!block->driver)
			return -ENOMEM;
	}
	return 0;
}

static int compare_blocks(const void *a, const void *b)
{
	const struct gmem_block *x = *(struct gmem_block *const *)a;
	const struct gmem_block *y = *(struct gmem_block *const *)b;

	return (x->id > y->id) - (x->id < y->id);
}

/* A block that two nodes have is of none. */
static int set_node(void *arg, const char *name)
{
	struct gmem_block key, *key_ptr = &key, **found;
	struct scan *scan = arg;

	if (!scan->nr || parse_index(name, "memory", &key.id))
		return 0;
	found = bsearch(&key_ptr, scan->v, scan->nr, sizeof(*scan->v),
			compare_blocks);
	if (!found)
		return 0;
	(*found)->node = (*found)->node == -1 ? (int)scan->node : -2;
	return 0;
}

static int add_node(void *arg, const char *name)
{
	struct scan *scan = arg;
	char path[PATH_MAX];

	if (parse_index(name, "node", &scan->node))
		return 0;
	snprintf(path, sizeof(path), NODE_PATH "/%s", name);
	return sysfs_list(scan->ctx, path, set_node, scan);
}

int gmem_scan_blocks(struct gmem_ctx *ctx)
{
	struct gmem_block **tail = &ctx->blocks;
	struct scan scan = { .ctx = ctx };
	size_t i;
	int err;

	blocks_forget(ctx);
	ctx->blocks_scanned = true;

	err = gmem_get_block_size(ctx, &scan.block_size);
	if (!err)
		err = sysfs_lines(ctx, "proc/iomem", add_driver_range, &scan);
	if (!err || err == -ENOENT || err == -EACCES)
		err = sysfs_list(ctx, MEMORY_PATH, add_block, &scan);
	if (scan.nr)
		qsort(scan.v, scan.nr, sizeof(*scan.v), compare_blocks);
	if (!err)
		err = sysfs_list(ctx, NODE_PATH, add_node, &scan);
	for (i = 0; i < scan.nr; i++) {
		if (scan.v[i]->node == -2)
			scan.v[i]->node = -1;
		*tail = scan.v[i];
		tail = &scan.v[i]->next;
	}
	free(scan.v);
	free(scan.drivers);
	return err;
}

struct gmem_block *gmem_block_get_first(struct gmem_ctx *ctx)
{
	if (!ctx->blocks_scanned)
		gmem_scan_blocks(ctx);
	return ctx->blocks;
}

struct gmem_block *gmem_block_get_next(struct gmem_block *block)
{
	return block->next;
}

unsigned int gmem_block_get_id(const struct gmem_block *block)
{
	return block->id;
}

int gmem_block_get_node(const struct gmem_block *block, int *node)
{
	if (block->node < 0)
		return -ENODATA;
	*node = block->node;
	return 0;
}

const char *gmem_block_get_state(const struct gmem_block *block)
{
	return block->state;
}

const char *gmem_block_get_zones(const struct gmem_block *block)
{
	return block->zones;
}

const char *gmem_block_get_driver(const struct gmem_block *block)
{
	return block->driver;
}

enum gmem_obstacle gmem_block_get_obstacle(const struct gmem_block *block)
{
	if (!block->state || !block->zones)
		return GMEM_OBSTACLE_UNKNOWN;
	if (strcmp(block->state, "online"))
		return GMEM_OBSTACLE_OFFLINE;
	if (block->driver)
		return GMEM_OBSTACLE_DRIVER;
	if (block->acpi)
		return GMEM_OBSTACLE_ACPI;
	if (!strcmp(block->zones, "none"))
		return GMEM_OBSTACLE_ZONES;
	if (strcmp(block->zones, "Movable"))
		return GMEM_OBSTACLE_KERNEL;
	return GMEM_OBSTACLE_NONE;
}
