// SPDX-License-Identifier: GPL-2.0
/*
 * Hold memory of a pool, as a virtual machine does.
 *
 *   hold_guest_memfd POOL BYTES [CONVERSIONS]
 *
 * Converts its first page so many times, to private and back.  Prints "ready" and
 * stays until it is killed.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct kvm_create_guest_memfd args = {
		.flags = GUEST_MEMFD_FLAG_POOL,
	};
	struct kvm_memory_attributes2 page = { .size = 4096 };
	int conversions = argc == 4 ? atoi(argv[3]) : 0;
	char path[256];
	int kvm, vm, fd;

	if (argc != 3 && argc != 4)
		errx(2, "usage: hold_guest_memfd POOL BYTES [CONVERSIONS]");

	kvm = open("/dev/kvm", O_RDWR);
	if (kvm < 0)
		err(1, "/dev/kvm");
	vm = ioctl(kvm, KVM_CREATE_VM,
		   conversions ? KVM_X86_SW_PROTECTED_VM : 0UL);
	if (vm < 0)
		err(1, "KVM_CREATE_VM");

	snprintf(path, sizeof(path), "/dev/gmem/%s", argv[1]);
	args.size = strtoull(argv[2], NULL, 0);
	args.pool_fd = open(path, O_RDWR);
	if (args.pool_fd < 0)
		err(1, "%s", path);
	if (conversions)
		args.flags |= GUEST_MEMFD_FLAG_MMAP |
			      GUEST_MEMFD_FLAG_INIT_SHARED;
	fd = ioctl(vm, KVM_CREATE_GUEST_MEMFD, &args);
	if (fd < 0)
		err(1, "KVM_CREATE_GUEST_MEMFD");
	while (conversions--) {
		page.attributes ^= KVM_MEMORY_ATTRIBUTE_PRIVATE;
		if (ioctl(fd, KVM_SET_MEMORY_ATTRIBUTES2, &page))
			err(1, "KVM_SET_MEMORY_ATTRIBUTES2");
	}

	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
