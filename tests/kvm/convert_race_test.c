// SPDX-License-Identifier: GPL-2.0
/*
 * Conversions of one GiB while vCPUs, threads of user space and pre-faulting use
 * it, by the host alone and driven by guests.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/kvm_para.h>

#include "kselftest_harness.h"
#include "kvm_syscalls.h"
#include "convert_util.h"

#define NR_VCPUS	2
#define NR_CONVERTERS	2

/* The GiB: pages that stay shared, one for each user, then a part for each. */
#define STABLE(i)	((u64)(i) * PAGE_SIZE)
#define PART_SIZE	SZ_256M
#define PART(i)		(SZ_256M + (u64)(i) * PART_SIZE)

FIXTURE(race) {
	struct kvm_vcpu *vcpus[NR_VCPUS + 1];
	struct kvm_vm *vm;
	char *mem;
	int fd;
};

static bool stop;

static u64 next_random(u64 *state)
{
	*state = *state * 6364136223846793005ull + 1442695040888963407ull;
	return *state >> 33;
}

/*
 * Each vCPU counts in a page of its own, which is converted with the rest, and
 * looks at pages everywhere.
 */
static void guest_count(u64 id)
{
	volatile u64 *counter = (u64 *)(POOL_GPA + STABLE(id));
	u64 n, seed = id + 1;

	for (n = 1; !READ_ONCE(stop); n++) {
		*counter = n;
		READ_ONCE(*(u64 *)(POOL_GPA + next_random(&seed) % (SZ_1G / SZ_4K) *
				   SZ_4K));
		__GUEST_ASSERT(*counter == n, "vCPU %lu: %lx, not %lx", id,
			       *counter, n);
	}
	GUEST_DONE();
}

/* What a guest converts itself, a part for each vCPU. */
#define DRIVEN_SIZE	(SZ_2M + 5 * SZ_4K)
#define DRIVEN_ROUNDS	12

static u64 driven_gpa(u64 id, u64 round)
{
	/* Next to each other, and in and out of step with 2 MiB. */
	return POOL_GPA + SZ_64M + id * SZ_4M + round % 3 * SZ_4K;
}

static void guest_fill(u64 gpa, u64 size, u64 seed)
{
	u64 i;

	for (i = 0; i < size / PAGE_SIZE; i++)
		*(volatile u64 *)(gpa + i * PAGE_SIZE) = pool_value(seed, i);
}

static void guest_expect(u64 gpa, u64 size, u64 seed)
{
	u64 i;

	for (i = 0; i < size / PAGE_SIZE; i++, gpa += PAGE_SIZE) {
		u64 value = *(volatile u64 *)gpa;

		__GUEST_ASSERT(value == pool_value(seed, i), "%lx at %lx", value,
			       gpa);
	}
}

static void guest_drive(u64 id)
{
	u64 round;

	for (round = 0; round < DRIVEN_ROUNDS; round++) {
		const u64 gpa = driven_gpa(id, round);
		const u64 size = round % 2 ? DRIVEN_SIZE : SZ_4K;

		guest_fill(gpa, size, 4 * round);
		kvm_hypercall_map_gpa_range(gpa, size,
					    KVM_MAP_GPA_RANGE_ENCRYPTED);
		guest_expect(gpa, size, 4 * round);
		guest_fill(gpa, size, 4 * round + 1);
		kvm_hypercall_map_gpa_range(gpa, size,
					    KVM_MAP_GPA_RANGE_DECRYPTED);
		/* The host has read that, and has written. */
		guest_expect(gpa, size, 4 * round + 2);
	}
	GUEST_DONE();
}

FIXTURE_SETUP(race)
{
	if (!(kvm_check_cap(KVM_CAP_VM_TYPES) & BIT(KVM_X86_SW_PROTECTED_VM)))
		SKIP(return, "no software-protected VMs (needs the TDP MMU)");
	if (!in_place_conversion())
		SKIP(return, "kvm.gmem_in_place_conversion is off");
	pool_wait_users(0);
}

/* Memslots of one file, one after another: where each ends. */
static const u64 one_slot[] = { SZ_1G };
/* Inside of what the vCPUs convert, in and out of step with 2 MiB. */
static const u64 many_slots[] = {
	SZ_64M + SZ_1M + SZ_4K, SZ_64M + SZ_2M, SZ_64M + SZ_4M + SZ_8K,
	SZ_64M + SZ_8M + SZ_1M, SZ_1G,
};

static void create_vm(struct _test_data_race *self, void *guest_code,
		      const u64 *ends)
{
	const struct vm_shape shape = {
		.mode = VM_MODE_DEFAULT,
		.type = KVM_X86_SW_PROTECTED_VM,
	};
	u64 start = 0;
	int i;

	self->vm = __vm_create_with_vcpus(shape, NR_VCPUS + 1, 0, guest_code,
					  self->vcpus);
	for (i = 0; i < ARRAY_SIZE(self->vcpus); i++)
		vcpu_args_set(self->vcpus[i], 1, i);

	self->fd = pool_create(self->vm, SZ_1G, POOL_SHARED);
	self->mem = kvm_mmap(SZ_1G, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd);
	for (i = 0; start < SZ_1G; start = ends[i++])
		vm_set_user_memory_region2(self->vm, POOL_SLOT + i,
					   KVM_MEM_GUEST_MEMFD, POOL_GPA + start,
					   ends[i] - start, self->mem + start,
					   self->fd, start);
	pool_virt_map(self->vm, POOL_GPA, SZ_1G);
	stop = false;
	sync_global_to_guest(self->vm, stop);
}

FIXTURE_TEARDOWN(race)
{
	if (!self->vm)
		return;
	kvm_vm_free(self->vm);
	kvm_munmap(self->mem, SZ_1G);
	close(self->fd);
	pool_wait_users(0);
}

struct thread {
	struct _test_data_race *self;
	void *(*main)(void *arg);
	pthread_t thread;
	u64 id;
	u64 rounds;
};

static void *run_vcpu(void *arg)
{
	struct thread *t = arg;
	struct ucall uc;

	vcpu_run(t->self->vcpus[t->id]);
	switch (get_ucall(t->self->vcpus[t->id], &uc)) {
	case UCALL_DONE:
		return NULL;
	case UCALL_ABORT:
		REPORT_GUEST_ASSERT(uc);
	default:
		TEST_FAIL("vCPU %lu left with reason %u", t->id,
			  t->self->vcpus[t->id]->run->exit_reason);
	}
	return NULL;
}

/* Copy a word out of the memory, or into it; false if it is private. */
static bool copy_out(int file, const void *p, u64 *value)
{
	int r = pwrite(file, p, sizeof(*value), 0);

	TEST_ASSERT(r == sizeof(*value) || (r < 0 && errno == EFAULT),
		    "pwrite: %d, errno %d", r, errno);
	return r > 0 && pread(file, value, sizeof(*value), 0) == sizeof(*value);
}

static bool copy_in(int file, void *p, u64 value)
{
	int r;

	TEST_ASSERT(pwrite(file, &value, sizeof(value), 0) == sizeof(value),
		    "pwrite: errno %d", errno);
	r = pread(file, p, sizeof(value), 0);
	/* A copy that fails in the middle of a file has read nothing. */
	TEST_ASSERT(r == sizeof(value) || r == 0 || errno == EFAULT,
		    "pread: %d, errno %d", r, errno);
	return r > 0;
}

/* What a vCPU does, as far as the memory can be accessed. */
static void *use_memory(void *arg)
{
	struct thread *t = arg;
	char *mem = t->self->mem, *counter = mem + STABLE(NR_VCPUS + t->id);
	int file = memfd_create("copy", 0);
	u64 seed = t->id + 77, value;

	for (t->rounds = 1; !READ_ONCE(stop); t->rounds++) {
		bool written = copy_in(file, counter, t->rounds);

		copy_out(file, mem + next_random(&seed) % (SZ_1G / SZ_4K) * SZ_4K,
			 &value);
		if (copy_out(file, counter, &value) && written)
			TEST_ASSERT_EQ(value, t->rounds);
	}
	close(file);
	return NULL;
}

static void *pre_fault(void *arg)
{
	struct thread *t = arg;

	while (!READ_ONCE(stop)) {
		struct kvm_pre_fault_memory range = {
			.gpa = POOL_GPA,
			.size = SZ_1G,
		};
		int r;

		while (range.size && !READ_ONCE(stop)) {
			r = __vcpu_ioctl(t->self->vcpus[NR_VCPUS],
					 KVM_PRE_FAULT_MEMORY, &range);
			TEST_ASSERT(!r || errno == EAGAIN || errno == EINTR,
				    "pre-faulting: errno %d", errno);
			t->rounds++;
		}
	}
	return NULL;
}

/* Converts in its part: what has become private cannot be accessed any more. */
static void *convert_part(void *arg)
{
	static const u64 sizes[] = { SZ_4K, SZ_2M, SZ_64K + SZ_4K, PART_SIZE,
				     SZ_2M - SZ_4K, SZ_64M };
	struct thread *t = arg;
	char *mem = t->self->mem;
	int file = memfd_create("copy", 0);
	u64 seed = t->id + 99, value, stamp;

	for (t->rounds = 0; !READ_ONCE(stop); t->rounds++) {
		const u64 size = sizes[next_random(&seed) % ARRAY_SIZE(sizes)];
		const u64 first = PART(t->id) + next_random(&seed) %
				  ((PART_SIZE - size) / SZ_4K + 1) * SZ_4K;
		const u64 last = first + size - SZ_4K;

		stamp = next_random(&seed);
		TEST_ASSERT(copy_in(file, mem + first, stamp), "not shared");
		TEST_ASSERT(copy_in(file, mem + last, stamp), "not shared");
		convert(t->self->fd, first, size, true);
		TEST_ASSERT(!copy_out(file, mem + first, &value), "not private");
		TEST_ASSERT(!copy_out(file, mem + last, &value), "not private");
		convert(t->self->fd, first, size, false);
		TEST_ASSERT(copy_out(file, mem + first, &value), "not shared");
		TEST_ASSERT_EQ(value, stamp);
		TEST_ASSERT(copy_out(file, mem + last, &value), "not shared");
		TEST_ASSERT_EQ(value, stamp);
	}
	close(file);
	return NULL;
}

/* Converts all of the GiB, and single pages of it. */
static void *convert_all(void *arg)
{
	struct thread *t = arg;
	u64 seed = 5;

	for (t->rounds = 0; !READ_ONCE(stop); t->rounds++) {
		convert(t->self->fd, 0, SZ_1G, true);
		convert(t->self->fd, next_random(&seed) % (SZ_1G / SZ_4K) * SZ_4K,
			SZ_4K, false);
		convert(t->self->fd, 0, SZ_1G, false);
		convert(t->self->fd, next_random(&seed) % (SZ_1G / SZ_4K) * SZ_4K,
			SZ_4K, true);
	}
	convert(t->self->fd, 0, SZ_1G, false);
	return NULL;
}

static void race(struct _test_data_race *self, int nr_converters,
		 void *(*converter)(void *))
{
	struct thread threads[NR_VCPUS + 2 + NR_CONVERTERS] = {};
	int i, n = 0;
	time_t end;

	create_vm(self, guest_count, one_slot);

	for (i = 0; i < NR_VCPUS; i++) {
		threads[n].id = i;
		threads[n++].main = run_vcpu;
	}
	threads[n++].main = use_memory;
	threads[n++].main = pre_fault;
	for (i = 0; i < nr_converters; i++) {
		threads[n].id = i;
		threads[n++].main = converter;
	}
	for (i = 0; i < n; i++) {
		threads[i].self = self;
		kvm_pthread_create(&threads[i].thread, NULL, threads[i].main,
				   &threads[i]);
	}

	/* All the while no page table may contradict the attributes. */
	for (end = time(NULL) + 25; time(NULL) < end; sleep(2))
		CHECK_NO_MISMATCH(self->vm);

	WRITE_ONCE(stop, true);
	sync_global_to_guest(self->vm, stop);
	for (i = 0; i < n; i++)
		kvm_pthread_join(threads[i].thread, NULL);

	for (i = NR_VCPUS; i < n; i++)
		TEST_ASSERT(threads[i].rounds > 2, "thread %d: %lu rounds", i,
			    threads[i].rounds);
	CHECK_NO_MISMATCH(self->vm);
	TEST_ASSERT_EQ(nr_private(self->fd), 0);
}

TEST_F_TIMEOUT(race, parts, 300)
{
	race(self, NR_CONVERTERS, convert_part);
}

TEST_F_TIMEOUT(race, all, 300)
{
	race(self, 1, convert_all);
}

/* Does what the guest asks for; looks at the memory, and changes it. */
static void map_gpa_range(struct thread *t, struct kvm_run *run)
{
	const u64 gpa = run->hypercall.args[0];
	const u64 size = run->hypercall.args[1] * PAGE_SIZE;
	const bool private = run->hypercall.args[2] & KVM_MAP_GPA_RANGE_ENCRYPTED;
	char *mem = t->self->mem + (gpa - POOL_GPA);
	int file = memfd_create("copy", 0);
	u64 i, value;

	TEST_ASSERT_EQ(run->hypercall.nr, KVM_HC_MAP_GPA_RANGE);
	convert(t->self->fd, gpa - POOL_GPA, size, private);

	if (private) {
		TEST_ASSERT(!copy_out(file, mem, &value), "not private");
		TEST_ASSERT(!copy_out(file, mem + size - SZ_4K, &value),
			    "not private");
	} else {
		for (i = 0; i < size / PAGE_SIZE; i++) {
			u64 *p = (u64 *)(mem + i * PAGE_SIZE);

			TEST_ASSERT_EQ(*p, pool_value(4 * t->rounds + 1, i));
			*p = pool_value(4 * t->rounds + 2, i);
		}
		t->rounds++;
	}
	close(file);
	run->hypercall.ret = 0;
}

static void *run_driving_vcpu(void *arg)
{
	struct thread *t = arg;
	struct kvm_vcpu *vcpu = t->self->vcpus[t->id];
	struct ucall uc;

	for (;;) {
		vcpu_run(vcpu);
		if (vcpu->run->exit_reason == KVM_EXIT_HYPERCALL) {
			map_gpa_range(t, vcpu->run);
			continue;
		}
		switch (get_ucall(vcpu, &uc)) {
		case UCALL_DONE:
			return NULL;
		case UCALL_ABORT:
			REPORT_GUEST_ASSERT(uc);
		default:
			TEST_FAIL("vCPU %lu left with reason %u", t->id,
				  vcpu->run->exit_reason);
		}
	}
}

/* Guests convert with a hypercall each, @nr_vcpus of them at once. */
static void drive(struct _test_data_race *self, int nr_vcpus, const u64 *slots)
{
	struct thread threads[NR_VCPUS + 1] = {};
	int i;

	create_vm(self, guest_drive, slots);
	vm_enable_cap(self->vm, KVM_CAP_EXIT_HYPERCALL,
		      BIT(KVM_HC_MAP_GPA_RANGE));

	for (i = 0; i < nr_vcpus; i++) {
		threads[i].self = self;
		threads[i].id = i;
		kvm_pthread_create(&threads[i].thread, NULL, run_driving_vcpu,
				   &threads[i]);
	}
	for (i = 0; i < nr_vcpus; i++) {
		kvm_pthread_join(threads[i].thread, NULL);
		TEST_ASSERT_EQ(threads[i].rounds, DRIVEN_ROUNDS);
	}
	CHECK_NO_MISMATCH(self->vm);
	TEST_ASSERT_EQ(nr_private(self->fd), 0);
}

TEST_F_TIMEOUT(race, guest_driven, 300)
{
	drive(self, NR_VCPUS, one_slot);
}

TEST_F_TIMEOUT(race, guest_driven_memslots, 300)
{
	drive(self, NR_VCPUS + 1, many_slots);
}

TEST_HARNESS_MAIN
