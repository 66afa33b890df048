// SPDX-License-Identifier: GPL-2.0
/* Looks at what user space has mapped of a backing, for debugging. */
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/gmem.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/pagewalk.h>
#include <linux/pgtable.h>

static void check_leaf(struct mm_walk *walk, unsigned long addr,
		       unsigned long next, unsigned long pfn)
{
	struct gmem_vma_check *check = walk->private;

	check->nr_bad += check->bad(check->data,
				    linear_page_index(walk->vma, addr), pfn,
				    (next - addr) >> PAGE_SHIFT);
}

static int check_pud(pud_t *pudp, unsigned long addr, unsigned long next,
		     struct mm_walk *walk)
{
	struct gmem_vma_check *check = walk->private;
	pud_t pud = pudp_get(pudp);

	if (pud_present(pud) && pud_leaf(pud)) {
		check->nr_puds++;
		check_leaf(walk, addr, next, pud_pfn(pud) +
			   ((addr & ~PUD_MASK) >> PAGE_SHIFT));
		walk->action = ACTION_CONTINUE;
	}
	return 0;
}

static int check_pmd(pmd_t *pmdp, unsigned long addr, unsigned long next,
		     struct mm_walk *walk)
{
	struct gmem_vma_check *check = walk->private;
	pmd_t pmd = pmdp_get_lockless(pmdp);

	if (pmd_present(pmd) && pmd_leaf(pmd)) {
		check->nr_pmds++;
		check_leaf(walk, addr, next, pmd_pfn(pmd) +
			   ((addr & ~PMD_MASK) >> PAGE_SHIFT));
		walk->action = ACTION_CONTINUE;
	}
	return 0;
}

static int check_pte(pte_t *ptep, unsigned long addr, unsigned long next,
		     struct mm_walk *walk)
{
	struct gmem_vma_check *check = walk->private;
	pte_t pte = ptep_get(ptep);

	if (pte_present(pte)) {
		check->nr_ptes++;
		check_leaf(walk, addr, next, pte_pfn(pte));
	}
	return 0;
}

/* Areas of raw PFNs are skipped otherwise. */
static int check_area(unsigned long addr, unsigned long next,
		      struct mm_walk *walk)
{
	return 0;
}

static const struct mm_walk_ops check_ops = {
	.pud_entry	= check_pud,
	.pmd_entry	= check_pmd,
	.pte_entry	= check_pte,
	.test_walk	= check_area,
};

/**
 * gmem_vma_check() - look at all entries that map a part of a file
 * @check: what to ask about each leaf entry, and the sums, which are added to
 * @mapping: the mapping of the file
 * @pgoff: first page
 * @nr_pages: number of pages
 *
 * Of an entry that is only partly inside an area, or of the part of the file,
 * that part is looked at.
 *
 * Context: invalidate lock of the file held exclusively; may sleep.
 */
void gmem_vma_check(struct gmem_vma_check *check, struct address_space *mapping,
		    pgoff_t pgoff, unsigned long nr_pages)
{
	rwsem_assert_held_write(&mapping->invalidate_lock);

	i_mmap_lock_read(mapping);
	walk_page_mapping(mapping, pgoff, nr_pages, &check_ops, check);
	i_mmap_unlock_read(mapping);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_vma_check, "kvm");
