// SPDX-License-Identifier: GPL-2.0
/*
 * libgmem as a program sees it.  The arguments are directories with the
 * recorded trees "numa", "none" and "host"; the first is written to.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include <libgmem.h>

#include "test.h"

#define GIB	(1ULL << 30)

static struct gmem_pool *find(struct gmem_ctx *ctx, const char *name)
{
	struct gmem_pool *pool;

	gmem_pool_foreach(ctx, pool)
		if (!strcmp(gmem_pool_get_name(pool), name))
			return pool;
	return NULL;
}

static void test_names(void)
{
	check("a name of one digit", !gmem_check_name("0"));
	check("a name of 31 characters",
	      !gmem_check_name("a.b-c_D0123456789012345678901Xy"));
	check("a name of 32 characters",
	      gmem_check_name("a.b-c_D0123456789012345678901Xyz") ==
	      -ENAMETOOLONG);
	check("the empty name", gmem_check_name("") == -EINVAL);
	check("a name with a dot first", gmem_check_name(".a") == -EINVAL);
	check("a name with a slash", gmem_check_name("a/b") == -EINVAL);
	check("a name with a newline", gmem_check_name("a\n") == -EINVAL);
	check("a name with a byte above 127",
	      gmem_check_name("\303\244") == -EINVAL);
	check("the name of a file of the class",
	      gmem_check_name("create") == -EEXIST);
}

static void test_iteration(struct gmem_ctx *ctx)
{
	static const char *const order[] = { "boot", "empty", "vm2", "vm10" };
	struct gmem_range *range;
	struct gmem_node *node;
	struct gmem_pool *pool;
	unsigned int i = 0, n = 0;
	bool sorted = true;
	uint64_t num, sum = 0;
	int nid;

	gmem_pool_foreach(ctx, pool)
		sorted = sorted && i < 4 &&
			 !strcmp(gmem_pool_get_name(pool), order[i++]);
	check("pools are in the order of names and numbers", sorted && i == 4);

	pool = find(ctx, "boot");
	gmem_node_foreach(pool, node) {
		sorted = sorted && gmem_node_get_id(node) == (int)n++;
		sorted = sorted && gmem_node_get_pool(node) == pool;
		sorted = sorted && !gmem_node_get_size(node, &num);
		sum += num;
	}
	check("nodes are in order, and sum up to the pool",
	      sorted && n == 2 && sum == 8 * GIB);

	n = 0;
	gmem_range_foreach(pool, range) {
		sorted = sorted && gmem_range_get_id(range) == n;
		sorted = sorted && gmem_range_get_pool(range) == pool;
		sorted = sorted && !gmem_range_get_node(range, &nid) &&
			 nid == (int)n++;
		sorted = sorted && !strcmp(gmem_range_get_origin(range),
					   "boot");
	}
	check("ranges are in order and have their values", sorted && n == 2);

	range = gmem_range_get_first(pool);
	check("an address is hexadecimal",
	      !gmem_range_get_start(range, &num) && num == 0x100000000);
	range = gmem_range_get_first(find(ctx, "vm10"));
	num = 42;
	check("what cannot be read says why and stores nothing",
	      gmem_range_get_start(range, &num) == -ENOENT && num == 42);

	pool = find(ctx, "empty");
	check("an empty pool has no nodes and no ranges",
	      !*gmem_pool_get_nodes(pool) && !gmem_node_get_first(pool) &&
	      !gmem_range_get_first(pool));
	check("and a node to grow on",
	      !gmem_pool_get_node_policy(pool, &nid) && nid == 1);
	check("used leaves out what is poisoned",
	      !gmem_pool_get_used(find(ctx, "vm2"), &num) && num == GIB);
}

static void test_references(struct gmem_ctx *ctx)
{
	struct gmem_pool *pool, *other;
	uint64_t size;

	pool = gmem_pool_ref(find(ctx, "boot"));
	check("a new scan", !gmem_scan(ctx));
	other = find(ctx, "boot");
	check("makes new objects", other && other != pool);
	check("and a reference keeps the old one",
	      !gmem_pool_get_size(pool, &size) && size == 8 * GIB &&
	      gmem_range_get_first(pool));
	check("outside of the iteration", !gmem_pool_get_next(pool));

	/* The pool has the last reference to this context. */
	gmem_ref(ctx);
	check("a pool knows its context", gmem_pool_get_ctx(pool) == ctx);
	gmem_unref(ctx);
	check("dropping it returns NULL", !gmem_pool_unref(pool));
}

static void test_last_reference(const char *dir)
{
	struct gmem_ctx *ctx;
	struct gmem_pool *pool;

	if (gmem_new(&ctx) || gmem_set_sysroot(ctx, dir) ||
	    gmem_pool_lookup(ctx, "vm2", &pool)) {
		check("a pool is looked up", false);
		return;
	}
	gmem_unref(ctx);
	check("a pool keeps its context alive",
	      gmem_range_get_first(pool) &&
	      gmem_pool_get_ctx(pool) == ctx);
	gmem_pool_unref(pool);
	check("NULL can be dropped", !gmem_pool_unref(NULL) &&
	      !gmem_unref(NULL));
}

static void test_lookup(struct gmem_ctx *ctx)
{
	struct gmem_pool *pool;

	check("a pool that is not there",
	      gmem_pool_lookup(ctx, "nope", &pool) == -ENOENT);
	check("a file of the class is no pool",
	      gmem_pool_lookup(ctx, "create", &pool) == -ENOENT);
	check("no path leads out of the class",
	      gmem_pool_lookup(ctx, "../gmem", &pool) == -ENOENT &&
	      gmem_pool_lookup(ctx, "..", &pool) == -ENOENT &&
	      gmem_pool_lookup(ctx, "", &pool) == -ENOENT);
}

static void test_machine(struct gmem_ctx *ctx)
{
	char nodes[16];
	uint64_t bytes;

	check("the size of a memory block",
	      !gmem_get_block_size(ctx, &bytes) && bytes == 128 << 20);
	check("the memory of the machine",
	      !gmem_get_mem_total(ctx, GMEM_NODE_ANY, &bytes) &&
	      bytes == 16301204ULL * 1024);
	check("the memory of a node",
	      !gmem_get_mem_total(ctx, 1, &bytes) &&
	      bytes == 8188372ULL * 1024);
	check("a node that is not there",
	      gmem_get_mem_total(ctx, 7, &bytes) == -ENOENT);
	check("the nodes", !gmem_get_nodes(ctx, nodes, sizeof(nodes)) &&
	      !strcmp(nodes, "0-1"));
}

struct record {
	char text[512];
	bool skip;
};

static bool on_write(struct gmem_ctx *ctx, const char *path, const char *value)
{
	struct record *record = gmem_get_userdata(ctx);
	const char *name = strstr(path, "/sys/");
	size_t len = strlen(record->text);

	snprintf(record->text + len, sizeof(record->text) - len, "%s=%s;",
		 name ? name : path, value);
	return !record->skip;
}

static bool file_has(const char *dir, const char *name, const char *text)
{
	char path[4096], buf[256] = "";
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/sys/class/gmem/%s", dir, name);
	fd = open(path, O_RDONLY);
	len = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	return len >= 0 && !strcmp(buf, text);
}

static void test_writes(struct gmem_ctx *ctx, const char *dir)
{
	struct record record = { .skip = true };

	gmem_set_userdata(ctx, &record);
	gmem_set_write_fn(ctx, on_write);
	check("writes can be left out",
	      !gmem_create_pool(ctx, "a", GIB, 1) &&
	      !gmem_resize_pool(ctx, "vm2", 0) &&
	      !gmem_delete_pool(ctx, "vm2") &&
	      file_has(dir, "create", "\n") &&
	      file_has(dir, "vm2/size", "2147483648\n") &&
	      file_has(dir, "delete", "\n"));
	check("after they were shown",
	      !strcmp(record.text,
		      "/sys/class/gmem/create=a size=1073741824 node=1;"
		      "/sys/class/gmem/vm2/size=0;"
		      "/sys/class/gmem/delete=vm2;"));

	record.skip = false;
	check("creating writes the file",
	      !gmem_create_pool(ctx, "b", 0, GMEM_NODE_ANY) &&
	      file_has(dir, "create", "b size=0"));
	check("resizing, too", !gmem_resize_pool(ctx, "vm2", 3 * GIB) &&
	      file_has(dir, "vm2/size", "3221225472"));
	check("and setting the node",
	      !gmem_set_node_policy(ctx, "vm2", GMEM_NODE_ANY) &&
	      file_has(dir, "vm2/node", "-1"));
	check("a bad name is not written",
	      gmem_create_pool(ctx, "a b", 0, 0) == -EINVAL &&
	      file_has(dir, "create", "b size=0"));
	check("nothing is written for a pool that is not there",
	      gmem_resize_pool(ctx, "nope", 0) == -ENOENT &&
	      gmem_set_node_policy(ctx, "../gmem", 0) == -ENOENT);
	gmem_set_write_fn(ctx, NULL);
	check("no write has failed", !gmem_get_last_error(ctx));
}

/* A file that is always full: the write fails, and there are words. */
static void test_last_error(struct gmem_ctx *ctx, const char *dir)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/sys/class/gmem/vm10/last_error", dir);
	file = fopen(path, "w");
	if (!file || fputs("no\n", file) < 0 || fclose(file)) {
		check("words of the kernel", false);
		return;
	}
	snprintf(path, sizeof(path), "%s/sys/class/gmem/vm10/compact", dir);
	remove(path);
	check("what fails before the kernel has no words",
	      symlink("/dev/full", path) == 0 &&
	      gmem_compact_pool(ctx, "vm10") == -ENOSPC &&
	      gmem_get_last_error(ctx) &&
	      !strcmp(gmem_get_last_error(ctx), "no") &&
	      gmem_resize_pool(ctx, "no/pool", 0) == -ENOENT &&
	      !gmem_get_last_error(ctx));
}

static void test_progress(struct gmem_ctx *ctx)
{
	char state[32];
	uint64_t bytes;

	check("the progress of a change",
	      !gmem_read_progress(ctx, "vm10", state, sizeof(state), &bytes) &&
	      !strcmp(state, "growing") && bytes == 384 << 20);
	check("of a pool that is not there yet",
	      gmem_read_progress(ctx, "nope", state, sizeof(state), &bytes) ==
	      -ENOENT);
}

static void count_log(struct gmem_ctx *ctx, int priority, const char *message)
{
	int *count = gmem_get_userdata(ctx);

	(void)priority;
	(void)message;
	(*count)++;
}

static void test_log(struct gmem_ctx *ctx)
{
	int count = 0;
	uint64_t bytes;

	gmem_set_userdata(ctx, &count);
	gmem_set_log_fn(ctx, count_log);
	gmem_get_mem_total(ctx, 7, &bytes);
	check("a new context logs only errors",
	      gmem_get_log_priority(ctx) == LOG_ERR && !count);
	gmem_set_log_priority(ctx, LOG_DEBUG);
	gmem_get_mem_total(ctx, 7, &bytes);
	check("and more when told to", count == 1);
	gmem_set_log_fn(ctx, NULL);
}

/*
 * The state of a pool that goes away: a pipe without a writer has nothing to read
 * and is always ready, as such a file is.  It has what the scan of the pools takes
 * out of it.
 */
static void test_monitor(struct gmem_ctx *ctx, const char *dir)
{
	struct pollfd fd = { .events = POLLIN };
	struct gmem_monitor *monitor;
	struct gmem_event *event;
	char path[PATH_MAX], text[4095] = "";
	int writer;

	snprintf(path, sizeof(path), "%s/sys/class/gmem/vm10/state", dir);
	remove(path);
	writer = mkfifo(path, 0600) ? -1 : open(path, O_RDWR);
	if (writer < 0 || write(writer, text, sizeof(text)) < 0 ||
	    gmem_monitor_new(ctx, &monitor)) {
		check("a monitor", false);
		return;
	}
	fd.fd = gmem_monitor_get_fd(monitor);
	check("nothing happens", !poll(&fd, 1, 0));
	close(writer);
	check("a pool goes away",
	      poll(&fd, 1, 0) == 1 &&
	      gmem_monitor_receive(monitor, &event) == -EAGAIN);
	check("and is told of once", !poll(&fd, 1, 0));
	gmem_monitor_unref(monitor);
}

static void test_unsupported(const char *dir)
{
	struct gmem_pool *pool;
	struct gmem_ctx *ctx;

	if (gmem_new(&ctx) || gmem_set_sysroot(ctx, dir)) {
		check("a context", false);
		return;
	}
	check("a kernel without pools",
	      gmem_check_supported(ctx) == -EOPNOTSUPP &&
	      gmem_scan(ctx) == -EOPNOTSUPP && !gmem_pool_get_first(ctx) &&
	      gmem_pool_lookup(ctx, "a", &pool) == -EOPNOTSUPP &&
	      gmem_create_pool(ctx, "a", 0, GMEM_NODE_ANY) == -EOPNOTSUPP &&
	      gmem_delete_pool(ctx, "a") == -EOPNOTSUPP &&
	      gmem_resize_pool(ctx, "a", 0) == -EOPNOTSUPP);
	check("another root that is not there changes nothing",
	      gmem_set_sysroot(ctx, "/nonexistent") == -ENOENT &&
	      gmem_check_supported(ctx) == -EOPNOTSUPP);
	gmem_unref(ctx);
}

static void test_backings(struct gmem_ctx *ctx)
{
	static const uint64_t inodes[] = { 1032, 1040, 1031 };
	struct gmem_backing *backing;
	struct gmem_owner *owner;
	unsigned int n = 0;
	bool good = true;
	uint64_t num;
	uint32_t uid;

	gmem_backing_foreach(ctx, backing) {
		good = good && n < 3 &&
		       gmem_backing_get_inode(backing) == inodes[n++];
		good = good && gmem_backing_get_ctx(backing) == ctx;
		gmem_owner_foreach(backing, owner)
			good = good &&
			       gmem_owner_get_backing(owner) == backing;
	}
	check("backings are found, by pool and inode", good && n == 3);

	backing = gmem_backing_get_first(ctx);
	check("they have a size and extents",
	      !gmem_backing_get_size(backing, &num) && num == 126 << 20 &&
	      !gmem_backing_get_extents(backing, &num) && num == 2 &&
	      !strcmp(gmem_backing_get_pool_name(backing), "vm2"));
	owner = gmem_owner_get_first(backing);
	check("a process with two descriptors is one owner",
	      gmem_owner_get_pid(owner) == 900 &&
	      gmem_owner_get_fd(owner) == 12 &&
	      !gmem_owner_get_uid(owner, &uid) && uid == 123456);
	owner = gmem_owner_get_next(owner);
	check("the cgroup is that of the unified hierarchy",
	      gmem_owner_get_pid(owner) == 1200 &&
	      !strcmp(gmem_owner_get_cgroup(owner),
		      "/system.slice/helper.service") &&
	      !strcmp(gmem_owner_get_command(owner), "helper"));
	check("there is no other", !gmem_owner_get_next(owner));
	check("nothing was hidden", !gmem_get_hidden_processes(ctx));
}

static void test_blocks(struct gmem_ctx *ctx)
{
	struct gmem_block *block, *last = NULL;
	unsigned int obstacles[GMEM_OBSTACLE_UNKNOWN + 1] = { 0 };
	bool sorted = true;
	int node = -7;

	gmem_block_foreach(ctx, block) {
		sorted = sorted && (!last || gmem_block_get_id(last) <
				    gmem_block_get_id(block));
		obstacles[gmem_block_get_obstacle(block)]++;
		last = block;
	}
	check("blocks are in order", sorted && last);
	check("each has its obstacle",
	      obstacles[GMEM_OBSTACLE_NONE] == 4 &&
	      obstacles[GMEM_OBSTACLE_KERNEL] == 2 &&
	      obstacles[GMEM_OBSTACLE_OFFLINE] == 1 &&
	      obstacles[GMEM_OBSTACLE_DRIVER] == 3 &&
	      obstacles[GMEM_OBSTACLE_ACPI] == 1 &&
	      obstacles[GMEM_OBSTACLE_ZONES] == 1 &&
	      obstacles[GMEM_OBSTACLE_UNKNOWN] == 1);
	check("the last is of a driver",
	      !strcmp(gmem_block_get_driver(last), "virtio_mem") &&
	      !strcmp(gmem_block_get_state(last), "online") &&
	      !strcmp(gmem_block_get_zones(last), "Movable") &&
	      !gmem_block_get_node(last, &node) && node == 1);
	node = -7;
	check("a block of two nodes is of none",
	      gmem_block_get_node(gmem_block_get_first(ctx), &node) ==
	      -ENODATA && node == -7);
	check("a new scan of blocks", !gmem_scan_blocks(ctx));
}

static void test_host(const char *dir)
{
	struct gmem_ctx *ctx;

	if (gmem_new(&ctx))
		return;
	check("another tree", !gmem_set_sysroot(ctx, dir));
	test_backings(ctx);
	test_blocks(ctx);
	check("a new root forgets them",
	      !gmem_set_sysroot(ctx, "/proc/self/fdinfo") &&
	      !gmem_backing_get_first(ctx) && !gmem_block_get_first(ctx));
	gmem_unref(ctx);
}

int main(int argc, char **argv)
{
	struct gmem_ctx *ctx;

	if (argc != 4 || gmem_new(&ctx) || gmem_set_sysroot(ctx, argv[1]))
		return 2;
	test_names();
	test_iteration(ctx);
	test_references(ctx);
	test_last_reference(argv[1]);
	test_lookup(ctx);
	test_machine(ctx);
	test_progress(ctx);
	test_writes(ctx, argv[1]);
	test_last_error(ctx, argv[1]);
	test_log(ctx);
	test_monitor(ctx, argv[1]);
	check("the last reference", !gmem_unref(ctx));
	test_unsupported(argv[2]);
	test_host(argv[3]);
	return failures ? 1 : 0;
}
