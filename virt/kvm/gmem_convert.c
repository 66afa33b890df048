// SPDX-License-Identifier: GPL-2.0
/*
 * Conversion of guest_memfd memory between private and shared, in place.
 *
 * With the module parameter gmem_in_place_conversion, the attribute of a page
 * belongs to the file and no longer to a gfn of the VM, and memslots take both
 * private and shared memory from the file.  gmem_attrs.c says who may read
 * attributes, and how.
 *
 * A conversion takes the invalidate lock of the file exclusively, which keeps
 * page faults of user space, PUNCH_HOLE, changes of memslots and other
 * conversions out; and then, for each part of the range that changes:
 *
 * - unmaps it from user space, if it becomes private;
 * - takes it from devices, see mm/gmem/mapper.c;
 * - zaps it in the page tables of guests and says so to those who are about to
 *   map it, with kvm_gmem_invalidate_start();
 * - changes the attributes;
 * - lets guests go on, with kvm_gmem_invalidate_end();
 * - lets devices have it, if it has become shared.
 *
 * With memory from a pool that is all.  Nothing in it allocates or fails, and
 * there are no references to wait for: who has a translation has it in a page
 * table that was just cleared.  (IOMMUs may need page tables to map again what has
 * become shared; without memory for them devices do not reach it, and that is not
 * an error of the conversion.)  Memory from the page allocator can be referenced
 * by others, and does not become private while it is.
 *
 * Large entries in page tables come back: where a block of 2 MiB or 1 GiB gets
 * one attribute by a conversion, all of the block is zapped, page tables included.
 * The next access to any page of it faults, and is served with an entry for the
 * block.  An entry that maps more than what changes is zapped as well, and not cut
 * into smaller ones first: Documentation/virt/kvm/gmem-pool.rst has the figures.
 */
#include <linux/folio_batch.h>
#include <linux/fs.h>
#include <linux/kvm_host.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/overflow.h>
#include <linux/pagemap.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/uaccess.h>

#include "gmem_convert.h"
#include "gmem_pool.h"

bool __read_mostly gmem_in_place_conversion;
EXPORT_SYMBOL_FOR_KVM_INTERNAL(gmem_in_place_conversion);
module_param(gmem_in_place_conversion, bool, 0444);
MODULE_PARM_DESC(gmem_in_place_conversion,
		 "private and shared memory of guest_memfds are converted in place");

/**
 * kvm_gmem_supported_attributes() - what can be set in guest_memfds?
 * @kvm: the VM, or NULL to ask about any VM
 *
 * Context: any.
 * Return: mask of KVM_MEMORY_ATTRIBUTE_*.
 */
u64 kvm_gmem_supported_attributes(struct kvm *kvm)
{
	if (!gmem_in_place_conversion)
		return 0;

	if (kvm ? kvm_arch_has_private_mem(kvm) :
		  IS_ENABLED(CONFIG_KVM_GENERIC_MEMORY_ATTRIBUTES))
		return KVM_MEMORY_ATTRIBUTE_PRIVATE;

	return 0;
}

/**
 * kvm_gmem_init_attrs() - allocate what tracks the attributes of a new file
 * @kvm: the VM that the file will belong to
 * @args: what user space asked for; flags and size are known to be valid
 * @attrs: returns the attributes, to be freed with kvm_gmem_attrs_free(); NULL
 *	if the file has none, since all of its memory remains as it is
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int kvm_gmem_init_attrs(struct kvm *kvm, struct kvm_create_guest_memfd *args,
			struct kvm_gmem_attrs **attrs)
{
	const bool private = !(args->flags & GUEST_MEMFD_FLAG_INIT_SHARED);

	*attrs = NULL;
	if (!kvm_gmem_supported_attributes(kvm))
		return 0;

	*attrs = kvm_gmem_attrs_alloc(args->size >> PAGE_SHIFT, private);
	return *attrs ? 0 : -ENOMEM;
}

/**
 * kvm_gmem_slot_is_private() - is a page of a memslot private?
 * @slot: the memslot, or NULL
 * @gfn: the page, inside of @slot
 *
 * Only with gmem_in_place_conversion.  Memory that is not from a guest_memfd is
 * shared, and so is what is left when the file has been closed: nothing.
 *
 * Context: any that keeps @slot; see gmem_attrs.c for what the answer is worth.
 * Return: true if it is private.
 */
bool kvm_gmem_slot_is_private(const struct kvm_memory_slot *slot, gfn_t gfn)
{
	const struct kvm_gmem_attrs *attrs;

	if (!kvm_slot_has_gmem(slot))
		return false;

	/* The inode frees them, after a grace period. */
	guard(rcu)();
	attrs = READ_ONCE(slot->gmem.attrs);
	return attrs && kvm_gmem_attrs_private(attrs, slot->gmem.pgoff +
						      (gfn - slot->base_gfn));
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(kvm_gmem_slot_is_private);

/**
 * kvm_gmem_gfn_is_private() - is a page of a VM private?
 * @kvm: the VM
 * @gfn: the page
 *
 * Only with gmem_in_place_conversion.
 *
 * Context: kvm->srcu or kvm->slots_lock held; see gmem_attrs.c for what the answer
 * is worth.
 * Return: true if it is private.
 */
bool kvm_gmem_gfn_is_private(struct kvm *kvm, gfn_t gfn)
{
	return kvm_gmem_slot_is_private(gfn_to_memslot(kvm, gfn), gfn);
}
EXPORT_SYMBOL_FOR_KVM_INTERNAL(kvm_gmem_gfn_is_private);

/* Is there a reference other than that of the page cache, and that of @batch? */
static bool folio_in_use(struct folio *folio)
{
	return folio_ref_count(folio) != folio_nr_pages(folio) + 1;
}

/*
 * The first page in [start, end) that somebody uses, else @end.  For memory from
 * the page allocator that has been unmapped.
 */
static pgoff_t find_in_use(struct inode *inode, pgoff_t start, pgoff_t end)
{
	bool drained = false;
	struct folio_batch batch;
	pgoff_t index = start;
	unsigned int i;

	folio_batch_init(&batch);
	while (filemap_get_folios(inode->i_mapping, &index, end - 1, &batch)) {
		for (i = 0; i < folio_batch_count(&batch); i++) {
			struct folio *folio = batch.folios[i];

			/* New folios are in per-CPU lists for a while. */
			if (folio_in_use(folio) && !drained) {
				lru_add_drain_all();
				drained = true;
			}
			if (folio_in_use(folio)) {
				end = max(start, folio->index);
				folio_batch_release(&batch);
				return end;
			}
		}
		folio_batch_release(&batch);
		cond_resched();
	}
	return end;
}

#ifdef CONFIG_HAVE_KVM_ARCH_GMEM_CONVERT
static void make_folios_shared(struct inode *inode, pgoff_t start, pgoff_t end)
{
	struct folio_batch batch;
	pgoff_t index = start;
	unsigned int i;

	folio_batch_init(&batch);
	while (filemap_get_folios(inode->i_mapping, &index, end - 1, &batch)) {
		for (i = 0; i < folio_batch_count(&batch); i++) {
			struct folio *folio = batch.folios[i];
			pgoff_t first = max(start, folio->index);
			pgoff_t last = min(end, folio_next_index(folio));

			kvm_arch_gmem_make_shared(folio_pfn(folio) + first -
						  folio->index, last - first);
		}
		folio_batch_release(&batch);
		cond_resched();
	}
}

/* Take memory back from a guest that has no access to it any more. */
static void make_shared(struct inode *inode, pgoff_t start, pgoff_t end)
{
	if (GMEM_I(inode)->backing)
		kvm_gmem_pool_make_shared(inode, start, end);
	else
		make_folios_shared(inode, start, end);
}
#else
static void make_shared(struct inode *inode, pgoff_t start, pgoff_t end)
{
}
#endif

/* Convert a part of a file of which all changes, but for small gaps. */
static void convert_part(struct inode *inode, pgoff_t start, pgoff_t end,
			 bool private)
{
	enum kvm_gfn_range_filter filter = private ? KVM_FILTER_SHARED :
						     KVM_FILTER_PRIVATE;
	struct kvm_gmem_attrs *attrs = GMEM_I(inode)->attrs;
	struct address_space *mapping = inode->i_mapping;
	pgoff_t first = start, last = end;

	/* Folios are mapped page by page, as ever. */
	if (GMEM_I(inode)->backing)
		kvm_gmem_attrs_grow(attrs, &first, &last, private);
	if (first < start || last > end)
		filter = KVM_FILTER_PRIVATE | KVM_FILTER_SHARED;

	/* User space has what is shared, now or then. */
	if (private)
		unmap_mapping_pages(mapping, start, end - start, false);
	else if (first < start || last > end)
		unmap_mapping_pages(mapping, first, last - first, false);

	kvm_gmem_pool_convert_start(inode, start, end, private);
	kvm_gmem_invalidate_start(inode, first, last, filter);

	if (!private)
		make_shared(inode, start, end);
	kvm_gmem_attrs_set(attrs, start, end, private);

	kvm_gmem_invalidate_end(inode, first, last);
	kvm_gmem_pool_convert_end(inode, start, end, private);
}

/* On -EAGAIN, @busy is the first page that is in use. */
static int convert(struct inode *inode, pgoff_t start, pgoff_t end, bool private,
		   pgoff_t *busy)
{
	struct kvm_gmem_attrs *attrs = GMEM_I(inode)->attrs;
	pgoff_t first = start, last = end;
	int r = 0;

	filemap_invalidate_lock(inode->i_mapping);

	if (!kvm_gmem_attrs_next_change(attrs, &first, &last, private))
		goto out;

	/* All or nothing: the only thing that can fail comes first. */
	if (private && !GMEM_I(inode)->backing) {
		unmap_mapping_pages(inode->i_mapping, first, end - first, false);
		*busy = find_in_use(inode, first, end);
		if (*busy != end) {
			r = -EAGAIN;
			goto out;
		}
	}

	do {
		convert_part(inode, first, last, private);
		cond_resched();
		first = last;
		last = end;
	} while (kvm_gmem_attrs_next_change(attrs, &first, &last, private));

out:
	filemap_invalidate_unlock(inode->i_mapping);

	return r;
}

static bool valid_args(const struct kvm_memory_attributes2 *args,
		       struct inode *inode)
{
	u64 end;

	if (args->flags || memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return false;

	if (args->attributes & ~KVM_MEMORY_ATTRIBUTE_PRIVATE)
		return false;

	if (!args->size || !PAGE_ALIGNED(args->offset) ||
	    !PAGE_ALIGNED(args->size))
		return false;

	return !check_add_overflow(args->offset, args->size, &end) &&
	       end <= i_size_read(inode);
}

static long set_attributes(struct file *file,
			   struct kvm_memory_attributes2 __user *user)
{
	struct inode *inode = file_inode(file);
	struct gmem_file *f = file->private_data;
	struct kvm_memory_attributes2 args;
	pgoff_t start, end, busy = 0;
	bool private;
	int r;

	BUILD_BUG_ON(sizeof(args) != 128);

	/* Not under the lock, which a fault on the memory of @user may need. */
	if (copy_from_user(&args, user, sizeof(args)))
		return -EFAULT;

	/* There are none if the VM has no private memory. */
	if (!GMEM_I(inode)->attrs || !valid_args(&args, inode))
		return -EINVAL;

	start = args.offset >> PAGE_SHIFT;
	end = start + (args.size >> PAGE_SHIFT);
	private = args.attributes & KVM_MEMORY_ATTRIBUTE_PRIVATE;

	r = convert(inode, start, end, private, &busy);

	if (r) {
		args.error_offset = (u64)busy << PAGE_SHIFT;
		if (copy_to_user(user, &args, sizeof(args)))
			return -EFAULT;
		return r;
	}

	if (private && GMEM_I(inode)->backing)
		kvm_gmem_pool_drop_caches(f->kvm);

	return 0;
}

/**
 * kvm_gmem_ioctl() - ioctl() on a guest_memfd
 * @file: the file, with memory from anywhere
 * @cmd: KVM_SET_MEMORY_ATTRIBUTES2
 * @arg: user address of a struct kvm_memory_attributes2
 *
 * Context: may sleep, for as long as faults on the file that have begun take.
 * Return: 0; -ENOTTY for any other @cmd and if gmem_in_place_conversion is off;
 * -EFAULT; -EINVAL; or -EAGAIN if memory from the page allocator is in use.
 */
long kvm_gmem_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	if (cmd != KVM_SET_MEMORY_ATTRIBUTES2 || !gmem_in_place_conversion)
		return -ENOTTY;

	return set_attributes(file, (void __user *)arg);
}
