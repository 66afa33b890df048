// SPDX-License-Identifier: GPL-2.0
/*
 * User mappings of pool memory.
 *
 * An area that maps a backing is VM_PFNMAP: its entries are special, so no
 * walker takes them for pages and nobody can get a reference.  What is in the
 * page tables is there because the owner of the file permitted it at the time
 * of the fault, and is taken away again with unmap_mapping_pages().  Both
 * happen under the invalidate lock of the file, shared here and exclusive
 * there: with no reference to fall back on, it is what keeps a fault from
 * bringing back a translation that has just been revoked.
 *
 * Faults of one process run in parallel, in different orders, and with
 * nothing but the VMA locked for reading.  So a page table entry that was
 * empty when mm asked may hold a leaf or a table by the time it is looked at.
 */
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/gmem.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmap_lock.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/rwsem.h>
#include <linux/sched/mm.h>
#include <linux/vmalloc.h>

#include "internal.h"

/**
 * gmem_vma_init() - prepare an area for raw PFNs of a backing
 * @vma: area that is being set up by the owner's ->mmap()
 *
 * The area must be shared: VM_PFNMAP with copy on write does not exist for
 * entries that are inserted by faults.  It cannot grow, and core dumps leave
 * it out.
 *
 * Context: in ->mmap(), with the mmap_lock held for writing.
 */
void gmem_vma_init(struct vm_area_struct *vma)
{
	vm_flags_set(vma, VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_vma_init, "kvm");

/**
 * vma_is_gmem() - does an area map a backing?
 * @vma: any area of user space
 *
 * Who takes PFNs out of page tables must not keep them when this is true,
 * unless an mmu notifier tells them when the PFNs are revoked.  The question
 * is about the area and not about a PFN, because what is true of the area
 * remains true for as long as it cannot go away.
 *
 * Context: any that keeps @vma and its file, usually the mmap_lock.
 * Return: true if @vma maps a guest_memfd whose memory is from a pool.
 */
bool vma_is_gmem(const struct vm_area_struct *vma)
{
	return (vma->vm_flags & VM_PFNMAP) && vma->vm_file &&
	       mapping_inaccessible(vma->vm_file->f_mapping);
}
EXPORT_SYMBOL_FOR_MODULES(vma_is_gmem, "kvm,vfio_iommu_type1,acrn,mshv_root");

/* Has this machine page table entries of @order for user space? */
static bool gmem_order_supported(unsigned int order, pgprot_t prot)
{
	switch (order) {
	case 0:
		return true;
	case PMD_ORDER:
		return IS_ENABLED(CONFIG_ARCH_SUPPORTS_PMD_PFNMAP);
	case PUD_ORDER:
		/* The only question about 1 GiB leaves that all CPUs answer. */
		return IS_ENABLED(CONFIG_ARCH_SUPPORTS_PUD_PFNMAP) &&
		       arch_vmap_pud_supported(prot);
	default:
		return false;
	}
}

/* Can one leaf map the block of @order around the fault, as to addresses? */
bool gmem_order_fits(const struct vm_fault *vmf, unsigned int order)
{
	const unsigned long start = ALIGN_DOWN(vmf->address, PAGE_SIZE << order);
	const pgoff_t mask = (1UL << order) - 1;

	if (!gmem_order_supported(order, vmf->vma->vm_page_prot))
		return false;
	if (((vmf->address >> PAGE_SHIFT) ^ vmf->pgoff) & mask)
		return false;
	return range_in_vma(vmf->vma, start, start + (PAGE_SIZE << order));
}

static vm_fault_t gmem_insert_pte(struct vm_fault *vmf, unsigned long pfn)
{
	struct vm_area_struct *vma = vmf->vma;
	pmd_t pmd;

	/*
	 * vmf_insert_pfn() takes a huge leaf, put there by another thread, for
	 * a bug or for lack of memory.  Once there is a table it stays, for
	 * page tables of this area are freed only with the VMA write-locked.
	 */
	if (pte_alloc(vma->vm_mm, vmf->pmd))
		return VM_FAULT_OOM;
	pmd = pmdp_get_lockless(vmf->pmd);
	if (!pmd_present(pmd) || pmd_leaf(pmd))
		return VM_FAULT_NOPAGE;

	return vmf_insert_pfn(vma, vmf->address, pfn);
}

/*
 * Entries are inserted with the protection of the area, which is writable in a
 * shared mapping unless somebody wants to hear of writes (soft-dirty).  Then mm
 * asks again, with the read-only leaf in place.  The leaf may be gone and even
 * replaced by a table when it is locked; the fault is then taken again.
 *
 * vmf_insert_pfn_pmd() and _pud() with write set would do the same, but warn
 * about the table.
 */
static void gmem_mkwrite_pmd(const struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long addr = vmf->address & PMD_MASK;
	spinlock_t *ptl = pmd_lock(vma->vm_mm, vmf->pmd);
	pmd_t pmd = pmdp_get(vmf->pmd);

	if (pmd_trans_huge(pmd) && !pmd_write(pmd)) {
		pmd = pmd_mkwrite(pmd_mkdirty(pmd_mkyoung(pmd)), vma);
		if (pmdp_set_access_flags(vma, addr, vmf->pmd, pmd, 1))
			update_mmu_cache_pmd(vma, addr, vmf->pmd);
	}
	spin_unlock(ptl);
}

static void gmem_mkwrite_pud(const struct vm_fault *vmf)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned long addr = vmf->address & PUD_MASK;
	spinlock_t *ptl = pud_lock(vma->vm_mm, vmf->pud);
	pud_t pud = pudp_get(vmf->pud);

	if (pud_trans_huge(pud) && !pud_write(pud)) {
		pud = pud_mkwrite(pud_mkdirty(pud_mkyoung(pud)));
		if (pudp_set_access_flags(vma, addr, vmf->pud, pud, 1))
			update_mmu_cache_pud(vma, addr, vmf->pud);
	}
	spin_unlock(ptl);
}

static vm_fault_t gmem_insert_pmd(struct vm_fault *vmf, unsigned long pfn)
{
	if (pmd_none(pmdp_get_lockless(vmf->pmd)))
		return vmf_insert_pfn_pmd(vmf, pfn, false);
	if (vmf->flags & FAULT_FLAG_WRITE)
		gmem_mkwrite_pmd(vmf);
	return VM_FAULT_NOPAGE;
}

static vm_fault_t gmem_insert_pud(struct vm_fault *vmf, unsigned long pfn)
{
	if (pud_none(pudp_get(vmf->pud)))
		return vmf_insert_pfn_pud(vmf, pfn, false);
	if (vmf->flags & FAULT_FLAG_WRITE)
		gmem_mkwrite_pud(vmf);
	return VM_FAULT_NOPAGE;
}

/**
 * gmem_vma_fault() - serve a page fault in an area that maps a backing
 * @vmf: the fault, in an area that gmem_vma_init() prepared
 * @backing: backing of the file; offsets in it are page offsets in the file
 * @order: order of the entry that mm asks for: 0, %PMD_ORDER or %PUD_ORDER
 * @max_order: order of the largest naturally aligned block of the file around
 *	@vmf->pgoff that the owner lets user space have
 *
 * Inserts one entry of exactly @order.  The owner has found that
 * @vmf->pgoff is inside the file and may be accessed.
 *
 * Context: in ->fault() or ->huge_fault(), with the invalidate lock of the
 * file held at least shared; may sleep.
 *
 * Return: %VM_FAULT_NOPAGE when there is an entry now, or the fault has to be
 * taken again; %VM_FAULT_FALLBACK when one entry of @order cannot map the
 * block; %VM_FAULT_HWPOISON when the page is poisoned; %VM_FAULT_SIGBUS when
 * it is outside the backing; %VM_FAULT_OOM without memory for page tables.
 */
vm_fault_t gmem_vma_fault(struct vm_fault *vmf,
			  const struct gmem_backing *backing,
			  unsigned int order, unsigned int max_order)
{
	struct vm_area_struct *vma = vmf->vma;
	unsigned int block_order;
	unsigned long pfn;
	int err;

	rwsem_assert_held(&vma->vm_file->f_mapping->invalidate_lock);

	if (order > max_order || !gmem_order_fits(vmf, order))
		return VM_FAULT_FALLBACK;

	err = gmem_backing_get_pfn(backing, vmf->pgoff, &pfn, &block_order);
	if (err == -EHWPOISON)
		return VM_FAULT_HWPOISON;
	if (err)
		return VM_FAULT_SIGBUS;
	if (order > block_order)
		return VM_FAULT_FALLBACK;

	pfn = ALIGN_DOWN(pfn, 1UL << order);
	switch (order) {
	case PUD_ORDER:
		return gmem_insert_pud(vmf, pfn);
	case PMD_ORDER:
		return gmem_insert_pmd(vmf, pfn);
	default:
		return gmem_insert_pte(vmf, pfn);
	}
}
EXPORT_SYMBOL_FOR_MODULES(gmem_vma_fault, "kvm");

/**
 * gmem_vma_may_split() - make an area ready to be split
 * @vma: area that gmem_vma_init() prepared
 * @addr: page aligned address inside @vma where the second part will begin
 *
 * mm splits a PMD leaf that lies across the boundary, but does not expect a
 * PUD leaf there: it would take the memory that the leaf maps for a table.  So
 * drop the leaf; accesses bring the parts back, each as large as it can be.
 *
 * Context: ->may_split(), with the mmap_lock held for writing; sleeps.
 * Return: 0, it cannot fail.
 */
int gmem_vma_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	pgd_t *pgd;
	p4d_t *p4d;
	pud_t *pud;

	if (IS_ALIGNED(addr, PUD_SIZE))
		return 0;

	/* No fault may put the leaf back before the split is done. */
	vma_start_write(vma);

	pgd = pgd_offset(vma->vm_mm, addr);
	if (!pgd_present(*pgd))
		return 0;
	p4d = p4d_offset(pgd, addr);
	if (!p4d_present(*p4d))
		return 0;
	pud = pud_offset(p4d, addr);
	split_huge_pud(vma, pud, addr);
	return 0;
}
EXPORT_SYMBOL_FOR_MODULES(gmem_vma_may_split, "kvm");

/*
 * Find an address that is congruent to the file offset modulo @size, if the
 * part of the file has at least one aligned block of @size.
 */
static unsigned long gmem_aligned_area(struct file *file, unsigned long len,
				       unsigned long pgoff, unsigned long flags,
				       unsigned long size)
{
	const u64 off = (u64)pgoff << PAGE_SHIFT;
	unsigned long addr;

	if (off + len < round_up(off, (u64)size) + size || len + size < len)
		return -ENOMEM;

	addr = mm_get_unmapped_area(file, 0, len + size, pgoff, flags);
	if (IS_ERR_VALUE(addr))
		return addr;
	return addr + ((off - addr) & (size - 1));
}

/**
 * gmem_get_unmapped_area() - choose an address that allows large entries
 * @file: file that will be mapped
 * @addr: address that the caller would like, 0 for any
 * @len: length in bytes
 * @pgoff: offset in the file in pages
 * @flags: MAP_* flags of mmap()
 *
 * Only where address and offset are congruent modulo 1 GiB (2 MiB) can a
 * block of that size be mapped by one entry.  An address that the caller asked
 * for is taken as it is when it is free.
 *
 * Context: ->get_unmapped_area(), with the mmap_lock held for writing.
 * Return: the address, or a negative errno as an unsigned long.
 */
unsigned long gmem_get_unmapped_area(struct file *file, unsigned long addr,
				     unsigned long len, unsigned long pgoff,
				     unsigned long flags)
{
	static const unsigned int orders[] = { PUD_ORDER, PMD_ORDER };
	unsigned long found;
	int i;

	if (addr || (flags & MAP_FIXED)) {
		found = mm_get_unmapped_area(file, addr, len, pgoff, flags);
		if ((flags & MAP_FIXED) || found == addr)
			return found;
	}

	for (i = 0; i < ARRAY_SIZE(orders); i++) {
		if (!gmem_order_supported(orders[i], PAGE_SHARED))
			continue;
		found = gmem_aligned_area(file, len, pgoff, flags,
					  PAGE_SIZE << orders[i]);
		if (!IS_ERR_VALUE(found))
			return found;
	}

	return mm_get_unmapped_area(file, addr, len, pgoff, flags);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_get_unmapped_area, "kvm");
