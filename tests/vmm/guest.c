// SPDX-License-Identifier: GPL-2.0
/*
 * The first process of the small guest: writes most of its memory, reads it
 * back, reads a disk if there is one, says so on the console and powers off.
 *
 * With "serve" on the kernel's command line it writes memory, again and again,
 * until it finds that the disk was exchanged: so it was migrated.
 */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECTOR		512
#define DISK_SECTORS	2048

static size_t available(void)
{
	FILE *meminfo = fopen("/proc/meminfo", "r");
	char line[128];
	unsigned long kib;

	if (!meminfo)
		err(1, "/proc/meminfo");
	while (fgets(line, sizeof(line), meminfo))
		if (sscanf(line, "MemAvailable: %lu kB", &kib) == 1)
			return kib << 10;
	errx(1, "MemAvailable is missing");
}

/* An eighth is left for page tables and the kernel. */
static void try_memory(void)
{
	size_t size = available() / 8 * 7 & ~((2UL << 20) - 1);
	uint64_t *words, i, n = size / sizeof(*words);

	words = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (words == MAP_FAILED)
		err(1, "mmap");
	/* One word of each line of the cache, so that all of it is used. */
	for (i = 0; i < n; i += 8)
		words[i] = i ^ 0x676d656d;
	for (i = 0; i < n; i += 8)
		if (words[i] != (i ^ 0x676d656d))
			errx(1, "memory differs at %#zx", i * sizeof(*words));
	printf("guest: memory ok %zu MiB\n", size >> 20);
	munmap(words, size);
}

/* Each sector of the disk holds its number in every byte. */
static void try_disk(void)
{
	static unsigned char sector[SECTOR];
	int fd = open("/dev/vda", O_RDONLY);
	int i, j;

	if (fd < 0) {
		printf("guest: no disk\n");
		return;
	}
	for (i = 0; i < DISK_SECTORS; i++) {
		if (read(fd, sector, SECTOR) != SECTOR) {
			printf("guest: disk: sector %d: %m\n", i);
			return;
		}
		for (j = 0; j < SECTOR; j++)
			if (sector[j] != (i & 0xff))
				errx(1, "disk differs in sector %d", i);
	}
	printf("guest: disk ok\n");
	close(fd);
}

/* The disk of the host that the guest moves to has 0xff in its first byte. */
static bool exchanged(void)
{
	static unsigned char sector[SECTOR] __attribute__((aligned(SECTOR)));
	int fd = open("/dev/vda", O_RDONLY | O_DIRECT);

	if (fd < 0 || read(fd, sector, SECTOR) != SECTOR)
		err(1, "disk");
	close(fd);
	return sector[0] == 0xff;
}

static void serve(void)
{
	const size_t page = 4096, pages = 16384;
	char *base = mmap(NULL, pages * page, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t pass = 0;
	size_t i;

	if (base == MAP_FAILED)
		err(1, "mmap");
	do {
		pass++;
		for (i = 0; i < pages; i++)
			*(volatile uint64_t *)(base + i * page) = pass + i;
		for (i = 0; i < pages; i++)
			if (*(volatile uint64_t *)(base + i * page) != pass + i)
				errx(1, "page %zu differs in pass %llu", i,
				     (unsigned long long)pass);
		if (pass == 1)
			printf("guest: serving\n");
	} while (!exchanged());
	printf("guest: moved, %zu MiB ok\n", pages * page >> 20);
}

static void work(bool serving)
{
	mount("proc", "/proc", "proc", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	if (serving) {
		serve();
	} else {
		try_memory();
		try_disk();
	}
	printf("guest: done\n");
}

/* Process 1 may not exit, not by err() either: a child does the work. */
int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	if (fork() == 0) {
		work(argc > 1 && !strcmp(argv[1], "serve"));
		exit(0);
	}
	while (wait(NULL) > 0)
		;
	reboot(RB_POWER_OFF);
	return 1;
}
