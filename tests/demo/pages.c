// SPDX-License-Identifier: GPL-2.0
/*
 * pages START SIZE: how much of this physical memory has a struct page, and
 * how much is in the direct map?  Prints both in bytes.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PAGE_SHIFT	12
#define CHUNK		0x200000UL	/* divides a range and a memory block */
#define BLOCKS		"/sys/devices/system/memory/"

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t block_size(void)
{
	FILE *f = fopen(BLOCKS "block_size_bytes", "r");
	uint64_t size;

	if (!f || fscanf(f, "%" SCNx64, &size) != 1)
		die(BLOCKS "block_size_bytes");
	fclose(f);
	return size;
}

/*
 * Memory that has struct pages belongs to a memory block.  That says nothing
 * of the pages, so they are asked too: what has flags is a struct page.
 */
static uint64_t with_struct_page(uint64_t start, uint64_t size)
{
	uint64_t block = block_size(), found = 0, flags[CHUNK >> PAGE_SHIFT];
	int fd = open("/proc/kpageflags", O_RDONLY);
	char path[64];

	if (fd < 0)
		die("/proc/kpageflags");
	for (uint64_t at = start; at < start + size; at += CHUNK) {
		ssize_t got = pread(fd, flags, sizeof(flags),
				    (at >> PAGE_SHIFT) * sizeof(flags[0]));

		/* The file ends behind the last page that there is. */
		if (got < 0)
			die("/proc/kpageflags");
		snprintf(path, sizeof(path), BLOCKS "memory%" PRIu64,
			 at / block);
		if (!access(path, F_OK)) {
			found += CHUNK;
			continue;
		}
		for (size_t i = 0; i < got / sizeof(flags[0]); i++)
			found += flags[i] ? 1 << PAGE_SHIFT : 0;
	}
	close(fd);
	return found;
}

/* The kernel's dump of its own page tables names the areas as it goes. */
static uint64_t in_direct_map(uint64_t start, uint64_t size)
{
	uint64_t base = 0, found = 0, from, to;
	int inside = 0;
	char line[256];
	FILE *f = fopen("/sys/kernel/debug/page_tables/kernel", "r");

	if (!f)
		die("/sys/kernel/debug/page_tables/kernel");
	while (fgets(line, sizeof(line), f)) {
		if (strstr(line, "---[")) {
			inside = !!strstr(line, "Low Kernel Mapping");
			base = 0;
			continue;
		}
		if (!inside ||
		    sscanf(line, "0x%" SCNx64 "-0x%" SCNx64, &from, &to) != 2)
			continue;
		if (!base)
			base = from;
		/* What is mapped is writable or read-only, a hole neither. */
		if (!strstr(line, " RW ") && !strstr(line, " ro "))
			continue;
		from -= base;
		to -= base;
		if (from < start)
			from = start;
		if (to > start + size)
			to = start + size;
		if (from < to)
			found += to - from;
	}
	fclose(f);
	return found;
}

int main(int argc, char **argv)
{
	uint64_t start, size;

	if (argc != 3) {
		fprintf(stderr, "usage: pages START SIZE\n");
		return 2;
	}
	start = strtoull(argv[1], NULL, 0);
	size = strtoull(argv[2], NULL, 0);
	printf("%" PRIu64 " %" PRIu64 "\n", with_struct_page(start, size),
	       in_direct_map(start, size));
	return 0;
}
