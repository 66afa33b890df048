// SPDX-License-Identifier: GPL-2.0
/*
 * guest_memfd with memory from a gmem pool.
 *
 * The memory has no struct page.  The inode owns it from its creation to its
 * end, so there is nothing to allocate when it is first touched and nothing to
 * count references on.  What guest_memfd does with folios elsewhere becomes a
 * translation of the offset to a PFN that never changes, and promises to revoke
 * what was made of it:
 *
 * - page tables of guests through the bindings of the file, with the protocol
 *   of mmu_invalidate_in_progress and mmu_invalidate_seq;
 * - page tables of user space through the mapping of the inode, with the
 *   invalidate lock of the file, which the fault handler holds.
 *
 * What becomes private or shared is revoked likewise, see gmem_convert.c, and so is
 * a page that the hardware has lost, see mm/gmem/poison.c.  gmem_backing_get_pfn()
 * keeps everybody from mapping it again.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gmem.h>
#include <linux/kvm_host.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/pagemap.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <trace/events/gmem.h>
#include <uapi/linux/gmem.h>

#include "gmem_convert.h"
#include "gmem_pool.h"
#include "guest_memfd.h"
#include "kvm_mm.h"

/*
 * PUNCH_HOLE overwrites this much before it lets others go on.  Faults on the
 * part wait meanwhile, and so do those on its neighbours in large blocks.
 */
#define PUNCH_HOLE_PAGES	(SZ_64M >> PAGE_SHIFT)

/* Sizes of leaf entries in page tables, the largest first. */
static const unsigned int leaf_orders[] = { PUD_ORDER, PMD_ORDER, 0 };

/* Protected by the lock of the module's parameters; empty if there is none. */
static char default_pool[GMEM_POOL_NAME_LEN];

/*
 * Any name is accepted, because a pool may come into being later.  That it does
 * not exist is found when memory is to be taken from it.
 */
static int default_pool_set(const char *val, const struct kernel_param *kp)
{
	size_t len;

	val = skip_spaces(val);
	len = strlen(val);
	while (len && isspace(val[len - 1]))
		len--;
	if (len >= sizeof(default_pool))
		return -ENAMETOOLONG;

	memcpy(default_pool, val, len);
	default_pool[len] = '\0';
	return 0;
}

static int default_pool_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s\n", default_pool);
}

static const struct kernel_param_ops default_pool_ops = {
	.set = default_pool_set,
	.get = default_pool_get,
};

module_param_cb(gmem_default_pool, &default_pool_ops, NULL, 0644);
MODULE_PARM_DESC(gmem_default_pool,
		 "gmem pool of guest_memfds that name none; empty: no pool");

bool __weak kvm_arch_supports_gmem_pool(struct kvm *kvm)
{
	return true;
}

/**
 * kvm_gmem_pool_supported() - can guest_memfds have memory from a pool?
 * @kvm: the VM, or NULL to ask about any VM
 *
 * Context: any.
 * Return: true if GUEST_MEMFD_FLAG_POOL is valid.
 */
bool kvm_gmem_pool_supported(struct kvm *kvm)
{
	return !kvm || kvm_arch_supports_gmem_pool(kvm);
}

/* The pool for files that name none; NULL if there is no such pool. */
static struct gmem_pool *get_default_pool(struct kvm *kvm)
{
	char name[GMEM_POOL_NAME_LEN];
	struct gmem_pool *pool;

	/* As if there was no default, so that such VMs can still be run. */
	if (!kvm_gmem_pool_supported(kvm))
		return NULL;

	kernel_param_lock(THIS_MODULE);
	strscpy(name, default_pool);
	kernel_param_unlock(THIS_MODULE);
	if (!*name)
		return NULL;

	pool = gmem_pool_get_by_name(name);
	if (IS_ERR(pool))
		pr_warn_ratelimited("gmem_default_pool: there is no pool \"%s\"\n",
				    name);
	return pool;
}

/* The pool that user space named. */
static struct gmem_pool *get_pool(const struct kvm_create_guest_memfd *args)
{
	if (args->pad || memchr_inv(args->reserved, 0, sizeof(args->reserved)))
		return ERR_PTR(-EINVAL);

	return gmem_pool_get_by_fd(args->pool_fd);
}

/**
 * kvm_gmem_pool_alloc() - take the memory of a new guest_memfd from a pool
 * @kvm: the VM that the file will belong to
 * @args: what user space asked for; flags and size are known to be valid
 *
 * Context: may sleep, for long if memory has to be zeroed; a fatal signal
 * ends it.
 *
 * Return: the memory, to be freed with kvm_gmem_pool_free(); NULL if the file
 * gets its memory from the page allocator; ERR_PTR(-EINVAL) if the file
 * descriptor is not of a pool, ERR_PTR(-ENOENT) if the default pool does not
 * exist, or what gmem_backing_alloc() returns.
 */
struct gmem_backing *
kvm_gmem_pool_alloc(struct kvm *kvm, const struct kvm_create_guest_memfd *args)
{
	struct gmem_backing *backing;
	struct gmem_pool *pool;

	if (args->flags & GUEST_MEMFD_FLAG_POOL)
		pool = get_pool(args);
	else
		pool = get_default_pool(kvm);
	if (IS_ERR_OR_NULL(pool))
		return ERR_CAST(pool);

	backing = gmem_backing_alloc(pool, args->size >> PAGE_SHIFT);
	gmem_pool_put(pool);

	return backing;
}

static pgoff_t file_pages(const struct inode *inode)
{
	return i_size_read(inode) >> PAGE_SHIFT;
}

/* Order of the largest leaf around @index that stays within [@start, @end). */
static unsigned int leaf_order(pgoff_t index, pgoff_t start, pgoff_t end)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(leaf_orders) - 1; i++) {
		const pgoff_t nr = 1UL << leaf_orders[i];
		const pgoff_t first = round_down(index, nr);

		if (first >= start && first + nr <= end)
			break;
	}
	return leaf_orders[i];
}

/* Order of the largest leaf that can map both @gfn and @index. */
static unsigned int congruent_order(gfn_t gfn, pgoff_t index)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(leaf_orders) - 1; i++) {
		if (!((gfn ^ index) & ((1UL << leaf_orders[i]) - 1)))
			break;
	}
	return leaf_orders[i];
}

/*
 * Translate an offset for a guest, in a file that the memslot is bound to.  Returns
 * the order of the largest block around the page that a guest may map with one
 * entry: naturally aligned and contiguous as gfns and as PFNs, all private or all
 * shared, inside the memslot and, as that is, inside the file.
 *
 * No reference is taken.  The caller must detect that the PFN is revoked, or that
 * attributes change, before it uses it, with mmu_invalidate_retry_gfn().
 */
static int get_pfn(struct inode *inode, const struct kvm_memory_slot *slot,
		   pgoff_t index, kvm_pfn_t *pfn, int *max_order)
{
	const pgoff_t first = slot->gmem.pgoff;
	const gfn_t gfn = slot->base_gfn + (index - first);
	unsigned int order;
	unsigned long raw;
	int r;

	r = gmem_backing_get_pfn(GMEM_I(inode)->backing, index, &raw, &order);
	if (r)
		return r;

	*pfn = raw;
	order = min3(order, congruent_order(gfn, index),
		     leaf_order(index, first, first + slot->npages));
	*max_order = min(order, kvm_gmem_attr_order(inode, index));
	return 0;
}

/**
 * kvm_gmem_pool_order() - how large may a gfn be mapped now?
 * @kvm: the VM
 * @slot: memslot that contains @gfn
 * @gfn: guest page that is, or could be, mapped
 * @pfn: returns the PFN if the order is not 0
 *
 * For those who change the size of existing mappings and are not told when
 * memory is revoked.  They hold mmu_lock; a revocation that is in progress has
 * raised mmu_invalidate_in_progress under it, so nothing that is larger than a
 * page is safe until it ends.
 *
 * The file needs no reference: whoever closes it clears slot->gmem.file and
 * then takes mmu_lock for writing before anything goes away.
 *
 * Context: mmu_lock held.
 * Return: the order, 0 if nothing is known about the memory.
 */
int kvm_gmem_pool_order(struct kvm *kvm, const struct kvm_memory_slot *slot,
			gfn_t gfn, kvm_pfn_t *pfn)
{
	struct file *file;
	int order;

	lockdep_assert_held(&kvm->mmu_lock);

	if (!kvm_slot_has_gmem_pool(slot) || kvm->mmu_invalidate_in_progress)
		return 0;

	file = READ_ONCE(slot->gmem.file);
	if (!file)
		return 0;

	if (get_pfn(file_inode(file), slot,
		    slot->gmem.pgoff + (gfn - slot->base_gfn), pfn, &order))
		return 0;
	return order;
}

/**
 * kvm_gmem_pool_widen() - keep large leaves away from what is being revoked
 * @kvm: the VM
 * @range: gfns that are going to be zapped
 *
 * A fault on a neighbour may have learnt, before the revocation began, that the
 * neighbour and @range can be mapped by one leaf.  It must not install that
 * leaf while the revocation is in progress.  So add the largest blocks around
 * @range to what is being invalidated.  They are not zapped.  It has to be done
 * before @range is, because zapping drops mmu_lock now and then, and does not
 * come back to what it has passed.
 *
 * Context: mmu_lock held for writing, after kvm_mmu_invalidate_start().
 */
void kvm_gmem_pool_widen(struct kvm *kvm, const struct kvm_gfn_range *range)
{
	const gfn_t nr = 1UL << leaf_orders[0];

	if (kvm_slot_has_gmem_pool(range->slot))
		kvm_mmu_invalidate_range_add(kvm, round_down(range->start, nr),
					     round_up(range->end, nr));
}

/*
 * Tell everybody that guests have been cut off from a part of the memory.  The
 * arch may have to write caches back before somebody else uses it.
 */
static void pool_revoked(struct inode *inode, struct kvm *kvm, pgoff_t start,
			 pgoff_t end)
{
	kvm_arch_guest_memory_reclaimed(kvm);
	trace_gmem_revoke(inode->i_ino, start, end - start);
}

static void punch_hole(struct inode *inode, pgoff_t start, pgoff_t end)
{
	struct gmem_backing *backing = GMEM_I(inode)->backing;
	struct gmem_file *f;

	filemap_invalidate_lock(inode->i_mapping);

	kvm_gmem_invalidate_start(inode, start, end,
				  kvm_gmem_get_invalidate_filter(inode));
	unmap_mapping_pages(inode->i_mapping, start, end - start, false);
	gmem_revoke_start(backing, start, end, GMEM_CHANGE_TRUNCATE);
	kvm_gmem_for_each_file(f, inode)
		pool_revoked(inode, f->kvm, start, end);

	gmem_backing_zero(backing, start, end - start);

	gmem_revoke_end(backing, start, end);
	kvm_gmem_invalidate_end(inode, start, end);

	filemap_invalidate_unlock(inode->i_mapping);
}

/**
 * kvm_gmem_pool_punch_hole() - zero a part of a file
 * @inode: inode with memory from a pool
 * @start: first page
 * @end: last page + 1, may be beyond the end of the file
 *
 * The memory stays where it is: the file was promised all of it.
 *
 * Context: sleeps, for long if the part is large; a fatal signal ends it
 * between two pieces of it.
 * Return: 0 or -EINTR.
 */
int kvm_gmem_pool_punch_hole(struct inode *inode, pgoff_t start, pgoff_t end)
{
	pgoff_t next;

	end = min(end, file_pages(inode));

	for (; start < end; start = next) {
		if (fatal_signal_pending(current))
			return -EINTR;

		next = min(end, round_down(start, PUNCH_HOLE_PAGES) +
				PUNCH_HOLE_PAGES);
		punch_hole(inode, start, next);
		cond_resched();
	}
	return 0;
}

/**
 * kvm_gmem_pool_release() - a file is being closed and its guests are cut off
 * @inode: inode of the file, with memory from anywhere
 * @kvm: the VM of the file
 *
 * The inode may live on after its last file, for others can have references to
 * it.  Mappers lose the memory here nevertheless.
 *
 * Context: may sleep.  The file is still in the list of @inode, which the
 * invalidate lock, held exclusive, protects.
 */
void kvm_gmem_pool_release(struct inode *inode, struct kvm *kvm)
{
	struct gmem_backing *backing = GMEM_I(inode)->backing;

	if (!backing)
		return;

	if (list_is_singular(&GMEM_I(inode)->gmem_file_list))
		gmem_owner_clear(backing);
	pool_revoked(inode, kvm, 0, file_pages(inode));
}

static int pool_lookup(void *owner, pgoff_t index, struct gmem_block *block)
{
	struct inode *inode = owner;
	unsigned int order;
	int r;

	if (index >= file_pages(inode))
		return -ERANGE;

	r = gmem_backing_get_pfn(GMEM_I(inode)->backing, index, &block->pfn,
				 &order);
	if (r)
		return r;

	block->order = min3(order, leaf_order(index, 0, file_pages(inode)),
			    kvm_gmem_attr_order(inode, index));
	block->shared = kvm_gmem_is_shared_mem(inode, index);
	return 0;
}

/* The neighbours of the page come back with the next access to them. */
static struct address_space *pool_poison(void *owner, pgoff_t index)
{
	struct inode *inode = owner;
	struct gmem_backing *backing = GMEM_I(inode)->backing;
	struct gmem_file *f;

	filemap_invalidate_lock(inode->i_mapping);

	kvm_gmem_invalidate_start(inode, index, index + 1,
				  kvm_gmem_get_invalidate_filter(inode));
	unmap_mapping_pages(inode->i_mapping, index, 1, false);
	gmem_revoke_start(backing, index, index + 1, GMEM_CHANGE_POISON);
	kvm_gmem_for_each_file(f, inode) {
		pool_revoked(inode, f->kvm, index, index + 1);
		/* Speculation must not reach it through the kernel either. */
		kvm_gmem_pool_try_drop_caches(f->kvm);
	}

	gmem_backing_poison(backing, index);

	gmem_revoke_end(backing, index, index + 1);
	kvm_gmem_invalidate_end(inode, index, index + 1);

	filemap_invalidate_unlock(inode->i_mapping);

	return inode->i_mapping;
}

static const struct gmem_owner_ops pool_owner_ops = {
	.lookup	= pool_lookup,
	.poison	= pool_poison,
};

/**
 * kvm_gmem_pool_attach() - give an inode its memory
 * @inode: a new inode, of which nobody knows yet
 * @kvm: the VM of its first file
 * @backing: the memory, freed with the inode from now on; or NULL
 *
 * No host that KVM supports here keeps devices from private memory by itself, so
 * only a file that has none can be mapped for ever.  Without private memory in the
 * VM, a file is shared as a whole or private as a whole.
 *
 * Context: may sleep.
 */
void kvm_gmem_pool_attach(struct inode *inode, struct kvm *kvm,
			  struct gmem_backing *backing)
{
	GMEM_I(inode)->backing = backing;
	if (backing)
		gmem_owner_set(backing, &pool_owner_ops, inode,
			       !kvm_arch_has_private_mem(kvm) &&
			       (GMEM_I(inode)->flags &
				GUEST_MEMFD_FLAG_INIT_SHARED));
}

static struct gmem_backing *file_backing(struct file *file)
{
	return GMEM_I(file_inode(file))->backing;
}

static struct gmem_files pool_files = {
	.backing = file_backing,
};

/**
 * kvm_gmem_pool_init() - let others find the memory of files
 * @fops: operations of every guest_memfd
 *
 * Context: may sleep.
 */
void kvm_gmem_pool_init(const struct file_operations *fops)
{
	pool_files.fops = fops;
	gmem_files_register(&pool_files);
}

/**
 * kvm_gmem_pool_exit() - undo kvm_gmem_pool_init()
 *
 * Context: may sleep; no guest_memfd is open.
 */
void kvm_gmem_pool_exit(void)
{
	gmem_files_unregister(&pool_files);
}

/**
 * kvm_gmem_pool_convert_start() - take what is converted from devices
 * @inode: inode with memory from anywhere
 * @start: first page
 * @end: last page + 1
 * @private: what all of the pages are going to be; some may be so already
 *
 * Context: invalidate lock held exclusively; may sleep.  Others who map the memory
 * wait until kvm_gmem_pool_convert_end().
 */
void kvm_gmem_pool_convert_start(struct inode *inode, pgoff_t start, pgoff_t end,
				 bool private)
{
	if (GMEM_I(inode)->backing)
		gmem_revoke_start(GMEM_I(inode)->backing, start, end,
				  private ? GMEM_CHANGE_CONVERT :
					    GMEM_CHANGE_SHARE);
}

/**
 * kvm_gmem_pool_convert_end() - let devices have what is shared now
 * @inode: inode with memory from anywhere
 * @start: first page
 * @end: last page + 1
 * @private: what the pages are now
 *
 * Context: as kvm_gmem_pool_convert_start().
 */
void kvm_gmem_pool_convert_end(struct inode *inode, pgoff_t start, pgoff_t end,
			       bool private)
{
	if (!GMEM_I(inode)->backing)
		return;

	gmem_revoke_end(GMEM_I(inode)->backing, start, end);
	trace_gmem_convert(inode->i_ino, start, end - start, private);
}

#ifdef CONFIG_HAVE_KVM_ARCH_GMEM_CONVERT
/**
 * kvm_gmem_pool_make_shared() - take memory back from guests
 * @inode: inode with memory from a pool
 * @start: first page
 * @end: last page + 1, inside the file
 *
 * Context: invalidate lock held exclusively, no guest has a mapping; may sleep.
 */
void kvm_gmem_pool_make_shared(struct inode *inode, pgoff_t start, pgoff_t end)
{
	unsigned int order;
	unsigned long pfn;
	pgoff_t next;
	int r;

	for (; start < end; start = next) {
		r = gmem_backing_get_pfn(GMEM_I(inode)->backing, start, &pfn,
					 &order);
		/* The guest lost it when it became poisoned. */
		next = start + 1;
		if (r == -EHWPOISON)
			continue;
		if (WARN_ON_ONCE(r))
			return;

		next = min(end, round_down(start, 1UL << order) + (1UL << order));
		kvm_arch_gmem_make_shared(pfn, next - start);
		cond_resched();
	}
}

/*
 * Give a page to the guest, if it is private.  The lock keeps a conversion away,
 * which would take the page back and then have it given to the guest after all.
 */
static int make_private(struct kvm *kvm, struct inode *inode, pgoff_t index,
			gfn_t gfn, kvm_pfn_t pfn, unsigned int order)
{
	int r = 0;

	if (kvm_gmem_is_shared_mem(inode, index))
		return 0;

	filemap_invalidate_lock_shared(inode->i_mapping);
	if (!kvm_gmem_is_shared_mem(inode, index))
		r = kvm_arch_gmem_make_private(kvm, gfn, pfn,
					       (kvm_pfn_t)1 << order);
	filemap_invalidate_unlock_shared(inode->i_mapping);

	return r;
}
#else
static int make_private(struct kvm *kvm, struct inode *inode, pgoff_t index,
			gfn_t gfn, kvm_pfn_t pfn, unsigned int order)
{
	return 0;
}
#endif

/**
 * kvm_gmem_pool_faultin() - find what a guest wants to map
 * @kvm: the VM
 * @file: file with memory from a pool, to which @slot was bound a moment ago
 * @slot: memslot that contains the page
 * @gfn: the page
 * @pfn: returns the PFN
 * @page: returns NULL, for there is no page to hold a reference to
 * @max_order: returns the order of the largest block around the page that may be
 *	mapped with one entry
 *
 * The caller must detect that the PFN is revoked, or that attributes change, before
 * it uses it, with mmu_invalidate_retry_gfn().
 *
 * Context: kvm->srcu held, a reference to @file; may sleep.
 * Return: 0; -EFAULT or -EIO if @slot has been unbound; -EHWPOISON, or what the
 * architecture returns that is told of private pages.
 */
int kvm_gmem_pool_faultin(struct kvm *kvm, struct file *file,
			  struct kvm_memory_slot *slot, gfn_t gfn,
			  kvm_pfn_t *pfn, struct page **page, int *max_order)
{
	const pgoff_t index = gfn - slot->base_gfn + slot->gmem.pgoff;
	struct inode *inode = file_inode(file);
	int r;

	r = kvm_gmem_check_binding(file, slot, index);
	if (r)
		return r;

	r = get_pfn(inode, slot, index, pfn, max_order);
	if (r)
		return r;

	*page = NULL;
	return make_private(kvm, inode, index, gfn, *pfn, *max_order);
}

static vm_fault_t pool_fault(struct vm_fault *vmf, unsigned int order)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	struct gmem_backing *backing = GMEM_I(inode)->backing;
	const pgoff_t end = file_pages(inode);
	unsigned int max_order, larger = 0;
	vm_fault_t ret = VM_FAULT_SIGBUS;

	/*
	 * Held until the entry is in the page table: there is no reference that
	 * keeps the memory while it gets there.
	 */
	filemap_invalidate_lock_shared(inode->i_mapping);

	if (vmf->pgoff < end && kvm_gmem_is_shared_mem(inode, vmf->pgoff)) {
		max_order = min(leaf_order(vmf->pgoff, 0, end),
				kvm_gmem_attr_order(inode, vmf->pgoff));
		larger = gmem_vma_larger_order(vmf, backing, order, max_order);
		if (!larger)
			ret = gmem_vma_fault(vmf, backing, order, max_order);
	}

	filemap_invalidate_unlock_shared(inode->i_mapping);

	if (larger)
		return gmem_vma_drop_tables(vmf, larger);
	return ret;
}

static vm_fault_t kvm_gmem_pool_fault(struct vm_fault *vmf)
{
	return pool_fault(vmf, 0);
}

static vm_fault_t kvm_gmem_pool_huge_fault(struct vm_fault *vmf,
					   unsigned int order)
{
	return pool_fault(vmf, order);
}

static const struct vm_operations_struct kvm_gmem_pool_vm_ops = {
	.fault		= kvm_gmem_pool_fault,
	.huge_fault	= kvm_gmem_pool_huge_fault,
	.may_split	= gmem_vma_may_split,
#ifdef CONFIG_NUMA
	.get_policy	= kvm_gmem_get_policy,
	.set_policy	= kvm_gmem_set_policy,
#endif
};

/**
 * kvm_gmem_pool_mmap() - prepare an area that maps a guest_memfd
 * @file: the file, with memory from anywhere
 * @vma: the area, found to be valid
 *
 * Context: ->mmap() of the file.
 */
void kvm_gmem_pool_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (!GMEM_I(file_inode(file))->backing)
		return;

	gmem_vma_init(vma);
	vma->vm_ops = &kvm_gmem_pool_vm_ops;
}

/**
 * kvm_gmem_get_unmapped_area() - choose where to map a guest_memfd
 * @file: the file, with memory from anywhere
 * @addr: address that the caller would like
 * @len: length in bytes
 * @pgoff: offset in the file in pages
 * @flags: MAP_* flags of mmap()
 *
 * Context: mmap_lock held for writing.
 * Return: the address, or a negative errno as an unsigned long.
 */
unsigned long kvm_gmem_get_unmapped_area(struct file *file, unsigned long addr,
					 unsigned long len, unsigned long pgoff,
					 unsigned long flags)
{
	if (!GMEM_I(file_inode(file))->backing)
		return mm_get_unmapped_area(file, addr, len, pgoff, flags);

	return gmem_get_unmapped_area(file, addr, len, pgoff, flags);
}

/**
 * kvm_gmem_show_fdinfo() - describe the memory of a guest_memfd
 * @m: /proc/<pid>/fdinfo/<fd>
 * @file: the file, with memory from anywhere
 */
void kvm_gmem_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct gmem_backing *backing = GMEM_I(file_inode(file))->backing;
	const struct kvm_gmem_attrs *attrs = GMEM_I(file_inode(file))->attrs;

	if (backing)
		gmem_backing_show_fdinfo(m, backing);
	if (attrs)
		seq_printf(m, "gmem-private:\t%lu\n",
			   kvm_gmem_attrs_nr_private(attrs) << PAGE_SHIFT);
}
