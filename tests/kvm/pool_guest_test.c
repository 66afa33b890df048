// SPDX-License-Identifier: GPL-2.0
/*
 * Guests on memory from a pool: sizes of the mappings, faults, memslots that
 * are aligned or not, holes, and files that are closed under a guest.
 */
#include <errno.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "kvm_syscalls.h"
#include "pool_util.h"

FIXTURE(guest) {
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	bool private;
	u64 private_end;	/* guest memory is private up to there */
};

FIXTURE_VARIANT(guest) {
	unsigned long type;
	u64 flags;
};

/* All memory is shared, and all faults are served by the file. */
FIXTURE_VARIANT_ADD(guest, shared) {
	.type = KVM_X86_DEFAULT_VM,
	.flags = POOL_SHARED,
};

/* All memory is private, but the host could map it if it were not. */
FIXTURE_VARIANT_ADD(guest, mappable) {
	.type = KVM_X86_SW_PROTECTED_VM,
	.flags = GUEST_MEMFD_FLAG_MMAP,
};

/* Private memory is from the file, shared memory would be elsewhere. */
FIXTURE_VARIANT_ADD(guest, private) {
	.type = KVM_X86_SW_PROTECTED_VM,
	.flags = 0,
};

FIXTURE_SETUP(guest)
{
	if (!(kvm_check_cap(KVM_CAP_VM_TYPES) & BIT(variant->type)))
		SKIP(return, "no VMs of type %lu (needs the TDP MMU)",
		     variant->type);
	pool_wait_users(0);
	self->vm = pool_vm(variant->type, &self->vcpu);
	self->private = variant->type != KVM_X86_DEFAULT_VM;
}

FIXTURE_TEARDOWN(guest)
{
	kvm_vm_free(self->vm);
	pool_wait_users(0);
}

/* Pages of each size that map @size bytes from a GiB boundary on. */
static struct pool_pages expected(u64 size)
{
	struct pool_pages want = {
		.g1 = pool_has_1g() ? size / SZ_1G : 0,
	};

	want.m2 = (size - want.g1 * SZ_1G) / SZ_2M;
	want.k4 = size % SZ_2M / SZ_4K;
	return want;
}

/* Bind @size bytes of @fd at @offset to @gpa. */
static void bind_slot(struct _test_data_guest *self, int slot, u64 gpa, u64 size,
		      int fd, u64 offset, void *hva)
{
	vm_set_user_memory_region2(self->vm, slot, KVM_MEM_GUEST_MEMFD, gpa, size,
				   hva, fd, offset);
	/* Slow, and it outlives the memslot: once is enough. */
	if (self->private && gpa + size > self->private_end) {
		gpa_t start = max_t(u64, gpa, self->private_end);

		vm_mem_set_private(self->vm, start, gpa + size - start);
		self->private_end = gpa + size;
	}
}

static void bind(struct _test_data_guest *self, u64 gpa, u64 size, int fd,
		 u64 offset, void *hva)
{
	bind_slot(self, POOL_SLOT, gpa, size, fd, offset, hva);
}

static void unbind(struct _test_data_guest *self, u64 gpa, int fd)
{
	vm_set_user_memory_region2(self->vm, POOL_SLOT, KVM_MEM_GUEST_MEMFD, gpa,
				   0, NULL, fd, 0);
}

/* Bind all of a file, and let the guest map it. */
static void bind_all(struct _test_data_guest *self, u64 size, int fd)
{
	bind(self, POOL_GPA, size, fd, 0, NULL);
	pool_virt_map(self->vm, POOL_GPA, size);
}

static u64 faults(struct kvm_vcpu *vcpu)
{
	return vcpu_get_stat(vcpu, pf_taken);
}

/* The guest writes all of an odd amount; one fault for each GiB, then less. */
TEST_F_TIMEOUT(guest, whole, 300)
{
	const u64 size = 2ull * SZ_1G + 3 * SZ_2M + SZ_16K;
	const struct pool_pages want = expected(size);
	int fd = pool_create(self->vm, size, variant->flags);
	struct pool_pages before;
	u64 taken;
	void *mem;

	bind_all(self, size, fd);

	before = pool_pages(self->vm);
	taken = faults(self->vcpu);
	pool_guest(self->vcpu, GUEST_WRITE, POOL_GPA, size, 0, 1);
	taken = faults(self->vcpu) - taken;

	POOL_ASSERT_PAGES(pool_pages(self->vm), before, want.k4, want.m2, want.g1);
	TEST_ASSERT_EQ(taken, want.k4 + want.m2 + want.g1);
	pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, size, 0, 1);

	if (variant->flags & GUEST_MEMFD_FLAG_INIT_SHARED) {
		mem = kvm_mmap(size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
		pool_host_check(mem, size, 0, 1);
		pool_host_write(mem, size, 0, 2);
		pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, size, 0, 2);
		kvm_munmap(mem, size);
		/* That the host unmaps it does not concern the guest. */
		POOL_ASSERT_PAGES(pool_pages(self->vm), before, want.k4, want.m2,
				  want.g1);
	}
	close(fd);
}

TEST_F_TIMEOUT(guest, is_zero, 120)
{
	int fd = pool_create(self->vm, SZ_64M, variant->flags);

	bind_all(self, SZ_64M, fd);
	pool_guest(self->vcpu, GUEST_CHECK_ZERO, POOL_GPA, SZ_64M, 0, 0);
	close(fd);
}

/* A file that is smaller than the granule of the pool. */
TEST_F_TIMEOUT(guest, small, 60)
{
	int fd = pool_create(self->vm, SZ_16K, variant->flags);
	struct pool_pages before = pool_pages(self->vm);

	EXPECT_EQ(-1, __vm_set_user_memory_region2(self->vm, POOL_SLOT,
						   KVM_MEM_GUEST_MEMFD, POOL_GPA,
						   SZ_2M, NULL, fd, 0));
	EXPECT_EQ(EINVAL, errno);

	bind_all(self, SZ_16K, fd);
	pool_guest(self->vcpu, GUEST_WRITE, POOL_GPA, SZ_16K, 0, 1);
	pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, SZ_16K, 0, 1);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 4, 0, 0);
	close(fd);
}

/*
 * Only where gfn and offset are congruent modulo a size can it be used, and
 * nothing may be mapped in the wrong place where they are not.  The user address
 * does not matter when all faults are served by the file.
 */
TEST_F_TIMEOUT(guest, alignment, 300)
{
	static const struct {
		u64 gpa;	/* beyond POOL_GPA */
		u64 offset;
		u64 touch;	/* so much of the beginning, and the last page */
		u64 k4, m2, g1;
	} cases[] = {
		{ 0, 0, SZ_64M, 0, 0, 1 },
		{ SZ_2M, 0, SZ_64M, 0, 33, 0 },
		{ 0, SZ_2M, SZ_64M, 0, 33, 0 },
		{ SZ_2M, SZ_2M, SZ_64M, 0, 33, 0 },	/* no whole GiB inside */
		{ SZ_4K, 0, SZ_4M, 1025, 0, 0 },
		{ 0, SZ_4K, SZ_4M, 1025, 0, 0 },
		{ SZ_4K, SZ_4K, SZ_8M, 512, 4, 0 },
		{ SZ_2M + SZ_4K, SZ_4K, SZ_8M, 512, 4, 0 },
	};
	const u64 file_size = 2ull * SZ_1G, size = SZ_1G, last = size - SZ_4K;
	int fd = pool_create(self->vm, file_size, variant->flags);
	const int nr_hvas = variant->flags & GUEST_MEMFD_FLAG_MMAP ? 2 : 1;
	struct pool_pages before;
	int i, j;

	pool_virt_map(self->vm, POOL_GPA, file_size);

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const u64 gpa = POOL_GPA + cases[i].gpa;
		const u64 right = POOL_GPA + cases[i].offset;
		const u64 page = cases[i].offset / PAGE_SIZE;
		const u64 touch = cases[i].touch;
		u64 m2 = cases[i].m2, g1 = cases[i].g1;

		if (g1 && !pool_has_1g()) {
			m2 = 33;
			g1 = 0;
		}

		/* Congruent to the gfn, or not at all. */
		for (j = 0; j < nr_hvas; j++) {
			void *hva = (void *)(cases[i].gpa + j * SZ_4K);

			bind(self, gpa, size, fd, cases[i].offset, hva);
			pool_warm_up(self->vcpu);
			before = pool_pages(self->vm);
			pool_guest(self->vcpu, GUEST_WRITE, gpa, touch, page, i);
			pool_guest(self->vcpu, GUEST_WRITE, gpa + last, SZ_4K,
				   page + last / SZ_4K, i);
			POOL_ASSERT_PAGES(pool_pages(self->vm), before, cases[i].k4,
					  m2, g1);
			unbind(self, gpa, fd);

			/* See it through a memslot that is known to be right. */
			bind(self, POOL_GPA, file_size, fd, 0, NULL);
			pool_guest(self->vcpu, GUEST_CHECK, right, touch, page, i);
			pool_guest(self->vcpu, GUEST_CHECK, right + last, SZ_4K,
				   page + last / SZ_4K, i);
			unbind(self, POOL_GPA, fd);
		}
	}
	close(fd);
}

/* Two memslots meet inside a GiB of the file: no entry may cross the border. */
TEST_F_TIMEOUT(guest, slots, 300)
{
	const u64 first = SZ_1G + SZ_512M, second = SZ_512M;
	const u64 elsewhere = POOL_GPA + 4ull * SZ_1G + SZ_512M;
	int fd = pool_create(self->vm, first + second, variant->flags);
	struct pool_pages before = pool_pages(self->vm);
	const u64 g1 = pool_has_1g();

	bind(self, POOL_GPA, first, fd, 0, NULL);
	pool_virt_map(self->vm, POOL_GPA, first);
	bind_slot(self, POOL_SLOT + 1, elsewhere, second, fd, first,
		  (void *)SZ_512M);
	pool_virt_map(self->vm, elsewhere, second);

	/* A page of the file can be bound once. */
	EXPECT_EQ(-1, __vm_set_user_memory_region2(self->vm, POOL_SLOT + 2,
						   KVM_MEM_GUEST_MEMFD,
						   POOL_GPA + 8ull * SZ_1G, SZ_4K,
						   NULL, fd, first));
	EXPECT_EQ(EEXIST, errno);

	pool_guest(self->vcpu, GUEST_WRITE, POOL_GPA, first, 0, 1);
	pool_guest(self->vcpu, GUEST_WRITE, elsewhere, second, first / PAGE_SIZE, 1);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0,
			  g1 ? SZ_1G / SZ_2M : SZ_1G / SZ_2M * 2, g1);
	pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, first, 0, 1);
	pool_guest(self->vcpu, GUEST_CHECK, elsewhere, second, first / PAGE_SIZE, 1);
	close(fd);
}

/* A hole is zero for the guest, and its neighbours are not touched. */
TEST_F_TIMEOUT(guest, punch_hole, 300)
{
	const u64 size = 2ull * SZ_1G, hole = SZ_512M + SZ_16K;
	int fd = pool_create(self->vm, size, variant->flags);
	struct pool_pages before = pool_pages(self->vm);
	const u64 next = hole + PAGE_SIZE;
	struct pool_pages want = expected(size);

	bind_all(self, size, fd);
	pool_guest(self->vcpu, GUEST_WRITE, POOL_GPA, size, 0, 1);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, want.k4, want.m2, want.g1);

	/* What covers the hole goes, and nothing else. */
	pool_punch(fd, hole, PAGE_SIZE);
	if (want.g1)
		want.g1--;
	else
		want.m2--;
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, want.k4, want.m2, want.g1);

	pool_guest(self->vcpu, GUEST_CHECK_ZERO, POOL_GPA + hole, PAGE_SIZE, 0, 0);
	pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, hole, 0, 1);
	pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA + next, size - next,
		   next / PAGE_SIZE, 1);

	/* The memory is the same, so it is mapped as it was. */
	want = expected(size);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, want.k4, want.m2, want.g1);

	pool_guest(self->vcpu, GUEST_WRITE, POOL_GPA, size, 0, 2);
	pool_punch(fd, 0, size);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 0, 0);
	pool_guest(self->vcpu, GUEST_CHECK_ZERO, POOL_GPA, SZ_64M, 0, 0);
	pool_guest(self->vcpu, GUEST_CHECK_ZERO, POOL_GPA + SZ_1G, SZ_64M, 0, 0);
	close(fd);
}

/* KVM_PRE_FAULT_MEMORY goes through a GiB in one step. */
TEST_F_TIMEOUT(guest, pre_fault, 120)
{
	const u64 size = SZ_1G + SZ_4M;
	struct pool_pages before = pool_pages(self->vm);
	struct pool_pages want = expected(size);
	struct kvm_pre_fault_memory range = {
		.gpa = POOL_GPA,
		.size = size,
	};
	int fd;

	if (!kvm_has_cap(KVM_CAP_PRE_FAULT_MEMORY) || !kvm_is_tdp_enabled())
		SKIP(return, "no pre-faulting on this machine");

	fd = pool_create(self->vm, size, variant->flags);
	bind_all(self, size, fd);
	while (range.size)
		vcpu_ioctl(self->vcpu, KVM_PRE_FAULT_MEMORY, &range);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, want.k4, want.m2, want.g1);
	close(fd);
}

/* Closing the file revokes all of it; the VM lives on without. */
TEST_F_TIMEOUT(guest, closed, 120)
{
	const u64 size = SZ_1G;
	int fd = pool_create(self->vm, size, variant->flags);
	struct pool_pages before = pool_pages(self->vm);
	int err;

	bind_all(self, size, fd);
	pool_guest(self->vcpu, GUEST_WRITE, POOL_GPA, size, 0, 1);
	close(fd);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 0, 0);
	pool_wait_users(0);

	err = __pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, PAGE_SIZE, 0, 1);
	EXPECT_EQ(EFAULT, err);
	EXPECT_EQ(KVM_EXIT_MEMORY_FAULT, self->vcpu->run->exit_reason);
	EXPECT_EQ(POOL_GPA, self->vcpu->run->memory_fault.gpa);
}

struct writer {
	struct kvm_vcpu *vcpu;
	u64 gpa, size, page;
	u64 rounds;
	int err;
	bool stop;
};

/* Writes and checks again and again, until something goes wrong. */
static void *writer_main(void *arg)
{
	struct writer *w = arg;

	while (!w->err && !READ_ONCE(w->stop)) {
		w->err = __pool_guest(w->vcpu, GUEST_WRITE, w->gpa, w->size,
				      w->page, w->rounds);
		if (!w->err)
			w->err = __pool_guest(w->vcpu, GUEST_CHECK, w->gpa,
					      w->size, w->page, w->rounds);
		WRITE_ONCE(w->rounds, w->rounds + 1);
	}
	return NULL;
}

/* Close the file while the guest writes to it. */
TEST_F_TIMEOUT(guest, closed_while_running, 120)
{
	struct writer w = {
		.gpa = POOL_GPA,
		.size = SZ_64M,
	};
	pthread_t thread;
	int fd, i;

	for (i = 0; i < 4; i++) {
		fd = pool_create(self->vm, SZ_1G, variant->flags);
		bind_all(self, SZ_1G, fd);

		w.vcpu = self->vcpu;
		w.err = 0;
		w.rounds = 0;
		kvm_pthread_create(&thread, NULL, writer_main, &w);
		while (READ_ONCE(w.rounds) < 2 && !READ_ONCE(w.err))
			usleep(1000);
		usleep(i * 700);
		close(fd);
		kvm_pthread_join(thread, NULL);
		EXPECT_EQ(EFAULT, w.err);
		EXPECT_EQ(KVM_EXIT_MEMORY_FAULT, self->vcpu->run->exit_reason);
		pool_wait_users(0);

		/* The guest was interrupted anywhere, another one begins anew. */
		kvm_vm_free(self->vm);
		self->vm = pool_vm(variant->type, &self->vcpu);
		self->private_end = 0;
	}
}

/*
 * Punch holes beside pages that the guest writes all the time.  The guest maps
 * both with the same large entry: its pages may not lose anything, and a hole
 * must be zero when the call returns.
 */
TEST_F_TIMEOUT(guest, punch_while_running, 300)
{
	const u64 hole = SZ_512M, end = hole + SZ_2M;
	int fd = pool_create(self->vm, SZ_1G, variant->flags);
	struct writer w = {
		.vcpu = self->vcpu,
		.gpa = POOL_GPA + end,
		.page = end / PAGE_SIZE,
		.size = SZ_4M,
	};
	u8 *mem = NULL;
	pthread_t thread;
	u64 i, rounds;

	bind_all(self, SZ_1G, fd);
	if (variant->flags & GUEST_MEMFD_FLAG_INIT_SHARED)
		mem = kvm_mmap(SZ_1G, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	kvm_pthread_create(&thread, NULL, writer_main, &w);
	for (i = 0; i < 200 && !READ_ONCE(w.err); i++) {
		if (mem)
			pool_host_write(mem + hole, SZ_2M, hole / PAGE_SIZE, i);
		/* All sizes up to the neighbour. */
		pool_punch(fd, end - ((i % 512) + 1) * PAGE_SIZE,
			   ((i % 512) + 1) * PAGE_SIZE);
		if (mem)
			pool_host_check_zero(mem + end - ((i % 512) + 1) * PAGE_SIZE,
					     ((i % 512) + 1) * PAGE_SIZE);
		rounds = READ_ONCE(w.rounds);
		while (i % 8 == 7 && READ_ONCE(w.rounds) == rounds &&
		       !READ_ONCE(w.err))
			usleep(100);
	}
	WRITE_ONCE(w.stop, true);
	kvm_pthread_join(thread, NULL);
	EXPECT_EQ(0, w.err);
	if (mem)
		kvm_munmap(mem, SZ_1G);
	close(fd);
}

/*
 * Disabling dirty logging asks for the size of private gfns also where there is
 * no guest_memfd at all.
 */
TEST_F(guest, no_file)
{
	const u64 size = SZ_2M;
	void *area, *mem;

	if (!self->private)
		SKIP(return, "no private memory in a default VM");

	area = kvm_mmap(2 * size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1);
	mem = align_ptr_up(area, size);
	vm_set_user_memory_region(self->vm, POOL_SLOT, KVM_MEM_LOG_DIRTY_PAGES,
				  POOL_GPA, size, mem);
	pool_virt_map_level(self->vm, POOL_GPA, size, PG_LEVEL_4K);
	pool_guest(self->vcpu, GUEST_WRITE, POOL_GPA, size, 0, 1);
	/* The entries go, the table that held them stays. */
	vm_mem_set_private(self->vm, POOL_GPA, size);
	vm_set_user_memory_region(self->vm, POOL_SLOT, 0, POOL_GPA, size, mem);

	EXPECT_EQ(EFAULT, __pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA,
				       PAGE_SIZE, 0, 1));
	EXPECT_EQ(KVM_EXIT_MEMORY_FAULT, self->vcpu->run->exit_reason);
	kvm_munmap(area, 2 * size);
}

TEST_HARNESS_MAIN
