// SPDX-License-Identifier: GPL-2.0
/* What virt/kvm/gmem_check.c cannot do itself: walk the page tables of guests. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kvm_host.h>

#include "mmu.h"
#include "mmu_internal.h"
#include "spte.h"
#include "tdp_iter.h"
#include "tdp_mmu.h"

/**
 * kvm_arch_gmem_check() - look at all that is mapped of a memslot
 * @kvm: the VM
 * @slot: the memslot
 * @bad: is it wrong that one entry maps that many pages from a gfn on to a PFN?
 *
 * Only the TDP MMU; shadow page tables are not walked.
 *
 * Context: kvm->slots_lock held.
 * Return: the number of leaf entries for which @bad is true.
 */
unsigned long kvm_arch_gmem_check(struct kvm *kvm,
				  const struct kvm_memory_slot *slot,
				  bool (*bad)(const struct kvm_memory_slot *slot,
					      gfn_t gfn, kvm_pfn_t pfn,
					      unsigned long nr_pages))
{
	const gfn_t start = slot->base_gfn, end = start + slot->npages;
	struct kvm_mmu_page *root;
	unsigned long nr_bad = 0;
	struct tdp_iter iter;

	if (!tdp_mmu_enabled)
		return 0;

	write_lock(&kvm->mmu_lock);
	rcu_read_lock();

	list_for_each_entry(root, &kvm->arch.tdp_mmu_roots, link) {
		/* Nobody runs on those, and they need not be flushed. */
		if (root->role.invalid ||
		    kvm_mmu_page_as_id(root) != slot->as_id)
			continue;

		for_each_tdp_pte(iter, kvm, root, start, end) {
			if (is_shadow_present_pte(iter.old_spte) &&
			    is_last_spte(iter.old_spte, iter.level))
				nr_bad += bad(slot, iter.gfn,
					      spte_to_pfn(iter.old_spte),
					      KVM_PAGES_PER_HPAGE(iter.level));
		}
	}

	rcu_read_unlock();
	write_unlock(&kvm->mmu_lock);

	return nr_bad;
}
