// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Backings
 *
 * A backing is the memory of one guest_memfd: allocated whole when the file is
 * created, freed whole when its inode goes.  The list of extents never changes
 * in between, so that offsets are translated without a lock from anywhere.
 *
 * The owner of a backing hands out PFNs without references.  It promises that
 * it can find and revoke every translation that it made, and that none is left
 * when it calls gmem_backing_zero() for a part or gmem_backing_free() for all.
 */
#include <linux/export.h>
#include <linux/gmem.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <trace/events/gmem.h>

#include "internal.h"

/* Zeroes what was not scrubbed in time. */
static int scrub_extents(struct gmem_backing *backing,
			 unsigned long *scrubbed)
{
	struct gmem_pool *pool = backing->pool;
	unsigned int i;
	int ret;

	for (i = 0; i < backing->nr_extents; i++) {
		const struct gmem_extent *extent = &backing->extents[i];
		unsigned long pfn = extent->pfn;
		unsigned long nr_pages;

		while (gmem_next_dirty(pool, extent, &pfn, &nr_pages)) {
			ret = gmem_zero(pfn, nr_pages, extent->nid,
					TASK_KILLABLE);
			if (ret)
				return ret;
			gmem_mark_clean(pool, pfn, nr_pages);
			*scrubbed += nr_pages;
		}
	}
	return 0;
}

/**
 * gmem_backing_alloc - allocate memory from a pool
 * @pool: the pool
 * @nr_pages: number of pages, rounded up to whole granules of 2 MiB
 *
 * The memory is zero.  It comes in as few and as large extents as the pool can
 * give; for each whole GiB of the backing that a GiB of the pool could serve,
 * offset and PFN agree modulo 1 GiB, for the rest modulo 2 MiB.
 *
 * An elastic pool takes System RAM if that is needed.
 *
 * Context: may sleep, for long if memory has to be scrubbed or taken; a fatal
 * signal ends it, and any signal while memory is taken.
 * Return: the backing, or an ERR_PTR: -ENOSPC if the pool has not enough
 * memory, -ENODEV if it has been deleted, -EINVAL for no pages at all, -EINTR,
 * -ENOMEM.
 */
struct gmem_backing *gmem_backing_alloc(struct gmem_pool *pool,
					unsigned long nr_pages)
{
	struct gmem_backing *backing;
	unsigned long scrubbed = 0;
	int ret;

	if (!nr_pages)
		return ERR_PTR(-EINVAL);
	backing = kzalloc_obj(*backing, GFP_KERNEL_ACCOUNT);
	if (!backing)
		return ERR_PTR(-ENOMEM);
	backing->source = gmem_source_alloc();
	if (!backing->source) {
		kfree(backing);
		return ERR_PTR(-ENOMEM);
	}

	xa_init(&backing->poison);
	backing->nr_pages = round_up(nr_pages, GMEM_GRANULE_PAGES);
	backing->pool = pool;
	ret = gmem_elastic_alloc(pool, backing->nr_pages >> GMEM_GRANULE_ORDER,
				 &backing->extents, &backing->nr_extents);
	if (ret) {
		gmem_source_put(backing->source);
		kfree(backing);
		return ERR_PTR(ret);
	}
	get_device(&pool->dev);
	gmem_poison_track(backing);

	ret = scrub_extents(backing, &scrubbed);
	if (ret) {
		gmem_backing_free(backing);
		return ERR_PTR(ret);
	}
	trace_gmem_alloc(gmem_pool_name(pool), backing->nr_pages,
			 backing->nr_extents, scrubbed);
	return backing;
}
EXPORT_SYMBOL_FOR_MODULES(gmem_backing_alloc, "kvm");

/**
 * gmem_backing_free - return the memory of a backing to its pool
 * @backing: the backing; no translation to its memory may be left, but for those
 *	     of mappers, which are revoked
 *
 * Context: may sleep.
 */
void gmem_backing_free(struct gmem_backing *backing)
{
	struct gmem_pool *pool = backing->pool;

	gmem_poison_untrack(backing);
	gmem_owner_clear(backing);
	trace_gmem_free(gmem_pool_name(pool), backing->nr_pages,
			backing->nr_extents);
	gmem_free(pool, backing->extents, backing->nr_extents);
	kvfree(backing->extents);
	gmem_source_put(backing->source);
	kfree(backing);
	put_device(&pool->dev);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_backing_free, "kvm");

/* For mapper.c; the reference stays with the backing. */
struct gmem_source *gmem_backing_source(const struct gmem_backing *backing)
{
	return backing->source;
}

/* The index of the extent that holds @pgoff, which is inside the backing. */
static unsigned int find_extent(const struct gmem_backing *backing,
				pgoff_t pgoff)
{
	unsigned int first = 0, last = backing->nr_extents - 1;

	while (first < last) {
		unsigned int middle = (first + last + 1) / 2;

		if (backing->extents[middle].pgoff <= pgoff)
			first = middle;
		else
			last = middle - 1;
	}
	return first;
}

/**
 * gmem_backing_poisoned - is there a poisoned page in a part of a backing?
 * @backing: the backing
 * @pgoff: first page
 * @nr_pages: number of pages
 *
 * Context: any; takes no lock.  The answer is as good as that of
 * gmem_backing_get_pfn().
 * Return: true if there is one at least.
 */
bool gmem_backing_poisoned(const struct gmem_backing *backing, pgoff_t pgoff,
			   unsigned long nr_pages)
{
	unsigned long index = pgoff;

	return !xa_empty(&backing->poison) &&
	       xa_find((struct xarray *)&backing->poison, &index,
		       pgoff + nr_pages - 1, XA_PRESENT);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_backing_poisoned, "kvm");

/**
 * gmem_backing_get_pfn - translate an offset
 * @backing: the backing
 * @pgoff: the offset in pages
 * @pfn: returns the PFN
 * @order: returns the largest order of which the naturally aligned block
 *	   around @pgoff is naturally aligned and contiguous memory too, without
 *	   a poisoned page; one of 0, PMD_ORDER and PUD_ORDER, which are the
 *	   sizes of leaf entries
 *
 * No reference is taken.  The caller must be able to revoke what it does with
 * the PFN, and has to reduce @order to what it may map: nothing here knows the
 * size of the file or which pages are private.  The PFN never changes.  A page
 * can become poisoned at any time; who has looked it up before loses it like
 * everything else that the owner revokes.
 *
 * Context: any; takes no lock.
 * Return: 0; -ERANGE beyond the end of the backing; -EHWPOISON if the page is
 * poisoned.
 */
int gmem_backing_get_pfn(const struct gmem_backing *backing, pgoff_t pgoff,
			 unsigned long *pfn, unsigned int *order)
{
	static const unsigned int orders[] = { PUD_ORDER, PMD_ORDER };
	const struct gmem_extent *extent;
	unsigned int i;

	if (pgoff >= backing->nr_pages)
		return -ERANGE;
	if (gmem_backing_poisoned(backing, pgoff, 1))
		return -EHWPOISON;

	extent = &backing->extents[find_extent(backing, pgoff)];
	*pfn = extent->pfn + (pgoff - extent->pgoff);
	*order = 0;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		unsigned long nr = 1UL << orders[i];
		pgoff_t start = round_down(pgoff, nr);

		if (!((*pfn ^ pgoff) & (nr - 1)) && start >= extent->pgoff &&
		    start + nr <= extent->pgoff + extent->nr_pages &&
		    !gmem_backing_poisoned(backing, start, nr)) {
			*order = orders[i];
			break;
		}
	}
	return 0;
}
EXPORT_SYMBOL_FOR_MODULES(gmem_backing_get_pfn, "kvm");

/**
 * gmem_backing_zero - overwrite a part of a backing with zeroes
 * @backing: the backing
 * @pgoff: first page
 * @nr_pages: number of pages, inside the backing
 *
 * No translation to the part may be left that could write to it.  Poisoned pages
 * are left alone.
 *
 * Context: may sleep, for long; cannot fail.
 */
void gmem_backing_zero(struct gmem_backing *backing, pgoff_t pgoff,
		       unsigned long nr_pages)
{
	unsigned int i = find_extent(backing, pgoff);

	while (nr_pages) {
		const struct gmem_extent *extent = &backing->extents[i++];
		unsigned long offset = pgoff - extent->pgoff;
		unsigned long nr = min(nr_pages, extent->nr_pages - offset);

		gmem_zero(extent->pfn + offset, nr, extent->nid,
			  TASK_UNINTERRUPTIBLE);
		pgoff += nr;
		nr_pages -= nr;
	}
}
EXPORT_SYMBOL_FOR_MODULES(gmem_backing_zero, "kvm");

static unsigned long nr_poisoned(const struct gmem_backing *backing)
{
	unsigned long index, nr = 0;
	void *entry;

	xa_for_each((struct xarray *)&backing->poison, index, entry)
		nr++;
	return nr;
}

/**
 * gmem_backing_show_fdinfo - describe a backing in /proc/<pid>/fdinfo/<fd>
 * @m: the file
 * @backing: the backing
 */
void gmem_backing_show_fdinfo(struct seq_file *m,
			      const struct gmem_backing *backing)
{
	seq_printf(m, "gmem-pool:\t%s\n", gmem_pool_name(backing->pool));
	seq_printf(m, "gmem-size:\t%lu\n", backing->nr_pages << PAGE_SHIFT);
	seq_printf(m, "gmem-extents:\t%u\n", backing->nr_extents);
	if (!xa_empty(&backing->poison))
		seq_printf(m, "gmem-poisoned:\t%lu\n",
			   nr_poisoned(backing) << PAGE_SHIFT);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_backing_show_fdinfo, "kvm");
