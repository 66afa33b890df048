/* SPDX-License-Identifier: GPL-2.0 */
/* A guest_memfd from a pool, and looking at how it is mapped. */
#ifndef GMEM_TEST_MAPPING_H
#define GMEM_TEST_MAPPING_H

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#define SZ_4K	0x1000UL
#define SZ_2M	0x200000UL
#define SZ_1G	0x40000000UL

#define POOL	"boot"

/* A debug kernel under emulation is not fast. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 300

/* Returns the fd of a guest_memfd that user space may map, or -errno. */
static inline int gmem_create(uint64_t size)
{
	struct kvm_create_guest_memfd args = {
		.size = size,
		.flags = GUEST_MEMFD_FLAG_POOL | GUEST_MEMFD_FLAG_MMAP |
			 GUEST_MEMFD_FLAG_INIT_SHARED,
	};
	int kvm, vm, pool, fd = -1;

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	vm = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, 0);
	pool = open("/dev/gmem/" POOL, O_RDWR | O_CLOEXEC);
	if (vm >= 0 && pool >= 0) {
		args.pool_fd = pool;
		fd = ioctl(vm, KVM_CREATE_GUEST_MEMFD, &args);
	}
	if (fd < 0)
		fd = -errno;
	/* The file keeps what it needs. */
	close(pool);
	close(vm);
	close(kvm);
	return fd;
}

static inline void *gmem_map(int fd, size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

/* Minor faults of this thread so far. */
static inline long minor_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_THREAD, &usage);
	return usage.ru_minflt;
}

/* Writes to each page and returns how many faults that took. */
static inline long touch(void *start, size_t size)
{
	volatile char *p = start;
	long before;
	size_t i;

	/* The call itself may fault the first time. */
	minor_faults();
	before = minor_faults();
	for (i = 0; i < size; i += SZ_4K)
		p[i] = 1;
	return minor_faults() - before;
}

static inline void fill(void *start, size_t size, uint64_t seed)
{
	size_t i;

	for (i = 0; i < size; i += SZ_4K)
		*(volatile uint64_t *)(start + i) = seed + i;
}

/* The offset of the first page that fill() did not leave so, or -1. */
static inline long differs(const void *start, size_t size, uint64_t seed)
{
	size_t i;

	for (i = 0; i < size; i += SZ_4K)
		if (*(const volatile uint64_t *)(start + i) != seed + i)
			return i;
	return -1;
}

static sigjmp_buf fault_jmp;

static inline void fault_handler(int sig, siginfo_t *info, void *context)
{
	siglongjmp(fault_jmp, sig << 8 | info->si_code);
}

/* Returns 0, or the signal that the access raises; its code is in *code. */
static inline int access_signal(volatile char *p, bool write, int *code)
{
	struct sigaction sa = { .sa_flags = SA_SIGINFO }, segv, bus;
	int ret;

	sa.sa_sigaction = fault_handler;
	sigaction(SIGSEGV, &sa, &segv);
	sigaction(SIGBUS, &sa, &bus);
	ret = sigsetjmp(fault_jmp, 1);
	if (!ret) {
		if (write)
			*p = 1;
		else
			(void)*p;
	}
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	if (code)
		*code = ret & 0xff;
	return ret >> 8;
}

#define read_signal(p)	access_signal((volatile char *)(p), false, NULL)
#define write_signal(p)	access_signal((volatile char *)(p), true, NULL)

/* What the page tables have for an address: the kernel's own dump of them. */
struct leaf {
	unsigned long size;	/* 0: nothing */
	bool writable;
	bool write_back;
};

/* Returns 0 or -errno. */
static inline int leaf_at(const void *addr, struct leaf *leaf)
{
	unsigned long start, end;
	char line[256];
	FILE *f;

	memset(leaf, 0, sizeof(*leaf));
	f = fopen("/sys/kernel/debug/page_tables/current_kernel", "r");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "0x%lx-0x%lx", &start, &end) != 2 ||
		    (unsigned long)addr < start || (unsigned long)addr >= end)
			continue;
		if (!strstr(line, " USR "))
			break;
		if (strstr(line, " pud"))
			leaf->size = SZ_1G;
		else if (strstr(line, " pmd"))
			leaf->size = SZ_2M;
		else if (strstr(line, " pte"))
			leaf->size = SZ_4K;
		leaf->writable = strstr(line, " RW ");
		leaf->write_back = !strstr(line, " PCD ") &&
				   !strstr(line, " PWT ") &&
				   !strstr(line, " PAT ");
		break;
	}
	fclose(f);
	return 0;
}

/* The size of the page table entry that maps an address, -errno, or 0. */
static inline long leaf_size(const void *addr)
{
	struct leaf leaf;
	int ret = leaf_at(addr, &leaf);

	return ret ? ret : (long)leaf.size;
}

/* Reads a file to its end; returns the number of bytes or -errno. */
static inline long drain(const char *path)
{
	static char buf[65536];
	long sum = 0, n;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		sum += n;
	if (n < 0)
		sum = -errno;
	close(fd);
	return sum;
}

#endif /* GMEM_TEST_MAPPING_H */
