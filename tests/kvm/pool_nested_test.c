// SPDX-License-Identifier: GPL-2.0
/*
 * A nested guest whose memory is from a pool.  KVM shadows the page tables that
 * the guest has for it, so each entry is limited by the entry of the guest and
 * by the memory: never larger than either.  And the guest may have the data
 * structures of the nested guest in such memory, which KVM cannot pin.
 */
#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "kvm_syscalls.h"
#include "pool_util.h"
#include "svm_util.h"

#define SIZE		SZ_1G
/* Where L2 sees the memory, so that a mix-up of the two is noticed. */
#define L2_GPA		(POOL_GPA + 4ull * SZ_1G)
/* What L2 touches: a part of each 2 MiB. */
#define STEP		SZ_2M
#define SPAN		(2 * SZ_4K)
/* Where the VMCB and its like are, if in this memory. */
#define VMCB		(SIZE - SZ_16K)

static u64 l2_gva;

static void l2_code(void)
{
	u64 p, off;

	for (off = 0; off < SIZE; off += STEP) {
		for (p = off; p < off + SPAN; p += SZ_4K) {
			volatile u64 *v = (u64 *)(l2_gva + p);

			__GUEST_ASSERT(*v == pool_value(1, p / SZ_4K),
				       "offset %lx: %lx", p, *v);
			*v = pool_value(2, p / SZ_4K);
		}
	}
	vmmcall();
}

static void l1_code(struct svm_test_data *svm)
{
	generic_svm_setup(svm, l2_code);
	run_guest(svm->vmcb, svm->vmcb_gpa);
	GUEST_ASSERT_EQ(svm->vmcb->control.exit_code, SVM_EXIT_VMMCALL);
	GUEST_DONE();
}

FIXTURE(nested) {
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	void *mem;
	int fd;
};

FIXTURE_VARIANT(nested) {
	int level;	/* of L1's nested page tables, 0: none */
	bool file;	/* is the memslot bound to the file, or to the mapping? */
	u64 shift;	/* of gfns against offsets */
	bool vmcb;	/* is the VMCB in this memory? */
};

FIXTURE_VARIANT_ADD(nested, npt_1g) {
	.level = PG_LEVEL_1G,
	.file = true,
};

FIXTURE_VARIANT_ADD(nested, npt_2m) {
	.level = PG_LEVEL_2M,
	.file = true,
};

FIXTURE_VARIANT_ADD(nested, npt_4k) {
	.level = PG_LEVEL_4K,
	.file = true,
};

FIXTURE_VARIANT_ADD(nested, npt_1g_shifted) {
	.level = PG_LEVEL_1G,
	.file = true,
	.shift = SZ_4K,
};

FIXTURE_VARIANT_ADD(nested, npt_1g_hva) {
	.level = PG_LEVEL_1G,
};

FIXTURE_VARIANT_ADD(nested, npt_4k_hva) {
	.level = PG_LEVEL_4K,
};

FIXTURE_VARIANT_ADD(nested, same_tables) {
	.file = true,
};

FIXTURE_VARIANT_ADD(nested, vmcb) {
	.level = PG_LEVEL_2M,
	.file = true,
	.vmcb = true,
};

FIXTURE_VARIANT_ADD(nested, vmcb_hva) {
	.level = PG_LEVEL_2M,
	.vmcb = true,
};

FIXTURE_SETUP(nested)
{
	if (!kvm_cpu_has(X86_FEATURE_SVM))
		SKIP(return, "no nested SVM");
	if (variant->level && !kvm_cpu_has_npt())
		SKIP(return, "no nested paging for nested guests");
	if (variant->level == PG_LEVEL_1G && !pool_has_1g())
		SKIP(return, "no 1 GiB pages");

	pool_wait_users(0);
	/* Page tables for 4K entries take some memory. */
	self->vm = __vm_create_with_one_vcpu(&self->vcpu, SIZE / PAGE_SIZE,
					     l1_code);
	self->fd = pool_create(self->vm, SIZE + SZ_2M, POOL_SHARED);
	self->mem = kvm_mmap(SIZE + SZ_2M, PROT_READ | PROT_WRITE, MAP_SHARED,
			     self->fd);
	pool_host_write(self->mem, SIZE + SZ_2M, 0, 1);
}

FIXTURE_TEARDOWN(nested)
{
	kvm_munmap(self->mem, SIZE + SZ_2M);
	close(self->fd);
	kvm_vm_free(self->vm);
	pool_wait_users(0);
}

static void bind(struct _test_data_nested *self, bool file, u64 shift)
{
	if (file)
		vm_set_user_memory_region2(self->vm, POOL_SLOT,
					   KVM_MEM_GUEST_MEMFD, POOL_GPA, SIZE,
					   self->mem + shift, self->fd, shift);
	else
		vm_set_user_memory_region(self->vm, POOL_SLOT, 0, POOL_GPA, SIZE,
					  self->mem + shift);
}

/* What L2 should have done, and not a page more. */
static void check(void *mem, u64 shift)
{
	u64 off, value;

	for (off = 0; off < VMCB; off += SZ_4K) {
		const u64 *v = mem + shift + off;
		bool touched = off % STEP < SPAN;

		value = touched ? pool_value(2, off / SZ_4K) :
				  pool_value(1, (off + shift) / SZ_4K);
		TEST_ASSERT(*v == value, "offset %#lx: %#lx, want %#lx", off, *v,
			    value);
	}
}

static void move_vmcb(struct kvm_vm *vm, struct svm_test_data *svm, void *mem)
{
	const u64 gpa = POOL_GPA + VMCB;

	memset(mem + VMCB, 0, SIZE - VMCB);
	pool_virt_map(vm, POOL_GPA, SIZE);
	svm->vmcb_gpa = gpa;
	svm->vmcb = (void *)gpa;
	svm->save_area_gpa = gpa + SZ_4K;
	svm->save_area = (void *)(gpa + SZ_4K);
	svm->msr_gpa = gpa + SZ_8K;
	svm->msr = (void *)(gpa + SZ_8K);
}

TEST_F_TIMEOUT(nested, memory, 300)
{
	struct svm_test_data *svm;
	struct ucall uc;
	gva_t svm_gva;
	u64 off, p;

	bind(self, variant->file, variant->shift);
	/* With a shift, the values have to be what L2 will look for. */
	for (off = 0; off < SIZE; off += STEP)
		for (p = off; p < off + SPAN; p += SZ_4K)
			*(u64 *)(self->mem + variant->shift + p) =
				pool_value(1, p / SZ_4K);

	if (variant->level)
		vm_enable_npt(self->vm);
	svm = vcpu_alloc_svm(self->vm, &svm_gva);
	TEST_ASSERT(svm, "no memory for nested SVM");
	if (variant->vmcb)
		move_vmcb(self->vm, svm, self->mem);
	vcpu_args_set(self->vcpu, 1, svm_gva);

	l2_gva = variant->level ? L2_GPA : POOL_GPA;
	pool_virt_map(self->vm, l2_gva, SIZE);
	sync_global_to_guest(self->vm, l2_gva);

	/* Last, for it maps what of slot 0 is in use, page tables included. */
	if (variant->level) {
		tdp_identity_map_default_memslots(self->vm);
		for (off = 0; off < SIZE; off += PG_LEVEL_SIZE(variant->level))
			__virt_pg_map(self->vm, &self->vm->stage2_mmu,
				      L2_GPA + off, POOL_GPA + off,
				      variant->level);
	}

	vcpu_run(self->vcpu);
	switch (get_ucall(self->vcpu, &uc)) {
	case UCALL_DONE:
		break;
	case UCALL_ABORT:
		REPORT_GUEST_ASSERT(uc);
	default:
		TEST_FAIL("L1 left with reason %u", self->vcpu->run->exit_reason);
	}
	check(self->mem, variant->shift);
}

TEST_HARNESS_MAIN
