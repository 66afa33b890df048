// SPDX-License-Identifier: GPL-2.0
/*
 * Pool memory cannot be reached around its owner: not by its physical address
 * and not through what the kernel tells about memory, not even by root.
 */
#include <dirent.h>
#include <elf.h>
#include <limits.h>

#include "kselftest_harness.h"
#include "mapping.h"

#define SYSFS	"/sys/class/gmem/" POOL

/* What /proc/kcore gives as the physical address of what has none. */
#define NO_ADDRESS	(~(Elf64_Addr)0)

FIXTURE(closed)
{
	unsigned long start[16], size[16];
	int nr;
};

static unsigned long read_number(const char *dir, const char *file)
{
	char path[PATH_MAX], buf[64];
	FILE *f;

	snprintf(path, sizeof(path), SYSFS "/%s/%s", dir, file);
	f = fopen(path, "r");
	if (!f || !fgets(buf, sizeof(buf), f))
		buf[0] = 0;
	if (f)
		fclose(f);
	return strtoul(buf, NULL, 0);
}

FIXTURE_SETUP(closed)
{
	struct dirent *entry;
	DIR *dir;

	dir = opendir(SYSFS);
	ASSERT_NE(NULL, dir);
	self->nr = 0;
	while ((entry = readdir(dir)) && self->nr < 16) {
		if (strncmp(entry->d_name, "range", 5))
			continue;
		self->start[self->nr] = read_number(entry->d_name, "start");
		self->size[self->nr] = read_number(entry->d_name, "size");
		ASSERT_LT(0, self->start[self->nr]);
		ASSERT_LT(0, self->size[self->nr]);
		self->nr++;
	}
	closedir(dir);
	ASSERT_LT(0, self->nr);
}

FIXTURE_TEARDOWN(closed)
{
}

/* The first page, the last one, and one in the middle. */
static unsigned long address_in(unsigned long start, unsigned long size, int i)
{
	return start + size / 2 * i - (i == 2 ? SZ_4K : 0);
}

TEST_F(closed, dev_mem_refuses_it)
{
	char buf[64];
	void *p;
	int fd, i, n;

	fd = open("/dev/mem", O_RDWR);
	ASSERT_GE(fd, 0);
	/* What is no memory can be read: this is not a locked-down kernel. */
	ASSERT_EQ(sizeof(buf), pread(fd, buf, sizeof(buf), 0xf0000));

	for (i = 0; i < self->nr; i++) {
		for (n = 0; n < 3; n++) {
			off_t at = address_in(self->start[i], self->size[i], n);

			EXPECT_EQ(-1, pread(fd, buf, sizeof(buf), at))
				TH_LOG("read at %lx", at);
			EXPECT_EQ(-1, pwrite(fd, buf, sizeof(buf), at));
			p = mmap(NULL, SZ_4K, PROT_READ, MAP_SHARED, fd, at);
			EXPECT_EQ(MAP_FAILED, p);
			p = mmap(NULL, SZ_4K, PROT_READ | PROT_WRITE,
				 MAP_SHARED, fd, at);
			EXPECT_EQ(MAP_FAILED, p);
		}
	}
	close(fd);
}

TEST_F(closed, kcore_has_no_header_for_it)
{
	unsigned long start, end, seen = 0;
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr;
	int fd, i, n;

	fd = open("/proc/kcore", O_RDONLY);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(sizeof(ehdr), pread(fd, &ehdr, sizeof(ehdr), 0));
	for (n = 0; n < ehdr.e_phnum; n++) {
		ASSERT_EQ(sizeof(phdr), pread(fd, &phdr, sizeof(phdr),
					      ehdr.e_phoff + n * sizeof(phdr)));
		if (phdr.p_type != PT_LOAD || phdr.p_paddr == NO_ADDRESS)
			continue;
		start = phdr.p_paddr;
		end = start + phdr.p_memsz;
		if (start || phdr.p_memsz > SZ_2M)
			seen += phdr.p_memsz;
		for (i = 0; i < self->nr; i++)
			EXPECT_FALSE(start < self->start[i] + self->size[i] &&
				     self->start[i] < end)
				TH_LOG("header %lx-%lx", start, end);
	}
	/* It does have the rest of memory. */
	EXPECT_LT(SZ_2M, seen);
	close(fd);
}

/* How many pages of a part of memory have a struct page, or -errno. */
static long pages_with_flags(unsigned long start, unsigned long size)
{
	static uint64_t entries[4096];
	unsigned long pfn = start / SZ_4K, end = pfn + size / SZ_4K;
	ssize_t got = 0, i;
	long nr = 0;
	int fd;

	fd = open("/proc/kpageflags", O_RDONLY);
	if (fd < 0)
		return -errno;
	while (pfn < end) {
		size = end - pfn < 4096 ? end - pfn : 4096;
		got = pread(fd, entries, size * 8, pfn * 8);
		/* 0 is beyond the last page there is. */
		if (got <= 0)
			break;
		for (i = 0; i < got / 8; i++)
			nr += entries[i] != 0;
		pfn += got / 8;
	}
	close(fd);
	return got < 0 ? -EIO : nr;
}

TEST_F(closed, kpageflags_has_no_page)
{
	int i;

	for (i = 0; i < self->nr; i++)
		EXPECT_EQ(0, pages_with_flags(self->start[i], self->size[i]));
	/* As it has for the first megabytes of any machine. */
	EXPECT_LT(0, pages_with_flags(SZ_2M, 32 * SZ_2M));
}

TEST_F(closed, iomem_does_not_call_it_ram)
{
	unsigned long start, end;
	char line[256];
	int i, found = 0;
	FILE *f;

	f = fopen("/proc/iomem", "r");
	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx", &start, &end) != 2)
			continue;
		for (i = 0; i < self->nr; i++) {
			if (start >= self->start[i] + self->size[i] ||
			    end < self->start[i])
				continue;
			found++;
			EXPECT_EQ(NULL, strstr(line, "System RAM"))
				TH_LOG("%s", line);
		}
	}
	/* Claimed by somebody, so that nobody else does. */
	EXPECT_LE(self->nr, found);
	fclose(f);
}

TEST_F(closed, the_direct_map_does_not_have_it)
{
	/*
	 * Of what the direct map has, the dump names virtual addresses only.
	 * Its base is where the first header of /proc/kcore that has a
	 * physical address says.
	 */
	unsigned long start, end, base = 0;
	bool direct = false, checked = false;
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr;
	char line[256];
	int fd, i, n;
	FILE *f;

	fd = open("/proc/kcore", O_RDONLY);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(sizeof(ehdr), pread(fd, &ehdr, sizeof(ehdr), 0));
	f = fopen("/sys/kernel/debug/page_tables/kernel", "r");
	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f)) {
		if (line[0] == '-') {
			direct = strstr(line, "Low Kernel Mapping");
			continue;
		}
		if (!direct || sscanf(line, "0x%lx-0x%lx", &start, &end) != 2)
			continue;
		for (n = 0; !base && n < ehdr.e_phnum; n++) {
			ASSERT_EQ(sizeof(phdr),
				  pread(fd, &phdr, sizeof(phdr),
					ehdr.e_phoff + n * sizeof(phdr)));
			if (phdr.p_type == PT_LOAD &&
			    phdr.p_paddr != NO_ADDRESS &&
			    phdr.p_vaddr - start < 1UL << 46)
				base = phdr.p_vaddr - phdr.p_paddr;
		}
		ASSERT_NE(0, base);
		if (!strstr(line, " RW ") && !strstr(line, " ro "))
			continue;
		checked = true;
		for (i = 0; i < self->nr; i++)
			EXPECT_FALSE(start - base < self->start[i] + self->size[i] &&
				     self->start[i] < end - base)
				TH_LOG("%s", line);
	}
	EXPECT_TRUE(checked);
	fclose(f);
	close(fd);
}

TEST_F(closed, it_is_reserved_as_write_back)
{
	unsigned long start, end, covered;
	char line[256], type[64];
	FILE *f;
	int i;

	for (i = 0; i < self->nr; i++) {
		covered = 0;
		f = fopen("/sys/kernel/debug/x86/pat_memtype_list", "r");
		ASSERT_NE(NULL, f);
		while (fgets(line, sizeof(line), f)) {
			if (sscanf(line, "PAT: [mem 0x%lx-0x%lx] %63s",
				   &start, &end, type) != 3 ||
			    start >= self->start[i] + self->size[i] ||
			    end <= self->start[i])
				continue;
			EXPECT_STREQ("write-back", type);
			if (start < self->start[i])
				start = self->start[i];
			if (end > self->start[i] + self->size[i])
				end = self->start[i] + self->size[i];
			covered += end - start;
		}
		fclose(f);
		EXPECT_EQ(self->size[i], covered);
	}
}

TEST_F(closed, hibernation_is_refused)
{
	int fd;

	fd = open("/sys/power/state", O_WRONLY);
	ASSERT_GE(fd, 0);
	errno = 0;
	EXPECT_EQ(-1, write(fd, "disk", 4));
	EXPECT_EQ(EBUSY, errno);
	close(fd);
}

TEST_HARNESS_MAIN
