/* SPDX-License-Identifier: LGPL-2.1 */
/*
 * libgmem: pools of memory without struct pages, from user space.
 *
 * The library reads and writes /sys/class/gmem.  It prints nothing and keeps
 * no state outside of its objects; threads may use it at the same time as long
 * as each has a context of its own.
 *
 * Objects
 *
 *   struct gmem_ctx	the start of everything; reference counted
 *   struct gmem_pool	a pool; belongs to the context, reference counted
 *   struct gmem_node	what a pool has on one NUMA node; lives with the pool
 *   struct gmem_range	a physically contiguous piece; lives with the pool
 *   struct gmem_backing	a guest_memfd with memory of a pool; lives with
 *			the context, until the next scan of backings
 *   struct gmem_owner	a process that has it open; lives with the backing
 *   struct gmem_block	a memory block of the machine; lives with the context,
 *			until the next scan of blocks
 *   struct gmem_dax	a DAX device; lives with the context, until the next scan
 *			of DAX devices
 *   struct gmem_monitor	a source of events; reference counted, holds the context
 *   struct gmem_event	an event; belongs to the caller
 *
 * An object is a picture: it has the values of the moment when it was read and
 * does not change.  gmem_scan(), gmem_scan_backings(), gmem_scan_blocks()
 * and gmem_scan_dax() take a new one.
 *
 * Errors
 *
 * Functions that return int return 0 or a negative errno.  -EOPNOTSUPP always
 * means that the running kernel has no pools at all.
 *
 * Sizes are in bytes everywhere.
 */
#ifndef LIBGMEM_H
#define LIBGMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct gmem_backing;
struct gmem_block;
struct gmem_ctx;
struct gmem_dax;
struct gmem_event;
struct gmem_monitor;
struct gmem_node;
struct gmem_owner;
struct gmem_pool;
struct gmem_range;

/** GMEM_NODE_ANY: no node in particular, where a node number is expected. */
#define GMEM_NODE_ANY		(-1)

/** GMEM_NAME_MAX: the number of characters that a pool's name may have. */
#define GMEM_NAME_MAX		31

/* Context */

/**
 * gmem_new() - make a context
 * @ctx: where to store it
 *
 * The caller has the only reference.
 *
 * Return: 0, -ENOMEM, or the errno of opening the root directory.
 */
int gmem_new(struct gmem_ctx **ctx);

/**
 * gmem_ref() - take a reference
 * @ctx: the context
 *
 * Return: @ctx.
 */
struct gmem_ctx *gmem_ref(struct gmem_ctx *ctx);

/**
 * gmem_unref() - drop a reference; the last one frees the context
 * @ctx: the context, or NULL
 *
 * Return: NULL, to be assigned to the caller's pointer.
 */
struct gmem_ctx *gmem_unref(struct gmem_ctx *ctx);

/**
 * gmem_set_sysroot() - read and write below another root directory
 * @ctx: the context
 * @dir: a directory that has "sys" and "proc" in it
 *
 * For tests, and for copies of another machine's files.  The pools that the
 * context knew are forgotten.
 *
 * Return: 0, -ENOMEM, or the errno of opening @dir; the old root then stays.
 */
int gmem_set_sysroot(struct gmem_ctx *ctx, const char *dir);

/**
 * gmem_set_userdata() - keep a pointer of the caller in the context
 * @ctx: the context
 * @userdata: anything; the library does not look at it
 */
void gmem_set_userdata(struct gmem_ctx *ctx, void *userdata);

/**
 * gmem_get_userdata() - the pointer that gmem_set_userdata() left
 * @ctx: the context
 *
 * Return: the pointer, NULL if there was none.
 */
void *gmem_get_userdata(struct gmem_ctx *ctx);

/**
 * typedef gmem_log_fn - receives the messages of the library
 * @ctx: the context
 * @priority: LOG_ERR to LOG_DEBUG of <syslog.h>
 * @message: one line without its end
 */
typedef void (*gmem_log_fn)(struct gmem_ctx *ctx, int priority,
			    const char *message);

/**
 * gmem_set_log_fn() - say where messages go
 * @ctx: the context
 * @fn: the receiver; NULL, as in a new context, for nowhere
 */
void gmem_set_log_fn(struct gmem_ctx *ctx, gmem_log_fn fn);

/**
 * gmem_set_log_priority() - say how much is logged
 * @ctx: the context
 * @priority: the least urgent priority to log; LOG_ERR in a new context.
 *	LOG_INFO adds every write, LOG_DEBUG every file that cannot be read.
 */
void gmem_set_log_priority(struct gmem_ctx *ctx, int priority);

/**
 * gmem_get_log_priority() - how much is logged
 * @ctx: the context
 *
 * Return: the priority that gmem_set_log_priority() set.
 */
int gmem_get_log_priority(struct gmem_ctx *ctx);

/**
 * typedef gmem_write_fn - is asked before each write
 * @ctx: the context
 * @path: the file, with the root directory of the context
 * @value: what is going to be written
 *
 * Return: true to go on, false to leave the write out and report success.
 */
typedef bool (*gmem_write_fn)(struct gmem_ctx *ctx, const char *path,
			      const char *value);

/**
 * gmem_set_write_fn() - watch or leave out the writes of the library
 * @ctx: the context
 * @fn: the function to ask; NULL, as in a new context, for none
 */
void gmem_set_write_fn(struct gmem_ctx *ctx, gmem_write_fn fn);

/**
 * gmem_get_last_error() - the kernel's words on why the latest change failed
 * @ctx: the context
 *
 * Each function that changes something begins without any.
 *
 * Return: the text, valid until the next change with @ctx.  NULL if no write
 * failed, if it failed before it reached the kernel, or if the kernel said
 * nothing.
 */
const char *gmem_get_last_error(struct gmem_ctx *ctx);

/**
 * gmem_check_supported() - does the kernel have pools?
 * @ctx: the context
 *
 * Return: 0, -EOPNOTSUPP, or the errno of looking.
 */
int gmem_check_supported(struct gmem_ctx *ctx);

/* The machine */

/**
 * gmem_get_block_size() - the size of a memory block
 * @ctx: the context
 * @bytes: where to store it
 *
 * Memory enters and leaves pools in whole blocks.
 *
 * Return: 0 or -errno.
 */
int gmem_get_block_size(struct gmem_ctx *ctx, uint64_t *bytes);

/**
 * gmem_get_mem_total() - the System RAM of a node, or of all
 * @ctx: the context
 * @node: the node, or GMEM_NODE_ANY for the whole machine
 * @bytes: where to store it; what pools hold is not part of it
 *
 * Return: 0, -ENOENT if there is no such node, or -errno.
 */
int gmem_get_mem_total(struct gmem_ctx *ctx, int node, uint64_t *bytes);

/**
 * gmem_get_keep_free() - how much memory pools leave to the host
 * @ctx: the context
 * @bytes: where to store it; 0 if there is no limit
 *
 * Return: 0 or -errno.
 */
int gmem_get_keep_free(struct gmem_ctx *ctx, uint64_t *bytes);

/**
 * gmem_get_nodes() - the nodes of the machine that are online
 * @ctx: the context
 * @list: where to store them as a list ("0-1,4")
 * @len: the size of @list
 *
 * Return: 0 or -errno.
 */
int gmem_get_nodes(struct gmem_ctx *ctx, char *list, size_t len);

/* Pools */

/**
 * gmem_check_name() - may a pool have this name?
 * @name: the name
 *
 * Return: 0; -ENAMETOOLONG; -EINVAL if it is empty, begins with something
 * other than a letter or digit, or has another character than letters, digits,
 * '-', '_' and '.'; -EEXIST if a file of /sys/class/gmem has the name.
 */
int gmem_check_name(const char *name);

/**
 * gmem_scan() - read all pools anew
 * @ctx: the context
 *
 * The pools of the scan before are forgotten.  Those that the caller has
 * references to stay as they were, outside of the iteration.
 *
 * Return: 0, -EOPNOTSUPP, -ENOMEM, or the errno of reading the directory.
 */
int gmem_scan(struct gmem_ctx *ctx);

/**
 * gmem_pool_get_first() - the first pool, in the order of names
 * @ctx: the context; it is scanned if it never was
 *
 * The context keeps the reference.
 *
 * Return: the pool, or NULL if there is none or the scan failed; gmem_scan()
 * tells which.
 */
struct gmem_pool *gmem_pool_get_first(struct gmem_ctx *ctx);

/**
 * gmem_pool_get_next() - the pool after this one
 * @pool: a pool of the latest scan
 *
 * Return: the pool, or NULL after the last and for a pool that the context has
 * forgotten.
 */
struct gmem_pool *gmem_pool_get_next(struct gmem_pool *pool);

/** gmem_pool_foreach() - for each @pool of @ctx */
#define gmem_pool_foreach(ctx, pool) \
	for (pool = gmem_pool_get_first(ctx); pool; \
	     pool = gmem_pool_get_next(pool))

/**
 * gmem_pool_lookup() - read one pool, whatever the number of others
 * @ctx: the context
 * @name: its name
 * @pool: where to store it; the caller owns the reference.  It is not part of
 *	the iteration.
 *
 * Return: 0, -ENOENT, -EOPNOTSUPP, or -errno.
 */
int gmem_pool_lookup(struct gmem_ctx *ctx, const char *name,
		     struct gmem_pool **pool);

/**
 * gmem_pool_ref() - take a reference, so that the pool survives a scan
 * @pool: the pool
 *
 * The reference also keeps the context.
 *
 * Return: @pool.
 */
struct gmem_pool *gmem_pool_ref(struct gmem_pool *pool);

/**
 * gmem_pool_unref() - drop a reference of gmem_pool_ref() or gmem_pool_lookup()
 * @pool: the pool, or NULL
 *
 * Return: NULL, to be assigned to the caller's pointer.
 */
struct gmem_pool *gmem_pool_unref(struct gmem_pool *pool);

/**
 * gmem_pool_get_ctx() - the context of a pool
 * @pool: the pool
 *
 * Return: the context, without a reference of its own.
 */
struct gmem_ctx *gmem_pool_get_ctx(const struct gmem_pool *pool);

/**
 * gmem_pool_get_name() - the name of a pool
 * @pool: the pool
 *
 * Return: the name, as long as the pool lives.
 */
const char *gmem_pool_get_name(const struct gmem_pool *pool);

/**
 * gmem_pool_get_state() - what happened to the pool when it was read
 * @pool: the pool
 *
 * Return: "idle", "growing", "shrinking", "deleting", or what a later kernel
 * says; NULL if it could not be read.
 */
const char *gmem_pool_get_state(const struct gmem_pool *pool);

/**
 * gmem_pool_get_nodes() - the nodes that the memory of the pool is on
 * @pool: the pool
 *
 * Return: a list ("0-1"), empty for an empty pool; NULL if it could not be
 * read.
 */
const char *gmem_pool_get_nodes(const struct gmem_pool *pool);

/**
 * gmem_pool_get_node_policy() - the node on which the pool grows and shrinks
 * @pool: the pool
 * @node: where to store it; GMEM_NODE_ANY for any
 *
 * Return: 0 or -errno.
 */
int gmem_pool_get_node_policy(const struct gmem_pool *pool, int *node);

/**
 * gmem_pool_get_size() - the memory of the pool
 * @pool: the pool
 * @bytes: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_pool_get_size(const struct gmem_pool *pool, uint64_t *bytes);

/**
 * gmem_pool_get_available() - what a guest_memfd can still take
 * @pool: the pool
 * @bytes: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_pool_get_available(const struct gmem_pool *pool, uint64_t *bytes);

/**
 * gmem_pool_get_used() - what guest_memfds hold
 * @pool: the pool
 * @bytes: where to store it
 *
 * It is what is neither available nor poisoned.  The kernel reports these one
 * after the other, so that in between a change can make this number wrong; it
 * is never below 0.
 *
 * Return: 0 or -errno.
 */
int gmem_pool_get_used(const struct gmem_pool *pool, uint64_t *bytes);

/**
 * gmem_pool_get_scrubbed() - how much of what is available is zero already
 * @pool: the pool
 * @bytes: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_pool_get_scrubbed(const struct gmem_pool *pool, uint64_t *bytes);

/**
 * gmem_pool_get_largest_free() - the largest contiguous free piece
 * @pool: the pool
 * @bytes: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_pool_get_largest_free(const struct gmem_pool *pool, uint64_t *bytes);

/**
 * gmem_pool_get_users() - how many guest_memfds hold memory of the pool
 * @pool: the pool
 * @users: where to store the number
 *
 * Return: 0 or -errno.
 */
int gmem_pool_get_users(const struct gmem_pool *pool, uint64_t *users);

/**
 * gmem_pool_get_poisoned() - what is out of use because of memory errors
 * @pool: the pool
 * @bytes: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_pool_get_poisoned(const struct gmem_pool *pool, uint64_t *bytes);

/**
 * gmem_pool_get_progress() - how far the change that the state names has come
 * @pool: the pool
 * @bytes: where to store the System RAM that was taken or returned
 *
 * Return: 0 or -errno.
 */
int gmem_pool_get_progress(const struct gmem_pool *pool, uint64_t *bytes);

/**
 * gmem_pool_get_reserved() - what was given to a pool
 * @pool: the pool
 * @bytes: where to store it; memory of DAX devices is not part of it
 *
 * An elastic pool that is larger has taken the rest by itself.
 *
 * Return: 0 or -errno.
 */
int gmem_pool_get_reserved(const struct gmem_pool *pool, uint64_t *bytes);

/**
 * gmem_pool_get_max() - how large an elastic pool may become by itself
 * @pool: the pool
 * @bytes: where to store it; 0 for a pool that does not grow by itself
 *
 * Return: 0 or -errno.
 */
int gmem_pool_get_max(const struct gmem_pool *pool, uint64_t *bytes);

/**
 * gmem_pool_get_return_delay() - how long an elastic pool keeps what is free
 * @pool: the pool
 * @ms: where to store it, in milliseconds
 *
 * Return: 0 or -errno.
 */
int gmem_pool_get_return_delay(const struct gmem_pool *pool, uint64_t *ms);

/**
 * gmem_pool_get_free_blocks() - free memory by the size of its blocks
 * @pool: the pool
 *
 * Return: the numbers of free naturally aligned blocks of 2 MiB, 4 MiB and so
 * on up to 1 GiB, separated by blanks, as long as the pool lives; NULL if it
 * could not be read.
 */
const char *gmem_pool_get_free_blocks(const struct gmem_pool *pool);

/* Nodes of a pool */

/**
 * gmem_node_get_first() - the first node that a pool has memory on
 * @pool: the pool
 *
 * Return: the node, or NULL if there is none.
 */
struct gmem_node *gmem_node_get_first(struct gmem_pool *pool);

/**
 * gmem_node_get_next() - the node after this one
 * @node: the node
 *
 * Return: the node, or NULL after the last.
 */
struct gmem_node *gmem_node_get_next(struct gmem_node *node);

/** gmem_node_foreach() - for each @node that @pool has memory on */
#define gmem_node_foreach(pool, node) \
	for (node = gmem_node_get_first(pool); node; \
	     node = gmem_node_get_next(node))

/**
 * gmem_node_get_id() - the number of the node
 * @node: the node
 *
 * Return: the number.
 */
int gmem_node_get_id(const struct gmem_node *node);

/**
 * gmem_node_get_pool() - the pool whose memory this is
 * @node: the node
 *
 * Return: the pool, without a reference of its own.
 */
struct gmem_pool *gmem_node_get_pool(const struct gmem_node *node);

/**
 * gmem_node_get_size() - the memory that the pool has on the node
 * @node: the node
 * @bytes: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_node_get_size(const struct gmem_node *node, uint64_t *bytes);

/**
 * gmem_node_get_available() - what a guest_memfd can still take of it
 * @node: the node
 * @bytes: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_node_get_available(const struct gmem_node *node, uint64_t *bytes);

/**
 * gmem_node_get_tier() - the memory tier that the pool's memory on a node is in
 * @node: the node
 * @tier: where to store the number, as in
 *	/sys/devices/virtual/memory_tiering; a lower one is faster
 *
 * Return: 0 or -errno.
 */
int gmem_node_get_tier(const struct gmem_node *node, uint64_t *tier);

/**
 * gmem_node_get_distance() - how far the memory is from the nearest CPUs
 * @node: the node
 * @distance: where to store it, as in /sys/devices/system/node/node<N>/distance;
 *	10 if the node has CPUs
 *
 * Return: 0 or -errno.
 */
int gmem_node_get_distance(const struct gmem_node *node, uint64_t *distance);

/* Ranges of a pool */

/**
 * gmem_range_get_first() - the first range of a pool, in the order of numbers
 * @pool: the pool
 *
 * Return: the range, or NULL if there is none.
 */
struct gmem_range *gmem_range_get_first(struct gmem_pool *pool);

/**
 * gmem_range_get_next() - the range after this one
 * @range: the range
 *
 * Return: the range, or NULL after the last.
 */
struct gmem_range *gmem_range_get_next(struct gmem_range *range);

/** gmem_range_foreach() - for each @range of @pool */
#define gmem_range_foreach(pool, range) \
	for (range = gmem_range_get_first(pool); range; \
	     range = gmem_range_get_next(range))

/**
 * gmem_range_get_id() - the number of the range in its pool
 * @range: the range
 *
 * Return: the number.
 */
unsigned int gmem_range_get_id(const struct gmem_range *range);

/**
 * gmem_range_get_pool() - the pool of the range
 * @range: the range
 *
 * Return: the pool, without a reference of its own.
 */
struct gmem_pool *gmem_range_get_pool(const struct gmem_range *range);

/**
 * gmem_range_get_size() - the length of the range
 * @range: the range
 * @bytes: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_range_get_size(const struct gmem_range *range, uint64_t *bytes);

/**
 * gmem_range_get_available() - what is free of the range
 * @range: the range
 * @bytes: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_range_get_available(const struct gmem_range *range, uint64_t *bytes);

/**
 * gmem_range_get_node() - the node that the range is on
 * @range: the range
 * @node: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_range_get_node(const struct gmem_range *range, int *node);

/**
 * gmem_range_get_device() - the device that a range came from
 * @range: the range
 *
 * Return: the name of a DAX device, or NULL if it came from none.
 */
const char *gmem_range_get_device(const struct gmem_range *range);

/**
 * gmem_range_get_origin() - where the range came from
 * @range: the range
 *
 * Return: "boot", "ram", "dax", or what a later kernel says; NULL if it could not be
 * read.
 */
const char *gmem_range_get_origin(const struct gmem_range *range);

/**
 * gmem_range_get_start() - the physical address of the range
 * @range: the range
 * @address: where to store it
 *
 * Return: 0, -EACCES for ordinary users, or -errno.
 */
int gmem_range_get_start(const struct gmem_range *range, uint64_t *address);

/* Backings: what guests hold */

/**
 * gmem_scan_backings() - find the guest_memfds that have memory of pools
 * @ctx: the context
 *
 * Looks at the open files of all processes that the caller may look at; the
 * backings of the scan before are freed.  The time grows with the number of
 * open files.  A guest_memfd that no process has open any more, but a virtual
 * machine still uses, is not found.
 *
 * Return: 0, -EOPNOTSUPP, -ENOMEM, or the errno of reading /proc.
 */
int gmem_scan_backings(struct gmem_ctx *ctx);

/**
 * gmem_get_hidden_processes() - what the latest scan could not look at
 * @ctx: the context
 *
 * Return: the number of processes whose files the caller may not see.
 */
unsigned int gmem_get_hidden_processes(struct gmem_ctx *ctx);

/**
 * gmem_backing_get_first() - the first backing, by pool and then by inode
 * @ctx: the context; it is scanned for backings if it never was
 *
 * Return: the backing, or NULL if there is none or the scan failed.
 */
struct gmem_backing *gmem_backing_get_first(struct gmem_ctx *ctx);

/**
 * gmem_backing_get_next() - the backing after this one
 * @backing: the backing
 *
 * Return: the backing, or NULL after the last.
 */
struct gmem_backing *gmem_backing_get_next(struct gmem_backing *backing);

/** gmem_backing_foreach() - for each @backing of @ctx */
#define gmem_backing_foreach(ctx, backing) \
	for (backing = gmem_backing_get_first(ctx); backing; \
	     backing = gmem_backing_get_next(backing))

/**
 * gmem_backing_get_ctx() - the context of a backing
 * @backing: the backing
 *
 * Return: the context, without a reference of its own.
 */
struct gmem_ctx *gmem_backing_get_ctx(const struct gmem_backing *backing);

/**
 * gmem_backing_get_pool_name() - the pool that the memory is from
 * @backing: the backing
 *
 * Return: the name of the pool, as long as the backing lives.
 */
const char *gmem_backing_get_pool_name(const struct gmem_backing *backing);

/**
 * gmem_backing_get_inode() - what tells the guest_memfd from others
 * @backing: the backing
 *
 * Return: the number of its inode.
 */
uint64_t gmem_backing_get_inode(const struct gmem_backing *backing);

/**
 * gmem_backing_get_size() - the memory that it holds
 * @backing: the backing
 * @bytes: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_backing_get_size(const struct gmem_backing *backing, uint64_t *bytes);

/**
 * gmem_backing_get_extents() - of how many contiguous pieces it is
 * @backing: the backing
 * @nr: where to store the number
 *
 * Return: 0 or -errno.
 */
int gmem_backing_get_extents(const struct gmem_backing *backing, uint64_t *nr);

/**
 * gmem_owner_get_first() - the first process that has a guest_memfd open
 * @backing: the backing
 *
 * Return: the owner with the smallest process id; there is at least one.
 */
struct gmem_owner *gmem_owner_get_first(struct gmem_backing *backing);

/**
 * gmem_owner_get_next() - the owner after this one
 * @owner: the owner
 *
 * Return: the owner, or NULL after the last.
 */
struct gmem_owner *gmem_owner_get_next(struct gmem_owner *owner);

/** gmem_owner_foreach() - for each @owner of @backing */
#define gmem_owner_foreach(backing, owner) \
	for (owner = gmem_owner_get_first(backing); owner; \
	     owner = gmem_owner_get_next(owner))

/**
 * gmem_owner_get_backing() - what the owner has open
 * @owner: the owner
 *
 * Return: the backing.
 */
struct gmem_backing *gmem_owner_get_backing(const struct gmem_owner *owner);

/**
 * gmem_owner_get_pid() - the process
 * @owner: the owner
 *
 * Return: its process id.
 */
unsigned int gmem_owner_get_pid(const struct gmem_owner *owner);

/**
 * gmem_owner_get_fd() - the file descriptor
 * @owner: the owner
 *
 * Return: the smallest of those that the process has for the guest_memfd.
 */
unsigned int gmem_owner_get_fd(const struct gmem_owner *owner);

/**
 * gmem_owner_get_uid() - the user that the process runs as
 * @owner: the owner
 * @uid: where to store the real user id
 *
 * Return: 0 or -errno.
 */
int gmem_owner_get_uid(const struct gmem_owner *owner, uint32_t *uid);

/**
 * gmem_owner_get_command() - the name of the process
 * @owner: the owner
 *
 * Return: the name, at most 15 bytes; NULL if it could not be read.
 */
const char *gmem_owner_get_command(const struct gmem_owner *owner);

/**
 * gmem_owner_get_cgroup() - the control group of the process
 * @owner: the owner
 *
 * Return: the path in the unified hierarchy, or where there is none in the
 * first of the others; NULL if it could not be read.
 */
const char *gmem_owner_get_cgroup(const struct gmem_owner *owner);

/* Memory blocks of the machine */

/**
 * gmem_scan_blocks() - read the memory blocks anew
 * @ctx: the context
 *
 * The blocks of the scan before are freed.  Memory of pools is in no block.
 *
 * Return: 0, -ENOMEM, or the errno of reading the directories.
 */
int gmem_scan_blocks(struct gmem_ctx *ctx);

/**
 * gmem_block_get_first() - the first memory block, by address
 * @ctx: the context; it is scanned for blocks if it never was
 *
 * Return: the block, or NULL if there is none or the scan failed.
 */
struct gmem_block *gmem_block_get_first(struct gmem_ctx *ctx);

/**
 * gmem_block_get_next() - the block after this one
 * @block: the block
 *
 * Return: the block, or NULL after the last.
 */
struct gmem_block *gmem_block_get_next(struct gmem_block *block);

/** gmem_block_foreach() - for each memory @block of the machine of @ctx */
#define gmem_block_foreach(ctx, block) \
	for (block = gmem_block_get_first(ctx); block; \
	     block = gmem_block_get_next(block))

/**
 * gmem_block_get_id() - the number of a block
 * @block: the block
 *
 * Return: its physical address, in units of gmem_get_block_size().
 */
unsigned int gmem_block_get_id(const struct gmem_block *block);

/**
 * gmem_block_get_node() - the node that a block is on
 * @block: the block
 * @node: where to store it
 *
 * Return: 0, or -ENODATA if it is on none or on several.
 */
int gmem_block_get_node(const struct gmem_block *block, int *node);

/**
 * gmem_block_get_state() - is the block in use?
 * @block: the block
 *
 * Return: "online", "offline", or what the kernel says; NULL if it could not
 * be read.
 */
const char *gmem_block_get_state(const struct gmem_block *block);

/**
 * gmem_block_get_zones() - the zone that the block is in
 * @block: the block
 *
 * Return: its zone, "none" for several; those that it could be in if it is
 * offline; NULL if it could not be read.
 */
const char *gmem_block_get_zones(const struct gmem_block *block);

/**
 * gmem_block_get_driver() - who added the memory of the block
 * @block: the block
 *
 * Return: the name of the driver; NULL if no driver did, or if the caller may
 * not know it because it is not root.
 */
const char *gmem_block_get_driver(const struct gmem_block *block);

/**
 * enum gmem_obstacle - why a memory block cannot be taken into a pool
 * @GMEM_OBSTACLE_NONE: nothing, it has movable memory only
 * @GMEM_OBSTACLE_KERNEL: it is in a zone where the kernel may have put
 *	something that cannot be moved; only trying shows
 * @GMEM_OBSTACLE_OFFLINE: it is not in use
 * @GMEM_OBSTACLE_DRIVER: a driver added it, and could take it away
 * @GMEM_OBSTACLE_ACPI: it is in a memory device that can be unplugged
 * @GMEM_OBSTACLE_ZONES: it is in several zones or nodes
 * @GMEM_OBSTACLE_UNKNOWN: its state could not be read
 */
enum gmem_obstacle {
	GMEM_OBSTACLE_NONE,
	GMEM_OBSTACLE_KERNEL,
	GMEM_OBSTACLE_OFFLINE,
	GMEM_OBSTACLE_DRIVER,
	GMEM_OBSTACLE_ACPI,
	GMEM_OBSTACLE_ZONES,
	GMEM_OBSTACLE_UNKNOWN,
};

/**
 * gmem_block_get_obstacle() - what is in the way of taking a block?
 * @block: the block
 *
 * This is what can be seen from outside; the kernel knows more, for example
 * pages with memory errors, and can refuse a block that nothing is said about.
 *
 * Return: the obstacle.
 */
enum gmem_obstacle gmem_block_get_obstacle(const struct gmem_block *block);

/* Events */

/**
 * gmem_monitor_new() - listen to what happens to pools
 * @ctx: the context; it is scanned, and must be used by this thread only
 * @monitor: where to store it; the caller has the only reference
 *
 * Return: 0, -EOPNOTSUPP, -ENOMEM, or -errno.
 */
int gmem_monitor_new(struct gmem_ctx *ctx, struct gmem_monitor **monitor);

/**
 * gmem_monitor_ref() - take a reference
 * @monitor: the monitor
 *
 * Return: @monitor.
 */
struct gmem_monitor *gmem_monitor_ref(struct gmem_monitor *monitor);

/**
 * gmem_monitor_unref() - drop a reference; the last one ends listening
 * @monitor: the monitor, or NULL
 *
 * Return: NULL, to be assigned to the caller's pointer.
 */
struct gmem_monitor *gmem_monitor_unref(struct gmem_monitor *monitor);

/**
 * gmem_monitor_get_fd() - what to poll
 * @monitor: the monitor
 *
 * Return: a file descriptor that is readable when there may be an event; it
 * belongs to the monitor.
 */
int gmem_monitor_get_fd(const struct gmem_monitor *monitor);

/**
 * gmem_monitor_receive() - take the next event
 * @monitor: the monitor
 * @event: where to store it, for gmem_event_free()
 *
 * Does not wait.
 *
 * Return: 0, -EAGAIN if there is none yet (poll again), -ENOMEM, or -errno.
 */
int gmem_monitor_receive(struct gmem_monitor *monitor,
			 struct gmem_event **event);

/**
 * gmem_event_free() - free an event
 * @event: the event, or NULL
 */
void gmem_event_free(struct gmem_event *event);

/**
 * gmem_event_get_action() - what kind of event it is
 * @event: the event
 *
 * Return: "add" or "remove" (a pool), "change" (see gmem_event_get_what()),
 * "state" (see gmem_event_get_state()), "lost" (events were lost: scan again),
 * or what a later kernel says.
 */
const char *gmem_event_get_action(const struct gmem_event *event);

/**
 * gmem_event_get_pool_name() - which pool it is about
 * @event: the event
 *
 * Return: the name; NULL for "lost".
 */
const char *gmem_event_get_pool_name(const struct gmem_event *event);

/**
 * gmem_event_get_what() - what has changed
 * @event: the event
 *
 * Return: "size", or what a later kernel says; NULL if the kernel did not say.
 */
const char *gmem_event_get_what(const struct gmem_event *event);

/**
 * gmem_event_get_old_state() - the state of the pool before the event
 * @event: the event
 *
 * Return: the state; NULL if it is not known or the action is not "state".
 */
const char *gmem_event_get_old_state(const struct gmem_event *event);

/**
 * gmem_event_get_state() - the state of the pool since the event
 * @event: the event
 *
 * States that last shortly may be left out.
 *
 * Return: the state; NULL if the action is not "state".
 */
const char *gmem_event_get_state(const struct gmem_event *event);

/* Changes.  Each is one write that changes everything or nothing, may take
 * long, and ends with -EINTR when the thread that waits gets a signal.
 */

/**
 * gmem_create_pool() - make a pool out of System RAM
 * @ctx: the context
 * @name: its name
 * @bytes: its size, whole memory blocks; 0 for an empty pool
 * @node: where to take the memory, now and later; GMEM_NODE_ANY for any
 *
 * Return: 0; an errno of gmem_check_name(); -EINVAL (size), -EEXIST, -ENOSPC
 * (not so much memory can be taken), -EINTR, -ENOMEM, -EOPNOTSUPP, or the errno of
 * opening the file.
 */
int gmem_create_pool(struct gmem_ctx *ctx, const char *name, uint64_t bytes,
		     int node);

/**
 * gmem_create_elastic_pool() - make a pool that grows when guests need memory
 * @ctx: the context
 * @name: its name
 * @bytes: what it always has, in whole memory blocks
 * @node: where to take memory, or GMEM_NODE_ANY
 * @max: how large it may become by itself
 * @delay_ms: milliseconds that free memory stays before it becomes System RAM
 *
 * Return: as gmem_create_pool(); -EINVAL if @max is 0.
 */
int gmem_create_elastic_pool(struct gmem_ctx *ctx, const char *name,
			     uint64_t bytes, int node, uint64_t max,
			     uint64_t delay_ms);

/**
 * gmem_delete_pool() - give all memory of a pool back and remove the pool
 * @ctx: the context
 * @name: its name
 *
 * After -EINTR the pool is still there with the memory that it has not yet
 * returned.
 *
 * Return: 0, -ENOENT, -EBUSY (a guest_memfd holds memory, or memory is
 * poisoned), -EINTR, -ENOMEM, -EOPNOTSUPP, or the errno of opening the file.
 */
int gmem_delete_pool(struct gmem_ctx *ctx, const char *name);

/**
 * gmem_resize_pool() - take more System RAM, or give some back
 * @ctx: the context
 * @name: the pool
 * @bytes: its new size
 *
 * Return: 0, -ENOENT, -EINVAL, -EBUSY (shrinking: not enough blocks are free),
 * -ENOSPC (growing), -EINTR, -ENOMEM, -EOPNOTSUPP, or the errno of opening the
 * file.
 */
int gmem_resize_pool(struct gmem_ctx *ctx, const char *name, uint64_t bytes);

/**
 * gmem_compact_pool() - make one range of those that are neighbours
 * @ctx: the context
 * @name: the name of the pool
 *
 * Memory is not moved; guests can use it meanwhile.
 *
 * Return: 0, -ENOENT if there is no such pool, or the errno of the write.
 */
int gmem_compact_pool(struct gmem_ctx *ctx, const char *name);

/**
 * gmem_set_node_policy() - say on which node a pool grows and shrinks
 * @ctx: the context
 * @name: the pool
 * @node: the node, GMEM_NODE_ANY for any
 *
 * Return: 0, -ENOENT, -EINVAL, -EOPNOTSUPP, or the errno of opening the file.
 */
int gmem_set_node_policy(struct gmem_ctx *ctx, const char *name, int node);

/**
 * gmem_set_elastic() - let a pool grow when guests need memory, or not
 * @ctx: the context
 * @name: the pool
 * @max: how large it may become by itself; 0: it keeps the size that it has
 * @delay_ms: milliseconds that free memory stays before it becomes System RAM;
 *	      not used if @max is 0
 *
 * Return: 0, -ENOENT, -EINVAL, -EOPNOTSUPP, or the errno of opening a file.
 */
int gmem_set_elastic(struct gmem_ctx *ctx, const char *name, uint64_t max,
		     uint64_t delay_ms);

/**
 * gmem_set_reserved() - set what an elastic pool keeps when it is free
 * @ctx: the context
 * @name: the pool
 * @bytes: how much, without the memory of devices
 *
 * A pool that has less grows, as by gmem_resize_pool().  What one has beyond this
 * goes back when it is free, as what it has taken for guests does.
 *
 * Return: 0, -ENOENT, -EINVAL (also if the pool is not elastic), -ENOSPC, -EINTR,
 * -EOPNOTSUPP, or the errno of opening the file.
 */
int gmem_set_reserved(struct gmem_ctx *ctx, const char *name, uint64_t bytes);

/**
 * gmem_set_keep_free() - set how much memory pools leave to the host
 * @ctx: the context
 * @bytes: what has to stay available when a pool takes System RAM; 0 for no limit
 *
 * Return: 0, -EINVAL, -ENOENT, or the errno of opening the file.
 */
int gmem_set_keep_free(struct gmem_ctx *ctx, uint64_t bytes);

/**
 * gmem_read_progress() - how far is a change that another thread waits for?
 * @ctx: a context that only this thread uses
 * @name: the pool
 * @state: where to store the state ("growing")
 * @len: the size of @state
 * @bytes: where to store the System RAM that was taken or returned
 *
 * Return: 0, -ENOENT if there is no pool of that name (yet), or -errno.
 */
int gmem_read_progress(struct gmem_ctx *ctx, const char *name, char *state,
		       size_t len, uint64_t *bytes);

/* DAX devices */

/**
 * enum gmem_dax_mode - what a DAX device is used for
 * @GMEM_DAX_GMEM: memory of a pool, by the driver gmem
 * @GMEM_DAX_DEVDAX: a file that programs map, by the driver device_dax
 * @GMEM_DAX_SYSTEM_RAM: System RAM, by the driver kmem; movable, if nobody has
 *	set it online yet
 * @GMEM_DAX_KERNEL_RAM: System RAM that the kernel may use for itself, too
 *	("online_kernel"), and that may never go back
 */
enum gmem_dax_mode {
	GMEM_DAX_GMEM,
	GMEM_DAX_DEVDAX,
	GMEM_DAX_SYSTEM_RAM,
	GMEM_DAX_KERNEL_RAM,
};

/**
 * gmem_dax_parse_mode() - a mode by its name
 * @text: "gmem", "devdax" or "system-ram"
 * @mode: where to store it
 *
 * Return: 0, or -EINVAL.
 */
int gmem_dax_parse_mode(const char *text, enum gmem_dax_mode *mode);

/**
 * gmem_scan_dax() - read all DAX devices anew
 * @ctx: the context
 *
 * The devices of the scan before are gone.
 *
 * Return: 0, also if the kernel has no DAX bus; -ENOMEM, or the errno of
 * reading the directory.
 */
int gmem_scan_dax(struct gmem_ctx *ctx);

/**
 * gmem_dax_get_first() - the first DAX device, in the order of names
 * @ctx: the context; it is scanned if it never was
 *
 * Return: the device, or NULL if there is none or the scan failed.
 */
struct gmem_dax *gmem_dax_get_first(struct gmem_ctx *ctx);

/**
 * gmem_dax_get_next() - the DAX device after this one
 * @dax: a device of the latest scan
 *
 * Return: the device, or NULL after the last.
 */
struct gmem_dax *gmem_dax_get_next(struct gmem_dax *dax);

/** gmem_dax_foreach() - for each @dax of @ctx */
#define gmem_dax_foreach(ctx, dax) \
	for (dax = gmem_dax_get_first(ctx); dax; dax = gmem_dax_get_next(dax))

/**
 * gmem_dax_get_name() - the name of a DAX device
 * @dax: the device
 *
 * Return: the name, "dax0.0", as long as the device lives.
 */
const char *gmem_dax_get_name(const struct gmem_dax *dax);

/**
 * gmem_dax_get_driver() - the driver that has a DAX device
 * @dax: the device
 *
 * Return: its name, or NULL if there is none.
 */
const char *gmem_dax_get_driver(const struct gmem_dax *dax);

/**
 * gmem_dax_get_mode() - what a DAX device is used for
 * @dax: the device
 *
 * Return: "gmem", "devdax" or "system-ram"; the name of the driver if it is
 * another; NULL if there is none.
 */
const char *gmem_dax_get_mode(const struct gmem_dax *dax);

/**
 * gmem_dax_get_pool() - the pool that has the memory of a DAX device
 * @dax: the device
 *
 * Return: the name, or NULL if no pool has it.
 */
const char *gmem_dax_get_pool(const struct gmem_dax *dax);

/**
 * gmem_dax_get_state() - whether the memory of a DAX device is System RAM
 * @dax: the device
 *
 * Return: what the driver kmem says: "unplugged", "offline", "online",
 * "online_kernel" or "online_movable"; NULL with other drivers.
 */
const char *gmem_dax_get_state(const struct gmem_dax *dax);

/**
 * gmem_dax_get_node() - the node that the memory of a DAX device is on
 * @dax: the device
 * @node: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_dax_get_node(const struct gmem_dax *dax, int *node);

/**
 * gmem_dax_get_size() - the memory of a DAX device
 * @dax: the device
 * @bytes: where to store it
 *
 * Return: 0 or -errno.
 */
int gmem_dax_get_size(const struct gmem_dax *dax, uint64_t *bytes);

/**
 * gmem_dax_get_start() - where the memory of a DAX device begins
 * @dax: the device
 * @start: where to store the physical address
 *
 * Return: 0; -EACCES if the user is not root; or -errno.
 */
int gmem_dax_get_start(const struct gmem_dax *dax, uint64_t *start);

/**
 * gmem_dax_get_source() - what a DAX device is made of
 * @dax: the device
 *
 * Return: "hmem" (memory that the firmware has set apart), "cxl" (a region of CXL
 * memory) or "pmem" (a namespace of persistent memory); NULL for anything else.
 */
const char *gmem_dax_get_source(const struct gmem_dax *dax);

/**
 * gmem_dax_is_persistent() - does a DAX device keep its contents without power?
 * @dax: the device
 *
 * What is in it is lost when it becomes memory of a pool or System RAM.
 *
 * Return: true for persistent memory.
 */
bool gmem_dax_is_persistent(const struct gmem_dax *dax);

/**
 * gmem_reconfigure_dax() - give a DAX device another mode
 * @ctx: the context
 * @name: the device, "dax0.0"
 * @mode: the mode
 * @pool: with GMEM_DAX_GMEM, the pool that gets the memory; NULL for none
 *
 * Memory is never taken from whoever uses it.  After an error, what was changed
 * until then is set back: driver, pool, and the state of System RAM.
 *
 * Return: 0, also if nothing had to be done; -ENOENT if there is no such
 * device (or pool, see gmem_get_last_error()); -ENXIO if the driver is not
 * loaded; -EBUSY if the memory is in use; -EIO if the driver does not take the
 * device; -EINVAL for a pool that cannot be; or the errno of a write.
 */
int gmem_reconfigure_dax(struct gmem_ctx *ctx, const char *name,
			 enum gmem_dax_mode mode, const char *pool);

#ifdef __cplusplus
}
#endif

#endif /* LIBGMEM_H */
