/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __KVM_X86_MMU_GMEM_ZAP_H
#define __KVM_X86_MMU_GMEM_ZAP_H

#include <linux/kvm_host.h>

#include "mmu_internal.h"
#include "tdp_iter.h"

#ifdef CONFIG_KVM_GMEM_POOL
bool kvm_gmem_zaps_tables(const struct kvm_memory_slot *slot,
			  const struct kvm_mmu_page *root);
bool kvm_gmem_can_zap_table(const struct tdp_iter *iter, gfn_t start, gfn_t end);
#else
static inline bool kvm_gmem_zaps_tables(const struct kvm_memory_slot *slot,
					const struct kvm_mmu_page *root)
{
	return false;
}

static inline bool kvm_gmem_can_zap_table(const struct tdp_iter *iter,
					  gfn_t start, gfn_t end)
{
	return false;
}
#endif

#endif /* __KVM_X86_MMU_GMEM_ZAP_H */
