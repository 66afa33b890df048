// SPDX-License-Identifier: GPL-2.0
/*
 * Compares all page tables with the attributes of guest_memfds, on request.
 *
 * A software-protected VM works with stale entries in its page tables, so its
 * tests would not notice them.  Reading the file gmem_check in the debugfs
 * directory of a VM walks the page tables of the guest, and those of user space,
 * for the files from pools that its memslots are bound to.  It shows
 *
 *	guest <n>	entries of the guest that map what they should not: pages
 *			that are not all private or all shared, or the wrong ones,
 *			or poisoned
 *	user <n>	the same for user space; all pages have to be shared
 *	user_<size> <n>	entries of user space of each size, right or wrong
 *
 * The attributes are stable meanwhile, and user space does not get new entries:
 * the invalidate lock of the file is held exclusively.  A guest may go on.
 */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/gmem.h>
#include <linux/kvm_host.h>
#include <linux/seq_file.h>

#include "gmem_convert.h"
#include "gmem_pool.h"

/* Do @nr_pages pages of the file from @index on lie at @pfn, none poisoned? */
static bool is_memory_of(struct inode *inode, pgoff_t index, unsigned long pfn,
			 unsigned long nr_pages)
{
	const struct gmem_backing *backing = GMEM_I(inode)->backing;
	unsigned long first, last;
	unsigned int order;

	if (gmem_backing_get_pfn(backing, index, &first, &order) ||
	    gmem_backing_get_pfn(backing, index + nr_pages - 1, &last, &order) ||
	    gmem_backing_poisoned(backing, index, nr_pages))
		return false;

	return first == pfn && last == pfn + nr_pages - 1;
}

/* Looks at each page: the summaries are to be checked as well. */
static bool is_uniform(struct inode *inode, pgoff_t index,
		       unsigned long nr_pages)
{
	const bool shared = kvm_gmem_is_shared_mem(inode, index);
	pgoff_t i;

	for (i = index + 1; i < index + nr_pages; i++)
		if (kvm_gmem_is_shared_mem(inode, i) != shared)
			return false;
	return true;
}

static bool guest_leaf_is_bad(const struct kvm_memory_slot *slot, gfn_t gfn,
			      kvm_pfn_t pfn, unsigned long nr_pages)
{
	struct inode *inode = file_inode(slot->gmem.file);
	const pgoff_t index = gfn - slot->base_gfn + slot->gmem.pgoff;

	return gfn < slot->base_gfn ||
	       gfn + nr_pages > slot->base_gfn + slot->npages ||
	       !is_memory_of(inode, index, pfn, nr_pages) ||
	       !is_uniform(inode, index, nr_pages);
}

static bool user_leaf_is_bad(void *data, pgoff_t index, unsigned long pfn,
			     unsigned long nr_pages)
{
	struct inode *inode = data;

	return index + nr_pages > i_size_read(inode) >> PAGE_SHIFT ||
	       !is_memory_of(inode, index, pfn, nr_pages) ||
	       !kvm_gmem_is_shared_mem(inode, index) ||
	       !is_uniform(inode, index, nr_pages);
}

static void check_slot(struct kvm *kvm, const struct kvm_memory_slot *slot,
		       struct gmem_vma_check *user, unsigned long *nr_bad)
{
	struct file *file;
	struct inode *inode;

	if (!kvm_slot_has_gmem_pool(slot))
		return;

	/* It may be about to be closed, which waits for slots_lock. */
	file = get_file_active((struct file **)&slot->gmem.file);
	if (!file)
		return;
	inode = file_inode(file);

	filemap_invalidate_lock(inode->i_mapping);

	*nr_bad += kvm_arch_gmem_check(kvm, slot, guest_leaf_is_bad);

	user->bad = user_leaf_is_bad;
	user->data = inode;
	gmem_vma_check(user, inode->i_mapping, slot->gmem.pgoff, slot->npages);

	filemap_invalidate_unlock(inode->i_mapping);

	fput(file);
}

static int gmem_check_show(struct seq_file *m, void *v)
{
	struct gmem_vma_check user = {};
	struct kvm *kvm = m->private;
	unsigned long nr_bad = 0;
	struct kvm_memory_slot *slot;
	int i, bkt;

	mutex_lock(&kvm->slots_lock);
	for (i = 0; i < kvm_arch_nr_memslot_as_ids(kvm); i++)
		kvm_for_each_memslot(slot, bkt, __kvm_memslots(kvm, i))
			check_slot(kvm, slot, &user, &nr_bad);
	mutex_unlock(&kvm->slots_lock);

	seq_printf(m, "guest %lu\n", nr_bad);
	seq_printf(m, "user %lu\n", user.nr_bad);
	seq_printf(m, "user_4k %lu\n", user.nr_ptes);
	seq_printf(m, "user_2m %lu\n", user.nr_pmds);
	seq_printf(m, "user_1g %lu\n", user.nr_puds);
	return 0;
}

static int gmem_check_open(struct inode *inode, struct file *file)
{
	struct kvm *kvm = inode->i_private;
	int r;

	if (!kvm_get_kvm_safe(kvm))
		return -ENOENT;

	r = single_open(file, gmem_check_show, kvm);
	if (r)
		kvm_put_kvm(kvm);
	return r;
}

static int gmem_check_release(struct inode *inode, struct file *file)
{
	kvm_put_kvm(inode->i_private);
	return single_release(inode, file);
}

static const struct file_operations gmem_check_fops = {
	.owner		= THIS_MODULE,
	.open		= gmem_check_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= gmem_check_release,
};

/**
 * kvm_gmem_check_init() - offer the check for a VM
 * @kvm: the VM, with its directory in debugfs, which removes the file
 */
void kvm_gmem_check_init(struct kvm *kvm)
{
	debugfs_create_file("gmem_check", 0400, kvm->debugfs_dentry, kvm,
			    &gmem_check_fops);
}
