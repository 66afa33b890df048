// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Elastic pools
 *
 * A pool with a maximum (&gmem_pool.max) is elastic: when a guest_memfd asks for
 * more than is free, the pool takes what is missing from System RAM, in the
 * task that asks.  What the administrator gave to the pool
 * (&gmem_pool.reserved) stays; the rest goes back when it is free, some time
 * after memory was freed (&gmem_pool.return_delay), so that a guest that is
 * started again finds its memory.
 *
 * Memory goes back in whole memory blocks that are free.  What is free but not
 * in such a block stays until more of the block is freed.
 *
 * The watermark holds for every pool: taking System RAM must leave
 * gmem_keep_free bytes of it available.
 */
#include <linux/cleanup.h>
#include <linux/memory.h>
#include <linux/workqueue.h>

#include "internal.h"

/* What is free, or will be when the scrubber is done with it. */
static unsigned long free_granules(struct gmem_pool *pool)
{
	guard(spinlock)(&pool->lock);
	return pool->nr_free + pool->nr_scrubbing;
}

/* What is missing for an allocation, in pages; 0 if that is nothing. */
static unsigned long missing_pages(struct gmem_pool *pool,
				   unsigned long nr_granules)
{
	unsigned long have = free_granules(pool);

	return have < nr_granules ?
	       (nr_granules - have) << GMEM_GRANULE_ORDER : 0;
}

static int grow_for(struct gmem_pool *pool, unsigned long nr_granules)
{
	unsigned long block = memory_block_size_bytes() >> PAGE_SHIFT;
	unsigned long before, missing;
	int ret;

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (ret)
		return ret;
	if (pool->dead)
		return -ENODEV;
	if (!pool->max)
		return -ENOSPC;
	/* Somebody may have done it while we waited. */
	missing = round_up(missing_pages(pool, nr_granules), block);
	if (!missing)
		return 0;

	gmem_clear_error(pool);
	before = pool->nr_pages;
	if (before + missing > pool->max) {
		gmem_error(pool,
			   "%lu MiB are missing for a guest_memfd of %lu MiB; the pool has %lu MiB and may have %lu MiB",
			   missing >> (20 - PAGE_SHIFT),
			   nr_granules << (GMEM_GRANULE_ORDER + PAGE_SHIFT - 20),
			   before >> (20 - PAGE_SHIFT),
			   pool->max >> (20 - PAGE_SHIFT));
		return -ENOSPC;
	}
	ret = gmem_grow(pool, missing);
	gmem_finish_change(pool, before);
	return ret;
}

/**
 * gmem_elastic_alloc - gmem_alloc() from a pool that may grow for it
 * @pool: the pool
 * @nr_granules: how many granules
 * @extents: returns an array of what was taken, to be freed with kvfree()
 * @nr_extents: returns its length
 *
 * Context: may sleep, for long; takes gmem_admin_mutex.  Memory that the pool
 * takes needs any signal to stop waiting for it, so that any signal ends it.
 * Return: as gmem_alloc(), and the errnos of gmem_unplug().
 */
int gmem_elastic_alloc(struct gmem_pool *pool, unsigned long nr_granules,
		       struct gmem_extent **extents, unsigned int *nr_extents)
{
	int ret;

	ret = gmem_alloc(pool, nr_granules, extents, nr_extents);
	if (ret != -ENOSPC || !READ_ONCE(pool->max))
		return ret;

	/* What is taken for us must not be returned before we have it. */
	atomic_inc(&pool->nr_growing);
	do {
		ret = grow_for(pool, nr_granules);
		if (!ret)
			ret = gmem_alloc(pool, nr_granules, extents,
					 nr_extents);
		else
			break;
		/* Others may have been faster. */
	} while (ret == -ENOSPC);
	atomic_dec(&pool->nr_growing);
	/* If it failed, or others needed less than they asked for. */
	gmem_elastic_kick(pool);
	return ret;
}

/* Memory that an elastic pool has beyond what was given to it, in pages. */
static unsigned long extra_pages(struct gmem_pool *pool)
{
	unsigned long own = pool->nr_pages - gmem_loans_pages(pool);

	return own > pool->reserved ? own - pool->reserved : 0;
}

/**
 * gmem_elastic_work - return what an elastic pool does not need
 * @work: &gmem_pool.elastic
 */
void gmem_elastic_work(struct work_struct *work)
{
	struct gmem_pool *pool = container_of(to_delayed_work(work),
					      struct gmem_pool, elastic);
	unsigned long block = memory_block_size_bytes() >> PAGE_SHIFT;
	unsigned long before, extra;

	guard(mutex)(&gmem_admin_mutex);
	if (pool->dead || !pool->max)
		return;
	if (atomic_read(&pool->nr_growing)) {
		gmem_elastic_kick(pool);
		return;
	}
	extra = round_down(extra_pages(pool), block);
	before = pool->nr_pages;
	if (!extra || !free_granules(pool))
		return;
	gmem_set_state(pool, GMEM_SHRINKING);
	gmem_shrink(pool, NUMA_NO_NODE, extra, true);
	gmem_finish_change(pool, before);
}

/**
 * gmem_elastic_kick - memory was freed: return it after a while
 * @pool: the pool
 *
 * The time counts from the first call; memory that is in use again by then
 * stays.  A dead pool is left alone: gmem_device_del() waits for the work once.
 *
 * Context: process context; does not sleep; takes &gmem_pool.lock.
 */
void gmem_elastic_kick(struct gmem_pool *pool)
{
	guard(spinlock)(&pool->lock);
	if (READ_ONCE(pool->max) && !pool->dead)
		queue_delayed_work(system_dfl_long_wq, &pool->elastic,
				   msecs_to_jiffies(READ_ONCE(pool->return_delay)));
}

/**
 * gmem_elastic_set_max - make a pool elastic, or not
 * @pool: the pool
 * @max: how many pages it may have, 0 for a pool that does not grow by itself
 *
 * What it has beyond what was given to it then stays.
 *
 * Context: gmem_admin_mutex held.
 */
void gmem_elastic_set_max(struct gmem_pool *pool, unsigned long max)
{
	lockdep_assert_held(&gmem_admin_mutex);
	WRITE_ONCE(pool->max, max);
	gmem_elastic_kick(pool);
}

/**
 * gmem_elastic_set_delay - set how long free memory stays
 * @pool: the pool
 * @ms: milliseconds
 *
 * Context: gmem_admin_mutex held.
 */
void gmem_elastic_set_delay(struct gmem_pool *pool, unsigned int ms)
{
	lockdep_assert_held(&gmem_admin_mutex);
	WRITE_ONCE(pool->return_delay, ms);
	/* What waits already waits for the new time. */
	if (pool->max && delayed_work_pending(&pool->elastic))
		mod_delayed_work(system_dfl_long_wq, &pool->elastic,
				 msecs_to_jiffies(ms));
}
