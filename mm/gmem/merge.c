// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Compaction
 *
 * A backing is never moved, so what can be compacted is what a pool is made of.
 * Memory that is taken piece by piece comes in many ranges, and a chunk that
 * two ranges share cannot be allocated as one.  Compaction makes one range of
 * neighbours that are on the same node and came from the same place.  Which
 * granules are taken and by whom does not change, so it works under guests.
 *
 * Nothing of a claim is missing from the resource tree at any moment: a stand-in
 * that covers both holds the place while the entries are exchanged.
 */
#include <linux/bitmap.h>
#include <linux/cleanup.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "internal.h"

/* The bitmaps of the range that two become. */
struct bitmaps {
	unsigned long nr_granules;
	unsigned long *taken;
	unsigned long *dirty;
	unsigned long *scrubbing;
	unsigned long *bad;
};

static void free_bitmaps(struct bitmaps *maps)
{
	kvfree(maps->taken);
	kvfree(maps->dirty);
	kvfree(maps->scrubbing);
	kvfree(maps->bad);
}

static unsigned long *alloc_bitmap(unsigned long nr)
{
	return kvcalloc(BITS_TO_LONGS(nr), sizeof(long), GFP_KERNEL);
}

static int alloc_bitmaps(struct bitmaps *maps, const struct gmem_range *lower,
			 const struct gmem_range *upper)
{
	unsigned long end = upper->pfn + upper->nr_pages;

	maps->nr_granules = (round_up(end, GMEM_CHUNK_PAGES) - lower->base) >>
			    GMEM_GRANULE_ORDER;
	maps->taken = alloc_bitmap(maps->nr_granules);
	maps->dirty = alloc_bitmap(maps->nr_granules);
	maps->scrubbing = alloc_bitmap(maps->nr_granules);
	if (lower->bad || upper->bad)
		maps->bad = alloc_bitmap(maps->nr_granules);
	if (maps->taken && maps->dirty && maps->scrubbing &&
	    (maps->bad || !(lower->bad || upper->bad)))
		return 0;
	free_bitmaps(maps);
	return -ENOMEM;
}

/* Copies what belongs to @range; the rest of @to was taken, and stays so. */
static void copy_granules(struct bitmaps *to, const struct gmem_range *lower,
			  const struct gmem_range *range)
{
	unsigned long from = gmem_granule(range, range->pfn);
	unsigned long first = gmem_granule(lower, range->pfn);
	unsigned long nr = range->nr_pages >> GMEM_GRANULE_ORDER;
	unsigned long i;

	for (i = 0; i < nr; i++) {
		__assign_bit(first + i, to->taken,
			     test_bit(from + i, range->taken));
		__assign_bit(first + i, to->dirty,
			     test_bit(from + i, range->dirty));
		if (range->bad && test_bit(from + i, range->bad))
			__set_bit(first + i, to->bad);
	}
}

/* Under the lock of the pool; afterwards @maps has what is to be freed. */
static void join_granules(struct gmem_range *lower, struct gmem_range *upper,
			  struct bitmaps *maps)
{
	bitmap_fill(maps->taken, maps->nr_granules);
	copy_granules(maps, lower, lower);
	copy_granules(maps, lower, upper);
	swap(lower->taken, maps->taken);
	swap(lower->dirty, maps->dirty);
	swap(lower->scrubbing, maps->scrubbing);
	swap(lower->bad, maps->bad);
	lower->nr_granules = maps->nr_granules;
	lower->nr_pages += upper->nr_pages;
	lower->nr_free += upper->nr_free;
	lower->nr_clean += upper->nr_clean;
	/* What is left of @upper has nothing any more. */
	bitmap_fill(upper->taken, upper->nr_granules);
	upper->nr_free = 0;
	upper->nr_clean = 0;
	list_del_init(&upper->list);
}

/* One entry, @a grown to the end of @b, in the place of both. */
static void join_resources(struct resource *a, struct resource *b)
{
	struct resource *parent = a->parent;
	struct resource whole = {
		.start = a->start,
		.end = b->end,
		.name = a->name,
		.flags = a->flags,
	};

	/* Becomes the parent of both; removing them leaves their children. */
	WARN_ON_ONCE(insert_resource(parent, &whole));
	remove_resource(a);
	remove_resource(b);
	*a = (struct resource){
		.start = whole.start,
		.end = whole.end,
		.name = whole.name,
		.flags = whole.flags,
	};
	WARN_ON_ONCE(insert_resource(parent, a));
	remove_resource(&whole);
}

static bool can_join(const struct gmem_range *lower,
		     const struct gmem_range *upper)
{
	return lower->pfn + lower->nr_pages == upper->pfn &&
	       lower->nid == upper->nid && lower->origin == upper->origin &&
	       lower->loan == upper->loan && !lower->shut && !upper->shut &&
	       lower->claim.parent == upper->claim.parent;
}

/* The pool is frozen. */
static int join(struct gmem_range *lower, struct gmem_range *upper)
{
	u64 start = PFN_PHYS(lower->pfn), middle = PFN_PHYS(upper->pfn);
	u64 end = PFN_PHYS(upper->pfn + upper->nr_pages);
	struct gmem_pool *pool = lower->pool;
	struct bitmaps maps = {};
	int ret;

	/* Granules must not become bad while they are moved. */
	guard(mutex)(&gmem_poison_mutex);
	ret = alloc_bitmaps(&maps, lower, upper);
	if (ret)
		return ret;
	/* Reservations of one mode may overlap. */
	ret = gmem_arch_set_cache_mode(start, end - start);
	if (ret)
		goto out;
	ret = gmem_range_extend_pfns(lower, upper);
	if (ret) {
		gmem_arch_clear_cache_mode(start, end - start);
		goto out;
	}

	/* Nothing can fail from here on. */
	gmem_arch_clear_cache_mode(start, middle - start);
	gmem_arch_clear_cache_mode(middle, end - middle);
	join_resources(&lower->claim, &upper->claim);
	join_resources(&lower->busy, &upper->busy);
	scoped_guard(spinlock, &pool->lock)
		join_granules(lower, upper, &maps);
	cancel_work_sync(&upper->scrub);
	gmem_sysfs_del_range(upper);
	gmem_range_put(upper);
out:
	free_bitmaps(&maps);
	return ret;
}

/**
 * gmem_compact - make one range of neighbours
 * @pool: the pool
 *
 * Context: may sleep; gmem_admin_mutex held.
 * Return: 0; -EINTR if a signal came before the scrubber had stopped; -ENOMEM,
 * with what was joined until then.
 */
int gmem_compact(struct gmem_pool *pool)
{
	struct gmem_range *range, *next;
	int ret;

	lockdep_assert_held(&gmem_admin_mutex);
	ret = gmem_scrub_freeze(pool, TASK_INTERRUPTIBLE);
	if (ret)
		return ret;
	range = list_first_entry_or_null(&pool->ranges, struct gmem_range,
					 list);
	while (range && !list_is_last(&range->list, &pool->ranges) && !ret) {
		next = list_next_entry(range, list);
		if (can_join(range, next))
			ret = join(range, next);
		else
			range = next;
	}
	gmem_scrub_thaw(pool);
	return ret;
}
