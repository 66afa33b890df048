/* SPDX-License-Identifier: GPL-2.0 */
/* A device that does DMA (QEMU's edu), driven through VFIO's cdev and iommufd. */
#ifndef GMEM_TEST_DEVICE_H
#define GMEM_TEST_DEVICE_H

#include <linux/falloc.h>
#include <linux/iommufd.h>
#include <linux/vfio.h>
#include <poll.h>
#include <time.h>

#include "../mm/mapping.h"
#include "edu.h"

#define EDU_SRC		0x80
#define EDU_DST		0x88
#define EDU_COUNT	0x90
#define EDU_CMD		0x98
#define EDU_RUN		1
#define EDU_TO_MEMORY	2
#define EDU_BUFFER	0x40000UL

#ifndef IOMMU_IOAS_MAP_FILE_STATIC
#define IOMMU_IOAS_MAP_FILE_STATIC (1 << 16)
#endif

#define RW (IOMMU_IOAS_MAP_READABLE | IOMMU_IOAS_MAP_WRITEABLE)

struct device {
	char name[32];		/* of PCI */
	int iommufd;
	int fd;
	__u32 id;
	volatile char *bar;
};

static inline int edu_enable(struct device *dev)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	__u16 command = 6;	/* memory, bus master */

	if (ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, &info) ||
	    pwrite(dev->fd, &command, 2, info.offset + 4) != 2)
		return -errno;

	info.index = VFIO_PCI_BAR0_REGION_INDEX;
	if (ioctl(dev->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		return -errno;
	dev->bar = mmap(NULL, info.size, PROT_READ | PROT_WRITE, MAP_SHARED,
			dev->fd, info.offset);
	return dev->bar == MAP_FAILED ? -errno : 0;
}

/* Opens iommufd and the device and binds them; returns 0 or -errno. */
static inline int device_open(struct device *dev)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };
	int ret;

	memset(dev, 0, sizeof(*dev));
	ret = edu_find(dev->name);
	if (ret)
		return ret;
	dev->iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	if (dev->iommufd < 0)
		return -errno;
	dev->fd = edu_open_cdev(dev->name);
	if (dev->fd < 0)
		return dev->fd;
	bind.iommufd = dev->iommufd;
	if (ioctl(dev->fd, VFIO_DEVICE_BIND_IOMMUFD, &bind))
		return -errno;
	dev->id = bind.out_devid;
	return edu_enable(dev);
}

static inline void device_close(struct device *dev)
{
	if (dev->bar)
		munmap((void *)dev->bar, 0x100000);
	if (dev->fd > 0)
		close(dev->fd);
	if (dev->iommufd > 0)
		close(dev->iommufd);
	memset(dev, 0, sizeof(*dev));
}

static inline int attach(struct device *dev, __u32 pt)
{
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = sizeof(attach),
		.pt_id = pt,
	};

	return ioctl(dev->fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach) ? -errno : 0;
}

static inline int detach(struct device *dev)
{
	struct vfio_device_detach_iommufd_pt detach = { .argsz = sizeof(detach) };

	return ioctl(dev->fd, VFIO_DEVICE_DETACH_IOMMUFD_PT, &detach) ? -errno : 0;
}

static inline int ioas_alloc(int iommufd)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	return ioctl(iommufd, IOMMU_IOAS_ALLOC, &cmd) ? -errno :
		(int)cmd.out_ioas_id;
}

static inline int object_destroy(int iommufd, __u32 id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return ioctl(iommufd, IOMMU_DESTROY, &cmd) ? -errno : 0;
}

/* Returns 0 or -errno; *iova is used if it is not 0, and returned. */
static inline int map_file(int iommufd, __u32 ioas, int fd, __u64 start,
			   __u64 length, __u64 *iova, __u32 flags)
{
	struct iommu_ioas_map_file cmd = {
		.size = sizeof(cmd),
		.flags = flags | (*iova ? IOMMU_IOAS_MAP_FIXED_IOVA : 0),
		.ioas_id = ioas,
		.fd = fd,
		.start = start,
		.length = length,
		.iova = *iova,
	};

	if (ioctl(iommufd, IOMMU_IOAS_MAP_FILE, &cmd))
		return -errno;
	*iova = cmd.iova;
	return 0;
}

static inline int map_address(int iommufd, __u32 ioas, void *p, __u64 length,
			      __u64 iova)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = RW | IOMMU_IOAS_MAP_FIXED_IOVA,
		.ioas_id = ioas,
		.user_va = (uintptr_t)p,
		.length = length,
		.iova = iova,
	};

	return ioctl(iommufd, IOMMU_IOAS_MAP, &cmd) ? -errno : 0;
}

static inline int unmap_iova(int iommufd, __u32 ioas, __u64 iova, __u64 length)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.iova = iova,
		.length = length,
	};

	return ioctl(iommufd, IOMMU_IOAS_UNMAP, &cmd) ? -errno : 0;
}

static inline void write64(struct device *dev, unsigned int reg, __u64 value)
{
	*(volatile __u64 *)(dev->bar + reg) = value;
}

static inline void dma_run(struct device *dev, __u64 src, __u64 dst,
			   unsigned int count, unsigned int command)
{
	struct timespec pause = { .tv_nsec = 5000000 };

	write64(dev, EDU_SRC, src);
	write64(dev, EDU_DST, dst);
	write64(dev, EDU_COUNT, count);
	write64(dev, EDU_CMD, command | EDU_RUN);
	while (*(volatile __u64 *)(dev->bar + EDU_CMD) & EDU_RUN)
		nanosleep(&pause, NULL);
}

/* The device reads memory into its buffer.  It does not say if that failed. */
static inline void dma_read(struct device *dev, __u64 iova, unsigned int count)
{
	dma_run(dev, iova, EDU_BUFFER, count, 0);
}

/* The device writes its buffer to memory. */
static inline void dma_write(struct device *dev, __u64 iova, unsigned int count)
{
	dma_run(dev, EDU_BUFFER, iova, count, EDU_TO_MEMORY);
}

/*
 * Is this an IOMMU of AMD?  Its driver does not tell what page tables have, and
 * QEMU's one blocks what is not mapped without recording it.  Then memory itself
 * has to show what a device reached.
 */
static inline bool amd_iommu(void)
{
	return !access("/sys/class/iommu/ivhd0", F_OK);
}

/*
 * The size of the entry that translates an IOVA in the domain of a device; 0 if
 * there is none, -errno if the kernel does not tell.
 */
static inline long iova_leaf(const char *name, __u64 iova)
{
	static const long sizes[] = { 0, 0, 0, SZ_1G, SZ_2M, SZ_4K };
	unsigned long long pfn, entry[5];
	char path[PATH_MAX], line[256];
	long ret = 0;
	FILE *f;
	int n;

	snprintf(path, sizeof(path),
		 "/sys/kernel/debug/iommu/intel/%s/domain_translation_struct",
		 name);
	f = fopen(path, "r");
	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f)) {
		n = sscanf(line, "0x%llx | 0x%llx 0x%llx 0x%llx 0x%llx 0x%llx",
			   &pfn, &entry[0], &entry[1], &entry[2], &entry[3],
			   &entry[4]);
		if (n < 4)
			continue;
		if (iova / SZ_4K >= pfn &&
		    iova / SZ_4K < pfn + sizes[n - 1] / SZ_4K) {
			ret = sizes[n - 1];
			break;
		}
	}
	fclose(f);
	return ret;
}

/* What it should be, where it can be known. */
#define EXPECT_LEAF(size, name, iova) do {				\
	if (!amd_iommu())						\
		EXPECT_EQ(size, iova_leaf(name, iova));			\
} while (0)

/* The kernel's log from here on; see fault_recorded(). */
static inline int log_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/*
 * How many faults of the IOMMU there were at the page of an IOVA since the log was
 * read last; of any address if iova is 0.
 */
static inline int faults_logged(int log, __u64 iova)
{
	char line[4096], addr[64];
	int count = 0;
	ssize_t n;

	snprintf(addr, sizeof(addr), "fault addr 0x%llx ",
		 (unsigned long long)iova & ~(SZ_4K - 1));
	while ((n = read(log, line, sizeof(line) - 1)) > 0 || errno == EPIPE) {
		if (n <= 0)
			continue;
		line[n] = 0;
		if (strstr(line, "DMAR: [DMA") &&
		    (!iova || strstr(line, addr)))
			count++;
	}
	return count;
}

/*
 * A write of the device faults, and it is recorded.  Not all are logged.  With AMD
 * it is for the caller to see that memory has not changed.
 */
static inline bool write_faults(struct device *dev, int log, __u64 iova)
{
	int tries;

	if (amd_iommu()) {
		dma_write(dev, iova, 8);
		return true;
	}
	/* The kernel limits how much it says of them in five seconds. */
	for (tries = 0; tries < 40; tries++) {
		faults_logged(log, 0);
		dma_write(dev, iova, 8);
		usleep(50000);
		if (faults_logged(log, iova))
			return true;
		usleep(500000);
	}
	return false;
}

/* Returns the fd of a guest_memfd of a VM of any type, or -errno. */
static inline int gmem_create_type(int type, uint64_t size, uint64_t flags)
{
	struct kvm_create_guest_memfd args = {
		.size = size,
		.flags = GUEST_MEMFD_FLAG_POOL | flags,
	};
	int kvm, vm, pool, fd = -1;

	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	vm = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, type);
	pool = open("/dev/gmem/" POOL, O_RDWR | O_CLOEXEC);
	if (vm >= 0 && pool >= 0) {
		args.pool_fd = pool;
		fd = ioctl(vm, KVM_CREATE_GUEST_MEMFD, &args);
	}
	if (fd < 0)
		fd = -errno;
	close(pool);
	close(vm);
	close(kvm);
	return fd;
}

static inline int punch(int fd, off_t offset, off_t length)
{
	return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset,
			 length) ? -errno : 0;
}

/* Makes a range of a file private or shared; 0 or -errno. */
static inline int convert(int file, __u64 offset, __u64 size, bool private)
{
	struct kvm_memory_attributes2 args = {
		.offset = offset,
		.size = size,
		.attributes = private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
	};

	return ioctl(file, KVM_SET_MEMORY_ATTRIBUTES2, &args) ? -errno : 0;
}

/* A number in sysfs of the pool, or -1. */
static inline long long pool_number(const char *name)
{
	char path[PATH_MAX];
	long long ret = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/gmem/" POOL "/%s", name);
	f = fopen(path, "r");
	if (f && fscanf(f, "%lld", &ret) != 1)
		ret = -1;
	if (f)
		fclose(f);
	return ret;
}

#endif /* GMEM_TEST_DEVICE_H */
