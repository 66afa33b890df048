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
 */
#include <linux/gfp.h>
#include <linux/gmem.h>
#include <linux/kvm_host.h>
#include <linux/mm.h>
#include <linux/mmap_lock.h>

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
