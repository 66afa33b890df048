// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Boot reservation
 *
 * The parameter gmem= keeps memory from the kernel: it never gets a memmap, is
 * not counted by any zone, and costs no page initialisation.
 *
 * The memory is chosen when the nodes are known and the crash kernel has its
 * place, and before anything counts or publishes System RAM; see the call in
 * setup_arch().  It leaves memblock and turns into reserved memory in the table
 * from which the resource tree is made.
 *
 * The direct map was built before that.  It is removed when the page allocator
 * works, since splitting its entries takes memory, and before ACPI could add
 * memory of its own.
 *
 * Memory is taken in multiples of the memory block, so that it can be returned,
 * in whole aligned GiB first, and from above 4 GiB first.  What the system needs
 * to boot is kept back whatever was asked for; memory that it does not use
 * anyway, because it can be unplugged (movable_node), does not count for that.
 */
#define pr_fmt(fmt) "gmem: " fmt

#include <linux/crash_dump.h>
#include <linux/ctype.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/kexec_handover.h>
#include <linux/memblock.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/pfn.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <asm/setup.h>

#include "internal.h"

#define MAX_REQUESTS	32
#define MAX_RANGES	128
#define NOWHERE		U64_MAX

/* One item of the parameter. */
struct request {
	int nid;			/* or NUMA_NO_NODE */
	unsigned int percent;		/* of the memory; if not 0, no size */
	u64 size;			/* bytes */
	u64 start;			/* physical address, or NOWHERE */
};

struct boot_range {
	u64 start;
	u64 size;
	int nid;
};

static struct request requests[MAX_REQUESTS] __initdata;
static unsigned int nr_requests __initdata;
static struct boot_range boot_ranges[MAX_RANGES] __initdata;
static unsigned int nr_boot_ranges __initdata;
/* Stays true when the memory has been returned. */
static bool boot_reserved __ro_after_init;
/* How much may be reserved of what the kernel uses, so that the system boots. */
static u64 budget __initdata;

static int __init parse_request(char *item, struct request *req)
{
	char *size = item, *end, *colon = strchr(item, ':');

	*req = (struct request){ .nid = NUMA_NO_NODE, .start = NOWHERE };
	if (colon) {
		*colon = '\0';
		if (kstrtoint(item, 10, &req->nid) || req->nid < 0)
			return -EINVAL;
		size = colon + 1;
	}

	if (!isdigit(*size))
		return -EINVAL;
	req->size = memparse(size, &end);
	if (*end == '%') {
		if (!req->size || req->size > 100 || end[1])
			return -EINVAL;
		req->percent = req->size;
		req->size = 0;
		return 0;
	}
	if (*end == '@') {
		if (colon || !isdigit(end[1]))
			return -EINVAL;
		req->start = memparse(end + 1, &end);
		if (req->start + req->size < req->start)
			return -EINVAL;
	}
	return *end || !req->size ? -EINVAL : 0;
}

/* The nodes are not known yet: only remember what was asked for. */
static int __init parse_gmem(char *value)
{
	static char copy[COMMAND_LINE_SIZE] __initdata;
	char *items = copy, *item;
	char text[32];

	if (!value)
		value = "";
	strscpy(copy, value);
	while ((item = strsep(&items, ","))) {
		strscpy(text, item);
		if (nr_requests == MAX_REQUESTS) {
			pr_err("more than %d items, the rest is ignored\n",
			       MAX_REQUESTS);
			break;
		}
		if (parse_request(item, &requests[nr_requests]))
			pr_err("ignoring '%s': want [<node>:]<size>, [<node>:]<n>%% or <size>@<address>\n",
			       text);
		else
			nr_requests++;
	}
	return 0;
}
early_param("gmem", parse_gmem);

static struct memblock_region * __init region_of(u64 start)
{
	struct memblock_region *region;

	for_each_mem_region(region)
		if (start >= region->base &&
		    start - region->base < region->size)
			return region;
	return NULL;
}

/* What goes first: memory that the kernel does not use, or cares less for. */
enum kind {
	KIND_UNPLUG,	/* the kernel leaves it alone, so that it can be unplugged */
	KIND_PLAIN,
	KIND_MIRROR,	/* the kernel would rather be in it than in plain memory */
	NR_KINDS
};

static enum kind __init kind_of(struct memblock_region *region)
{
	if (movable_node_is_enabled() && memblock_is_hotpluggable(region))
		return KIND_UNPLUG;
	return memblock_is_mirror(region) ? KIND_MIRROR : KIND_PLAIN;
}

static u64 __init budget_of(enum kind kind)
{
	return kind == KIND_UNPLUG ? U64_MAX : budget;
}

/* Takes memory that nobody has reserved, all of one kind. */
static bool __init take_piece(u64 start, u64 size, int nid, enum kind kind)
{
	if (nr_boot_ranges == MAX_RANGES || size > budget_of(kind))
		return false;

	/* Where a hypervisor has to be asked for memory, as memblock does. */
	accept_memory(start, size);
	memblock_remove(start, size);
	gmem_arch_hide_boot_memory(start, size);
	if (kind != KIND_UNPLUG)
		budget -= size;
	boot_reserved = true;
	boot_ranges[nr_boot_ranges++] = (struct boot_range){
		.start = start,
		.size = size,
		.nid = nid,
	};
	return true;
}

/*
 * The highest place that nobody has reserved, or NOWHERE.  memblock would not
 * give away what can be unplugged, and mirrored memory first.
 */
static u64 __init find_place(int nid, u64 size, u64 align, u64 lowest,
			     enum kind kind)
{
	phys_addr_t start, end;
	u64 i, place;

	for_each_free_mem_range_reverse(i, nid, MEMBLOCK_HOTPLUG, &start, &end,
					NULL) {
		if (kind_of(region_of(start)) != kind || end < size)
			continue;
		place = round_down(end - size, align);
		if (place >= max_t(u64, start, lowest))
			return place;
	}
	return NOWHERE;
}

/* Returns how much of @size was had, in pieces of at least @align. */
static u64 __init take_aligned(int nid, u64 size, u64 align, u64 lowest,
			       enum kind kind)
{
	u64 piece = round_down(min(size, budget_of(kind)), align);
	u64 got = 0;

	while (piece) {
		u64 start = find_place(nid, piece, align, lowest, kind);

		if (start == NOWHERE) {
			piece = round_down(piece / 2, align);
			continue;
		}
		if (!take_piece(start, piece, nid, kind))
			break;
		got += piece;
		piece = min(piece, round_down(min(size - got, budget_of(kind)),
					      align));
	}
	return got;
}

static u64 __init take_on_node(int nid, u64 size)
{
	static const u64 lowest[] __initconst = { SZ_4G, 0 };
	u64 block = memory_block_size_bytes();
	u64 aligns[] = { max_t(u64, block, PUD_SIZE), block };
	u64 got = 0;
	enum kind kind;
	unsigned int i, j;

	for (kind = 0; kind < NR_KINDS; kind++)
		for (i = 0; i < ARRAY_SIZE(aligns); i++)
			for (j = 0; j < ARRAY_SIZE(lowest); j++)
				got += take_aligned(nid, size - got, aligns[i],
						    lowest[j], kind);
	return got;
}

static u64 __init node_memory(int nid)
{
	unsigned long start, end, sum = 0;
	int i;

	for_each_mem_pfn_range(i, nid, &start, &end, NULL)
		sum += end - start;
	return PFN_PHYS(sum);
}

/* Whole GiB in equal parts, and then whatever is left where there is room. */
static u64 __init take_anywhere(u64 size)
{
	u64 unit = max_t(u64, PUD_SIZE, memory_block_size_bytes());
	unsigned int left = 0;
	u64 share, got = 0;
	int nid;

	for_each_online_node(nid)
		left += !!node_memory(nid);
	for_each_online_node(nid) {
		if (!node_memory(nid))
			continue;
		share = div64_u64(size - got, left--);
		got += take_on_node(nid, round_down(share, unit));
	}
	for_each_online_node(nid)
		got += take_on_node(nid, size - got);
	return got;
}

static u64 __init take_percent(const struct request *req, u64 *asked)
{
	u64 block = memory_block_size_bytes();
	u64 size, got = 0;
	int nid;

	*asked = 0;
	for_each_online_node(nid) {
		if (req->nid != NUMA_NO_NODE && nid != req->nid)
			continue;
		size = round_down(div64_u64(node_memory(nid) * req->percent,
					    100), block);
		*asked += size;
		got += take_on_node(nid, size);
	}
	return got;
}

/* All of it or nothing: this is about one place. */
static u64 __init take_at(u64 start, u64 size)
{
	struct memblock_region *region = region_of(start);
	u64 block = memory_block_size_bytes();

	if (!IS_ALIGNED(start, block) || !IS_ALIGNED(size, block)) {
		pr_err("0x%llx@0x%llx: both must be multiples of the memory block, 0x%llx\n",
		       size, start, block);
		return 0;
	}
	if (!region || size > region->base + region->size - start ||
	    memblock_get_region_node(region) == NUMA_NO_NODE) {
		pr_err("0x%llx@0x%llx is not RAM, or not all of it, or of several nodes\n",
		       size, start);
		return 0;
	}
	if (memblock_is_region_reserved(start, size) ||
	    size > budget_of(kind_of(region))) {
		pr_err("0x%llx@0x%llx is in use by the kernel, in part or whole\n",
		       size, start);
		return 0;
	}

	return take_piece(start, size, memblock_get_region_node(region),
			  kind_of(region)) ? size : 0;
}

static void __init serve_request(const struct request *req)
{
	u64 block = memory_block_size_bytes();
	u64 asked = req->size, got;

	if (req->nid != NUMA_NO_NODE &&
	    (req->nid >= MAX_NUMNODES || !node_online(req->nid))) {
		pr_err("there is no node %d\n", req->nid);
		return;
	}

	if (req->start != NOWHERE) {
		got = take_at(req->start, req->size);
	} else if (req->percent) {
		got = take_percent(req, &asked);
	} else {
		/* What blocks cannot express could not be returned. */
		asked = round_up(min(req->size, memblock_phys_mem_size()),
				 block);
		if (req->nid == NUMA_NO_NODE)
			got = take_anywhere(asked);
		else
			got = take_on_node(req->nid, asked);
	}
	if (got < asked)
		pr_warn("reserved %llu MiB of %llu MiB%s\n", got >> 20,
			asked >> 20,
			budget < block ? ", the rest is needed to boot" : "");
	else
		pr_info("reserved %llu MiB\n", got >> 20);
}

/*
 * What boot needs besides what is reserved already: a sixteenth for the memmap
 * and hashes, half a GiB for the rest, and KASAN's shadow.
 */
static u64 __init needed_to_boot(u64 total)
{
	u64 needed = memblock_reserved_size() + total / 16 + SZ_512M;

	if (IS_ENABLED(CONFIG_KASAN_GENERIC))
		needed += total / 8;
	return needed;
}

/**
 * gmem_reserve_boot - take what the parameter gmem= asks for
 *
 * Context: setup_arch(), when nodes are known and the crash kernel has been
 * reserved, before e820__reserve_resources() and free_area_init().
 */
void __init gmem_reserve_boot(void)
{
	u64 needed = needed_to_boot(memblock_phys_mem_size());
	struct memblock_region *region;
	u64 usable = 0;
	unsigned int i;

	if (!nr_requests)
		return;
	/*
	 * A crash kernel inherits the command line, and needs what little it
	 * has.  What the previous kernel handed over is not reserved yet.
	 */
	if (is_kdump_kernel() || is_kho_boot()) {
		pr_warn("nothing is reserved in a crash kernel or after kexec handover\n");
		return;
	}

	for_each_mem_region(region)
		if (kind_of(region) != KIND_UNPLUG)
			usable += region->size;
	budget = usable > needed ? usable - needed : 0;
	/* A fixed place can only be had before others take it. */
	for (i = 0; i < nr_requests; i++)
		if (requests[i].start != NOWHERE)
			serve_request(&requests[i]);
	for (i = 0; i < nr_requests; i++)
		if (requests[i].start == NOWHERE)
			serve_request(&requests[i]);
}

/**
 * gmem_boot_reserved - whether boot reserved memory, even if it was returned
 *
 * Return: true if it did.
 */
bool gmem_boot_reserved(void)
{
	return boot_reserved;
}

/* Neighbours were taken one by one; a pool wants them in one piece. */
static void __init merge_boot_ranges(void)
{
	struct boot_range *a, *b;
	bool merged;

	do {
		merged = false;
		for (a = boot_ranges; a < boot_ranges + nr_boot_ranges; a++) {
			for (b = boot_ranges;
			     b < boot_ranges + nr_boot_ranges; b++) {
				if (a->nid != b->nid ||
				    a->start + a->size != b->start)
					continue;
				a->size += b->size;
				*b = boot_ranges[--nr_boot_ranges];
				merged = true;
				break;
			}
			if (merged)
				break;
		}
	} while (merged);
}

/**
 * gmem_boot_pool_init - make the pool "boot"
 *
 * Context: boot, when the page allocator and the device model work.
 */
void __init gmem_boot_pool_init(void)
{
	unsigned int i;
	int ret;

	merge_boot_ranges();
	for (i = 0; i < nr_boot_ranges; i++) {
		const struct boot_range *range = &boot_ranges[i];

		ret = gmem_arch_split_direct_map(range->start, range->size);
		if (!ret) {
			gmem_arch_remove_direct_map(range->start, range->size);
			ret = gmem_pool_add_boot(range->start, range->size,
						 range->nid);
		}
		if (!ret)
			continue;
		pr_err("the reservation at 0x%llx cannot be used: %d\n",
		       range->start, ret);
		gmem_plug(PHYS_PFN(range->start), PHYS_PFN(range->size),
			  range->nid);
	}
}
