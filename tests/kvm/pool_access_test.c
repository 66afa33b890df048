// SPDX-License-Identifier: GPL-2.0
/*
 * KVM's own access to guest memory that is from a pool: kvm-clock, for which KVM
 * keeps a PFN, and steal time, which it writes through the user address.
 */
#include <asm/kvm_para.h>
#include <asm/pvclock-abi.h>
#include <linux/falloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "kvm_syscalls.h"
#include "pool_util.h"

#define SIZE		SZ_4M
#define CLOCK		SZ_16K
#define STEAL		(SZ_2M + SZ_64K)
#define SECOND		1000000000ull

static void guest_code(void)
{
	wrmsr(MSR_KVM_SYSTEM_TIME_NEW, (POOL_GPA + CLOCK) | KVM_MSR_ENABLED);
	wrmsr(MSR_KVM_STEAL_TIME, (POOL_GPA + STEAL) | KVM_MSR_ENABLED);
	for (;;)
		GUEST_SYNC(0);
}

FIXTURE(access) {
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	void *mem;
	int fd;
};

FIXTURE_VARIANT(access) {
	bool file;	/* is the memslot bound to the file, or to the mapping? */
};

FIXTURE_VARIANT_ADD(access, file) {
	.file = true,
};

FIXTURE_VARIANT_ADD(access, hva) {
	.file = false,
};

FIXTURE_SETUP(access)
{
	pool_wait_users(0);
	self->vm = vm_create_with_one_vcpu(&self->vcpu, guest_code);
	self->fd = pool_create(self->vm, SIZE, POOL_SHARED);
	self->mem = kvm_mmap(SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd);
	if (variant->file)
		vm_set_user_memory_region2(self->vm, POOL_SLOT,
					   KVM_MEM_GUEST_MEMFD, POOL_GPA, SIZE,
					   self->mem, self->fd, 0);
	else
		vm_set_user_memory_region(self->vm, POOL_SLOT, 0, POOL_GPA, SIZE,
					  self->mem);
}

FIXTURE_TEARDOWN(access)
{
	kvm_munmap(self->mem, SIZE);
	close(self->fd);
	kvm_vm_free(self->vm);
	pool_wait_users(0);
}

static void run(struct _test_data_access *self)
{
	vcpu_run(self->vcpu);
	TEST_ASSERT_EQ(get_ucall(self->vcpu, NULL), UCALL_SYNC);
}

/* Set the clock, and see that the guest is told. */
static void clock_is_kept(struct _test_data_access *self, u64 now)
{
	volatile struct pvclock_vcpu_time_info *clock = self->mem + CLOCK;
	struct kvm_clock_data data = {
		.clock = now,
	};

	vm_ioctl(self->vm, KVM_SET_CLOCK, &data);
	run(self);
	TEST_ASSERT(clock->tsc_to_system_mul, "no clock");
	TEST_ASSERT(!(clock->version & 1), "version %u", clock->version);
	TEST_ASSERT(clock->system_time >= now &&
		    clock->system_time < now + 1000 * SECOND,
		    "system time %lu, set to %lu", (u64)clock->system_time, now);
}

TEST_F_TIMEOUT(access, clock, 60)
{
	clock_is_kept(self, 10000 * SECOND);
	clock_is_kept(self, 30000 * SECOND);

	/* KVM must not write to what it had before. */
	pool_punch(self->fd, 0, SIZE);
	pool_host_check_zero(self->mem, SIZE);
	clock_is_kept(self, 50000 * SECOND);
}

TEST_F_TIMEOUT(access, steal_time, 60)
{
	volatile struct kvm_steal_time *steal = self->mem + STEAL;
	u32 version;

	run(self);
	version = steal->version;
	EXPECT_NE(0, version);
	EXPECT_EQ(0, version & 1);

	pool_punch(self->fd, STEAL, PAGE_SIZE);
	EXPECT_EQ(0, steal->version);
	/* It is updated when the vCPU has been away. */
	usleep(10000);
	run(self);
	EXPECT_NE(0, steal->version);
}

/* What KVM maps of a guest may stay when the user mapping goes, but not in use. */
TEST_F_TIMEOUT(access, unmapped, 60)
{
	struct kvm_clock_data data = {
		.clock = SECOND,
	};
	void *mem;
	int fd;

	clock_is_kept(self, 10000 * SECOND);
	kvm_munmap(self->mem, SIZE);
	close(self->fd);
	if (!variant->file)
		vm_set_user_memory_region(self->vm, POOL_SLOT, 0, POOL_GPA, 0,
					  NULL);
	pool_wait_users(0);

	/* The next owner of all memory sees nothing of the clock. */
	fd = pool_create(self->vm, pool_attr("available"), POOL_SHARED);
	mem = kvm_mmap(pool_attr("size"), PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	pool_host_check_zero(mem, SIZE);
	vm_ioctl(self->vm, KVM_SET_CLOCK, &data);
	run(self);
	pool_host_check_zero(mem, SIZE);
	kvm_munmap(mem, pool_attr("size"));
	close(fd);

	/* For the teardown. */
	self->fd = pool_create(self->vm, SIZE, POOL_SHARED);
	self->mem = kvm_mmap(SIZE, PROT_READ, MAP_SHARED, self->fd);
}

TEST_HARNESS_MAIN
