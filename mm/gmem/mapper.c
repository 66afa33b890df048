// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Mappers
 *
 * A mapper has translations to a backing and promised to drop them when it is
 * told so: iommufd, for the IOMMU.  (User mappings are found through the file,
 * guests through the memslots.)  A *source* is what connects the owner of a
 * backing with its mappers: the owner tells the source what happens to the
 * memory, and a mapper asks it which PFN is behind an offset and whether devices
 * may reach it.
 *
 * A mapper has a reference to the source and to nothing else.  Were it to hold
 * the file or the inode, the last close would never come.  The source outlives
 * the owner: when that goes it revokes everything, and from then on there is no
 * memory behind any offset.  The source belongs to the backing until
 * gmem_backing_free(), so an owner has to take no care of it.
 *
 * How a range changes:
 *
 * 1. gmem_revoke_start(): mappers drop their translations of the range.  When it
 *    returns they are gone and no cache of a device has them any more.
 * 2. The owner zeroes the range, or changes who may reach it.
 * 3. gmem_revoke_end(): mappers may look at the range again and map what devices
 *    may reach now.
 *
 * Locking: &gmem_source.lock is held for writing from 1 to 3, so changes come one
 * after the other.  Mappers hold it for reading while they look offsets up and
 * until what they found is in their page tables; so nothing that was looked up
 * before a revocation can get there after it.  It protects the list of mappers
 * and the pointer to the owner.
 *
 * Order of locks: gmem_poison_mutex or kvm->slots_lock, invalidate lock of the
 * file, gmem_source.lock, locks of the mapper (iopt_pages.mutex), locks of the
 * IOMMU driver.  iommufd takes gmem_source.lock inside of its rwsems; callbacks
 * therefore must not take these.  Nothing under gmem_source.lock waits for user
 * space: it may allocate kernel memory, and that is all.
 */
#include <linux/export.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/gmem.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/slab.h>

#include "internal.h"

/**
 * struct gmem_source - the memory of an owner as mappers see it
 * @kref: held by the backing and by each mapper
 * @lock: told at the top of this file
 * @mappers: the &struct gmem_mapper; @lock
 * @ops: what the owner answers; @lock
 * @owner: argument of @ops, NULL if there is nobody (any more); @lock
 * @arbitrated: see gmem_mapper_arbitrated(); @lock
 */
struct gmem_source {
	struct kref kref;
	struct rw_semaphore lock;
	struct list_head mappers;
	const struct gmem_owner_ops *ops;
	void *owner;
	bool arbitrated;
};

/* Kinds of files that have backings; gmem_files_mutex protects the list. */
static LIST_HEAD(gmem_files_list);
static DEFINE_MUTEX(gmem_files_mutex);

/* For mm/gmem/backing.c; NULL without memory. */
struct gmem_source *gmem_source_alloc(void)
{
	struct gmem_source *source = kzalloc_obj(*source, GFP_KERNEL_ACCOUNT);

	if (!source)
		return NULL;
	kref_init(&source->kref);
	init_rwsem(&source->lock);
	INIT_LIST_HEAD(&source->mappers);
	return source;
}

static void free_source(struct kref *kref)
{
	struct gmem_source *source = container_of(kref, struct gmem_source, kref);

	WARN_ON(!list_empty(&source->mappers));
	kfree(source);
}

/**
 * gmem_source_put - drop a reference
 * @source: from gmem_source_get_by_file()
 *
 * Context: any that may free memory.
 */
void gmem_source_put(struct gmem_source *source)
{
	kref_put(&source->kref, free_source);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_source_put, "iommufd");

/**
 * gmem_files_register - tell how to find the backing of a kind of file
 * @files: the kind, constant until gmem_files_unregister()
 *
 * Context: may sleep.
 */
void gmem_files_register(struct gmem_files *files)
{
	guard(mutex)(&gmem_files_mutex);
	list_add_tail(&files->list, &gmem_files_list);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_files_register, "kvm");

/**
 * gmem_files_unregister - undo gmem_files_register()
 * @files: the kind; no file of it is open any more
 *
 * Context: may sleep.
 */
void gmem_files_unregister(struct gmem_files *files)
{
	guard(mutex)(&gmem_files_mutex);
	list_del(&files->list);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_files_unregister, "kvm");

/**
 * gmem_source_get_by_file - the source behind a file
 * @file: any file; the caller has a reference, which it may drop afterwards
 *
 * Context: may sleep.
 * Return: the source, to be put with gmem_source_put(), or NULL if the memory of
 * the file is not from a pool.
 */
struct gmem_source *gmem_source_get_by_file(struct file *file)
{
	struct gmem_source *source = NULL;
	struct gmem_backing *backing;
	struct gmem_files *files;

	guard(mutex)(&gmem_files_mutex);

	list_for_each_entry(files, &gmem_files_list, list) {
		if (file->f_op != files->fops)
			continue;
		backing = files->backing(file);
		if (backing) {
			source = gmem_backing_source(backing);
			kref_get(&source->kref);
		}
		break;
	}
	return source;
}
EXPORT_SYMBOL_FOR_MODULES(gmem_source_get_by_file, "iommufd");

/**
 * gmem_owner_set - let mappers reach a backing
 * @backing: the backing, whose memory the owner is ready to hand out
 * @ops: what the owner answers
 * @owner: argument of @ops, valid until gmem_owner_clear() returns
 * @arbitrated: see gmem_mapper_arbitrated()
 *
 * Context: may sleep.
 */
void gmem_owner_set(struct gmem_backing *backing,
		    const struct gmem_owner_ops *ops, void *owner,
		    bool arbitrated)
{
	struct gmem_source *source = gmem_backing_source(backing);

	guard(rwsem_write)(&source->lock);
	source->ops = ops;
	source->owner = owner;
	source->arbitrated = arbitrated;
}
EXPORT_SYMBOL_FOR_MODULES(gmem_owner_set, "kvm");

static void revoke(struct gmem_source *source, pgoff_t start, pgoff_t end,
		   enum gmem_change why)
{
	struct gmem_mapper *mapper;

	list_for_each_entry(mapper, &source->mappers, list)
		mapper->ops->revoke(mapper, start, end, why);
}

/**
 * gmem_owner_clear - the last close: take the memory from all mappers for ever
 * @backing: the backing; nothing happens if it has no owner
 *
 * Mappers stay registered until they go by themselves, without an effect.
 *
 * Context: may sleep, but does not wait for user space.  The invalidate lock of
 * the file may be held.
 */
void gmem_owner_clear(struct gmem_backing *backing)
{
	struct gmem_source *source = gmem_backing_source(backing);

	guard(rwsem_write)(&source->lock);
	if (!source->owner)
		return;
	revoke(source, 0, ULONG_MAX, GMEM_CHANGE_CLOSE);
	source->owner = NULL;
	source->ops = NULL;
}
EXPORT_SYMBOL_FOR_MODULES(gmem_owner_clear, "kvm");

/**
 * gmem_revoke_start - take a range from all mappers
 * @backing: the backing
 * @start: first page
 * @end: last page + 1, may be beyond the end of the backing
 * @why: what is going to happen; with %GMEM_CHANGE_CONVERT those keep their
 *	 translations for whom the platform keeps private memory from devices, and
 *	 with %GMEM_CHANGE_SHARE nothing is revoked: who has a part of it has what
 *	 is shared already, and may be using it
 *
 * When it returns, no device can reach the range, but for what @why says.  It
 * has to be followed by gmem_revoke_end() with the same range in the same task.
 * The owner must not change what it answers for offsets outside of the range.
 *
 * Context: may sleep, but does not wait for user space; cannot fail.  The
 * invalidate lock of the file may be held, shared or exclusive.
 */
void gmem_revoke_start(struct gmem_backing *backing, pgoff_t start, pgoff_t end,
		       enum gmem_change why)
{
	struct gmem_source *source = gmem_backing_source(backing);

	down_write(&source->lock);
	if (why != GMEM_CHANGE_SHARE)
		revoke(source, start, end, why);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_revoke_start, "kvm");

/**
 * gmem_revoke_end - let mappers look at a range again
 * @backing: the backing
 * @start: first page
 * @end: last page + 1
 *
 * Mappers map what devices may reach, with entries as large as the memory around
 * the range allows now.  They do what they can: without memory for page tables a
 * part stays without translations.
 *
 * Context: as gmem_revoke_start().
 */
void gmem_revoke_end(struct gmem_backing *backing, pgoff_t start, pgoff_t end)
{
	struct gmem_source *source = gmem_backing_source(backing);
	struct gmem_mapper *mapper;

	if (source->owner)
		list_for_each_entry(mapper, &source->mappers, list)
			mapper->ops->changed(mapper, start, end);
	up_write(&source->lock);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_revoke_end, "kvm");

/**
 * gmem_owner_poison - let the owner of a backing revoke a page that is lost
 * @backing: the backing, which is not freed meanwhile
 * @pgoff: the page, prepared for gmem_backing_poison()
 *
 * An owner that goes at the same time has nothing left to revoke.
 *
 * Context: may sleep; gmem_poison_mutex held, which keeps the owner.
 * Return: where user space maps the backing, or NULL if nobody owns it.
 */
struct address_space *gmem_owner_poison(struct gmem_backing *backing,
					pgoff_t pgoff)
{
	struct gmem_source *source = gmem_backing_source(backing);
	const struct gmem_owner_ops *ops;
	void *owner;

	lockdep_assert_held(&gmem_poison_mutex);
	scoped_guard(rwsem_read, &source->lock) {
		ops = source->ops;
		owner = source->owner;
	}
	if (owner)
		return ops->poison(owner, pgoff);

	gmem_backing_poison(backing, pgoff);
	return NULL;
}

/**
 * gmem_mapper_register - be told what happens to memory
 * @mapper: the mapper, with its ops set
 * @source: the memory; the mapper takes over the caller's reference
 *
 * Context: may sleep.
 */
void gmem_mapper_register(struct gmem_mapper *mapper, struct gmem_source *source)
{
	mapper->source = source;

	guard(rwsem_write)(&source->lock);
	list_add_tail(&mapper->list, &source->mappers);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_mapper_register, "iommufd");

/**
 * gmem_mapper_unregister - undo gmem_mapper_register()
 * @mapper: the mapper, which has no translations any more
 *
 * None of its callbacks runs when this returns.
 *
 * Context: may sleep.
 */
void gmem_mapper_unregister(struct gmem_mapper *mapper)
{
	struct gmem_source *source = mapper->source;

	down_write(&source->lock);
	list_del(&mapper->list);
	up_write(&source->lock);

	gmem_source_put(source);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_mapper_unregister, "iommufd");

/**
 * gmem_mapper_lock - keep the memory as it is
 * @mapper: the mapper
 *
 * Until gmem_mapper_unlock() no range changes and none is revoked.
 *
 * Context: may sleep.  Not in callbacks, which have the lock already.
 */
void gmem_mapper_lock(struct gmem_mapper *mapper)
{
	down_read(&mapper->source->lock);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_mapper_lock, "iommufd");

/**
 * gmem_mapper_unlock - undo gmem_mapper_lock()
 * @mapper: the mapper
 */
void gmem_mapper_unlock(struct gmem_mapper *mapper)
{
	up_read(&mapper->source->lock);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_mapper_unlock, "iommufd");

/**
 * gmem_mapper_lookup - what is behind an offset now
 * @mapper: the mapper
 * @pgoff: offset in pages
 * @block: returns the answer
 *
 * Context: in a callback of the mapper, or between gmem_mapper_lock() and
 * gmem_mapper_unlock().
 * Return: 0; -ENODEV if the memory has been closed, -ERANGE beyond its end,
 * -EHWPOISON if the page is poisoned.
 */
int gmem_mapper_lookup(struct gmem_mapper *mapper, pgoff_t pgoff,
		       struct gmem_block *block)
{
	struct gmem_source *source = mapper->source;

	lockdep_assert_held(&source->lock);
	if (!source->owner)
		return -ENODEV;
	return source->ops->lookup(source->owner, pgoff, block);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_mapper_lookup, "iommufd");

/**
 * gmem_mapper_arbitrated - may translations to private memory be kept?
 * @mapper: the mapper
 *
 * Context: as gmem_mapper_lookup().
 * Return: true if the platform itself keeps devices from private memory, or there
 * can be none in this file.
 */
bool gmem_mapper_arbitrated(struct gmem_mapper *mapper)
{
	lockdep_assert_held(&mapper->source->lock);
	return mapper->source->arbitrated;
}
EXPORT_SYMBOL_FOR_MODULES(gmem_mapper_arbitrated, "iommufd");
