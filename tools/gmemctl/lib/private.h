/* SPDX-License-Identifier: LGPL-2.1 */
/* What the files of libgmem share. */
#ifndef LIBGMEM_PRIVATE_H
#define LIBGMEM_PRIVATE_H

#include <stdint.h>

#include "libgmem.h"

#define CLASS_PATH	"sys/class/gmem"

/* The longest value that is read: node lists and the words of last_error. */
#define VALUE_MAX	4096

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))

/* A number as it was read, or why it could not be. */
struct value {
	int err;
	uint64_t num;
};

struct gmem_ctx {
	unsigned int refcount;
	int root;		/* the directory that everything is below */
	char *sysroot;		/* its name, empty for "/" */
	void *userdata;
	gmem_log_fn log_fn;
	gmem_write_fn write_fn;
	int log_priority;
	char *last_error;
	bool scanned;
	struct gmem_pool *pools;
	bool backings_scanned;
	struct gmem_backing *backings;
	struct process *processes;	/* that own them */
	unsigned int hidden_processes;
	bool blocks_scanned;
	struct gmem_block *blocks;
	bool dax_scanned;
	struct gmem_dax *dax;
	bool left_out;		/* write_fn wanted a write to be left out */
	unsigned int written;	/* writes that succeeded */
};

/* ctx.c */
void gmem_log(struct gmem_ctx *ctx, int priority, const char *fmt, ...)
	__printf(3, 4);

/* sysfs.c: paths are relative to the root, and given as a format */
int sysfs_read(struct gmem_ctx *ctx, char *buf, size_t len,
	       const char *fmt, ...) __printf(4, 5);
char *sysfs_read_string(struct gmem_ctx *ctx, const char *fmt, ...)
	__printf(2, 3);
struct value sysfs_read_u64(struct gmem_ctx *ctx, int base,
			    const char *fmt, ...) __printf(3, 4);
int sysfs_read_int(struct gmem_ctx *ctx, int *num, const char *fmt, ...)
	__printf(3, 4);
int sysfs_write(struct gmem_ctx *ctx, const char *value, const char *fmt, ...)
	__printf(3, 4);
void last_error_forget(struct gmem_ctx *ctx);
void last_error_read(struct gmem_ctx *ctx, const char *fmt, ...)
	__printf(2, 3);
int sysfs_readlink(struct gmem_ctx *ctx, char *buf, size_t len,
		   const char *fmt, ...) __printf(4, 5);
bool sysfs_exists(struct gmem_ctx *ctx, const char *fmt, ...) __printf(2, 3);
int sysfs_lines(struct gmem_ctx *ctx, const char *path,
		int (*fn)(void *arg, const char *line), void *arg);
int sysfs_list(struct gmem_ctx *ctx, const char *path,
	       int (*fn)(void *arg, const char *name), void *arg);
int parse_u64(const char *text, int base, uint64_t *num);
int parse_index(const char *name, const char *prefix, unsigned int *index);
int get_value(const struct value *value, uint64_t *num);

/* pool.c */
void pools_forget(struct gmem_ctx *ctx);
int pool_find(struct gmem_ctx *ctx, const char *name);

/* backing.c, block.c and dax.c */
void backings_forget(struct gmem_ctx *ctx);
void blocks_forget(struct gmem_ctx *ctx);
void dax_forget(struct gmem_ctx *ctx);

/* node.c and range.c: called once for each pool, when first asked for */
int nodes_read(struct gmem_pool *pool, struct gmem_node **first);
void nodes_free(struct gmem_node *node);
int ranges_read(struct gmem_pool *pool, struct gmem_range **first);
void ranges_free(struct gmem_range *range);
struct gmem_node *pool_nodes(struct gmem_pool *pool);
struct gmem_range *pool_ranges(struct gmem_pool *pool);

#endif /* LIBGMEM_PRIVATE_H */
