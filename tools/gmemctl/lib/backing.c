// SPDX-License-Identifier: LGPL-2.1
/*
 * Who holds memory of pools: the guest_memfds that processes have open, found
 * by the lines of their fdinfo.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "private.h"

/* A process that has one of them open; its files are read once. */
struct process {
	struct process *next;
	unsigned int pid;
	int uid_err;
	uint32_t uid;
	char *command;
	char *cgroup;
};

struct gmem_owner {
	struct gmem_owner *next;
	struct gmem_backing *backing;
	struct process *process;
	unsigned int fd;
};

struct gmem_backing {
	struct gmem_backing *next;
	struct gmem_ctx *ctx;
	struct gmem_owner *owners, **last_owner;
	char *pool;
	uint64_t inode;
	struct value size;
	struct value extents;
};

/* One file descriptor, before those of the same file are put together. */
struct found {
	uint64_t inode;
	char *pool;
	struct value size;
	struct value extents;
	struct process *process;
	unsigned int fd;
};

struct scan {
	struct gmem_ctx *ctx;
	struct found *v;
	size_t nr;
	size_t room;
	unsigned int pid;		/* that is being looked at */
	struct process *process;	/* NULL as long as it has none */
};

static void free_processes(struct process *process)
{
	struct process *next;

	for (; process; process = next) {
		next = process->next;
		free(process->command);
		free(process->cgroup);
		free(process);
	}
}

void backings_forget(struct gmem_ctx *ctx)
{
	struct gmem_backing *backing, *next_backing;
	struct gmem_owner *owner, *next;

	for (backing = ctx->backings; backing; backing = next_backing) {
		next_backing = backing->next;
		for (owner = backing->owners; owner; owner = next) {
			next = owner->next;
			free(owner);
		}
		free(backing->pool);
		free(backing);
	}
	ctx->backings = NULL;
	free_processes(ctx->processes);
	ctx->processes = NULL;
	ctx->hidden_processes = 0;
	ctx->backings_scanned = false;
}

/* The text after "key:" and blanks, for free(); NULL if there is none. */
static char *get_field(const char *text, const char *key)
{
	size_t len = strlen(key);
	const char *line;

	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, len) && line[len] == ':') {
			line += len + 1;
			line += strspn(line, " \t");
			return strndup(line, strcspn(line, "\n"));
		}
	}
	return NULL;
}

static struct value get_number(const char *text, const char *key)
{
	struct value value = { .err = -ENODATA };
	char *field = get_field(text, key);

	if (field)
		value.err = parse_u64(field, 10, &value.num);
	free(field);
	return value;
}

/* The group of the unified hierarchy, or the first of the older ones. */
static char *get_cgroup(const char *text)
{
	const char *line = text, *path;

	if (strncmp(text, "0::", 3)) {
		line = strstr(text, "\n0::");
		line = line ? line + 1 : text;
	}
	path = strchr(line, ':');
	path = path ? strchr(path + 1, ':') : NULL;
	return path ? strndup(path + 1, strcspn(path + 1, "\n")) : NULL;
}

static struct process *read_process(struct gmem_ctx *ctx, unsigned int pid)
{
	struct process *process = calloc(1, sizeof(*process));
	char buf[VALUE_MAX];
	char *uid = NULL;

	if (!process)
		return NULL;
	process->pid = pid;
	process->command = sysfs_read_string(ctx, "proc/%u/comm", pid);
	if (!sysfs_read(ctx, buf, sizeof(buf), "proc/%u/cgroup", pid))
		process->cgroup = get_cgroup(buf);
	if (!sysfs_read(ctx, buf, sizeof(buf), "proc/%u/status", pid))
		uid = get_field(buf, "Uid");
	if (!uid || sscanf(uid, "%" SCNu32, &process->uid) != 1)
		process->uid_err = -ENODATA;
	free(uid);
	process->next = ctx->processes;
	ctx->processes = process;
	return process;
}

/*
 * Most files of most processes are of these kinds; they have no lines of pools,
 * and fdinfo is dear for some of them.
 */
static bool cannot_be_backing(struct gmem_ctx *ctx, unsigned int pid,
			      const char *fd)
{
	static const char *const kinds[] = {
		"socket:[", "pipe:[", "anon_inode:[event", "anon_inode:inotify",
	};
	char link[64];
	size_t i;

	if (sysfs_readlink(ctx, link, sizeof(link), "proc/%u/fd/%s", pid, fd))
		return false;
	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!strncmp(link, kinds[i], strlen(kinds[i])))
			return true;
	return false;
}

static int add_fd(void *arg, const char *name)
{
	struct scan *scan = arg;
	struct found *found;
	struct value inode;
	char buf[VALUE_MAX];
	unsigned int fd;
	char *pool;

	if (parse_index(name, "", &fd) ||
	    cannot_be_backing(scan->ctx, scan->pid, name) ||
	    sysfs_read(scan->ctx, buf, sizeof(buf), "proc/%u/fdinfo/%s",
		       scan->pid, name))
		return 0;
	pool = get_field(buf, "gmem-pool");
	if (!pool)
		return 0;
	inode = get_number(buf, "ino");
	if (inode.err) {
		free(pool);
		return 0;
	}

	if (!scan->process)
		scan->process = read_process(scan->ctx, scan->pid);
	if (scan->nr == scan->room) {
		size_t room = scan->room ? 2 * scan->room : 64;
		struct found *v = reallocarray(scan->v, room, sizeof(*v));

		if (v) {
			scan->v = v;
			scan->room = room;
		}
	}
	if (!scan->process || scan->nr == scan->room) {
		free(pool);
		return -ENOMEM;
	}
	found = &scan->v[scan->nr++];
	*found = (struct found){
		.inode = inode.num,
		.pool = pool,
		.size = get_number(buf, "gmem-size"),
		.extents = get_number(buf, "gmem-extents"),
		.process = scan->process,
		.fd = fd,
	};
	return 0;
}

/* A process that ends meanwhile has nothing. */
static int add_process(void *arg, const char *name)
{
	struct scan *scan = arg;
	char path[64];
	int err;

	if (parse_index(name, "", &scan->pid))
		return 0;
	scan->process = NULL;
	snprintf(path, sizeof(path), "proc/%u/fdinfo", scan->pid);
	err = sysfs_list(scan->ctx, path, add_fd, scan);
	if (err == -EACCES || err == -EPERM)
		scan->ctx->hidden_processes++;
	return err == -ENOMEM ? err : 0;
}

/* Pools in their order, files by number, owners by process. */
static int compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int diff = strverscmp(x->pool, y->pool);

	if (diff)
		return diff;
	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	if (x->process->pid != y->process->pid)
		return x->process->pid < y->process->pid ? -1 : 1;
	return (x->fd > y->fd) - (x->fd < y->fd);
}

static struct gmem_backing *new_backing(struct gmem_ctx *ctx,
					struct found *found)
{
	struct gmem_backing *backing = calloc(1, sizeof(*backing));

	if (!backing)
		return NULL;
	backing->ctx = ctx;
	backing->last_owner = &backing->owners;
	backing->inode = found->inode;
	backing->size = found->size;
	backing->extents = found->extents;
	backing->pool = found->pool;
	found->pool = NULL;
	return backing;
}

/* A process that has a file open several times owns it once. */
static int add_owner(struct gmem_backing *backing, const struct found *found)
{
	struct gmem_owner *owner = calloc(1, sizeof(*owner));

	if (!owner)
		return -ENOMEM;
	owner->backing = backing;
	owner->process = found->process;
	owner->fd = found->fd;
	*backing->last_owner = owner;
	backing->last_owner = &owner->next;
	return 0;
}

static int put_together(struct gmem_ctx *ctx, struct scan *scan)
{
	struct gmem_backing **tail = &ctx->backings, *backing = NULL;
	struct process *process = NULL;
	struct found *found;
	int err;

	for (found = scan->v; found < scan->v + scan->nr; found++) {
		if (!backing || backing->inode != found->inode) {
			backing = new_backing(ctx, found);
			if (!backing)
				return -ENOMEM;
			*tail = backing;
			tail = &backing->next;
			process = NULL;
		}
		if (found->process == process)
			continue;
		process = found->process;
		err = add_owner(backing, found);
		if (err)
			return err;
	}
	return 0;
}

int gmem_scan_backings(struct gmem_ctx *ctx)
{
	struct scan scan = { .ctx = ctx };
	size_t i;
	int err;

	backings_forget(ctx);
	ctx->backings_scanned = true;

	err = gmem_check_supported(ctx);
	if (!err)
		err = sysfs_list(ctx, "proc", add_process, &scan);
	if (!err && scan.nr) {
		qsort(scan.v, scan.nr, sizeof(*scan.v), compare_found);
		err = put_together(ctx, &scan);
	}
	for (i = 0; i < scan.nr; i++)
		free(scan.v[i].pool);
	free(scan.v);
	return err;
}

unsigned int gmem_get_hidden_processes(struct gmem_ctx *ctx)
{
	return ctx->hidden_processes;
}

struct gmem_backing *gmem_backing_get_first(struct gmem_ctx *ctx)
{
	if (!ctx->backings_scanned)
		gmem_scan_backings(ctx);
	return ctx->backings;
}

struct gmem_backing *gmem_backing_get_next(struct gmem_backing *backing)
{
	return backing->next;
}

struct gmem_ctx *gmem_backing_get_ctx(const struct gmem_backing *backing)
{
	return backing->ctx;
}

const char *gmem_backing_get_pool_name(const struct gmem_backing *backing)
{
	return backing->pool;
}

uint64_t gmem_backing_get_inode(const struct gmem_backing *backing)
{
	return backing->inode;
}

int gmem_backing_get_size(const struct gmem_backing *backing, uint64_t *bytes)
{
	return get_value(&backing->size, bytes);
}

int gmem_backing_get_extents(const struct gmem_backing *backing, uint64_t *nr)
{
	return get_value(&backing->extents, nr);
}

struct gmem_owner *gmem_owner_get_first(struct gmem_backing *backing)
{
	return backing->owners;
}

struct gmem_owner *gmem_owner_get_next(struct gmem_owner *owner)
{
	return owner->next;
}

struct gmem_backing *gmem_owner_get_backing(const struct gmem_owner *owner)
{
	return owner->backing;
}

unsigned int gmem_owner_get_pid(const struct gmem_owner *owner)
{
	return owner->process->pid;
}

unsigned int gmem_owner_get_fd(const struct gmem_owner *owner)
{
	return owner->fd;
}

int gmem_owner_get_uid(const struct gmem_owner *owner, uint32_t *uid)
{
	if (!owner->process->uid_err)
		*uid = owner->process->uid;
	return owner->process->uid_err;
}

const char *gmem_owner_get_command(const struct gmem_owner *owner)
{
	return owner->process->command;
}

const char *gmem_owner_get_cgroup(const struct gmem_owner *owner)
{
	return owner->process->cgroup;
}
