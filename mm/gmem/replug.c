// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Returning memory
 *
 * Memory goes back in whole memory blocks that are free, the highest first:
 *
 * 1. The scrubber is stopped, and the blocks are taken, so that nobody can
 *    allocate them.
 * 2. What is dirty in them is zeroed.  This takes long, and a signal ends it:
 *    the blocks are free again.
 * 3. The ranges are split, so that each one is kept or returned whole.
 * 4. Each is added as System RAM, in ZONE_MOVABLE, so that it can be taken
 *    again.  The claim in the resource tree is dropped last: /dev/mem never
 *    sees the memory unprotected.
 *
 * If memory hotplug cannot add a range, for want of memory for its memmap, the
 * range and what follows stay in the pool.
 *
 * A memory block with a poisoned page is never returned: memory hotplug makes a
 * new memmap, which knows nothing of poison, and the page allocator would hand the
 * page out.
 */
#include <linux/memory-failure.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <trace/events/gmem.h>

#include "internal.h"

/* Memory that is on its way out, by pieces of ranges. */
struct piece {
	struct list_head list;
	struct gmem_range *range;
	unsigned long pfn;
	unsigned long nr_pages;
};

/*
 * When arch_add_memory() fails, the direct map and the sections that were
 * added before stay.  The memory goes back to the pool, and must have neither.
 */
static void remove_leftovers(unsigned long pfn, unsigned long nr_pages)
{
	unsigned long nr = 0;

	mem_hotplug_begin();
	while (nr < nr_pages && pfn_valid(pfn + nr))
		nr += PAGES_PER_SECTION;
	if (nr)
		__remove_pages(pfn, nr, NULL, NULL);
	gmem_arch_remove_direct_map(PFN_PHYS(pfn), PFN_PHYS(nr_pages));
	mem_hotplug_done();
}

/* Adding memory does not fail when onlining does; try once more. */
static int online_leftover(struct memory_block *mem, void *arg)
{
	int ret;

	if (mem->state == MEM_ONLINE)
		return 0;
	mem->online_type = MMOP_ONLINE_MOVABLE;
	ret = device_online(&mem->dev);
	if (ret < 0)
		dev_warn(&mem->dev, "returned by gmem, but stays offline: %d\n",
			 ret);
	return 0;
}

/**
 * gmem_plug - turn memory that nobody knows into System RAM
 * @pfn: first PFN
 * @nr_pages: number of pages, whole memory blocks
 * @nid: the node of the memory
 *
 * Context: may sleep.
 * Return: 0 or a negative errno of memory hotplug.
 */
int gmem_plug(unsigned long pfn, unsigned long nr_pages, int nid)
{
	u64 start = PFN_PHYS(pfn), size = PFN_PHYS(nr_pages);
	struct resource *res;
	int ret;

	res = __request_region(&iomem_resource, start, size, "System RAM",
			       IORESOURCE_SYSTEM_RAM);
	if (!res)
		return -EEXIST;

	lock_device_hotplug();
	ret = __add_memory_resource(nid, res, MHP_NONE, MMOP_ONLINE_MOVABLE);
	if (ret < 0)
		remove_leftovers(pfn, nr_pages);
	else
		walk_memory_blocks(start, size, NULL, online_leftover);
	unlock_device_hotplug();
	if (ret < 0) {
		__release_region(&iomem_resource, start, size);
		return ret;
	}
	trace_gmem_replug(start, size, nid);
	return 0;
}

/* Returns a range, all of which has been taken and is zero. */
static int replug_range(struct gmem_range *range)
{
	unsigned long pfn = range->pfn, nr_pages = range->nr_pages;
	int ret;

	if (gmem_range_is_bad(range))
		return -EHWPOISON;
	gmem_range_open(range);
	ret = gmem_plug(pfn, nr_pages, range->nid);
	if (ret) {
		gmem_range_reclose(range);
		return ret;
	}
	gmem_range_unclaim(range);
	/* Who saw the memory offline finds the range. */
	memory_failure_wait();
	gmem_range_del(range);
	gmem_range_put(range);
	/* Errors that came when it was on its way. */
	gmem_poison_hand_over(pfn, nr_pages);
	return 0;
}

static int add_piece(struct list_head *pieces, struct gmem_range *range,
		     unsigned long pfn, unsigned long nr_pages)
{
	struct piece *piece = list_last_entry_or_null(pieces, struct piece, list);

	/* Blocks come from the end of a range downwards. */
	if (piece && piece->range == range && piece->pfn == pfn + nr_pages) {
		piece->pfn = pfn;
		piece->nr_pages += nr_pages;
		return 0;
	}
	piece = kmalloc_obj(*piece);
	if (!piece)
		return -ENOMEM;
	*piece = (struct piece){
		.range = range,
		.pfn = pfn,
		.nr_pages = nr_pages,
	};
	list_add_tail(&piece->list, pieces);
	return 0;
}

static void drop_pieces(struct gmem_pool *pool, struct list_head *pieces,
			bool untake)
{
	struct piece *piece, *next;

	list_for_each_entry_safe(piece, next, pieces, list) {
		if (untake) {
			guard(spinlock)(&pool->lock);
			gmem_untake(piece->range, piece->pfn, piece->nr_pages);
		}
		list_del(&piece->list);
		kfree(piece);
	}
}

/* Step 1.  The list of ranges is stable under gmem_admin_mutex. */
static int take_blocks(struct gmem_pool *pool, int nid, unsigned long nr_pages,
		       bool partial, struct list_head *pieces)
{
	unsigned long block_pages = memory_block_size_bytes() >> PAGE_SHIFT;
	struct gmem_range *range;
	unsigned long pfn, asked = nr_pages;
	bool taken;
	int ret;

	list_for_each_entry_reverse(range, &pool->ranges, list) {
		if (range->loan || (nid != NUMA_NO_NODE && range->nid != nid))
			continue;
		if (partial && range->origin != GMEM_ORIGIN_RAM)
			continue;
		pfn = range->pfn + range->nr_pages;
		while (pfn - range->pfn >= block_pages && nr_pages) {
			pfn -= block_pages;
			scoped_guard(spinlock, &pool->lock)
				taken = gmem_take_free(range, pfn, block_pages);
			if (!taken)
				continue;
			ret = add_piece(pieces, range, pfn, block_pages);
			if (ret) {
				guard(spinlock)(&pool->lock);
				gmem_untake(range, pfn, block_pages);
				return ret;
			}
			nr_pages -= block_pages;
		}
	}
	if (nr_pages && !partial) {
		gmem_error(pool,
			   "%lu MiB to return, but only %lu MiB of whole memory blocks are free; %u guest_memfds hold memory, %lu MiB are poisoned, %lu MiB are of DAX devices",
			   asked >> (20 - PAGE_SHIFT),
			   (asked - nr_pages) >> (20 - PAGE_SHIFT),
			   READ_ONCE(pool->nr_backings),
			   READ_ONCE(pool->nr_bad) << (GMEM_GRANULE_ORDER +
						       PAGE_SHIFT - 20),
			   gmem_loans_pages(pool) >> (20 - PAGE_SHIFT));
		return -EBUSY;
	}
	return 0;
}

/* Step 2. */
static int scrub_pieces(struct gmem_pool *pool, struct list_head *pieces)
{
	struct piece *piece;
	int ret;

	list_for_each_entry(piece, pieces, list) {
		ret = gmem_scrub_taken(pool, piece->pfn, piece->nr_pages,
				       piece->range->nid, TASK_INTERRUPTIBLE);
		if (ret) {
			gmem_error(pool, "interrupted by a signal");
			return ret;
		}
	}
	return 0;
}

/* Step 3.  Pieces of a range are in descending order. */
static int split_pieces(struct gmem_pool *pool, struct list_head *pieces)
{
	struct gmem_range *range;
	struct piece *piece;
	int ret;

	list_for_each_entry(piece, pieces, list) {
		range = piece->range;
		if (piece->pfn + piece->nr_pages <
		    range->pfn + range->nr_pages) {
			ret = gmem_range_split(range,
					       piece->pfn + piece->nr_pages);
			if (ret)
				return ret;
		}
		if (piece->pfn > range->pfn) {
			ret = gmem_range_split(range, piece->pfn);
			if (ret)
				return ret;
			scoped_guard(spinlock, &pool->lock)
				piece->range = gmem_find_range(pool,
							       piece->pfn);
		}
	}
	return 0;
}

/**
 * gmem_shrink - return memory of a pool
 * @pool: the pool
 * @nid: the node to return memory of, or NUMA_NO_NODE
 * @nr_pages: number of pages, whole memory blocks
 * @partial: return as much of that as is free, of what was System RAM
 *
 * Context: may sleep, for long; gmem_admin_mutex held.
 * Return: 0; -EBUSY if not enough whole blocks are free, or if one of them became
 * poisoned in the end; -EINTR after a signal; -ENOMEM.  With -EINTR, and with
 * -EBUSY of the first kind, nothing was returned; after other errors the size of
 * the pool tells what was.
 */
int gmem_shrink(struct gmem_pool *pool, int nid, unsigned long nr_pages,
		bool partial)
{
	struct piece *piece, *next;
	LIST_HEAD(pieces);
	u64 done = 0;
	int ret;

	ret = gmem_scrub_freeze(pool, TASK_INTERRUPTIBLE);
	if (ret) {
		gmem_error(pool, "interrupted by a signal");
		return ret;
	}

	ret = take_blocks(pool, nid, nr_pages, partial, &pieces);
	if (!ret)
		ret = scrub_pieces(pool, &pieces);
	if (!ret)
		ret = split_pieces(pool, &pieces);
	if (!ret) {
		list_for_each_entry_safe(piece, next, &pieces, list) {
			u64 size = PFN_PHYS(piece->nr_pages);

			ret = replug_range(piece->range);
			if (ret == -EHWPOISON) {
				gmem_error(pool,
					   "memory became poisoned while it was returned");
				ret = -EBUSY;
				break;
			}
			if (ret) {
				gmem_error(pool,
					   "memory hotplug cannot add memory: error %d",
					   ret);
				break;
			}
			done += size;
			gmem_set_progress(pool, done);
			list_del(&piece->list);
			kfree(piece);
		}
	}
	drop_pieces(pool, &pieces, true);
	gmem_scrub_thaw(pool);
	return ret;
}
