// SPDX-License-Identifier: GPL-2.0
/*
 * What user space can do with a mapping of pool memory, and what page sizes it
 * gets.  Each test begins with a file of 1 GiB that is mapped whole, with one
 * entry.
 */
#include <linux/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "mapping.h"

/* Reserves address space, aligned to 1 GiB. */
static void *reserve(size_t size)
{
	void *p = mmap(NULL, size + SZ_1G, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uintptr_t start = ((uintptr_t)p + SZ_1G - 1) & ~(SZ_1G - 1);

	return p == MAP_FAILED ? p : (void *)start;
}

static void *map_at(void *addr, size_t size, int fd, off_t offset)
{
	return mmap(addr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		    fd, offset);
}

FIXTURE(gib)
{
	int fd;
	void *p;
};

FIXTURE_SETUP(gib)
{
	self->fd = gmem_create(SZ_1G);
	ASSERT_GE(self->fd, 0)
		TH_LOG("no guest_memfd: %s", strerror(-self->fd));
	self->p = gmem_map(self->fd, SZ_1G);
	ASSERT_NE(MAP_FAILED, self->p);
	fill(self->p, SZ_1G, 7);
	ASSERT_EQ(SZ_1G, leaf_size(self->p));
}

FIXTURE_TEARDOWN(gib)
{
	close(self->fd);
}

TEST(one_fault_maps_a_gib)
{
	int fd = gmem_create(SZ_1G);
	void *p;

	ASSERT_GE(fd, 0);
	p = gmem_map(fd, SZ_1G);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(0, leaf_size(p));
	EXPECT_EQ(1, touch(p, SZ_1G));
	EXPECT_EQ(SZ_1G, leaf_size(p));
	EXPECT_EQ(SZ_1G, leaf_size(p + SZ_1G - 1));
}

TEST(reading_first_is_one_fault_too)
{
	int fd = gmem_create(SZ_1G);
	volatile char *p;
	long before;

	ASSERT_GE(fd, 0);
	p = gmem_map(fd, SZ_1G);
	ASSERT_NE(MAP_FAILED, (void *)p);
	minor_faults();
	before = minor_faults();
	EXPECT_EQ(0, p[SZ_1G / 2]);
	EXPECT_EQ(1, minor_faults() - before);
	EXPECT_EQ(0, touch((void *)p, SZ_1G));
}

TEST(memory_is_zero_at_first)
{
	int fd = gmem_create(SZ_1G);
	uint64_t *p, sum = 0;
	size_t i;

	ASSERT_GE(fd, 0);
	p = gmem_map(fd, SZ_1G);
	ASSERT_NE(MAP_FAILED, p);
	for (i = 0; i < SZ_1G / sizeof(*p); i++)
		sum |= p[i];
	EXPECT_EQ(0, sum);
}

TEST(entries_stop_at_the_end_of_the_file)
{
	/* 3 MiB and 4 KiB: the backing behind it has 4 MiB. */
	size_t size = SZ_2M + SZ_1G / 1024 + SZ_4K;
	int code, fd = gmem_create(size);
	void *p;

	ASSERT_GE(fd, 0);
	p = gmem_map(fd, 2 * SZ_2M);
	ASSERT_NE(MAP_FAILED, p);
	/* One for the first 2 MiB, and one for each page of the rest. */
	EXPECT_EQ(1 + (size - SZ_2M) / SZ_4K, touch(p, size));
	EXPECT_EQ(SZ_2M, leaf_size(p));
	EXPECT_EQ(SZ_4K, leaf_size(p + SZ_2M));
	EXPECT_EQ(SIGBUS, access_signal(p + size, false, &code));
	EXPECT_EQ(BUS_ADRERR, code);
	EXPECT_EQ(SIGBUS, write_signal(p + 2 * SZ_2M - 1));
	EXPECT_EQ(0, read_signal(p + size - 1));
}

TEST(small_files_have_small_entries)
{
	int fd = gmem_create(4 * SZ_4K);
	void *p;

	ASSERT_GE(fd, 0);
	p = gmem_map(fd, SZ_2M);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(4, touch(p, 4 * SZ_4K));
	EXPECT_EQ(SZ_4K, leaf_size(p));
	EXPECT_EQ(SIGBUS, read_signal(p + 4 * SZ_4K));
}

TEST_F(gib, addresses_allow_the_largest_entries)
{
	static const struct {
		size_t size;
		off_t offset;
		size_t align;
	} cases[] = {
		{ SZ_1G, 0, SZ_1G },
		{ SZ_1G - SZ_4K, 0, SZ_2M },
		{ SZ_1G - SZ_2M, SZ_2M, SZ_2M },
		{ SZ_1G + SZ_2M, 0, SZ_1G },
		{ 2 * SZ_1G - SZ_4K, SZ_4K, SZ_2M },
		{ 2 * SZ_1G, SZ_4K, SZ_1G },
		{ SZ_2M, 0, SZ_2M },
		{ SZ_2M, SZ_2M, SZ_2M },
		{ 2 * SZ_2M, SZ_4K, SZ_2M },
	};
	uintptr_t p;
	int i, n;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		/* Neighbours must not make it right by chance. */
		for (n = 0; n < 3; n++) {
			mmap(NULL, SZ_4K, PROT_NONE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
			p = (uintptr_t)mmap(NULL, cases[i].size, PROT_READ,
					    MAP_SHARED, self->fd,
					    cases[i].offset);
			ASSERT_NE((uintptr_t)MAP_FAILED, p);
			EXPECT_EQ(0, (p - cases[i].offset) % cases[i].align)
				TH_LOG("case %d: %lx", i, p);
		}
	}
}

TEST_F(gib, an_address_that_is_asked_for_is_taken)
{
	void *hint = reserve(4 * SZ_1G);

	ASSERT_NE(MAP_FAILED, hint);
	munmap(hint, 3 * SZ_1G);
	EXPECT_EQ(hint + SZ_4K, mmap(hint + SZ_4K, SZ_1G, PROT_READ, MAP_SHARED,
				     self->fd, 0));
	/* Taken now: any other will do, and it is aligned. */
	EXPECT_EQ(0, (uintptr_t)mmap(hint + SZ_4K, SZ_1G, PROT_READ, MAP_SHARED,
				     self->fd, 0) % SZ_1G);
}

TEST_F(gib, no_room_to_align_is_no_error)
{
	void *at = reserve(3 * SZ_1G);
	size_t size;

	ASSERT_NE(MAP_FAILED, at);
	for (size = 1UL << 46; size >= SZ_4K; size /= 2)
		while (mmap(NULL, size, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			    -1, 0) != MAP_FAILED)
			;
	/* All that is left in the address space. */
	ASSERT_EQ(0, munmap(at + SZ_4K, SZ_1G));
	EXPECT_EQ(at + SZ_4K, gmem_map(self->fd, SZ_1G));
	ASSERT_EQ(0, munmap(at + SZ_1G, SZ_1G + SZ_2M));
	EXPECT_EQ(at + SZ_1G, gmem_map(self->fd, SZ_1G));
}

TEST_F(gib, misaligned_mappings_use_what_fits)
{
	char *at = reserve(3 * SZ_1G);

	ASSERT_NE(MAP_FAILED, (void *)at);
	ASSERT_EQ(at + SZ_4K, map_at(at + SZ_4K, SZ_1G, self->fd, 0));
	EXPECT_EQ(-1, differs(at + SZ_4K, SZ_1G, 7));
	EXPECT_EQ(SZ_4K, leaf_size(at + SZ_4K));

	ASSERT_EQ(at + SZ_2M, map_at(at + SZ_2M, SZ_1G, self->fd, 0));
	EXPECT_EQ(-1, differs(at + SZ_2M, SZ_1G, 7));
	EXPECT_EQ(SZ_2M, leaf_size(at + SZ_2M));

	/* Congruent, but the block begins before the area. */
	ASSERT_EQ(at + SZ_2M, map_at(at + SZ_2M, SZ_1G - SZ_2M, self->fd, SZ_2M));
	EXPECT_EQ(-1, differs(at + SZ_2M, SZ_1G - SZ_2M, 7 + SZ_2M));
	EXPECT_EQ(SZ_2M, leaf_size(at + SZ_2M));
}

TEST_F(gib, private_mappings_are_refused)
{
	EXPECT_EQ(MAP_FAILED, mmap(NULL, SZ_1G, PROT_READ, MAP_PRIVATE, self->fd, 0));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(gib, closing_the_file_leaves_the_mapping)
{
	close(self->fd);
	self->fd = -1;
	EXPECT_EQ(-1, differs(self->p, SZ_1G, 7));
}

TEST_F(gib, fork_shares_the_memory)
{
	int status;
	pid_t pid;

	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		if (leaf_size(self->p) != SZ_1G)
			_exit(1);
		if (differs(self->p, SZ_1G, 7) != -1)
			_exit(2);
		if (touch(self->p, SZ_1G))
			_exit(3);
		fill(self->p, SZ_1G, 9);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(-1, differs(self->p, SZ_1G, 9));
	EXPECT_EQ(SZ_1G, leaf_size(self->p));
}

TEST_F(gib, part_of_an_entry_can_be_unmapped)
{
	static const struct { size_t start, size; } holes[] = {
		{ SZ_1G / 2 + SZ_4K, SZ_4K },	/* inside a PMD */
		{ SZ_2M, SZ_2M },		/* exactly a PMD */
		{ SZ_1G - SZ_4K, SZ_4K },	/* the end */
		{ 0, SZ_4K },			/* the beginning */
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(holes); i++) {
		void *hole = self->p + holes[i].start;
		void *after = hole + holes[i].size;

		ASSERT_EQ(0, munmap(hole, holes[i].size));
		EXPECT_EQ(SIGSEGV, read_signal(hole));
		EXPECT_EQ(SIGSEGV, read_signal(after - 1));
		if (holes[i].start)
			EXPECT_EQ(0, read_signal(hole - 1));
		if (holes[i].start + holes[i].size < SZ_1G)
			EXPECT_EQ(0, read_signal(after));
		ASSERT_EQ(hole, map_at(hole, holes[i].size, self->fd,
				       holes[i].start));
		EXPECT_EQ(-1, differs(self->p, SZ_1G, 7));
	}

	/* With one area again there is one entry again. */
	ASSERT_EQ(0, munmap(self->p, SZ_1G));
	ASSERT_EQ(self->p, map_at(self->p, SZ_1G, self->fd, 0));
	EXPECT_EQ(1, touch(self->p, SZ_1G));
}

TEST_F(gib, part_of_an_entry_can_be_protected)
{
	static const size_t starts[] = { SZ_4K, SZ_2M, SZ_1G / 2, SZ_1G - SZ_4K };
	int i;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		void *part = self->p + starts[i];

		ASSERT_EQ(0, mprotect(part, SZ_4K, PROT_READ));
		EXPECT_EQ(SIGSEGV, write_signal(part));
		EXPECT_EQ(0, read_signal(part));
		EXPECT_EQ(-1, differs(self->p, SZ_1G, 7));
		ASSERT_EQ(0, mprotect(part, SZ_4K, PROT_NONE));
		EXPECT_EQ(SIGSEGV, read_signal(part));
		ASSERT_EQ(0, mprotect(part, SZ_4K, PROT_READ | PROT_WRITE));
		EXPECT_EQ(-1, differs(self->p, SZ_1G, 7));
		fill(self->p, SZ_1G, 7);
	}
}

TEST_F(gib, protecting_all_keeps_the_entry)
{
	struct leaf leaf;

	ASSERT_EQ(0, mprotect(self->p, SZ_1G, PROT_READ));
	ASSERT_EQ(0, leaf_at(self->p, &leaf));
	EXPECT_EQ(SZ_1G, leaf.size);
	EXPECT_FALSE(leaf.writable);
	EXPECT_EQ(SIGSEGV, write_signal(self->p));
	EXPECT_EQ(-1, differs(self->p, SZ_1G, 7));

	ASSERT_EQ(0, mprotect(self->p, SZ_1G, PROT_NONE));
	EXPECT_EQ(SIGSEGV, read_signal(self->p));

	ASSERT_EQ(0, mprotect(self->p, SZ_1G, PROT_READ | PROT_WRITE));
	EXPECT_EQ(-1, differs(self->p, SZ_1G, 7));
	fill(self->p, SZ_1G, 8);
	EXPECT_EQ(SZ_1G, leaf_size(self->p));
}

/* Every way to make a boundary inside an entry, then use and unmap the rest. */
TEST_F(gib, an_area_can_be_split_inside_an_entry)
{
	static const size_t at[] = {
		SZ_4K, SZ_2M - SZ_4K, SZ_2M, SZ_1G / 2, SZ_1G / 2 + SZ_4K,
		SZ_1G - SZ_2M, SZ_1G - SZ_4K,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		ASSERT_EQ(0, touch(self->p, SZ_1G)) {
			TH_LOG("not one entry before split %d", i);
		}
		ASSERT_EQ(0, mprotect(self->p, at[i], PROT_READ));
		EXPECT_EQ(SIGSEGV, write_signal(self->p + at[i] - 1));
		EXPECT_EQ(0, write_signal(self->p + at[i]));
		fill(self->p + at[i], SZ_1G - at[i], 7 + at[i]);
		EXPECT_EQ(-1, differs(self->p + at[i], SZ_1G - at[i], 7 + at[i]));
		ASSERT_EQ(0, munmap(self->p + at[i], SZ_1G - at[i]));
		EXPECT_EQ(SIGSEGV, read_signal(self->p + at[i]));
		EXPECT_EQ(0, read_signal(self->p));
		ASSERT_EQ(0, munmap(self->p, at[i]));
		ASSERT_EQ(self->p, map_at(self->p, SZ_1G, self->fd, 0));
		EXPECT_EQ(1, touch(self->p, SZ_1G));
	}
}

TEST_F(gib, a_whole_mapping_moves_with_its_entry)
{
	void *to = reserve(SZ_1G), *p;

	ASSERT_NE(MAP_FAILED, to);
	p = mremap(self->p, SZ_1G, SZ_1G, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	ASSERT_EQ(to, p);
	EXPECT_EQ(SZ_1G, leaf_size(p));
	EXPECT_EQ(0, touch(p, SZ_1G));
	EXPECT_EQ(0, leaf_size(self->p));
	EXPECT_EQ(SIGSEGV, read_signal(self->p));
	fill(p, SZ_1G, 3);
	EXPECT_EQ(-1, differs(p, SZ_1G, 3));
}

TEST_F(gib, a_mapping_moves_where_the_entry_does_not_fit)
{
	char *to = reserve(4 * SZ_1G), *p;

	ASSERT_NE(MAP_FAILED, (void *)to);
	p = mremap(self->p, SZ_1G, SZ_1G, MREMAP_MAYMOVE | MREMAP_FIXED,
		   to + SZ_2M);
	ASSERT_EQ(to + SZ_2M, p);
	EXPECT_EQ(SIGSEGV, read_signal(self->p));
	EXPECT_EQ(-1, differs(p, SZ_1G, 7));
	EXPECT_EQ(SZ_2M, leaf_size(p));

	p = mremap(p, SZ_1G, SZ_1G, MREMAP_MAYMOVE | MREMAP_FIXED,
		   to + 2 * SZ_1G + SZ_4K);
	ASSERT_EQ(to + 2 * SZ_1G + SZ_4K, p);
	EXPECT_EQ(SIGSEGV, read_signal(to + SZ_2M));
	EXPECT_EQ(-1, differs(p, SZ_1G, 7));
	EXPECT_EQ(SZ_4K, leaf_size(p));
}

TEST_F(gib, part_of_a_mapping_moves)
{
	static const struct { size_t start, size; } parts[] = {
		{ SZ_4K, SZ_4K },
		{ SZ_1G / 2, SZ_1G / 4 },
		{ SZ_1G / 4 + SZ_4K, SZ_2M },
	};
	char *to = reserve(SZ_1G), *p;
	int i;

	ASSERT_NE(MAP_FAILED, (void *)to);
	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		p = mremap(self->p + parts[i].start, parts[i].size,
			   parts[i].size, MREMAP_MAYMOVE | MREMAP_FIXED,
			   to + parts[i].start);
		ASSERT_EQ(to + parts[i].start, p);
		EXPECT_EQ(-1, differs(p, parts[i].size, 7 + parts[i].start));
		EXPECT_EQ(SIGSEGV, read_signal(self->p + parts[i].start));
		EXPECT_EQ(0, read_signal(self->p + parts[i].start - 1));
		EXPECT_EQ(0, read_signal(self->p + parts[i].start +
					 parts[i].size));
	}
}

TEST_F(gib, a_mapping_shrinks_but_does_not_grow)
{
	EXPECT_EQ(MAP_FAILED, mremap(self->p, SZ_1G, 2 * SZ_1G, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	/* Nor is it duplicated. */
	EXPECT_EQ(MAP_FAILED, mremap(self->p, 0, SZ_1G, MREMAP_MAYMOVE));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, differs(self->p, SZ_1G, 7));

	EXPECT_EQ(self->p, mremap(self->p, SZ_1G, SZ_1G / 2 + SZ_4K, 0));
	EXPECT_EQ(-1, differs(self->p, SZ_1G / 2 + SZ_4K, 7));
	EXPECT_EQ(SIGSEGV, read_signal(self->p + SZ_1G / 2 + SZ_4K));
}

TEST_F(gib, reading_smaps_keeps_the_entry)
{
	EXPECT_LT(0, drain("/proc/self/smaps"));
	EXPECT_EQ(SZ_1G, leaf_size(self->p));
	EXPECT_LT(0, drain("/proc/self/smaps_rollup"));
	EXPECT_EQ(SZ_1G, leaf_size(self->p));
	EXPECT_LT(0, drain("/proc/self/numa_maps"));
	EXPECT_EQ(SZ_1G, leaf_size(self->p));
	EXPECT_EQ(0, touch(self->p, SZ_1G));
}

TEST_F(gib, pagemap_and_mincore_keep_the_entry)
{
	static unsigned char vec[SZ_1G / SZ_4K];
	uint64_t entries[512], pfns = 0;
	int fd, i;

	fd = open("/proc/self/pagemap", O_RDONLY);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(sizeof(entries), pread(fd, entries, sizeof(entries),
					 (uintptr_t)self->p / SZ_4K * 8));
	for (i = 0; i < ARRAY_SIZE(entries); i++)
		pfns |= entries[i] & ((1ULL << 55) - 1);
	EXPECT_EQ(0, pfns);
	EXPECT_EQ(0, mincore(self->p, SZ_1G, vec));
	EXPECT_EQ(0, touch(self->p, SZ_1G));
}

TEST_F(gib, holes_read_zero_and_the_entry_comes_back)
{
	if (fallocate(self->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      SZ_1G / 2, SZ_4K))
		ASSERT_EQ(0, errno);
	EXPECT_EQ(0, *(volatile uint64_t *)(self->p + SZ_1G / 2));
	EXPECT_EQ(SZ_1G, leaf_size(self->p));
	EXPECT_EQ(-1, differs(self->p, SZ_1G / 2, 7));
	EXPECT_EQ(-1, differs(self->p + SZ_1G / 2 + SZ_4K,
			      SZ_1G / 2 - SZ_4K, 7 + SZ_1G / 2 + SZ_4K));
}

TEST_F(gib, advice_does_what_it_does_for_raw_pfns)
{
	EXPECT_EQ(-1, madvise(self->p, SZ_4K, MADV_DONTNEED));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, madvise(self->p, SZ_4K, MADV_FREE));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, madvise(self->p, SZ_4K, MADV_COLD));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, madvise(self->p, SZ_2M, MADV_COLLAPSE));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(SZ_1G, leaf_size(self->p));

	/* The one advice that reaches the memory. */
	EXPECT_EQ(0, madvise(self->p + SZ_4K, SZ_4K, MADV_REMOVE));
	EXPECT_EQ(0, *(volatile uint64_t *)(self->p + SZ_4K));
	EXPECT_EQ(7, *(volatile uint64_t *)self->p);
}

TEST_F(gib, who_wants_no_huge_pages_gets_small_ones)
{
	char *p = gmem_map(self->fd, SZ_1G);

	ASSERT_NE(MAP_FAILED, (void *)p);
	ASSERT_EQ(0, madvise(p, SZ_1G, MADV_NOHUGEPAGE));
	EXPECT_EQ(SZ_2M / SZ_4K, touch(p, SZ_2M));
	EXPECT_EQ(SZ_4K, leaf_size(p));

	/* The next fault drops the tables that are in the way. */
	ASSERT_EQ(0, madvise(p, SZ_1G, MADV_HUGEPAGE));
	EXPECT_EQ(1, touch(p + SZ_2M, SZ_2M));
	EXPECT_EQ(SZ_1G, leaf_size(p + SZ_2M));
	EXPECT_EQ(0, touch(p, SZ_2M));
}

TEST_F(gib, locking_and_populating_are_harmless)
{
	void *p;

	EXPECT_EQ(0, mlock(self->p, SZ_1G));
	EXPECT_EQ(0, munlock(self->p, SZ_1G));
	EXPECT_EQ(0, mlockall(MCL_CURRENT));
	EXPECT_EQ(0, munlockall());
	p = mmap(NULL, SZ_1G, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
		 self->fd, 0);
	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(1, touch(p, SZ_1G));
	EXPECT_EQ(0, touch(self->p, SZ_1G));
}

/* Soft-dirty makes entries read-only behind the back of the owner. */
TEST_F(gib, writes_are_noticed_and_the_entry_becomes_writable)
{
	struct leaf leaf;
	void *p;
	int fd;

	fd = open("/proc/self/clear_refs", O_WRONLY);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(1, write(fd, "4", 1));

	/* Areas from before the write now want to hear of writes. */
	ASSERT_EQ(0, fallocate(self->fd,
			       FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       0, SZ_4K));
	EXPECT_EQ(0, read_signal(self->p));
	ASSERT_EQ(0, leaf_at(self->p, &leaf));
	EXPECT_EQ(SZ_1G, leaf.size);
	EXPECT_FALSE(leaf.writable);
	EXPECT_EQ(1, touch(self->p, SZ_1G));
	ASSERT_EQ(0, leaf_at(self->p, &leaf));
	EXPECT_EQ(SZ_1G, leaf.size);
	EXPECT_TRUE(leaf.writable);

	/* The same with 2 MiB and with 4 KiB. */
	ASSERT_EQ(0, mprotect(self->p, SZ_2M + SZ_4K, PROT_READ));
	EXPECT_EQ(0, read_signal(self->p));
	EXPECT_EQ(0, read_signal(self->p + SZ_2M));
	ASSERT_EQ(0, mprotect(self->p, SZ_2M + SZ_4K, PROT_READ | PROT_WRITE));
	p = self->p;
	EXPECT_EQ(1 + 1, touch(p, SZ_2M) + touch(p + SZ_2M, SZ_4K));
	ASSERT_EQ(0, leaf_at(p, &leaf));
	EXPECT_EQ(SZ_2M, leaf.size);
	EXPECT_TRUE(leaf.writable);
	ASSERT_EQ(0, leaf_at(p + SZ_2M, &leaf));
	EXPECT_EQ(SZ_4K, leaf.size);
	EXPECT_TRUE(leaf.writable);
}

TEST_F(gib, mappings_are_write_back)
{
	struct leaf leaf;
	char *p;

	ASSERT_EQ(0, leaf_at(self->p, &leaf));
	EXPECT_TRUE(leaf.write_back);

	p = reserve(2 * SZ_1G);
	ASSERT_NE(MAP_FAILED, (void *)p);
	ASSERT_EQ(p + SZ_2M, map_at(p + SZ_2M, SZ_2M, self->fd, 0));
	touch(p + SZ_2M, SZ_2M);
	ASSERT_EQ(0, leaf_at(p + SZ_2M, &leaf));
	EXPECT_EQ(SZ_2M, leaf.size);
	EXPECT_TRUE(leaf.write_back);

	ASSERT_EQ(p + SZ_4K, map_at(p + SZ_4K, SZ_4K, self->fd, 0));
	touch(p + SZ_4K, SZ_4K);
	ASSERT_EQ(0, leaf_at(p + SZ_4K, &leaf));
	EXPECT_EQ(SZ_4K, leaf.size);
	EXPECT_TRUE(leaf.write_back);
}

/* The size of the core of a process that has what this one has mapped. */
static long core_size(const char *dir)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };
	char path[128], pattern[128];
	struct stat st;
	int status, f;
	pid_t pid;

	snprintf(pattern, sizeof(pattern), "%s/core", dir);
	f = open("/proc/sys/kernel/core_pattern", O_WRONLY);
	if (f < 0 || write(f, pattern, strlen(pattern)) < 0)
		return -errno;
	close(f);
	pid = fork();
	if (!pid) {
		setrlimit(RLIMIT_CORE, &limit);
		prctl(PR_SET_DUMPABLE, 1);
		/* Ask for everything: shared, file-backed, huge. */
		f = open("/proc/self/coredump_filter", O_WRONLY);
		if (f < 0 || write(f, "0x1ff", 5) < 0)
			_exit(1);
		signal(SIGABRT, SIG_DFL);
		abort();
	}
	waitpid(pid, &status, 0);
	snprintf(path, sizeof(path), "%s/core", dir);
	if (!WCOREDUMP(status) || stat(path, &st))
		return -EIO;
	unlink(path);
	return st.st_size;
}

TEST_F(gib, core_dumps_leave_the_memory_out)
{
	char dir[] = "/tmp/gmem-core-XXXXXX";
	long with, without;

	ASSERT_NE(NULL, mkdtemp(dir));
	with = core_size(dir);
	ASSERT_LT(0, with);
	ASSERT_EQ(0, munmap(self->p, SZ_1G));
	without = core_size(dir);
	ASSERT_LT(0, without);
	EXPECT_LT(with, without + SZ_2M);
	rmdir(dir);
}

TEST_HARNESS_MAIN
