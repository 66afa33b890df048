// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Loans
 *
 * Memory that is neither System RAM nor reserved at boot belongs to a driver
 * (a device-dax instance: soft-reserved memory, a CXL region, persistent
 * memory).  The driver lends it to a pool, whole, and gets it back whole and
 * zeroed.  It never gets a memmap and is never mapped by the kernel, but through
 * the windows of the scrubber.
 *
 * What is poisoned goes to nobody: a loan with a poisoned page stays in its pool,
 * unless the device is removed.  The page is remembered, and is poisoned again
 * when its memory is lent again.
 *
 * A loan that guests use is not returned: gmem_loan_return() fails.  Drivers
 * cannot refuse to be removed, though.  gmem_loan_revoke() is for them: no
 * allocation gets memory of the loan any more, and the call waits until the
 * last guest_memfd that has some of it is closed.
 *
 * The ranges of a loan are ranges of the pool as others, but they are not
 * counted by those who look for memory blocks to return as System RAM.
 *
 * Loans change under gmem_admin_mutex.  What files show of them changes under a
 * spinlock as well, so that readers never wait.
 */
#define pr_fmt(fmt) "gmem: " fmt

#include <linux/cleanup.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/range.h>
#include <linux/sched.h>
#include <linux/sysfs.h>
#include <trace/events/gmem.h>

#include "internal.h"

/* Protects the pool of each loan against readers. */
static DEFINE_SPINLOCK(show_lock);

static __printf(2, 3) void loan_error(struct gmem_loan *loan,
				      const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	gmem_set_error(&loan->last_error, fmt, args);
	va_end(args);
}

/**
 * gmem_loan_show_error - say why the latest change of a loan failed
 * @loan: the loan
 * @buf: buffer of a sysfs file
 *
 * Context: any; takes a spinlock.
 * Return: number of characters.
 */
ssize_t gmem_loan_show_error(struct gmem_loan *loan, char *buf)
{
	return gmem_emit_error(&loan->last_error, buf);
}

/**
 * gmem_loan_show_pool - say which pool has a loan
 * @loan: the loan
 * @buf: buffer of a sysfs file
 *
 * Context: any; takes a spinlock.
 * Return: number of characters.
 */
ssize_t gmem_loan_show_pool(struct gmem_loan *loan, char *buf)
{
	guard(spinlock)(&show_lock);
	return sysfs_emit(buf, "%s\n",
			  loan->pool ? gmem_pool_name(loan->pool) : "");
}

static void set_pool(struct gmem_loan *loan, struct gmem_pool *pool)
{
	lockdep_assert_held(&gmem_admin_mutex);
	guard(spinlock)(&show_lock);
	loan->pool = pool;
}

/* Whether a range belongs to @loan, or to any loan if that is NULL. */
static bool lent(const struct gmem_range *range, const struct gmem_loan *loan)
{
	return range->loan && (!loan || range->loan == loan);
}

/**
 * gmem_loans_pages - how much of a pool is lent
 * @pool: the pool
 *
 * Context: gmem_admin_mutex held.
 * Return: number of pages.
 */
unsigned long gmem_loans_pages(struct gmem_pool *pool)
{
	struct gmem_range *range;
	unsigned long nr = 0;

	lockdep_assert_held(&gmem_admin_mutex);
	list_for_each_entry(range, &pool->ranges, list)
		if (range->loan)
			nr += range->nr_pages;
	return nr;
}

/* Gives back what gmem_loans_take() took, up to @end. */
static void untake(struct gmem_pool *pool, struct gmem_loan *loan,
		   const struct gmem_range *end)
{
	struct gmem_range *range;

	guard(spinlock)(&pool->lock);
	list_for_each_entry(range, &pool->ranges, list) {
		if (range == end)
			break;
		if (lent(range, loan))
			gmem_untake(range, range->pfn, range->nr_pages);
	}
}

/*
 * The same when the device goes away: what is poisoned goes with it, once no
 * backing has it.  The ranges are shut, so what is free stays so.
 */
static int take_revoked(struct gmem_pool *pool, struct gmem_loan *loan)
{
	unsigned long nr_pages = 0, nr_free = 0;
	struct gmem_range *range;

	guard(spinlock)(&pool->lock);
	list_for_each_entry(range, &pool->ranges, list) {
		if (!lent(range, loan))
			continue;
		nr_pages += range->nr_pages;
		nr_free += range->nr_free;
	}
	if (nr_free + loan->nr_lost < nr_pages >> GMEM_GRANULE_ORDER)
		return -EBUSY;
	list_for_each_entry(range, &pool->ranges, list)
		if (lent(range, loan))
			gmem_take_rest(range);
	return 0;
}

static int take_free(struct gmem_pool *pool, struct gmem_loan *loan)
{
	struct gmem_range *range;
	bool taken;

	list_for_each_entry(range, &pool->ranges, list) {
		if (!lent(range, loan))
			continue;
		scoped_guard(spinlock, &pool->lock)
			taken = gmem_take_free(range, range->pfn,
					       range->nr_pages);
		if (!taken) {
			untake(pool, loan, range);
			return -EBUSY;
		}
	}
	return 0;
}

/**
 * gmem_loans_take - take all of a loan, so that nobody can allocate it
 * @pool: the pool that has it
 * @loan: the loan, or NULL for all of them
 * @state: which signals end it: TASK_INTERRUPTIBLE or TASK_UNINTERRUPTIBLE
 *
 * The memory is zero afterwards.
 *
 * Context: may sleep, for long; gmem_admin_mutex held.
 * Return: 0; -EBUSY if a backing has some of it, or some of it is poisoned and its
 * device stays; -EINTR.
 */
int gmem_loans_take(struct gmem_pool *pool, struct gmem_loan *loan,
		    unsigned int state)
{
	struct gmem_range *range;
	int ret;

	lockdep_assert_held(&gmem_admin_mutex);
	ret = gmem_scrub_freeze(pool, state);
	if (ret)
		return ret;

	ret = loan && loan->revoked ? take_revoked(pool, loan) :
				      take_free(pool, loan);
	if (ret)
		goto thaw;

	list_for_each_entry(range, &pool->ranges, list) {
		if (!lent(range, loan))
			continue;
		ret = gmem_scrub_taken(pool, range->pfn, range->nr_pages,
				       range->nid, state);
		if (ret) {
			untake(pool, loan, NULL);
			break;
		}
	}
thaw:
	gmem_scrub_thaw(pool);
	return ret;
}

/**
 * gmem_loans_untake - undo gmem_loans_take()
 * @pool: the pool
 *
 * Context: gmem_admin_mutex held; all loans of the pool have been taken.
 */
void gmem_loans_untake(struct gmem_pool *pool)
{
	lockdep_assert_held(&gmem_admin_mutex);
	untake(pool, NULL, NULL);
}

/**
 * gmem_loans_remove - give loans back to their drivers
 * @pool: the pool that has them
 * @loan: the loan, or NULL for all of them; all of it has been taken
 *
 * Context: may sleep; gmem_admin_mutex held.
 */
void gmem_loans_remove(struct gmem_pool *pool, struct gmem_loan *loan)
{
	struct gmem_range *range, *next;

	lockdep_assert_held(&gmem_admin_mutex);
	list_for_each_entry_safe(range, next, &pool->ranges, list) {
		if (!lent(range, loan))
			continue;
		trace_gmem_return(PFN_PHYS(range->pfn),
				  PFN_PHYS(range->nr_pages), range->nid);
		set_pool(range->loan, NULL);
		gmem_range_del(range);
		gmem_range_open(range);
		gmem_range_unclaim(range);
		gmem_range_put(range);
	}
}

/* Memory with struct pages is somebody else's. */
static bool has_struct_pages(unsigned long pfn, unsigned long nr_pages)
{
	unsigned long end = pfn + nr_pages;

	for (; pfn < end; pfn += PAGES_PER_SUBSECTION) {
		if (pfn_valid(pfn))
			return true;
		cond_resched();
	}
	return false;
}

/* The whole granules of one piece of @loan; none of them is no error. */
static int make_range(struct gmem_pool *pool, struct gmem_loan *loan,
		      const struct range *piece, struct list_head *ranges)
{
	u64 start = round_up(piece->start, GMEM_GRANULE_SIZE);
	u64 end = round_down(piece->end + 1, GMEM_GRANULE_SIZE);
	struct gmem_range *range;

	if (start >= end)
		return 0;
	if (has_struct_pages(PHYS_PFN(start), PHYS_PFN(end - start))) {
		loan_error(loan, "the memory has struct pages");
		return -EBUSY;
	}
	range = gmem_range_alloc(PHYS_PFN(start), PHYS_PFN(end - start),
				 loan->nid, GMEM_ORIGIN_DAX);
	if (!range) {
		loan_error(loan, "the kernel has no memory for its records");
		return -ENOMEM;
	}
	range->pool = pool;
	range->loan = loan;
	list_add_tail(&range->list, ranges);
	return 0;
}

static int make_ranges(struct gmem_pool *pool, struct gmem_loan *loan,
		       struct list_head *ranges)
{
	unsigned int i;
	int ret;

	for (i = 0; i < loan->nr_pieces; i++) {
		ret = make_range(pool, loan, &loan->pieces[i], ranges);
		if (ret)
			return ret;
	}
	if (list_empty(ranges)) {
		loan_error(loan, "no piece of it is %lu MiB large, and aligned to that",
			   GMEM_GRANULE_SIZE >> 20);
		return -EINVAL;
	}
	return 0;
}

/* The pool of that name, with a reference. */
static struct gmem_pool *find_pool(struct gmem_loan *loan, const char *name,
				   bool create)
{
	struct gmem_pool *pool = gmem_pool_get_by_name(name);

	if (IS_ERR(pool) && create) {
		pool = gmem_pool_make(name);
		if (!IS_ERR(pool))
			get_device(&pool->dev);
	}
	if (pool == ERR_PTR(-EINVAL))
		loan_error(loan, "%s cannot be the name of a pool", name);
	else if (pool == ERR_PTR(-ENOENT))
		loan_error(loan, "there is no pool %s", name);
	else if (IS_ERR(pool))
		loan_error(loan, "pool %s cannot be made: error %ld", name,
			   PTR_ERR(pool));
	if (IS_ERR(pool))
		return pool;
	if (pool->dead) {
		gmem_pool_put(pool);
		loan_error(loan, "there is no pool %s", name);
		return ERR_PTR(-ENOENT);
	}
	return pool;
}

static int lend(struct gmem_pool *pool, struct gmem_loan *loan)
{
	unsigned long before = pool->nr_pages;
	struct gmem_range *range, *next;
	LIST_HEAD(ranges);
	int ret;

	ret = make_ranges(pool, loan, &ranges);
	if (ret)
		goto put;
	list_for_each_entry(range, &ranges, list)
		trace_gmem_lend(PFN_PHYS(range->pfn),
				PFN_PHYS(range->nr_pages), range->nid);
	gmem_set_state(pool, GMEM_GROWING);
	ret = gmem_ranges_add(pool, &ranges);
	if (ret)
		loan_error(loan, "somebody else has claimed the memory: error %d",
			   ret);
	else
		set_pool(loan, pool);
	gmem_finish_change(pool, before);
put:
	list_for_each_entry_safe(range, next, &ranges, list) {
		list_del_init(&range->list);
		gmem_range_put(range);
	}
	return ret;
}

/**
 * gmem_loan_lend - let a pool have memory of a driver
 * @loan: the memory; it has no struct pages, and nothing maps it
 * @name: the name of the pool
 * @create: make the pool if there is none of that name
 *
 * To lend it to the pool that has it already is no error.
 *
 * Context: may sleep; takes gmem_admin_mutex.
 * Return: 0; -ENOENT if there is no such pool; -EBUSY if another pool has the
 * memory, if somebody claims it, or before hibernation; -EINVAL if there is no
 * whole granule in it or @name cannot be one; -ENODEV after
 * gmem_loan_close(); -EINTR; -ENOMEM.
 */
int gmem_loan_lend(struct gmem_loan *loan, const char *name, bool create)
{
	struct gmem_pool *pool;
	int ret;

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (ret)
		return ret;
	loan_error(loan, "%s", "");
	if (loan->closed)
		return -ENODEV;
	if (loan->pool) {
		if (!strcmp(gmem_pool_name(loan->pool), name))
			return 0;
		loan_error(loan, "pool %s has the memory",
			   gmem_pool_name(loan->pool));
		return -EBUSY;
	}
	if (gmem_hibernating()) {
		loan_error(loan, "the machine is about to hibernate");
		return -EBUSY;
	}

	pool = find_pool(loan, name, create);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	ret = lend(pool, loan);
	gmem_pool_put(pool);
	return ret;
}

static int return_loan(struct gmem_loan *loan, unsigned int state)
{
	struct gmem_pool *pool = loan->pool;
	unsigned long before;
	int ret;

	lockdep_assert_held(&gmem_admin_mutex);
	loan_error(loan, "%s", "");
	if (!pool)
		return 0;

	before = pool->nr_pages;
	gmem_set_state(pool, GMEM_SHRINKING);
	ret = gmem_loans_take(pool, loan, state);
	if (!ret)
		gmem_loans_remove(pool, loan);
	else if (ret == -EBUSY && READ_ONCE(loan->nr_lost))
		loan_error(loan,
			   "%lu MiB of it are poisoned, and stay in pool %s until the device goes",
			   READ_ONCE(loan->nr_lost) * (GMEM_GRANULE_SIZE >> 20),
			   gmem_pool_name(pool));
	else if (ret == -EBUSY)
		loan_error(loan, "guests use the memory: %u guest_memfds hold memory of pool %s",
			   READ_ONCE(pool->nr_backings), gmem_pool_name(pool));
	else
		loan_error(loan, "interrupted by a signal");
	gmem_finish_change(pool, before);
	return ret;
}

/**
 * gmem_loan_return - take memory back from the pool that has it
 * @loan: the loan
 *
 * The memory is zero then.  If no pool has it there is nothing to do.
 *
 * Context: may sleep, for long; takes gmem_admin_mutex.
 * Return: 0; -EBUSY if a guest_memfd has some of it or it is poisoned; -EINTR
 * after a signal.
 */
int gmem_loan_return(struct gmem_loan *loan)
{
	int ret;

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	return ret ?: return_loan(loan, TASK_INTERRUPTIBLE);
}

/**
 * gmem_loan_close - gmem_loan_return(), and refuse to be lent from then on
 * @loan: the loan
 *
 * Context: may sleep, for long; takes gmem_admin_mutex.
 * Return: as gmem_loan_return(); on error nothing has changed.
 */
int gmem_loan_close(struct gmem_loan *loan)
{
	int ret;

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (!ret)
		ret = return_loan(loan, TASK_INTERRUPTIBLE);
	if (!ret)
		loan->closed = true;
	return ret;
}

/**
 * gmem_loan_revoke - take memory back, whatever it takes
 * @loan: the loan
 *
 * For the removal of a device, which cannot be refused.  No guest gets memory
 * of the loan from now on, and those that have some keep it: this waits for
 * them, as removing a device that is in use by VFIO does.  It does not wait for
 * what is poisoned.
 *
 * Context: may sleep, for as long as guests run; takes gmem_admin_mutex.
 */
void gmem_loan_revoke(struct gmem_loan *loan)
{
	struct gmem_range *range;
	bool told = false;
	int ret;

	for (;;) {
		scoped_guard(mutex, &gmem_admin_mutex) {
			loan->closed = true;
			loan->revoked = true;
			if (loan->pool) {
				list_for_each_entry(range, &loan->pool->ranges,
						    list)
					if (range->loan == loan)
						gmem_range_shut(range);
			}
			ret = return_loan(loan, TASK_UNINTERRUPTIBLE);
		}
		if (!ret)
			break;
		if (!told)
			pr_warn("%s is to be removed, but guests use its memory: %s (%d) waits until they end\n",
				loan->name, current->comm,
				task_pid_nr(current));
		told = true;
		schedule_timeout_uninterruptible(HZ);
	}
	if (told)
		pr_info("%s: guests have returned its memory\n", loan->name);
}
