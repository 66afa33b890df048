/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * Pools of guest memory without struct pages.
 *
 * A pool is the directory /sys/class/gmem/<pool>.  An open file descriptor of
 * /dev/gmem/<pool> is what KVM_CREATE_GUEST_MEMFD takes with
 * GUEST_MEMFD_FLAG_POOL.
 */
#ifndef _UAPI_LINUX_GMEM_H
#define _UAPI_LINUX_GMEM_H

/* The longest name of a pool, with the terminating NUL. */
#define GMEM_POOL_NAME_LEN	32

#endif /* _UAPI_LINUX_GMEM_H */
