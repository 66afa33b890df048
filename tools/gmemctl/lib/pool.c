// SPDX-License-Identifier: LGPL-2.1
/* Pools: reading them, iterating over them, and their values. */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>

#include "private.h"

struct gmem_pool {
	struct gmem_ctx *ctx;
	struct gmem_pool *next;
	unsigned int refcount;
	char *name;
	char *state;
	char *nodelist;
	char *free_blocks;
	int policy_err;
	int policy;
	struct value size;
	struct value available;
	struct value scrubbed;
	struct value largest_free;
	struct value users;
	struct value poisoned;
	struct value progress;
	struct value reserved;
	struct value max;
	struct value return_delay;
	bool nodes_known;
	bool ranges_known;
	struct gmem_node *nodes;
	struct gmem_range *ranges;
};

/* The attributes that are one unsigned number. */
static const struct {
	const char *name;
	size_t offset;
} pool_values[] = {
	{ "size", offsetof(struct gmem_pool, size) },
	{ "available", offsetof(struct gmem_pool, available) },
	{ "scrubbed", offsetof(struct gmem_pool, scrubbed) },
	{ "largest_free", offsetof(struct gmem_pool, largest_free) },
	{ "users", offsetof(struct gmem_pool, users) },
	{ "poisoned", offsetof(struct gmem_pool, poisoned) },
	{ "progress", offsetof(struct gmem_pool, progress) },
	{ "reserved", offsetof(struct gmem_pool, reserved) },
	{ "max", offsetof(struct gmem_pool, max) },
	{ "return_delay", offsetof(struct gmem_pool, return_delay) },
};

static void pool_free(struct gmem_pool *pool)
{
	nodes_free(pool->nodes);
	ranges_free(pool->ranges);
	free(pool->name);
	free(pool->state);
	free(pool->nodelist);
	free(pool->free_blocks);
	free(pool);
}

/* A pool that goes away meanwhile is NULL. */
static int pool_read(struct gmem_ctx *ctx, const char *name,
		     struct gmem_pool **out)
{
	struct gmem_pool *pool;
	struct value *value;
	size_t i;

	*out = NULL;
	pool = calloc(1, sizeof(*pool));
	if (!pool)
		return -ENOMEM;
	pool->ctx = ctx;
	pool->refcount = 1;
	pool->name = strdup(name);
	if (!pool->name) {
		free(pool);
		return -ENOMEM;
	}

	pool->state = sysfs_read_string(ctx, CLASS_PATH "/%s/state", name);
	pool->nodelist = sysfs_read_string(ctx, CLASS_PATH "/%s/nodes", name);
	pool->free_blocks = sysfs_read_string(ctx, CLASS_PATH "/%s/free_blocks",
					      name);
	pool->policy_err = sysfs_read_int(ctx, &pool->policy,
					  CLASS_PATH "/%s/node", name);
	for (i = 0; i < ARRAY_SIZE(pool_values); i++) {
		value = (struct value *)((char *)pool + pool_values[i].offset);
		*value = sysfs_read_u64(ctx, 10, CLASS_PATH "/%s/%s", name,
					pool_values[i].name);
	}
	if (pool_find(ctx, name))
		pool_free(pool);
	else
		*out = pool;
	return 0;
}

/* Pools are the directories of the class; the rest are its attributes. */
int pool_find(struct gmem_ctx *ctx, const char *name)
{
	char path[sizeof(CLASS_PATH) + 256];
	struct stat st;
	int err;

	err = gmem_check_supported(ctx);
	if (err)
		return err;
	if (strchr(name, '/') || *name == '.' || !*name ||
	    snprintf(path, sizeof(path), CLASS_PATH "/%s", name) >=
	    (int)sizeof(path))
		return -ENOENT;
	if (fstatat(ctx->root, path, &st, 0))
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOENT;
}

struct names {
	struct gmem_ctx *ctx;
	char **v;
	size_t nr;
};

static int add_name(void *arg, const char *name)
{
	struct names *names = arg;
	char **v;

	if (pool_find(names->ctx, name))
		return 0;
	v = reallocarray(names->v, names->nr + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	names->v = v;
	v[names->nr] = strdup(name);
	if (!v[names->nr])
		return -ENOMEM;
	names->nr++;
	return 0;
}

/* Numbers in names count as numbers: vm2 is before vm10. */
static int compare_names(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

void pools_forget(struct gmem_ctx *ctx)
{
	struct gmem_pool *pool, *next;

	for (pool = ctx->pools; pool; pool = next) {
		next = pool->next;
		pool->next = NULL;
		if (!--pool->refcount)
			pool_free(pool);
	}
	ctx->pools = NULL;
	ctx->scanned = false;
}

int gmem_scan(struct gmem_ctx *ctx)
{
	struct names names = { .ctx = ctx };
	struct gmem_pool **tail = &ctx->pools;
	size_t i;
	int err;

	pools_forget(ctx);
	ctx->scanned = true;

	err = gmem_check_supported(ctx);
	if (!err)
		err = sysfs_list(ctx, CLASS_PATH, add_name, &names);
	if (!err && names.nr)
		qsort(names.v, names.nr, sizeof(*names.v), compare_names);
	for (i = 0; i < names.nr; i++) {
		if (!err)
			err = pool_read(ctx, names.v[i], tail);
		if (!err && *tail)
			tail = &(*tail)->next;
		free(names.v[i]);
	}
	free(names.v);
	return err;
}

struct gmem_pool *gmem_pool_get_first(struct gmem_ctx *ctx)
{
	if (!ctx->scanned)
		gmem_scan(ctx);
	return ctx->pools;
}

struct gmem_pool *gmem_pool_get_next(struct gmem_pool *pool)
{
	return pool->next;
}

int gmem_pool_lookup(struct gmem_ctx *ctx, const char *name,
		     struct gmem_pool **pool)
{
	int err;

	err = pool_find(ctx, name);
	if (!err)
		err = pool_read(ctx, name, pool);
	if (!err && !*pool)
		err = -ENOENT;
	if (err)
		return err;
	gmem_ref(ctx);
	return 0;
}

/*
 * The list of the context has a reference that does not hold the context, or
 * neither would ever go away.  Every other reference does.
 */
struct gmem_pool *gmem_pool_ref(struct gmem_pool *pool)
{
	pool->refcount++;
	gmem_ref(pool->ctx);
	return pool;
}

struct gmem_pool *gmem_pool_unref(struct gmem_pool *pool)
{
	struct gmem_ctx *ctx;

	if (!pool)
		return NULL;
	ctx = pool->ctx;
	if (!--pool->refcount)
		pool_free(pool);
	gmem_unref(ctx);
	return NULL;
}

struct gmem_ctx *gmem_pool_get_ctx(const struct gmem_pool *pool)
{
	return pool->ctx;
}

const char *gmem_pool_get_name(const struct gmem_pool *pool)
{
	return pool->name;
}

const char *gmem_pool_get_state(const struct gmem_pool *pool)
{
	return pool->state;
}

const char *gmem_pool_get_nodes(const struct gmem_pool *pool)
{
	return pool->nodelist;
}

int gmem_pool_get_node_policy(const struct gmem_pool *pool, int *node)
{
	if (!pool->policy_err)
		*node = pool->policy;
	return pool->policy_err;
}

int gmem_pool_get_size(const struct gmem_pool *pool, uint64_t *bytes)
{
	return get_value(&pool->size, bytes);
}

int gmem_pool_get_available(const struct gmem_pool *pool, uint64_t *bytes)
{
	return get_value(&pool->available, bytes);
}

int gmem_pool_get_used(const struct gmem_pool *pool, uint64_t *bytes)
{
	uint64_t size, available, poisoned;
	int err;

	err = get_value(&pool->size, &size);
	if (!err)
		err = get_value(&pool->available, &available);
	if (!err)
		err = get_value(&pool->poisoned, &poisoned);
	if (err)
		return err;

	size -= available < size ? available : size;
	size -= poisoned < size ? poisoned : size;
	*bytes = size;
	return 0;
}

int gmem_pool_get_scrubbed(const struct gmem_pool *pool, uint64_t *bytes)
{
	return get_value(&pool->scrubbed, bytes);
}

int gmem_pool_get_largest_free(const struct gmem_pool *pool, uint64_t *bytes)
{
	return get_value(&pool->largest_free, bytes);
}

int gmem_pool_get_users(const struct gmem_pool *pool, uint64_t *users)
{
	return get_value(&pool->users, users);
}

int gmem_pool_get_poisoned(const struct gmem_pool *pool, uint64_t *bytes)
{
	return get_value(&pool->poisoned, bytes);
}

int gmem_pool_get_progress(const struct gmem_pool *pool, uint64_t *bytes)
{
	return get_value(&pool->progress, bytes);
}

int gmem_pool_get_reserved(const struct gmem_pool *pool, uint64_t *bytes)
{
	return get_value(&pool->reserved, bytes);
}

int gmem_pool_get_max(const struct gmem_pool *pool, uint64_t *bytes)
{
	return get_value(&pool->max, bytes);
}

int gmem_pool_get_return_delay(const struct gmem_pool *pool, uint64_t *ms)
{
	return get_value(&pool->return_delay, ms);
}

const char *gmem_pool_get_free_blocks(const struct gmem_pool *pool)
{
	return pool->free_blocks;
}

struct gmem_node *pool_nodes(struct gmem_pool *pool)
{
	if (!pool->nodes_known) {
		if (nodes_read(pool, &pool->nodes))
			gmem_log(pool->ctx, LOG_ERR,
				 "%s: not all nodes could be read", pool->name);
		pool->nodes_known = true;
	}
	return pool->nodes;
}

struct gmem_range *pool_ranges(struct gmem_pool *pool)
{
	if (!pool->ranges_known) {
		if (ranges_read(pool, &pool->ranges))
			gmem_log(pool->ctx, LOG_ERR,
				 "%s: not all ranges could be read",
				 pool->name);
		pool->ranges_known = true;
	}
	return pool->ranges;
}
