// SPDX-License-Identifier: GPL-2.0
/*
 * What a backing costs: instructions to get and to free one of 1 GiB and one of
 * 4 GiB from a scrubbed pool, and the kernel's own memory for it and for the
 * pool.
 *
 * Meant for -icount, where the clock counts instructions.  Instructions are
 * printed, bytes are judged: the limit is 40 KiB for each GiB.  Needs gmem= with
 * 4 GiB or more, and a movable GiB.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "figures.h"
#include "kmem.h"

#define CLASS	"/sys/class/gmem/"
#define SZ_1G	(1UL << 30)
#define LIMIT	(40L << 10)
#define ROUNDS	3

static uint64_t number(const char *file)
{
	unsigned long long n;
	FILE *f = fopen(file, "r");

	if (!f || fscanf(f, "%llu", &n) != 1)
		err(1, "%s", file);
	fclose(f);
	return n;
}

static void put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		err(1, "write '%s' to %s", text, file);
	close(fd);
}

static void wait_scrubbed(const char *pool)
{
	char file[64], other[64];

	snprintf(file, sizeof(file), CLASS "%s/available", pool);
	snprintf(other, sizeof(other), CLASS "%s/scrubbed", pool);
	while (number(file) != number(other))
		usleep(10000);
}

static int create(int vm, int pool, uint64_t size)
{
	struct kvm_create_guest_memfd args = {
		.size = size,
		.flags = GUEST_MEMFD_FLAG_POOL | GUEST_MEMFD_FLAG_MMAP,
		.pool_fd = pool,
	};
	int fd = ioctl(vm, KVM_CREATE_GUEST_MEMFD, &args);

	if (fd < 0)
		err(1, "a guest_memfd of %lu GiB", size / SZ_1G);
	return fd;
}

static void backing_time(int vm, int pool)
{
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t get[2], put[2];

		for (int j = 0; j < 2; j++) {
			uint64_t start;
			int fd;

			wait_scrubbed("boot");
			start = now();
			fd = create(vm, pool, j ? 4 * SZ_1G : SZ_1G);
			get[j] = now() - start;
			start = now();
			close(fd);
			put[j] = now() - start;
		}
		printf("# figure: scrubbed 1, 4 GiB: create %lu, %lu; close %lu, %lu\n",
		       get[0], get[1], put[0], put[1]);
	}
	result(true, "creating and closing");
}

static void backing_bytes(int vm, int pool)
{
	long bytes;
	int fd;

	wait_scrubbed("boot");
	kmem_start(true);
	fd = create(vm, pool, 4 * SZ_1G);
	bytes = kmem_stop();
	close(fd);
	printf("# figure: kernel memory for a guest_memfd of 4 GiB: at most %ld bytes\n",
	       bytes);
	result(bytes > 0 && bytes <= 4 * LIMIT,
	       "memory of a backing is below 40 KiB for each GiB");
}

/* What hotplug frees is not counted: it was allocated before. */
static void pool_bytes(void)
{
	char text[32];
	long bytes;

	put(CLASS "create", "figures");
	snprintf(text, sizeof(text), "%lu", SZ_1G);
	kmem_start(false);
	put(CLASS "figures/size", text);
	bytes = kmem_stop();
	put(CLASS "delete", "figures");
	printf("# figure: kernel memory for 1 GiB in a pool: at most %ld bytes\n",
	       bytes);
	result(bytes > 0 && bytes <= LIMIT,
	       "memory of a pool is below 40 KiB for each GiB");
}

int main(void)
{
	int kvm, vm, pool;

	setlinebuf(stdout);
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		err(1, "/dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM, 0);
	if (vm < 0)
		err(1, "KVM_CREATE_VM");
	pool = open("/dev/gmem/boot", O_RDWR | O_CLOEXEC);
	if (pool < 0)
		err(1, "/dev/gmem/boot");

	printf("TAP version 13\n1..3\n");
	backing_time(vm, pool);
	backing_bytes(vm, pool);
	pool_bytes();
	return failed;
}
