// SPDX-License-Identifier: GPL-2.0
/*
 * Nobody can take a reference to pool memory: each way that user space has to
 * make the kernel look up pages of a mapping fails, whatever the size of the
 * page table entry, and copying by the CPU still works.
 */
#include <linux/futex.h>
#include <linux/io_uring.h>
#include <linux/iommufd.h>
#include <linux/loop.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <drivers/iommu/iommufd/iommufd_test.h>
#include <mm/gup_test.h>

#include "kselftest_harness.h"
#include "mapping.h"

FIXTURE(pin)
{
	int fd;
	char *p;
};

FIXTURE_VARIANT(pin)
{
	size_t size;
	size_t leaf;
};

FIXTURE_VARIANT_ADD(pin, pte)
{
	.size = 16 * SZ_4K,
	.leaf = SZ_4K,
};

FIXTURE_VARIANT_ADD(pin, pmd)
{
	.size = SZ_2M,
	.leaf = SZ_2M,
};

FIXTURE_VARIANT_ADD(pin, pud)
{
	.size = SZ_1G,
	.leaf = SZ_1G,
};

FIXTURE_SETUP(pin)
{
	self->fd = gmem_create(variant->size);
	ASSERT_GE(self->fd, 0)
		TH_LOG("no guest_memfd: %s", strerror(-self->fd));
	self->p = gmem_map(self->fd, variant->size);
	ASSERT_NE(MAP_FAILED, (void *)self->p);
	fill(self->p, variant->size, 5);
	ASSERT_EQ(variant->leaf, leaf_size(self->p));
}

FIXTURE_TEARDOWN(pin)
{
	EXPECT_EQ(-1, differs(self->p, variant->size, 5));
	close(self->fd);
}

#define EXPECT_FAILS(err, call) do {				\
	errno = 0;						\
	EXPECT_EQ(-1, (long)(call));				\
	EXPECT_EQ(err, errno);					\
} while (0)

TEST_F(pin, process_vm)
{
	char buf[64];
	struct iovec local = { buf, sizeof(buf) };
	struct iovec remote = { self->p, sizeof(buf) };

	EXPECT_FAILS(EFAULT, process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
	EXPECT_FAILS(EFAULT, process_vm_writev(getpid(), &local, 1, &remote, 1, 0));
}

TEST_F(pin, direct_io)
{
	struct loop_config config = { .block_size = 512 };
	char path[64];
	int control, loop, file, nr;

	file = memfd_create("disk", 0);
	ASSERT_GE(file, 0);
	ASSERT_EQ(0, ftruncate(file, SZ_2M));
	control = open("/dev/loop-control", O_RDWR);
	ASSERT_GE(control, 0);
	nr = ioctl(control, LOOP_CTL_GET_FREE);
	ASSERT_GE(nr, 0);
	snprintf(path, sizeof(path), "/dev/loop%d", nr);
	loop = open(path, O_RDWR | O_DIRECT);
	ASSERT_GE(loop, 0);
	config.fd = file;
	ASSERT_EQ(0, ioctl(loop, LOOP_CONFIGURE, &config));

	EXPECT_FAILS(EFAULT, pread(loop, self->p, SZ_4K, 0));
	EXPECT_FAILS(EFAULT, pwrite(loop, self->p, SZ_4K, 0));
	EXPECT_FAILS(EFAULT, pread(loop, self->p + variant->size - SZ_4K, SZ_4K, 0));

	ioctl(loop, LOOP_CLR_FD);
	close(loop);
	close(control);
}

TEST_F(pin, buffered_io_copies)
{
	char buf[64];
	int file, p[2];

	file = memfd_create("file", 0);
	ASSERT_GE(file, 0);
	EXPECT_EQ(sizeof(buf), pwrite(file, self->p, sizeof(buf), 0));
	EXPECT_EQ(sizeof(buf), pread(file, self->p, sizeof(buf), 0));
	ASSERT_EQ(0, pipe(p));
	EXPECT_EQ(sizeof(buf), write(p[1], self->p, sizeof(buf)));
	EXPECT_EQ(sizeof(buf), read(p[0], self->p, sizeof(buf)));
}

TEST_F(pin, vmsplice)
{
	struct iovec iov = { self->p, SZ_4K };
	int p[2];

	ASSERT_EQ(0, pipe(p));
	EXPECT_FAILS(EFAULT, vmsplice(p[1], &iov, 1, 0));
	EXPECT_FAILS(EFAULT, vmsplice(p[1], &iov, 1, SPLICE_F_GIFT));
}

TEST_F(pin, ptrace_and_proc_mem)
{
	char buf[64];
	int status, mem;
	pid_t pid;

	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_TRUE(WIFSTOPPED(status));
	EXPECT_FAILS(EIO, ptrace(PTRACE_PEEKDATA, pid, self->p, NULL));
	EXPECT_FAILS(EIO, ptrace(PTRACE_POKEDATA, pid, self->p, NULL));
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);

	mem = open("/proc/self/mem", O_RDWR);
	ASSERT_GE(mem, 0);
	EXPECT_FAILS(EIO, pread(mem, buf, sizeof(buf), (off_t)self->p));
	EXPECT_FAILS(EIO, pwrite(mem, buf, sizeof(buf), (off_t)self->p));
}

TEST_F(pin, io_uring_buffers)
{
	struct io_uring_params params = { };
	struct iovec iov = { self->p, SZ_4K };
	int ring;

	ring = syscall(__NR_io_uring_setup, 4, &params);
	ASSERT_GE(ring, 0);
	EXPECT_FAILS(EFAULT, syscall(__NR_io_uring_register, ring,
				     IORING_REGISTER_BUFFERS, &iov, 1));
	iov.iov_len = variant->size;
	EXPECT_FAILS(EFAULT, syscall(__NR_io_uring_register, ring,
				     IORING_REGISTER_BUFFERS, &iov, 1));
}

TEST_F(pin, populate)
{
	EXPECT_FAILS(EINVAL, madvise(self->p, SZ_4K, MADV_POPULATE_READ));
	EXPECT_FAILS(EINVAL, madvise(self->p, SZ_4K, MADV_POPULATE_WRITE));
}

TEST_F(pin, shared_futex)
{
	struct timespec soon = { .tv_nsec = 1000000 };

	EXPECT_FAILS(EFAULT, syscall(__NR_futex, self->p, FUTEX_WAIT, 5, &soon,
				     NULL, 0));
	EXPECT_FAILS(EFAULT, syscall(__NR_futex, self->p, FUTEX_WAKE, 1));
	/* A private one is known by its address and needs no page. */
	EXPECT_EQ(0, syscall(__NR_futex, self->p,
			     FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1));
}

TEST_F(pin, move_pages)
{
	void *pages[] = { self->p };
	int nodes[] = { 0 }, status[1] = { 0 };

	EXPECT_EQ(0, syscall(__NR_move_pages, 0, 1, pages, NULL, status, 0));
	EXPECT_GT(0, status[0]);
	status[0] = 0;
	syscall(__NR_move_pages, 0, 1, pages, nodes, status, 2 /* MPOL_MF_MOVE */);
	EXPECT_GT(0, status[0]);
}

TEST_F(pin, kernel_lookups)
{
	static const unsigned long cmds[] = {
		GUP_FAST_BENCHMARK, PIN_FAST_BENCHMARK, PIN_LONGTERM_BENCHMARK,
		GUP_BASIC_TEST, PIN_BASIC_TEST,
	};
	struct pin_longterm_test longterm = {
		.addr = (uintptr_t)self->p,
		.size = SZ_4K,
	};
	struct gup_test gup;
	int fd, i, write;

	fd = open("/sys/kernel/debug/gup_test", O_RDWR);
	ASSERT_GE(fd, 0);
	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		for (write = 0; write < 2; write++) {
			memset(&gup, 0, sizeof(gup));
			gup.addr = (uintptr_t)self->p;
			gup.size = 4 * SZ_4K;
			gup.nr_pages_per_call = 4;
			gup.gup_flags = write;	/* FOLL_WRITE */
			ASSERT_EQ(0, ioctl(fd, cmds[i], &gup));
			/* How far it came. */
			EXPECT_EQ(0, gup.size);
		}
	}
	for (i = 0; i < 4; i++) {
		longterm.flags = i;
		EXPECT_FAILS(EFAULT, ioctl(fd, PIN_LONGTERM_TEST_START, &longterm));
	}
	close(fd);
}

/* An IOMMU domain of iommufd, with a device that only exists for tests. */
TEST_F(pin, iommufd_by_address)
{
	struct iommu_ioas_alloc ioas = { .size = sizeof(ioas) };
	struct iommu_test_cmd device = {
		.size = sizeof(device),
		.op = IOMMU_TEST_OP_MOCK_DOMAIN,
	};
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE,
		.user_va = (uintptr_t)self->p,
		.length = 16 * SZ_4K,
	};
	void *other;
	int fd;

	fd = open("/dev/iommu", O_RDWR);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, ioctl(fd, IOMMU_IOAS_ALLOC, &ioas));
	device.id = ioas.out_ioas_id;
	ASSERT_EQ(0, ioctl(fd, IOMMU_TEST_CMD, &device)) {
		TH_LOG("no mock device: %s", strerror(errno));
	}
	map.ioas_id = ioas.out_ioas_id;
	EXPECT_FAILS(EFAULT, ioctl(fd, IOMMU_IOAS_MAP, &map));

	/* It is not that nothing can be mapped. */
	other = mmap(NULL, map.length, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	map.user_va = (uintptr_t)other;
	EXPECT_EQ(0, ioctl(fd, IOMMU_IOAS_MAP, &map));
	close(fd);
}

TEST_HARNESS_MAIN
