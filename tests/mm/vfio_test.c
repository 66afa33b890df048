// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO type1 keeps what it maps and hears of nothing: it has to refuse pool
 * memory.  Takes the PCI device that the machine has for this (QEMU's edu).
 */
#include <linux/vfio.h>

#include "kselftest_harness.h"
#include "mapping.h"
#include "../iommu/edu.h"

FIXTURE(vfio)
{
	int group, container, fd;
	char *p;
};

FIXTURE_VARIANT(vfio)
{
	size_t size;
};

FIXTURE_VARIANT_ADD(vfio, pte) { .size = 16 * SZ_4K };
FIXTURE_VARIANT_ADD(vfio, pmd) { .size = SZ_2M };
FIXTURE_VARIANT_ADD(vfio, pud) { .size = SZ_1G };

FIXTURE_SETUP(vfio)
{
	char path[64], name[32];
	int group;

	ASSERT_EQ(0, edu_find(name));
	group = edu_group(name);
	ASSERT_GE(group, 0)
		TH_LOG("no group: %s", strerror(-group));
	snprintf(path, sizeof(path), "/dev/vfio/%d", group);
	self->group = open(path, O_RDWR);
	ASSERT_GE(self->group, 0);
	self->container = open("/dev/vfio/vfio", O_RDWR);
	ASSERT_GE(self->container, 0);
	ASSERT_EQ(0, ioctl(self->group, VFIO_GROUP_SET_CONTAINER, &self->container));
	ASSERT_EQ(0, ioctl(self->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU));

	self->fd = gmem_create(variant->size);
	ASSERT_GE(self->fd, 0);
	self->p = gmem_map(self->fd, variant->size);
	ASSERT_NE(MAP_FAILED, (void *)self->p);
	fill(self->p, variant->size, 5);
}

FIXTURE_TEARDOWN(vfio)
{
	close(self->fd);
	close(self->container);
	close(self->group);
}

static int map_dma(int container, void *p, size_t size)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)p,
		.iova = SZ_1G,
		.size = size,
	};

	return ioctl(container, VFIO_IOMMU_MAP_DMA, &map) ? errno : 0;
}

TEST_F(vfio, pool_memory_is_refused)
{
	EXPECT_EQ(EFAULT, map_dma(self->container, self->p, SZ_4K));
	EXPECT_EQ(EFAULT, map_dma(self->container, self->p, variant->size));
	EXPECT_EQ(-1, differs(self->p, variant->size, 5));
}

TEST_F(vfio, other_memory_is_not)
{
	void *p = mmap(NULL, SZ_2M, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, p);
	EXPECT_EQ(0, map_dma(self->container, p, SZ_2M));
}

TEST_HARNESS_MAIN
