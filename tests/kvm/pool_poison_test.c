// SPDX-License-Identifier: GPL-2.0
/*
 * Memory errors in pool memory: only the page is lost, nobody gets it again, and
 * those who touch it are told so.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <asm/kvm_para.h>

#include "kselftest_harness.h"
#include "kvm_syscalls.h"
#include "convert_util.h"
#include "../mm/poison.h"

#define CLASS	"/sys/class/gmem"

/* Waits until nobody has memory; returns what is available then. */
static u64 idle_pool(void)
{
	pool_wait_users(0);
	return pool_attr("available");
}

static unsigned long lose(int fd, u64 offset)
{
	unsigned long pfn = poison_pfn(fd, offset);

	TEST_ASSERT(pfn, "no PFN at %#lx", offset);
	TEST_ASSERT(poison_elsewhere(pfn), "the error at %#lx is not handled",
		    offset);
	return pfn;
}

static sigjmp_buf jump;
static volatile int nr_signals;
static siginfo_t info;

static void on_access(int sig, siginfo_t *si, void *context)
{
	info = *si;
	siglongjmp(jump, 1);
}

static void on_advice(int sig, siginfo_t *si, void *context)
{
	info = *si;
	nr_signals++;
}

static void on_sigbus(void (*handler)(int sig, siginfo_t *si, void *context))
{
	struct sigaction sa = {
		.sa_sigaction = handler,
		.sa_flags = SA_SIGINFO,
	};

	TEST_ASSERT(!sigaction(SIGBUS, &sa, NULL), "sigaction");
}

/* Reading the page raises SIGBUS, for this reason. */
static bool is_lost(char *page)
{
	bool lost = true;

	on_sigbus(on_access);
	memset(&info, 0, sizeof(info));
	if (!sigsetjmp(jump, 1)) {
		(void)*(volatile char *)page;
		lost = false;
	}
	signal(SIGBUS, SIG_DFL);
	if (!lost)
		return false;
	TEST_ASSERT(info.si_code == BUS_MCEERR_AR && info.si_addr == page &&
		    info.si_addr_lsb == 12, "code %d, address %p, lsb %d",
		    info.si_code, info.si_addr, info.si_addr_lsb);
	return true;
}

/* A socket that receives uevents from here on. */
static int uevent_socket(void)
{
	struct sockaddr_nl addr = {
		.nl_family = AF_NETLINK,
		.nl_groups = 1,
	};
	int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	TEST_ASSERT(fd >= 0 && !bind(fd, (void *)&addr, sizeof(addr)),
		    "no uevents");
	return fd;
}

/* Was there one that says poison, of the pool? */
static bool poison_announced(int fd)
{
	char buf[4096], device[64], *p;
	bool poison, found = false;
	ssize_t n;

	snprintf(device, sizeof(device), "/gmem/%s", pool_name());
	while ((n = recv(fd, buf, sizeof(buf) - 1, 0)) > 0) {
		buf[n] = 0;
		poison = false;
		for (p = buf; p < buf + n; p += strlen(p) + 1)
			poison |= !strcmp(p, "GMEM_EVENT=poison");
		found |= poison && strstr(buf, device);
	}
	return found;
}

/* What nobody has is not handed out any more; the rest of its GiB is. */
TEST(free_memory)
{
	struct kvm_vm *vm = vm_create_barebones();
	u64 available = idle_pool(), poisoned = pool_attr("poisoned");
	int fd = pool_create(vm, SZ_2M, POOL_SHARED), pool = pool_open();
	unsigned long pfn = poison_pfn(fd, 5 * SZ_4K);
	int uevents = uevent_socket();
	struct pollfd file = { .events = POLLPRI };
	char path[64];

	ASSERT_NE(0, pfn);
	close(fd);
	ASSERT_EQ(available, idle_pool());

	snprintf(path, sizeof(path), CLASS "/%s/poisoned", pool_name());
	file.fd = open(path, O_RDONLY);
	ASSERT_GT(read(file.fd, path, sizeof(path)), 0);
	ASSERT_EQ(0, poll(&file, 1, 0));

	ASSERT_TRUE(poison_elsewhere(pfn));
	EXPECT_EQ(1, poll(&file, 1, 0));
	close(file.fd);
	EXPECT_TRUE(poison_announced(uevents));
	EXPECT_EQ(poisoned + SZ_2M, pool_attr("poisoned"));
	EXPECT_EQ(available - SZ_2M, pool_attr("available"));
	EXPECT_EQ(available - SZ_2M, pool_attr("scrubbed"));
	/* It is known; and there is no more to lose next to it. */
	EXPECT_EQ(EHWPOISON, poison_here(pfn));
	EXPECT_FALSE(poison_announced(uevents));
	EXPECT_EQ(0, poison_here(pfn + 1));
	EXPECT_EQ(poisoned + SZ_2M, pool_attr("poisoned"));
	close(uevents);

	/* All that is available can be had, and no more. */
	EXPECT_EQ(-1, __pool_create(vm, available, POOL_SHARED, pool));
	EXPECT_EQ(ENOSPC, errno);
	fd = pool_create(vm, available - SZ_2M, POOL_SHARED);
	EXPECT_EQ(0, nr_poisoned(fd));
	EXPECT_EQ(0, pool_attr("available"));
	close(fd);
	EXPECT_EQ(available - SZ_2M, idle_pool());

	close(pool);
	kvm_vm_free(vm);
}

FIXTURE(user) {
	struct kvm_vm *vm;
	u64 available;
	char *mem;
	int fd;
};

#define USER_SIZE	SZ_4M
#define LOST		(SZ_2M + 7 * SZ_4K)

FIXTURE_SETUP(user)
{
	self->available = idle_pool();
	self->vm = vm_create_barebones();
	self->fd = pool_create(self->vm, USER_SIZE, POOL_SHARED);
	self->mem = kvm_mmap(USER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			     self->fd);
	pool_host_write(self->mem, USER_SIZE, 0, 1);
}

FIXTURE_TEARDOWN(user)
{
	kvm_munmap(self->mem, USER_SIZE);
	close(self->fd);
	kvm_vm_free(self->vm);
	/* The memory goes back, but for one granule. */
	EXPECT_EQ(self->available - SZ_2M, idle_pool());
}

static void check_neighbours(char *mem, u64 seed)
{
	pool_host_check(mem, LOST, 0, seed);
	pool_host_check(mem + LOST + SZ_4K, USER_SIZE - LOST - SZ_4K,
			LOST / SZ_4K + 1, seed);
}

/* Who does not want to know finds out by an access; so does a child. */
TEST_F(user, late)
{
	int status, pid;

	lose(self->fd, LOST);
	EXPECT_EQ(SZ_4K, nr_poisoned(self->fd));
	check_neighbours(self->mem, 1);
	EXPECT_TRUE(is_lost(self->mem + LOST));
	EXPECT_FALSE(host_can_access(self->mem + LOST));
	EXPECT_TRUE(host_can_access(self->mem + LOST + SZ_4K));

	pid = fork();
	if (!pid) {
		check_neighbours(self->mem, 1);
		_exit(is_lost(self->mem + LOST) ? 0 : 1);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);

	/* A hole does not bring another page, and no harm to its neighbours. */
	pool_punch(self->fd, 0, USER_SIZE);
	pool_host_check_zero(self->mem, LOST);
	pool_host_check_zero(self->mem + LOST + SZ_4K, USER_SIZE - LOST - SZ_4K);
	EXPECT_TRUE(is_lost(self->mem + LOST));
	EXPECT_EQ(SZ_4K, nr_poisoned(self->fd));
}

/* Who wants to know is told at once, and so is a child; it can go on. */
TEST_F(user, early)
{
	int status, pid, ready[2], done[2];
	char *second = kvm_mmap(SZ_2M, PROT_READ, MAP_SHARED, self->fd);
	char c = 0;

	ASSERT_EQ(0, prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0));
	on_sigbus(on_advice);
	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(done));
	pid = fork();
	if (!pid) {
		c = write(ready[1], &c, 1);
		c = read(done[0], &c, 1);
		_exit(nr_signals == 1 && info.si_code == BUS_MCEERR_AO &&
		      info.si_addr == self->mem + LOST ? 0 : 1);
	}
	ASSERT_EQ(1, read(ready[0], &c, 1));
	lose(self->fd, LOST);
	/* A mapping of another part of the file is no reason for a signal. */
	EXPECT_EQ(1, nr_signals);
	EXPECT_EQ(BUS_MCEERR_AO, info.si_code);
	EXPECT_EQ(self->mem + LOST, info.si_addr);
	EXPECT_EQ(12, info.si_addr_lsb);

	ASSERT_EQ(1, write(done[1], &c, 1));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);

	check_neighbours(self->mem, 1);
	EXPECT_TRUE(is_lost(self->mem + LOST));
	kvm_munmap(second, SZ_2M);
}

/* Who has touched it is told where that was. */
TEST_F(user, action_required)
{
	unsigned long pfn = poison_pfn(self->fd, LOST);

	on_sigbus(on_advice);
	EXPECT_EQ(0, poison_here(pfn));
	EXPECT_EQ(1, nr_signals);
	EXPECT_EQ(BUS_MCEERR_AR, info.si_code);
	EXPECT_EQ(self->mem + LOST, info.si_addr);
	check_neighbours(self->mem, 1);
	EXPECT_TRUE(is_lost(self->mem + LOST));
}

/* What needs a struct page, or another page to put in its place. */
TEST_F(user, refused)
{
	unsigned long pfn = lose(self->fd, LOST);
	char pfn_text[32], next_text[32];

	snprintf(pfn_text, sizeof(pfn_text), "%#lx", pfn);
	snprintf(next_text, sizeof(next_text), "%#lx", pfn + 1);
	EXPECT_EQ(EIO, poison_write("/sys/kernel/debug/hwpoison/unpoison-pfn",
				    pfn_text));
	EXPECT_EQ(ENXIO, poison_write("/sys/kernel/debug/hwpoison/corrupt-pfn",
				      next_text));
	EXPECT_EQ(ENXIO, poison_write("/sys/devices/system/memory/soft_offline_page",
				      poison_text(pfn + 1)));
	EXPECT_EQ(-1, madvise(self->mem, SZ_4K, MADV_HWPOISON));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, madvise(self->mem, SZ_4K, MADV_SOFT_OFFLINE));
	EXPECT_EQ(EFAULT, errno);
	check_neighbours(self->mem, 1);
	EXPECT_TRUE(is_lost(self->mem + LOST));
	EXPECT_EQ(SZ_4K, nr_poisoned(self->fd));
}

struct busy {
	char *mem;
	int fd;
	bool stop;
};

static void *convert_often(void *arg)
{
	struct busy *busy = arg;

	while (!READ_ONCE(busy->stop)) {
		convert(busy->fd, SZ_2M, SZ_2M, true);
		convert(busy->fd, SZ_2M, SZ_2M, false);
		pool_punch(busy->fd, SZ_1M, SZ_2M);
	}
	return NULL;
}

/* System calls that copy fail where an access would raise SIGBUS. */
static void *touch_often(void *arg)
{
	struct busy *busy = arg;
	int copy = memfd_create("copy", MFD_CLOEXEC);
	u64 offset = 0;
	int n = 0;

	for (; !READ_ONCE(busy->stop); offset = (offset + SZ_4K) % USER_SIZE)
		n += pwrite(copy, busy->mem + offset, 8, 0) == 8;
	TEST_ASSERT(n, "nothing could be read");
	close(copy);
	return NULL;
}

/* Files come and go meanwhile. */
static void *create_often(void *arg)
{
	struct busy *busy = arg;
	struct kvm_vm *vm = vm_create_barebones();

	while (!READ_ONCE(busy->stop))
		close(pool_create(vm, SZ_2M, POOL_SHARED));
	kvm_vm_free(vm);
	return NULL;
}

FIXTURE(guest) {
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	u64 available;
};

FIXTURE_SETUP(guest)
{
	if (!(kvm_check_cap(KVM_CAP_VM_TYPES) & BIT(KVM_X86_SW_PROTECTED_VM)))
		SKIP(return, "no software-protected VMs (needs the TDP MMU)");
	if (!in_place_conversion())
		SKIP(return, "kvm.gmem_in_place_conversion is off");
	self->available = idle_pool();
	self->vm = pool_vm(KVM_X86_SW_PROTECTED_VM, &self->vcpu);
}

FIXTURE_TEARDOWN(guest)
{
	kvm_vm_free(self->vm);
	idle_pool();
}

static void bind_all(struct kvm_vm *vm, u64 size, int fd, void *mem)
{
	vm_set_user_memory_region2(vm, POOL_SLOT, KVM_MEM_GUEST_MEMFD, POOL_GPA,
				   size, mem, fd, 0);
	pool_virt_map(vm, POOL_GPA, size);
}

static void guest(struct kvm_vcpu *vcpu, enum guest_op op, u64 offset, u64 size)
{
	pool_guest(vcpu, op, POOL_GPA + offset, size, offset / SZ_4K, 1);
}

/* The guest leaves KVM_RUN when it touches the page. */
static void guest_lost(struct kvm_vcpu *vcpu, u64 offset)
{
	struct kvm_pre_fault_memory range = {
		.gpa = POOL_GPA + offset,
		.size = SZ_4K,
	};

	TEST_ASSERT_EQ(__pool_guest(vcpu, GUEST_CHECK, POOL_GPA + offset, SZ_4K,
				    0, 1), EHWPOISON);
	TEST_ASSERT_EQ(vcpu->run->exit_reason, KVM_EXIT_MEMORY_FAULT);
	TEST_ASSERT_EQ(vcpu->run->memory_fault.gpa, POOL_GPA + offset);
	pool_guest_restart(vcpu);

	TEST_ASSERT_EQ(__vcpu_ioctl(vcpu, KVM_PRE_FAULT_MEMORY, &range), -1);
	TEST_ASSERT_EQ(errno, EHWPOISON);
}

/* One page of a GiB that guest and host map as a whole. */
TEST_F_TIMEOUT(guest, gib, 300)
{
	const u64 granule = SZ_512M + 3 * SZ_2M, lost = granule + 9 * SZ_4K;
	struct pool_pages before;
	struct check c;
	char *mem;
	int fd;

	if (!pool_has_1g())
		SKIP(return, "no 1 GiB pages");
	fd = pool_create(self->vm, SZ_1G, POOL_SHARED);
	mem = kvm_mmap(SZ_1G, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	bind_all(self->vm, SZ_1G, fd, mem);
	before = pool_pages(self->vm);
	guest(self->vcpu, GUEST_WRITE, granule - SZ_2M, 3 * SZ_2M);
	guest(self->vcpu, GUEST_WRITE, 0, SZ_4K);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 0, 0, 1);
	pool_host_check(mem, SZ_4K, 0, 1);
	ASSERT_EQ(1, check(self->vm).g1);

	lose(fd, lost);
	CHECK_NO_MISMATCH(self->vm);
	guest_lost(self->vcpu, lost);
	EXPECT_TRUE(is_lost(mem + lost));

	/* Everything else is there, and mapped as large as it can be. */
	guest(self->vcpu, GUEST_CHECK, granule - SZ_2M, lost - granule + SZ_2M);
	guest(self->vcpu, GUEST_CHECK, lost + SZ_4K,
	      granule + 2 * SZ_2M - lost - SZ_4K);
	guest(self->vcpu, GUEST_CHECK, 0, SZ_4K);
	POOL_ASSERT_PAGES(pool_pages(self->vm), before, 511, 3, 0);
	pool_host_check(mem + lost + SZ_4K, SZ_4K, lost / SZ_4K + 1, 1);
	pool_host_check(mem + granule + SZ_2M, SZ_2M,
			(granule + SZ_2M) / SZ_4K, 1);
	c = check(self->vm);
	EXPECT_EQ(0, c.guest);
	EXPECT_EQ(0, c.user);
	EXPECT_EQ(0, c.g1);
	EXPECT_EQ(1, c.m2);
	EXPECT_EQ(1, c.k4);
	guest_lost(self->vcpu, lost);

	/* A second one, next to it, and one in another granule. */
	lose(fd, lost + SZ_4K);
	lose(fd, 0);
	EXPECT_EQ(3 * SZ_4K, nr_poisoned(fd));
	guest_lost(self->vcpu, lost + SZ_4K);
	guest_lost(self->vcpu, 0);
	guest(self->vcpu, GUEST_CHECK, lost + 2 * SZ_4K, SZ_4K);

	/* What is zeroed around them is zero. */
	pool_punch(fd, 0, SZ_1G);
	guest_lost(self->vcpu, lost);
	pool_guest(self->vcpu, GUEST_CHECK_ZERO, POOL_GPA + granule,
		   lost - granule, 0, 0);
	pool_guest(self->vcpu, GUEST_CHECK_ZERO, POOL_GPA + lost + 2 * SZ_4K,
		   SZ_2M, 0, 0);
	CHECK_NO_MISMATCH(self->vm);

	kvm_munmap(mem, SZ_1G);
	close(fd);
	EXPECT_EQ(self->available - 2 * SZ_2M, idle_pool());
}

/* Conversions of a range with a lost page succeed and do not bring it back. */
TEST_F_TIMEOUT(guest, conversion, 120)
{
	int fd = pool_create(self->vm, USER_SIZE, GUEST_MEMFD_FLAG_MMAP);
	char *mem = kvm_mmap(USER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	int i;

	bind_all(self->vm, USER_SIZE, fd, mem);
	guest(self->vcpu, GUEST_WRITE, 0, USER_SIZE);
	/* It is private: the host has it nowhere. */
	lose(fd, LOST);
	guest_lost(self->vcpu, LOST);
	EXPECT_FALSE(host_can_access(mem + LOST));

	for (i = 0; i < 2; i++) {
		convert(fd, 0, USER_SIZE, false);
		EXPECT_EQ(0, nr_private(fd));
		guest_lost(self->vcpu, LOST);
		EXPECT_TRUE(is_lost(mem + LOST));
		check_neighbours(mem, 1);

		convert(fd, LOST, SZ_4K, true);
		EXPECT_EQ(SZ_4K, nr_private(fd));
		guest_lost(self->vcpu, LOST);
		EXPECT_FALSE(host_can_access(mem + LOST));
		CHECK_NO_MISMATCH(self->vm);

		convert(fd, 0, USER_SIZE, true);
		EXPECT_EQ(USER_SIZE, nr_private(fd));
		guest(self->vcpu, GUEST_CHECK, 0, LOST);
		guest(self->vcpu, GUEST_CHECK, LOST + SZ_4K, SZ_4K);
		guest_lost(self->vcpu, LOST);
		CHECK_NO_MISMATCH(self->vm);
	}

	kvm_munmap(mem, USER_SIZE);
	close(fd);
	EXPECT_EQ(self->available - SZ_2M, idle_pool());
}

/* Errors while everybody is busy with the memory. */
TEST_F_TIMEOUT(guest, race, 240)
{
	struct busy busy = {
		.fd = pool_create(self->vm, USER_SIZE, POOL_SHARED),
	};
	void *(*const mains[])(void *) = { convert_often, touch_often,
					   create_often };
	pthread_t threads[ARRAY_SIZE(mains)];
	unsigned long pfn = poison_pfn(busy.fd, SZ_2M);
	int i;

	busy.mem = kvm_mmap(USER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			    busy.fd);
	bind_all(self->vm, USER_SIZE, busy.fd, busy.mem);
	for (i = 0; i < ARRAY_SIZE(mains); i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, mains[i], &busy));
	for (i = 0; i < 32; i++) {
		EXPECT_TRUE(poison_elsewhere(pfn + 3 * i));
		guest_lost(self->vcpu, SZ_2M + 3 * i * SZ_4K);
		pool_guest(self->vcpu, GUEST_WRITE, POOL_GPA + SZ_2M +
			   (3 * i + 1) * SZ_4K, SZ_4K, 0, 1);
	}
	WRITE_ONCE(busy.stop, true);
	for (i = 0; i < ARRAY_SIZE(mains); i++)
		pthread_join(threads[i], NULL);

	EXPECT_EQ(32 * SZ_4K, nr_poisoned(busy.fd));
	CHECK_NO_MISMATCH(self->vm);
	kvm_munmap(busy.mem, USER_SIZE);
	close(busy.fd);
	EXPECT_EQ(self->available - SZ_2M, idle_pool());
}

/* A memslot that follows the user mapping. */
TEST(hva)
{
	u64 available = idle_pool();
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm = pool_vm(0, &vcpu);
	int fd = pool_create(vm, USER_SIZE, POOL_SHARED);
	char *mem = kvm_mmap(USER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	vm_set_user_memory_region(vm, POOL_SLOT, 0, POOL_GPA, USER_SIZE, mem);
	pool_virt_map(vm, POOL_GPA, USER_SIZE);
	guest(vcpu, GUEST_WRITE, 0, USER_SIZE);
	lose(fd, LOST);
	guest(vcpu, GUEST_CHECK, 0, LOST);
	guest(vcpu, GUEST_CHECK, LOST + SZ_4K, SZ_4K);
	EXPECT_EQ(EFAULT, __pool_guest(vcpu, GUEST_CHECK, POOL_GPA + LOST, SZ_4K,
				       0, 1));
	pool_guest_restart(vcpu);
	check_neighbours(mem, 1);

	kvm_munmap(mem, USER_SIZE);
	close(fd);
	kvm_vm_free(vm);
	EXPECT_EQ(available - SZ_2M, idle_pool());
}

/* KVM's own mapping of the page of kvm-clock goes as well. */
TEST_F_TIMEOUT(guest, kvm_clock, 120)
{
	int fd = pool_create(self->vm, SZ_2M, POOL_SHARED);
	char *mem = kvm_mmap(SZ_2M, PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	int before = nr_kernel_mappings();
	unsigned long pfn = poison_pfn(fd, SZ_4K);

	bind_all(self->vm, SZ_2M, fd, mem);
	vcpu_set_msr(self->vcpu, MSR_KVM_SYSTEM_TIME_NEW,
		     (POOL_GPA + SZ_4K) | KVM_MSR_ENABLED);
	guest(self->vcpu, GUEST_WRITE, 0, SZ_4K);
	ASSERT_EQ(before + 1, nr_kernel_mappings());

	ASSERT_TRUE(poison_elsewhere(pfn));
	EXPECT_EQ(before, nr_kernel_mappings());
	/* The guest goes on without it. */
	guest(self->vcpu, GUEST_CHECK, 0, SZ_4K);
	EXPECT_EQ(before, nr_kernel_mappings());

	kvm_munmap(mem, SZ_2M);
	close(fd);
	EXPECT_EQ(self->available - SZ_2M, idle_pool());
}

TEST_HARNESS_MAIN
