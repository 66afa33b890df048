// SPDX-License-Identifier: GPL-2.0
/*
 * What must not get at pool memory, or not in this way, hears a clear error.
 * VFIO type1 is tested by ../mm/vfio_test.c.
 */
#include "kselftest_harness.h"
#include "device.h"

#include <drivers/iommu/iommufd/iommufd_test.h>

#define IOVA	0x200000000UL
#define SIZE	(2 * SZ_2M)

FIXTURE(refuse)
{
	struct device dev;
	int ioas, file;
	char *p;
};

FIXTURE_SETUP(refuse)
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

FIXTURE_TEARDOWN(refuse)
{
	device_close(&self->dev);
	munmap(self->p, SIZE);
	close(self->file);
}

/* By address the memory would have to be pinned. */
TEST_F(refuse, by_address)
{
	ASSERT_EQ(0, attach(&self->dev, self->ioas));
	EXPECT_EQ(-EFAULT, map_address(self->dev.iommufd, self->ioas, self->p,
				       SZ_4K, IOVA));
	EXPECT_EQ(-EFAULT, map_address(self->dev.iommufd, self->ioas, self->p,
				       SIZE, IOVA));
	EXPECT_LEAF(0, self->dev.name, IOVA);
}

/* Without a domain nothing is looked at yet; the device then cannot attach. */
TEST_F(refuse, by_address_before_attach)
{
	ASSERT_EQ(0, map_address(self->dev.iommufd, self->ioas, self->p, SZ_4K,
				 IOVA));
	EXPECT_EQ(-EFAULT, attach(&self->dev, self->ioas));
	EXPECT_EQ(0, unmap_iova(self->dev.iommufd, self->ioas, IOVA, SZ_4K));
	EXPECT_EQ(0, attach(&self->dev, self->ioas));
}

/* The ioctls of VFIO's container on iommufd know addresses only. */
TEST_F(refuse, vfio_compat)
{
	struct iommu_vfio_ioas set = {
		.size = sizeof(set),
		.op = IOMMU_VFIO_IOAS_SET,
		.ioas_id = self->ioas,
	};
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)self->p,
		.iova = IOVA,
		.size = SIZE,
	};
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = IOVA,
		.size = SZ_2M,
	};
	__u64 iova = IOVA;

	ASSERT_EQ(0, attach(&self->dev, self->ioas));
	ASSERT_EQ(0, ioctl(self->dev.iommufd, IOMMU_VFIO_IOAS, &set));
	EXPECT_EQ(-1, ioctl(self->dev.iommufd, VFIO_IOMMU_MAP_DMA, &map));
	EXPECT_EQ(EFAULT, errno);

	/* What was mapped by file can be unmapped there, but not cut. */
	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0, SIZE,
			      &iova, RW));
	EXPECT_EQ(-1, ioctl(self->dev.iommufd, VFIO_IOMMU_UNMAP_DMA, &unmap));
	EXPECT_EQ(ENOENT, errno);
	unmap.size = SIZE;
	EXPECT_EQ(0, ioctl(self->dev.iommufd, VFIO_IOMMU_UNMAP_DMA, &unmap));
	EXPECT_LEAF(0, self->dev.name, IOVA);
}

TEST_F(refuse, bad_ranges)
{
	static const struct {
		__u64 start, length, iova;
	} bad[] = {
		{ SIZE, SZ_4K, IOVA },
		{ SZ_4K, SIZE, IOVA },
		{ 0, SIZE + SZ_4K, IOVA },
		{ SZ_1G * 1024, SZ_4K, IOVA },
		{ 0, 0, IOVA },
		{ 512, SZ_4K, IOVA },
		{ 0, 512, IOVA },
		{ 0, SZ_4K, IOVA + 512 },
		{ -SZ_4K, SZ_4K, IOVA },
	};
	__u64 iova;
	int i;

	/* Before there is a domain, and with one. */
	for (i = 0; i < 2 * ARRAY_SIZE(bad); i++) {
		if (i == ARRAY_SIZE(bad))
			ASSERT_EQ(0, attach(&self->dev, self->ioas));
		iova = bad[i % ARRAY_SIZE(bad)].iova;
		EXPECT_EQ(-EINVAL, map_file(self->dev.iommufd, self->ioas, self->file,
					    bad[i % ARRAY_SIZE(bad)].start,
					    bad[i % ARRAY_SIZE(bad)].length, &iova,
					    RW))
			TH_LOG("range %d", i);
	}
	iova = IOVA;
	EXPECT_EQ(-EOVERFLOW, map_file(self->dev.iommufd, self->ioas, self->file,
				       -SZ_4K, 2 * SZ_4K, &iova, RW));

	/* Not over another mapping. */
	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0, SIZE,
			      &iova, RW));
	iova = IOVA + SZ_2M;
	EXPECT_EQ(-EEXIST, map_file(self->dev.iommufd, self->ioas, self->file, 0,
				    SIZE, &iova, RW));
	EXPECT_LEAF(SZ_2M, self->dev.name, IOVA + SZ_2M);
	/* A part cannot be unmapped. */
	EXPECT_EQ(-ENOENT, unmap_iova(self->dev.iommufd, self->ioas, IOVA, SZ_2M));
}

/* Who wants to keep private memory mapped needs hardware that protects it. */
TEST_F(refuse, static_mapping)
{
	__u64 iova = IOVA;
	int file, memfd;

	ASSERT_EQ(0, attach(&self->dev, self->ioas));

	/* This VM can have no private memory: all of it stays anyway. */
	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0, SIZE,
			      &iova, RW | IOMMU_IOAS_MAP_FILE_STATIC));
	EXPECT_LEAF(SZ_2M, self->dev.name, IOVA);
	ASSERT_EQ(0, punch(self->file, 0, SIZE));
	EXPECT_LEAF(SZ_2M, self->dev.name, IOVA);
	close(self->file);
	munmap(self->p, SIZE);
	EXPECT_LEAF(0, self->dev.name, IOVA);

	/* Nothing but the kernel keeps devices from private memory here. */
	file = gmem_create_type(KVM_X86_SW_PROTECTED_VM, SIZE, 0);
	ASSERT_GE(file, 0);
	iova = IOVA + SZ_1G;
	EXPECT_EQ(-EOPNOTSUPP, map_file(self->dev.iommufd, self->ioas, file, 0,
					SIZE, &iova,
					RW | IOMMU_IOAS_MAP_FILE_STATIC));
	close(file);

	/* Nor from a file that is private as a whole. */
	file = gmem_create_type(KVM_X86_DEFAULT_VM, SIZE, GUEST_MEMFD_FLAG_MMAP);
	ASSERT_GE(file, 0);
	EXPECT_EQ(-EOPNOTSUPP, map_file(self->dev.iommufd, self->ioas, file, 0,
					SIZE, &iova,
					RW | IOMMU_IOAS_MAP_FILE_STATIC));
	EXPECT_EQ(0, map_file(self->dev.iommufd, self->ioas, file, 0, SIZE, &iova,
			      RW));
	EXPECT_LEAF(0, self->dev.name, iova);
	close(file);
	iova = IOVA + 2UL * SZ_1G;

	memfd = memfd_create("memfd", 0);
	ASSERT_EQ(0, ftruncate(memfd, SIZE));
	EXPECT_EQ(-EOPNOTSUPP, map_file(self->dev.iommufd, self->ioas, memfd, 0,
					SIZE, &iova,
					RW | IOMMU_IOAS_MAP_FILE_STATIC));
	EXPECT_EQ(-EOPNOTSUPP, map_file(self->dev.iommufd, self->ioas, memfd, 0,
					SIZE, &iova, RW | 1 << 17));
	EXPECT_EQ(0, map_file(self->dev.iommufd, self->ioas, memfd, 0, SIZE, &iova,
			      RW));
	close(memfd);

	self->file = -1;
	self->p = NULL;
}

/* Users in the kernel want struct pages. */
TEST_F(refuse, kernel_access)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd),
		.op = IOMMU_TEST_OP_CREATE_ACCESS,
		.id = self->ioas,
	};
	__u64 iova = IOVA + SZ_1G;
	char buf[64] = {};
	int access, memfd;

	memfd = memfd_create("memfd", 0);
	ASSERT_EQ(0, ftruncate(memfd, SIZE));
	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, memfd, 0, SIZE, &iova,
			      RW));
	close(memfd);
	iova = IOVA;
	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0, SIZE,
			      &iova, RW));
	cmd.create_access.flags = MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES;
	ASSERT_EQ(0, ioctl(self->dev.iommufd, IOMMU_TEST_CMD, &cmd));
	access = cmd.create_access.out_access_fd;

	cmd.op = IOMMU_TEST_OP_ACCESS_PAGES;
	cmd.id = access;
	cmd.access_pages.iova = IOVA;
	cmd.access_pages.length = SZ_4K;
	cmd.access_pages.uptr = 0;
	cmd.access_pages.flags = MOCK_FLAGS_ACCESS_WRITE;
	EXPECT_EQ(-1, ioctl(self->dev.iommufd, IOMMU_TEST_CMD, &cmd));
	EXPECT_EQ(EOPNOTSUPP, errno);

	cmd.op = IOMMU_TEST_OP_ACCESS_RW;
	cmd.access_rw.iova = IOVA;
	cmd.access_rw.length = sizeof(buf);
	cmd.access_rw.uptr = (uintptr_t)buf;
	cmd.access_rw.flags = 0;
	EXPECT_EQ(-1, ioctl(self->dev.iommufd, IOMMU_TEST_CMD, &cmd));
	EXPECT_EQ(EOPNOTSUPP, errno);

	/* The same of other memory is possible. */
	cmd.access_rw.iova = IOVA + SZ_1G;
	EXPECT_EQ(0, ioctl(self->dev.iommufd, IOMMU_TEST_CMD, &cmd));
	cmd.op = IOMMU_TEST_OP_ACCESS_PAGES;
	cmd.access_pages.iova = IOVA + SZ_1G;
	cmd.access_pages.length = SZ_4K;
	cmd.access_pages.uptr = 0;
	cmd.access_pages.flags = MOCK_FLAGS_ACCESS_WRITE;
	EXPECT_EQ(0, ioctl(self->dev.iommufd, IOMMU_TEST_CMD, &cmd));
	close(access);
}

TEST_HARNESS_MAIN
