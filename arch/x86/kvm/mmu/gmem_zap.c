// SPDX-License-Identifier: GPL-2.0
/*
 * Which page tables of the TDP MMU are zapped as one, when memory of a guest_memfd
 * from a pool is revoked, and not entry by entry.
 *
 * Where a block of 2 MiB or 1 GiB gets one attribute by a conversion, all of it
 * is zapped so that the next fault maps it by one entry.  If the page table that
 * mapped it by small entries remained, the zapping would visit each of its
 * entries, and the fault would visit them again to take the table down.  It is
 * cheaper to zap the entry above it, and most of all where little of the block
 * was mapped.
 *
 * It is done with mmu_lock held for writing, as revocations hold it.  Who walks
 * page tables without that lock has the RCU read lock, and the table is freed
 * after a grace period.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kvm_host.h>

#include "gmem_zap.h"
#include "mmu_internal.h"
#include "spte.h"
#include "tdp_iter.h"

/*
 * Zapping a table takes all below it with it, and cannot yield meanwhile.  This
 * many tables of 4 KiB entries below a table of 2 MiB entries are not too many:
 * 8192 entries that take 170 instructions each.  Where there are more they are
 * zapped one by one, and the fault takes the upper table down.
 */
#define MAX_CHILDREN	16

/**
 * kvm_gmem_zaps_tables() - may page tables be zapped as one?
 * @slot: memslot of which a part is revoked
 * @root: root of the page tables
 *
 * Only for memory from pools: other memory is mapped by small entries again.
 * What mirrors the tables of TDX is changed entry by entry.
 *
 * Context: any that keeps @slot and @root.
 * Return: true if kvm_gmem_can_zap_table() is to be asked about each table.
 */
bool kvm_gmem_zaps_tables(const struct kvm_memory_slot *slot,
			  const struct kvm_mmu_page *root)
{
	return slot->flags & KVM_MEMSLOT_GMEM_POOL && !is_mirror_sp(root);
}

static bool has_child(tdp_ptep_t sptep, int level)
{
	const u64 spte = kvm_tdp_mmu_read_spte(sptep);

	return is_shadow_present_pte(spte) && !is_last_spte(spte, level);
}

/**
 * kvm_gmem_can_zap_table() - may this page table be zapped as one?
 * @iter: at the present entry that points to the table
 * @start: first gfn that is revoked
 * @end: last gfn that is revoked + 1
 *
 * Context: mmu_lock held for writing, RCU read lock held.
 * Return: true if nothing but [@start, @end) is mapped by the table, and it is
 * not too much to do at once.
 */
bool kvm_gmem_can_zap_table(const struct tdp_iter *iter, gfn_t start, gfn_t end)
{
	tdp_ptep_t table = spte_to_child_pt(iter->old_spte, iter->level);
	int i, nr = 0;

	if (iter->level > PG_LEVEL_1G || iter->gfn < start ||
	    iter->gfn + KVM_PAGES_PER_HPAGE(iter->level) > end)
		return false;

	if (iter->level == PG_LEVEL_2M)
		return true;

	for (i = 0; i < SPTE_ENT_PER_PAGE && nr <= MAX_CHILDREN; i++)
		nr += has_child(table + i, iter->level - 1);

	return nr <= MAX_CHILDREN;
}
