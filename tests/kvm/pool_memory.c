// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded to run KVM's own tests, unmodified, on memory from the pool "boot".
 * When a test gives anonymous memory to a VM, a guest_memfd from the pool is mapped
 * in its place and the memslot is bound to the file, as a VMM would do it that
 * knows of pools.
 *
 * Memslots that are read-only or log dirty pages cannot be bound to a file, and
 * neither can those of a second VM that goes on with the memory of the first.
 * They follow the mapping.
 *
 * A test that passes although nothing was replaced fails.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* Mappings that have been replaced; the tests have few. */
static __u64 replaced[256];
static int nr_replaced;
/* How many there were, in all processes: each case may run in one of its own. */
static int *nr_all;

static int (*next_ioctl)(int fd, unsigned long request, ...);

static bool is_replaced(__u64 addr)
{
	for (int i = 0; i < nr_replaced; i++)
		if (replaced[i] == addr)
			return true;
	return false;
}

/* An address is used for something new when its memory has been unmapped. */
int munmap(void *addr, size_t length)
{
	static int (*next)(void *addr, size_t length);

	if (!next)
		next = dlsym(RTLD_NEXT, "munmap");
	for (int i = 0; i < nr_replaced; i++)
		if (replaced[i] - (__u64)addr < length)
			replaced[i] = 0;
	return next(addr, length);
}

/* Returns a guest_memfd that is mapped at @addr now. */
static int replace(int vm, __u64 addr, __u64 size)
{
	struct kvm_create_guest_memfd create = {
		.size = size,
		.flags = GUEST_MEMFD_FLAG_POOL | GUEST_MEMFD_FLAG_MMAP |
			 GUEST_MEMFD_FLAG_INIT_SHARED,
	};
	int fd;

	if (nr_replaced == sizeof(replaced) / sizeof(replaced[0]))
		errx(1, "pool_memory: too many memslots");
	create.pool_fd = open("/dev/gmem/boot", O_RDWR | O_CLOEXEC);
	if (create.pool_fd < 0)
		err(1, "pool_memory: /dev/gmem/boot");
	fd = next_ioctl(vm, KVM_CREATE_GUEST_MEMFD, &create);
	if (fd < 0)
		err(1, "pool_memory: KVM_CREATE_GUEST_MEMFD of %#llx bytes", size);
	close(create.pool_fd);
	if (mmap((void *)addr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		 fd, 0) == MAP_FAILED)
		err(1, "pool_memory: mmap of %#llx bytes", size);
	replaced[nr_replaced++] = addr;
	__atomic_fetch_add(nr_all, 1, __ATOMIC_RELAXED);
	return fd;
}

static int set_region(int vm, const struct kvm_userspace_memory_region2 *arg)
{
	struct kvm_userspace_memory_region2 region = *arg;
	int fd = -1, ret, error;

	if (region.memory_size && !(region.flags & KVM_MEM_GUEST_MEMFD) &&
	    !is_replaced(region.userspace_addr)) {
		fd = replace(vm, region.userspace_addr, region.memory_size);
		if (!region.flags) {
			region.flags = KVM_MEM_GUEST_MEMFD;
			region.guest_memfd = fd;
			region.guest_memfd_offset = 0;
		}
	}
	ret = next_ioctl(vm, KVM_SET_USER_MEMORY_REGION2, &region);
	error = errno;
	/* The mapping keeps the file. */
	if (fd >= 0)
		close(fd);
	errno = error;
	return ret;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);

	if (!next_ioctl)
		next_ioctl = dlsym(RTLD_NEXT, "ioctl");
	if (request == KVM_SET_USER_MEMORY_REGION2)
		return set_region(fd, arg);
	return next_ioctl(fd, request, arg);
}

static void check(int status, void *arg)
{
	if (!status && !*nr_all) {
		warnx("pool_memory: no memory was replaced");
		_exit(1);
	}
}

static void __attribute__((constructor)) begin(void)
{
	nr_all = mmap(NULL, sizeof(*nr_all), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (nr_all == MAP_FAILED)
		err(1, "pool_memory");
	on_exit(check, NULL);
}
