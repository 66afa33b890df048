// SPDX-License-Identifier: GPL-2.0
/*
 * KVM's own access to guest memory from a pool, where it wants a kernel mapping.
 *
 * kvm_vcpu_map() pins pages, for their mapping is used without the protection of
 * MMU notifiers.  Memory from a pool cannot be pinned: it may be revoked at any
 * time, and no mapping of it may be left then.  Mappings that are used and gone
 * within a function are emulated with a copy of the page, which is written back.
 * KVM maps like this what belongs to one vCPU while it is in KVM (VMCBs, save
 * areas), so nobody else changes the page meanwhile.  Mappings that are kept,
 * or given to the CPU, fail as ever.
 *
 * What KVM caches in a struct gfn_to_pfn_cache (kvm-clock, pages shared with Xen
 * guests) is invalidated by MMU notifiers when it is unmapped from user space, and
 * not used any more.  The kernel mapping remains until the cache is refreshed,
 * and must be dropped where the memory becomes private, or is lost.
 *
 * When the last thread of the process exits there are no notifiers any more by the
 * time its memory is unmapped, and its files are closed later still, while others
 * may have the VM and what triggers its interrupts.  Caches of a VM without user
 * memory therefore count as invalid.
 */
#include <linux/gfp.h>
#include <linux/gmem.h>
#include <linux/io.h>
#include <linux/kvm_host.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/vmalloc.h>

#include "gmem_pool.h"

static bool is_pool_memory(unsigned long hva)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	bool ret;

	mmap_read_lock(mm);
	vma = vma_lookup(mm, hva);
	ret = vma && vma_is_gmem(vma);
	mmap_read_unlock(mm);

	return ret;
}

/**
 * kvm_gmem_pool_map_copy() - map a copy of a page that cannot be mapped itself
 * @vcpu: the vCPU
 * @map: what kvm_vcpu_map() was asked for and could not do
 *
 * To be undone with kvm_vcpu_unmap(), which writes the copy back if @map is
 * writable.
 *
 * Context: kvm->srcu held; may sleep.
 * Return: 0; -EINVAL if the memory is not from a pool; -EFAULT if it cannot be
 * read, or -ENOMEM.
 */
int kvm_gmem_pool_map_copy(struct kvm_vcpu *vcpu, struct kvm_host_map *map)
{
	unsigned long hva = kvm_vcpu_gfn_to_hva_prot(vcpu, map->gfn, NULL);
	void *copy;

	if (kvm_is_error_hva(hva) || !is_pool_memory(hva))
		return -EINVAL;

	copy = (void *)__get_free_page(GFP_KERNEL_ACCOUNT);
	if (!copy)
		return -ENOMEM;

	if (kvm_vcpu_read_guest_page(vcpu, map->gfn, copy, 0, PAGE_SIZE)) {
		free_page((unsigned long)copy);
		return -EFAULT;
	}

	map->hva = copy;
	map->copied = true;
	return 0;
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(kvm_gmem_pool_map_copy);

/**
 * kvm_gmem_pool_unmap_copy() - write a copy back and free it
 * @vcpu: the vCPU
 * @map: mapping that kvm_gmem_pool_map_copy() made
 *
 * If the memory has been revoked the guest does not get what was written, as if
 * that had been before.
 *
 * Context: kvm->srcu held; may sleep.
 */
void kvm_gmem_pool_unmap_copy(struct kvm_vcpu *vcpu, struct kvm_host_map *map)
{
	if (map->writable)
		kvm_vcpu_write_guest_page(vcpu, map->gfn, map->hva, 0, PAGE_SIZE);

	free_page((unsigned long)map->hva);
	map->hva = NULL;
	map->copied = false;
}

/* Does a cache map memory from a pool without being valid? */
static bool is_stale(const struct gfn_to_pfn_cache *gpc)
{
	bool valid = gpc->valid && atomic_read(&gpc->kvm->mm->mm_users);

	return !valid && gpc->khva && !is_error_noslot_pfn(gpc->pfn) &&
	       gmem_pfn_in_pool(gpc->pfn);
}

/* With @trylock, one that nobody refreshes, with its lock held. */
static struct gfn_to_pfn_cache *find_stale(struct kvm *kvm, bool trylock)
{
	struct gfn_to_pfn_cache *gpc, *found = NULL;

	spin_lock(&kvm->gpc_lock);
	list_for_each_entry(gpc, &kvm->gpc_list, list) {
		read_lock_irq(&gpc->lock);
		if (is_stale(gpc))
			found = gpc;
		read_unlock_irq(&gpc->lock);
		if (found && trylock && !mutex_trylock(&gpc->refresh_lock))
			found = NULL;
		if (found)
			break;
	}
	spin_unlock(&kvm->gpc_lock);

	return found;
}

/* Returns the mapping, that nobody uses any more, if there is one. */
static void *take_mapping(struct gfn_to_pfn_cache *gpc)
{
	void *khva = NULL;

	write_lock_irq(&gpc->lock);
	if (is_stale(gpc)) {
		khva = (void *)PAGE_ALIGN_DOWN((unsigned long)gpc->khva);
		gpc->valid = false;
		gpc->khva = NULL;
		gpc->pfn = KVM_PFN_ERR_FAULT;
	}
	write_unlock_irq(&gpc->lock);

	return khva;
}

/* Returns whether something was unmapped; refresh_lock is held, and released. */
static bool unmap_and_unlock(struct gfn_to_pfn_cache *gpc)
{
	void *khva = take_mapping(gpc);

	if (khva)
		memunmap(khva);
	mutex_unlock(&gpc->refresh_lock);

	return khva;
}

/**
 * kvm_gmem_pool_drop_caches() - unmap what KVM has cached and may not use
 * @kvm: the VM; a file of it keeps it and all of its vCPUs
 *
 * Unmaps, and flushes from the TLBs, all caches of memory from pools that have
 * been invalidated.
 *
 * Context: may sleep.  Not with the invalidate lock of a file held, which a cache
 * that is being refreshed waits for with its own lock held.
 */
void kvm_gmem_pool_drop_caches(struct kvm *kvm)
{
	struct gfn_to_pfn_cache *gpc;
	bool dropped = false;

	while ((gpc = find_stale(kvm, false))) {
		mutex_lock(&gpc->refresh_lock);
		dropped |= unmap_and_unlock(gpc);
	}

	/* memunmap() leaves the TLBs for later. */
	if (dropped)
		vm_unmap_aliases();
}

/**
 * kvm_gmem_pool_try_drop_caches() - the same with the invalidate lock held
 * @kvm: the VM; a file of it keeps it and all of its vCPUs
 *
 * A cache that is being refreshed is left to whoever does that: the old mapping
 * goes when it is done.
 *
 * Context: may sleep.
 */
void kvm_gmem_pool_try_drop_caches(struct kvm *kvm)
{
	struct gfn_to_pfn_cache *gpc;
	bool dropped = false;

	while ((gpc = find_stale(kvm, true)))
		dropped |= unmap_and_unlock(gpc);

	if (dropped)
		vm_unmap_aliases();
}
