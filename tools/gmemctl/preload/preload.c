// SPDX-License-Identifier: LGPL-2.1
/*
 * Guest memory from a gmem pool for a VMM that knows memfds only.
 *
 * Such a VMM creates a file, gives it a size, and maps it as the memory of its
 * guest.  When it sets the size of a file whose name is one of those wanted, a
 * guest_memfd of that size takes the place of the file, under the same
 * descriptor.  All else is the VMM's own doing: KVM follows the mapping, so the
 * guest gets the entries that the mapping has.
 *
 *   LD_PRELOAD=PATH GMEM_POOL=NAME [GMEM_FILES=PATTERN] VMM...
 *
 * A file is known by what /proc/self/fd says of it.  GMEM_FILES is a pattern of
 * fnmatch(3); without it, it is the name that QEMU gives the files of
 * memory-backend-memfd and of memory-backend-file with a directory.
 *
 * The guest_memfd belongs to a VM without vCPUs that is made for it and that
 * nobody can reach: memory of default VMs is shared with the host, so it does not
 * matter to which of them the file belongs.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kvm_gmem.h"

static const char *const qemu_files[] = {
	"/memfd:memory-backend-memfd*",
	"*/qemu_back_mem.*",
};

/* One line on stderr: the VMM's own message knows the errno alone. */
__attribute__((format(printf, 1, 2)))
static void complain(const char *format, ...)
{
	int saved = errno;
	va_list args;

	va_start(args, format);
	fprintf(stderr, "libgmem-preload: ");
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	errno = saved;
}

static const char *advice(int error, bool kvm)
{
	switch (error) {
	case ENOSPC:
		return "the pool has not that much memory: 'gmemctl list' shows what is free";
	case ENOENT:
	case ENODEV:
		return kvm ? "is KVM loaded?" : "there is no such pool: 'gmemctl list' names them";
	case EACCES:
	case EPERM:
		return "this user may not open it: see the group of the device";
	case EINVAL:
		return "this kernel's KVM has no pools";
	default:
		return strerror(error);
	}
}

static bool wanted(int fd)
{
	const char *pattern = getenv("GMEM_FILES");
	char link[64], name[4096];
	ssize_t length;
	size_t i;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, name, sizeof(name) - 1);
	if (length < 0)
		return false;
	name[length] = '\0';
	if (pattern)
		return !fnmatch(pattern, name, 0);
	for (i = 0; i < sizeof(qemu_files) / sizeof(*qemu_files); i++)
		if (!fnmatch(qemu_files[i], name, 0))
			return true;
	return false;
}

/* A guest_memfd of @size bytes that is shared with the host, or -1. */
static int create(const char *pool, off_t size)
{
	struct gmem_create_guest_memfd args = {
		.size = size,
		.flags = GUEST_MEMFD_FLAG_POOL | GUEST_MEMFD_FLAG_MMAP |
			 GUEST_MEMFD_FLAG_INIT_SHARED,
	};
	int kvm = -1, vm = -1, memfd = -1, saved;
	char device[128];

	if (strchr(pool, '/') ||
	    snprintf(device, sizeof(device), "/dev/gmem/%s", pool) >=
	    (int)sizeof(device)) {
		errno = EINVAL;
		complain("GMEM_POOL=%s is not the name of a pool", pool);
		return -1;
	}
	args.pool_fd = open(device, O_RDWR | O_CLOEXEC);
	if (args.pool_fd < 0) {
		complain("%s: %s", device, advice(errno, false));
		return -1;
	}
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm >= 0)
		vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0) {
		complain("/dev/kvm: %s", advice(errno, true));
	} else {
		memfd = ioctl(vm, KVM_CREATE_GUEST_MEMFD, &args);
		if (memfd < 0)
			complain("%lld bytes of pool %s: %s", (long long)size,
				 pool, advice(errno, false));
	}
	saved = errno;
	if (vm >= 0)
		close(vm);
	if (kvm >= 0)
		close(kvm);
	close(args.pool_fd);
	errno = saved;
	return memfd;
}

/*
 * Put a guest_memfd in the place of an empty file.
 *
 * Return: 1 if it was done, 0 if this file is not meant, -1 with errno set.
 */
static int replace(int fd, off_t size)
{
	const char *pool = getenv("GMEM_POOL");
	struct stat st;
	int flags, memfd, saved;

	if (!pool || !*pool || size <= 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    st.st_size || !wanted(fd))
		return 0;
	flags = fcntl(fd, F_GETFD);
	if (flags < 0)
		return -1;
	memfd = create(pool, size);
	if (memfd < 0)
		return -1;
	if (dup3(memfd, fd, flags & FD_CLOEXEC ? O_CLOEXEC : 0) < 0) {
		saved = errno;
		close(memfd);
		errno = saved;
		return -1;
	}
	close(memfd);
	return 1;
}

/* off_t has 64 bits here, so these two are the same. */
int ftruncate(int fd, off_t size)
{
	static int (*next)(int fd, off_t size);
	int replaced = replace(fd, size);

	if (replaced)
		return replaced < 0 ? -1 : 0;
	if (!next)
		next = (int (*)(int, off_t))dlsym(RTLD_NEXT, "ftruncate");
	return next(fd, size);
}

int ftruncate64(int fd, off_t size)
{
	return ftruncate(fd, size);
}
