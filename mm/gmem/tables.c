// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables of user space that stand in the way of larger entries.
 *
 * Where a part of a block of 1 GiB or 2 MiB may not be accessed, the rest is
 * mapped by smaller entries, in a page table.  When all of the block may be
 * accessed again, unmapping it empties the table, but mm has no reason to free
 * it, and puts no large entry where a table is.
 *
 * So the first fault in such a block drops the table.  A table may go when nobody
 * walks it: not faults of the process, which mmap_lock and the lock of the VMA,
 * both for writing, keep out; not those who unmap the file, who hold i_mmap_rwsem;
 * and not walkers with interrupts off, as tables are freed after they are done.
 * None of these can be had while ->fault() holds its locks, so they are released
 * and the fault is taken again.
 */
#include <linux/fs.h>
#include <linux/gmem.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/rwsem.h>
#include <asm/tlb.h>

#include "internal.h"

/* Where leaves of @order would be, is there a table? */
static bool is_table(pud_t *pudp, unsigned long addr, unsigned int order)
{
	pud_t pud = pudp_get(pudp);
	pmd_t pmd;

	if (!pud_present(pud) || pud_leaf(pud))
		return false;
	if (order == PUD_ORDER)
		return true;

	pmd = pmdp_get_lockless(pmd_offset(pudp, addr));
	return pmd_present(pmd) && !pmd_leaf(pmd);
}

/**
 * gmem_vma_larger_order() - could an entry be larger without a page table?
 * @vmf: the fault, in an area that gmem_vma_init() prepared
 * @backing: backing of the file
 * @order: order of the entry that mm asks for
 * @max_order: order of the largest naturally aligned block of the file around
 *	@vmf->pgoff that the owner lets user space have
 *
 * Context: in ->fault() or ->huge_fault(), with the invalidate lock of the
 * file held at least shared.
 *
 * Return: the order that gmem_vma_drop_tables() makes possible; 0 if @order is
 * as good as it gets, or if the fault must be served without another try.
 */
unsigned int gmem_vma_larger_order(const struct vm_fault *vmf,
				   const struct gmem_backing *backing,
				   unsigned int order, unsigned int max_order)
{
	static const unsigned int orders[] = { PUD_ORDER, PMD_ORDER };
	struct vm_area_struct *vma = vmf->vma;
	unsigned int block_order;
	unsigned long pfn;
	int i;

	rwsem_assert_held(&vma->vm_file->f_mapping->invalidate_lock);

	if (!fault_flag_allow_retry_first(vmf->flags) ||
	    (vmf->flags & FAULT_FLAG_RETRY_NOWAIT))
		return 0;
	if (gmem_backing_get_pfn(backing, vmf->pgoff, &pfn, &block_order))
		return 0;

	for (i = 0; i < ARRAY_SIZE(orders) && orders[i] > order; i++) {
		if (orders[i] > max_order || orders[i] > block_order ||
		    !gmem_order_fits(vmf, orders[i]))
			continue;
		/* mm would not ask for it. */
		if (!thp_vma_allowable_order(vma, vma->vm_flags, TVA_PAGEFAULT,
					     orders[i]))
			continue;
		if (is_table(vmf->pud, vmf->address, orders[i]))
			return orders[i];
	}
	return 0;
}
EXPORT_SYMBOL_FOR_MODULES(gmem_vma_larger_order, "kvm");

static pud_t *find_pud(struct mm_struct *mm, unsigned long addr)
{
	pgd_t *pgd = pgd_offset(mm, addr);
	p4d_t *p4d;

	if (!pgd_present(*pgd))
		return NULL;
	p4d = p4d_offset(pgd, addr);
	if (!p4d_present(*p4d))
		return NULL;
	return pud_offset(p4d, addr);
}

/* mmap_lock is held for writing. */
static void drop_tables(struct vm_area_struct *vma, unsigned long start,
			unsigned int order)
{
	struct address_space *mapping = vma->vm_file->f_mapping;
	const unsigned long size = PAGE_SIZE << order;
	struct mmu_gather tlb;
	pud_t *pud;

	vma_start_write(vma);

	pud = find_pud(vma->vm_mm, start);
	if (!pud || !is_table(pud, start, order))
		return;

	zap_vma_range(vma, start, size);

	i_mmap_lock_write(mapping);
	tlb_gather_mmu(&tlb, vma->vm_mm);
	free_pgd_range(&tlb, start, start + size, start, start + size);
	tlb_finish_mmu(&tlb);
	i_mmap_unlock_write(mapping);
}

/**
 * gmem_vma_drop_tables() - make room for a large entry
 * @vmf: the fault
 * @order: what gmem_vma_larger_order() returned for it
 *
 * Unmaps the block of @order around the fault, with the page table that maps it.
 * What else is mapped by the time that all locks are had is not known to be the
 * same block, but it is a block of some backing, so accesses bring it back.
 *
 * Context: in ->fault() or ->huge_fault(), of which it is the end: it releases the
 * lock of the VMA or the mmap_lock.  The invalidate lock of the file must not be
 * held.  May sleep.
 *
 * Return: %VM_FAULT_RETRY.
 */
vm_fault_t gmem_vma_drop_tables(struct vm_fault *vmf, unsigned int order)
{
	const unsigned long size = PAGE_SIZE << order;
	const unsigned long start = ALIGN_DOWN(vmf->address, size);
	struct mm_struct *mm = vmf->vma->vm_mm;
	struct vm_area_struct *vma;

	release_fault_lock(vmf);

	if (mmap_write_lock_killable(mm))
		return VM_FAULT_RETRY;

	vma = vma_lookup(mm, start);
	if (vma && vma_is_gmem(vma) && range_in_vma(vma, start, start + size))
		drop_tables(vma, start, order);

	mmap_write_unlock(mm);
	return VM_FAULT_RETRY;
}
EXPORT_SYMBOL_FOR_MODULES(gmem_vma_drop_tables, "kvm");
