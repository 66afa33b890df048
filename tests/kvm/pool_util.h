/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of KVM on pool memory share: files from a pool, and a guest
 * that writes and checks memory on command.
 */
#ifndef POOL_UTIL_H
#define POOL_UTIL_H

#include <linux/sizes.h>

#include "kvm_util.h"
#include "processor.h"
#include "test_util.h"

/* Guest physical, and virtual, address of what the tests look at. */
#define POOL_GPA	(8ull * SZ_1G)
#define POOL_SLOT	10

#define POOL_SHARED	(GUEST_MEMFD_FLAG_MMAP | GUEST_MEMFD_FLAG_INIT_SHARED)

/* The pool that is used: $GMEM_POOL, or "boot". */
const char *pool_name(void);
/* A number in a file of the pool in sysfs. */
u64 pool_attr(const char *attr);
/* Wait until nothing of the pool is in use but @users files. */
void pool_wait_users(u64 users);
/* File descriptor of /dev/gmem/<pool>. */
int pool_open(void);

int __pool_create(struct kvm_vm *vm, u64 size, u64 flags, int pool_fd);
int pool_create(struct kvm_vm *vm, u64 size, u64 flags);

/* What fdinfo says of @key about the file, or ""; until the next call. */
const char *pool_file_info(int fd, const char *key);
/* Bytes of the file that are private; ~0 if it does not say. */
u64 nr_private(int fd);
/* Bytes of the file that are poisoned; 0 if it does not say. */
u64 nr_poisoned(int fd);

/* Mappings that KVM has made of memory that is not RAM. */
int nr_kernel_mappings(void);

/* Punch a hole, which must succeed. */
void pool_punch(int fd, u64 offset, u64 size);

/* Has the host 1 GiB pages? */
bool pool_has_1g(void);

/* What a guest has mapped. */
struct pool_pages {
	u64 k4;
	u64 m2;
	u64 g1;
};

struct pool_pages pool_pages(struct kvm_vm *vm);

/* So many more than @before? */
void pool_assert_pages(int line, struct pool_pages now, struct pool_pages before,
		       u64 want_4k, u64 want_2m, u64 want_1g);

#define POOL_ASSERT_PAGES(...)	pool_assert_pages(__LINE__, __VA_ARGS__)

/*
 * The guest.  It obeys one command after another.  Each page holds a value that
 * is made of a seed and of its page number in the file, so that wherever a page
 * is seen it is known whether it is the right one.  One VM for each process.
 */
enum guest_op {
	GUEST_WRITE,		/* write the value of each page */
	GUEST_CHECK,		/* expect it */
	GUEST_CHECK_ZERO,	/* expect zeroes in all of each page */
};

u64 pool_value(u64 seed, u64 page);

/* A VM with one vCPU that runs the guest; it has a GiB of slot 0 at most. */
struct kvm_vm *pool_vm(unsigned long type, struct kvm_vcpu **vcpu);

/* Let the guest touch what it needs for itself, so that it is all mapped. */
void pool_warm_up(struct kvm_vcpu *vcpu);

/* Map guest virtual to guest physical, with the largest entries. */
void pool_virt_map(struct kvm_vm *vm, u64 gpa, u64 size);

/* The same with entries of @level. */
void pool_virt_map_level(struct kvm_vm *vm, u64 gpa, u64 size, int level);

/* Let the guest do @op on what is at @gpa; it is page @page of the file. */
void pool_guest(struct kvm_vcpu *vcpu, enum guest_op op, u64 gpa, u64 size,
		u64 page, u64 seed);

/* The same, but return 0 or the errno of KVM_RUN. */
int __pool_guest(struct kvm_vcpu *vcpu, enum guest_op op, u64 gpa, u64 size,
		 u64 page, u64 seed);

/* After an error: give up what it could not do, and obey the next command. */
void pool_guest_restart(struct kvm_vcpu *vcpu);

/* The same as the guest does, in this process. */
void pool_host_write(void *mem, u64 size, u64 page, u64 seed);
void pool_host_check(const void *mem, u64 size, u64 page, u64 seed);
void pool_host_check_zero(const void *mem, u64 size);

#endif /* POOL_UTIL_H */
