// SPDX-License-Identifier: GPL-2.0
/*
 * convert_figures pool|stock: what conversion costs.
 *
 * A round trip of 4 KiB, 2 MiB and 1 GiB inside 1 GiB of private memory: make it
 * shared, have the guest and the host write to each page, make it private, have
 * the guest write to each page again.
 *
 *   pool   in place, on memory from the pool "boot"; needs
 *          kvm.gmem_in_place_conversion=1 and gmem= with 1 GiB or more
 *   stock  with the ioctl of the VM, which needs that parameter off: private
 *          memory of a guest_memfd from the page allocator, and shared anonymous
 *          memory beside it; what goes out of use is given back
 *
 * Meant for -icount, where the clock counts instructions.  Instructions are
 * printed, what does not depend on time is judged.
 *
 * The guest runs in long mode on page tables of 1 GiB entries, which lie with
 * its few instructions in a memslot of their own.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/kvm.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "figures.h"
#include "kmem.h"

#define SZ_4K		0x1000UL
#define SZ_2M		0x200000UL
#define SZ_1G		0x40000000UL
#define ROUNDS		3

#define CODE		0x0000UL
#define PML4		0x1000UL
#define PDPT		0x2000UL
#define GUEST_OWN	0x3000UL
#define GPA		(4 * SZ_1G)
#define SIZE		SZ_1G

#define PTE		0x63UL		/* present, writable, accessed, dirty */
#define PTE_PS		0x80UL

#define CR0_PE_PG	0x80000001UL
#define CR4_PAE		0x20UL
#define EFER_LME_LMA	0x500UL

/* 1: mov %rax,(%rdi); add %rdx,%rdi; dec %rcx; jnz 1b; hlt */
static const unsigned char guest_code[] = {
	0x48, 0x89, 0x07, 0x48, 0x01, 0xd7, 0x48, 0xff, 0xc9, 0x75, 0xf5, 0xf4,
};

static const struct {
	const char *name;
	uint64_t size;
	bool beside;		/* the next page is shared all the time */
} trips[] = {
	{ "4 KiB", SZ_4K, false },
	{ "4 KiB beside 4 KiB of shared memory", SZ_4K, true },
	{ "2 MiB", SZ_2M, false },
	{ "1 GiB", SZ_1G, false },
};

static bool pool;
static int kvm, vm, vcpu, memfd;
static struct kvm_run *run;
static char *mem;			/* shared memory of the guest, here */
static uint64_t touched;		/* what the guest wrote last */

static int xioctl(int fd, unsigned long request, void *arg, const char *what)
{
	int ret = ioctl(fd, request, arg);

	if (ret < 0)
		err(1, "%s", what);
	return ret;
}

static void *xmap(uint64_t size, int flags, int fd)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (p == MAP_FAILED)
		err(1, "mmap of %#lx bytes", size);
	return p;
}

/* How many entries of 1 GiB map the guest. */
static uint64_t large_entries(void)
{
	unsigned long long n;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/pages_1g",
		 getpid(), vm);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%llu", &n) != 1)
		err(1, "%s", path);
	fclose(f);
	return n;
}

static void add_slot(uint32_t slot, uint64_t gpa, uint64_t size, void *addr, int fd)
{
	struct kvm_userspace_memory_region2 region = {
		.slot = slot,
		.flags = fd < 0 ? 0 : KVM_MEM_GUEST_MEMFD,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)addr,
		.guest_memfd = fd < 0 ? 0 : fd,
	};

	xioctl(vm, KVM_SET_USER_MEMORY_REGION2, &region,
	       "KVM_SET_USER_MEMORY_REGION2");
}

static void make_memory(void)
{
	struct kvm_create_guest_memfd create = { .size = SIZE };

	if (pool) {
		create.flags = GUEST_MEMFD_FLAG_POOL | GUEST_MEMFD_FLAG_MMAP;
		create.pool_fd = open("/dev/gmem/boot", O_RDWR | O_CLOEXEC);
		if (create.pool_fd < 0)
			err(1, "/dev/gmem/boot");
	}
	memfd = xioctl(vm, KVM_CREATE_GUEST_MEMFD, &create,
		       "KVM_CREATE_GUEST_MEMFD");
	if (pool)
		mem = xmap(SIZE, MAP_SHARED, memfd);
	else
		mem = xmap(SIZE, MAP_SHARED | MAP_ANONYMOUS, -1);
	add_slot(1, GPA, SIZE, mem, memfd);
}

/* A virtual CPU begins with no features at all, and so without long mode. */
static void give_features(void)
{
	enum { MOST = 256 };
	struct kvm_cpuid2 *cpuid;

	cpuid = calloc(1, sizeof(*cpuid) + MOST * sizeof(cpuid->entries[0]));
	cpuid->nent = MOST;
	xioctl(kvm, KVM_GET_SUPPORTED_CPUID, cpuid, "KVM_GET_SUPPORTED_CPUID");
	xioctl(vcpu, KVM_SET_CPUID2, cpuid, "KVM_SET_CPUID2");
	free(cpuid);
}

static void make_vcpu(void)
{
	struct kvm_segment flat = {
		.limit = 0xffffffff, .present = 1, .s = 1, .g = 1,
	};
	char *own = xmap(GUEST_OWN, MAP_SHARED | MAP_ANONYMOUS, -1);
	uint64_t *pdpt = (uint64_t *)(own + PDPT);
	struct kvm_sregs sregs;

	memcpy(own + CODE, guest_code, sizeof(guest_code));
	*(uint64_t *)(own + PML4) = PDPT | PTE;
	for (uint64_t gib = 0; gib * SZ_1G < GPA + SIZE; gib++)
		pdpt[gib] = gib * SZ_1G | PTE | PTE_PS;
	add_slot(0, 0, GUEST_OWN, own, -1);

	vcpu = xioctl(vm, KVM_CREATE_VCPU, NULL, "KVM_CREATE_VCPU");
	run = xmap(xioctl(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL,
			  "KVM_GET_VCPU_MMAP_SIZE"), MAP_SHARED, vcpu);
	give_features();
	xioctl(vcpu, KVM_GET_SREGS, &sregs, "KVM_GET_SREGS");
	sregs.cr0 |= CR0_PE_PG;
	sregs.cr3 = PML4;
	sregs.cr4 |= CR4_PAE;
	sregs.efer |= EFER_LME_LMA;
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
	xioctl(vcpu, KVM_SET_SREGS, &sregs, "KVM_SET_SREGS");
}

/* The guest writes once each @step bytes.  Returns instructions, as all below. */
static uint64_t guest_steps(uint64_t offset, uint64_t size, uint64_t step)
{
	struct kvm_regs regs = {
		.rip = CODE,
		.rflags = 2,
		.rax = ++touched,
		.rdi = GPA + offset,
		.rcx = size / step,
		.rdx = step,
	};
	uint64_t start = now();

	xioctl(vcpu, KVM_SET_REGS, &regs, "KVM_SET_REGS");
	xioctl(vcpu, KVM_RUN, NULL, "KVM_RUN");
	if (run->exit_reason != KVM_EXIT_HLT)
		errx(1, "the guest stopped with exit reason %u",
		     run->exit_reason);
	return now() - start;
}

/* The guest writes to each page. */
static uint64_t guest_writes(uint64_t offset, uint64_t size)
{
	return guest_steps(offset, size, SZ_4K);
}

/* The host reads what the guest wrote to each page, and writes it again. */
static uint64_t host_writes(uint64_t offset, uint64_t size)
{
	uint64_t start = now(), wrong = 0;
	char *p = mem + offset;

	for (char *end = p + size; p < end; p += SZ_4K) {
		volatile uint64_t *word = (uint64_t *)p;

		wrong |= *word ^ touched;
		*word = touched;
	}
	if (wrong)
		errx(1, "the host does not see what the guest wrote");
	return now() - start;
}

/* The memory that is not used from now on, private or shared, is given back. */
static void give_back(uint64_t offset, uint64_t size, bool private)
{
	if (private) {
		if (madvise(mem + offset, size, MADV_REMOVE))
			err(1, "MADV_REMOVE");
	} else if (fallocate(memfd, FALLOC_FL_PUNCH_HOLE |
			     FALLOC_FL_KEEP_SIZE, offset, size)) {
		err(1, "FALLOC_FL_PUNCH_HOLE");
	}
}

static uint64_t convert(uint64_t offset, uint64_t size, bool private)
{
	uint64_t attributes = private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0;
	struct kvm_memory_attributes2 in_place = {
		.offset = offset, .size = size, .attributes = attributes,
	};
	struct kvm_memory_attributes of_vm = {
		.address = GPA + offset, .size = size, .attributes = attributes,
	};
	uint64_t start = now();

	if (pool) {
		xioctl(memfd, KVM_SET_MEMORY_ATTRIBUTES2, &in_place,
		       "KVM_SET_MEMORY_ATTRIBUTES2");
	} else {
		xioctl(vm, KVM_SET_MEMORY_ATTRIBUTES, &of_vm,
		       "KVM_SET_MEMORY_ATTRIBUTES");
		give_back(offset, size, private);
	}
	return now() - start;
}

static void instructions(const char *name, uint64_t offset, uint64_t size)
{
	uint64_t before = large_entries(), there, back, touch, again, one;

	there = convert(offset, size, false);
	touch = guest_writes(offset, size) + host_writes(offset, size);
	/* What writing costs where all is mapped. */
	again = guest_writes(offset, size);
	again += again + host_writes(offset, size);
	back = convert(offset, size, true);
	one = guest_writes(offset, SZ_4K);
	if (pool && before)
		result(large_entries() == before,
		       "%s: one access brings the entry of 1 GiB back", name);
	touch += one;
	if (size > SZ_4K)
		touch += guest_writes(offset + SZ_4K, size - SZ_4K);
	printf("# figure: %s: round trip %lu; back and one access %lu\n", name,
	       there + back + touch, back + one);
	printf("# figure: %s: to shared %lu, to private %lu, writing %lu (mapped already %lu)\n",
	       name, there, back, touch, again);
}

/*
 * A page in the middle is converted, the guest goes on with all that was mapped by
 * the same entry, and the page is converted back.
 */
static void convert_amid(void)
{
	const uint64_t page = SIZE / 2;
	uint64_t there, blocks, pages, mapped, back, one;

	there = convert(page, SZ_4K, false);
	blocks = guest_steps(0, SIZE, SZ_2M);
	pages = guest_writes(page, SZ_2M);
	mapped = guest_steps(0, SIZE, SZ_2M) + guest_writes(page, SZ_2M);
	back = convert(page, SZ_4K, true);
	one = guest_writes(page, SZ_4K);
	printf("# figure: amid 1 GiB: to shared %lu, to private %lu, one access %lu\n",
	       there, back, one);
	printf("# figure: amid 1 GiB: 512 blocks %lu, 512 pages %lu (mapped already %lu)\n",
	       blocks, pages, mapped);
}

/* Count in all of a round trip, or in the conversions alone. */
static void count(const char *name, uint64_t offset, uint64_t size, bool all)
{
	struct kmem_allocs n;

	kmem_count_begin();
	kmem_count(true);
	convert(offset, size, false);
	kmem_count(all);
	guest_writes(offset, size);
	host_writes(offset, size);
	kmem_count(true);
	convert(offset, size, true);
	kmem_count(all);
	guest_writes(offset, size);
	kmem_count_end(&n);
	printf("# figure: %s: %s: ", name, all ? "round trip" : "conversions");
	printf("objects %ld, %ld bytes; pages %ld, %ld bytes; for the guest %ld, %ld bytes\n",
	       n.objects, n.object_bytes, n.pages, n.page_bytes, n.user_pages,
	       n.user_bytes);
	if (pool && !all)
		result(!n.objects && !n.pages && !n.user_pages,
		       "%s: conversions allocate nothing", name);
	else if (all)
		result(pool ? !n.user_pages : n.user_bytes >= 2 * (long)size,
		       "%s: %s", name,
		       pool ? "no memory for the guest is allocated" :
			      "memory for the guest is allocated, twice");
}

int main(int argc, char **argv)
{
	if (argc != 2)
		errx(2, "usage: convert_figures pool|stock");
	pool = !strcmp(argv[1], "pool");
	setlinebuf(stdout);
	kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		err(1, "/dev/kvm");
	vm = xioctl(kvm, KVM_CREATE_VM, (void *)KVM_X86_SW_PROTECTED_VM,
		    "KVM_CREATE_VM");
	make_memory();
	make_vcpu();
	if (!pool)
		convert(0, SIZE, true);
	guest_writes(0, SIZE);
	printf("TAP version 13\n");
	if (pool)
		result(large_entries() == SIZE / SZ_1G, "1 GiB: private");

	for (int i = 0; i < 4; i++) {
		const uint64_t size = trips[i].size;
		const uint64_t offset = size < SIZE ? SIZE / 2 : 0;

		if (trips[i].beside) {
			convert(offset + size, size, false);
			guest_writes(offset + size, size);
		}
		for (int j = 0; j < (offset ? ROUNDS : 1); j++)
			instructions(trips[i].name, offset, size);
		count(trips[i].name, offset, size, false);
		count(trips[i].name, offset, size, true);
		if (trips[i].beside)
			convert(offset + size, size, true);
		guest_writes(0, SIZE);
		if (pool)
			result(large_entries() == SIZE / SZ_1G,
			       "%s: 1 GiB is mapped at once in the end",
			       trips[i].name);
	}
	if (pool) {
		convert_amid();
		result(large_entries() == SIZE / SZ_1G,
		       "4 KiB amid all of it: 1 GiB is mapped at once in the end");
	}
	printf("1..%d\n", nr);
	return failed;
}
