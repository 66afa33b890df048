/* SPDX-License-Identifier: GPL-2.0 */
/* What the tests of conversion between private and shared memory share. */
#ifndef CONVERT_UTIL_H
#define CONVERT_UTIL_H

#include "pool_util.h"

/* Make a range of a guest_memfd private or shared; 0 or the errno. */
int __convert(int fd, u64 offset, u64 size, bool private);
/* The same, which must succeed. */
void convert(int fd, u64 offset, u64 size, bool private);

/* Can this process access the page, and does it agree with itself on it? */
bool host_can_access(void *page);

/* What gmem_check in the debugfs directory of the VM says. */
struct check {
	u64 guest;	/* wrong entries of the guest */
	u64 user;	/* the same of user space */
	u64 k4, m2, g1;	/* entries of user space */
};

struct check check(struct kvm_vm *vm);
/* No page table contradicts the attributes. */
void check_no_mismatch(int line, struct kvm_vm *vm);
#define CHECK_NO_MISMATCH(vm)	check_no_mismatch(__LINE__, vm)

/* Is gmem_in_place_conversion on? */
bool in_place_conversion(void);

/* From here to the end every allocation of this thread fails. */
void fail_allocations_begin(void);
void fail_allocations_end(void);

#endif /* CONVERT_UTIL_H */
