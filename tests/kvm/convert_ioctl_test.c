// SPDX-License-Identifier: GPL-2.0
/*
 * KVM_SET_MEMORY_ATTRIBUTES2 as user space sees it: capabilities, errors, ranges,
 * what the host can access, the size of its mappings, and that conversions
 * neither allocate nor care who wants references.  No guest runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mm/gup_test.h>

#include "kselftest_harness.h"
#include "kvm_syscalls.h"
#include "convert_util.h"

#define PRIVATE	KVM_MEMORY_ATTRIBUTE_PRIVATE

FIXTURE(ioctl) {
	struct kvm_vm *vm;
};

FIXTURE_SETUP(ioctl)
{
	if (!(kvm_check_cap(KVM_CAP_VM_TYPES) & BIT(KVM_X86_SW_PROTECTED_VM)))
		SKIP(return, "no software-protected VMs (needs the TDP MMU)");
	if (!in_place_conversion())
		SKIP(return, "kvm.gmem_in_place_conversion is off");
	pool_wait_users(0);
	self->vm = vm_create_barebones_type(KVM_X86_SW_PROTECTED_VM);
}

FIXTURE_TEARDOWN(ioctl)
{
	kvm_vm_free(self->vm);
}

static int set_attrs(int fd, struct kvm_memory_attributes2 *args)
{
	return ioctl(fd, KVM_SET_MEMORY_ATTRIBUTES2, args) ? errno : 0;
}

static char *map(int fd, u64 size)
{
	return kvm_mmap(size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
}

/* Bind a file, so that it can be checked. */
static void bind(struct kvm_vm *vm, int fd, u64 size)
{
	vm_set_user_memory_region2(vm, POOL_SLOT, KVM_MEM_GUEST_MEMFD, POOL_GPA,
				   size, NULL, fd, 0);
}

TEST_F(ioctl, numbers)
{
	EXPECT_EQ(0xc080aed2, KVM_SET_MEMORY_ATTRIBUTES2);
	EXPECT_EQ(128, sizeof(struct kvm_memory_attributes2));
	EXPECT_EQ(0, offsetof(struct kvm_memory_attributes2, address));
	EXPECT_EQ(0, offsetof(struct kvm_memory_attributes2, offset));
	EXPECT_EQ(32, offsetof(struct kvm_memory_attributes2, error_offset));
	EXPECT_EQ(252, KVM_CAP_GUEST_MEMFD_MEMORY_ATTRIBUTES);
}

TEST_F(ioctl, capabilities)
{
	struct kvm_memory_attributes old = {
		.size = PAGE_SIZE,
		.attributes = PRIVATE,
	};
	struct kvm_vm *plain = vm_create_barebones();

	EXPECT_EQ(PRIVATE, kvm_check_cap(KVM_CAP_GUEST_MEMFD_MEMORY_ATTRIBUTES));
	EXPECT_EQ(PRIVATE, vm_check_cap(self->vm,
					KVM_CAP_GUEST_MEMFD_MEMORY_ATTRIBUTES));
	EXPECT_EQ(0, vm_check_cap(plain, KVM_CAP_GUEST_MEMFD_MEMORY_ATTRIBUTES));
	EXPECT_EQ(0, kvm_check_cap(KVM_CAP_MEMORY_ATTRIBUTES));
	EXPECT_EQ(0, vm_check_cap(self->vm, KVM_CAP_MEMORY_ATTRIBUTES));
	EXPECT_EQ(POOL_SHARED, vm_check_cap(self->vm, KVM_CAP_GUEST_MEMFD_FLAGS));

	/* The attributes of the VM are none any more. */
	EXPECT_EQ(-1, __vm_ioctl(self->vm, KVM_SET_MEMORY_ATTRIBUTES, &old));
	EXPECT_EQ(EINVAL, errno);
	kvm_vm_free(plain);
}

TEST_F(ioctl, errors)
{
	const u64 size = SZ_2M + 4 * SZ_4K;
	const struct {
		struct kvm_memory_attributes2 args;
		int err;
	} cases[] = {
		{ { .size = 0 }, EINVAL },
		{ { .size = 1 }, EINVAL },
		{ { .size = SZ_4K - 1 }, EINVAL },
		{ { .offset = 1, .size = SZ_4K }, EINVAL },
		{ { .offset = SZ_2K, .size = SZ_2K }, EINVAL },
		{ { .offset = size, .size = SZ_4K }, EINVAL },
		{ { .size = size + SZ_4K }, EINVAL },
		{ { .offset = SZ_4K, .size = size }, EINVAL },
		/* The memory is there, but it is not of the file. */
		{ { .offset = SZ_2M, .size = SZ_2M }, EINVAL },
		{ { .offset = SZ_4K, .size = -SZ_4K }, EINVAL },
		{ { .offset = -SZ_4K, .size = 2 * SZ_4K }, EINVAL },
		{ { .size = SZ_4K, .flags = 1 }, EINVAL },
		{ { .size = SZ_4K, .flags = 1ull << 63 }, EINVAL },
		{ { .size = SZ_4K, .attributes = 1 }, EINVAL },
		{ { .size = SZ_4K, .attributes = PRIVATE | 1 }, EINVAL },
		{ { .size = SZ_4K, .attributes = 1ull << 63 }, EINVAL },
		{ { .size = SZ_4K, .reserved[0] = 1 }, EINVAL },
		{ { .size = SZ_4K, .reserved[10] = 1 }, EINVAL },
		{ { .size = size }, 0 },
		{ { .offset = size - SZ_4K, .size = SZ_4K }, 0 },
		/* It is for errors only. */
		{ { .size = SZ_4K, .error_offset = 12345 }, 0 },
	};
	int fd = pool_create(self->vm, size, POOL_SHARED);
	struct kvm_memory_attributes2 args;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		args = cases[i].args;
		EXPECT_EQ(cases[i].err, set_attrs(fd, &args))
			TH_LOG("case %d", i);
		args.attributes |= PRIVATE;
		EXPECT_EQ(cases[i].err, set_attrs(fd, &args))
			TH_LOG("case %d, private", i);
		EXPECT_EQ(cases[i].args.error_offset, args.error_offset);
		convert(fd, 0, size, false);
	}
	EXPECT_EQ(EFAULT, set_attrs(fd, NULL));
	EXPECT_EQ(EFAULT, set_attrs(fd, (void *)-128ul));
	EXPECT_EQ(-1, ioctl(fd, KVM_SET_MEMORY_ATTRIBUTES, &args));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-1, ioctl(self->vm->fd, KVM_SET_MEMORY_ATTRIBUTES2, &args));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(0, nr_private(fd));
	close(fd);
}

/* The arguments are copied back when the call fails, that is never. */
TEST_F(ioctl, read_only_arguments)
{
	struct kvm_memory_attributes2 *args;
	int fd = pool_create(self->vm, SZ_2M, POOL_SHARED);

	args = kvm_mmap(PAGE_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1);
	args->size = SZ_2M;
	args->attributes = PRIVATE;
	ASSERT_EQ(0, mprotect(args, PAGE_SIZE, PROT_READ));
	EXPECT_EQ(0, set_attrs(fd, args));
	EXPECT_EQ(0, set_attrs(fd, args));
	EXPECT_EQ(SZ_2M, nr_private(fd));
	close(fd);
}

TEST_F(ioctl, vm_without_private_memory)
{
	struct kvm_vm *plain = vm_create_barebones();
	int fd = pool_create(plain, SZ_2M, POOL_SHARED);

	EXPECT_EQ(EINVAL, __convert(fd, 0, SZ_4K, true));
	EXPECT_EQ(EINVAL, __convert(fd, 0, SZ_4K, false));
	kvm_vm_free(plain);
	close(fd);
}

/* The arguments themselves are in memory that the call makes private. */
TEST_F(ioctl, arguments_in_the_range)
{
	int fd = pool_create(self->vm, SZ_2M, POOL_SHARED);
	struct kvm_memory_attributes2 *args = (void *)map(fd, SZ_2M);

	args->size = SZ_2M;
	args->attributes = PRIVATE;
	EXPECT_EQ(0, set_attrs(fd, args));
	EXPECT_EQ(EFAULT, set_attrs(fd, args));
	convert(fd, 0, SZ_2M, false);
	EXPECT_EQ(SZ_2M, args->size);
	kvm_munmap(args, SZ_2M);
	close(fd);
}

static void expect_access(struct __test_metadata *_metadata, char *mem, u64 page,
			  bool can)
{
	EXPECT_EQ(can, host_can_access(mem + page * PAGE_SIZE))
		TH_LOG("page %lu", page);
}

/* What flags say is how the file begins; accesses and pages are counted. */
TEST_F(ioctl, initial_state)
{
	const u64 pages = 1024 + 3;
	int fd;
	char *mem;

	fd = pool_create(self->vm, pages * PAGE_SIZE, GUEST_MEMFD_FLAG_MMAP);
	mem = map(fd, pages * PAGE_SIZE);
	EXPECT_EQ(pages * PAGE_SIZE, nr_private(fd));
	TEST_EXPECT_SIGBUS(READ_ONCE(*mem));
	TEST_EXPECT_SIGBUS(WRITE_ONCE(mem[pages * PAGE_SIZE - 1], 1));
	convert(fd, 0, pages * PAGE_SIZE, false);
	EXPECT_EQ(0, nr_private(fd));
	pool_host_check_zero(mem, pages * PAGE_SIZE);
	kvm_munmap(mem, pages * PAGE_SIZE);
	close(fd);

	fd = pool_create(self->vm, pages * PAGE_SIZE, POOL_SHARED);
	mem = map(fd, pages * PAGE_SIZE);
	EXPECT_EQ(0, nr_private(fd));
	pool_host_check_zero(mem, pages * PAGE_SIZE);
	kvm_munmap(mem, pages * PAGE_SIZE);
	close(fd);

	/* Without MMAP there is nothing to map, but the attribute is there. */
	fd = pool_create(self->vm, PAGE_SIZE, GUEST_MEMFD_FLAG_INIT_SHARED);
	EXPECT_EQ(0, nr_private(fd));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE_SIZE, PROT_READ, MAP_SHARED, fd, 0));
	EXPECT_EQ(ENODEV, errno);
	close(fd);
}

/* Exactly the pages of the range, whatever borders it has. */
TEST_F_TIMEOUT(ioctl, ranges, 300)
{
	static const u64 edges[] = { 0, 1, 63, 64, 65, 511, 512, 513, 1023, 1024,
				     1025, 1535, 1536, 1540 };
	const u64 pages = edges[ARRAY_SIZE(edges) - 1];
	int fd = pool_create(self->vm, pages * PAGE_SIZE, POOL_SHARED);
	char *mem = map(fd, pages * PAGE_SIZE);
	int i, j, k, private;

	bind(self->vm, fd, pages * PAGE_SIZE);
	pool_host_write(mem, pages * PAGE_SIZE, 0, 1);

	for (private = 1; private >= 0; private--) {
		convert(fd, 0, pages * PAGE_SIZE, !private);
		for (i = 0; i < ARRAY_SIZE(edges); i++) {
			for (j = i + 1; j < ARRAY_SIZE(edges); j++) {
				u64 first = edges[i], last = edges[j];

				convert(fd, first * PAGE_SIZE,
					(last - first) * PAGE_SIZE, private);
				EXPECT_EQ((private ? last - first :
					   pages - (last - first)) * PAGE_SIZE,
					  nr_private(fd));
				for (k = 0; k < ARRAY_SIZE(edges) - 1; k++) {
					u64 p = edges[k];

					expect_access(_metadata, mem, p,
						      private != (p >= first &&
								  p < last));
				}
				expect_access(_metadata, mem, last - 1, !private);
				convert(fd, first * PAGE_SIZE,
					(last - first) * PAGE_SIZE, !private);
			}
		}
		CHECK_NO_MISMATCH(self->vm);
	}
	convert(fd, 0, pages * PAGE_SIZE, false);
	pool_host_check(mem, pages * PAGE_SIZE, 0, 1);
	kvm_munmap(mem, pages * PAGE_SIZE);
	close(fd);
}

/* A range with pages that are so already, alternating and in blocks. */
TEST_F_TIMEOUT(ioctl, mixed, 120)
{
	const u64 size = SZ_8M + SZ_16K;
	int fd = pool_create(self->vm, size, POOL_SHARED);
	char *mem = map(fd, size);
	u64 offset;

	bind(self->vm, fd, size);
	pool_host_write(mem, size, 0, 3);

	for (offset = 0; offset < SZ_2M; offset += 2 * SZ_4K)
		convert(fd, offset, SZ_4K, true);
	convert(fd, SZ_4M, SZ_2M, true);
	convert(fd, size - SZ_4K, SZ_4K, true);
	EXPECT_EQ(SZ_1M + SZ_2M + SZ_4K, nr_private(fd));
	pool_host_check(mem + SZ_4K, SZ_4K, 1, 3);
	CHECK_NO_MISMATCH(self->vm);

	convert(fd, 0, size, true);
	EXPECT_EQ(size, nr_private(fd));
	for (offset = 0; offset < size; offset += SZ_4K)
		expect_access(_metadata, mem, offset / SZ_4K, false);
	CHECK_NO_MISMATCH(self->vm);

	for (offset = 0; offset < SZ_2M; offset += 2 * SZ_4K)
		convert(fd, offset, SZ_4K, false);
	convert(fd, 0, size, false);
	EXPECT_EQ(0, nr_private(fd));
	pool_host_check(mem, size, 0, 3);
	CHECK_NO_MISMATCH(self->vm);
	kvm_munmap(mem, size);
	close(fd);
}

/* What does not change anything is not revoked. */
TEST_F_TIMEOUT(ioctl, nothing_to_do, 60)
{
	int fd = pool_create(self->vm, SZ_1G, POOL_SHARED);
	char *mem = map(fd, SZ_1G);
	struct check c;

	bind(self->vm, fd, SZ_1G);
	WRITE_ONCE(*mem, 1);
	c = check(self->vm);
	EXPECT_EQ(1, c.g1);
	convert(fd, 0, SZ_1G, false);
	convert(fd, SZ_4K, SZ_4K, false);
	c = check(self->vm);
	EXPECT_EQ(1, c.g1);

	/* And of a range only the part that changes. */
	convert(fd, SZ_512M, SZ_2M, true);
	WRITE_ONCE(*mem, 1);
	WRITE_ONCE(mem[SZ_512M - SZ_2M], 1);
	WRITE_ONCE(mem[SZ_512M + SZ_2M], 1);
	c = check(self->vm);
	EXPECT_EQ(3, c.m2);
	convert(fd, SZ_512M - SZ_1M, SZ_2M, true);
	c = check(self->vm);
	EXPECT_EQ(2, c.m2);
	kvm_munmap(mem, SZ_1G);
	close(fd);
}

/* Large mappings of user space shrink and come back at the next access. */
TEST_F_TIMEOUT(ioctl, user_page_sizes, 120)
{
	static const u64 sizes[] = { SZ_4K, SZ_2M, SZ_4M + SZ_4K, SZ_512M };
	const u64 middle = SZ_256M + SZ_2M;
	int fd = pool_create(self->vm, SZ_1G, POOL_SHARED);
	char *mem = map(fd, SZ_1G);
	struct check c;
	int i;

	if (!pool_has_1g())
		SKIP(return, "no 1 GiB pages");

	bind(self->vm, fd, SZ_1G);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		WRITE_ONCE(*mem, 1);
		c = check(self->vm);
		EXPECT_EQ(1, c.g1);
		EXPECT_EQ(0, c.m2 + c.k4);

		/* The rest of the GiB is 2 MiB, and less beside a page. */
		convert(fd, middle, sizes[i], true);
		WRITE_ONCE(*mem, 1);
		WRITE_ONCE(mem[middle - SZ_4K], 1);
		WRITE_ONCE(mem[middle + sizes[i]], 1);
		TEST_EXPECT_SIGBUS(WRITE_ONCE(mem[middle], 1));
		c = check(self->vm);
		EXPECT_EQ(0, c.g1 + c.user);
		EXPECT_EQ(!!(sizes[i] % SZ_2M), c.k4);
		EXPECT_EQ(3 - c.k4, c.m2);

		/* One access anywhere is enough. */
		convert(fd, middle, sizes[i], false);
		c = check(self->vm);
		EXPECT_EQ(0, c.g1 + c.m2 + c.k4);
		EXPECT_EQ(1, READ_ONCE(mem[middle + sizes[i]]));
		c = check(self->vm);
		EXPECT_EQ(1, c.g1);
		EXPECT_EQ(0, c.m2 + c.k4);
	}

	/* 2 MiB come back inside of a GiB that does not. */
	convert(fd, SZ_512M, SZ_4K, true);
	convert(fd, SZ_4K, SZ_4K, true);
	WRITE_ONCE(*mem, 1);
	c = check(self->vm);
	EXPECT_EQ(1, c.k4);
	convert(fd, SZ_4K, SZ_4K, false);
	WRITE_ONCE(*mem, 1);
	c = check(self->vm);
	EXPECT_EQ(0, c.g1 + c.k4 + c.user);
	EXPECT_EQ(1, c.m2);
	kvm_munmap(mem, SZ_1G);
	close(fd);
}

/* Every allocation fails meanwhile. */
TEST_F_TIMEOUT(ioctl, allocates_nothing, 120)
{
	static const struct {
		u64 offset, size;
	} ranges[] = {
		{ SZ_4K, SZ_4K },
		{ SZ_2M, SZ_2M },
		{ SZ_2M - SZ_4K, SZ_512M },
		{ 0, SZ_1G },
		{ 0, SZ_1G + SZ_4M },
	};
	const u64 size = SZ_1G + SZ_4M;
	int fd = pool_create(self->vm, size, POOL_SHARED);
	char *mem = map(fd, size);
	int i, r[2], proof;

	bind(self->vm, fd, size);

	for (i = 0; i < ARRAY_SIZE(ranges); i++) {
		WRITE_ONCE(*mem, 1);
		WRITE_ONCE(mem[SZ_1G], 1);

		fail_allocations_begin();
		proof = eventfd(0, 0);
		r[0] = __convert(fd, ranges[i].offset, ranges[i].size, true);
		r[1] = __convert(fd, ranges[i].offset, ranges[i].size, false);
		fail_allocations_end();

		EXPECT_EQ(-1, proof);
		EXPECT_EQ(0, r[0]);
		EXPECT_EQ(0, r[1]);
	}
	CHECK_NO_MISMATCH(self->vm);
	kvm_munmap(mem, size);
	close(fd);
}

/* There are no references to wait for: who wants one does not get it. */
TEST_F_TIMEOUT(ioctl, pins, 60)
{
	int fd = pool_create(self->vm, SZ_2M, POOL_SHARED);
	char *mem = map(fd, SZ_2M);
	struct pin_longterm_test args = {
		.addr = (u64)mem,
		.size = PAGE_SIZE,
		.flags = PIN_LONGTERM_TEST_FLAG_USE_WRITE,
	};
	struct iovec iov = { mem, PAGE_SIZE };
	int gup, p[2];

	WRITE_ONCE(*mem, 1);
	gup = open("/sys/kernel/debug/gup_test", O_RDWR);
	ASSERT_GE(gup, 0);
	EXPECT_EQ(-1, ioctl(gup, PIN_LONGTERM_TEST_START, &args));
	EXPECT_EQ(EFAULT, errno);
	ASSERT_EQ(0, pipe(p));
	EXPECT_EQ(-1, vmsplice(p[1], &iov, 1, 0));
	EXPECT_EQ(EFAULT, errno);

	EXPECT_EQ(0, __convert(fd, 0, SZ_2M, true));
	EXPECT_EQ(0, __convert(fd, 0, SZ_2M, false));
	EXPECT_EQ(1, READ_ONCE(*mem));
	close(gup);
	close(p[0]);
	close(p[1]);
	kvm_munmap(mem, SZ_2M);
	close(fd);
}

/* All mappings of all processes go; each child has copied page tables. */
TEST_F_TIMEOUT(ioctl, forked, 60)
{
	int fd = pool_create(self->vm, SZ_1G, POOL_SHARED);
	char *mem = map(fd, SZ_1G), byte = 0;
	int to[2], from[2], status;
	pid_t pid;

	WRITE_ONCE(*mem, 1);
	ASSERT_EQ(0, pipe(to));
	ASSERT_EQ(0, pipe(from));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (READ_ONCE(*mem) != 1)
			_exit(1);
		(void)!write(from[1], &byte, 1);
		(void)!read(to[0], &byte, 1);
		TEST_EXPECT_SIGBUS(READ_ONCE(*mem));
		/* Its neighbours are there still. */
		if (READ_ONCE(mem[PAGE_SIZE]) != 0)
			_exit(2);
		(void)!write(from[1], &byte, 1);
		(void)!read(to[0], &byte, 1);
		_exit(READ_ONCE(*mem) != 1);
	}

	ASSERT_EQ(1, read(from[0], &byte, 1));
	convert(fd, 0, SZ_4K, true);
	TEST_EXPECT_SIGBUS(READ_ONCE(*mem));
	ASSERT_EQ(1, write(to[1], &byte, 1));
	ASSERT_EQ(1, read(from[0], &byte, 1));
	convert(fd, 0, SZ_4K, false);
	ASSERT_EQ(1, write(to[1], &byte, 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(1, READ_ONCE(*mem));
	kvm_munmap(mem, SZ_1G);
	close(fd);
}

/* A hole is zero and what it was, private or shared. */
TEST_F_TIMEOUT(ioctl, punch_hole, 60)
{
	const u64 size = SZ_4M;
	int fd = pool_create(self->vm, size, POOL_SHARED);
	char *mem = map(fd, size);

	bind(self->vm, fd, size);
	pool_host_write(mem, size, 0, 1);
	convert(fd, SZ_4K, SZ_4K, true);
	convert(fd, SZ_2M, SZ_2M, true);
	pool_punch(fd, 0, SZ_2M + SZ_1M);

	EXPECT_EQ(SZ_4K + SZ_2M, nr_private(fd));
	pool_host_check_zero(mem, SZ_4K);
	TEST_EXPECT_SIGBUS(READ_ONCE(mem[SZ_4K]));
	pool_host_check_zero(mem + SZ_8K, SZ_2M - SZ_8K);
	TEST_EXPECT_SIGBUS(READ_ONCE(mem[SZ_2M]));
	CHECK_NO_MISMATCH(self->vm);

	convert(fd, 0, size, false);
	pool_host_check_zero(mem, SZ_2M + SZ_1M);
	pool_host_check(mem + SZ_2M + SZ_1M, SZ_1M, (SZ_2M + SZ_1M) / SZ_4K, 1);
	kvm_munmap(mem, size);
	close(fd);
}

static int page_allocator_file(struct kvm_vm *vm, u64 size, u64 flags)
{
	return vm_create_guest_memfd(vm, size, flags);
}

/*
 * Memory of the page allocator is converted as well.  It can be referenced, and
 * then it does not become private.
 */
TEST_F_TIMEOUT(ioctl, page_allocator, 60)
{
	struct kvm_memory_attributes2 args = {
		.size = SZ_64K,
		.attributes = PRIVATE,
	};
	struct pin_longterm_test pin;
	int fd = page_allocator_file(self->vm, SZ_64K, POOL_SHARED);
	char *mem = map(fd, SZ_64K);
	int gup;

	EXPECT_EQ(0, nr_private(fd));
	pool_host_write(mem, SZ_64K, 0, 1);
	convert(fd, 0, SZ_16K, true);
	EXPECT_EQ(SZ_16K, nr_private(fd));
	TEST_EXPECT_SIGBUS(READ_ONCE(*mem));
	pool_host_check(mem + SZ_16K, SZ_32K, 4, 1);

	pin = (struct pin_longterm_test) {
		.addr = (u64)mem + SZ_32K + SZ_4K,
		.size = PAGE_SIZE,
		.flags = PIN_LONGTERM_TEST_FLAG_USE_WRITE,
	};
	gup = open("/sys/kernel/debug/gup_test", O_RDWR);
	ASSERT_GE(gup, 0);
	ASSERT_EQ(0, ioctl(gup, PIN_LONGTERM_TEST_START, &pin));
	EXPECT_EQ(EAGAIN, set_attrs(fd, &args));
	EXPECT_EQ(SZ_32K + SZ_4K, args.error_offset);
	/* Nothing has changed. */
	EXPECT_EQ(SZ_16K, nr_private(fd));
	pool_host_check(mem + SZ_16K, SZ_32K, 4, 1);
	/* To shared nobody is in the way. */
	convert(fd, 0, SZ_64K, false);
	ASSERT_EQ(0, ioctl(gup, PIN_LONGTERM_TEST_STOP));

	EXPECT_EQ(0, set_attrs(fd, &args));
	EXPECT_EQ(SZ_64K, nr_private(fd));
	convert(fd, 0, SZ_64K, false);
	pool_host_check(mem, SZ_64K, 0, 1);
	close(gup);
	kvm_munmap(mem, SZ_64K);
	close(fd);
}

TEST_HARNESS_MAIN
