// SPDX-License-Identifier: GPL-2.0
/*
 * Conversions under a guest: what it has mapped before and after, that content
 * survives, memslots that come and go or lie oddly, pre-faulting, and what KVM
 * itself maps of the guest.
 */
#include <errno.h>
#include <linux/falloc.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <asm/kvm_para.h>
#include <asm/pvclock-abi.h>

#include "kselftest_harness.h"
#include "kvm_syscalls.h"
#include "convert_util.h"

FIXTURE(guest) {
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
};

FIXTURE_SETUP(guest)
{
	if (!(kvm_check_cap(KVM_CAP_VM_TYPES) & BIT(KVM_X86_SW_PROTECTED_VM)))
		SKIP(return, "no software-protected VMs (needs the TDP MMU)");
	if (!in_place_conversion())
		SKIP(return, "kvm.gmem_in_place_conversion is off");
	if (!pool_has_1g())
		SKIP(return, "no 1 GiB pages");
	pool_wait_users(0);
	self->vm = pool_vm(KVM_X86_SW_PROTECTED_VM, &self->vcpu);
}

FIXTURE_TEARDOWN(guest)
{
	kvm_vm_free(self->vm);
	pool_wait_users(0);
}

static void bind_at(struct kvm_vm *vm, u64 gpa, u64 size, int fd, u64 offset)
{
	vm_set_user_memory_region2(vm, POOL_SLOT, KVM_MEM_GUEST_MEMFD, gpa, size,
				   NULL, fd, offset);
}

static void bind_all(struct kvm_vm *vm, u64 size, int fd)
{
	bind_at(vm, POOL_GPA, size, fd, 0);
	pool_virt_map(vm, POOL_GPA, size);
}

static void touch(struct kvm_vcpu *vcpu, u64 offset, u64 seed)
{
	pool_guest(vcpu, GUEST_WRITE, POOL_GPA + offset, PAGE_SIZE,
		   offset / PAGE_SIZE, seed);
}

static u64 faults(struct kvm_vcpu *vcpu)
{
	return vcpu_get_stat(vcpu, pf_taken);
}

/*
 * A conversion inside of a GiB costs its neighbours one fault each at the largest
 * size that fits, and the GiB comes back with the first access after the way back.
 */
TEST_F_TIMEOUT(guest, page_sizes, 300)
{
	static const u64 sizes[] = { SZ_4K, SZ_2M, SZ_4M + SZ_4K, SZ_512M };
	const u64 middle = SZ_256M + SZ_2M, size = 2ull * SZ_1G;
	int fd = pool_create(self->vm, size, POOL_SHARED);
	struct pool_pages before;
	int i, private;
	u64 taken;

	bind_all(self->vm, size, fd);
	before = pool_pages(self->vm);

	for (private = 0; private < 2; private++) {
		convert(fd, 0, size, private);
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			const u64 k4 = !!(sizes[i] % SZ_2M);

			touch(self->vcpu, 0, i);
			touch(self->vcpu, SZ_1G, i);
			POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 0, 2);

			convert(fd, middle, sizes[i], !private);
			/* The other GiB is not touched. */
			POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 0, 1);
			taken = faults(self->vcpu);
			touch(self->vcpu, SZ_1G, i);
			TEST_ASSERT_EQ(faults(self->vcpu), taken);
			touch(self->vcpu, 0, i);
			touch(self->vcpu, middle - SZ_4K, i);
			touch(self->vcpu, middle + sizes[i], i);
			TEST_ASSERT_EQ(faults(self->vcpu), taken + 3);
			/* What was converted has the other attribute. */
			touch(self->vcpu, middle, i);
			POOL_ASSERT_PAGES(pool_pages(self->vm), before,
					  sizes[i] % SZ_2M ? 1 + (sizes[i] == SZ_4K) :
					  0, 4 - k4 - (sizes[i] == SZ_4K), 1);
			CHECK_NO_MISMATCH(self->vm);

			convert(fd, middle, sizes[i], private);
			taken = faults(self->vcpu);
			/* One fault, anywhere in the GiB. */
			touch(self->vcpu, middle + sizes[i], i);
			touch(self->vcpu, middle, i);
			touch(self->vcpu, 0, i);
			TEST_ASSERT_EQ(faults(self->vcpu), taken + 1);
			POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 0, 2);
			CHECK_NO_MISMATCH(self->vm);
		}
	}
	close(fd);
}

/* Neighbours that are mapped separately stay mapped. */
TEST_F_TIMEOUT(guest, neighbours, 120)
{
	int fd = pool_create(self->vm, SZ_1G, POOL_SHARED);
	struct pool_pages before;
	u64 taken;

	bind_all(self->vm, SZ_1G, fd);
	before = pool_pages(self->vm);
	convert(fd, SZ_512M, SZ_4K, true);
	touch(self->vcpu, 0, 1);
	touch(self->vcpu, SZ_2M, 1);
	touch(self->vcpu, SZ_512M + SZ_4K, 1);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 1, 2, 0);

	convert(fd, 0, SZ_4K, true);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 1, 1, 0);
	convert(fd, SZ_512M + SZ_16K, SZ_4K, true);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 1, 1, 0);
	taken = faults(self->vcpu);
	touch(self->vcpu, SZ_2M, 1);
	touch(self->vcpu, SZ_512M + SZ_4K, 1);
	TEST_ASSERT_EQ(faults(self->vcpu), taken);
	CHECK_NO_MISMATCH(self->vm);
	close(fd);
}

static u64 tlb_flushes(struct kvm_vm *vm)
{
	return vm_get_stat(vm, remote_tlb_flush_requests);
}

/* What is so already is neither unmapped nor flushed from the TLBs. */
TEST_F_TIMEOUT(guest, nothing_to_do, 60)
{
	int fd = pool_create(self->vm, SZ_1G, POOL_SHARED);
	struct pool_pages before;
	u64 flushes;

	bind_all(self->vm, SZ_1G, fd);
	before = pool_pages(self->vm);
	touch(self->vcpu, 0, 1);
	flushes = tlb_flushes(self->vm);
	convert(fd, 0, SZ_1G, false);
	convert(fd, SZ_4K, SZ_4K, false);
	TEST_ASSERT_EQ(tlb_flushes(self->vm), flushes);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 0, 1);

	convert(fd, SZ_2M, SZ_4K, true);
	TEST_ASSERT(tlb_flushes(self->vm) > flushes, "no TLB flush");
	touch(self->vcpu, 0, 1);
	flushes = tlb_flushes(self->vm);
	convert(fd, SZ_2M, SZ_4K, true);
	convert(fd, 0, SZ_2M, false);
	TEST_ASSERT_EQ(tlb_flushes(self->vm), flushes);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 1, 0);
	close(fd);
}

/* However many page tables of 4K entries there are, one fault maps the GiB again. */
TEST_F_TIMEOUT(guest, many_tables, 120)
{
	static const int counts[] = { 1, 16, 17, 64 };
	int fd = pool_create(self->vm, SZ_1G, POOL_SHARED);
	struct pool_pages before;
	int i, j;
	u64 taken;

	bind_all(self->vm, SZ_1G, fd);
	before = pool_pages(self->vm);
	for (i = 0; i < ARRAY_SIZE(counts); i++) {
		for (j = 0; j < counts[i]; j++) {
			convert(fd, j * SZ_2M + SZ_4K, SZ_4K, true);
			touch(self->vcpu, j * SZ_2M, i);
			touch(self->vcpu, j * SZ_2M + SZ_4K, i);
		}
		touch(self->vcpu, SZ_1G - SZ_2M, i);
		POOL_ASSERT_PAGES(pool_pages(self->vm), before, 2 * counts[i], 1,
				  0);

		convert(fd, 0, SZ_1G, false);
		POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 0, 0);
		taken = faults(self->vcpu);
		touch(self->vcpu, SZ_512M, i);
		touch(self->vcpu, 0, i);
		TEST_ASSERT_EQ(faults(self->vcpu), taken + 1);
		POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 0, 1);
		CHECK_NO_MISMATCH(self->vm);
	}
	close(fd);
}

/* What user space unmaps of its own does not concern the guest. */
TEST_F_TIMEOUT(guest, user_unmap, 120)
{
	int fd = pool_create(self->vm, SZ_1G, POOL_SHARED);
	struct pool_pages before;
	char *mem;

	mem = kvm_mmap(SZ_1G, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	vm_set_user_memory_region2(self->vm, POOL_SLOT, KVM_MEM_GUEST_MEMFD,
				   POOL_GPA, SZ_1G, mem, fd, 0);
	pool_virt_map(self->vm, POOL_GPA, SZ_1G);
	before = pool_pages(self->vm);
	WRITE_ONCE(*mem, 1);
	touch(self->vcpu, SZ_2M, 1);
	kvm_munmap(mem + SZ_4K, SZ_4K);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 0, 1);
	close(fd);
	munmap(mem, SZ_1G);
}

/* Both ways, the content is what the other side has written last. */
TEST_F_TIMEOUT(guest, content, 300)
{
	static const u64 sizes[] = { SZ_4K, SZ_2M, SZ_2M + SZ_8K };
	const u64 size = SZ_8M;
	int fd = pool_create(self->vm, size, POOL_SHARED);
	char *mem = kvm_mmap(size, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	int i;

	bind_all(self->vm, size, fd);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		const u64 first = SZ_1M, last = first + sizes[i];

		pool_host_write(mem, size, 0, i);
		pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, size, 0, i);

		convert(fd, first, sizes[i], true);
		TEST_EXPECT_SIGBUS(READ_ONCE(mem[first]));
		TEST_EXPECT_SIGBUS(WRITE_ONCE(mem[last - 1], 0));
		pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, size, 0, i);
		pool_guest(self->vcpu, GUEST_WRITE, POOL_GPA, size, 0, i + 10);
		pool_host_check(mem, first, 0, i + 10);
		pool_host_check(mem + last, size - last, last / PAGE_SIZE, i + 10);

		convert(fd, first, sizes[i], false);
		pool_host_check(mem, size, 0, i + 10);
		pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, size, 0, i + 10);
		CHECK_NO_MISMATCH(self->vm);
	}
	kvm_munmap(mem, size);
	close(fd);
}

/* A file that cannot be mapped serves shared faults as well. */
TEST_F_TIMEOUT(guest, not_mappable, 60)
{
	const u64 size = SZ_2M + SZ_16K;
	int fd = pool_create(self->vm, size, 0);

	bind_all(self->vm, size, fd);
	pool_guest(self->vcpu, GUEST_WRITE, POOL_GPA, size, 0, 1);
	convert(fd, 0, SZ_2M, false);
	pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, size, 0, 1);
	convert(fd, SZ_2M, SZ_4K, false);
	convert(fd, 0, SZ_4K, true);
	pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, size, 0, 1);
	CHECK_NO_MISMATCH(self->vm);
	close(fd);
}

/* A hole under a guest, private or shared, keeps its attribute. */
TEST_F_TIMEOUT(guest, punch_hole, 120)
{
	const u64 size = SZ_4M;
	int fd = pool_create(self->vm, size, POOL_SHARED);

	bind_all(self->vm, size, fd);
	convert(fd, SZ_1M, SZ_2M, true);
	pool_guest(self->vcpu, GUEST_WRITE, POOL_GPA, size, 0, 1);
	pool_punch(fd, SZ_512K, SZ_2M);
	TEST_ASSERT_EQ(nr_private(fd), SZ_2M);
	pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, SZ_512K, 0, 1);
	pool_guest(self->vcpu, GUEST_CHECK_ZERO, POOL_GPA + SZ_512K, SZ_2M, 0, 0);
	pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA + SZ_512K + SZ_2M, SZ_1M,
		   (SZ_512K + SZ_2M) / PAGE_SIZE, 1);
	CHECK_NO_MISMATCH(self->vm);
	close(fd);
}

/* gfn and offset agree modulo a page, 2 MiB or 1 GiB, or the slot is small. */
TEST_F_TIMEOUT(guest, odd_memslots, 300)
{
	static const struct {
		u64 gpa, offset, size;
	} slots[] = {
		{ 0, 0, SZ_16K },
		{ SZ_4K, 0, SZ_4M },
		{ 0, SZ_4K, SZ_4M },
		{ SZ_2M, 0, SZ_1G },
		{ SZ_4K, SZ_4K, SZ_4M },
		{ SZ_2M + SZ_4K, SZ_4K, SZ_1G },
		{ SZ_1G, 0, SZ_1G + SZ_512M },
	};
	int fd = pool_create(self->vm, 2ull * SZ_1G, POOL_SHARED);
	int i, private;

	pool_virt_map(self->vm, POOL_GPA, 4ull * SZ_1G);
	for (i = 0; i < ARRAY_SIZE(slots); i++) {
		const u64 gpa = POOL_GPA + slots[i].gpa, offset = slots[i].offset;
		const u64 test = min_t(u64, slots[i].size, SZ_4M);

		bind_at(self->vm, gpa, slots[i].size, fd, offset);
		for (private = 1; private >= 0; private--) {
			pool_guest(self->vcpu, GUEST_WRITE, gpa, test, 0, i);
			convert(fd, offset + SZ_4K, SZ_4K, private);
			pool_guest(self->vcpu, GUEST_CHECK, gpa, test, 0, i);
			CHECK_NO_MISMATCH(self->vm);
			/* Also where the slot does not reach. */
			convert(fd, 0, SZ_1G, private);
			pool_guest(self->vcpu, GUEST_CHECK, gpa, test, 0, i);
			CHECK_NO_MISMATCH(self->vm);
		}
		vm_set_user_memory_region2(self->vm, POOL_SLOT,
					   KVM_MEM_GUEST_MEMFD, gpa, 0, NULL, fd,
					   0);
	}
	close(fd);
}

/* Attributes belong to the file: deleted memslots come back with them. */
TEST_F_TIMEOUT(guest, memslot_again, 120)
{
	const u64 size = SZ_1G;
	int fd = pool_create(self->vm, size, POOL_SHARED);
	struct pool_pages before;

	bind_all(self->vm, size, fd);
	touch(self->vcpu, 0, 1);
	convert(fd, 0, SZ_4K, true);
	touch(self->vcpu, 0, 2);

	vm_set_user_memory_region2(self->vm, POOL_SLOT, KVM_MEM_GUEST_MEMFD,
				   POOL_GPA, 0, NULL, fd, 0);
	/* Without memslot, too. */
	convert(fd, SZ_2M, SZ_4K, true);
	TEST_ASSERT_EQ(nr_private(fd), SZ_8K);
	before = pool_pages(self->vm);

	/* Elsewhere. */
	bind_at(self->vm, POOL_GPA + SZ_1G, size, fd, 0);
	pool_virt_map(self->vm, POOL_GPA + SZ_1G, size);
	pool_warm_up(self->vcpu);
	before = pool_pages(self->vm);
	pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA + SZ_1G, SZ_4K, 0, 2);
	pool_guest(self->vcpu, GUEST_CHECK_ZERO, POOL_GPA + SZ_1G + SZ_4M, SZ_4K,
		   0, 0);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 1, 1, 0);
	CHECK_NO_MISMATCH(self->vm);
	close(fd);
}

/* Pre-faulting goes from block to block of one attribute. */
TEST_F_TIMEOUT(guest, pre_fault, 120)
{
	int fd = pool_create(self->vm, 2ull * SZ_1G, POOL_SHARED);
	struct pool_pages before = pool_pages(self->vm);
	struct kvm_pre_fault_memory range = {
		.gpa = POOL_GPA,
		.size = 2ull * SZ_1G,
	};
	u64 taken;

	bind_all(self->vm, range.size, fd);
	convert(fd, SZ_1G + SZ_4M, SZ_2M, true);
	convert(fd, SZ_1G + SZ_8M, SZ_4K, true);
	while (range.size)
		vcpu_ioctl(self->vcpu, KVM_PRE_FAULT_MEMORY, &range);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 512, 511, 1);
	CHECK_NO_MISMATCH(self->vm);

	taken = faults(self->vcpu);
	touch(self->vcpu, 0, 1);
	touch(self->vcpu, SZ_1G + SZ_4M, 1);
	touch(self->vcpu, SZ_1G + SZ_8M, 1);
	TEST_ASSERT_EQ(faults(self->vcpu), taken);
	close(fd);
}

/* Every allocation fails while a conversion takes what the guest has mapped. */
TEST_F_TIMEOUT(guest, allocates_nothing, 120)
{
	static const u64 sizes[] = { SZ_4K, SZ_2M, SZ_512M, SZ_1G };
	int fd = pool_create(self->vm, SZ_1G, POOL_SHARED);
	char *mem = kvm_mmap(SZ_1G, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	int i, r[2], proof;

	bind_all(self->vm, SZ_1G, fd);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		touch(self->vcpu, SZ_4K, 1);
		WRITE_ONCE(mem[SZ_8K], 1);
		fail_allocations_begin();
		proof = eventfd(0, 0);
		r[0] = __convert(fd, 0, sizes[i], true);
		fail_allocations_end();
		touch(self->vcpu, 0, 1);
		touch(self->vcpu, SZ_1G - SZ_4K, 1);
		fail_allocations_begin();
		r[1] = __convert(fd, 0, sizes[i], false);
		fail_allocations_end();
		TEST_ASSERT_EQ(proof, -1);
		TEST_ASSERT(!r[0] && !r[1], "errno %d, %d", r[0], r[1]);
		CHECK_NO_MISMATCH(self->vm);
	}
	kvm_munmap(mem, SZ_1G);
	close(fd);
}

/* Closing the file leaves nothing behind, whatever its attributes are. */
TEST_F_TIMEOUT(guest, closed, 60)
{
	int fd = pool_create(self->vm, SZ_1G, POOL_SHARED);
	struct pool_pages before;

	bind_all(self->vm, SZ_1G, fd);
	before = pool_pages(self->vm);
	convert(fd, SZ_4K, SZ_4K, true);
	touch(self->vcpu, 0, 1);
	touch(self->vcpu, SZ_4K, 1);
	touch(self->vcpu, SZ_2M, 1);
	close(fd);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 0, 0);
	TEST_ASSERT_EQ(__pool_guest(self->vcpu, GUEST_CHECK, POOL_GPA, PAGE_SIZE,
				    0, 1), EFAULT);
	TEST_ASSERT_EQ(self->vcpu->run->exit_reason, KVM_EXIT_MEMORY_FAULT);
}

/* The page of kvm-clock becomes private: KVM's mapping of it is gone then. */
TEST_F_TIMEOUT(guest, kvm_clock, 120)
{
	int fd = pool_create(self->vm, SZ_2M, POOL_SHARED);
	char *mem = kvm_mmap(SZ_2M, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	volatile struct pvclock_vcpu_time_info *clock = (void *)(mem + SZ_4K);
	int before = nr_kernel_mappings();
	u32 version;

	vm_set_user_memory_region2(self->vm, POOL_SLOT, KVM_MEM_GUEST_MEMFD,
				   POOL_GPA, SZ_2M, mem, fd, 0);
	pool_virt_map(self->vm, POOL_GPA, SZ_2M);
	vcpu_set_msr(self->vcpu, MSR_KVM_SYSTEM_TIME_NEW,
		     (POOL_GPA + SZ_4K) | KVM_MSR_ENABLED);
	touch(self->vcpu, 0, 1);
	version = clock->version;
	TEST_ASSERT(version, "the clock does not run");
	TEST_ASSERT_EQ(nr_kernel_mappings(), before + 1);

	convert(fd, SZ_4K, SZ_4K, true);
	TEST_ASSERT_EQ(nr_kernel_mappings(), before);
	/* Nothing is mapped or written now, and the guest runs. */
	touch(self->vcpu, 0, 2);
	TEST_ASSERT_EQ(nr_kernel_mappings(), before);
	convert(fd, SZ_4K, SZ_4K, false);
	TEST_ASSERT_EQ(clock->version, version);

	/* And the clock again. */
	vcpu_set_msr(self->vcpu, MSR_KVM_SYSTEM_TIME_NEW,
		     (POOL_GPA + SZ_4K) | KVM_MSR_ENABLED);
	touch(self->vcpu, 0, 3);
	TEST_ASSERT(clock->version != version, "the clock has stopped");
	kvm_munmap(mem, SZ_2M);
	close(fd);
}

TEST_HARNESS_MAIN
