// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/mman.h>
#include <stdlib.h>
#include <unistd.h>

#include "kvm_syscalls.h"
#include "pool_util.h"

const char *pool_name(void)
{
	return getenv("GMEM_POOL") ?: "boot";
}

u64 pool_attr(const char *attr)
{
	unsigned long long value;
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/gmem/%s/%s", pool_name(), attr);
	f = fopen(path, "r");
	TEST_ASSERT(f, "cannot open %s", path);
	TEST_ASSERT(fscanf(f, "%llu", &value) == 1, "no number in %s", path);
	fclose(f);
	return value;
}

void pool_wait_users(u64 users)
{
	int i;

	/* Files are closed by tasks that exit on their own time. */
	for (i = 0; i < 1000 && pool_attr("users") != users; i++)
		usleep(20000);
	TEST_ASSERT_EQ(pool_attr("users"), users);

	/* What is being zeroed cannot be had, nor a GiB that it is a part of. */
	while (!users && pool_attr("scrubbed") + pool_attr("poisoned") !=
			 pool_attr("size"))
		usleep(20000);
}

int pool_open(void)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/dev/gmem/%s", pool_name());
	fd = open(path, O_RDWR | O_CLOEXEC);
	TEST_ASSERT(fd >= 0, "cannot open %s", path);
	return fd;
}

int __pool_create(struct kvm_vm *vm, u64 size, u64 flags, int pool_fd)
{
	struct kvm_create_guest_memfd args = {
		.size = size,
		.flags = flags | GUEST_MEMFD_FLAG_POOL,
		.pool_fd = pool_fd,
	};

	return __vm_ioctl(vm, KVM_CREATE_GUEST_MEMFD, &args);
}

int pool_create(struct kvm_vm *vm, u64 size, u64 flags)
{
	int pool = pool_open();
	int fd = __pool_create(vm, size, flags, pool);

	TEST_ASSERT(fd >= 0, "cannot create a guest_memfd of %#lx bytes", size);
	close(pool);
	return fd;
}

const char *pool_file_info(int fd, const char *key)
{
	static char value[64];
	char path[64], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	TEST_ASSERT(f, "cannot open %s", path);
	*value = '\0';
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			sscanf(line + strlen(key) + 1, "%63s", value);
	fclose(f);
	return value;
}

static u64 file_number(int fd, const char *key, u64 unsaid)
{
	const char *value = pool_file_info(fd, key);

	return *value ? strtoull(value, NULL, 10) : unsaid;
}

u64 nr_private(int fd)
{
	return file_number(fd, "gmem-private", ~0ull);
}

u64 nr_poisoned(int fd)
{
	return file_number(fd, "gmem-poisoned", 0);
}

int nr_kernel_mappings(void)
{
	char line[256];
	FILE *f = fopen("/proc/vmallocinfo", "r");
	int n = 0;

	TEST_ASSERT(f, "no /proc/vmallocinfo");
	while (fgets(line, sizeof(line), f))
		n += strstr(line, "memremap") && strstr(line, "ioremap");
	fclose(f);
	return n;
}

void pool_punch(int fd, u64 offset, u64 size)
{
	int r = fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			  offset, size);

	TEST_ASSERT(!r, "cannot punch a hole at %#lx, %#lx bytes", offset, size);
}

bool pool_has_1g(void)
{
	return this_cpu_has(X86_FEATURE_GBPAGES);
}

struct pool_pages pool_pages(struct kvm_vm *vm)
{
	return (struct pool_pages) {
		.k4 = vm_get_stat(vm, pages_4k),
		.m2 = vm_get_stat(vm, pages_2m),
		.g1 = vm_get_stat(vm, pages_1g),
	};
}

void pool_assert_pages(int line, struct pool_pages now, struct pool_pages before,
		       u64 want_4k, u64 want_2m, u64 want_1g)
{
	now.k4 -= before.k4;
	now.m2 -= before.m2;
	now.g1 -= before.g1;
	/* Shadow paging maps a page once for each way that the guest maps it. */
	if (!kvm_is_tdp_enabled() && want_4k && now.k4 > want_4k)
		now.k4 = want_4k;
	TEST_ASSERT(now.k4 == want_4k && now.m2 == want_2m && now.g1 == want_1g,
		    "line %d: mapped %ld 4K, %ld 2M, %ld 1G; want %lu, %lu, %lu",
		    line, (long)now.k4, (long)now.m2, (long)now.g1, want_4k,
		    want_2m, want_1g);
}

u64 pool_value(u64 seed, u64 page)
{
	return (page + 1) * 0x9e3779b97f4a7c15ull + seed;
}

static struct {
	u64 op;
	u64 addr;
	u64 size;
	u64 page;
	u64 seed;
} command;

/* The first and the last word of a page. */
#define FIRST(p)	(*(volatile u64 *)(p))
#define LAST(p)		(*(volatile u64 *)((p) + PAGE_SIZE - sizeof(u64)))

static void guest_obey(void)
{
	u64 addr = command.addr, end = addr + command.size;
	u64 page = command.page, *p;

	for (; addr < end; addr += PAGE_SIZE, page++) {
		u64 value = pool_value(command.seed, page);

		switch (command.op) {
		case GUEST_WRITE:
			FIRST(addr) = value;
			LAST(addr) = ~value;
			break;
		case GUEST_CHECK:
			__GUEST_ASSERT(FIRST(addr) == value && LAST(addr) == ~value,
				       "page %lx at %lx: %lx, %lx", page, addr,
				       FIRST(addr) - value, LAST(addr) - ~value);
			break;
		case GUEST_CHECK_ZERO:
			for (p = (void *)addr; p < (u64 *)(addr + PAGE_SIZE); p++)
				__GUEST_ASSERT(!*p, "at %p: %lx", p, *p);
			break;
		}
	}
}

static void guest_main(void)
{
	for (;;) {
		guest_obey();
		GUEST_SYNC(0);
	}
}

/* Pages of slot 0, to run the guest's code on. */
static gva_t scratch;

/*
 * Page tables of the guest are in slot 0 as well, now or later.  Populated by
 * reading, they would be the zero page, and change when they are written.
 */
static void pre_fault_slot_0(struct kvm_vcpu *vcpu)
{
	struct userspace_mem_region *slot0 = memslot2region(vcpu->vm, 0);
	struct kvm_pre_fault_memory range = {
		.gpa = slot0->region.guest_phys_addr,
		.size = slot0->region.memory_size,
	};

	kvm_madvise(slot0->host_mem, range.size, MADV_POPULATE_WRITE);
	while (range.size)
		vcpu_ioctl(vcpu, KVM_PRE_FAULT_MEMORY, &range);
}

void pool_warm_up(struct kvm_vcpu *vcpu)
{
	if (kvm_is_tdp_enabled())
		pre_fault_slot_0(vcpu);
	pool_guest(vcpu, GUEST_WRITE, scratch, PAGE_SIZE, 0, 0);
	pool_guest(vcpu, GUEST_CHECK, scratch, PAGE_SIZE, 0, 0);
	pool_guest(vcpu, GUEST_CHECK_ZERO, scratch + PAGE_SIZE, PAGE_SIZE, 0, 0);
}

/* Registers of the vCPU of pool_vm() before it runs. */
static struct kvm_regs start;

void pool_guest_restart(struct kvm_vcpu *vcpu)
{
	vcpu_regs_set(vcpu, &start);
}

struct kvm_vm *pool_vm(unsigned long type, struct kvm_vcpu **vcpu)
{
	const struct vm_shape shape = {
		.mode = VM_MODE_DEFAULT,
		.type = type,
	};
	struct kvm_vm *vm;

	vm = vm_create_shape_with_one_vcpu(shape, vcpu, guest_main);
	vcpu_regs_get(*vcpu, &start);

	scratch = vm_alloc_pages(vm, 2);
	pool_warm_up(*vcpu);
	return vm;
}

void pool_virt_map_level(struct kvm_vm *vm, u64 gpa, u64 size, int level)
{
	virt_map_level(vm, gpa, gpa, size, level);
}

void pool_virt_map(struct kvm_vm *vm, u64 gpa, u64 size)
{
	int level = pool_has_1g() ? PG_LEVEL_1G : PG_LEVEL_2M;

	while (size) {
		while (level > PG_LEVEL_4K &&
		       ((gpa & (PG_LEVEL_SIZE(level) - 1)) ||
			size < PG_LEVEL_SIZE(level)))
			level--;
		virt_map_level(vm, gpa, gpa, PG_LEVEL_SIZE(level), level);
		gpa += PG_LEVEL_SIZE(level);
		size -= PG_LEVEL_SIZE(level);
		level = pool_has_1g() ? PG_LEVEL_1G : PG_LEVEL_2M;
	}
}

int __pool_guest(struct kvm_vcpu *vcpu, enum guest_op op, u64 gpa, u64 size,
		 u64 page, u64 seed)
{
	struct ucall uc;

	command.op = op;
	command.addr = gpa;
	command.size = size;
	command.page = page;
	command.seed = seed;
	sync_global_to_guest(vcpu->vm, command);

	if (_vcpu_run(vcpu))
		return errno;

	switch (get_ucall(vcpu, &uc)) {
	case UCALL_SYNC:
		return 0;
	case UCALL_ABORT:
		REPORT_GUEST_ASSERT(uc);
	default:
		TEST_FAIL("the guest left with reason %u (%s)",
			  vcpu->run->exit_reason,
			  exit_reason_str(vcpu->run->exit_reason));
	}
}

void pool_guest(struct kvm_vcpu *vcpu, enum guest_op op, u64 gpa, u64 size,
		u64 page, u64 seed)
{
	int err = __pool_guest(vcpu, op, gpa, size, page, seed);

	TEST_ASSERT(!err, "KVM_RUN: errno %d, exit reason %u", err,
		    vcpu->run->exit_reason);
}

void pool_host_write(void *mem, u64 size, u64 page, u64 seed)
{
	void *p;

	for (p = mem; p < mem + size; p += PAGE_SIZE, page++) {
		FIRST(p) = pool_value(seed, page);
		LAST(p) = ~pool_value(seed, page);
	}
}

void pool_host_check(const void *mem, u64 size, u64 page, u64 seed)
{
	const void *p;

	for (p = mem; p < mem + size; p += PAGE_SIZE, page++) {
		u64 value = pool_value(seed, page);

		TEST_ASSERT(FIRST(p) == value && LAST(p) == ~value,
			    "page %#lx: %#lx, %#lx", page, FIRST(p) - value,
			    LAST(p) - ~value);
	}
}

void pool_host_check_zero(const void *mem, u64 size)
{
	const u64 *p = mem, *end = mem + size;

	for (; p < end; p++)
		if (*p)
			TEST_FAIL("%#lx at offset %#lx", *p,
				  (unsigned long)((void *)p - mem));
}
