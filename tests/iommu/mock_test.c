// SPDX-License-Identifier: GPL-2.0
/*
 * Pool memory in the domains of the mock IOMMU of iommufd's own tests, which can do
 * what no emulated IOMMU can: dirty tracking, and failing allocations at will.
 */
#include <pthread.h>

#include "kselftest_harness.h"
#include "device.h"

#include <drivers/iommu/iommufd/iommufd_test.h>

#define IOVA	0x4000000UL
#define SIZE	(2 * SZ_2M)
#define PAGES	(SIZE / SZ_4K)
#define NESTED	(1U << 31)	/* no flag of iommufd */

FIXTURE(mock)
{
	int iommufd, ioas, file;
	__u32 stdev, idev, hwpt;
};

static int make_device(int iommufd, __u32 pt, __u32 *stdev, __u32 *idev)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_MOCK_DOMAIN,
		.id = pt,
	};

	if (ioctl(iommufd, IOMMU_TEST_CMD, &cmd))
		return -errno;
	*stdev = cmd.mock_domain.out_stdev_id;
	*idev = cmd.mock_domain.out_idev_id;
	return 0;
}

/* A device in a domain with dirty tracking. */
FIXTURE_SETUP(mock)
{
	struct iommu_hwpt_alloc alloc = {
		.size = sizeof(alloc),
		.flags = IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
	};
	struct iommu_test_cmd replace = {
		.size = sizeof(replace),
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
	};
	struct iommu_hwpt_set_dirty_tracking enable = {
		.size = sizeof(enable),
		.flags = IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
	};

	self->iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->iommufd, 0);
	self->ioas = ioas_alloc(self->iommufd);
	ASSERT_GT(self->ioas, 0);
	ASSERT_EQ(0, make_device(self->iommufd, self->ioas, &self->stdev,
				 &self->idev));
	alloc.dev_id = self->idev;
	alloc.pt_id = self->ioas;
	ASSERT_EQ(0, ioctl(self->iommufd, IOMMU_HWPT_ALLOC, &alloc));
	self->hwpt = alloc.out_hwpt_id;
	replace.id = self->stdev;
	replace.mock_domain_replace.pt_id = self->hwpt;
	ASSERT_EQ(0, ioctl(self->iommufd, IOMMU_TEST_CMD, &replace));
	enable.hwpt_id = self->hwpt;
	ASSERT_EQ(0, ioctl(self->iommufd, IOMMU_HWPT_SET_DIRTY_TRACKING, &enable));

	self->file = gmem_create(SIZE);
	ASSERT_GE(self->file, 0);
}

FIXTURE_TEARDOWN(mock)
{
	close(self->iommufd);
	if (self->file >= 0)
		close(self->file);
}

/* As if the device had written to a page; nothing happens if it is not mapped. */
static int set_dirty(int iommufd, __u32 hwpt, unsigned int page)
{
	unsigned long bit = 1;
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_DIRTY,
		.id = hwpt,
		.dirty = {
			.iova = IOVA + page * SZ_4K,
			.length = SZ_4K,
			.page_size = SZ_4K,
			.uptr = (uintptr_t)&bit,
		},
	};

	return ioctl(iommufd, IOMMU_TEST_CMD, &cmd) ? -errno : 0;
}

static int get_dirty_flags(int iommufd, __u32 hwpt, unsigned long *bits,
			   unsigned int first, unsigned int nr, __u32 flags)
{
	struct iommu_hwpt_get_dirty_bitmap cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.hwpt_id = hwpt,
		.iova = IOVA + first * SZ_4K,
		.length = nr * SZ_4K,
		.page_size = SZ_4K,
		.data = (uintptr_t)bits,
	};

	memset(bits, 0, (nr + 63) / 64 * 8);
	return ioctl(iommufd, IOMMU_HWPT_GET_DIRTY_BITMAP, &cmd) ? -errno : 0;
}

static int get_dirty(int iommufd, __u32 hwpt, unsigned long *bits,
		     unsigned int first, unsigned int nr)
{
	return get_dirty_flags(iommufd, hwpt, bits, first, nr, 0);
}

static bool is_set(const unsigned long *bits, unsigned int page)
{
	return bits[page / 64] >> page % 64 & 1;
}

static unsigned int count_of(const unsigned long *bits, unsigned int nr)
{
	unsigned int i, sum = 0;

	for (i = 0; i < nr / 64; i++)
		sum += __builtin_popcountl(bits[i]);
	return sum;
}

#define count(bits) count_of(bits, PAGES)

/* What was dirty stays so when an entry is split, and small entries are exact. */
TEST_F(mock, dirty_across_holes)
{
	unsigned long bits[PAGES / 64];
	__u64 iova = IOVA;

	ASSERT_EQ(0, map_file(self->iommufd, self->ioas, self->file, 0, SIZE,
			      &iova, RW));
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
	EXPECT_EQ(0, count(bits));

	/* One entry of 2 MiB has one dirty bit. */
	ASSERT_EQ(0, set_dirty(self->iommufd, self->hwpt, 3));
	ASSERT_EQ(0, punch(self->file, 5 * SZ_4K, SZ_4K));
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
	EXPECT_EQ(511, count(bits));
	EXPECT_TRUE(is_set(bits, 3));
	EXPECT_TRUE(is_set(bits, 511));
	EXPECT_FALSE(is_set(bits, 5));

	/* Reading has cleared it, and there are small entries now. */
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
	EXPECT_EQ(0, count(bits));
	ASSERT_EQ(0, set_dirty(self->iommufd, self->hwpt, 5));
	ASSERT_EQ(0, set_dirty(self->iommufd, self->hwpt, 7));
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
	EXPECT_EQ(2, count(bits));
	EXPECT_TRUE(is_set(bits, 5));
	EXPECT_TRUE(is_set(bits, 7));

	/* Only a part of the range is asked for: bit 0 is its first page. */
	ASSERT_EQ(0, set_dirty(self->iommufd, self->hwpt, 600));
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 592, 64));
	EXPECT_EQ(64, count(bits));

	/* Nothing is there, which is not dirty. */
	close(self->file);
	self->file = -1;
	ASSERT_EQ(0, set_dirty(self->iommufd, self->hwpt, 7));
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
	EXPECT_EQ(0, count(bits));
}

/* Page tables that others have left empty do not make entries small. */
TEST_F(mock, large_after_small)
{
	unsigned long bits[PAGES / 64];
	__u64 iova = IOVA;
	int memfd;

	memfd = memfd_create("memfd", 0);
	ASSERT_EQ(0, ftruncate(memfd, SIZE));
	ASSERT_EQ(0, map_file(self->iommufd, self->ioas, memfd, 0, SZ_4K, &iova,
			      RW));
	ASSERT_EQ(0, unmap_iova(self->iommufd, self->ioas, iova, SZ_4K));
	close(memfd);

	ASSERT_EQ(0, map_file(self->iommufd, self->ioas, self->file, 0, SIZE,
			      &iova, RW));
	ASSERT_EQ(0, set_dirty(self->iommufd, self->hwpt, 3));
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
	EXPECT_EQ(512, count(bits));
}

/* A part that was not shared from the beginning. */
TEST_F(mock, dirty_of_nothing)
{
	unsigned long bits[PAGES / 64];
	__u64 iova = IOVA;
	int file;

	file = gmem_create_type(KVM_X86_SW_PROTECTED_VM, SIZE, 0);
	ASSERT_GE(file, 0);
	ASSERT_EQ(0, map_file(self->iommufd, self->ioas, file, 0, SIZE, &iova, RW));
	ASSERT_EQ(0, set_dirty(self->iommufd, self->hwpt, 3));
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
	EXPECT_EQ(0, count(bits));
	close(file);
}

/*
 * Content survives a conversion, and so does the knowledge that a device has
 * written it: the bit of the entry is gone with the entry.
 */
TEST_F(mock, dirty_across_conversions)
{
	unsigned long bits[PAGES / 64];
	__u64 iova = IOVA;
	int file;

	file = gmem_create_type(KVM_X86_SW_PROTECTED_VM, SIZE,
				GUEST_MEMFD_FLAG_MMAP |
				GUEST_MEMFD_FLAG_INIT_SHARED);
	ASSERT_GE(file, 0);
	ASSERT_EQ(0, map_file(self->iommufd, self->ioas, file, 0, SIZE, &iova, RW));

	/* The first one cuts a large entry, and here what is left is dirty then. */
	ASSERT_EQ(0, convert(file, 0, SZ_4K, true));
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));

	ASSERT_EQ(0, convert(file, 4 * SZ_4K, 2 * SZ_4K, true));
	ASSERT_EQ(0, set_dirty(self->iommufd, self->hwpt, 4));
	ASSERT_EQ(0, convert(file, 4 * SZ_4K, SZ_4K, false));
	ASSERT_EQ(0, get_dirty_flags(self->iommufd, self->hwpt, bits, 0, PAGES,
				     IOMMU_HWPT_GET_DIRTY_BITMAP_NO_CLEAR));
	EXPECT_EQ(2, count(bits));
	EXPECT_TRUE(is_set(bits, 4));
	EXPECT_TRUE(is_set(bits, 5));

	/* Reading it by parts, the rest is still there. */
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, 5));
	EXPECT_EQ(1UL << 4, bits[0]);
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
	EXPECT_EQ(1, count(bits));
	EXPECT_TRUE(is_set(bits, 5));
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
	EXPECT_EQ(0, count(bits));

	/* What was private is not dirty for becoming shared, and then is exact. */
	ASSERT_EQ(0, convert(file, 5 * SZ_4K, SZ_4K, false));
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
	EXPECT_EQ(0, count(bits));
	ASSERT_EQ(0, set_dirty(self->iommufd, self->hwpt, 5));
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
	EXPECT_EQ(1, count(bits));
	close(file);
}

/* Changes one page with an odd number after the other, until it is stopped. */
struct worker {
	int (*change)(int file, __u64 offset);
	int file;
	volatile bool stop;
	long rounds;
	int error;
	pthread_t thread;
};

static int convert_page(int file, __u64 offset)
{
	return convert(file, offset, SZ_4K, true) ?:
	       convert(file, offset, SZ_4K, false);
}

static int punch_page(int file, __u64 offset)
{
	return punch(file, offset, SZ_4K);
}

static void *change_odd(void *arg)
{
	struct worker *worker = arg;
	unsigned int page = 1;

	while (!worker->stop && !worker->error) {
		worker->error = worker->change(worker->file, page * SZ_4K);
		page = (page + 14) % PAGES | 1;
		worker->rounds++;
	}
	return NULL;
}

static int worker_start(struct worker *worker)
{
	return pthread_create(&worker->thread, NULL, change_odd, worker);
}

/* Returns its first error. */
static int worker_stop(struct worker *worker)
{
	worker->stop = true;
	pthread_join(worker->thread, NULL);
	return worker->error;
}

/* No bit gets lost while the page itself and those around it are converted. */
TEST_F(mock, dirty_race_conversions)
{
	unsigned long bits[PAGES / 64];
	struct worker converter = { .change = convert_page };
	__u64 iova = IOVA;
	unsigned int i;

	converter.file = gmem_create_type(KVM_X86_SW_PROTECTED_VM, SIZE,
					  GUEST_MEMFD_FLAG_MMAP |
					  GUEST_MEMFD_FLAG_INIT_SHARED);
	ASSERT_GE(converter.file, 0);
	ASSERT_EQ(0, map_file(self->iommufd, self->ioas, converter.file, 0, SIZE,
			      &iova, RW));
	ASSERT_EQ(0, worker_start(&converter));
	for (i = 0; i < 1000; i++) {
		unsigned int page = 2 * i % PAGES;

		ASSERT_EQ(0, set_dirty(self->iommufd, self->hwpt, page));
		/* It is private now and then: its entry goes, its bit stays. */
		ASSERT_EQ(0, convert(converter.file, page * SZ_4K, SZ_4K, true));
		ASSERT_EQ(0, convert(converter.file, page * SZ_4K, SZ_4K, false));
		ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
		EXPECT_TRUE(is_set(bits, page))
			TH_LOG("round %d", i);
	}
	EXPECT_EQ(0, worker_stop(&converter));
	EXPECT_GT(converter.rounds, 100);
	close(converter.file);
}

/* No bit gets lost while pages around it come and go. */
TEST_F(mock, dirty_race)
{
	struct worker puncher = { .change = punch_page, .file = self->file };
	unsigned long bits[PAGES / 64];
	__u64 iova = IOVA;
	unsigned int i;

	ASSERT_EQ(0, map_file(self->iommufd, self->ioas, self->file, 0, SIZE,
			      &iova, RW));
	ASSERT_EQ(0, worker_start(&puncher));
	for (i = 0; i < 2000; i++) {
		unsigned int page = 2 * i % PAGES;

		ASSERT_EQ(0, set_dirty(self->iommufd, self->hwpt, page));
		ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, PAGES));
		EXPECT_TRUE(is_set(bits, page))
			TH_LOG("round %d", i);
	}
	EXPECT_EQ(0, worker_stop(&puncher));
	EXPECT_GT(puncher.rounds, 100);
}

static void set_debugfs(const char *file, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s", file);
	write_file(path, value);
}

/* Any allocation may fail, and the log is not told. */
static void quiet_failures(void)
{
	set_debugfs("failslab/ignore-gfp-wait", "N");
	set_debugfs("fail_page_alloc/ignore-gfp-wait", "N");
	set_debugfs("fail_page_alloc/min-order", "0");
	set_debugfs("failslab/verbose", "0");
	set_debugfs("fail_page_alloc/verbose", "0");
	set_debugfs("fail_iommufd/verbose", "0");
}

/* The next ioctl's nth allocation fails. */
static void fail_nth(int fd, unsigned int nth)
{
	char buf[16];
	int len = snprintf(buf, sizeof(buf), "%u", nth);

	pwrite(fd, buf, len, 0);
}

/* Has it failed?  Also ends it. */
static bool failed(int fd)
{
	char buf[16] = {};
	bool ret = pread(fd, buf, sizeof(buf) - 1, 0) > 0 && !atoi(buf);

	pwrite(fd, "0", 1, 0);
	return ret;
}

static bool all_mapped(int iommufd, __u32 hwpt, unsigned long *bits,
		       unsigned int nr)
{
	unsigned int i;

	/* What is not mapped any more may have been dirty. */
	if (get_dirty(iommufd, hwpt, bits, 0, nr))
		return false;
	for (i = 0; i < nr; i++)
		if (set_dirty(iommufd, hwpt, i))
			return false;
	return !get_dirty(iommufd, hwpt, bits, 0, nr) && count_of(bits, nr) == nr;
}

/*
 * Whichever allocation fails: a map succeeds or changes nothing, and a hole is
 * punched.  What devices lose of its surroundings comes back with the next change.
 */
TEST_F(mock, fail_nth)
{
	unsigned long bits[PAGES / 64];
	unsigned int n, map_failures = 0, hole_failures = 0;
	bool hit = true;
	__u64 iova;
	int fd, rc;

	quiet_failures();
	fd = open("/proc/thread-self/fail-nth", O_RDWR);
	ASSERT_GE(fd, 0);

	for (n = 1; hit && n < 500; n++) {
		iova = IOVA;
		fail_nth(fd, n);
		rc = map_file(self->iommufd, self->ioas, self->file, 0, SIZE, &iova,
			      RW);
		hit = failed(fd);
		if (rc) {
			/* The latter if the IOAS is not found. */
			ASSERT_TRUE(rc == -ENOMEM || rc == -ENOENT);
			map_failures++;
			continue;
		}
		ASSERT_TRUE(all_mapped(self->iommufd, self->hwpt, bits,
				       PAGES));
		ASSERT_EQ(0, unmap_iova(self->iommufd, self->ioas, IOVA, SIZE));
	}
	ASSERT_LT(n, 500);
	EXPECT_GT(map_failures, 3);

	hit = true;
	for (n = 1; hit && n < 500; n++) {
		iova = IOVA;
		ASSERT_EQ(0, map_file(self->iommufd, self->ioas, self->file, 0,
				      SIZE, &iova, RW));
		fail_nth(fd, n);
		rc = punch(self->file, 5 * SZ_4K, SZ_4K);
		hit = failed(fd);
		ASSERT_EQ(0, rc);
		hole_failures += hit;
		ASSERT_EQ(0, punch(self->file, 9 * SZ_4K, SZ_4K));
		ASSERT_TRUE(all_mapped(self->iommufd, self->hwpt, bits,
				       PAGES))
			TH_LOG("allocation %u: %u pages", n, count(bits));
		fail_nth(fd, n);
		rc = unmap_iova(self->iommufd, self->ioas, IOVA, SIZE);
		failed(fd);
		if (rc == -ENOENT)
			rc = unmap_iova(self->iommufd, self->ioas, IOVA, SIZE);
		ASSERT_EQ(0, rc);
	}
	ASSERT_LT(n, 500);
	EXPECT_GT(hole_failures, 0);
	close(fd);
}

static int hwpt_alloc(int iommufd, __u32 dev, __u32 pt, __u32 flags,
		      __u32 *hwpt)
{
	struct iommu_hwpt_selftest data = { .iotlb = IOMMU_TEST_IOTLB_DEFAULT };
	struct iommu_hwpt_alloc cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dev_id = dev,
		.pt_id = pt,
	};

	/* The guest's own page table, on one of ours. */
	if (flags == NESTED) {
		cmd.flags = 0;
		cmd.data_type = IOMMU_HWPT_DATA_SELFTEST;
		cmd.data_len = sizeof(data);
		cmd.data_uptr = (uintptr_t)&data;
	}
	if (ioctl(iommufd, IOMMU_HWPT_ALLOC, &cmd))
		return -errno;
	*hwpt = cmd.out_hwpt_id;
	return 0;
}

static int replace_hwpt(int iommufd, __u32 stdev, __u32 hwpt)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
		.id = stdev,
		.mock_domain_replace.pt_id = hwpt,
	};

	return ioctl(iommufd, IOMMU_TEST_CMD, &cmd) ? -errno : 0;
}

/* The parent of a guest's page tables follows the memory as any other domain. */
TEST_F(mock, nesting_parent)
{
	struct iommu_hwpt_set_dirty_tracking enable = {
		.size = sizeof(enable),
		.flags = IOMMU_HWPT_DIRTY_TRACKING_ENABLE,
	};
	unsigned long bits[PAGES / 64];
	__u32 parent = 0, nested = 0;
	__u64 iova = IOVA;
	int file;

	file = gmem_create_type(KVM_X86_SW_PROTECTED_VM, SIZE,
				GUEST_MEMFD_FLAG_MMAP |
				GUEST_MEMFD_FLAG_INIT_SHARED);
	ASSERT_GE(file, 0);
	ASSERT_EQ(0, map_file(self->iommufd, self->ioas, file, 0, SIZE, &iova, RW));
	ASSERT_EQ(0, hwpt_alloc(self->iommufd, self->idev, self->ioas,
				IOMMU_HWPT_ALLOC_NEST_PARENT |
				IOMMU_HWPT_ALLOC_DIRTY_TRACKING, &parent));
	enable.hwpt_id = parent;
	ASSERT_EQ(0, ioctl(self->iommufd, IOMMU_HWPT_SET_DIRTY_TRACKING, &enable));
	ASSERT_EQ(0, hwpt_alloc(self->iommufd, self->idev, parent, NESTED,
				&nested));
	ASSERT_EQ(0, replace_hwpt(self->iommufd, self->stdev, nested));
	EXPECT_TRUE(all_mapped(self->iommufd, parent, bits, PAGES));

	ASSERT_EQ(0, convert(file, 3 * SZ_4K, SZ_4K, true));
	ASSERT_EQ(0, get_dirty(self->iommufd, parent, bits, 0, PAGES));
	EXPECT_FALSE(all_mapped(self->iommufd, parent, bits, PAGES));
	EXPECT_EQ(PAGES - 1, count(bits));
	EXPECT_FALSE(is_set(bits, 3));
	ASSERT_EQ(0, convert(file, 3 * SZ_4K, SZ_4K, false));
	EXPECT_TRUE(all_mapped(self->iommufd, parent, bits, PAGES));
	ASSERT_EQ(0, punch(file, 0, SZ_4K));
	EXPECT_TRUE(all_mapped(self->iommufd, parent, bits, PAGES));

	/* With the guest's table in use. */
	close(file);
	EXPECT_FALSE(all_mapped(self->iommufd, parent, bits, PAGES));
	EXPECT_EQ(0, count(bits));
	ASSERT_EQ(0, replace_hwpt(self->iommufd, self->stdev, self->hwpt));
	EXPECT_EQ(0, object_destroy(self->iommufd, nested));
	EXPECT_EQ(0, object_destroy(self->iommufd, parent));
	EXPECT_EQ(0, unmap_iova(self->iommufd, self->ioas, IOVA, SIZE));
}

/* What one step of a life is, in which one allocation fails. */
enum step {
	MAP, COPY, ATTACH, TO_PRIVATE, TO_SHARED, PUNCH, DETACH, UNMAP,
	CLOSE_FILE, CLOSE_IOMMUFD, STEPS,
};

struct life {
	int iommufd, ioas, other, file;
	__u32 stdev, idev, hwpt;
};

static int take_step(struct life *life, enum step step)
{
	struct iommu_ioas_copy copy = {
		.size = sizeof(copy),
		.flags = RW | IOMMU_IOAS_MAP_FIXED_IOVA,
		.dst_ioas_id = life->other,
		.src_ioas_id = life->ioas,
		.length = SIZE,
		.dst_iova = IOVA,
		.src_iova = IOVA,
	};
	__u64 iova = IOVA;

	switch (step) {
	case MAP:
		return map_file(life->iommufd, life->ioas, life->file, 0, SIZE,
				&iova, RW);
	case COPY:
		return ioctl(life->iommufd, IOMMU_IOAS_COPY, &copy) ? -errno : 0;
	case ATTACH:
		return hwpt_alloc(life->iommufd, life->idev, life->ioas, 0,
				  &life->hwpt) ?:
		       replace_hwpt(life->iommufd, life->stdev, life->hwpt);
	case TO_PRIVATE:
		return convert(life->file, 5 * SZ_4K, SZ_2M, true);
	case TO_SHARED:
		return convert(life->file, 5 * SZ_4K, SZ_2M, false);
	case PUNCH:
		return punch(life->file, SZ_4K, SZ_2M);
	case DETACH:
		return replace_hwpt(life->iommufd, life->stdev, life->other) ?:
		       object_destroy(life->iommufd, life->hwpt);
	case UNMAP:
		return unmap_iova(life->iommufd, life->ioas, IOVA, SIZE);
	case CLOSE_FILE:
		return close(life->file);
	case CLOSE_IOMMUFD:
		return close(life->iommufd);
	default:
		return -EINVAL;
	}
}

/* May it fail for want of memory? */
static bool may_fail(enum step step)
{
	switch (step) {
	case TO_PRIVATE:
	case TO_SHARED:
	case PUNCH:
	case CLOSE_FILE:
	case CLOSE_IOMMUFD:
		return false;
	default:
		return true;
	}
}

/*
 * One life with the nth allocation of one step failing.  Steps that failed are
 * taken again, which has to work.  Returns 0 if an allocation failed, 1 if there
 * are not that many, -errno.
 */
static int live(int nth_fd, enum step victim, unsigned int nth)
{
	struct life life = {};
	bool hit = false;
	int step, ret, again;

	life.iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	life.ioas = ioas_alloc(life.iommufd);
	life.other = ioas_alloc(life.iommufd);
	life.file = gmem_create_type(KVM_X86_SW_PROTECTED_VM, SIZE,
				     GUEST_MEMFD_FLAG_INIT_SHARED);
	ret = make_device(life.iommufd, life.ioas, &life.stdev, &life.idev);
	if (life.iommufd < 0 || life.ioas <= 0 || life.other <= 0 ||
	    life.file < 0 || ret)
		return -EBADF;

	for (step = 0; step < STEPS; step++) {
		if (step == victim)
			fail_nth(nth_fd, nth);
		ret = take_step(&life, step);
		if (step == victim)
			hit = failed(nth_fd);
		for (again = 0; ret && step == victim && hit && again < 2;
		     again++) {
			if (!may_fail(step))
				return -ENOTRECOVERABLE;
			/* The first half of it may have been done. */
			ret = take_step(&life, step);
			if (step == DETACH && ret == -ENOENT)
				ret = 0;
		}
		if (ret)
			return ret;
	}
	return hit ? 0 : 1;
}

/* Whatever fails, and when: everything works the second time, and goes. */
TEST_F_TIMEOUT(mock, fail_nth_life, 900)
{
	static const char *const names[] = {
		"map", "copy", "attach", "to private", "to shared", "punch",
		"detach", "unmap", "close file", "close iommufd",
	};
	long long before = pool_number("available");
	unsigned int n, sum = 0;
	int fd, step, ret, tries;

	quiet_failures();
	fd = open("/proc/thread-self/fail-nth", O_RDWR);
	ASSERT_GE(fd, 0);
	for (step = 0; step < STEPS; step++) {
		for (n = 1; n < 300; n++) {
			ret = live(fd, step, n);
			ASSERT_GE(ret, 0)
				TH_LOG("%s, allocation %u: %s", names[step], n,
				       strerror(-ret));
			if (ret)
				break;
		}
		ASSERT_LT(n, 300);
		TH_LOG("%s: %u allocations", names[step], n - 1);
		sum += n - 1;
	}
	close(fd);
	EXPECT_GT(sum, 30);
	for (tries = 0; tries < 300 && pool_number("available") != before; tries++)
		usleep(100000);
	EXPECT_EQ(before, pool_number("available"));
}

#define BIG	(16 * SZ_2M)
#define BIG_PAGES (BIG / SZ_4K)

/*
 * No page table can be allocated: holes are punched all the same.  When the reserve is
 * used up entries are lost, until there is memory, but not what was dirty.
 */
TEST_F(mock, no_memory)
{
	unsigned long bits[BIG_PAGES / 64];
	__u64 iova = IOVA;
	int file, self_fd, i, rc[16];

	set_debugfs("fail_page_alloc/ignore-gfp-wait", "N");
	set_debugfs("fail_page_alloc/min-order", "0");
	set_debugfs("fail_page_alloc/verbose", "0");
	set_debugfs("fail_page_alloc/task-filter", "Y");
	set_debugfs("fail_page_alloc/times", "-1");
	file = gmem_create(BIG);
	ASSERT_GE(file, 0);
	ASSERT_EQ(0, map_file(self->iommufd, self->ioas, file, 0, BIG, &iova, RW));
	ASSERT_TRUE(all_mapped(self->iommufd, self->hwpt, bits, BIG_PAGES));
	for (i = 0; i < BIG_PAGES; i++)
		ASSERT_EQ(0, set_dirty(self->iommufd, self->hwpt, i));

	self_fd = open("/proc/thread-self/make-it-fail", O_RDWR);
	ASSERT_GE(self_fd, 0);
	ASSERT_EQ(1, pwrite(self_fd, "1", 1, 0));
	set_debugfs("fail_page_alloc/probability", "100");
	for (i = 0; i < 16; i++)
		rc[i] = punch(file, i * SZ_2M + SZ_4K, SZ_4K);
	set_debugfs("fail_page_alloc/probability", "0");
	ASSERT_EQ(1, pwrite(self_fd, "0", 1, 0));
	set_debugfs("fail_page_alloc/task-filter", "N");
	close(self_fd);

	for (i = 0; i < 16; i++)
		EXPECT_EQ(0, rc[i]);
	ASSERT_EQ(0, get_dirty(self->iommufd, self->hwpt, bits, 0, BIG_PAGES));
	for (i = 0; i < BIG_PAGES; i++)
		if (i % 512 != 1 || i / 512 >= 16)
			ASSERT_TRUE(is_set(bits, i)) TH_LOG("page %d", i);
	/* What was in reserve was enough for some, and then something is lost. */
	EXPECT_FALSE(all_mapped(self->iommufd, self->hwpt, bits, BIG_PAGES));
	EXPECT_GE(count_of(bits, 4 * SZ_2M / SZ_4K), 4 * SZ_2M / SZ_4K);

	/* With memory the next change brings back all of it. */
	ASSERT_EQ(0, punch(file, 0, SZ_4K));
	EXPECT_TRUE(all_mapped(self->iommufd, self->hwpt, bits, BIG_PAGES))
		TH_LOG("%u pages", count_of(bits, BIG_PAGES));
	close(file);
}

/* Domains come and go with the memory mapped and with it closed. */
TEST_F(mock, many_domains)
{
	struct iommu_test_cmd replace = {
		.size = sizeof(replace),
		.op = IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE,
	};
	__u32 stdev[4], idev[4];
	__u64 iova = IOVA;
	int i;

	ASSERT_EQ(0, map_file(self->iommufd, self->ioas, self->file, 0, SIZE,
			      &iova, RW));
	for (i = 0; i < 4; i++) {
		struct iommu_hwpt_alloc alloc = {
			.size = sizeof(alloc),
			.pt_id = self->ioas,
		};

		ASSERT_EQ(0, make_device(self->iommufd, self->ioas, &stdev[i],
					 &idev[i]));
		alloc.dev_id = idev[i];
		ASSERT_EQ(0, ioctl(self->iommufd, IOMMU_HWPT_ALLOC, &alloc));
		replace.id = stdev[i];
		replace.mock_domain_replace.pt_id = alloc.out_hwpt_id;
		ASSERT_EQ(0, ioctl(self->iommufd, IOMMU_TEST_CMD, &replace));
		ASSERT_EQ(0, punch(self->file, i * SZ_4K, (i + 1) * SZ_4K));
	}
	ASSERT_EQ(0, object_destroy(self->iommufd, stdev[1]));
	ASSERT_EQ(0, punch(self->file, 0, SIZE));
	close(self->file);
	self->file = -1;
	ASSERT_EQ(0, object_destroy(self->iommufd, stdev[0]));
	ASSERT_EQ(0, unmap_iova(self->iommufd, self->ioas, IOVA, SIZE));
	ASSERT_EQ(0, object_destroy(self->iommufd, stdev[3]));
}

TEST_HARNESS_MAIN
