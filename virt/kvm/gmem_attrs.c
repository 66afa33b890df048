// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages of a guest_memfd are private and which are shared.
 *
 * A bit for each page, and for each block of 2 MiB and of 1 GiB the number of its
 * private pages, so that whether a block has one attribute is one comparison.
 * All of it is allocated with the file, 33 KiB for each GiB, so that changing an
 * attribute needs no memory.
 *
 * Writing is protected by the invalidate lock of the file, held exclusively.
 *
 * Who holds that lock at least shared sees a state that does not change.  That
 * is how page faults of user space read.  Page faults of guests, and everybody
 * else who is inside KVM, read without it:
 *
 *	vCPU					conversion
 *
 *	seq = mmu_invalidate_seq		mmu_lock: in_progress++, zap
 *	smp_rmb()				write bits and counts
 *	read bits and counts			smp_wmb()
 *	mmu_lock: map, unless			mmu_lock: seq++, in_progress--
 *	    mmu_invalidate_retry_gfn(seq)
 *
 * A vCPU that reads something old, something new or, as bits and counts are
 * written one after another, something that never was, has read it after the
 * conversion raised in_progress and before it lowered it.  If the vCPU gets
 * mmu_lock before that, what it maps is zapped; if it gets it in between, it
 * finds in_progress and the gfn in the range that is being invalidated; and if
 * it gets it later, the sequence has moved on.  The range is that of all blocks
 * that contain a page whose attribute changes, see kvm_gmem_pool_widen(), since
 * a vCPU reads about blocks.  If it has seen the new sequence then, by the two
 * barriers, it sees the new attributes.
 *
 * What is read without lock and without that check (for the reason of an exit to
 * user space, for example) may be out of date when it is looked at.
 */
#include <linux/align.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/gfp.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/pgtable.h>
#include <linux/slab.h>

#include "gmem_attrs.h"

#define PMD_PAGES	BIT(PMD_ORDER)
#define PUD_PAGES	BIT(PUD_ORDER)

/**
 * struct kvm_gmem_attrs - the attributes of all pages of a file
 * @nr_pages: the size of the file
 * @nr_private: how many of them are private
 * @puds: private pages in each block of PUD_ORDER, the last may be incomplete
 * @pmds: the same for PMD_ORDER
 * @bits: a bit for each page, set if it is private
 */
struct kvm_gmem_attrs {
	pgoff_t nr_pages;
	unsigned long nr_private;
	u32 *puds;
	u16 *pmds;
	unsigned long bits[];
};

/**
 * kvm_gmem_attrs_alloc() - allocate attributes, all of them alike
 * @nr_pages: the size of the file
 * @private: the initial attribute
 *
 * Context: may sleep.
 * Return: the attributes, NULL without memory or for more than about 60 TiB.
 */
struct kvm_gmem_attrs *kvm_gmem_attrs_alloc(pgoff_t nr_pages, bool private)
{
	const size_t nr_longs = BITS_TO_LONGS(nr_pages);
	const size_t nr_puds = DIV_ROUND_UP(nr_pages, PUD_PAGES);
	const size_t nr_pmds = DIV_ROUND_UP(nr_pages, PMD_PAGES);
	struct kvm_gmem_attrs *attrs;
	size_t size;

	size = size_add(struct_size(attrs, bits, nr_longs),
			size_add(array_size(nr_puds, sizeof(*attrs->puds)),
				 array_size(nr_pmds, sizeof(*attrs->pmds))));
	attrs = kvzalloc(size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!attrs)
		return NULL;

	attrs->nr_pages = nr_pages;
	attrs->puds = (u32 *)&attrs->bits[nr_longs];
	attrs->pmds = (u16 *)&attrs->puds[nr_puds];
	if (private)
		kvm_gmem_attrs_set(attrs, 0, nr_pages, true);

	return attrs;
}

/**
 * kvm_gmem_attrs_free() - free attributes
 * @attrs: the attributes, or NULL
 *
 * Context: any, when nobody can read them any more.
 */
void kvm_gmem_attrs_free(struct kvm_gmem_attrs *attrs)
{
	kvfree(attrs);
}

/**
 * kvm_gmem_attrs_private() - is a page private?
 * @attrs: attributes of the file
 * @index: the page, inside the file
 *
 * Context: any; see the top of this file for what the answer is worth.
 * Return: true if it is private.
 */
bool kvm_gmem_attrs_private(const struct kvm_gmem_attrs *attrs, pgoff_t index)
{
	return test_bit(index, attrs->bits);
}

/**
 * kvm_gmem_attrs_order() - the size of the block of one attribute around a page
 * @attrs: attributes of the file
 * @index: the page, inside the file
 *
 * What is beyond the end of the file counts as shared.
 *
 * Context: any; see the top of this file for what the answer is worth.
 * Return: %PUD_ORDER, %PMD_ORDER or 0.
 */
unsigned int kvm_gmem_attrs_order(const struct kvm_gmem_attrs *attrs,
				  pgoff_t index)
{
	unsigned long private;

	private = READ_ONCE(attrs->puds[index >> PUD_ORDER]);
	if (private == 0 || private == PUD_PAGES)
		return PUD_ORDER;

	private = READ_ONCE(attrs->pmds[index >> PMD_ORDER]);
	if (private == 0 || private == PMD_PAGES)
		return PMD_ORDER;

	return 0;
}

/**
 * kvm_gmem_attrs_nr_private() - how many pages are private?
 * @attrs: attributes of the file
 *
 * Context: any.
 * Return: the number of pages, out of date without the lock.
 */
unsigned long kvm_gmem_attrs_nr_private(const struct kvm_gmem_attrs *attrs)
{
	return READ_ONCE(attrs->nr_private);
}

/* The page after the block of PMD_ORDER around @index, but not after @end. */
static pgoff_t pmd_end(pgoff_t index, pgoff_t end)
{
	return min(end, round_down(index, PMD_PAGES) + PMD_PAGES);
}

/* The first page in [@start, @end) that is private, or shared; else @end. */
static pgoff_t find_next(const struct kvm_gmem_attrs *attrs, pgoff_t start,
			 pgoff_t end, bool private)
{
	pgoff_t next, found;

	for (; start < end; start = next) {
		/* Has the block none of them? */
		const u16 none = private ? 0 : PMD_PAGES;

		next = pmd_end(start, end);
		if (attrs->pmds[start >> PMD_ORDER] == none)
			continue;

		if (private)
			found = find_next_bit(attrs->bits, next, start);
		else
			found = find_next_zero_bit(attrs->bits, next, start);
		if (found < next)
			return found;
	}
	return end;
}

/* Has all of [@start, @end), which may be empty, the attribute? */
static bool all_are(const struct kvm_gmem_attrs *attrs, pgoff_t start,
		    pgoff_t end, bool private)
{
	return start >= end || find_next(attrs, start, end, !private) == end;
}

/**
 * kvm_gmem_attrs_next_change() - find what a change of attributes changes
 * @attrs: attributes of the file
 * @start: first page of the range; returns the first page that changes
 * @end: last page of the range + 1, inside the file; returns the end of the
 *	pages that change
 * @private: the attribute that all pages of the range shall have
 *
 * Gaps, that is pages that have the attribute already, are included if they are
 * smaller than 2 MiB: visiting the parts one by one would cost more.
 *
 * Context: invalidate lock of the file held exclusively.
 * Return: false if nothing changes.
 */
bool kvm_gmem_attrs_next_change(const struct kvm_gmem_attrs *attrs,
				pgoff_t *start, pgoff_t *end, bool private)
{
	pgoff_t first, last, next;

	first = find_next(attrs, *start, *end, !private);
	if (first == *end)
		return false;

	last = find_next(attrs, first, *end, private);
	for (;;) {
		next = find_next(attrs, last, *end, !private);
		if (next == *end || next - last >= PMD_PAGES)
			break;
		last = find_next(attrs, next, *end, private);
	}

	*start = first;
	*end = last;
	return true;
}

/*
 * Will the block of @nr_pages from @first on, that contains a part of
 * [@start, @end), have one attribute when all of [@start, @end) has it?
 */
static bool becomes_uniform(const struct kvm_gmem_attrs *attrs, pgoff_t first,
			    pgoff_t nr_pages, pgoff_t start, pgoff_t end,
			    bool private)
{
	const pgoff_t last = first + nr_pages;

	return last <= attrs->nr_pages && all_are(attrs, first, start, private) &&
	       all_are(attrs, end, last, private);
}

/**
 * kvm_gmem_attrs_grow() - grow a change to the blocks that become uniform by it
 * @attrs: attributes of the file
 * @start: first page that changes; returns the first page of the block
 * @end: last page that changes + 1; returns the end of the block
 * @private: the attribute that all pages will have
 *
 * The pages that are added have the attribute already.  They are mapped by small
 * entries now, and could be mapped by one large entry together with those that
 * change.
 *
 * Context: invalidate lock of the file held exclusively.
 */
void kvm_gmem_attrs_grow(const struct kvm_gmem_attrs *attrs, pgoff_t *start,
			 pgoff_t *end, bool private)
{
	static const unsigned int orders[] = { PUD_ORDER, PMD_ORDER };
	const pgoff_t first = *start, last = *end;
	pgoff_t block, nr;
	int i;

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		nr = 1UL << orders[i];

		block = round_down(first, nr);
		if (becomes_uniform(attrs, block, nr, first, last, private)) {
			*start = min(*start, block);
			*end = max(*end, block + nr);
		}

		block = round_down(last - 1, nr);
		if (becomes_uniform(attrs, block, nr, first, last, private)) {
			*start = min(*start, block);
			*end = max(*end, block + nr);
		}
	}
}

/* Set or clear bits that all are in one block of PMD_ORDER. */
static long set_bits(struct kvm_gmem_attrs *attrs, pgoff_t start, pgoff_t end,
		     bool private)
{
	long changed = 0;
	pgoff_t next;

	for (; start < end; start = next) {
		unsigned long *word = &attrs->bits[BIT_WORD(start)];
		unsigned long mask, bits;

		next = min(end, round_down(start, BITS_PER_LONG) + BITS_PER_LONG);
		mask = GENMASK((next - 1) % BITS_PER_LONG, start % BITS_PER_LONG);
		bits = private ? *word | mask : *word & ~mask;

		changed += hweight_long(*word ^ bits);
		WRITE_ONCE(*word, bits);
	}
	return private ? changed : -changed;
}

/**
 * kvm_gmem_attrs_set() - change the attribute of pages
 * @attrs: attributes of the file
 * @start: first page
 * @end: last page + 1, inside the file
 * @private: the attribute
 *
 * Context: invalidate lock of the file held exclusively, and all guests that
 * could read them told so, see the top of this file.
 */
void kvm_gmem_attrs_set(struct kvm_gmem_attrs *attrs, pgoff_t start,
			pgoff_t end, bool private)
{
	pgoff_t next;

	for (; start < end; start = next) {
		u32 *pud = &attrs->puds[start >> PUD_ORDER];
		u16 *pmd = &attrs->pmds[start >> PMD_ORDER];
		long more;

		next = pmd_end(start, end);
		more = set_bits(attrs, start, next, private);
		WRITE_ONCE(*pmd, *pmd + more);
		WRITE_ONCE(*pud, *pud + more);
		WRITE_ONCE(attrs->nr_private, attrs->nr_private + more);
	}

	/*
	 * Before the sequence of the invalidation moves.  Pairs with the
	 * smp_rmb() of those who read the sequence and then the attributes.
	 */
	smp_wmb();
}
