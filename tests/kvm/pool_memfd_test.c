// SPDX-License-Identifier: GPL-2.0
/*
 * A guest_memfd with memory from a pool, seen as a file: creation and its
 * errors, the default pool, sizes, fallocate() and the mapping of the host.
 * No guest runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "kvm_syscalls.h"
#include "pool_util.h"

#define DEFAULT_POOL	"/sys/module/kvm/parameters/gmem_default_pool"

FIXTURE(memfd) {
	struct kvm_vm *vm;
	int pool;
};

FIXTURE_VARIANT(memfd) {
	unsigned long type;
};

FIXTURE_VARIANT_ADD(memfd, default_vm) {
	.type = KVM_X86_DEFAULT_VM,
};

FIXTURE_VARIANT_ADD(memfd, sw_protected_vm) {
	.type = KVM_X86_SW_PROTECTED_VM,
};

FIXTURE_SETUP(memfd)
{
	if (!(kvm_check_cap(KVM_CAP_VM_TYPES) & BIT(variant->type)))
		SKIP(return, "no VMs of type %lu", variant->type);
	pool_wait_users(0);
	self->vm = vm_create_barebones_type(variant->type);
	self->pool = pool_open();
}

FIXTURE_TEARDOWN(memfd)
{
	close(self->pool);
	kvm_vm_free(self->vm);
}

static int set_default_pool(const char *name)
{
	int fd = open(DEFAULT_POOL, O_WRONLY | O_TRUNC);
	int r, err;

	TEST_ASSERT(fd >= 0, "cannot open " DEFAULT_POOL);
	r = write(fd, name, strlen(name));
	err = r < 0 ? errno : 0;
	close(fd);
	return err;
}

static void get_default_pool(char *name, int size)
{
	FILE *f = fopen(DEFAULT_POOL, "r");

	TEST_ASSERT(f && fgets(name, size, f), "cannot read " DEFAULT_POOL);
	fclose(f);
	name[strcspn(name, "\n")] = '\0';
}

TEST_F(memfd, capability)
{
	EXPECT_EQ(1, kvm_check_cap(KVM_CAP_GUEST_MEMFD_POOL));
	EXPECT_EQ(1, vm_check_cap(self->vm, KVM_CAP_GUEST_MEMFD_POOL));
}

/* Whatever is no pool is EINVAL, the answer to a flag that is not supported. */
TEST_F(memfd, wrong_fd)
{
	int null = open("/dev/null", O_RDWR);
	int memfd = vm_create_guest_memfd(self->vm, PAGE_SIZE, 0);
	const int fds[] = { -1, 0, 9999, null, memfd, self->vm->fd, INT_MIN };
	int i;

	for (i = 0; i < ARRAY_SIZE(fds); i++) {
		EXPECT_EQ(-1, __pool_create(self->vm, SZ_2M, 0, fds[i]));
		EXPECT_EQ(EINVAL, errno);
	}
}

TEST_F(memfd, reserved_fields)
{
	struct kvm_create_guest_memfd args = {
		.size = PAGE_SIZE,
		.flags = GUEST_MEMFD_FLAG_POOL,
		.pool_fd = self->pool,
	};
	int i, fd;

	args.pad = 1;
	EXPECT_EQ(-1, __vm_ioctl(self->vm, KVM_CREATE_GUEST_MEMFD, &args));
	EXPECT_EQ(EINVAL, errno);
	args.pad = 0;

	for (i = 0; i < ARRAY_SIZE(args.reserved); i++) {
		args.reserved[i] = 1;
		EXPECT_EQ(-1, __vm_ioctl(self->vm, KVM_CREATE_GUEST_MEMFD, &args));
		EXPECT_EQ(EINVAL, errno);
		args.reserved[i] = 0;
	}

	fd = __vm_ioctl(self->vm, KVM_CREATE_GUEST_MEMFD, &args);
	ASSERT_GE(fd, 0);
	close(fd);

	/* Programs that do not know the field may have left anything there. */
	memset(&args.pool_fd, 0xa5, sizeof(args) - offsetof(typeof(args), pool_fd));
	args.flags = 0;
	fd = __vm_ioctl(self->vm, KVM_CREATE_GUEST_MEMFD, &args);
	ASSERT_GE(fd, 0);
	EXPECT_STREQ("", pool_file_info(fd, "gmem-pool"));
	close(fd);
}

TEST_F(memfd, size)
{
	static const u64 bad[] = { 0, 1, PAGE_SIZE - 1, SZ_2M + 1, 1ull << 63 };
	static const u64 good[] = { PAGE_SIZE, SZ_16K, SZ_2M - PAGE_SIZE, SZ_2M,
				    SZ_2M + PAGE_SIZE, SZ_64M - SZ_4K };
	const u64 available = pool_attr("available");
	char want[64];
	int i, fd;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-1, __pool_create(self->vm, bad[i], 0, self->pool));
		EXPECT_EQ(EINVAL, errno);
	}

	for (i = 0; i < ARRAY_SIZE(good); i++) {
		u64 rounded = (good[i] + SZ_2M - 1) & ~(SZ_2M - 1ull);
		struct stat st;

		fd = pool_create(self->vm, good[i], 0);
		ASSERT_EQ(0, fstat(fd, &st));
		EXPECT_EQ(good[i], st.st_size);
		EXPECT_EQ(available - rounded, pool_attr("available"));
		EXPECT_STREQ(pool_name(), pool_file_info(fd, "gmem-pool"));
		snprintf(want, sizeof(want), "%lu", (unsigned long)rounded);
		EXPECT_STREQ(want, pool_file_info(fd, "gmem-size"));
		close(fd);
		pool_wait_users(0);
	}
}

TEST_F(memfd, no_space)
{
	const u64 available = pool_attr("available");
	static const u64 more[] = { SZ_2M, SZ_1G, 1ull << 40, 1ull << 50 };
	int i, fd;

	for (i = 0; i < ARRAY_SIZE(more); i++) {
		EXPECT_EQ(-1, __pool_create(self->vm, available + more[i], 0,
					    self->pool));
		EXPECT_EQ(ENOSPC, errno);
	}
	EXPECT_EQ(-1, __pool_create(self->vm, LLONG_MAX - PAGE_SIZE + 1, 0,
				    self->pool));
	EXPECT_EQ(ENOSPC, errno);
	EXPECT_EQ(available, pool_attr("available"));

	/* The last page can be had, and then nothing. */
	fd = pool_create(self->vm, available, 0);
	EXPECT_EQ(0, pool_attr("available"));
	EXPECT_EQ(-1, __pool_create(self->vm, PAGE_SIZE, 0, self->pool));
	EXPECT_EQ(ENOSPC, errno);
	close(fd);
	pool_wait_users(0);
	EXPECT_EQ(available, pool_attr("available"));
}

TEST_F(memfd, default_pool)
{
	char old[64], now[64];
	int fd;

	get_default_pool(old, sizeof(old));

	/* With the newline that echo appends. */
	snprintf(now, sizeof(now), "%s\n", pool_name());
	ASSERT_EQ(0, set_default_pool(now));
	get_default_pool(now, sizeof(now));
	EXPECT_STREQ(pool_name(), now);

	fd = vm_create_guest_memfd(self->vm, SZ_16K, GUEST_MEMFD_FLAG_MMAP);
	EXPECT_STREQ(pool_name(), pool_file_info(fd, "gmem-pool"));
	close(fd);

	/* A pool that does not exist is no reason to take other memory. */
	ASSERT_EQ(0, set_default_pool("no-such-pool\n"));
	EXPECT_EQ(-1, __vm_create_guest_memfd(self->vm, PAGE_SIZE, 0));
	EXPECT_EQ(ENOENT, errno);

	/* Who names a pool does not care. */
	fd = pool_create(self->vm, PAGE_SIZE, 0);
	EXPECT_STREQ(pool_name(), pool_file_info(fd, "gmem-pool"));
	close(fd);

	EXPECT_EQ(ENAMETOOLONG,
		  set_default_pool("a-name-that-is-longer-than-any-pool-can-have"));
	get_default_pool(now, sizeof(now));
	EXPECT_STREQ("no-such-pool", now);

	ASSERT_EQ(0, set_default_pool("\n"));
	fd = vm_create_guest_memfd(self->vm, PAGE_SIZE, 0);
	EXPECT_STREQ("", pool_file_info(fd, "gmem-pool"));
	close(fd);

	set_default_pool(*old ? old : "\n");
}

TEST_F(memfd, allocate)
{
	int fd = pool_create(self->vm, SZ_16K, 0);

	EXPECT_EQ(0, fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, SZ_16K));
	EXPECT_EQ(0, fallocate(fd, FALLOC_FL_KEEP_SIZE, SZ_4K, SZ_4K));
	EXPECT_EQ(-1, fallocate(fd, FALLOC_FL_KEEP_SIZE, SZ_4K, SZ_16K));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, fallocate(fd, FALLOC_FL_KEEP_SIZE, 1, SZ_4K));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, fallocate(fd, 0, 0, SZ_16K));
	EXPECT_EQ(EOPNOTSUPP, errno);
	close(fd);
}

/* Memory that is not shared cannot be touched by the host. */
TEST_F(memfd, private_memory)
{
	int fd = pool_create(self->vm, SZ_4M, GUEST_MEMFD_FLAG_MMAP);
	char *mem = kvm_mmap(SZ_4M, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	TEST_EXPECT_SIGBUS((void)READ_ONCE(mem[0]));
	TEST_EXPECT_SIGBUS(WRITE_ONCE(mem[SZ_2M], 1));
	pool_punch(fd, 0, SZ_4M);
	TEST_EXPECT_SIGBUS((void)READ_ONCE(mem[0]));

	kvm_munmap(mem, SZ_4M);
	close(fd);
}

TEST_F(memfd, mmap_needs_flag)
{
	int fd = pool_create(self->vm, SZ_2M, 0);

	EXPECT_EQ(MAP_FAILED, mmap(NULL, SZ_2M, PROT_READ, MAP_SHARED, fd, 0));
	EXPECT_EQ(ENODEV, errno);
	close(fd);

	fd = pool_create(self->vm, SZ_2M, GUEST_MEMFD_FLAG_MMAP);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, SZ_2M, PROT_READ, MAP_PRIVATE, fd, 0));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
}

static bool set_knob(const char *dir, const char *name, const char *value)
{
	char path[128];
	int fd, r;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", dir, name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return false;
	r = write(fd, value, strlen(value));
	close(fd);
	return r > 0;
}

/* Let allocations that may sleep fail as well, silently. */
static bool set_up_failures(void)
{
	return set_knob("failslab", "ignore-gfp-wait", "N") &&
	       set_knob("failslab", "verbose", "0") &&
	       set_knob("fail_page_alloc", "ignore-gfp-wait", "N") &&
	       set_knob("fail_page_alloc", "min-order", "0") &&
	       set_knob("fail_page_alloc", "verbose", "0");
}

/* The @nth allocation from now on fails. */
static void fail_nth(int fd, int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);

	TEST_ASSERT(pwrite(fd, text, len, 0) == len, "cannot write fail-nth");
}

/* Has it been reached? */
static bool has_failed(int fd)
{
	char text[16] = {};

	TEST_ASSERT(pread(fd, text, sizeof(text) - 1, 0) > 0, "cannot read fail-nth");
	return atoi(text) == 0;
}

/* Let each allocation fail in turn: no memory of the pool is lost. */
TEST_F_TIMEOUT(memfd, allocations_fail, 120)
{
	const u64 size = SZ_64M + SZ_2M;
	const u64 available = pool_attr("available");
	int nth, fd, err, fail, failures = 0;
	bool failed = true;

	fail = open("/proc/thread-self/fail-nth", O_RDWR);
	if (fail < 0 || !set_up_failures())
		SKIP(return, "the kernel has no fault injection");

	for (nth = 1; failed; nth++) {
		fail_nth(fail, nth);
		fd = __pool_create(self->vm, size, GUEST_MEMFD_FLAG_MMAP,
				   self->pool);
		err = errno;
		failed = has_failed(fail);
		fail_nth(fail, 0);

		if (fd < 0) {
			EXPECT_EQ(ENOMEM, err);
			failures++;
		} else {
			close(fd);
		}
		pool_wait_users(0);
		ASSERT_EQ(available, pool_attr("available"));
	}
	EXPECT_GE(fd, 0);
	EXPECT_GE(failures, 3);
	TH_LOG("%d allocations, %d of them needed", nth - 2, failures);
	close(fail);
}

/* What follows needs memory that the host may access. */
FIXTURE(shared) {
	struct kvm_vm *vm;
	void *mem;
	u64 size;
	int fd;
};

FIXTURE_VARIANT(shared) {
	u64 size;
};

FIXTURE_VARIANT_ADD(shared, 16k) {
	.size = SZ_16K,
};

FIXTURE_VARIANT_ADD(shared, 2m) {
	.size = SZ_2M,
};

FIXTURE_VARIANT_ADD(shared, 66m) {
	.size = SZ_64M + SZ_2M + SZ_4K,
};

FIXTURE_VARIANT_ADD(shared, 1g) {
	.size = SZ_1G + SZ_4M,
};

FIXTURE_SETUP(shared)
{
	pool_wait_users(0);
	self->vm = vm_create_barebones();
	self->size = variant->size;
	self->fd = pool_create(self->vm, self->size, POOL_SHARED);
	/* More than the file has. */
	self->mem = kvm_mmap(self->size + SZ_4M, PROT_READ | PROT_WRITE,
			     MAP_SHARED, self->fd);
}

FIXTURE_TEARDOWN(shared)
{
	kvm_munmap(self->mem, self->size + SZ_4M);
	close(self->fd);
	kvm_vm_free(self->vm);
	pool_wait_users(0);
}

static long faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt + usage.ru_majflt;
}

TEST_F_TIMEOUT(shared, is_zero, 120)
{
	pool_host_check_zero(self->mem, self->size);
}

/* One fault for each GiB, then for each 2 MiB, then for each page. */
TEST_F_TIMEOUT(shared, faults, 120)
{
	const u64 g1 = pool_has_1g() ? self->size / SZ_1G : 0;
	const u64 m2 = (self->size - g1 * SZ_1G) / SZ_2M;
	const u64 k4 = (self->size % SZ_2M) / SZ_4K;
	long before;

	pool_host_write(self->mem, 0, 0, 1);
	before = faults();
	pool_host_write(self->mem, self->size, 0, 1);
	EXPECT_EQ(g1 + m2 + k4, faults() - before);
	pool_host_check(self->mem, self->size, 0, 1);
}

TEST_F_TIMEOUT(shared, end_of_file, 120)
{
	volatile char *mem = self->mem;

	WRITE_ONCE(mem[self->size - 1], 1);
	TEST_EXPECT_SIGBUS((void)READ_ONCE(mem[self->size]));
	TEST_EXPECT_SIGBUS(WRITE_ONCE(mem[self->size], 1));
	TEST_EXPECT_SIGBUS((void)READ_ONCE(mem[self->size + SZ_2M]));
	EXPECT_EQ(1, READ_ONCE(mem[self->size - 1]));
}

TEST_F_TIMEOUT(shared, punch_hole, 120)
{
	const u64 size = self->size;
	u64 start = size / 2 / PAGE_SIZE * PAGE_SIZE;

	pool_host_write(self->mem, size, 0, 2);

	/* One page, with neighbours on both sides in the same large entry. */
	pool_punch(self->fd, start, PAGE_SIZE);
	pool_host_check_zero(self->mem + start, PAGE_SIZE);
	pool_host_check(self->mem, start, 0, 2);
	pool_host_check(self->mem + start + PAGE_SIZE, size - start - PAGE_SIZE,
			start / PAGE_SIZE + 1, 2);

	/* From there to beyond the end. */
	pool_host_write(self->mem + start, PAGE_SIZE, start / PAGE_SIZE, 2);
	pool_punch(self->fd, start, SZ_2G);
	pool_host_check(self->mem, start, 0, 2);
	pool_host_check_zero(self->mem + start, size - start);

	/* All. It can be used as before. */
	pool_punch(self->fd, 0, size);
	pool_host_check_zero(self->mem, size);
	pool_host_write(self->mem, size, 0, 3);
	pool_host_check(self->mem, size, 0, 3);

	/* Nothing of it was given back. */
	EXPECT_EQ(1, pool_attr("users"));
	EXPECT_EQ(pool_attr("size") - ((size + SZ_2M - 1) & ~(SZ_2M - 1ull)),
		  pool_attr("available"));
}

/* A new owner sees nothing of the old one, even before the scrubber ran. */
TEST_F_TIMEOUT(shared, next_owner, 120)
{
	const u64 all = pool_attr("available") + ((self->size + SZ_2M - 1) &
						  ~(SZ_2M - 1ull));
	int fd;

	pool_host_write(self->mem, self->size, 0, 4);
	kvm_munmap(self->mem, self->size + SZ_4M);
	close(self->fd);

	fd = pool_create(self->vm, all, POOL_SHARED);
	self->mem = kvm_mmap(all, PROT_READ, MAP_SHARED, fd);
	pool_host_check_zero(self->mem, all);
	kvm_munmap(self->mem, all);
	close(fd);

	/* For the teardown. */
	self->fd = pool_create(self->vm, self->size, POOL_SHARED);
	self->mem = kvm_mmap(self->size + SZ_4M, PROT_READ, MAP_SHARED, self->fd);
}

TEST_HARNESS_MAIN
