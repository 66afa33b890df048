/* SPDX-License-Identifier: LGPL-2.1 */
/*
 * What <linux/kvm.h> of a kernel with gmem says, for building where the
 * installed header does not know it.
 */
#ifndef PRELOAD_KVM_GMEM_H
#define PRELOAD_KVM_GMEM_H

#include <linux/kvm.h>

#ifndef GUEST_MEMFD_FLAG_MMAP
#define GUEST_MEMFD_FLAG_MMAP		(1ULL << 0)
#endif
#ifndef GUEST_MEMFD_FLAG_INIT_SHARED
#define GUEST_MEMFD_FLAG_INIT_SHARED	(1ULL << 1)
#endif
#ifndef GUEST_MEMFD_FLAG_POOL
#define GUEST_MEMFD_FLAG_POOL		(1ULL << 32)
#endif

/* struct kvm_create_guest_memfd, with the member that a pool needs. */
struct gmem_create_guest_memfd {
	__u64 size;
	__u64 flags;
	__s32 pool_fd;
	__u32 pad;
	__u64 reserved[5];
};

#undef KVM_CREATE_GUEST_MEMFD
#define KVM_CREATE_GUEST_MEMFD \
	_IOWR(KVMIO, 0xd4, struct gmem_create_guest_memfd)

#endif /* PRELOAD_KVM_GMEM_H */
