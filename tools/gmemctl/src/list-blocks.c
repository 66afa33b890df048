// SPDX-License-Identifier: GPL-2.0
/*
 * gmemctl list --blocks: System RAM that could be taken, or what is in the way.
 * Neighbours of which the same can be said are one line.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "gmemctl.h"
#include "list.h"
#include "output.h"

struct run {
	struct gmem_block *first;
	uint64_t nr;
	uint64_t block_size;
	char blocks[32];
};

static const struct {
	const char *take;
	const char *why;	/* NULL: nothing is in the way */
} obstacles[] = {
	[GMEM_OBSTACLE_NONE] = { "yes", NULL },
	[GMEM_OBSTACLE_KERNEL] = {
		"maybe", "the kernel may have put there what cannot be moved" },
	[GMEM_OBSTACLE_OFFLINE] = {
		"no", "not in use: set it online first (chmem -e)" },
	[GMEM_OBSTACLE_DRIVER] = {
		"no", "a driver added it and could take it away" },
	[GMEM_OBSTACLE_ACPI] = {
		"no", "a memory device that can be unplugged" },
	[GMEM_OBSTACLE_ZONES] = {
		"no", "in several zones or nodes" },
	[GMEM_OBSTACLE_UNKNOWN] = {
		"no", "its state cannot be read" },
};

static int run_blocks(const void *object, struct cell *cell)
{
	const struct run *run = object;

	cell->text = run->blocks;
	return 0;
}

static int run_first(const void *object, struct cell *cell)
{
	const struct run *run = object;

	cell->num = gmem_block_get_id(run->first);
	return 0;
}

static int run_count(const void *object, struct cell *cell)
{
	const struct run *run = object;

	cell->num = run->nr;
	return 0;
}

static int run_node(const void *object, struct cell *cell)
{
	const struct run *run = object;

	return gmem_block_get_node(run->first, &cell->node);
}

static int run_size(const void *object, struct cell *cell)
{
	const struct run *run = object;

	cell->num = run->nr * run->block_size;
	return 0;
}

static int run_start(const void *object, struct cell *cell)
{
	const struct run *run = object;

	cell->num = gmem_block_get_id(run->first) * run->block_size;
	return 0;
}

static int run_state(const void *object, struct cell *cell)
{
	const struct run *run = object;

	cell->text = gmem_block_get_state(run->first);
	return cell->text ? 0 : -ENODATA;
}

static int run_zones(const void *object, struct cell *cell)
{
	const struct run *run = object;

	cell->text = gmem_block_get_zones(run->first);
	return cell->text ? 0 : -ENODATA;
}

static int run_driver(const void *object, struct cell *cell)
{
	const struct run *run = object;

	cell->text = gmem_block_get_driver(run->first);
	return cell->text ? 0 : -ENODATA;
}

static int run_take(const void *object, struct cell *cell)
{
	const struct run *run = object;

	cell->text = obstacles[gmem_block_get_obstacle(run->first)].take;
	return 0;
}

static int run_why(const void *object, struct cell *cell)
{
	const struct run *run = object;

	cell->text = obstacles[gmem_block_get_obstacle(run->first)].why;
	return cell->text ? 0 : -ENODATA;
}

static const struct column block_columns[] = {
	{ "BLOCKS", NULL, COL_TEXT, true, run_blocks, NULL,
	  "numbers of the first and the last memory block" },
	{ "FIRST", "first", COL_COUNT, false, run_first, NULL,
	  "number of the first memory block" },
	{ "COUNT", "count", COL_COUNT, false, run_count, NULL,
	  "how many blocks these are" },
	{ "NODE", "node", COL_NODE, true, run_node, NULL, "NUMA node" },
	{ "SIZE", "size", COL_BYTES, true, run_size, NULL, "their length" },
	{ "STATE", "state", COL_TEXT, true, run_state, NULL,
	  "whether they are in use: online or offline" },
	{ "ZONE", "zone", COL_TEXT, true, run_zones, NULL,
	  "zone that they are in; several that they could be in" },
	{ "TAKE", "take", COL_TEXT, true, run_take, NULL,
	  "whether a pool could take them: yes, no, or maybe" },
	{ "WHY", "why", COL_TEXT, true, run_why, NULL,
	  "what is in the way" },
	{ "DRIVER", "driver", COL_TEXT, false, run_driver, NULL,
	  "which driver added them, for root" },
	{ "START", "start", COL_ADDRESS, false, run_start, NULL,
	  "first physical address" },
	{ 0 }
};

const struct object_type block_type = {
	.section = "blocks",
	.title = "Columns with --blocks",
	.columns = block_columns,
};

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_kind(const struct gmem_block *a, const struct gmem_block *b)
{
	int node_a = -1, node_b = -1;

	gmem_block_get_node(a, &node_a);
	gmem_block_get_node(b, &node_b);
	return node_a == node_b &&
	       gmem_block_get_obstacle(a) == gmem_block_get_obstacle(b) &&
	       same_text(gmem_block_get_state(a), gmem_block_get_state(b)) &&
	       same_text(gmem_block_get_zones(a), gmem_block_get_zones(b)) &&
	       same_text(gmem_block_get_driver(a), gmem_block_get_driver(b));
}

static void add_run(struct run *run, struct sink *sink)
{
	unsigned int first = gmem_block_get_id(run->first);

	if (run->nr == 1)
		snprintf(run->blocks, sizeof(run->blocks), "%u", first);
	else
		snprintf(run->blocks, sizeof(run->blocks), "%u-%u", first,
			 (unsigned int)(first + run->nr - 1));
	sink->add(sink, run);
}

static bool block_matches(const struct list_opts *opts,
			  const struct gmem_block *block)
{
	int node;

	return !opts->nodes.set ||
	       (!gmem_block_get_node(block, &node) && node < NODELIST_MAX &&
		opts->nodes.has[node]);
}

static int each_run(struct app *app, const struct list_opts *opts,
		    struct sink *sink)
{
	struct gmem_block *block;
	struct run run = { 0 };
	int err;

	err = gmem_get_block_size(app->ctx, &run.block_size);
	if (!err)
		err = gmem_scan_blocks(app->ctx);
	if (err) {
		error(app, NULL, "cannot read the memory blocks: %s",
		      strerror(-err));
		return exit_code_of(err);
	}
	gmem_block_foreach(app->ctx, block) {
		if (!block_matches(opts, block))
			continue;
		if (run.nr && same_kind(run.first, block) &&
		    gmem_block_get_id(run.first) + run.nr ==
		    gmem_block_get_id(block)) {
			run.nr++;
			continue;
		}
		if (run.nr)
			add_run(&run, sink);
		run.first = block;
		run.nr = 1;
	}
	if (run.nr)
		add_run(&run, sink);
	return 0;
}

const struct kind block_kind = {
	.row = &block_type,
	.json = &block_type,
	.each_row = each_run,
	.each_json = each_run,
};
