// SPDX-License-Identifier: GPL-2.0
/*
 * Preloaded into a program that maps a file by name: opening "gmem" gives it
 * a guest_memfd of 1 GiB from a pool, which has no name.
 */
#include <stdarg.h>
#include <sys/syscall.h>

#include "mapping.h"

int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list ap;
	int fd;

	if (flags & O_CREAT) {
		va_start(ap, flags);
		mode = va_arg(ap, mode_t);
		va_end(ap);
	}
	if (strcmp(path, "gmem"))
		return syscall(SYS_openat, AT_FDCWD, path, flags, mode);

	fd = gmem_create(SZ_1G);
	if (fd < 0) {
		errno = -fd;
		return -1;
	}
	return fd;
}
