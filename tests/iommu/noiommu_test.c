// SPDX-License-Identifier: GPL-2.0
/*
 * Without an IOMMU user space asks for physical addresses (no-IOMMU mode of
 * iommufd) and nobody can take them back: there are none of pool memory.  Needs
 * vfio.enable_unsafe_noiommu_mode=1 and a machine that has no IOMMU.
 */
#include "kselftest_harness.h"
#include "device.h"

#define IOVA	0x200000000UL
#define SIZE	(2 * SZ_2M)

FIXTURE(noiommu)
{
	struct device dev;
	int ioas, file;
	char *p;
};

FIXTURE_SETUP(noiommu)
{
	ASSERT_EQ(0, device_open(&self->dev));
	self->ioas = ioas_alloc(self->dev.iommufd);
	ASSERT_GT(self->ioas, 0);
	self->file = gmem_create(SIZE);
	ASSERT_GE(self->file, 0);
	self->p = gmem_map(self->file, SIZE);
	ASSERT_NE(MAP_FAILED, (void *)self->p);
	memset(self->p, 1, SIZE);
}

FIXTURE_TEARDOWN(noiommu)
{
	device_close(&self->dev);
	munmap(self->p, SIZE);
	close(self->file);
}

/* Returns 0 or -errno; the address is in *phys. */
static int get_phys(int iommufd, __u32 ioas, __u64 iova, __u64 *phys)
{
	struct iommu_ioas_noiommu_get_pa cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.iova = iova,
		.length = SZ_4K,
	};

	*phys = 0;
	if (ioctl(iommufd, IOMMU_IOAS_NOIOMMU_GET_PA, &cmd))
		return -errno;
	*phys = cmd.out_phys;
	return 0;
}

/* The mode works: what is pinned has an address that user space may know. */
TEST_F(noiommu, other_memory)
{
	__u64 iova = IOVA, phys;
	int memfd;

	memfd = memfd_create("memfd", 0);
	ASSERT_EQ(0, ftruncate(memfd, SIZE));
	ASSERT_EQ(0, attach(&self->dev, self->ioas));
	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, memfd, 0, SIZE, &iova,
			      RW));
	close(memfd);
	EXPECT_EQ(0, get_phys(self->dev.iommufd, self->ioas, IOVA, &phys));
	EXPECT_NE(0, phys);
}

TEST_F(noiommu, file)
{
	__u64 iova = IOVA, phys;

	ASSERT_EQ(0, attach(&self->dev, self->ioas));
	EXPECT_EQ(-EOPNOTSUPP, map_file(self->dev.iommufd, self->ioas, self->file,
					0, SIZE, &iova, RW));
	EXPECT_EQ(-EOPNOTSUPP, map_file(self->dev.iommufd, self->ioas, self->file,
					0, SIZE, &iova,
					RW | IOMMU_IOAS_MAP_FILE_STATIC));
	EXPECT_EQ(-ENOENT, get_phys(self->dev.iommufd, self->ioas, IOVA, &phys));
	EXPECT_EQ(0, phys);
}

/* With the memory mapped already no device can attach, also not in exchange. */
TEST_F(noiommu, file_before_attach)
{
	__u64 iova = IOVA, phys;
	int other;

	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0, SIZE,
			      &iova, RW));
	EXPECT_EQ(-EOPNOTSUPP, get_phys(self->dev.iommufd, self->ioas, IOVA, &phys));
	EXPECT_EQ(-EOPNOTSUPP, attach(&self->dev, self->ioas));
	EXPECT_EQ(-EOPNOTSUPP, get_phys(self->dev.iommufd, self->ioas, IOVA, &phys));

	other = ioas_alloc(self->dev.iommufd);
	ASSERT_GT(other, 0);
	ASSERT_EQ(0, attach(&self->dev, other));
	EXPECT_EQ(-EOPNOTSUPP, attach(&self->dev, self->ioas));
	EXPECT_EQ(-EOPNOTSUPP, get_phys(self->dev.iommufd, self->ioas, IOVA, &phys));
	EXPECT_EQ(0, phys);
}

TEST_F(noiommu, copy)
{
	struct iommu_ioas_copy copy = {
		.size = sizeof(copy),
		.flags = RW | IOMMU_IOAS_MAP_FIXED_IOVA,
		.length = SIZE,
		.dst_iova = IOVA,
		.src_iova = IOVA,
		.dst_ioas_id = self->ioas,
	};
	__u64 iova = IOVA, phys;
	int other;

	other = ioas_alloc(self->dev.iommufd);
	ASSERT_GT(other, 0);
	ASSERT_EQ(0, map_file(self->dev.iommufd, other, self->file, 0, SIZE, &iova,
			      RW));
	copy.src_ioas_id = other;
	ASSERT_EQ(0, attach(&self->dev, self->ioas));
	EXPECT_EQ(-1, ioctl(self->dev.iommufd, IOMMU_IOAS_COPY, &copy));
	EXPECT_EQ(EOPNOTSUPP, errno);
	EXPECT_EQ(-ENOENT, get_phys(self->dev.iommufd, self->ioas, IOVA, &phys));
}

TEST_F(noiommu, address)
{
	__u64 phys;

	ASSERT_EQ(0, attach(&self->dev, self->ioas));
	EXPECT_EQ(-EFAULT, map_address(self->dev.iommufd, self->ioas, self->p,
				       SIZE, IOVA));
	EXPECT_EQ(-ENOENT, get_phys(self->dev.iommufd, self->ioas, IOVA, &phys));
	EXPECT_EQ(0, phys);
}

TEST_HARNESS_MAIN
