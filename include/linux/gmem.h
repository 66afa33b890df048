/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pools of memory without struct pages, and the backings that are allocated
 * from them.  The design is in Documentation/mm/gmem.rst.
 *
 * The users of this interface are owners of memory (guest_memfd).  An owner
 * allocates a backing, hands out its PFNs through page tables that it can
 * revoke, revokes them all, and frees the backing.
 */
#ifndef _LINUX_GMEM_H
#define _LINUX_GMEM_H

#include <linux/mm_types.h>
#include <linux/types.h>

struct address_space;
struct file;
struct gmem_backing;
struct gmem_pool;
struct seq_file;
struct vm_area_struct;
struct vm_fault;

#ifdef CONFIG_GMEM

/* Boot: mm/gmem/boot.c, called once from setup_arch(). */
void gmem_reserve_boot(void);

/* Pools: mm/gmem/pool.c, mm/gmem/device.c */
struct gmem_pool *gmem_pool_get_by_fd(int fd);
struct gmem_pool *gmem_pool_get_by_name(const char *name);
void gmem_pool_put(struct gmem_pool *pool);
bool gmem_pfn_in_pool(unsigned long pfn);

/* Backings: mm/gmem/backing.c */
struct gmem_backing *gmem_backing_alloc(struct gmem_pool *pool,
					unsigned long nr_pages);
void gmem_backing_free(struct gmem_backing *backing);
int gmem_backing_get_pfn(const struct gmem_backing *backing, pgoff_t pgoff,
			 unsigned long *pfn, unsigned int *order);
void gmem_backing_zero(struct gmem_backing *backing, pgoff_t pgoff,
		       unsigned long nr_pages);
void gmem_backing_show_fdinfo(struct seq_file *m,
			      const struct gmem_backing *backing);

/* User mappings: mm/gmem/vma.c, mm/gmem/tables.c */
void gmem_vma_init(struct vm_area_struct *vma);
vm_fault_t gmem_vma_fault(struct vm_fault *vmf,
			  const struct gmem_backing *backing,
			  unsigned int order, unsigned int max_order);
unsigned int gmem_vma_larger_order(const struct vm_fault *vmf,
				   const struct gmem_backing *backing,
				   unsigned int order, unsigned int max_order);
vm_fault_t gmem_vma_drop_tables(struct vm_fault *vmf, unsigned int order);
int gmem_vma_may_split(struct vm_area_struct *vma, unsigned long addr);
unsigned long gmem_get_unmapped_area(struct file *file, unsigned long addr,
				     unsigned long len, unsigned long pgoff,
				     unsigned long flags);
bool vma_is_gmem(const struct vm_area_struct *vma);

/* Debugging: mm/gmem/check.c */

/**
 * struct gmem_vma_check - a look at the page tables of user space
 * @bad: is it wrong that one entry maps that many pages of the file from @pgoff
 *	on to a PFN?
 * @data: passed to @bad
 * @nr_bad: number of entries for which @bad was true
 * @nr_ptes: number of entries in page tables
 * @nr_pmds: number of leaf entries in PMD tables
 * @nr_puds: number of leaf entries in PUD tables
 */
struct gmem_vma_check {
	bool (*bad)(void *data, pgoff_t pgoff, unsigned long pfn,
		    unsigned long nr_pages);
	void *data;
	unsigned long nr_bad;
	unsigned long nr_ptes;
	unsigned long nr_pmds;
	unsigned long nr_puds;
};

void gmem_vma_check(struct gmem_vma_check *check, struct address_space *mapping,
		    pgoff_t pgoff, unsigned long nr_pages);

#else /* !CONFIG_GMEM */

static inline void gmem_reserve_boot(void) { }

static inline bool gmem_pfn_in_pool(unsigned long pfn)
{
	return false;
}

static inline bool vma_is_gmem(const struct vm_area_struct *vma)
{
	return false;
}

#endif /* CONFIG_GMEM */

#endif /* _LINUX_GMEM_H */
