// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO type1 keeps what it maps and hears of nothing: it has to refuse pool
 * memory.  Takes the PCI device that the machine has for this (QEMU's edu).
 */
#include <dirent.h>
#include <limits.h>
#include <linux/vfio.h>

#include "kselftest_harness.h"
#include "mapping.h"

#define DEVICES	"/sys/bus/pci/devices"
#define EDU	"0x1234 0x11e8"

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	int ret = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return ret;
}

static void read_file(const char *name, const char *file, char *buf, int size)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), DEVICES "/%s/%s", name, file);
	f = fopen(path, "r");
	if (!f || !fgets(buf, size, f))
		buf[0] = 0;
	if (f)
		fclose(f);
	buf[strcspn(buf, "\n")] = 0;
}

/* Returns the number of the IOMMU group of the device, bound to vfio-pci. */
static int take_device(void)
{
	char path[PATH_MAX], link[PATH_MAX], vendor[16], device[16], id[40];
	struct dirent *entry;
	DIR *dir = opendir(DEVICES);
	ssize_t len;

	while (dir && (entry = readdir(dir))) {
		read_file(entry->d_name, "vendor", vendor, sizeof(vendor));
		read_file(entry->d_name, "device", device, sizeof(device));
		snprintf(id, sizeof(id), "%s %s", vendor, device);
		if (strcmp(id, EDU))
			continue;
		snprintf(path, sizeof(path), DEVICES "/%s/driver_override",
			 entry->d_name);
		write_file(path, "vfio-pci");
		write_file("/sys/bus/pci/drivers_probe", entry->d_name);
		snprintf(path, sizeof(path), DEVICES "/%s/iommu_group",
			 entry->d_name);
		len = readlink(path, link, sizeof(link) - 1);
		closedir(dir);
		if (len < 0)
			return -errno;
		link[len] = 0;
		return atoi(strrchr(link, '/') + 1);
	}
	return -ENODEV;
}

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
	char path[64];
	int group;

	group = take_device();
	ASSERT_GE(group, 0)
		TH_LOG("no device: %s", strerror(-group));
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
