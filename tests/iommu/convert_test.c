// SPDX-License-Identifier: GPL-2.0
/*
 * Conversions of pool memory that a device reaches: what becomes private is taken
 * from the device before the conversion returns, what becomes shared is there,
 * and nothing happens to the memory around it.
 */
#include <pthread.h>

#include "kselftest_harness.h"
#include "device.h"

#define IOVA	0x200000000UL	/* aligned to 1 GiB */
#define SIZE	SZ_1G
#define PAGE_N	(SZ_2M + 4 * SZ_4K)	/* what is converted */

#define CONVERSIONS	10000

FIXTURE(convert)
{
	struct device dev;
	int ioas, file, log;
	char *p;
};

FIXTURE_VARIANT(convert)
{
	__u64 flags;
};

FIXTURE_VARIANT_ADD(convert, shared) { .flags = GUEST_MEMFD_FLAG_INIT_SHARED };
FIXTURE_VARIANT_ADD(convert, private) { };

/* A GiB, mapped by file while all of it has its first attribute; then shared. */
FIXTURE_SETUP(convert)
{
	__u64 iova = IOVA;

	ASSERT_EQ(0, device_open(&self->dev));
	self->log = log_open();
	ASSERT_GE(self->log, 0);
	self->ioas = ioas_alloc(self->dev.iommufd);
	ASSERT_GT(self->ioas, 0);
	ASSERT_EQ(0, attach(&self->dev, self->ioas));

	self->file = gmem_create_type(KVM_X86_SW_PROTECTED_VM, SIZE,
				      GUEST_MEMFD_FLAG_MMAP | variant->flags);
	ASSERT_GE(self->file, 0);
	self->p = gmem_map(self->file, SIZE);
	ASSERT_NE(MAP_FAILED, (void *)self->p);

	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0,
			      SIZE, &iova, RW));
	EXPECT_LEAF(variant->flags ? SZ_1G : 0, self->dev.name, IOVA);
	ASSERT_EQ(0, convert(self->file, 0, SIZE, false));
	EXPECT_LEAF(SZ_1G, self->dev.name, IOVA);
}

FIXTURE_TEARDOWN(convert)
{
	device_close(&self->dev);
	munmap(self->p, SIZE);
	close(self->file);
	close(self->log);
}

/* One page is taken out of the GiB, and put back. */
TEST_F(convert, page)
{
	const char *name = self->dev.name;

	memset(self->p + PAGE_N, 0x21, SZ_4K);
	dma_read(&self->dev, IOVA + PAGE_N, SZ_4K);

	ASSERT_EQ(0, convert(self->file, PAGE_N, SZ_4K, true));
	EXPECT_LEAF(0, name, IOVA + PAGE_N);
	EXPECT_LEAF(SZ_4K, name, IOVA + PAGE_N - SZ_4K);
	EXPECT_LEAF(SZ_4K, name, IOVA + PAGE_N + SZ_4K);
	EXPECT_LEAF(SZ_2M, name, IOVA);
	EXPECT_LEAF(SZ_2M, name, IOVA + SIZE - SZ_4K);
	EXPECT_TRUE(write_faults(&self->dev, self->log, IOVA + PAGE_N));

	/* The device cannot read it either. */
	memset(self->p, 0x24, SZ_4K);
	dma_read(&self->dev, IOVA, SZ_4K);
	dma_read(&self->dev, IOVA + PAGE_N, SZ_4K);
	dma_write(&self->dev, IOVA, SZ_4K);
	EXPECT_NE(0x21, self->p[0]);
	EXPECT_NE(0x21, self->p[SZ_4K - 1]);

	/* Content survives, and the device has not changed it. */
	ASSERT_EQ(0, convert(self->file, PAGE_N, SZ_4K, false));
	EXPECT_EQ(0x21, self->p[PAGE_N]);
	EXPECT_EQ(0x21, self->p[PAGE_N + SZ_4K - 1]);
	EXPECT_LEAF(SZ_1G, name, IOVA + PAGE_N);

	memset(self->p, 0x22, SZ_4K);
	dma_read(&self->dev, IOVA, SZ_4K);
	dma_write(&self->dev, IOVA + PAGE_N, SZ_4K);
	EXPECT_EQ(0x22, self->p[PAGE_N]);
}

/* All of it, and a part back. */
TEST_F(convert, whole)
{
	const char *name = self->dev.name;

	memset(self->p, 0x23, SZ_4K);
	dma_read(&self->dev, IOVA, SZ_4K);
	ASSERT_EQ(0, convert(self->file, 0, SIZE, true));
	EXPECT_LEAF(0, name, IOVA);
	EXPECT_LEAF(0, name, IOVA + SIZE - SZ_4K);
	EXPECT_TRUE(write_faults(&self->dev, self->log, IOVA));

	/* What is private stays so when it is attached anew. */
	ASSERT_EQ(0, convert(self->file, SZ_2M, SZ_2M, false));
	EXPECT_LEAF(SZ_2M, name, IOVA + SZ_2M);
	ASSERT_EQ(0, detach(&self->dev));
	ASSERT_EQ(0, attach(&self->dev, self->ioas));
	EXPECT_LEAF(0, name, IOVA);
	EXPECT_LEAF(SZ_2M, name, IOVA + SZ_2M);
	EXPECT_LEAF(0, name, IOVA + 2 * SZ_2M);

	ASSERT_EQ(0, convert(self->file, 0, SIZE, false));
	EXPECT_LEAF(SZ_1G, name, IOVA);
	EXPECT_EQ(0x23, self->p[0]);
}

struct converter {
	int (*convert)(int file, bool private);
	int file, error;
	long done;
};

static int one_page(int file, bool private)
{
	return convert(file, PAGE_N, SZ_4K, private);
}

/* The pages at both sides of one that stays shared, but is in the range. */
static int both_sides(int file, bool private)
{
	if (!private)
		return convert(file, PAGE_N, 3 * SZ_4K, false);
	return convert(file, PAGE_N, SZ_4K, true) ?:
	       convert(file, PAGE_N + 2 * SZ_4K, SZ_4K, true);
}

static void *convert_often(void *arg)
{
	struct converter *converter = arg;
	long i;

	for (i = 0; i < CONVERSIONS && !converter->error; i++) {
		converter->error = converter->convert(converter->file,
						      i % 2 == 0);
		__atomic_store_n(&converter->done, i + 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

/* DMA to the page after PAGE_N, until everything has been converted. */
static void transfer(struct __test_metadata *_metadata,
		     struct _test_data_convert *self, struct converter *converter)
{
	char *next = self->p + PAGE_N + SZ_4K;
	pthread_t thread;
	int i = 0;

	ASSERT_EQ(0, pthread_create(&thread, NULL, convert_often, converter));
	do {
		i++;
		memset(next, i, SZ_4K);
		dma_read(&self->dev, IOVA + PAGE_N + SZ_4K, SZ_4K);
		memset(next, 0, SZ_4K);
		dma_write(&self->dev, IOVA + PAGE_N + SZ_4K, SZ_4K);
		EXPECT_EQ((char)i, next[0]);
		EXPECT_EQ((char)i, next[SZ_4K - 1]);
	} while (!converter->error &&
		 __atomic_load_n(&converter->done, __ATOMIC_RELAXED) <
		 CONVERSIONS);
	pthread_join(thread, NULL);

	EXPECT_EQ(0, converter->error);
	EXPECT_EQ(CONVERSIONS, converter->done);
	TH_LOG("%ld conversions during %d transfers", converter->done, 2 * i);
	EXPECT_EQ(0, faults_logged(self->log, 0));
	EXPECT_LEAF(SZ_1G, self->dev.name, IOVA);
}

/* DMA to the next page does not notice that a page is converted all the time. */
TEST_F_TIMEOUT(convert, neighbour, 600)
{
	struct converter converter = {
		.file = self->file,
		.convert = one_page,
	};

	transfer(_metadata, self, &converter);
}

/* Nor does DMA to a page that is converted to what it is. */
TEST_F_TIMEOUT(convert, shared_already, 600)
{
	struct converter converter = {
		.file = self->file,
		.convert = both_sides,
	};

	transfer(_metadata, self, &converter);
}

TEST_HARNESS_MAIN
