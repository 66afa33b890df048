/* SPDX-License-Identifier: GPL-2.0 */
/* Finding the PCI device that machines have for tests, QEMU's edu. */
#ifndef GMEM_TEST_EDU_H
#define GMEM_TEST_EDU_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEVICES		"/sys/bus/pci/devices"
#define EDU		"0x1234 0x11e8"

static inline int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = fd < 0 || write(fd, text, strlen(text)) < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return ret;
}

static inline void read_attr(const char *name, const char *file, char *buf,
			     int size)
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

/* Finds the device and gives it to vfio-pci; returns 0 or -errno. */
static inline int edu_find(char *name)
{
	char path[PATH_MAX], vendor[16], device[16], id[40];
	struct dirent *entry;
	DIR *dir = opendir(DEVICES);

	while (dir && (entry = readdir(dir))) {
		read_attr(entry->d_name, "vendor", vendor, sizeof(vendor));
		read_attr(entry->d_name, "device", device, sizeof(device));
		snprintf(id, sizeof(id), "%s %s", vendor, device);
		if (strcmp(id, EDU))
			continue;
		snprintf(name, 32, "%.31s", entry->d_name);
		closedir(dir);
		snprintf(path, sizeof(path), DEVICES "/%s/driver_override", name);
		write_file(path, "vfio-pci");
		write_file("/sys/bus/pci/drivers_probe", name);
		return 0;
	}
	if (dir)
		closedir(dir);
	return -ENODEV;
}

/* The VFIO character device of a PCI device. */
static inline int edu_open_cdev(const char *name)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int fd = -1;
	DIR *dir;

	snprintf(path, sizeof(path), DEVICES "/%s/vfio-dev", name);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		if (!strstr(entry->d_name, "vfio"))
			continue;
		snprintf(path, sizeof(path), "/dev/vfio/devices/%s", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
	}
	if (dir)
		closedir(dir);
	return fd < 0 ? -errno : fd;
}

/* The number of the IOMMU group of a PCI device, or -errno. */
static inline int edu_group(const char *name)
{
	char path[PATH_MAX], link[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), DEVICES "/%s/iommu_group", name);
	len = readlink(path, link, sizeof(link) - 1);
	if (len < 0)
		return -errno;
	link[len] = 0;
	return atoi(strrchr(link, '/') + 1);
}

#endif /* GMEM_TEST_EDU_H */
