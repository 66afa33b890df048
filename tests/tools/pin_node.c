// SPDX-License-Identifier: GPL-2.0
/*
 * Make memory hot-unplug of a node wait: keep a reference to one huge page of
 * every 32 MiB of it that can be had, so that these pages cannot be moved for
 * as long as this runs.
 *
 *   pin_node NODE BYTES
 *
 * BYTES are allocated, and all but these pages are given back.  Prints "ready"
 * and stays until it is killed.
 */
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE	4096UL
#define HUGE	(2UL << 20)
#define STEP	(32UL << 20)

int main(int argc, char **argv)
{
	unsigned long nodes, size, i;
	int pipe_fd[2];
	char *mem;

	if (argc != 3)
		errx(2, "usage: pin_node NODE BYTES");
	nodes = 1UL << atoi(argv[1]);
	size = strtoul(argv[2], NULL, 0) / STEP * STEP;

	mem = mmap(NULL, size + HUGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mem == MAP_FAILED)
		err(1, "mmap");
	mem = (char *)(((unsigned long)mem + HUGE - 1) & ~(HUGE - 1));
	if (madvise(mem, size, MADV_HUGEPAGE))
		err(1, "MADV_HUGEPAGE");
	if (syscall(SYS_mbind, mem, size, MPOL_BIND, &nodes,
		    8 * sizeof(nodes), 0))
		err(1, "mbind");
	for (i = 0; i < size; i += HUGE)
		mem[i] = 1;

	/* A pipe has a slot for each page. */
	if (pipe(pipe_fd))
		err(1, "pipe");
	if (fcntl(pipe_fd[1], F_SETPIPE_SZ, size / STEP * PAGE) < 0)
		err(1, "F_SETPIPE_SZ");
	for (i = 0; i < size; i += STEP) {
		struct iovec iov = { .iov_base = mem + i, .iov_len = PAGE };

		if (vmsplice(pipe_fd[1], &iov, 1, SPLICE_F_NONBLOCK) !=
		    (ssize_t)PAGE)
			err(1, "vmsplice");
		if (madvise(mem + i + HUGE, STEP - HUGE, MADV_DONTNEED))
			err(1, "MADV_DONTNEED");
	}

	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
