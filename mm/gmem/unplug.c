// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Taking System RAM
 *
 * Memory comes in memory blocks, the unit of memory hotplug.  Which ones can
 * be taken is tried, not computed: a block is offered to memory hotplug, and
 * if a page in it cannot be moved the next block is tried.  Blocks of
 * ZONE_MOVABLE go first, then those of other zones that look as if nothing
 * unmovable were in them.  Whole GiB that are naturally aligned go before
 * single blocks, because only those can be mapped with 1 GiB entries.
 *
 * A request is all-or-nothing:
 *
 * 1. Blocks are offlined until there are enough.  Failing is normal here, and
 *    a block whose pages cannot be moved for half a minute counts as failed;
 *    the next one gets half of the time, but a second at least, and the
 *    request fails when a minute and a half have been lost so.
 *    A signal ends it; then they are onlined again, in the zone they were in.
 *    A page that became poisoned before its block was offline is not known any
 *    more afterwards, only that there is one: the block stays offline for good, as
 *    with memory hotplug alone.
 * 2. With enough blocks offline, what is needed for the ranges is allocated.
 * 3. The blocks are removed, in one call.  From here on nothing waits, and
 *    failing means that something is broken; the memory is added again.
 *
 * Memory that a driver added (kmem, virtio-mem, ACPI DIMMs) is not touched: the
 * driver could take it away under a guest.
 */
#define pr_fmt(fmt) "gmem: " fmt

#include <linux/acpi.h>
#include <linux/crash_core.h>
#include <linux/memory-failure.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/task_work.h>
#include <linux/timer.h>
#include <trace/events/gmem.h>

#include "internal.h"

/* System RAM that growing leaves available, in pages; gmem_admin_mutex. */
unsigned long gmem_keep_free;

enum block_state {
	BLOCK_CANDIDATE,
	BLOCK_FAILED,		/* has something that cannot be moved, or poison */
	BLOCK_OFFLINE,		/* taken, was online before */
};

struct block {
	unsigned long pfn;
	int nid;
	bool movable;		/* in ZONE_MOVABLE */
	unsigned long rank;	/* such blocks of the node that could be taken */
	enum block_state state;
};

/**
 * struct unplug - one request
 * @pool: the pool that grows
 * @nid: the node, or NUMA_NO_NODE
 * @blocks: blocks that could be taken, the preferred ones first
 * @nr_blocks: how many
 * @max_blocks: how many fit into @blocks
 * @block_pages: pages of a block
 * @need: how many blocks are still needed
 * @done: how many blocks are offline
 * @failed: how many blocks could not be taken
 * @lost: how many of those are poisoned, and stay offline
 * @patience: how long the next block may take, in jiffies
 * @wasted: how long blocks took that failed because of that, in jiffies
 */
struct unplug {
	struct gmem_pool *pool;
	int nid;
	struct block *blocks;
	unsigned long nr_blocks;
	unsigned long max_blocks;
	unsigned long block_pages;
	unsigned long need;
	unsigned long done;
	unsigned long failed;
	unsigned long lost;
	unsigned long patience;
	unsigned long wasted;
};

/* Cheap signs that something unmovable is in a block outside ZONE_MOVABLE. */
static bool looks_movable(unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = pfn + nr_pages;

	for (; pfn < end; pfn += pageblock_nr_pages) {
		struct page *page = pfn_to_online_page(pfn);

		if (!page || PageReserved(page) ||
		    get_pageblock_migratetype(page) != MIGRATE_MOVABLE)
			return false;
	}
	return true;
}

static int add_candidate(struct memory_block *mem, void *arg)
{
	struct unplug *unplug = arg;
	unsigned long pfn = section_nr_to_pfn(mem->start_section_nr);
	u64 start = PFN_PHYS(pfn), size = PFN_PHYS(unplug->block_pages);
	struct page *page = pfn_to_online_page(pfn);
	struct block *block;

	if (!page || !node_possible(mem->nid))
		return 0;
	if (unplug->nid != NUMA_NO_NODE && mem->nid != unplug->nid)
		return 0;
	/* A memmap of its own, or a page that must not come back. */
	if (mem->altmap || atomic_long_read(&mem->nr_hwpoison))
		return 0;
	/* ACPI removes its DIMMs without asking anybody. */
	if (has_acpi_companion(&mem->dev))
		return 0;
	if (!gmem_arch_may_take(start, size) ||
	    region_intersects(start, size, IORESOURCE_SYSRAM_DRIVER_MANAGED,
			      IORES_DESC_NONE) != REGION_DISJOINT)
		return 0;
	if (page_zonenum(page) != ZONE_MOVABLE &&
	    !looks_movable(pfn, unplug->block_pages))
		return 0;
	if (unplug->nr_blocks == unplug->max_blocks)
		return -E2BIG;

	block = &unplug->blocks[unplug->nr_blocks++];
	*block = (struct block){
		.pfn = pfn,
		.nid = mem->nid,
		.movable = page_zonenum(page) == ZONE_MOVABLE,
	};
	return 0;
}

/* The node with the most movable memory first, then by descending PFN. */
static int by_preference(const void *a, const void *b)
{
	const struct block *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? 1 : -1;
	return x->pfn < y->pfn ? 1 : -1;
}

static void rank_blocks(struct unplug *unplug)
{
	static unsigned long movable[MAX_NUMNODES];	/* gmem_admin_mutex */
	unsigned long i;

	lockdep_assert_held(&gmem_admin_mutex);
	memset(movable, 0, sizeof(movable));
	for (i = 0; i < unplug->nr_blocks; i++)
		movable[unplug->blocks[i].nid] += unplug->blocks[i].movable;
	for (i = 0; i < unplug->nr_blocks; i++)
		unplug->blocks[i].rank = movable[unplug->blocks[i].nid];
}

/* What is offline first, by ascending PFN. */
static int by_taken(const void *a, const void *b)
{
	const struct block *x = a, *y = b;
	bool x_taken = x->state == BLOCK_OFFLINE;
	bool y_taken = y->state == BLOCK_OFFLINE;

	if (x_taken != y_taken)
		return x_taken ? -1 : 1;
	return x->pfn < y->pfn ? -1 : 1;
}

static int find_candidates(struct unplug *unplug)
{
	int ret;

	unplug->max_blocks = 1024;
	do {
		unplug->nr_blocks = 0;
		kvfree(unplug->blocks);
		unplug->blocks = kvmalloc_objs(*unplug->blocks,
					       unplug->max_blocks);
		if (!unplug->blocks)
			return -ENOMEM;
		ret = for_each_memory_block(unplug, add_candidate);
		unplug->max_blocks *= 4;
	} while (ret == -E2BIG);

	rank_blocks(unplug);
	sort(unplug->blocks, unplug->nr_blocks, sizeof(*unplug->blocks),
	     by_preference, NULL);
	return ret;
}

/*
 * Long enough to move what a block can hold, under load too.  Nobody else can
 * plug memory meanwhile, nor change a pool: what has failed makes us less patient.
 */
#define MAX_PATIENCE	(30 * HZ)
#define MIN_PATIENCE	HZ
#define MAX_WASTED	(90 * HZ)

struct patience {
	struct timer_list timer;
	struct task_struct *task;
	bool over;
};

static void patience_over(struct timer_list *timer)
{
	struct patience *patience = timer_container_of(patience, timer, timer);

	WRITE_ONCE(patience->over, true);
	set_notify_signal(patience->task);
}

/*
 * offline_pages() moves pages until it succeeds or sees a signal, so one page
 * that somebody has pinned would hold us for ever, with other blocks there to
 * be had.  What ends it here looks like a signal to it, and is none.
 */
static int offline_one(struct memory_block *mem, void *arg)
{
	struct patience patience = { .task = current };
	struct unplug *unplug = arg;
	int ret;

	timer_setup_on_stack(&patience.timer, patience_over, 0);
	mod_timer(&patience.timer, jiffies + unplug->patience);
	ret = device_offline(&mem->dev);
	timer_delete_sync(&patience.timer);
	timer_destroy_on_stack(&patience.timer);
	if (ret && patience.over) {
		unplug->wasted += unplug->patience;
		unplug->patience = max(unplug->patience / 2, MIN_PATIENCE);
	}
	if (patience.over) {
		clear_notify_signal();
		/* Others use the same flag for work that this task has to do. */
		if (task_work_pending(current))
			set_notify_signal(current);
	}
	if (ret)
		return ret;

	/* The page is unknown: its flag went with the memmap. */
	memory_failure_wait();
	return atomic_long_read(&mem->nr_hwpoison) ? -EHWPOISON : 0;
}

static int online_one(struct memory_block *mem, void *arg)
{
	struct block *block = arg;

	mem->online_type = block->movable ? MMOP_ONLINE_MOVABLE :
					    MMOP_ONLINE_KERNEL;
	return device_online(&mem->dev);
}

static void online_block(struct unplug *unplug, struct block *block)
{
	int ret = walk_memory_blocks(PFN_PHYS(block->pfn),
				     PFN_PHYS(unplug->block_pages), block,
				     online_one);

	/* It stays in the count of what is offline, and can still be taken. */
	if (ret < 0) {
		pr_warn("block at 0x%llx stays offline: %d\n",
			PFN_PHYS(block->pfn), ret);
		return;
	}
	block->state = BLOCK_CANDIDATE;
	unplug->need++;
	unplug->done--;
	gmem_poison_settle(block->pfn, unplug->block_pages);
}

/* Returns 0 if the block was taken or failed, or -EINTR. */
static int offline_block(struct unplug *unplug, struct block *block)
{
	int ret;

	cond_resched();
	gmem_poison_expect(block->pfn);
	ret = walk_memory_blocks(PFN_PHYS(block->pfn),
				 PFN_PHYS(unplug->block_pages), unplug,
				 offline_one);
	if (!ret) {
		block->state = BLOCK_OFFLINE;
		unplug->need--;
		unplug->done++;
		gmem_set_progress(unplug->pool, unplug->done *
				  PFN_PHYS(unplug->block_pages));
		return 0;
	}
	if (ret == -EHWPOISON) {
		pr_warn("block at 0x%llx stays offline: a page of it is poisoned\n",
			PFN_PHYS(block->pfn));
		unplug->lost++;
	} else if (signal_pending(current)) {
		return -EINTR;
	}
	block->state = BLOCK_FAILED;
	unplug->failed++;
	return 0;
}

/*
 * How many blocks from @i on are candidates in one chunk, of @nr that the
 * chunk has; the blocks of a node are sorted by descending PFN.
 */
static unsigned long chunk_candidates(const struct unplug *unplug,
				      unsigned long i, bool movable)
{
	unsigned long chunk = unplug->blocks[i].pfn / GMEM_CHUNK_PAGES;
	unsigned long nr = 0;

	for (; i < unplug->nr_blocks; i++) {
		const struct block *block = &unplug->blocks[i];

		if (block->pfn / GMEM_CHUNK_PAGES != chunk ||
		    block->state != BLOCK_CANDIDATE ||
		    (movable && !block->movable))
			break;
		nr++;
	}
	return nr;
}

/* Is something still needed, and worth the time? */
static bool go_on(const struct unplug *unplug)
{
	return unplug->need && unplug->wasted < MAX_WASTED;
}

/* Takes chunks of which all blocks can be taken. */
static int offline_chunks(struct unplug *unplug, bool movable)
{
	unsigned long per_chunk = max(1UL, GMEM_CHUNK_PAGES /
					   unplug->block_pages);
	unsigned long i, j;
	int ret;

	for (i = 0; i + per_chunk <= unplug->nr_blocks &&
	     unplug->need >= per_chunk && go_on(unplug); i++) {
		if (chunk_candidates(unplug, i, movable) != per_chunk)
			continue;

		for (j = i; j < i + per_chunk; j++) {
			ret = offline_block(unplug, &unplug->blocks[j]);
			if (ret)
				return ret;
			if (unplug->blocks[j].state == BLOCK_FAILED)
				break;
		}
		if (j < i + per_chunk) {
			while (j-- > i)
				online_block(unplug, &unplug->blocks[j]);
		}
		i += per_chunk - 1;
	}
	return 0;
}

/* Takes single blocks, from chunks that are not whole if @partial. */
static int offline_blocks(struct unplug *unplug, bool movable, bool partial)
{
	unsigned long per_chunk = max(1UL, GMEM_CHUNK_PAGES /
					   unplug->block_pages);
	unsigned long i;
	int ret;

	for (i = 0; i < unplug->nr_blocks && go_on(unplug); i++) {
		struct block *block = &unplug->blocks[i];

		if (block->state != BLOCK_CANDIDATE ||
		    (movable && !block->movable))
			continue;
		if (partial &&
		    chunk_candidates(unplug, i, movable) == per_chunk) {
			i += per_chunk - 1;
			continue;
		}
		ret = offline_block(unplug, block);
		if (ret)
			return ret;
	}
	return 0;
}

static int offline_enough(struct unplug *unplug)
{
	static const struct {
		bool chunks, movable, partial;
	} passes[] = {
		{ .chunks = true, .movable = true },
		{ .chunks = true },
		{ .movable = true, .partial = true },
		{ .movable = true },
		{ .partial = true },
		{ },
	};
	unsigned long asked = unplug->need;
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(passes) && go_on(unplug); i++) {
		if (passes[i].chunks)
			ret = offline_chunks(unplug, passes[i].movable);
		else
			ret = offline_blocks(unplug, passes[i].movable,
					     passes[i].partial);
		if (ret) {
			gmem_error(unplug->pool, "interrupted by a signal");
			return ret;
		}
	}
	if (unplug->need) {
		gmem_error(unplug->pool,
			   "%lu of %lu memory blocks could be taken, %lu have pages that cannot be moved, %lu became poisoned",
			   unplug->done, asked, unplug->failed - unplug->lost,
			   unplug->lost);
		return -ENOSPC;
	}
	return 0;
}

static void online_all(struct unplug *unplug)
{
	unsigned long i;

	lock_device_hotplug();
	for (i = 0; i < unplug->nr_blocks; i++)
		if (unplug->blocks[i].state == BLOCK_OFFLINE)
			online_block(unplug, &unplug->blocks[i]);
	unlock_device_hotplug();
}

static int count_resource(struct resource *res, void *arg)
{
	unsigned int *nr = arg;

	(*nr)++;
	return 0;
}

/*
 * Do the blocks on both sides of @pfn belong to one entry of the resource
 * tree?  Only then may they be removed in one piece:
 * release_mem_region_adjustable() leaves several entries behind.
 */
static bool one_resource(unsigned long pfn)
{
	unsigned int nr = 0;

	walk_iomem_res_desc(IORES_DESC_NONE,
			    IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
			    PFN_PHYS(pfn - 1), PFN_PHYS(pfn + 1) - 1,
			    &nr, count_resource);
	return nr == 1;
}

static int find_parent(struct resource *res, void *arg)
{
	struct resource **parent = arg;

	/* What is passed is a copy, cut to the page; the links are real. */
	*parent = res->parent;
	return 1;
}

/* Are the pages on both sides of @pfn below the same entry? */
static bool one_parent(unsigned long pfn)
{
	struct resource *below = NULL, *above = NULL;

	walk_iomem_res_desc(IORES_DESC_NONE,
			    IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
			    PFN_PHYS(pfn - 1), PFN_PHYS(pfn) - 1, &below,
			    find_parent);
	walk_iomem_res_desc(IORES_DESC_NONE,
			    IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
			    PFN_PHYS(pfn), PFN_PHYS(pfn + 1) - 1, &above,
			    find_parent);
	return below == above;
}

/* The pieces to remove; at most @unplug->done. */
static unsigned int make_pieces(const struct unplug *unplug,
				struct range *pieces)
{
	u64 size = PFN_PHYS(unplug->block_pages);
	unsigned int nr = 0;
	unsigned long i;

	for (i = 0; i < unplug->done; i++) {
		const struct block *block = &unplug->blocks[i];
		u64 start = PFN_PHYS(block->pfn);

		if (nr && pieces[nr - 1].end + 1 == start &&
		    one_resource(block->pfn)) {
			pieces[nr - 1].end += size;
			continue;
		}
		pieces[nr++] = (struct range){
			.start = start,
			.end = start + size - 1,
		};
	}
	return nr;
}

/* The ranges that the pool gets: contiguous, and of one node. */
static int make_ranges(const struct unplug *unplug, struct list_head *ranges)
{
	unsigned long i, nr;

	for (i = 0; i < unplug->done; i += nr) {
		const struct block *block = &unplug->blocks[i];
		struct gmem_range *range;

		/* A claim lies inside one entry of the firmware's. */
		for (nr = 1; i + nr < unplug->done; nr++)
			if (block[nr].nid != block->nid ||
			    block[nr].pfn !=
			    block->pfn + nr * unplug->block_pages ||
			    !one_parent(block[nr].pfn))
				break;
		range = gmem_range_alloc(block->pfn, nr * unplug->block_pages,
					 block->nid, GMEM_ORIGIN_RAM);
		if (!range)
			return -ENOMEM;
		list_add_tail(&range->list, ranges);
	}
	return 0;
}

static void put_ranges(struct list_head *ranges)
{
	struct gmem_range *range, *next;

	list_for_each_entry_safe(range, next, ranges, list) {
		list_del_init(&range->list);
		gmem_range_put(range);
	}
}

static int remove_blocks(struct unplug *unplug)
{
	struct range *pieces;
	unsigned int i, nr;
	int ret = 0;

	pieces = kvmalloc_objs(*pieces, unplug->done);
	if (!pieces)
		return -ENOMEM;

	nr = make_pieces(unplug, pieces);
	for (i = 0; i < nr && !ret; i++)
		ret = gmem_arch_split_direct_map(pieces[i].start,
						 range_len(&pieces[i]));
	if (!ret)
		ret = offline_and_remove_memory_ranges(pieces, nr);
	/* Going offline was too early for it: the memory was System RAM still. */
	if (!ret)
		crash_memory_removed();
	kvfree(pieces);
	return ret;
}

/* What was removed and cannot become part of the pool. */
static void return_ranges(struct list_head *ranges)
{
	struct gmem_range *range, *next;
	unsigned int tries;
	int ret;

	list_for_each_entry_safe(range, next, ranges, list) {
		list_del_init(&range->list);
		for (tries = 0; tries < 3; tries++) {
			ret = gmem_plug(range->pfn, range->nr_pages,
					range->nid);
			if (!ret)
				break;
		}
		if (ret)
			pr_err("memory at 0x%llx is out of use until reboot: %d\n",
			       PFN_PHYS(range->pfn), ret);
		gmem_range_put(range);
	}
}

/* The memory is nobody's now: all of it into the pool, or all of it back. */
static int add_ranges(struct gmem_pool *pool, struct list_head *ranges)
{
	struct gmem_range *range;
	int ret;

	list_for_each_entry(range, ranges, list)
		trace_gmem_unplug(PFN_PHYS(range->pfn),
				  PFN_PHYS(range->nr_pages), range->nid);
	ret = gmem_ranges_add(pool, ranges);
	if (ret) {
		gmem_error(pool, "cannot claim what was taken: error %d", ret);
		return_ranges(ranges);
	}
	return ret;
}

/**
 * gmem_unplug - grow a pool with System RAM
 * @pool: the pool
 * @nid: the node to take it from, or NUMA_NO_NODE
 * @nr_pages: number of pages, whole memory blocks
 *
 * Context: may sleep, for long; gmem_admin_mutex held.
 * Return: 0, -ENOSPC if not enough memory can be taken, -EINTR after a signal,
 * -ENOMEM; on error everything is as it was, but for blocks that became poisoned.
 */
int gmem_unplug(struct gmem_pool *pool, int nid, unsigned long nr_pages)
{
	struct unplug unplug = {
		.pool = pool,
		.nid = nid,
		.block_pages = memory_block_size_bytes() >> PAGE_SHIFT,
		.patience = MAX_PATIENCE,
	};
	LIST_HEAD(ranges);
	long available;
	int ret;

	unplug.need = nr_pages / unplug.block_pages;

	lock_device_hotplug();
	ret = find_candidates(&unplug);
	if (!ret && unplug.need > unplug.nr_blocks) {
		gmem_error(pool,
			   "%lu memory blocks of %lu MiB are needed, %lu can be taken%s",
			   unplug.need, unplug.block_pages >> (20 - PAGE_SHIFT),
			   unplug.nr_blocks,
			   nid == NUMA_NO_NODE ? "" : " from this node");
		ret = -ENOSPC;
	}
	/* What cannot be moved elsewhere would be tried for ever. */
	available = si_mem_available() - unplug.block_pages;
	if (!ret && (long)(nr_pages + gmem_keep_free) > available) {
		gmem_error(pool,
			   "%lu MiB are asked for, %ld MiB can be freed, %lu MiB of them are kept for the host",
			   nr_pages >> (20 - PAGE_SHIFT),
			   max(available, 0L) >> (20 - PAGE_SHIFT),
			   gmem_keep_free >> (20 - PAGE_SHIFT));
		ret = -ENOSPC;
	}
	if (!ret)
		ret = offline_enough(&unplug);
	unlock_device_hotplug();
	if (ret)
		goto out;

	sort(unplug.blocks, unplug.nr_blocks, sizeof(*unplug.blocks), by_taken,
	     NULL);
	ret = make_ranges(&unplug, &ranges);
	if (!ret)
		ret = remove_blocks(&unplug);
	if (!ret) {
		unplug.nr_blocks = 0;
		ret = add_ranges(pool, &ranges);
	}
	put_ranges(&ranges);
out:
	if (ret)
		online_all(&unplug);
	gmem_poison_settle(0, ULONG_MAX);
	kvfree(unplug.blocks);
	return ret;
}
