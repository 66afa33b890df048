/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __KVM_GMEM_POOL_H__
#define __KVM_GMEM_POOL_H__

#include <linux/kvm_host.h>

struct gmem_backing;

#ifdef CONFIG_KVM_GMEM_POOL
#include <linux/gmem.h>

static inline bool kvm_slot_has_gmem_pool(const struct kvm_memory_slot *slot)
{
	return slot->flags & KVM_MEMSLOT_GMEM_POOL;
}

bool kvm_gmem_pool_supported(struct kvm *kvm);
struct gmem_backing *
kvm_gmem_pool_alloc(struct kvm *kvm, const struct kvm_create_guest_memfd *args);

static inline void kvm_gmem_pool_free(struct gmem_backing *backing)
{
	if (backing)
		gmem_backing_free(backing);
}

int kvm_gmem_pool_faultin(struct kvm *kvm, struct file *file,
			  struct kvm_memory_slot *slot, gfn_t gfn,
			  kvm_pfn_t *pfn, struct page **page, int *max_order);
void kvm_gmem_pool_widen(struct kvm *kvm, const struct kvm_gfn_range *range);
int kvm_gmem_pool_punch_hole(struct inode *inode, pgoff_t start, pgoff_t end);
void kvm_gmem_pool_release(struct inode *inode, struct kvm *kvm);
void kvm_gmem_pool_attach(struct inode *inode, struct kvm *kvm,
			  struct gmem_backing *backing);
void kvm_gmem_pool_init(const struct file_operations *fops);
void kvm_gmem_pool_exit(void);

void kvm_gmem_pool_mmap(struct file *file, struct vm_area_struct *vma);
unsigned long kvm_gmem_get_unmapped_area(struct file *file, unsigned long addr,
					 unsigned long len, unsigned long pgoff,
					 unsigned long flags);
void kvm_gmem_show_fdinfo(struct seq_file *m, struct file *file);

void kvm_gmem_pool_convert_start(struct inode *inode, pgoff_t start,
				 pgoff_t end, bool private);
void kvm_gmem_pool_convert_end(struct inode *inode, pgoff_t start, pgoff_t end,
			       bool private);
void kvm_gmem_pool_make_shared(struct inode *inode, pgoff_t start, pgoff_t end);
void kvm_gmem_pool_drop_caches(struct kvm *kvm);
void kvm_gmem_pool_try_drop_caches(struct kvm *kvm);

#else /* !CONFIG_KVM_GMEM_POOL */

static inline bool kvm_slot_has_gmem_pool(const struct kvm_memory_slot *slot)
{
	return false;
}

static inline bool kvm_gmem_pool_supported(struct kvm *kvm)
{
	return false;
}

static inline struct gmem_backing *
kvm_gmem_pool_alloc(struct kvm *kvm, const struct kvm_create_guest_memfd *args)
{
	return NULL;
}

static inline void kvm_gmem_pool_free(struct gmem_backing *backing)
{
}

static inline int kvm_gmem_pool_faultin(struct kvm *kvm, struct file *file,
					struct kvm_memory_slot *slot, gfn_t gfn,
					kvm_pfn_t *pfn, struct page **page,
					int *max_order)
{
	return -EIO;
}

static inline void kvm_gmem_pool_widen(struct kvm *kvm,
				       const struct kvm_gfn_range *range)
{
}

static inline int kvm_gmem_pool_punch_hole(struct inode *inode, pgoff_t start,
					   pgoff_t end)
{
	return -EIO;
}

static inline void kvm_gmem_pool_release(struct inode *inode, struct kvm *kvm)
{
}

static inline void kvm_gmem_pool_attach(struct inode *inode, struct kvm *kvm,
					struct gmem_backing *backing)
{
}

static inline void kvm_gmem_pool_init(const struct file_operations *fops)
{
}

static inline void kvm_gmem_pool_exit(void)
{
}

static inline void kvm_gmem_pool_mmap(struct file *file,
				      struct vm_area_struct *vma)
{
}

static inline void kvm_gmem_pool_convert_start(struct inode *inode,
					       pgoff_t start, pgoff_t end,
					       bool private)
{
}

static inline void kvm_gmem_pool_convert_end(struct inode *inode,
					     pgoff_t start, pgoff_t end,
					     bool private)
{
}

static inline void kvm_gmem_pool_make_shared(struct inode *inode,
					     pgoff_t start, pgoff_t end)
{
}

static inline void kvm_gmem_pool_drop_caches(struct kvm *kvm)
{
}

#define kvm_gmem_get_unmapped_area	NULL
#define kvm_gmem_show_fdinfo		NULL

#endif /* CONFIG_KVM_GMEM_POOL */

#if defined(CONFIG_KVM_GMEM_POOL) && defined(CONFIG_KVM_PROVE_MMU)
void kvm_gmem_check_init(struct kvm *kvm);
#else
static inline void kvm_gmem_check_init(struct kvm *kvm)
{
}
#endif

/*
 * What a guest has of a memslot like this comes from the file and is revoked
 * through the file.  A flag of the memslot says so, because the answer must not
 * change between the start and the end of an event of the hva.
 */
static inline bool
kvm_gmem_pool_ignores_hva(const struct kvm_memory_slot *slot)
{
	return kvm_slot_has_gmem_pool(slot) && kvm_memslot_is_gmem_only(slot);
}

#endif /* __KVM_GMEM_POOL_H__ */
