// SPDX-License-Identifier: GPL-2.0
/*
 * Memory errors in pool memory that a device reaches: it loses the page, before
 * anything else happens to it, and nothing around it.
 */
#include "kselftest_harness.h"
#include "device.h"
#include "../mm/poison.h"

#define IOVA	0x200000000UL	/* aligned to 1 GiB */
#define IOVA2	0x280000000UL
#define IOVA3	0x380000000UL
#define SIZE	SZ_1G
#define LOST	(SZ_512M + SZ_2M + 4 * SZ_4K)
#define SZ_512M	(SZ_1G / 2)

/* What the device has around the page, and that it does not have the page. */
#define EXPECT_HOLE(name, iova)						\
do {									\
	EXPECT_EQ(0, iova_leaf(name, (iova) + LOST));			\
	EXPECT_EQ(SZ_4K, iova_leaf(name, (iova) + LOST - SZ_4K));	\
	EXPECT_EQ(SZ_4K, iova_leaf(name, (iova) + LOST + SZ_4K));	\
	EXPECT_EQ(SZ_2M, iova_leaf(name, (iova)));			\
	EXPECT_EQ(SZ_2M, iova_leaf(name, (iova) + SIZE - SZ_4K));	\
} while (0)

TEST(gib)
{
	__u64 iova = IOVA, iova2 = IOVA2, iova3 = IOVA3;
	struct device dev;
	int ioas, file, log;
	char *p;

	ASSERT_EQ(0, device_open(&dev));
	log = log_open();
	ASSERT_GE(log, 0);
	ioas = ioas_alloc(dev.iommufd);
	ASSERT_GT(ioas, 0);
	ASSERT_EQ(0, attach(&dev, ioas));
	file = gmem_create(SIZE);
	ASSERT_GE(file, 0);
	p = gmem_map(file, SIZE);
	ASSERT_NE(MAP_FAILED, (void *)p);
	ASSERT_EQ(0, map_file(dev.iommufd, ioas, file, 0, SIZE, &iova, RW));
	ASSERT_EQ(0, map_file(dev.iommufd, ioas, file, 0, SIZE, &iova3,
			      RW | IOMMU_IOAS_MAP_FILE_STATIC));

	/* The device has used the entry that goes. */
	memset(p + LOST + SZ_4K, 0x31, SZ_4K);
	dma_read(&dev, IOVA + LOST, SZ_4K);
	ASSERT_EQ(SZ_1G, iova_leaf(dev.name, IOVA));
	ASSERT_EQ(SZ_1G, iova_leaf(dev.name, IOVA3));
	ASSERT_TRUE(poison_elsewhere(poison_pfn(file, LOST)));
	EXPECT_HOLE(dev.name, IOVA);
	EXPECT_HOLE(dev.name, IOVA3);
	EXPECT_TRUE(write_faults(&dev, log, IOVA + LOST));

	/* Its neighbour does not notice. */
	dma_read(&dev, IOVA + LOST + SZ_4K, SZ_4K);
	dma_write(&dev, IOVA, SZ_4K);
	EXPECT_EQ(0x31, p[0]);
	EXPECT_EQ(0x31, p[SZ_4K - 1]);

	/* It stays away when the memory around it is zeroed, or mapped anew. */
	ASSERT_EQ(0, punch(file, 0, SIZE));
	EXPECT_HOLE(dev.name, IOVA);
	EXPECT_EQ(0, p[LOST + SZ_4K]);
	ASSERT_EQ(0, detach(&dev));
	ASSERT_EQ(0, attach(&dev, ioas));
	EXPECT_HOLE(dev.name, IOVA);
	ASSERT_EQ(0, map_file(dev.iommufd, ioas, file, 0, SIZE, &iova2, RW));
	EXPECT_HOLE(dev.name, IOVA2);
	/* A range that begins or ends with it is not refused either. */
	iova2 += SIZE;
	ASSERT_EQ(0, map_file(dev.iommufd, ioas, file, LOST, SZ_4K, &iova2, RW));
	EXPECT_EQ(0, iova_leaf(dev.name, iova2));

	device_close(&dev);
	munmap(p, SIZE);
	close(file);
	close(log);
}

/* That its last page is lost does not make private memory reachable. */
TEST(static_private)
{
	__u64 iova = IOVA;
	struct device dev;
	int ioas, file;

	ASSERT_EQ(0, device_open(&dev));
	ioas = ioas_alloc(dev.iommufd);
	ASSERT_GT(ioas, 0);
	ASSERT_EQ(0, attach(&dev, ioas));
	file = gmem_create_type(KVM_X86_SW_PROTECTED_VM, SZ_2M,
				GUEST_MEMFD_FLAG_MMAP);
	ASSERT_GE(file, 0);
	ASSERT_TRUE(poison_elsewhere(poison_pfn(file, SZ_2M - SZ_4K)));
	EXPECT_EQ(-EOPNOTSUPP, map_file(dev.iommufd, ioas, file, 0, SZ_2M, &iova,
					RW | IOMMU_IOAS_MAP_FILE_STATIC));
	EXPECT_EQ(0, map_file(dev.iommufd, ioas, file, 0, SZ_2M, &iova, RW));
	EXPECT_EQ(0, iova_leaf(dev.name, IOVA));

	device_close(&dev);
	close(file);
}

TEST_HARNESS_MAIN
