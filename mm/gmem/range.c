// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Ranges
 *
 * A range is memory that entered a pool in one step and is contiguous.  It
 * begins as System RAM that was unplugged, or as memory that boot never gave
 * to the page allocator, and ends as System RAM again; or it is lent by a driver
 * (loan.c) and goes back there.  In between the range holds three things:
 *
 * - two nested entries in the resource tree.  The outer one (*claim*) has the
 *   flags that make /dev/mem refuse the memory whatever the command line says,
 *   and is not busy; the inner one (*busy*) keeps memory hotplug from adding
 *   the range under us.  The inner one is plain memory: a busy entry that is
 *   System RAM would send PAT looking for struct pages.
 * - the cache mode: write-back, or user mappings would be uncached.
 * - an entry in the tree that gmem_pfn_in_pool() looks into.
 *
 * Ranges are made, split and removed under gmem_admin_mutex.  The list of a
 * pool and the bitmaps change under &gmem_pool.lock as well, and which range a
 * PFN belongs to under gmem_poison_mutex, so that who holds that can use a range
 * that he found by a PFN.  A range is
 * returned whole: what is to be returned is split off first.
 */
#include <linux/bitmap.h>
#include <linux/export.h>
#include <linux/maple_tree.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "internal.h"

/*
 * PFN to range; written under gmem_admin_mutex and, but for new ranges,
 * gmem_poison_mutex; read under RCU.
 */
static struct maple_tree gmem_pfns =
	MTREE_INIT(gmem_pfns, MT_FLAGS_USE_RCU);

/**
 * gmem_pfn_in_pool - whether a PFN is memory of a pool
 * @pfn: the PFN
 *
 * The answer is stable while the caller keeps the memory from being returned,
 * for example because it belongs to a backing.
 *
 * Context: any; takes no lock.
 * Return: true if it is.
 */
bool gmem_pfn_in_pool(unsigned long pfn)
{
	return mtree_load(&gmem_pfns, pfn);
}
EXPORT_SYMBOL_GPL(gmem_pfn_in_pool);

/**
 * gmem_range_of - the range that a PFN belongs to, of any pool
 * @pfn: the PFN
 *
 * Context: gmem_poison_mutex held, for as long as the range is used.
 * Return: the range, or NULL.
 */
struct gmem_range *gmem_range_of(unsigned long pfn)
{
	lockdep_assert_held(&gmem_poison_mutex);
	return mtree_load(&gmem_pfns, pfn);
}

/**
 * gmem_range_alloc - make a range
 * @pfn: first PFN, granule aligned
 * @nr_pages: number of pages, whole granules
 * @nid: the node of the memory
 * @origin: where it comes from
 *
 * All of it is free and dirty.  It is not part of a pool and claims nothing.
 *
 * Return: the range, to be freed with gmem_range_put(), or NULL.
 */
struct gmem_range *gmem_range_alloc(unsigned long pfn, unsigned long nr_pages,
				    int nid, enum gmem_origin origin)
{
	unsigned long first, nr = nr_pages >> GMEM_GRANULE_ORDER;
	struct gmem_range *range;

	range = kzalloc_obj(*range);
	if (!range)
		return NULL;

	kobject_init(&range->kobj, &gmem_range_ktype);
	INIT_LIST_HEAD(&range->list);
	INIT_WORK(&range->scrub, gmem_scrub_work);
	range->pfn = pfn;
	range->nr_pages = nr_pages;
	range->nid = nid;
	range->id = -1;
	range->origin = origin;
	range->base = round_down(pfn, GMEM_CHUNK_PAGES);
	range->nr_granules = (round_up(pfn + nr_pages, GMEM_CHUNK_PAGES) -
			      range->base) >> GMEM_GRANULE_ORDER;
	range->nr_free = nr;

	range->taken = kvcalloc(BITS_TO_LONGS(range->nr_granules),
				sizeof(long), GFP_KERNEL);
	range->dirty = kvcalloc(BITS_TO_LONGS(range->nr_granules),
				sizeof(long), GFP_KERNEL);
	range->scrubbing = kvcalloc(BITS_TO_LONGS(range->nr_granules),
				    sizeof(long), GFP_KERNEL);
	if (!range->taken || !range->dirty || !range->scrubbing) {
		gmem_range_put(range);
		return NULL;
	}

	first = gmem_granule(range, pfn);
	bitmap_fill(range->taken, range->nr_granules);
	bitmap_clear(range->taken, first, nr);
	bitmap_set(range->dirty, first, nr);
	return range;
}

/**
 * gmem_range_put - drop a range that is in no pool
 * @range: the range, or NULL
 */
void gmem_range_put(struct gmem_range *range)
{
	if (range)
		kobject_put(&range->kobj);
}

static void set_resource(struct resource *res, unsigned long pfn,
			 unsigned long nr_pages, unsigned long flags)
{
	*res = (struct resource){
		.start = PFN_PHYS(pfn),
		.end = PFN_PHYS(pfn + nr_pages) - 1,
		.name = "gmem",
		.flags = flags,
	};
}

static void set_claim(struct resource *res, unsigned long pfn,
		      unsigned long nr_pages)
{
	set_resource(res, pfn, nr_pages,
		     IORESOURCE_SYSTEM_RAM | IORESOURCE_EXCLUSIVE);
}

static void set_busy(struct resource *res, unsigned long pfn,
		     unsigned long nr_pages)
{
	set_resource(res, pfn, nr_pages, IORESOURCE_MEM | IORESOURCE_BUSY);
}

/*
 * Firmware describes memory, too: boot reservations are inside "Reserved", CXL
 * memory is inside its window.  Such entries are not busy; go below them.
 */
static int request_inside(struct resource *res)
{
	struct resource *parent = &iomem_resource, *conflict;

	while ((conflict = request_resource_conflict(parent, res))) {
		if (conflict == parent || (conflict->flags & IORESOURCE_BUSY))
			return -EBUSY;
		parent = conflict;
	}
	return 0;
}

/**
 * gmem_range_claim - enter a range into the resource tree and the PAT
 * @range: a range that is not System RAM
 *
 * Return: 0, -EBUSY if somebody else claims it, or -ENOMEM.
 */
int gmem_range_claim(struct gmem_range *range)
{
	int ret;

	set_claim(&range->claim, range->pfn, range->nr_pages);
	ret = request_inside(&range->claim);
	if (ret)
		return ret;
	ret = gmem_range_close(range);
	if (ret)
		remove_resource(&range->claim);
	return ret;
}

/**
 * gmem_range_unclaim - take a range out of the resource tree
 * @range: a range that gmem_range_open() opened
 *
 * Entries that were made below stay.
 */
void gmem_range_unclaim(struct gmem_range *range)
{
	remove_resource(&range->claim);
}

/**
 * gmem_range_close - keep memory hotplug out of a claimed range
 * @range: the range
 *
 * Return: 0, -EBUSY or -ENOMEM.
 */
int gmem_range_close(struct gmem_range *range)
{
	int ret;

	set_busy(&range->busy, range->pfn, range->nr_pages);
	ret = request_resource(&range->claim, &range->busy);
	if (ret)
		return ret;
	ret = gmem_arch_set_cache_mode(PFN_PHYS(range->pfn),
				       PFN_PHYS(range->nr_pages));
	if (ret)
		release_resource(&range->busy);
	return ret;
}

/**
 * gmem_range_open - let memory hotplug add a range; /dev/mem stays refused
 * @range: the range
 */
void gmem_range_open(struct gmem_range *range)
{
	gmem_arch_clear_cache_mode(PFN_PHYS(range->pfn),
				   PFN_PHYS(range->nr_pages));
	release_resource(&range->busy);
}

/**
 * gmem_range_reclose - gmem_range_close() after memory hotplug failed
 * @range: a range that gmem_range_open() opened
 *
 * The range stays in the pool, so there is no way but success.  Nobody else
 * makes entries inside our claim, and what is allocated is smaller than a page.
 *
 * Context: may sleep.
 */
void gmem_range_reclose(struct gmem_range *range)
{
	while (gmem_range_close(range) == -ENOMEM)
		schedule_timeout_uninterruptible(1);
}

static int store_pfns(struct gmem_range *range, gfp_t gfp)
{
	return mtree_store_range(&gmem_pfns, range->pfn,
				 range->pfn + range->nr_pages - 1, range, gfp);
}

static void erase_pfns(struct gmem_range *range)
{
	/* Erasing may split a node, and must not fail. */
	mtree_store_range(&gmem_pfns, range->pfn,
			  range->pfn + range->nr_pages - 1, NULL,
			  GFP_KERNEL | __GFP_NOFAIL);
}

/* Keeps the list sorted by PFN. */
static void link_range(struct gmem_pool *pool, struct gmem_range *range)
{
	struct gmem_range *next;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(next, &pool->ranges, list)
		if (next->pfn > range->pfn)
			break;
	list_add_tail(&range->list, &next->list);
	range->linked = true;
}

/**
 * gmem_range_publish - make a claimed range known: everything that can fail
 * @range: a range that has a pool, but is not in its list
 *
 * Context: gmem_admin_mutex held.
 * Return: 0 or -ENOMEM.
 */
int gmem_range_publish(struct gmem_range *range)
{
	int ret;

	lockdep_assert_held(&gmem_admin_mutex);
	ret = store_pfns(range, GFP_KERNEL);
	if (ret)
		return ret;
	ret = gmem_sysfs_add_range(range);
	if (ret)
		erase_pfns(range);
	return ret;
}

/**
 * gmem_range_unpublish - undo gmem_range_publish()
 * @range: a range that is not in the list of its pool
 *
 * Context: gmem_admin_mutex held.
 */
void gmem_range_unpublish(struct gmem_range *range)
{
	lockdep_assert_held(&gmem_admin_mutex);
	gmem_sysfs_del_range(range);
	scoped_guard(mutex, &gmem_poison_mutex)
		erase_pfns(range);
}

/**
 * gmem_range_link - let allocations have a range
 * @range: a range that gmem_range_publish() was called for
 *
 * Context: gmem_admin_mutex held.
 */
void gmem_range_link(struct gmem_range *range)
{
	struct gmem_pool *pool = range->pool;

	lockdep_assert_held(&gmem_admin_mutex);
	scoped_guard(spinlock, &pool->lock) {
		link_range(pool, range);
		pool->nr_pages += range->nr_pages;
		pool->nr_free += range->nr_free;
		pool->nr_clean += range->nr_clean;
	}
	wake_up_all(&pool->wait);
}

/**
 * gmem_ranges_add - make ranges part of a pool, all of them or none
 * @pool: the pool
 * @ranges: ranges of memory that nobody else has; empty after success
 *
 * Context: may sleep; gmem_admin_mutex held.
 * Return: 0, -EBUSY if somebody claims some of the memory, or -ENOMEM.
 */
int gmem_ranges_add(struct gmem_pool *pool, struct list_head *ranges)
{
	struct gmem_range *range, *next;
	int ret = 0;

	list_for_each_entry(range, ranges, list) {
		range->pool = pool;
		ret = gmem_range_claim(range);
		if (ret)
			break;
		ret = gmem_range_publish(range);
		if (ret) {
			gmem_range_open(range);
			gmem_range_unclaim(range);
			break;
		}
	}
	if (ret) {
		list_for_each_entry_continue_reverse(range, ranges, list) {
			gmem_range_unpublish(range);
			gmem_range_open(range);
			gmem_range_unclaim(range);
		}
		return ret;
	}

	list_for_each_entry_safe(range, next, ranges, list) {
		list_del_init(&range->list);
		gmem_range_link(range);
		gmem_poison_recall(range);
	}
	gmem_scrub_kick(pool);
	return 0;
}

/**
 * gmem_range_del - remove a range from its pool
 * @range: a range of which the caller has taken everything
 *
 * Context: gmem_admin_mutex held, the pool frozen.
 */
void gmem_range_del(struct gmem_range *range)
{
	struct gmem_pool *pool = range->pool;

	lockdep_assert_held(&gmem_admin_mutex);
	scoped_guard(spinlock, &pool->lock) {
		WARN_ON_ONCE(range->nr_free);
		list_del_init(&range->list);
		range->linked = false;
		pool->nr_pages -= range->nr_pages;
		if (range->bad)
			pool->nr_bad -= bitmap_weight(range->bad,
						      range->nr_granules);
	}
	cancel_work_sync(&range->scrub);
	gmem_range_unpublish(range);
}

/* Reserves both parts; reservations of one mode may overlap the whole. */
static int split_cache_mode(struct gmem_range *lower, struct gmem_range *upper)
{
	u64 start = PFN_PHYS(lower->pfn), middle = PFN_PHYS(upper->pfn);
	u64 end = PFN_PHYS(upper->pfn + upper->nr_pages);
	int ret;

	ret = gmem_arch_set_cache_mode(start, middle - start);
	if (ret)
		return ret;
	ret = gmem_arch_set_cache_mode(middle, end - middle);
	if (ret)
		gmem_arch_clear_cache_mode(start, middle - start);
	return ret;
}

static void unsplit_cache_mode(struct gmem_range *lower,
			       struct gmem_range *upper)
{
	u64 start = PFN_PHYS(lower->pfn), middle = PFN_PHYS(upper->pfn);

	gmem_arch_clear_cache_mode(start, middle - start);
	gmem_arch_clear_cache_mode(middle, PFN_PHYS(upper->nr_pages));
}

/*
 * Splits both entries of @lower without an instant at which /dev/mem or memory
 * hotplug could see a part unclaimed, and without an allocation.  Nothing else
 * makes entries inside the claim, so none of the steps can meet a conflict.
 */
static void split_resources(struct gmem_range *lower, struct gmem_range *upper)
{
	unsigned long nr_lower = upper->pfn - lower->pfn;
	struct resource part, *parent;

	WARN_ON_ONCE(adjust_resource(&lower->busy, lower->busy.start,
				     PFN_PHYS(nr_lower)));
	set_busy(&upper->busy, upper->pfn, upper->nr_pages);
	WARN_ON_ONCE(request_resource(&lower->claim, &upper->busy));

	set_claim(&upper->claim, upper->pfn, upper->nr_pages);
	WARN_ON_ONCE(insert_resource(&lower->claim, &upper->claim));

	/* Children cannot outgrow a claim: a stand-in holds the lower part. */
	set_claim(&part, lower->pfn, nr_lower);
	WARN_ON_ONCE(insert_resource(&lower->claim, &part));
	parent = lower->claim.parent;
	remove_resource(&lower->claim);
	set_claim(&lower->claim, lower->pfn, nr_lower);
	WARN_ON_ONCE(insert_resource(parent, &lower->claim));
	remove_resource(&part);
}

/* Moves the granules above the border from @lower to @upper. */
static void split_granules(struct gmem_range *lower, struct gmem_range *upper)
{
	unsigned long from = gmem_granule(lower, upper->pfn);
	unsigned long to = gmem_granule(upper, upper->pfn);
	unsigned long nr = upper->nr_pages >> GMEM_GRANULE_ORDER;
	unsigned long i;

	upper->nr_free = 0;
	upper->nr_clean = 0;
	for (i = 0; i < nr; i++) {
		bool taken = test_bit(from + i, lower->taken);
		bool dirty = test_bit(from + i, lower->dirty);

		__assign_bit(to + i, upper->taken, taken);
		__assign_bit(to + i, upper->dirty, dirty);
		if (lower->bad && test_bit(from + i, lower->bad))
			__set_bit(to + i, upper->bad);
		upper->nr_free += !taken;
		upper->nr_clean += !taken && !dirty;
	}

	bitmap_set(lower->taken, from, nr);
	bitmap_clear(lower->dirty, from, nr);
	if (lower->bad)
		bitmap_clear(lower->bad, from, nr);
	lower->nr_free -= upper->nr_free;
	lower->nr_clean -= upper->nr_clean;
	lower->nr_pages -= upper->nr_pages;
	lower->nr_granules = round_up(from, GMEM_CHUNK_GRANULES);
}

/**
 * gmem_range_extend_pfns - let a range have the PFNs of its neighbour
 * @lower: the range
 * @upper: the neighbour above, which is going away
 *
 * Context: gmem_admin_mutex held.
 * Return: 0 or -ENOMEM, with nothing changed.
 */
int gmem_range_extend_pfns(struct gmem_range *lower, struct gmem_range *upper)
{
	lockdep_assert_held(&gmem_admin_mutex);
	return mtree_store_range(&gmem_pfns, lower->pfn,
				 upper->pfn + upper->nr_pages - 1, lower,
				 GFP_KERNEL);
}

/**
 * gmem_range_split - split a range in two
 * @lower: the range; keeps what is below @pfn
 * @pfn: where to split, inside @lower, granule aligned
 *
 * Context: gmem_admin_mutex held, the pool frozen; no extent crosses @pfn.
 * Return: 0 or -ENOMEM, with nothing changed.
 */
int gmem_range_split(struct gmem_range *lower, unsigned long pfn)
{
	struct gmem_pool *pool = lower->pool;
	struct gmem_range *upper;
	int ret;

	lockdep_assert_held(&gmem_admin_mutex);
	/* Granules must not become bad while they are moved. */
	guard(mutex)(&gmem_poison_mutex);
	upper = gmem_range_alloc(pfn, lower->pfn + lower->nr_pages - pfn,
				 lower->nid, lower->origin);
	if (!upper)
		return -ENOMEM;
	upper->pool = pool;
	upper->loan = lower->loan;

	ret = -ENOMEM;
	if (lower->bad) {
		upper->bad = kvcalloc(BITS_TO_LONGS(upper->nr_granules),
				      sizeof(long), GFP_KERNEL);
		if (!upper->bad)
			goto err_put;
	}
	ret = split_cache_mode(lower, upper);
	if (ret)
		goto err_put;
	ret = store_pfns(upper, GFP_KERNEL);
	if (ret)
		goto err_cache_mode;
	ret = gmem_sysfs_add_range(upper);
	if (ret)
		goto err_pfns;

	/* Nothing can fail from here on. */
	gmem_arch_clear_cache_mode(PFN_PHYS(lower->pfn),
				   PFN_PHYS(lower->nr_pages));
	split_resources(lower, upper);
	scoped_guard(spinlock, &pool->lock) {
		split_granules(lower, upper);
		link_range(pool, upper);
	}
	return 0;

err_pfns:
	/* The memory is still in the pool. */
	store_pfns(lower, GFP_KERNEL | __GFP_NOFAIL);
err_cache_mode:
	unsplit_cache_mode(lower, upper);
err_put:
	gmem_range_put(upper);
	return ret;
}
