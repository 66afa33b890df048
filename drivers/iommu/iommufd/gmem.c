// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of gmem pools in an IOAS, by file and offset.
 *
 * There is nothing to pin: the PFNs come from the owner of the memory
 * (guest_memfd) and are good until it says otherwise.  An iopt_pages of this type
 * is a mapper of that memory (mm/gmem/mapper.c).  It holds neither the file nor
 * its inode, and what it maps is revoked page by page, so an area can have holes
 * that come and go.  The page tables are the only record of them: unmapping takes
 * away what it finds.
 *
 * The owner decides which pages devices may reach, and a domain follows: pages
 * that become private are taken out of large entries in place, with the pages
 * around them translated all the time, and come back in the same way.  That needs
 * page tables that can do it, pt_iommu_ops.cut_range, and other domains are
 * refused.
 *
 * Locking: the order is io_pagetable.domains_rwsem and .iova_rwsem, then
 * gmem_source.lock, iopt_pages.mutex, locks of the driver.  Filling holds
 * gmem_source.lock for reading, so that what it looks up stays so until it is in
 * the page tables.  The callbacks of the mapper are called with it held for
 * writing, under the invalidate lock of the file, and must not take the rwsems,
 * which are held while user memory is accessed.  What a callback needs to know is
 * therefore in the list of trackers, which the mutex protects: an area and a
 * domain that are in it cannot go away.  The mutex also is the range lock of the
 * page tables.  It has a lock class of its own because that of other pages is held
 * while user pages are pinned, and so is outside of mmap_lock and of the
 * invalidate lock.
 */
#include <linux/bitmap.h>
#include <linux/file.h>
#include <linux/generic_pt/iommu.h>
#include <linux/iommu.h>
#include <linux/iommufd.h>
#include <linux/iova_bitmap.h>
#include <linux/pgtable.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/slab.h>

#include "../iommu-pages.h"
#include "io_pagetable.h"

/*
 * Taking a contiguous range out of a page table splits at most a 1 GiB and a
 * 2 MiB leaf at either end.
 */
#define SPARE_TABLES	4

/*
 * struct iopt_gmem_track - an area in a domain
 * @elm: entry of iopt_pages_gmem.tracker
 * @area: the area
 * @domain: the domain
 * @spare: page tables in reserve: a revocation must not wait for memory
 * @nr_spare: number of them
 * @filled: the area has been mapped; from then on its dirty bits count
 * @torn: for want of memory more was taken out than had to be
 * @taken: with dirty tracking, a bit for each page of the area: it may have been
 *	   written to before a conversion took it away, and nobody has read that
 *
 * All of it is protected by iopt_pages.mutex.
 */
struct iopt_gmem_track {
	struct list_head elm;
	struct iopt_area *area;
	struct iommu_domain *domain;
	struct iommu_pages_list spare;
	unsigned int nr_spare;
	bool filled;
	bool torn;
	unsigned long *taken;
};

static struct iopt_pages *pages_of(struct gmem_mapper *mapper)
{
	return container_of(mapper, struct iopt_pages, gmem.mapper);
}

static bool refill_spare(struct iopt_gmem_track *track, gfp_t gfp)
{
	struct pt_iommu *pt = iommupt_from_domain(track->domain);
	void *table;

	while (track->nr_spare < SPARE_TABLES) {
		table = iommu_alloc_pages_node_sz(pt->nid, gfp, PAGE_SIZE);
		if (!table)
			return false;
		iommu_pages_list_add(&track->spare, table);
		track->nr_spare++;
	}
	return true;
}

/* Pages of the area may have been written to, and nothing will say so. */
static void mark_taken(struct iopt_gmem_track *track, unsigned long iova,
		       unsigned long last)
{
	const unsigned long base = iopt_area_iova(track->area);
	unsigned long first, nr;

	if (!track->taken || !(track->area->iommu_prot & IOMMU_WRITE))
		return;

	first = (iova - base) >> PAGE_SHIFT;
	nr = ((last - iova) >> PAGE_SHIFT) + 1;
	/* It counts in 32 bits, which an area can exceed. */
	bitmap_set(track->taken + BIT_WORD(first), first % BITS_PER_LONG, nr);
}

/* Take [iova, iova + length) out of a domain, whatever of it is there. */
static void cut(struct iopt_gmem_track *track, unsigned long iova,
		unsigned long length)
{
	struct pt_iommu *pt = iommupt_from_domain(track->domain);
	struct iommu_iotlb_gather gather;
	struct list_head *pos;
	int rc;

	iommu_iotlb_gather_init(&gather);
	rc = pt->ops->cut_range(pt, iova, length, track->area->iommu_prot,
				&track->spare, &gather);
	iommu_iotlb_sync(track->domain, &gather);

	if (rc == -ENOMEM) {
		/* Entries across the ends went whole, with their dirty bits. */
		track->torn = true;
		mark_taken(track,
			   max(iova & ~(SZ_1G - 1),
			       iopt_area_iova(track->area)),
			   min((iova + (length - 1)) | (SZ_1G - 1),
			       iopt_area_last_iova(track->area)));
	} else {
		WARN_ON(rc);
	}

	track->nr_spare = 0;
	list_for_each(pos, &track->spare.pages)
		track->nr_spare++;
}

/* As cut(), in steps that do not keep the CPU for too long. */
static void cut_slowly(struct iopt_gmem_track *track, unsigned long iova,
		       unsigned long last)
{
	unsigned long step_last;

	for (;; iova = step_last + 1) {
		step_last = min(last, iova | (SZ_1G - 1));
		cut(track, iova, step_last - iova + 1);
		if (step_last == last)
			break;
		cond_resched();
	}
}

/*
 * The sizes of entries in which memory is converted and comes back, largest first.
 * No others are made: the page tables of AMD can do any power of two.
 */
static const unsigned int entry_orders[] = { PUD_ORDER, PMD_ORDER, 0 };

static bool entry_fits(const struct iopt_gmem_track *track, unsigned long iova,
		       phys_addr_t phys, unsigned int order)
{
	const unsigned long size = PAGE_SIZE << order;

	if (!order)
		return true;
	return !track->area->iopt->disable_large_pages &&
	       (track->domain->pgsize_bitmap & size) &&
	       !((iova ^ phys) & (size - 1));
}

/* The largest entry that can begin at @iova. */
static unsigned long entry_size(const struct iopt_gmem_track *track,
				unsigned long iova, phys_addr_t phys,
				unsigned long length)
{
	unsigned long size;
	int i;

	for (i = 0; i < ARRAY_SIZE(entry_orders); i++) {
		size = PAGE_SIZE << entry_orders[i];
		if (length >= size && IS_ALIGNED(iova, size) &&
		    entry_fits(track, iova, phys, entry_orders[i]))
			break;
	}
	return size;
}

/*
 * Put one entry where nothing is, or the same translation in smaller pieces.
 * Large entries that are put together from small ones lose the dirty bits of
 * those, so with dirty tracking only what is missing is mapped, but for the first
 * time: then tables can be there only from somebody before, and are empty.
 */
static int place(struct iopt_gmem_track *track, unsigned long iova,
		 phys_addr_t phys, unsigned long size)
{
	struct iommu_domain *domain = track->domain;
	struct pt_iommu *pt = iommupt_from_domain(domain);
	int prot = track->area->iommu_prot;
	struct iommu_iotlb_gather gather;
	int rc;

	iommu_iotlb_gather_init(&gather);
	rc = pt->ops->place_leaf(pt, iova, phys, size, prot,
				 !domain->dirty_ops || !track->filled, &gather);
	iommu_iotlb_sync(domain, &gather);

	if (rc == -ENOENT)
		return iommu_map(domain, iova, phys, size, prot,
				 GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!rc && domain->ops->iotlb_sync_map)
		rc = domain->ops->iotlb_sync_map(domain, iova, size);
	return rc;
}

static int place_all(struct iopt_gmem_track *track, unsigned long iova,
		     phys_addr_t phys, unsigned long length)
{
	unsigned long size;
	int rc;

	for (; length; length -= size, iova += size, phys += size) {
		size = entry_size(track, iova, phys, length);
		rc = place(track, iova, phys, size);
		while (rc == -EEXIST && size > PAGE_SIZE) {
			size = size > PMD_SIZE ? PMD_SIZE : PAGE_SIZE;
			rc = place(track, iova, phys, size);
		}
		if (rc)
			return rc;
	}
	return 0;
}

static unsigned long index_to_iova(const struct iopt_area *area,
				   unsigned long index)
{
	return area->node.start + (index - area->pages_node.start) * PAGE_SIZE;
}

/* Can one entry larger than a page map the memory around @index? */
static bool entry_around(const struct iopt_gmem_track *track,
			 const struct gmem_block *block, unsigned long index,
			 unsigned long *first, unsigned long *end)
{
	struct iopt_area *area = track->area;
	unsigned long iova = index_to_iova(area, index);
	unsigned long nr, before;
	int i;

	for (i = 0; entry_orders[i]; i++) {
		nr = 1UL << entry_orders[i];
		before = (iova >> PAGE_SHIFT) & (nr - 1);
		if (block->order < entry_orders[i] ||
		    !entry_fits(track, iova, PFN_PHYS(block->pfn),
				entry_orders[i]) ||
		    index - iopt_area_index(area) < before ||
		    index - before + nr > iopt_area_last_index(area) + 1)
			continue;
		*first = index - before;
		*end = *first + nr;
		return true;
	}
	return false;
}

/*
 * Map what devices may reach of [index, last], of which nothing is mapped.  With
 * @merge something may be mapped, in it and around it, and is replaced by entries
 * that are as large as they can be.
 */
static int fill(struct iopt_gmem_track *track, struct iopt_pages *pages,
		unsigned long index, unsigned long last, bool merge)
{
	const pgoff_t base = pages->gmem.pgoff;
	struct gmem_block block;
	unsigned long first, end;
	int rc;

	for (; index <= last; index = end) {
		end = index + 1;
		rc = gmem_mapper_lookup(&pages->gmem.mapper, base + index,
					&block);
		if (rc == -EHWPOISON)
			continue;
		if (rc)
			return rc == -ENODEV ? 0 : rc;

		if (!merge || !entry_around(track, &block, index, &first, &end)) {
			first = index;
			end = round_down(base + index, 1UL << block.order) +
			      (1UL << block.order) - base;
			end = min(end, last + 1);
		}

		if (block.shared || pages->gmem.keep) {
			rc = place_all(track, index_to_iova(track->area, first),
				       PFN_PHYS(block.pfn - index + first),
				       (end - first) * PAGE_SIZE);
			if (rc)
				return rc;
		}
		cond_resched();
	}
	return 0;
}

/* The part of the area that is in [start, end) of the file; false if none is. */
static bool intersect(const struct iopt_pages *pages, struct iopt_area *area,
		      pgoff_t start, pgoff_t end, unsigned long *index,
		      unsigned long *last)
{
	const pgoff_t base = pages->gmem.pgoff;

	if (end <= base + iopt_area_index(area) ||
	    start > base + iopt_area_last_index(area))
		return false;

	*index = iopt_area_index(area);
	if (start > base + *index)
		*index = start - base;
	*last = min(iopt_area_last_index(area), end - 1 - base);
	return true;
}

/*
 * Their dirty bits go with the entries, while content survives a conversion.  A
 * device may set such a bit until the IOTLB is flushed, so that it is no use to
 * look: all pages that it could write to until now count as dirty.
 */
static void remember_dirty(struct iopt_gmem_track *track,
			   struct iopt_pages *pages, unsigned long index,
			   unsigned long last)
{
	const pgoff_t base = pages->gmem.pgoff;
	struct gmem_block block;
	unsigned long end;

	if (!track->taken)
		return;

	for (; index <= last; index = end) {
		end = index + 1;
		if (gmem_mapper_lookup(&pages->gmem.mapper, base + index, &block))
			continue;
		end = round_down(base + index, 1UL << block.order) +
		      (1UL << block.order) - base;
		end = min(end, last + 1);
		if (block.shared)
			mark_taken(track, index_to_iova(track->area, index),
				   index_to_iova(track->area, end) - 1);
	}
}

static void iopt_gmem_revoke(struct gmem_mapper *mapper, pgoff_t start,
			     pgoff_t end, enum gmem_change why)
{
	struct iopt_pages *pages = pages_of(mapper);
	struct iopt_gmem_track *track;
	unsigned long index, last, iova;

	if (why == GMEM_CHANGE_CONVERT && pages->gmem.keep)
		return;

	guard(mutex)(&pages->mutex);
	list_for_each_entry(track, &pages->gmem.tracker, elm) {
		struct iopt_area *area = track->area;

		if (!intersect(pages, area, start, end, &index, &last))
			continue;
		if (why == GMEM_CHANGE_CONVERT)
			remember_dirty(track, pages, index, last);
		iova = index_to_iova(area, index);
		cut_slowly(track, iova, iova + (last - index + 1) * PAGE_SIZE - 1);
	}
}

static void iopt_gmem_changed(struct gmem_mapper *mapper, pgoff_t start,
			      pgoff_t end)
{
	struct iopt_pages *pages = pages_of(mapper);
	struct iopt_gmem_track *track;
	unsigned long index, last;
	bool merge;

	guard(mutex)(&pages->mutex);
	list_for_each_entry(track, &pages->gmem.tracker, elm) {
		struct iopt_area *area = track->area;

		if (track->torn) {
			index = iopt_area_index(area);
			last = iopt_area_last_index(area);
			merge = true;
		} else {
			if (!intersect(pages, area, start, end, &index, &last))
				continue;
			merge = !track->domain->dirty_ops;
		}
		refill_spare(track, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
		/* What cannot be mapped now is missing until it changes again. */
		track->torn = fill(track, pages, index, last, merge) != 0;
	}
}

static const struct gmem_mapper_ops iopt_gmem_mapper_ops = {
	.revoke = iopt_gmem_revoke,
	.changed = iopt_gmem_changed,
};

/**
 * iopt_alloc_gmem_pages() - Memory of a gmem pool
 * @file: File that was given by user space
 * @start: Byte in the file
 * @length: Number of bytes
 * @writable: Devices will be allowed to write
 * @keep: Keep translations to private memory
 *
 * Return: the pages; NULL if the file is of another kind; ERR_PTR(-EINVAL) for a
 * range that is not page aligned or is not inside the file, ERR_PTR(-EPERM) if the
 * file is not open for writing, ERR_PTR(-EOPNOTSUPP) for @keep where private
 * memory would not be protected, ERR_PTR(-ENOMEM).
 */
struct iopt_pages *iopt_alloc_gmem_pages(struct file *file, unsigned long start,
					 unsigned long length, bool writable,
					 bool keep)
{
	static struct lock_class_key pages_gmem_mutex_key;
	struct gmem_source *source;
	struct iopt_pages *pages;
	struct gmem_block block;
	int rc;

	source = gmem_source_get_by_file(file);
	if (!source)
		return NULL;

	if (writable && !(file->f_mode & FMODE_WRITE)) {
		rc = -EPERM;
		goto err_put;
	}
	if (!PAGE_ALIGNED(start | length)) {
		rc = -EINVAL;
		goto err_put;
	}

	pages = iopt_alloc_pages(0, length, writable);
	if (IS_ERR(pages)) {
		rc = PTR_ERR(pages);
		goto err_put;
	}

	lockdep_set_class(&pages->mutex, &pages_gmem_mutex_key);
	pages->account_mode = IOPT_PAGES_ACCOUNT_NONE;
	pages->type = IOPT_ADDRESS_GMEM;
	pages->gmem.pgoff = start >> PAGE_SHIFT;
	pages->gmem.keep = keep;
	pages->gmem.mapper.ops = &iopt_gmem_mapper_ops;
	INIT_LIST_HEAD(&pages->gmem.tracker);
	gmem_mapper_register(&pages->gmem.mapper, source);

	gmem_mapper_lock(&pages->gmem.mapper);
	rc = gmem_mapper_lookup(&pages->gmem.mapper,
				(start + (length - 1)) >> PAGE_SHIFT, &block);
	if ((!rc || rc == -EHWPOISON) && keep &&
	    !gmem_mapper_arbitrated(&pages->gmem.mapper))
		rc = -EOPNOTSUPP;
	gmem_mapper_unlock(&pages->gmem.mapper);

	/* A page that is poisoned now is a hole. */
	if (rc && rc != -EHWPOISON) {
		iopt_put_pages(pages);
		return ERR_PTR(rc == -EOPNOTSUPP ? rc : -EINVAL);
	}
	return pages;

err_put:
	gmem_source_put(source);
	return ERR_PTR(rc);
}

/**
 * iopt_gmem_release() - The last reference to pages is gone
 * @pages: Pages that no area has any more
 *
 * Context: the rwsems of an io_pagetable may be held.
 */
void iopt_gmem_release(struct iopt_pages *pages)
{
	WARN_ON(!list_empty(&pages->gmem.tracker));
	gmem_mapper_unregister(&pages->gmem.mapper);
}

/**
 * iopt_gmem_check_area() - Can this be an area of the pages?
 * @pages: Pages
 * @iova: First IOVA
 * @start_byte: Byte in the pages
 * @length: Number of bytes
 *
 * Return: 0, or -EINVAL if a page would be mapped in part.
 */
int iopt_gmem_check_area(struct iopt_pages *pages, unsigned long iova,
			 unsigned long start_byte, unsigned long length)
{
	return PAGE_ALIGNED(iova | start_byte | length) ? 0 : -EINVAL;
}

static bool domain_supported(struct iommu_domain *domain)
{
	struct pt_iommu *pt = iommupt_from_domain(domain);

	/* It would tell user space the physical addresses. */
	if (IS_ENABLED(CONFIG_IOMMUFD_NOIOMMU) &&
	    domain->owner == &iommufd_noiommu_ops)
		return false;

	return pt && pt->ops->cut_range && pt->ops->place_leaf &&
	       (!domain->dirty_ops || pt->ops->read_dirty) &&
	       (domain->pgsize_bitmap & PAGE_SIZE);
}

static void free_track(struct iopt_gmem_track *track)
{
	list_del(&track->elm);
	iommu_put_pages_list(&track->spare);
	kvfree(track->taken);
	kfree(track);
}

/*
 * Does the page table take the permissions of the area?  When something has to be
 * taken out of it, it is too late to ask.
 */
static int check_prot(struct iopt_gmem_track *track)
{
	struct pt_iommu *pt = iommupt_from_domain(track->domain);
	struct iommu_iotlb_gather gather;

	/* Nothing is there yet. */
	iommu_iotlb_gather_init(&gather);
	return pt->ops->cut_range(pt, iopt_area_iova(track->area), PAGE_SIZE,
				  track->area->iommu_prot, &track->spare,
				  &gather);
}

static int fill_domain(struct iopt_area *area, struct iopt_pages *pages,
		       struct iommu_domain *domain)
{
	struct iopt_gmem_track *track;
	unsigned long nr;
	int rc;

	lockdep_assert_held(&pages->mutex);

	if (!domain_supported(domain))
		return -EOPNOTSUPP;
	if (iommufd_should_fail())
		return -ENOMEM;

	track = kzalloc_obj(*track, GFP_KERNEL_ACCOUNT);
	if (!track)
		return -ENOMEM;
	if (domain->dirty_ops) {
		nr = iopt_area_last_index(area) - iopt_area_index(area) + 1;
		track->taken = kvcalloc(BITS_TO_LONGS(nr), sizeof(long),
					GFP_KERNEL_ACCOUNT);
		if (!track->taken) {
			kfree(track);
			return -ENOMEM;
		}
	}
	track->area = area;
	track->domain = domain;
	INIT_LIST_HEAD(&track->spare.pages);
	list_add_tail(&track->elm, &pages->gmem.tracker);

	rc = check_prot(track);
	if (rc) {
		free_track(track);
		return rc;
	}
	if (refill_spare(track, GFP_KERNEL_ACCOUNT))
		rc = fill(track, pages, iopt_area_index(area),
			  iopt_area_last_index(area), false);
	else
		rc = -ENOMEM;
	if (rc) {
		cut_slowly(track, iopt_area_iova(area), iopt_area_last_iova(area));
		free_track(track);
		return rc;
	}
	track->filled = true;
	return 0;
}

static void unfill_domain(struct iopt_area *area, struct iopt_pages *pages,
			  struct iommu_domain *domain)
{
	struct iopt_gmem_track *track, *tmp;

	lockdep_assert_held(&pages->mutex);

	list_for_each_entry_safe(track, tmp, &pages->gmem.tracker, elm) {
		if (track->area != area || (domain && track->domain != domain))
			continue;
		cut_slowly(track, iopt_area_iova(area), iopt_area_last_iova(area));
		free_track(track);
	}
}

/**
 * iopt_gmem_fill_domain() - Map an area into one domain
 * @area: The area
 * @pages: Its pages
 * @domain: Domain that the area is not mapped in yet
 *
 * What devices must not reach now is mapped when that changes.
 *
 * Context: the rwsems of the io_pagetable may be held.
 * Return: 0; -EOPNOTSUPP if the page tables of the domain cannot give up parts of
 * large entries, -ENOMEM, or what the driver says, with nothing mapped.
 */
int iopt_gmem_fill_domain(struct iopt_area *area, struct iopt_pages *pages,
			  struct iommu_domain *domain)
{
	int rc;

	gmem_mapper_lock(&pages->gmem.mapper);
	mutex_lock(&pages->mutex);
	rc = fill_domain(area, pages, domain);
	mutex_unlock(&pages->mutex);
	gmem_mapper_unlock(&pages->gmem.mapper);
	return rc;
}

/**
 * iopt_gmem_fill_domains() - Map a new area into all domains
 * @area: The area
 * @pages: Its pages
 *
 * Context: domains_rwsem held at least shared.
 * Return: as iopt_gmem_fill_domain().
 */
int iopt_gmem_fill_domains(struct iopt_area *area, struct iopt_pages *pages)
{
	struct iommu_domain *domain;
	unsigned long index;
	int rc = 0;

	lockdep_assert_held(&area->iopt->domains_rwsem);

	gmem_mapper_lock(&pages->gmem.mapper);
	mutex_lock(&pages->mutex);
	xa_for_each(&area->iopt->domains, index, domain) {
		rc = fill_domain(area, pages, domain);
		if (rc) {
			unfill_domain(area, pages, NULL);
			break;
		}
	}
	mutex_unlock(&pages->mutex);
	gmem_mapper_unlock(&pages->gmem.mapper);
	return rc;
}

/**
 * iopt_gmem_unfill_domain() - Take an area out of one domain
 * @area: The area
 * @pages: Its pages
 * @domain: The domain
 *
 * Context: the rwsems of the io_pagetable may be held.  Cannot fail.
 */
void iopt_gmem_unfill_domain(struct iopt_area *area, struct iopt_pages *pages,
			     struct iommu_domain *domain)
{
	guard(mutex)(&pages->mutex);
	unfill_domain(area, pages, domain);
}

/**
 * iopt_gmem_unfill_domains() - Take an area out of all domains
 * @area: The area
 * @pages: Its pages
 *
 * Context: domains_rwsem held at least shared.  Cannot fail.
 */
void iopt_gmem_unfill_domains(struct iopt_area *area, struct iopt_pages *pages)
{
	guard(mutex)(&pages->mutex);
	unfill_domain(area, pages, NULL);
}

#define STEP_PAGES	(SZ_1G >> PAGE_SHIFT)

/* What conversions took of [iova, last]; bit 0 of @bits is the page at @base. */
static void read_taken(struct iopt_area *area, struct iommu_domain *domain,
		       unsigned long iova, unsigned long last, bool clear,
		       unsigned long *bits, unsigned long base)
{
	unsigned long start = (iova - iopt_area_iova(area)) >> PAGE_SHIFT;
	unsigned long end = ((last - iopt_area_iova(area)) >> PAGE_SHIFT) + 1;
	const unsigned long skip = (iopt_area_iova(area) >> PAGE_SHIFT) -
				   (base >> PAGE_SHIFT);
	struct iopt_gmem_track *track;
	unsigned long bit;

	list_for_each_entry(track, &area->pages->gmem.tracker, elm) {
		if (track->area != area || track->domain != domain)
			continue;
		bit = start;
		for_each_set_bit_from(bit, track->taken, end) {
			/* The area may begin before @base, then this wraps. */
			if (bits)
				__set_bit(bit + skip, bits);
			if (clear)
				__clear_bit(bit, track->taken);
		}
	}
}

/* Waits for user memory. */
static void report_dirty(struct iova_bitmap *to, const unsigned long *bits,
			 unsigned long base, unsigned long iova,
			 unsigned long last)
{
	unsigned long first, end, from, until;

	for_each_set_bitrange(first, end, bits, STEP_PAGES) {
		from = max(iova, base + first * PAGE_SIZE);
		until = min(last, base + (end - 1) * PAGE_SIZE + PAGE_SIZE - 1);
		iova_bitmap_set(to, from, until - from + 1);
	}
}

/**
 * iopt_gmem_read_dirty() - Which pages have devices written to?
 * @area: The area
 * @domain: A domain that it is mapped in
 * @iova: First IOVA, inside of the area
 * @last: Last IOVA
 * @flags: IOMMU_DIRTY_NO_CLEAR or 0
 * @dirty: Where to record it; without a bitmap it is only cleared
 *
 * Pages of the range may be revoked meanwhile.  The page tables are read under the
 * mutex, which nobody may hold who waits for user memory, so it is copied to the
 * bitmap of the user afterwards, 1 GiB at a time.  What a conversion took away
 * since it was read last counts as written to.
 *
 * Context: iova_rwsem held at least shared.
 * Return: 0, -ENOMEM, or what the driver says.
 */
int iopt_gmem_read_dirty(struct iopt_area *area, struct iommu_domain *domain,
			 unsigned long iova, unsigned long last,
			 unsigned long flags, struct iommu_dirty_bitmap *dirty)
{
	struct pt_iommu *pt = iommupt_from_domain(domain);
	const bool clear = !(flags & IOMMU_DIRTY_NO_CLEAR);
	struct iopt_pages *pages = area->pages;
	unsigned long step_last, base;
	unsigned long *bits = NULL;
	int rc;

	if (dirty->bitmap) {
		bits = kvcalloc(BITS_TO_LONGS(STEP_PAGES), sizeof(long),
				GFP_KERNEL);
		if (!bits)
			return -ENOMEM;
	}

	for (;; iova = step_last + 1) {
		base = round_down(iova, SZ_1G);
		step_last = min(last, base + (SZ_1G - 1));

		mutex_lock(&pages->mutex);
		rc = pt->ops->read_dirty(pt, iova, step_last - iova + 1, clear,
					 bits, base, dirty->gather);
		if (!rc)
			read_taken(area, domain, iova, step_last, clear, bits,
				   base);
		mutex_unlock(&pages->mutex);
		if (rc)
			break;

		if (bits) {
			report_dirty(dirty->bitmap, bits, base, iova, step_last);
			bitmap_zero(bits, STEP_PAGES);
		}
		if (step_last == last)
			break;
		cond_resched();
	}

	kvfree(bits);
	return rc;
}
