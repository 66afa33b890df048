// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "config.h"
#include "plan.h"

/* The device that is meant, or NULL; the name is what others may have changed. */
static struct gmem_dax *find_device(const struct app *app,
				    const struct device_config *config)
{
	struct gmem_dax *dax;
	uint64_t start;
	int err;

	gmem_dax_foreach(app->ctx, dax) {
		err = config->has_start ? gmem_dax_get_start(dax, &start) :
					  -EACCES;
		/* Addresses are for root; others can only compare names. */
		if (err == -EACCES ?
		    !strcmp(gmem_dax_get_name(dax), config->name) :
		    !err && start == config->start)
			return dax;
	}
	return NULL;
}

static int check_devices(const struct app *app,
			 const struct pool_config *config)
{
	const struct device_config *device;
	struct gmem_dax *dax;
	size_t i;

	for (i = 0; i < config->nr_devices; i++) {
		device = &config->devices[i];
		if (device->has_start)
			continue;
		dax = find_device(app, device);
		if (!dax || !gmem_dax_is_persistent(dax))
			continue;
		error(app, NULL,
		      "%s:%u: the pool %s would overwrite %s, which is persistent memory",
		      config->file, config->line, config->name, device->name);
		advise("name it with its address, as gmemctl save does, so that it is this one");
		return RC_USAGE;
	}
	return 0;
}

/* The one that a device with an address is, or NULL. */
static const struct pool_config *
find_start(const struct config *config, uint64_t start,
	   const struct device_config **device)
{
	size_t i, n;

	for (i = 0; i < config->nr; i++)
		for (n = 0; n < config->v[i].nr_devices; n++) {
			*device = &config->v[i].devices[n];
			if ((*device)->has_start && (*device)->start == start)
				return &config->v[i];
		}
	return NULL;
}

/*
 * A device has one place.  The files alone show when it has two, unless it is named
 * in the one and has its address in the other.
 */
int plan_check_devices(const struct app *app, const struct config *config)
{
	const struct device_config *device, *other;
	const struct pool_config *pool;
	struct gmem_dax *dax;
	uint64_t start;
	size_t i, n;

	for (i = 0; i < config->nr; i++)
		for (n = 0; n < config->v[i].nr_devices; n++) {
			device = &config->v[i].devices[n];
			dax = device->has_start ? NULL :
						  find_device(app, device);
			if (!dax || gmem_dax_get_start(dax, &start))
				continue;
			pool = find_start(config, start, &other);
			if (!pool)
				continue;
			error(app, NULL,
			      "%s:%u: the device %s is in %s:%u already, by its address",
			      config->v[i].file, device->line, device->name,
			      pool->file, other->line);
			return RC_USAGE;
		}
	return 0;
}

/* Everything that can be known to be wrong before the first write. */
int plan_check(const struct app *app, const struct pool_config *config)
{
	uint64_t block, bad = config->total;
	char text[SIZE_TEXT], text2[SIZE_TEXT];
	size_t i;

	if (check_devices(app, config))
		return RC_USAGE;
	if (gmem_get_block_size(app->ctx, &block))
		return 0;
	for (i = 0; i < config->nr_sizes; i++)
		if (config->sizes[i].bytes % block)
			bad = config->sizes[i].bytes;
	if (!(bad % block))
		return 0;
	error(app, NULL, "%s:%u: the pool %s cannot have %s with memory blocks of %s",
	      config->file, config->line, config->name, size_exact(text, bad),
	      size_exact(text2, block));
	return RC_USAGE;
}

static struct move *add_move(struct plan *plan)
{
	struct move *v;

	v = reallocarray(plan->moves, plan->nr + 1, sizeof(*v));
	must(v);
	plan->moves = v;
	v += plan->nr++;
	*v = (struct move){ 0 };
	return v;
}

static void add_resize(struct plan *plan, int node, uint64_t *size, int *policy,
		       uint64_t from, uint64_t to)
{
	struct move *move;

	if (from == to)
		return;
	move = add_move(plan);
	move->resize = true;
	move->grow = from < to;
	move->set_node = *policy != node;
	move->node = node;
	move->bytes = from < to ? to - from : from - to;
	*size = *size - from + to;
	move->size = *size;
	*policy = node;
}

static uint64_t wanted_on(const struct pool_config *config, int node)
{
	size_t i;

	for (i = 0; i < config->nr_sizes; i++)
		if (config->sizes[i].node == node)
			return config->sizes[i].bytes;
	return 0;
}

uint64_t device_bytes(struct gmem_pool *pool, int id)
{
	struct gmem_range *range;
	uint64_t size, sum = 0;
	int node;

	gmem_range_foreach(pool, range)
		if (gmem_range_get_device(range) &&
		    !gmem_range_get_size(range, &size) &&
		    (id == GMEM_NODE_ANY ||
		     (!gmem_range_get_node(range, &node) && node == id)))
			sum += size;
	return sum;
}

/* What can be resized. */
static uint64_t present_on(struct gmem_pool *pool, int id)
{
	struct gmem_node *node;
	uint64_t size = 0;

	if (pool)
		gmem_node_foreach(pool, node)
			if (gmem_node_get_id(node) == id)
				gmem_node_get_size(node, &size);
	return pool ? size - device_bytes(pool, id) : 0;
}

/* What one node gives back can be what another pool needs there: that first. */
static void plan_nodes(struct plan *plan, struct gmem_pool *pool,
		       bool grow_only, uint64_t *size, int *policy)
{
	const struct pool_config *config = plan->config;
	struct gmem_node *node;
	uint64_t from, to;
	size_t i;

	if (pool && !grow_only)
		gmem_node_foreach(pool, node) {
			from = present_on(pool, gmem_node_get_id(node));
			to = wanted_on(config, gmem_node_get_id(node));
			if (from > to)
				add_resize(plan, gmem_node_get_id(node), size,
					   policy, from, to);
		}
	for (i = 0; i < config->nr_sizes; i++) {
		from = present_on(pool, config->sizes[i].node);
		to = config->sizes[i].bytes;
		if (from < to)
			add_resize(plan, config->sizes[i].node, size, policy,
				   from, to);
	}
}

static void plan_create(struct plan *plan, uint64_t *size, int *policy)
{
	const struct pool_config *config = plan->config;
	struct move *move = add_move(plan);

	move->create = true;
	move->grow = true;
	move->node = config->node;
	if (!config->nr_sizes)
		move->size = config->total;
	move->max = config->max;
	move->delay_ms = config->delay_ms;
	move->bytes = move->size;
	*size = move->size;
	*policy = move->node;
}

/*
 * What an elastic pool has taken for guests comes and goes; what was given to it is
 * what the configuration is about.
 */
static bool is_elastic(struct gmem_pool *pool, const struct pool_config *config)
{
	uint64_t max, reserved;

	return pool && config->max && !gmem_pool_get_max(pool, &max) && max &&
	       !gmem_pool_get_reserved(pool, &reserved);
}

static void plan_reserved(struct plan *plan, struct gmem_pool *pool,
			  bool grow_only, int node, uint64_t *size,
			  int *policy)
{
	const struct pool_config *config = plan->config;
	uint64_t own, reserved;
	struct move *move;

	gmem_pool_get_reserved(pool, &plan->reserved);
	reserved = plan->reserved;
	if (reserved == config->total || (grow_only && reserved > config->total))
		return;
	if (reserved < config->total)
		plan_nodes(plan, pool, true, size, policy);
	own = *size - device_bytes(pool, GMEM_NODE_ANY);
	move = add_move(plan);
	move->reserve = true;
	move->size = config->total;
	if (own < config->total) {
		move->grow = true;
		move->bytes = config->total - own;
		move->set_node = *policy != node;
		move->node = node;
		*policy = node;
		*size += move->bytes;
	}
}

static void plan_elastic(struct plan *plan, struct gmem_pool *pool)
{
	const struct pool_config *config = plan->config;
	uint64_t max = 0, delay = 0;
	struct move *move;

	gmem_pool_get_max(pool, &max);
	if (max)
		gmem_pool_get_return_delay(pool, &delay);
	if (max == config->max && delay == config->delay_ms)
		return;
	move = add_move(plan);
	move->set_elastic = true;
	move->max = config->max;
	move->delay_ms = config->delay_ms;
}

static void plan_devices(const struct app *app, struct plan *plan)
{
	const struct pool_config *config = plan->config;
	struct gmem_dax *dax;
	struct move *move;
	size_t i;

	if (!config->nr_devices || gmem_scan_dax(app->ctx))
		return;
	for (i = 0; i < config->nr_devices; i++) {
		dax = find_device(app, &config->devices[i]);
		if (dax && gmem_dax_get_pool(dax) &&
		    !strcmp(gmem_dax_get_pool(dax), config->name))
			continue;
		move = add_move(plan);
		move->device = &config->devices[i];
		if (!dax)
			continue;
		move->device_name = gmem_dax_get_name(dax);
		gmem_dax_get_size(dax, &move->bytes);
	}
}

static int read_pool(const struct app *app, struct plan *plan,
		     struct gmem_pool **pool)
{
	int err;

	*pool = NULL;
	err = gmem_pool_lookup(app->ctx, plan->config->name, pool);
	if (err == -ENOENT)
		return 0;
	if (!err) {
		plan->exists = true;
		err = gmem_pool_get_size(*pool, &plan->size);
		if (!err)
			err = gmem_pool_get_node_policy(*pool, &plan->node);
	}
	if (err)
		gmem_pool_unref(*pool);
	return err;
}

static int make_plan(const struct app *app, const struct pool_config *config,
		     bool grow_only, struct plan *plan)
{
	struct gmem_pool *pool;
	struct move *move;
	uint64_t size, devices;
	int policy, node;
	int err;

	*plan = (struct plan){ .config = config };
	err = read_pool(app, plan, &pool);
	if (err)
		return err;
	size = plan->size;
	devices = pool ? device_bytes(pool, GMEM_NODE_ANY) : 0;
	policy = plan->node;
	node = grow_only ? plan->node : config->node;

	if (!pool)
		plan_create(plan, &size, &policy);
	if (is_elastic(pool, config))
		plan_reserved(plan, pool, grow_only, node, &size, &policy);
	else if (config->nr_sizes)
		plan_nodes(plan, pool, grow_only, &size, &policy);
	else if (pool && (!grow_only || size - devices < config->total))
		add_resize(plan, node, &size, &policy, size - devices,
			   config->total);
	if (policy != node) {
		move = add_move(plan);
		move->set_node = true;
		move->node = node;
		move->size = size;
	}
	if (pool && !grow_only)
		plan_elastic(plan, pool);
	plan_devices(app, plan);
	gmem_pool_unref(pool);
	return 0;
}

int plan_make(const struct app *app, const struct pool_config *config,
	      bool grow_only, struct plan *plan)
{
	int err = make_plan(app, config, grow_only, plan);

	if (!err)
		return 0;
	error(app, config->name, "cannot read the pool: %s", strerror(-err));
	return exit_code_of(err);
}

bool plan_only_shrinks(const struct app *app, const struct pool_config *config)
{
	bool shrinks = false, other = false;
	struct plan plan;
	size_t i;

	if (make_plan(app, config, false, &plan))
		return false;
	for (i = 0; i < plan.nr; i++) {
		shrinks = shrinks || (plan.moves[i].resize &&
				      !plan.moves[i].grow);
		other = other || plan.moves[i].grow || plan.moves[i].device;
	}
	plan_free(&plan);
	return shrinks && !other;
}

void plan_free(struct plan *plan)
{
	free(plan->moves);
	plan->moves = NULL;
	plan->nr = 0;
}

int move_run(struct gmem_ctx *ctx, const char *name, const struct move *move)
{
	int err = 0;

	if (move->device && !move->device_name)
		return -ENOENT;
	if (move->device)
		return gmem_reconfigure_dax(ctx, move->device_name,
					    GMEM_DAX_GMEM, name);
	if (move->set_elastic)
		return gmem_set_elastic(ctx, name, move->max, move->delay_ms);
	if (move->create && move->max)
		return gmem_create_elastic_pool(ctx, name, move->size,
						move->node, move->max,
						move->delay_ms);
	if (move->create)
		return gmem_create_pool(ctx, name, move->size, move->node);
	if (move->set_node)
		err = gmem_set_node_policy(ctx, name, move->node);
	if (!err && move->resize)
		err = gmem_resize_pool(ctx, name, move->size);
	if (!err && move->reserve)
		err = gmem_set_reserved(ctx, name, move->size);
	return err;
}
