// SPDX-License-Identifier: LGPL-2.1
/* Changes to pools, and how far they have come. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "private.h"

/* In the C locale's sense, whatever locale the program has set. */
static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

/* Files of the class, beside which the pools appear. */
static const char *const reserved_names[] = {
	"create", "delete", "keep_free", "last_error",
};

int gmem_check_name(const char *name)
{
	const char *c;
	size_t i;

	if (!is_alnum(*name))
		return -EINVAL;
	for (c = name; *c; c++)
		if (!is_alnum(*c) && !strchr("-_.", *c))
			return -EINVAL;
	if (c - name > GMEM_NAME_MAX)
		return -ENAMETOOLONG;
	for (i = 0; i < ARRAY_SIZE(reserved_names); i++)
		if (!strcmp(name, reserved_names[i]))
			return -EEXIST;
	return 0;
}

int gmem_create_pool(struct gmem_ctx *ctx, const char *name, uint64_t bytes,
		     int node)
{
	char value[128];
	int err, n;

	last_error_forget(ctx);
	err = gmem_check_name(name);
	if (err)
		return err;
	n = snprintf(value, sizeof(value), "%s size=%" PRIu64, name, bytes);
	if (node != GMEM_NODE_ANY)
		snprintf(value + n, sizeof(value) - n, " node=%d", node);
	return sysfs_write(ctx, value, CLASS_PATH "/create");
}

int gmem_create_elastic_pool(struct gmem_ctx *ctx, const char *name,
			     uint64_t bytes, int node, uint64_t max,
			     uint64_t delay_ms)
{
	char value[160];
	int err, n;

	last_error_forget(ctx);
	err = gmem_check_name(name);
	if (err)
		return err;
	if (!max)
		return -EINVAL;
	n = snprintf(value, sizeof(value),
		     "%s size=%" PRIu64 " max=%" PRIu64 " delay=%" PRIu64,
		     name, bytes, max, delay_ms);
	if (node != GMEM_NODE_ANY)
		snprintf(value + n, sizeof(value) - n, " node=%d", node);
	return sysfs_write(ctx, value, CLASS_PATH "/create");
}

int gmem_delete_pool(struct gmem_ctx *ctx, const char *name)
{
	last_error_forget(ctx);
	return sysfs_write(ctx, name, CLASS_PATH "/delete");
}

/* What changes of pools begin with; whether it is there shows in the write. */
static int begin_change(struct gmem_ctx *ctx, const char *name)
{
	last_error_forget(ctx);
	return gmem_check_name(name) ? -ENOENT : 0;
}

int gmem_resize_pool(struct gmem_ctx *ctx, const char *name, uint64_t bytes)
{
	char value[32];
	int err;

	err = begin_change(ctx, name);
	if (err)
		return err;
	snprintf(value, sizeof(value), "%" PRIu64, bytes);
	return sysfs_write(ctx, value, CLASS_PATH "/%s/size", name);
}

int gmem_compact_pool(struct gmem_ctx *ctx, const char *name)
{
	int err = begin_change(ctx, name);

	return err ? err : sysfs_write(ctx, "1", CLASS_PATH "/%s/compact", name);
}

int gmem_set_node_policy(struct gmem_ctx *ctx, const char *name, int node)
{
	char value[32];
	int err;

	err = begin_change(ctx, name);
	if (err)
		return err;
	snprintf(value, sizeof(value), "%d", node);
	return sysfs_write(ctx, value, CLASS_PATH "/%s/node", name);
}

int gmem_set_elastic(struct gmem_ctx *ctx, const char *name, uint64_t max,
		     uint64_t delay_ms)
{
	char value[32];
	int err = begin_change(ctx, name);

	if (!err && max) {
		snprintf(value, sizeof(value), "%" PRIu64, delay_ms);
		err = sysfs_write(ctx, value, CLASS_PATH "/%s/return_delay",
				  name);
	}
	if (err)
		return err;
	snprintf(value, sizeof(value), "%" PRIu64, max);
	return sysfs_write(ctx, value, CLASS_PATH "/%s/max", name);
}

int gmem_set_reserved(struct gmem_ctx *ctx, const char *name, uint64_t bytes)
{
	char value[32];
	int err = begin_change(ctx, name);

	if (err)
		return err;
	snprintf(value, sizeof(value), "%" PRIu64, bytes);
	return sysfs_write(ctx, value, CLASS_PATH "/%s/reserved", name);
}

int gmem_set_keep_free(struct gmem_ctx *ctx, uint64_t bytes)
{
	char value[32];

	last_error_forget(ctx);
	snprintf(value, sizeof(value), "%" PRIu64, bytes);
	return sysfs_write(ctx, value, CLASS_PATH "/keep_free");
}

int gmem_read_progress(struct gmem_ctx *ctx, const char *name, char *state,
		       size_t len, uint64_t *bytes)
{
	struct value value;
	int err;

	err = pool_find(ctx, name);
	if (!err)
		err = sysfs_read(ctx, state, len, CLASS_PATH "/%s/state", name);
	if (err)
		return err;
	value = sysfs_read_u64(ctx, 10, CLASS_PATH "/%s/progress", name);
	return get_value(&value, bytes);
}
