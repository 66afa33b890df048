// SPDX-License-Identifier: GPL-2.0
/*
 * What the IOMMU costs: instructions to map and unmap 1 GiB through
 * IOMMU_IOAS_MAP_FILE with a device attached, of a pool and of memfds with huge
 * pages; and what a conversion costs with and without a domain that follows it.
 *
 * Meant for -icount, where the clock counts instructions.  Instructions are
 * printed; it is judged that the pool is not the more expensive one.  Needs an
 * IOMMU with QEMU's edu device, gmem= with 1 GiB or more,
 * kvm.gmem_in_place_conversion=1, and huge pages: one of 1 GiB, 512 of 2 MiB.
 */
#include <err.h>
#include <linux/memfd.h>

#include "../iommu/device.h"
#include "figures.h"

#define SIZE	SZ_1G
#define IOVA	0x200000000UL
#define ROUNDS	3

static struct device dev;

static int xioas(void)
{
	int ioas = ioas_alloc(dev.iommufd);
	int ret = ioas < 0 ? ioas : attach(&dev, ioas);

	if (ret < 0)
		errx(1, "an IOAS with the device: %s", strerror(-ret));
	return ioas;
}

static int xpool(void)
{
	int fd = gmem_create_type(KVM_X86_SW_PROTECTED_VM, SIZE,
				  GUEST_MEMFD_FLAG_INIT_SHARED);

	if (fd < 0)
		errx(1, "a guest_memfd: %s", strerror(-fd));
	return fd;
}

/* All of the pages are there before anything is measured. */
static int xhuge(unsigned int flags, const char *name)
{
	int fd = memfd_create(name, MFD_HUGETLB | flags);

	if (fd < 0 || ftruncate(fd, SIZE) || fallocate(fd, 0, 0, SIZE))
		err(1, "1 GiB of %s", name);
	return fd;
}

/* Returns what one map and unmap takes at least. */
static uint64_t map_figure(int file, const char *name)
{
	uint64_t least = UINT64_MAX;
	int ioas = xioas(), i, ret;

	for (i = 0; i < ROUNDS; i++) {
		uint64_t start, map, unmap;
		__u64 iova = IOVA;

		start = now();
		ret = map_file(dev.iommufd, ioas, file, 0, SIZE, &iova, RW);
		map = now() - start;
		if (ret)
			errx(1, "map %s: %s", name, strerror(-ret));
		start = now();
		ret = unmap_iova(dev.iommufd, ioas, IOVA, SIZE);
		unmap = now() - start;
		if (ret)
			errx(1, "unmap %s: %s", name, strerror(-ret));
		printf("# figure: 1 GiB, %s: map %lu, unmap %lu\n", name, map,
		       unmap);
		if (map + unmap < least)
			least = map + unmap;
	}
	if (detach(&dev) || object_destroy(dev.iommufd, ioas) || close(file))
		errx(1, "no end with %s", name);
	return least;
}

static void convert_figure(int file, uint64_t size, const char *name)
{
	int i, ret;

	for (i = 0; i < ROUNDS; i++) {
		uint64_t start, private, shared;

		start = now();
		ret = convert(file, 0, size, true);
		private = now() - start;
		if (ret)
			errx(1, "to private: %s", strerror(-ret));
		start = now();
		ret = convert(file, 0, size, false);
		shared = now() - start;
		if (ret)
			errx(1, "to shared: %s", strerror(-ret));
		printf("# figure: conversion of %s: private %lu, shared %lu\n",
		       name, private, shared);
	}
}

static void conversions(void)
{
	int file = xpool(), ioas;
	__u64 iova = IOVA;

	convert_figure(file, SZ_4K, "4 KiB, no domain");
	convert_figure(file, SZ_2M, "2 MiB, no domain");
	convert_figure(file, SZ_1G, "1 GiB, no domain");
	ioas = xioas();
	if (map_file(dev.iommufd, ioas, file, 0, SIZE, &iova, RW))
		errx(1, "map");
	convert_figure(file, SZ_4K, "4 KiB, in a domain");
	convert_figure(file, SZ_2M, "2 MiB, in a domain");
	convert_figure(file, SZ_1G, "1 GiB, in a domain");
	close(file);
	result(true, "conversions");
}

int main(void)
{
	uint64_t pool, g1, m2;
	int ret;

	setlinebuf(stdout);
	ret = device_open(&dev);
	if (ret)
		errx(1, "the device: %s", strerror(-ret));

	printf("TAP version 13\n1..3\n");
	pool = map_figure(xpool(), "pool");
	g1 = map_figure(xhuge(MFD_HUGE_1GB, "pages of 1 GiB"),
			"memfd with pages of 1 GiB");
	m2 = map_figure(xhuge(MFD_HUGE_2MB, "pages of 2 MiB"),
			"memfd with pages of 2 MiB");
	printf("# figure: a pool takes 1/%lu of pages of 1 GiB, 1/%lu of 2 MiB\n",
	       g1 / pool, m2 / pool);
	result(pool < g1, "the pool is cheaper than pages of 1 GiB");
	result(pool < m2, "the pool is cheaper than pages of 2 MiB");
	conversions();
	return failed;
}
