// SPDX-License-Identifier: GPL-2.0
/*
 * Memslots without a guest_memfd, over a user mapping of pool memory, as VMMs
 * use them that know nothing of guest_memfd in memslots.  KVM follows the user
 * mapping: the guest gets entries of its size, dirty logging splits them, and
 * ending it brings them back.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bitmap.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "kvm_syscalls.h"
#include "pool_util.h"

FIXTURE(hva) {
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	unsigned long *dirty;
	void *area;
	void *mem;
	u64 size;
	int fd;
};

FIXTURE_VARIANT(hva) {
	u64 shift;	/* of the user address against the offset */
	u64 page;	/* size of the entries that are possible */
	u64 size;	/* of the memslot */
};

FIXTURE_VARIANT_ADD(hva, 1g) {
	.shift = 0,
	.page = SZ_1G,
	.size = SZ_1G,
};

FIXTURE_VARIANT_ADD(hva, 2m) {
	.shift = SZ_2M,
	.page = SZ_2M,
	.size = SZ_64M,
};

FIXTURE_VARIANT_ADD(hva, 4k) {
	.shift = SZ_4K,
	.page = SZ_4K,
	.size = SZ_8M,
};

static struct pool_pages expected(u64 page, u64 size)
{
	struct pool_pages want = {};

	if (page == SZ_1G && pool_has_1g())
		want.g1 = size / SZ_1G;
	else if (page >= SZ_2M)
		want.m2 = size / SZ_2M;
	else
		want.k4 = size / SZ_4K;
	return want;
}

static void set_flags(struct _test_data_hva *self, u32 flags)
{
	vm_set_user_memory_region(self->vm, POOL_SLOT, flags, POOL_GPA, self->size,
				  self->mem);
	/* Changing a memslot may have cost the guest its own pages. */
	pool_warm_up(self->vcpu);
}

FIXTURE_SETUP(hva)
{
	pool_wait_users(0);
	self->vm = pool_vm(KVM_X86_DEFAULT_VM, &self->vcpu);
	self->size = variant->size;
	self->fd = pool_create(self->vm, self->size, POOL_SHARED);
	self->dirty = bitmap_zalloc(self->size / SZ_4K);

	/* gfn and user address are congruent, the offset may not be. */
	self->area = kvm_mmap(3ull * SZ_1G, PROT_NONE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	self->mem = align_ptr_up(self->area, SZ_1G) + variant->shift;
	self->mem = mmap(self->mem, self->size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
	pool_host_write(self->mem, self->size, 0, 1);

	vm_set_user_memory_region(self->vm, POOL_SLOT, 0, POOL_GPA, self->size,
				  self->mem);
	pool_virt_map(self->vm, POOL_GPA, self->size);
}

FIXTURE_TEARDOWN(hva)
{
	free(self->dirty);
	kvm_munmap(self->area, 3ull * SZ_1G);
	close(self->fd);
	kvm_vm_free(self->vm);
	pool_wait_users(0);
}

static u64 nr_dirty(struct _test_data_hva *self)
{
	u64 i, nr = 0;

	for (i = 0; i < self->size / SZ_4K; i++)
		nr += !!test_bit(i, self->dirty);
	return nr;
}

static void guest(struct _test_data_hva *self, enum guest_op op, u64 offset,
		  u64 size, u64 seed)
{
	pool_guest(self->vcpu, op, POOL_GPA + offset, size, offset / SZ_4K, seed);
}

TEST_F_TIMEOUT(hva, size, 120)
{
	const struct pool_pages want = expected(variant->page, variant->size);
	struct pool_pages before = pool_pages(self->vm);

	guest(self, GUEST_CHECK, 0, self->size, 1);
	guest(self, GUEST_WRITE, 0, self->size, 2);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, want.k4, want.m2, want.g1);
	pool_host_check(self->mem, self->size, 0, 2);

	/* What the user mapping loses, the guest loses. */
	kvm_munmap(self->mem, self->size);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 0, 0);
}

/* The guest does not need the user mapping to be populated. */
TEST_F_TIMEOUT(hva, fault, 120)
{
	const struct pool_pages want = expected(variant->page, variant->size);
	struct pool_pages before = pool_pages(self->vm);

	self->mem = mmap(self->mem, self->size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
	guest(self, GUEST_CHECK, 0, self->size, 1);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, want.k4, want.m2, want.g1);
}

/*
 * Soft-dirty tracking has leaves without write permission put in, although the area
 * is writable: the guest's writes are not emulated for that.
 */
TEST_F_TIMEOUT(hva, soft_dirty, 120)
{
	const struct pool_pages want = expected(variant->page, variant->size);
	struct pool_pages before;
	int clear_refs = open("/proc/self/clear_refs", O_WRONLY);

	self->mem = mmap(self->mem, self->size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, self->fd, 0);
	ASSERT_NE(MAP_FAILED, self->mem);
	ASSERT_LE(0, clear_refs);
	ASSERT_EQ(1, write(clear_refs, "4", 1));
	close(clear_refs);
	/* The guest's own pages have been write-protected as well. */
	pool_warm_up(self->vcpu);
	before = pool_pages(self->vm);
	guest(self, GUEST_WRITE, 0, self->size, 2);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, want.k4, want.m2, want.g1);
	pool_host_check(self->mem, self->size, 0, 2);
}

TEST_F_TIMEOUT(hva, dirty_logging, 300)
{
	const struct pool_pages want = expected(variant->page, variant->size);
	struct pool_pages before = pool_pages(self->vm), now;
	u64 i, hot[] = { 0, 1, 511, 512, 777, self->size / SZ_4K - 1 };
	/*
	 * Nested paging splits large entries.  Shadow paging keeps them without
	 * the right to write, and what is only read may come back writable and
	 * so count as dirty.
	 */
	const bool exact = kvm_is_tdp_enabled();

	guest(self, GUEST_WRITE, 0, self->size, 2);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, want.k4, want.m2, want.g1);

	/* Everything is split, or dropped, and nothing is dirty. */
	set_flags(self, KVM_MEM_LOG_DIRTY_PAGES);
	now = pool_pages(self->vm);
	if (exact) {
		EXPECT_EQ(before.m2, now.m2);
		EXPECT_EQ(before.g1, now.g1);
	}
	kvm_vm_get_dirty_log(self->vm, POOL_SLOT, self->dirty);
	EXPECT_EQ(0, nr_dirty(self));

	for (i = 0; i < ARRAY_SIZE(hot); i++)
		guest(self, GUEST_WRITE, hot[i] * SZ_4K, SZ_4K, 3);
	guest(self, GUEST_CHECK, 1000 * SZ_4K, SZ_2M, 2);
	now = pool_pages(self->vm);
	if (exact) {
		EXPECT_EQ(before.m2, now.m2);
		EXPECT_EQ(before.g1, now.g1);
	}

	kvm_vm_get_dirty_log(self->vm, POOL_SLOT, self->dirty);
	EXPECT_LE(ARRAY_SIZE(hot), nr_dirty(self));
	EXPECT_GE(exact ? ARRAY_SIZE(hot) : self->size / SZ_4K / 2,
		  nr_dirty(self));
	for (i = 0; i < ARRAY_SIZE(hot); i++) {
		EXPECT_TRUE(test_bit(hot[i], self->dirty));
		pool_host_check(self->mem + hot[i] * SZ_4K, SZ_4K, hot[i], 3);
	}

	/* Once more: a page that was clean is noticed again. */
	guest(self, GUEST_WRITE, hot[4] * SZ_4K, SZ_4K, 4);
	kvm_vm_get_dirty_log(self->vm, POOL_SLOT, self->dirty);
	EXPECT_EQ(1, nr_dirty(self));
	EXPECT_TRUE(test_bit(hot[4], self->dirty));

	/* Recovery: after the next accesses it is as it was. */
	set_flags(self, 0);
	guest(self, GUEST_WRITE, 0, self->size, 5);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, want.k4, want.m2, want.g1);
	pool_host_check(self->mem, self->size, 0, 5);
}

/* A hole is zero for the guest, the rest is not. */
TEST_F_TIMEOUT(hva, punch_hole, 120)
{
	const struct pool_pages want = expected(variant->page, variant->size);
	struct pool_pages before = pool_pages(self->vm);
	const u64 hole = self->size / 2 + SZ_4K, next = hole + SZ_4K;

	guest(self, GUEST_WRITE, 0, self->size, 2);
	pool_punch(self->fd, hole, SZ_4K);
	guest(self, GUEST_CHECK_ZERO, hole, SZ_4K, 0);
	guest(self, GUEST_CHECK, 0, hole, 2);
	guest(self, GUEST_CHECK, next, self->size - next, 2);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, want.k4, want.m2, want.g1);
}

struct puncher {
	pthread_t thread;
	bool stop;
	int fd;
};

static void *punch_first_page(void *arg)
{
	struct puncher *puncher = arg;

	while (!READ_ONCE(puncher->stop))
		pool_punch(puncher->fd, 0, SZ_4K);
	return NULL;
}

/* A guest that uses the pages around one that comes and goes does not notice. */
TEST_F_TIMEOUT(hva, punch_race, 300)
{
	struct puncher puncher = { .fd = self->fd };
	u64 i, offset;

	kvm_pthread_create(&puncher.thread, NULL, punch_first_page, &puncher);
	for (i = 1; i < 2000; i++) {
		offset = (i % (self->size / SZ_4K - 1) + 1) * SZ_4K;
		guest(self, GUEST_WRITE, offset, SZ_4K, i);
		guest(self, GUEST_CHECK, offset, SZ_4K, i);
	}
	WRITE_ONCE(puncher.stop, true);
	kvm_pthread_join(puncher.thread, NULL);
}

/* The user mapping is split by its owner: no larger than what is left. */
TEST_F_TIMEOUT(hva, mprotect, 120)
{
	const struct pool_pages want = expected(variant->page, variant->size);
	struct pool_pages before = pool_pages(self->vm);
	const u64 at = self->size / 2 + SZ_2M;

	guest(self, GUEST_WRITE, 0, self->size, 2);
	ASSERT_EQ(0, mprotect(self->mem + at, SZ_4K, PROT_READ));
	guest(self, GUEST_CHECK, 0, self->size, 2);
	EXPECT_EQ(before.g1, pool_pages(self->vm).g1);

	ASSERT_EQ(0, mprotect(self->mem + at, SZ_4K, PROT_READ | PROT_WRITE));
	guest(self, GUEST_WRITE, 0, self->size, 3);
	pool_host_check(self->mem, self->size, 0, 3);
	/* What has been split stays so, but only there. */
	if (want.m2)
		EXPECT_LE(before.m2 + want.m2 - 1, pool_pages(self->vm).m2);
}

TEST_HARNESS_MAIN
