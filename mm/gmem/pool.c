// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Pools
 *
 * A pool is a device of the class "gmem".  It is made empty, grows and shrinks
 * by ranges, and is deleted when no backing holds memory of it.  References to
 * the device (open files, backings) can outlive the deletion: the pool is then
 * *dead*, has no memory, and allocations fail.
 *
 * Locks, outermost first:
 *
 * - gmem_admin_mutex: one administrator at a time creates, resizes or deletes.
 *   Protects the set of pools, the set of ranges in each, and what only the
 *   administrator uses.  It is held while memory is unplugged and scrubbed,
 *   for long; who waits for it can be interrupted.
 * - device_hotplug_lock and what memory hotplug takes.
 * - gmem_poison_mutex: the poisoned pages of all pools, which range a PFN belongs
 *   to, and the list of backings; see poison.c for what is inside of it.
 * - &gmem_pool.lock, a spinlock: the granules of all ranges and their sums, and
 *   the list of ranges against readers without the mutex.
 *
 * Allocating and freeing backings takes only the last two, unless an elastic
 * pool has to grow: its allocation is an administrator then.  sysfs files that
 * show numbers take only the spinlock, so they never wait.
 */
#define pr_fmt(fmt) "gmem: " fmt

#include <linux/cleanup.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/init.h>
#include <linux/math.h>
#include <linux/memory.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"

/* One administrator at a time; see above. */
DEFINE_MUTEX(gmem_admin_mutex);

static struct gmem_last_error class_error;

/* Sum of all pools; for refusing hibernation. */
static atomic_long_t total_pages;

/**
 * gmem_total_pages - memory in all pools
 *
 * Return: number of pages.
 */
unsigned long gmem_total_pages(void)
{
	return atomic_long_read(&total_pages);
}

/**
 * gmem_error - say why a write to sysfs failed
 * @pool: the pool, or NULL for the files of the class
 * @fmt: what to say, as printf
 *
 * Context: gmem_admin_mutex held.
 */
void gmem_error(struct gmem_pool *pool, const char *fmt, ...)
{
	va_list args;

	lockdep_assert_held(&gmem_admin_mutex);
	va_start(args, fmt);
	gmem_set_error(pool ? &pool->last_error : &class_error, fmt, args);
	va_end(args);
}

/**
 * gmem_clear_error - take back what gmem_error() said
 * @pool: the pool, or NULL for the files of the class
 *
 * Context: gmem_admin_mutex held.
 */
void gmem_clear_error(struct gmem_pool *pool)
{
	gmem_error(pool, "%s", "");
}

/**
 * gmem_show_error - show a last_error
 * @pool: the pool, or NULL for the class
 * @buf: buffer of a sysfs file
 *
 * Return: number of characters.
 */
ssize_t gmem_show_error(struct gmem_pool *pool, char *buf)
{
	return gmem_emit_error(pool ? &pool->last_error : &class_error, buf);
}

/**
 * gmem_set_state - say what the administrator does with a pool
 * @pool: the pool
 * @state: the state
 *
 * Context: gmem_admin_mutex held.
 */
void gmem_set_state(struct gmem_pool *pool, enum gmem_state state)
{
	lockdep_assert_held(&gmem_admin_mutex);
	WRITE_ONCE(pool->state, state);
	WRITE_ONCE(pool->progress, 0);
	sysfs_notify(&pool->dev.kobj, NULL, "state");
}

/**
 * gmem_set_progress - say how far it has come
 * @pool: the pool
 * @bytes: System RAM that was taken or returned, in bytes
 *
 * Context: gmem_admin_mutex held.
 */
void gmem_set_progress(struct gmem_pool *pool, u64 bytes)
{
	lockdep_assert_held(&gmem_admin_mutex);
	WRITE_ONCE(pool->progress, bytes);
}

/**
 * gmem_pool_init - initialise everything but the device
 * @pool: zeroed memory
 */
void gmem_pool_init(struct gmem_pool *pool)
{
	spin_lock_init(&pool->lock);
	INIT_LIST_HEAD(&pool->ranges);
	INIT_LIST_HEAD(&pool->nodes);
	init_waitqueue_head(&pool->wait);
	ida_init(&pool->range_ids);
	pool->node = NUMA_NO_NODE;
	pool->return_delay = GMEM_RETURN_DELAY;
	INIT_DELAYED_WORK(&pool->elastic, gmem_elastic_work);
}

/**
 * gmem_pool_make - make an empty pool
 * @name: its name
 *
 * Context: gmem_admin_mutex held.
 * Return: the pool, or an ERR_PTR of gmem_device_add().
 */
struct gmem_pool *gmem_pool_make(const char *name)
{
	struct gmem_pool *pool = kzalloc_obj(*pool);
	int ret;

	if (!pool)
		return ERR_PTR(-ENOMEM);
	gmem_pool_init(pool);
	ret = gmem_device_add(pool, name);
	return ret ? ERR_PTR(ret) : pool;
}

static const char bad_name[] =
	"a name has 1 to 31 letters, digits, '-', '_' and '.', and begins with a letter or a digit";
static_assert(GMEM_POOL_NAME_LEN == 32);

/**
 * gmem_finish_change - end what gmem_set_state() began
 * @pool: the pool
 * @before: how many pages it had
 *
 * Everything that the administrator changes ends here.
 *
 * Context: gmem_admin_mutex held.
 */
void gmem_finish_change(struct gmem_pool *pool, unsigned long before)
{
	unsigned long after = READ_ONCE(pool->nr_pages);

	atomic_long_add(after - before, &total_pages);
	gmem_set_state(pool, GMEM_IDLE);
	if (after != before)
		gmem_event(pool, "size");
}

static int check_size(struct gmem_pool *pool, u64 size)
{
	if (IS_ALIGNED(size, memory_block_size_bytes()))
		return 0;
	gmem_error(pool, "the size must be a multiple of the memory block, %lu MiB",
		   memory_block_size_bytes() >> 20);
	return -EINVAL;
}

/**
 * gmem_grow - take System RAM into a pool
 * @pool: the pool
 * @nr_pages: number of pages, whole memory blocks
 *
 * To be followed by gmem_finish_change(), whatever is returned.
 *
 * Context: may sleep, for long; gmem_admin_mutex held.
 * Return: 0, -EBUSY before hibernation, or an errno of gmem_unplug().
 */
int gmem_grow(struct gmem_pool *pool, unsigned long nr_pages)
{
	if (gmem_hibernating()) {
		gmem_error(pool, "the machine is about to hibernate");
		return -EBUSY;
	}
	gmem_set_state(pool, GMEM_GROWING);
	return gmem_unplug(pool, pool->node, nr_pages);
}

static int shrink(struct gmem_pool *pool, unsigned long nr_pages)
{
	gmem_set_state(pool, GMEM_SHRINKING);
	return gmem_shrink(pool, pool->node, nr_pages, false);
}

/* So much of its own memory an elastic pool keeps, but not more than it has. */
static void set_reserved(struct gmem_pool *pool, unsigned long nr_pages)
{
	WRITE_ONCE(pool->reserved,
		   min(nr_pages, pool->nr_pages - gmem_loans_pages(pool)));
}

/**
 * gmem_pool_resize - set the size of a pool
 * @pool: the pool
 * @size: the new size in bytes
 *
 * An elastic pool keeps all that it has then, or what it kept if it has become
 * smaller.
 *
 * Context: may sleep, for long; takes gmem_admin_mutex.
 * Return: 0, -EINVAL, -ENODEV if the pool has been deleted, or an errno of
 * gmem_unplug() or gmem_shrink().
 */
int gmem_pool_resize(struct gmem_pool *pool, u64 size)
{
	unsigned long before, pages = size >> PAGE_SHIFT;
	int ret;

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (ret)
		return ret;
	if (pool->dead)
		return -ENODEV;
	gmem_clear_error(pool);

	/* Only the change has to be whole blocks: the size may be odd. */
	before = pool->nr_pages;
	ret = check_size(pool, abs_diff(size, (u64)PFN_PHYS(before)));
	if (ret)
		return ret;

	if (pages > before)
		ret = gmem_grow(pool, pages - before);
	else if (pages < before)
		ret = shrink(pool, before - pages);
	/* What the administrator asked for is not returned by itself. */
	set_reserved(pool, ret || pages < before ? pool->reserved : ULONG_MAX);
	gmem_finish_change(pool, before);
	return ret;
}

/**
 * gmem_pool_reserve - set what an elastic pool keeps when it is free
 * @pool: the pool
 * @size: the new value in bytes, without the memory of drivers
 *
 * A pool that has less takes System RAM.  Of one that has more, the rest is returned
 * as if it had been taken for guests.
 *
 * Context: may sleep, for long; takes gmem_admin_mutex.
 * Return: 0, -EINVAL, also if the pool is not elastic, -ENODEV if it has been
 * deleted, or an errno of gmem_grow().
 */
int gmem_pool_reserve(struct gmem_pool *pool, u64 size)
{
	unsigned long before, own, pages = size >> PAGE_SHIFT;
	int ret;

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (ret)
		return ret;
	if (pool->dead)
		return -ENODEV;
	gmem_clear_error(pool);
	if (!pool->max) {
		gmem_error(pool, "the pool is not elastic, and keeps all: write to size");
		return -EINVAL;
	}

	before = pool->nr_pages;
	own = before - gmem_loans_pages(pool);
	ret = check_size(pool, abs_diff(size, (u64)PFN_PHYS(own)));
	if (ret)
		return ret;
	if (pages > own) {
		ret = gmem_grow(pool, pages - own);
		gmem_finish_change(pool, before);
	}
	if (ret)
		return ret;
	set_reserved(pool, pages);
	gmem_elastic_kick(pool);
	return 0;
}

/**
 * gmem_pool_compact - join the ranges of a pool where that can be done
 * @pool: the pool
 *
 * Context: may sleep; takes gmem_admin_mutex.
 * Return: 0, -ENODEV if the pool has been deleted, -EINTR, -ENOMEM.
 */
int gmem_pool_compact(struct gmem_pool *pool)
{
	int ret;

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (ret)
		return ret;
	if (pool->dead)
		return -ENODEV;
	gmem_clear_error(pool);
	ret = gmem_compact(pool);
	if (ret)
		gmem_error(pool, "%s", ret == -EINTR ? "interrupted by a signal" :
			   "the kernel has no memory for its records");
	return ret;
}

/*
 * The part of gmem_pool_create() under the mutex.  *@pool is what has to be
 * removed if it fails.
 */
static int create_pool(const struct gmem_create *args, struct gmem_pool **pool)
{
	int nid = args->nid;
	int ret;

	*pool = NULL;
	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (ret)
		return ret;
	gmem_clear_error(NULL);
	if (nid != NUMA_NO_NODE && (nid < 0 || nid >= nr_node_ids ||
				    !node_possible(nid))) {
		gmem_error(NULL, "there is no node %d", nid);
		return -EINVAL;
	}
	ret = check_size(NULL, args->size);
	if (ret)
		return ret;
	if (args->max && args->max < args->size) {
		gmem_error(NULL, "the maximum is smaller than the size");
		return -EINVAL;
	}

	*pool = gmem_pool_make(args->name);
	if (IS_ERR(*pool)) {
		ret = PTR_ERR(*pool);
		*pool = NULL;
		if (ret == -EEXIST)
			gmem_error(NULL, "there is a pool %s already",
				   args->name);
		if (ret == -EINVAL)
			gmem_error(NULL, "%s", bad_name);
		return ret;
	}
	(*pool)->node = nid;
	(*pool)->return_delay = args->return_delay;
	gmem_elastic_set_max(*pool, args->max >> PAGE_SHIFT);
	if (!args->size)
		return 0;

	ret = gmem_grow(*pool, args->size >> PAGE_SHIFT);
	if (!ret) {
		WRITE_ONCE((*pool)->reserved, (*pool)->nr_pages);
	} else {
		gmem_error(NULL, "%s", (*pool)->last_error.text);
		scoped_guard(spinlock, &(*pool)->lock)
			(*pool)->dead = true;
	}
	gmem_finish_change(*pool, 0);
	return ret;
}

/**
 * gmem_pool_create - make a pool
 * @args: what it shall be
 *
 * Context: may sleep, for long; takes gmem_admin_mutex.
 * Return: 0, -EINVAL, -EEXIST, or an errno of gmem_unplug(); on error there is
 * no pool.
 */
int gmem_pool_create(const struct gmem_create *args)
{
	struct gmem_pool *pool;
	int ret = create_pool(args, &pool);

	/* Not under the mutex, for which a writer to its files may wait. */
	if (ret && pool)
		gmem_device_del(pool);
	return ret;
}

/* No allocation succeeds after this. */
static int kill_pool(struct gmem_pool *pool)
{
	guard(spinlock)(&pool->lock);
	if (pool->dead)
		return -ENOENT;
	if (pool->nr_backings || pool->nr_bad)
		return -EBUSY;
	pool->dead = true;
	return 0;
}

/* Everything back to where it came from; the pool is dead. */
static int return_all(struct gmem_pool *pool)
{
	unsigned long own = pool->nr_pages - gmem_loans_pages(pool);
	int ret;

	/* What cannot be undone comes last. */
	ret = gmem_loans_take(pool, NULL, TASK_INTERRUPTIBLE);
	if (ret) {
		gmem_error(pool, "%s", ret == -EINTR ? "interrupted by a signal" :
			   "memory of DAX devices is in use");
		return ret;
	}
	if (own)
		ret = gmem_shrink(pool, NUMA_NO_NODE, own, false);
	if (ret)
		gmem_loans_untake(pool);
	else
		gmem_loans_remove(pool, NULL);
	return ret;
}

/* The part of gmem_pool_delete() under the mutex. */
static int empty_pool(struct gmem_pool *pool)
{
	unsigned long before;
	int ret;

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (ret)
		return ret;
	gmem_clear_error(NULL);
	ret = kill_pool(pool);
	if (ret == -EBUSY)
		gmem_error(NULL, "%u guest_memfds hold memory of %s, %lu MiB are poisoned",
			   READ_ONCE(pool->nr_backings), gmem_pool_name(pool),
			   READ_ONCE(pool->nr_bad) << (GMEM_GRANULE_ORDER +
						       PAGE_SHIFT - 20));
	if (ret)
		return ret;
	wake_up_all(&pool->wait);

	before = pool->nr_pages;
	gmem_set_state(pool, GMEM_DELETING);
	gmem_clear_error(pool);
	ret = return_all(pool);
	if (ret) {
		gmem_error(NULL, "%s", pool->last_error.text);
		set_reserved(pool, pool->reserved);
		scoped_guard(spinlock, &pool->lock)
			pool->dead = false;
		/* Who freed memory meanwhile could not do it. */
		gmem_elastic_kick(pool);
	}
	gmem_finish_change(pool, before);
	return ret;
}

/**
 * gmem_pool_delete - return the memory of a pool and delete it
 * @name: its name
 *
 * Context: may sleep, for long; takes gmem_admin_mutex.
 * Return: 0, -ENOENT, -EBUSY if backings hold memory or if memory is poisoned,
 * -EINTR after a signal with everything as it was, -ENOMEM if memory hotplug
 * cannot add all of it.
 */
int gmem_pool_delete(const char *name)
{
	struct gmem_pool *pool = gmem_pool_get_by_name(name);
	int ret;

	if (IS_ERR(pool)) {
		ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
		ret = ACQUIRE_ERR(mutex_intr, &lock);
		if (!ret)
			gmem_error(NULL, "there is no pool %s", name);
		return ret ?: PTR_ERR(pool);
	}

	ret = empty_pool(pool);
	if (!ret)
		gmem_device_del(pool);
	gmem_pool_put(pool);
	return ret;
}

/**
 * gmem_pool_add_boot - add a boot reservation to the pool "boot"
 * @start: physical address in bytes
 * @size: size in bytes
 * @nid: the node of the memory
 *
 * The memory has no struct pages and no direct map.
 *
 * Context: boot, may sleep.
 * Return: 0 or a negative errno.
 */
int __init gmem_pool_add_boot(u64 start, u64 size, int nid)
{
	struct gmem_pool *pool;
	struct gmem_range *range;
	unsigned long before;
	int ret;

	guard(mutex)(&gmem_admin_mutex);
	pool = gmem_pool_get_by_name("boot");
	if (IS_ERR(pool)) {
		pool = gmem_pool_make("boot");
		if (IS_ERR(pool))
			return PTR_ERR(pool);
		get_device(&pool->dev);
	}

	ret = -ENOMEM;
	before = pool->nr_pages;
	range = gmem_range_alloc(PHYS_PFN(start), PHYS_PFN(size), nid,
				 GMEM_ORIGIN_BOOT);
	if (!range)
		goto out;
	range->pool = pool;
	ret = gmem_range_claim(range);
	if (ret)
		goto put;
	ret = gmem_range_publish(range);
	if (ret)
		goto unclaim;
	gmem_range_link(range);
	gmem_scrub_kick(pool);
	WRITE_ONCE(pool->reserved, pool->reserved + range->nr_pages);
	gmem_finish_change(pool, before);
	gmem_pool_put(pool);
	return 0;

unclaim:
	gmem_range_open(range);
	gmem_range_unclaim(range);
put:
	gmem_range_put(range);
out:
	gmem_pool_put(pool);
	return ret;
}

/**
 * gmem_pool_get_by_name - find a pool by its name
 * @name: the name
 *
 * Return: the pool with a reference, or ERR_PTR(-ENOENT).
 */
struct gmem_pool *gmem_pool_get_by_name(const char *name)
{
	struct device *dev = class_find_device_by_name(&gmem_class, name);

	return dev ? to_gmem_pool(dev) : ERR_PTR(-ENOENT);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_pool_get_by_name, "kvm");

/**
 * gmem_pool_put - drop a reference to a pool
 * @pool: the pool
 */
void gmem_pool_put(struct gmem_pool *pool)
{
	put_device(&pool->dev);
}
EXPORT_SYMBOL_FOR_MODULES(gmem_pool_put, "kvm");

static int __init gmem_init(void)
{
	int ret;

	ret = gmem_scrub_init();
	if (!ret)
		ret = gmem_device_init();
	if (ret) {
		pr_err("cannot start: %d\n", ret);
		return ret;
	}
	gmem_pm_init();
	gmem_boot_pool_init();
	return 0;
}

/* After the device model, and before ACPI can add memory devices. */
core_initcall(gmem_init);
