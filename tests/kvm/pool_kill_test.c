// SPDX-License-Identifier: GPL-2.0
/*
 * Processes that create, map, fault, punch and close, with all the threads that
 * a VMM has, are killed at any time.  The pool has all of its memory afterwards,
 * and the next owner finds zeroes.
 */
#include <errno.h>
#include <linux/falloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <asm/kvm_para.h>

#include "kselftest_harness.h"
#include "kvm_syscalls.h"
#include "pool_util.h"

#define SIZE	(SZ_1G + SZ_64M)

struct victim {
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm;
	void *mem;
	int fd;
};

static u64 random_page(unsigned int *seed, u64 pages)
{
	return ((u64)rand_r(seed) << 16 ^ rand_r(seed)) % pages;
}

static void *run(void *arg)
{
	struct victim *v = arg;
	unsigned int seed = gettid();

	for (;;) {
		u64 page = random_page(&seed, SIZE / PAGE_SIZE - 64);

		pool_guest(v->vcpu, GUEST_WRITE, POOL_GPA + page * PAGE_SIZE,
			   64 * PAGE_SIZE, page, 1);
	}
	return NULL;
}

static void *punch(void *arg)
{
	struct victim *v = arg;
	unsigned int seed = gettid();

	for (;;) {
		u64 page = random_page(&seed, SIZE / PAGE_SIZE);
		u64 pages = random_page(&seed, 2) ? SIZE / PAGE_SIZE : 600;

		fallocate(v->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			  page * PAGE_SIZE, pages * PAGE_SIZE);
	}
	return NULL;
}

static void *touch(void *arg)
{
	struct victim *v = arg;
	unsigned int seed = gettid();

	for (;;) {
		u64 page = random_page(&seed, SIZE / PAGE_SIZE);

		*(volatile u64 *)(v->mem + page * PAGE_SIZE) = -1;
	}
	return NULL;
}

static void *create(void *arg)
{
	struct victim *v = arg;

	for (;;) {
		int pool = pool_open();
		int fd = __pool_create(v->vm, SZ_64M, POOL_SHARED, pool);
		void *mem;

		close(pool);
		TEST_ASSERT(fd >= 0 || errno == ENOSPC, "no guest_memfd");
		if (fd < 0)
			continue;
		mem = mmap(NULL, SZ_64M, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		pool_host_check_zero(mem, SZ_4M);
		memset(mem, 0xff, SZ_4M);
		if (fd & 1)
			fork() ?: pause();
		munmap(mem, SZ_64M);
		close(fd);
	}
	return NULL;
}

/* Stays inside until it is killed. */
static void victim(void)
{
	void *(*const mains[])(void *) = { run, punch, touch, touch, create };
	struct victim v;
	pthread_t thread;
	int i;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	v.vm = pool_vm(KVM_X86_DEFAULT_VM, &v.vcpu);
	v.fd = pool_create(v.vm, SIZE, POOL_SHARED);
	v.mem = kvm_mmap(SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, v.fd);
	vm_set_user_memory_region2(v.vm, POOL_SLOT, KVM_MEM_GUEST_MEMFD, POOL_GPA,
				   SIZE, v.mem, v.fd, 0);
	pool_virt_map(v.vm, POOL_GPA, SIZE);

	for (i = 0; i < ARRAY_SIZE(mains); i++)
		kvm_pthread_create(&thread, NULL, mains[i], &v);
	pause();
}

/* Kill the whole group: the victim forks as well. */
static void kill_group(pid_t pid)
{
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

FIXTURE(killed) {
	u64 available;
};

FIXTURE_SETUP(killed)
{
	pool_wait_users(0);
	self->available = pool_attr("available");
}

FIXTURE_TEARDOWN(killed)
{
}

static void is_as_it_was(u64 available)
{
	struct kvm_vm *vm;
	void *mem;
	int fd;

	pool_wait_users(0);
	TEST_ASSERT_EQ(pool_attr("available"), available);
	TEST_ASSERT_EQ(pool_attr("size"), available);

	vm = vm_create_barebones();
	fd = pool_create(vm, available, POOL_SHARED);
	mem = kvm_mmap(available, PROT_READ, MAP_SHARED, fd);
	pool_host_check_zero(mem, available);
	kvm_munmap(mem, available);
	close(fd);
	kvm_vm_free(vm);
	pool_wait_users(0);
}

TEST_F_TIMEOUT(killed, any_time, 600)
{
	unsigned int seed = 1;
	pid_t pid;
	int i;

	for (i = 0; i < 15; i++) {
		pid = fork();
		ASSERT_GE(pid, 0);
		if (!pid) {
			setpgid(0, 0);
			victim();
		}
		setpgid(pid, pid);
		usleep(rand_r(&seed) % 1500000);
		kill_group(pid);
		pool_wait_users(0);
	}
	is_as_it_was(self->available);
}

/* A large allocation that has to be scrubbed, and a large hole, end at once. */
TEST_F_TIMEOUT(killed, while_zeroing, 300)
{
	const u64 size = self->available;
	struct timespec before, after;
	unsigned int seed = 2;
	pid_t pid;
	int i;

	for (i = 0; i < 6; i++) {
		pid = fork();
		ASSERT_GE(pid, 0);
		if (!pid) {
			struct kvm_vm *vm;
			int fd;

			setpgid(0, 0);
			vm = vm_create_barebones();
			fd = pool_create(vm, size, POOL_SHARED);
			for (;;)
				pool_punch(fd, 0, size);
		}
		setpgid(pid, pid);
		usleep(100000 + rand_r(&seed) % 500000);
		clock_gettime(CLOCK_MONOTONIC, &before);
		kill_group(pid);
		clock_gettime(CLOCK_MONOTONIC, &after);
		/* Emulated and with all debugging, a GiB takes longer. */
		EXPECT_LT(after.tv_sec - before.tv_sec, 5);
	}
	is_as_it_was(self->available);
}

union fd_message {
	char buf[CMSG_SPACE(sizeof(int))];
	struct cmsghdr cmsg;
};

static void send_fd(int sock, int fd)
{
	union fd_message control = { };
	struct iovec iov = { "", 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	control.cmsg.cmsg_len = CMSG_LEN(sizeof(fd));
	control.cmsg.cmsg_level = SOL_SOCKET;
	control.cmsg.cmsg_type = SCM_RIGHTS;
	memcpy(CMSG_DATA(&control.cmsg), &fd, sizeof(fd));
	TEST_ASSERT_EQ(sendmsg(sock, &msg, 0), 1);
}

static int receive_fd(int sock)
{
	union fd_message control;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int fd;

	if (recvmsg(sock, &msg, 0) != 1 || !msg.msg_controllen)
		return -1;
	memcpy(&fd, CMSG_DATA(&control.cmsg), sizeof(fd));
	return fd;
}

/* A VM whose clock is in memory of the pool; somebody else gets the VM, too. */
static void clock_victim(int sock)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm = pool_vm(KVM_X86_DEFAULT_VM, &vcpu);
	int fd = pool_create(vm, SZ_2M, POOL_SHARED);
	void *mem = kvm_mmap(SZ_2M, PROT_READ | PROT_WRITE, MAP_SHARED, fd);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	vm_set_user_memory_region2(vm, POOL_SLOT, KVM_MEM_GUEST_MEMFD, POOL_GPA,
				   SZ_2M, mem, fd, 0);
	pool_virt_map(vm, POOL_GPA, SZ_2M);
	vcpu_set_msr(vcpu, MSR_KVM_SYSTEM_TIME_NEW, POOL_GPA | KVM_MSR_ENABLED);
	pool_guest(vcpu, GUEST_WRITE, POOL_GPA + SZ_4K, SZ_4K, 0, 1);
	send_fd(sock, vm->fd);
	pause();
}

/*
 * KVM's own mapping of the memory does not outlive it, although the VM lives and the
 * process had lost its memory before it lost the file.
 */
TEST_F_TIMEOUT(killed, kvm_clock, 120)
{
	int before = nr_kernel_mappings();
	int socks[2], vm;
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, socks));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		setpgid(0, 0);
		clock_victim(socks[1]);
	}
	setpgid(pid, pid);
	close(socks[1]);
	vm = receive_fd(socks[0]);
	ASSERT_GE(vm, 0);
	ASSERT_EQ(before + 1, nr_kernel_mappings());
	kill_group(pid);
	pool_wait_users(0);
	EXPECT_EQ(before, nr_kernel_mappings());
	close(vm);
	close(socks[0]);
	is_as_it_was(self->available);
}

TEST_HARNESS_MAIN
