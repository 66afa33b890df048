// SPDX-License-Identifier: GPL-2.0
/*
 * guest GIB DISK: the smallest VMM that shows what pool memory does.
 *
 * It takes a guest_memfd from the pool "boot", maps it into user space and
 * into a virtual machine, has both write all of it, and counts page faults
 * and the sizes of page table entries.  Then it tries to get hold of the
 * memory in the ways that would need a struct page.
 *
 * The guest runs in long mode on page tables of 1 GiB entries, which lie with
 * its few instructions at the start of its memory.  Guest physical addresses
 * begin at 4 GiB, clear of the interrupt controllers' registers.
 */
#include <err.h>
#include <sys/uio.h>
#include <time.h>

#include "mapping.h"

#define GUEST_BASE	0x100000000UL
#define CODE		0x0000UL
#define PML4		0x1000UL
#define PDPT		0x2000UL
#define GUEST_OWN	0x10000UL	/* code and page tables of the guest */

#define PTE_P		0x1UL
#define PTE_RW		0x2UL
#define PTE_PS		0x80UL
#define PTE_A		0x20UL
#define PTE_D		0x40UL

#define CR0_PE		0x1UL
#define CR0_PG		0x80000000UL
#define CR4_PAE		0x20UL
#define EFER_LME	0x100UL
#define EFER_LMA	0x400UL

/* rep stosq; hlt */
static const unsigned char guest_code[] = { 0xf3, 0x48, 0xab, 0xf4 };

#define PATTERN		0x67756573746d656dUL

static int failed;

/* A claim of the demonstration: what was seen, and whether it had to be so. */
static void claim(bool ok, const char *what)
{
	if (ok)
		return;
	printf("   NOT AS PROMISED: %s\n", what);
	failed = 1;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int xioctl(int fd, unsigned long request, void *arg, const char *what)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		err(1, "%s", what);
	return ret;
}

/* The value of a statistic of a virtual machine or a virtual CPU. */
static uint64_t stat_of(int fd, const char *name)
{
	struct kvm_stats_header header;
	struct kvm_stats_desc *desc;
	uint64_t value = 0;
	bool found = false;
	size_t each;
	int stats;

	stats = xioctl(fd, KVM_GET_STATS_FD, NULL, "KVM_GET_STATS_FD");
	if (pread(stats, &header, sizeof(header), 0) != sizeof(header))
		err(1, "header of the statistics");
	each = sizeof(*desc) + header.name_size;
	desc = malloc(each);
	for (uint32_t i = 0; i < header.num_desc && !found; i++) {
		if (pread(stats, desc, each, header.desc_offset + i * each) !=
		    (ssize_t)each)
			err(1, "description of a statistic");
		if (strcmp(desc->name, name))
			continue;
		found = pread(stats, &value, sizeof(value),
			      header.data_offset + desc->offset) ==
			sizeof(value);
	}
	if (!found)
		errx(1, "there is no statistic %s", name);
	free(desc);
	close(stats);
	return value;
}

struct machine {
	int kvm;
	int vm;
	int vcpu;
	int memfd;
	struct kvm_run *run;
	char *mem;
	uint64_t size;
};

static void make_memory(struct machine *m)
{
	struct kvm_create_guest_memfd create = {
		.size = m->size,
		.flags = GUEST_MEMFD_FLAG_POOL | GUEST_MEMFD_FLAG_MMAP |
			 GUEST_MEMFD_FLAG_INIT_SHARED,
	};
	struct kvm_userspace_memory_region2 region = {
		.flags = KVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = GUEST_BASE,
		.memory_size = m->size,
	};
	double start;

	create.pool_fd = open("/dev/gmem/" POOL, O_RDWR | O_CLOEXEC);
	if (create.pool_fd < 0)
		err(1, "/dev/gmem/" POOL);
	start = now();
	m->memfd = xioctl(m->vm, KVM_CREATE_GUEST_MEMFD, &create,
			  "KVM_CREATE_GUEST_MEMFD");
	printf("   guest_memfd of %lu GiB created in %.1f ms\n",
	       m->size / SZ_1G, (now() - start) * 1e3);
	close(create.pool_fd);

	m->mem = gmem_map(m->memfd, m->size);
	if (m->mem == MAP_FAILED)
		err(1, "mmap of the guest_memfd");
	region.userspace_addr = (uintptr_t)m->mem;
	region.guest_memfd = m->memfd;
	xioctl(m->vm, KVM_SET_USER_MEMORY_REGION2, &region,
	       "KVM_SET_USER_MEMORY_REGION2");
}

static void make_machine(struct machine *m)
{
	int run_size;

	m->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (m->kvm < 0)
		err(1, "/dev/kvm");
	m->vm = xioctl(m->kvm, KVM_CREATE_VM, NULL, "KVM_CREATE_VM");
	make_memory(m);
	m->vcpu = xioctl(m->vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");
	run_size = xioctl(m->kvm, KVM_GET_VCPU_MMAP_SIZE, NULL,
			  "KVM_GET_VCPU_MMAP_SIZE");
	m->run = mmap(NULL, run_size, PROT_READ | PROT_WRITE, MAP_SHARED,
		      m->vcpu, 0);
	if (m->run == MAP_FAILED)
		err(1, "mmap of the virtual CPU");
}

/* A virtual CPU begins with no features at all, and so without long mode. */
static void give_features(struct machine *m)
{
	enum { MOST = 256 };
	struct kvm_cpuid2 *cpuid;

	cpuid = calloc(1, sizeof(*cpuid) + MOST * sizeof(cpuid->entries[0]));
	cpuid->nent = MOST;
	xioctl(m->kvm, KVM_GET_SUPPORTED_CPUID, cpuid,
	       "KVM_GET_SUPPORTED_CPUID");
	xioctl(m->vcpu, KVM_SET_CPUID2, cpuid, "KVM_SET_CPUID2");
	free(cpuid);
}

/* Prepare the virtual CPU to fill all but its own part of the memory. */
static void load_guest(struct machine *m)
{
	struct kvm_segment flat = {
		.limit = 0xffffffff, .present = 1, .s = 1, .g = 1,
	};
	struct kvm_regs regs = {
		.rip = GUEST_BASE + CODE,
		.rflags = 2,
		.rax = PATTERN,
		.rdi = GUEST_BASE + GUEST_OWN,
		.rcx = (m->size - GUEST_OWN) / sizeof(uint64_t),
	};
	uint64_t *pml4 = (uint64_t *)(m->mem + PML4);
	uint64_t *pdpt = (uint64_t *)(m->mem + PDPT);
	struct kvm_sregs sregs;
	uint64_t gib;

	give_features(m);
	memcpy(m->mem + CODE, guest_code, sizeof(guest_code));
	pml4[0] = (GUEST_BASE + PDPT) | PTE_P | PTE_RW | PTE_A;
	for (gib = 0; gib < (GUEST_BASE + m->size) / SZ_1G; gib++)
		pdpt[gib] = gib * SZ_1G | PTE_P | PTE_RW | PTE_PS |
			    PTE_A | PTE_D;

	xioctl(m->vcpu, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	sregs.cr0 |= CR0_PE | CR0_PG;
	sregs.cr3 = GUEST_BASE + PML4;
	sregs.cr4 |= CR4_PAE;
	sregs.efer |= EFER_LME | EFER_LMA;
	flat.type = 3;		/* data, writable, accessed */
	flat.db = 1;
	sregs.ds = flat;
	sregs.es = flat;
	sregs.ss = flat;
	flat.type = 11;		/* code, readable, accessed */
	flat.db = 0;
	flat.l = 1;
	flat.selector = 8;
	sregs.cs = flat;
	xioctl(m->vcpu, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
	xioctl(m->vcpu, KVM_SET_REGS, &regs, "KVM_SET_REGS");
}

static void show_user_mapping(struct machine *m)
{
	uint64_t gib = m->size / SZ_1G, large = 0;
	long faults = touch(m->mem, m->size);

	for (uint64_t i = 0; i < gib; i++)
		large += leaf_size(m->mem + i * SZ_1G) == (long)SZ_1G;
	printf("   user space wrote to each page: %ld faults, %lu entries of 1 GiB\n",
	       faults, large);
	claim(faults == (long)gib, "one fault of user space for each GiB");
	claim(large == gib, "user space maps 1 GiB with each entry");
}

static void show_guest_mapping(struct machine *m)
{
	uint64_t gib = m->size / SZ_1G, faults, large, medium, small, i;
	double start, seconds;

	load_guest(m);
	start = now();
	xioctl(m->vcpu, KVM_RUN, NULL, "KVM_RUN");
	seconds = now() - start;
	if (m->run->exit_reason != KVM_EXIT_HLT)
		errx(1, "the guest stopped with exit reason %u",
		     m->run->exit_reason);
	for (i = GUEST_OWN; i < m->size; i += SZ_4K)
		if (*(volatile uint64_t *)(m->mem + i) != PATTERN)
			break;
	claim(i >= m->size, "user space sees what the guest wrote");

	faults = stat_of(m->vcpu, "pf_taken");
	large = stat_of(m->vm, "pages_1g");
	medium = stat_of(m->vm, "pages_2m");
	small = stat_of(m->vm, "pages_4k");
	printf("   the guest wrote all of it in %.1f s: %lu faults\n", seconds,
	       faults);
	printf("   stage-2 entries: %lu of 1 GiB, %lu of 2 MiB, %lu of 4 KiB\n",
	       large, medium, small);
	printf("   (with 4 KiB pages: %lu faults and entries on either side)\n",
	       m->size / SZ_4K);
	claim(faults == gib, "one fault of the guest for each GiB");
	claim(large == gib && !medium && !small,
	      "stage-2 maps 1 GiB with each entry");
}

/* Prints how an attempt ended that had to be refused with EFAULT. */
static void expect_efault(const char *what, long ret)
{
	int error = errno;

	printf("   %-30s %s\n", what,
	       ret < 0 ? strerror(error) : "was NOT refused");
	claim(ret < 0 && error == EFAULT, what);
}

static void show_refusals(struct machine *m, const char *disk)
{
	struct iovec remote = { m->mem, SZ_4K }, local;
	char buffer[SZ_4K];
	int fd, pipes[2];

	fd = open(disk, O_RDONLY | O_DIRECT | O_CLOEXEC);
	if (fd < 0)
		err(1, "%s", disk);
	expect_efault("read() with O_DIRECT", read(fd, m->mem, SZ_4K));
	close(fd);

	local.iov_base = buffer;
	local.iov_len = sizeof(buffer);
	expect_efault("process_vm_readv()",
		      process_vm_readv(getpid(), &local, 1, &remote, 1, 0));

	if (pipe(pipes))
		err(1, "pipe");
	expect_efault("vmsplice()", vmsplice(pipes[1], &remote, 1, 0));
	close(pipes[0]);
	close(pipes[1]);
}

int main(int argc, char **argv)
{
	struct machine m = {};

	if (argc != 3)
		errx(2, "usage: guest GIB DISK");
	/* Whoever reads this through a pipe wants it as it happens. */
	setlinebuf(stdout);
	m.size = strtoull(argv[1], NULL, 0) * SZ_1G;

	printf("\n3. A guest_memfd from the pool, in user space and in a KVM guest\n");
	make_machine(&m);
	show_user_mapping(&m);
	show_guest_mapping(&m);

	printf("\n4. Nobody can take a reference\n");
	show_refusals(&m, argv[2]);
	return failed;
}
