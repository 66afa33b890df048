// SPDX-License-Identifier: GPL-2.0
/*
 * What x86 has to be told when memory loses its struct pages: the firmware's
 * memory map, the direct map, and the cache mode of user mappings.
 */
#include <linux/init.h>
#include <linux/memory_hotplug.h>
#include <asm/e820/api.h>
#include <asm/memtype.h>
#include <asm/set_memory.h>

#include "internal.h"

/**
 * gmem_arch_may_take - whether memory is the machine's own DRAM
 * @start: physical address in bytes
 * @size: size in bytes
 *
 * Memory that the firmware did not report as RAM came from a device (an ACPI
 * DIMM, virtio-mem, CXL).  Its driver can take it away, and does so without
 * asking us, so it must not be in a pool without the driver's consent.
 *
 * Return: true if the memory is DRAM that was there at boot.
 */
bool gmem_arch_may_take(u64 start, u64 size)
{
	return e820__mapped_raw_any(start, start + size, E820_TYPE_RAM);
}

/**
 * gmem_arch_split_direct_map - make a range removable from the direct map
 * @start: physical address in bytes, 2 MiB aligned
 * @size: size in bytes, 2 MiB aligned
 *
 * remove_pud_table() takes a 1 GiB entry that it should remove in part for a
 * page table.  Split the entries at both borders first.  The page tables of
 * the first and the last 2 MiB lie inside the range and are freed with it.
 *
 * Context: may sleep; the range is in the direct map.
 * Return: 0 or -ENOMEM.  Entries that have been split stay so.
 */
int gmem_arch_split_direct_map(u64 start, u64 size)
{
	u64 end = start + size;
	int ret = 0;

	if (!IS_ALIGNED(start, PUD_SIZE))
		ret = set_memory_4k((unsigned long)__va(start), 1);
	if (!ret && !IS_ALIGNED(end, PUD_SIZE))
		ret = set_memory_4k((unsigned long)__va(end - PAGE_SIZE), 1);
	return ret;
}

/**
 * gmem_arch_remove_direct_map - remove memory without struct pages from the
 *				 direct map
 * @start: physical address in bytes
 * @size: size in bytes
 *
 * Only for memory that memory hotplug does not know (boot reservations);
 * elsewhere arch_remove_memory() does it.
 *
 * Context: may sleep; after gmem_arch_split_direct_map() of the same range.
 */
void __ref gmem_arch_remove_direct_map(u64 start, u64 size)
{
	kernel_physical_mapping_remove(start, start + size);
}

/**
 * gmem_arch_hide_boot_memory - keep memory out of the resource tree as RAM
 * @start: physical address in bytes
 * @size: size in bytes
 *
 * The firmware's table is left alone: the next kernel, and KVM, must know that
 * this is RAM.  A crash kernel gets the changed table, so that a dump leaves
 * guest memory out.
 *
 * Context: boot, before e820__reserve_resources().
 */
void __init gmem_arch_hide_boot_memory(u64 start, u64 size)
{
	e820__range_update(start, size, E820_TYPE_RAM, E820_TYPE_RESERVED);
	e820__update_table(e820_table);
}

/**
 * gmem_arch_set_cache_mode - let user space map a range as write-back
 * @start: physical address in bytes
 * @size: size in bytes
 *
 * PAT maps PFNs that are not System RAM and that nobody reserved as UC-.
 *
 * Context: may sleep; the range must not be System RAM in the resource tree.
 * Return: 0, -EBUSY if somebody uses another mode, or -ENOMEM.
 */
int gmem_arch_set_cache_mode(u64 start, u64 size)
{
	enum page_cache_mode mode;
	int ret;

	ret = memtype_reserve(start, start + size, _PAGE_CACHE_MODE_WB, &mode);
	if (ret)
		return ret;
	if (mode != _PAGE_CACHE_MODE_WB) {
		memtype_free(start, start + size);
		return -EBUSY;
	}
	return 0;
}

/**
 * gmem_arch_clear_cache_mode - undo gmem_arch_set_cache_mode()
 * @start: physical address in bytes, as reserved
 * @size: size in bytes, as reserved
 *
 * Context: may sleep; before the range becomes System RAM.
 */
void gmem_arch_clear_cache_mode(u64 start, u64 size)
{
	memtype_free(start, start + size);
}
