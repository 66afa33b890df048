// SPDX-License-Identifier: LGPL-2.1
/* What the machine has, outside of pools. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "private.h"

int gmem_check_supported(struct gmem_ctx *ctx)
{
	if (!faccessat(ctx->root, CLASS_PATH, F_OK, 0))
		return 0;
	return errno == ENOENT ? -EOPNOTSUPP : -errno;
}

int gmem_get_block_size(struct gmem_ctx *ctx, uint64_t *bytes)
{
	struct value value;

	value = sysfs_read_u64(ctx, 16,
			       "sys/devices/system/memory/block_size_bytes");
	if (!value.err && !value.num)
		return -EINVAL;
	return get_value(&value, bytes);
}

int gmem_get_mem_total(struct gmem_ctx *ctx, int node, uint64_t *bytes)
{
	char buf[VALUE_MAX];
	uint64_t kib;
	char *line;
	int err;

	if (node == GMEM_NODE_ANY)
		err = sysfs_read(ctx, buf, sizeof(buf), "proc/meminfo");
	else
		err = sysfs_read(ctx, buf, sizeof(buf),
				 "sys/devices/system/node/node%d/meminfo",
				 node);
	if (err)
		return err;

	line = strstr(buf, "MemTotal:");
	if (!line || sscanf(line, "MemTotal: %" SCNu64 " kB", &kib) != 1 ||
	    kib > UINT64_MAX / 1024)
		return -EINVAL;
	*bytes = kib * 1024;
	return 0;
}

int gmem_get_keep_free(struct gmem_ctx *ctx, uint64_t *bytes)
{
	struct value value;

	value = sysfs_read_u64(ctx, 10, CLASS_PATH "/keep_free");
	return get_value(&value, bytes);
}

int gmem_get_nodes(struct gmem_ctx *ctx, char *list, size_t len)
{
	return sysfs_read(ctx, list, len, "sys/devices/system/node/online");
}
