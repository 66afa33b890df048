// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Poison
 *
 * A memory error of the hardware makes a page *poisoned*: what was in it is lost,
 * and who reads it gets a machine check.  memory_failure() handles that with the
 * struct page; here is what it does for pools, which have none.
 *
 * 1. The page goes into the tree of poisoned pages, so that the scrubber leaves it
 *    alone, and its granule becomes bad, see alloc.c: nobody gets it any more.
 *    If a backing has the granule, it keeps it until the end.
 * 2. The owner of the backing revokes the page, and only that: from guests, user
 *    space and mappers, as for a conversion.  The page is then poisoned in the
 *    backing as well: looking it up fails with EHWPOISON, and no entry is larger
 *    than the pages around it allow.  What was mapped together with it comes back
 *    with the next access, in entries as large as they can be.
 * 3. The page is registered as an address space of PFNs, so that memory_failure()
 *    finds the processes that map it, and sends the signals that it would send for
 *    any page.
 *
 * Poison is for ever.  The offset of a file does not get another page, whether a
 * hole is punched or it is converted, since the list of extents never changes.  A
 * memory block with a bad granule stays in the pool, and so the pool stays, too.
 *
 * While a pool takes System RAM its memory blocks are offline for a while, and are
 * nobody's.  They are *expected*: an error in one is remembered, and reported again
 * to whoever has the block in the end.  An error that came before the block was
 * offline is only a number in the memory block, see unplug.c.
 *
 * Locks, outermost first:
 *
 * - gmem_admin_mutex, and device_hotplug_lock, when errors are handed over that
 *   came while memory was taken or returned
 * - mf_mutex of memory_failure()
 * - gmem_poison_mutex: everything below here; which range a PFN belongs to; and,
 *   because freeing a backing takes it first, that backings and their owners exist
 * - the invalidate lock of the file, and what is inside of it for a revocation;
 *   or pfn_space_lock, and i_mmap_rwsem inside of it
 * - &gmem_pool.lock
 *
 * Whoever holds any of these but the first must not call memory_failure().
 * The trees are also read without a lock.
 */
#define pr_fmt(fmt) "gmem: " fmt

#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/memory.h>
#include <linux/memory-failure.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <trace/events/gmem.h>

#include "internal.h"

/* Memory errors come one after the other; see above. */
DEFINE_MUTEX(gmem_poison_mutex);

/**
 * struct gmem_poison - a poisoned page
 * @space: how memory_failure() finds who maps the page; registered if it has a
 *	   mapping
 * @backing: who has the page, or NULL
 * @pgoff: where it is in @backing
 *
 * gmem_poison_mutex protects all of it.  What is in @space, and @pgoff, is constant
 * while it is registered.
 */
struct gmem_poison {
	struct pfn_address_space space;
	struct gmem_backing *backing;
	pgoff_t pgoff;
};

/* All poisoned pages by their PFN; written under gmem_poison_mutex. */
static DEFINE_XARRAY(gmem_poisoned);

/*
 * The memory blocks that are being taken, by their number; gmem_poison_mutex.  One
 * that is online still has no errors for us.
 */
static DEFINE_XARRAY(gmem_expected);

/* All backings; gmem_poison_mutex. */
static LIST_HEAD(gmem_backings);

/* The machine has lost the page already, and must not forget that, too. */
#define GFP_POISON	(GFP_KERNEL | __GFP_NOFAIL)

static unsigned long block_pages(void)
{
	return memory_block_size_bytes() >> PAGE_SHIFT;
}

/**
 * gmem_poison_free_run - how many pages from a PFN on are not poisoned?
 * @pfn: the PFN
 * @nr_pages: look at so many pages
 *
 * Context: any; takes no lock.
 * Return: number of pages, 0 if @pfn itself is poisoned.
 */
unsigned long gmem_poison_free_run(unsigned long pfn, unsigned long nr_pages)
{
	unsigned long index = pfn;

	if (xa_empty(&gmem_poisoned) ||
	    !xa_find(&gmem_poisoned, &index, pfn + nr_pages - 1, XA_PRESENT))
		return nr_pages;
	return index - pfn;
}

/* Where an area of the file has a poisoned page; called by memory_failure(). */
static int poison_to_pgoff(struct vm_area_struct *vma, unsigned long pfn,
			   pgoff_t *pgoff)
{
	const struct gmem_poison *poison = xa_load(&gmem_poisoned, pfn);

	if (poison->pgoff < vma->vm_pgoff ||
	    poison->pgoff - vma->vm_pgoff >= vma_pages(vma))
		return -EFAULT;
	*pgoff = poison->pgoff;
	return 0;
}

/* A PFN of an extent is poisoned: prepares gmem_backing_poison(). */
static void give(struct gmem_poison *poison, struct gmem_backing *backing,
		 pgoff_t pgoff)
{
	lockdep_assert_held(&gmem_poison_mutex);
	poison->backing = backing;
	poison->pgoff = pgoff;
	WARN_ON(xa_reserve(&backing->poison, pgoff, GFP_POISON));
}

/**
 * gmem_backing_poison - from now on a page is poisoned
 * @backing: the backing
 * @pgoff: the page that the owner was told of
 *
 * Context: the owner's answer to &gmem_owner_ops.poison; allocates nothing.
 */
void gmem_backing_poison(struct gmem_backing *backing, pgoff_t pgoff)
{
	lockdep_assert_held(&gmem_poison_mutex);
	/* The place is reserved. */
	xa_store(&backing->poison, pgoff, xa_mk_value(0), GFP_NOWAIT);
	/* Before the owner lets its readers without a lock go on. */
	smp_wmb();
}
EXPORT_SYMBOL_FOR_MODULES(gmem_backing_poison, "kvm");

/**
 * gmem_poison_track - let memory errors find a backing
 * @backing: the backing, which has memory but no owner yet
 *
 * Context: may sleep.
 */
void gmem_poison_track(struct gmem_backing *backing)
{
	struct gmem_poison *poison;
	unsigned long pfn;
	unsigned int i;

	guard(mutex)(&gmem_poison_mutex);
	list_add(&backing->list, &gmem_backings);
	if (xa_empty(&gmem_poisoned))
		return;

	/* Those that came since the memory was allocated. */
	for (i = 0; i < backing->nr_extents; i++) {
		const struct gmem_extent *extent = &backing->extents[i];

		xa_for_each_range(&gmem_poisoned, pfn, poison, extent->pfn,
				  extent->pfn + extent->nr_pages - 1) {
			pgoff_t pgoff = extent->pgoff + (pfn - extent->pfn);

			give(poison, backing, pgoff);
			gmem_backing_poison(backing, pgoff);
		}
	}
}

/**
 * gmem_poison_untrack - undo gmem_poison_track()
 * @backing: the backing, which nobody maps any more
 *
 * Memory errors do not find the backing nor its owner any more when it returns.
 *
 * Context: may sleep.
 */
void gmem_poison_untrack(struct gmem_backing *backing)
{
	struct gmem_poison *poison;
	unsigned long pfn;

	guard(mutex)(&gmem_poison_mutex);
	list_del(&backing->list);
	if (xa_empty(&backing->poison))
		return;

	xa_for_each(&gmem_poisoned, pfn, poison) {
		if (poison->backing != backing)
			continue;
		if (poison->space.mapping)
			unregister_pfn_address_space(&poison->space);
		*poison = (struct gmem_poison){};
	}
	xa_destroy(&backing->poison);
}

/* The backing that has a PFN. */
static struct gmem_backing *find_backing(unsigned long pfn, pgoff_t *pgoff)
{
	struct gmem_backing *backing;
	unsigned int i;

	lockdep_assert_held(&gmem_poison_mutex);
	list_for_each_entry(backing, &gmem_backings, list) {
		for (i = 0; i < backing->nr_extents; i++) {
			const struct gmem_extent *extent = &backing->extents[i];

			if (pfn < extent->pfn ||
			    pfn - extent->pfn >= extent->nr_pages)
				continue;
			*pgoff = extent->pgoff + (pfn - extent->pfn);
			return backing;
		}
	}
	return NULL;
}

/* Nobody gets the granule any more. */
static bool mark_bad(struct gmem_range *range, unsigned long pfn)
{
	unsigned long *bad = NULL;

	if (!range->bad)
		bad = kvcalloc(BITS_TO_LONGS(range->nr_granules), sizeof(long),
			       GFP_POISON);
	if (gmem_mark_bad(range, pfn, bad))
		return true;
	kvfree(bad);
	return false;
}

/* Nobody reaches the page any more.  Returns whether there may be processes. */
static bool revoke(struct gmem_poison *poison, unsigned long pfn)
{
	struct gmem_backing *backing;
	pgoff_t pgoff;

	backing = find_backing(pfn, &pgoff);
	if (!backing)
		return false;

	give(poison, backing, pgoff);
	poison->space = (struct pfn_address_space){
		.node = { .start = pfn, .last = pfn },
		.mapping = gmem_owner_poison(backing, pgoff),
		.pfn_to_vma_pgoff = poison_to_pgoff,
	};
	if (!poison->space.mapping)
		return false;
	if (WARN_ON(register_pfn_address_space(&poison->space))) {
		poison->space.mapping = NULL;
		return false;
	}
	return true;
}

/* Tell everybody.  The range keeps the pool, and gmem_poison_mutex the range. */
static void announce(struct gmem_pool *pool, unsigned long pfn,
		     const struct gmem_poison *poison)
{
	lockdep_assert_held(&gmem_poison_mutex);
	trace_gmem_poison(gmem_pool_name(pool), pfn, poison->backing,
			  poison->pgoff);
	/* Somebody may wait for memory that will never come. */
	wake_up_all(&pool->wait);
	sysfs_notify(&pool->dev.kobj, NULL, "poisoned");
	gmem_event(pool, "poison");
}

/* -EAGAIN if the PFN is between System RAM and a pool. */
static int poison_pfn(unsigned long pfn)
{
	struct gmem_poison *poison;
	struct gmem_range *range;
	bool mapped;

	guard(mutex)(&gmem_poison_mutex);
	range = gmem_range_of(pfn);
	if (!range && !xa_load(&gmem_expected, pfn / block_pages()))
		return -ENOENT;
	if (xa_load(&gmem_poisoned, pfn))
		return -EHWPOISON;
	if (range && !mark_bad(range, pfn))
		return -EAGAIN;

	poison = kzalloc_obj(*poison, GFP_POISON);
	xa_store(&gmem_poisoned, pfn, poison, GFP_POISON);
	/* gmem_poison_recall() or gmem_poison_settle() will find it. */
	if (!range)
		return 1;
	mapped = revoke(poison, pfn);
	announce(range->pool, pfn, poison);
	return mapped ? 0 : 1;
}

/**
 * gmem_memory_failure - the hardware has lost a page that may be of a pool
 * @pfn: its PFN
 *
 * When it returns nobody reaches the page any more, and nobody will get it.
 *
 * Context: memory_failure(), with mf_mutex held; may sleep.
 * Return: 0 if processes may have to be told, whom the address spaces of PFNs
 * tell; 1 if nobody had the page; -EHWPOISON if it is known already; -ENOENT if it
 * is not of a pool.
 */
int gmem_memory_failure(unsigned long pfn)
{
	int ret;

	while ((ret = poison_pfn(pfn)) == -EAGAIN)
		schedule_timeout_uninterruptible(1);
	return ret;
}

/**
 * gmem_poison_recall - memory comes of which errors may be known
 * @range: the range, in its pool
 *
 * They came when it was taken, or when a pool had it before, and make its granules
 * bad.  A backing that was faster has seen them, see
 * gmem_poison_track().
 *
 * Context: gmem_admin_mutex held; may sleep.
 */
void gmem_poison_recall(struct gmem_range *range)
{
	struct gmem_poison *poison;
	unsigned long pfn;

	lockdep_assert_held(&gmem_admin_mutex);
	guard(mutex)(&gmem_poison_mutex);
	xa_for_each_range(&gmem_poisoned, pfn, poison, range->pfn,
			  range->pfn + range->nr_pages - 1)
		if (mark_bad(range, pfn))
			announce(range->pool, pfn, poison);
}

/* Forgets the first poisoned page in [pfn, pfn + nr_pages). */
static bool forget_one(unsigned long *pfn, unsigned long nr_pages)
{
	struct gmem_poison *poison;

	guard(mutex)(&gmem_poison_mutex);
	poison = xa_find(&gmem_poisoned, pfn, *pfn + nr_pages - 1, XA_PRESENT);
	if (!poison)
		return false;
	xa_erase(&gmem_poisoned, *pfn);
	kfree(poison);
	return true;
}

/**
 * gmem_poison_hand_over - report errors again in memory that was returned
 * @pfn: first PFN of memory that is System RAM now, and in no pool any more
 * @nr_pages: number of pages
 *
 * A block is not returned with an error that is known.  One that is found after it
 * was looked at, and before its pages are online, belongs to the pages.
 *
 * Context: gmem_admin_mutex held; may sleep.
 */
void gmem_poison_hand_over(unsigned long pfn, unsigned long nr_pages)
{
	unsigned long found = pfn;

	lockdep_assert_held(&gmem_admin_mutex);
	while (forget_one(&found, pfn + nr_pages - found)) {
		memory_failure(found, 0);
		found = pfn;
	}
}

/**
 * gmem_poison_expect - a memory block will be taken for a pool
 * @pfn: its first PFN; it is online
 *
 * From now on, errors that come when the block is offline are remembered.
 *
 * Context: gmem_admin_mutex held; may sleep.
 */
void gmem_poison_expect(unsigned long pfn)
{
	lockdep_assert_held(&gmem_admin_mutex);
	guard(mutex)(&gmem_poison_mutex);
	WARN_ON(xa_err(xa_store(&gmem_expected, pfn / block_pages(),
				xa_mk_value(0), GFP_POISON)));
}

/**
 * gmem_poison_settle - undo gmem_poison_expect()
 * @pfn: first PFN of memory blocks that are online again, or in a pool
 * @nr_pages: number of pages; what is not expected is skipped
 *
 * Errors in what is in no pool belong to the pages.
 *
 * Context: gmem_admin_mutex held, device_hotplug_lock allowed; may sleep.
 */
void gmem_poison_settle(unsigned long pfn, unsigned long nr_pages)
{
	unsigned long block, first = pfn / block_pages();
	unsigned long last = (pfn + nr_pages - 1) / block_pages();
	bool taken;
	void *entry;

	lockdep_assert_held(&gmem_admin_mutex);
	/* Who saw the memory offline has remembered the error then. */
	memory_failure_wait();
	xa_for_each_range(&gmem_expected, block, entry, first, last) {
		scoped_guard(mutex, &gmem_poison_mutex) {
			xa_erase(&gmem_expected, block);
			taken = gmem_range_of(block * block_pages());
		}
		if (!taken)
			gmem_poison_hand_over(block * block_pages(),
					      block_pages());
	}
}
