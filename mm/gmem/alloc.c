// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Granules
 *
 * A range has two bitmaps with a bit for each granule (2 MiB, what a PMD
 * maps).  *Taken* says that the granule cannot be allocated now, *dirty* that
 * it may hold something other than zeroes.  Together they tell where every
 * byte of a pool is:
 *
 * =====  =====  ====================================================
 * taken  dirty  the granule
 * =====  =====  ====================================================
 * no     no     is free, and zero
 * no     yes    is free, and waits for the scrubber
 * yes    yes    is being zeroed: by the scrubber if it is *scrubbing* too,
 *               else for an owner that waits for it, or to be returned
 * yes    no     belongs to a backing, is poisoned, or is being returned
 * =====  =====  ====================================================
 *
 * A granule with a page that the hardware has lost is *bad*, and is taken for
 * ever, whoever had it when that was found out.
 *
 * Bit 0 stands for the first granule of the chunk (1 GiB, what a PUD maps) in
 * which the range begins, so that chunks are whole words of the bitmaps, and
 * bits that are not part of the range are taken for ever.
 *
 * Everything here is done under &gmem_pool.lock, touches no memory of the
 * pool, and costs a few words for each GiB that is allocated.
 *
 * An allocation takes whole chunks first, in the longest runs that there are,
 * and puts them at the start of the backing: there file offset and PFN agree
 * modulo 1 GiB, which is what 1 GiB entries need.  What is left over, less
 * than a chunk, comes from the smallest hole that can hold it.  Memory of the node
 * on which the caller runs goes first, then that of the others by their
 * distance; chunks of a far node before pieces of a near one.  Clean memory of
 * a node goes before dirty, because scrubbing takes longer than anything else
 * here.
 */
#include <linux/bitmap.h>
#include <linux/nodemask.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/topology.h>

#include "internal.h"

/* A run of granules that are free. */
struct gmem_run {
	struct gmem_range *range;
	unsigned long granule;
	unsigned long nr;
};

/* The first granule from @start on that is free, and clean if @clean. */
static unsigned long next_free(const struct gmem_range *range,
			       unsigned long start, unsigned long end,
			       bool clean)
{
	for (;;) {
		start = find_next_zero_bit(range->taken, end, start);
		if (!clean || start >= end || !test_bit(start, range->dirty))
			return start;
		start = find_next_zero_bit(range->dirty, end, start);
	}
}

/* The first granule from @start on that is not, in the sense of next_free(). */
static unsigned long next_busy(const struct gmem_range *range,
			       unsigned long start, unsigned long end,
			       bool clean)
{
	if (!clean)
		return find_next_bit(range->taken, end, start);
	return find_next_or_bit(range->taken, range->dirty, end, start);
}

/* May memory of @range be taken for an allocation from node @nid? */
static bool range_fits(const struct gmem_range *range, int nid,
		       unsigned long min_free)
{
	return range->nid == nid && !range->shut && range->nr_free >= min_free;
}

/* Is @run a better place for @nr granules than @best? */
static bool run_better(const struct gmem_run *run, const struct gmem_run *best,
		       unsigned long nr)
{
	if (best->nr >= nr)
		return run->nr >= nr && run->nr < best->nr;
	return run->nr > best->nr;
}

/*
 * The smallest run of whole chunks that holds @nr granules, or else the
 * longest.
 */
static struct gmem_run find_chunks(struct gmem_pool *pool, int nid,
				   unsigned long nr, bool clean)
{
	struct gmem_run best = {}, run;
	struct gmem_range *range;
	unsigned long g, end;

	list_for_each_entry(range, &pool->ranges, list) {
		if (!range_fits(range, nid, GMEM_CHUNK_GRANULES))
			continue;

		run = (struct gmem_run){ .range = range };
		for (g = 0; g < range->nr_granules; g = end) {
			end = g + GMEM_CHUNK_GRANULES;
			if (next_busy(range, g, end, clean) < end) {
				if (run_better(&run, &best, nr))
					best = run;
				run.nr = 0;
				continue;
			}
			if (!run.nr)
				run.granule = g;
			run.nr += GMEM_CHUNK_GRANULES;
		}
		if (run_better(&run, &best, nr))
			best = run;
	}
	return best;
}

/*
 * The next run of free granules in a range from @start on, cut at the border
 * of its chunk.
 */
static bool find_run(struct gmem_range *range, unsigned long start, bool clean,
		     struct gmem_run *run)
{
	unsigned long end, first;

	first = next_free(range, start, range->nr_granules, clean);
	if (first >= range->nr_granules)
		return false;
	end = round_up(first + 1, GMEM_CHUNK_GRANULES);
	*run = (struct gmem_run){
		.range = range,
		.granule = first,
		.nr = next_busy(range, first, end, clean) - first,
	};
	return true;
}

/* The same as find_chunks() for such runs. */
static struct gmem_run find_granules(struct gmem_pool *pool, int nid,
				     unsigned long nr, bool clean)
{
	struct gmem_run best = {}, run;
	struct gmem_range *range;
	unsigned long g;

	list_for_each_entry(range, &pool->ranges, list) {
		if (!range_fits(range, nid, 1))
			continue;
		for (g = 0; find_run(range, g, clean, &run);
		     g = run.granule + run.nr) {
			if (run_better(&run, &best, nr))
				best = run;
			if (best.nr == nr)
				return best;
		}
	}
	return best;
}

static unsigned long nr_dirty(const struct gmem_range *range,
			      unsigned long granule, unsigned long nr)
{
	return bitmap_weight_from(range->dirty, granule, granule + nr);
}

/* Moves free granules to taken. */
static void take_granules(struct gmem_range *range, unsigned long granule,
			  unsigned long nr)
{
	struct gmem_pool *pool = range->pool;
	unsigned long clean = nr - nr_dirty(range, granule, nr);

	lockdep_assert_held(&pool->lock);
	bitmap_set(range->taken, granule, nr);
	range->nr_free -= nr;
	range->nr_clean -= clean;
	if (range->shut)
		return;
	pool->nr_free -= nr;
	pool->nr_clean -= clean;
}

/* Moves taken granules, none of which is bad, to free. */
static void untake_good(struct gmem_range *range, unsigned long granule,
			unsigned long nr)
{
	struct gmem_pool *pool = range->pool;
	unsigned long clean = nr - nr_dirty(range, granule, nr);

	lockdep_assert_held(&pool->lock);
	bitmap_clear(range->taken, granule, nr);
	range->nr_free += nr;
	range->nr_clean += clean;
	if (range->shut)
		return;
	pool->nr_free += nr;
	pool->nr_clean += clean;
}

/* A bad granule that no backing has, or has any more; nobody needs to scrub it. */
static void lose_granule(struct gmem_range *range, unsigned long granule)
{
	lockdep_assert_held(&range->pool->lock);
	__clear_bit(granule, range->dirty);
	if (range->loan)
		WRITE_ONCE(range->loan->nr_lost, range->loan->nr_lost + 1);
}

/* Moves taken granules to free.  What is bad stays taken. */
static void untake_granules(struct gmem_range *range, unsigned long granule,
			    unsigned long nr)
{
	unsigned long end = granule + nr, next;

	lockdep_assert_held(&range->pool->lock);
	if (!range->bad) {
		untake_good(range, granule, nr);
		return;
	}
	for (; granule < end; granule = next + 1) {
		next = find_next_bit(range->bad, end, granule);
		if (next > granule)
			untake_good(range, granule, next - granule);
		if (next < end)
			lose_granule(range, next);
	}
}

/**
 * gmem_mark_bad - take a granule out of use for ever
 * @range: the range, in its pool
 * @pfn: any PFN of the granule
 * @bad: if @range has no bitmap of bad granules yet: a zeroed one, which it
 *	 then owns
 *
 * Context: gmem_poison_mutex held, which protects &gmem_range.bad against being
 * set; takes &gmem_pool.lock.
 * Return: true, or false with nothing done if @range is not in its pool now.
 */
bool gmem_mark_bad(struct gmem_range *range, unsigned long pfn,
		   unsigned long *bad)
{
	struct gmem_pool *pool = range->pool;
	unsigned long g = gmem_granule(range, pfn);

	lockdep_assert_held(&gmem_poison_mutex);
	guard(spinlock)(&pool->lock);
	if (!range->linked)
		return false;
	if (bad)
		range->bad = bad;
	if (__test_and_set_bit(g, range->bad))
		return true;
	pool->nr_bad++;
	if (!test_bit(g, range->taken)) {
		take_granules(range, g, 1);
		lose_granule(range, g);
	}
	return true;
}

/**
 * gmem_range_is_bad - has a range bad granules?
 * @range: the range, in its pool
 *
 * Context: takes &gmem_pool.lock.
 * Return: true if there is one at least.
 */
bool gmem_range_is_bad(const struct gmem_range *range)
{
	guard(spinlock)(&range->pool->lock);
	return range->bad && !bitmap_empty(range->bad, range->nr_granules);
}

/**
 * gmem_find_range - the range of a pool that a PFN belongs to
 * @pool: the pool
 * @pfn: the PFN
 *
 * Context: &gmem_pool.lock held.
 * Return: the range, or NULL.
 */
struct gmem_range *gmem_find_range(struct gmem_pool *pool, unsigned long pfn)
{
	struct gmem_range *range;

	lockdep_assert_held(&pool->lock);
	list_for_each_entry(range, &pool->ranges, list)
		if (pfn >= range->pfn && pfn - range->pfn < range->nr_pages)
			return range;
	return NULL;
}

static void free_extent(struct gmem_pool *pool,
			const struct gmem_extent *extent, bool dirty)
{
	struct gmem_range *range = gmem_find_range(pool, extent->pfn);
	unsigned long first = gmem_granule(range, extent->pfn);
	unsigned long nr = extent->nr_pages >> GMEM_GRANULE_ORDER;

	if (dirty)
		bitmap_set(range->dirty, first, nr);
	untake_granules(range, first, nr);
}

/* What take_extents() has found so far. */
struct extents {
	struct gmem_extent *array;
	unsigned int nr;
	unsigned int max;
	pgoff_t pgoff;
	unsigned long need;		/* granules */
};

/* Takes as much of a run as is needed; false if there is no room for it. */
static bool take_run(struct extents *extents, const struct gmem_run *run)
{
	unsigned long nr = min(run->nr, extents->need);
	struct gmem_extent *extent = &extents->array[extents->nr];

	if (extents->nr == extents->max)
		return false;
	take_granules(run->range, run->granule, nr);
	*extent = (struct gmem_extent){
		.pgoff = extents->pgoff,
		.pfn = gmem_granule_pfn(run->range, run->granule),
		.nr_pages = nr << GMEM_GRANULE_ORDER,
		.nid = run->range->nid,
	};
	extents->nr++;
	extents->pgoff += extent->nr_pages;
	extents->need -= nr;
	return true;
}

/* Whole chunks, which belong at offsets that are whole chunks. */
static bool take_chunks(struct gmem_pool *pool, struct extents *extents,
			int nid, bool clean)
{
	while (extents->need >= GMEM_CHUNK_GRANULES) {
		unsigned long nr = round_down(extents->need,
					      GMEM_CHUNK_GRANULES);
		struct gmem_run run = find_chunks(pool, nid, nr, clean);

		if (!run.nr)
			return true;
		run.nr = min(run.nr, nr);
		if (!take_run(extents, &run))
			return false;
	}
	return true;
}

/* All that is left in one piece, if there is one. */
static bool take_fit(struct gmem_pool *pool, struct extents *extents,
		     int nid, bool clean)
{
	struct gmem_run run;

	if (!extents->need)
		return true;
	run = find_granules(pool, nid, extents->need, clean);
	return run.nr < extents->need || take_run(extents, &run);
}

/*
 * Whatever is free, in runs of at least @min_nr granules.  One walk for each power
 * of two finds long runs first without a search for each.
 */
static bool take_fragments(struct gmem_pool *pool, struct extents *extents,
			   int nid, unsigned long min_nr)
{
	struct gmem_range *range;
	struct gmem_run run;
	unsigned long g = 0;

	list_for_each_entry(range, &pool->ranges, list) {
		if (!range_fits(range, nid, 1))
			continue;
		for (g = 0; extents->need &&
		     find_run(range, g, false, &run);
		     g = run.granule + run.nr)
			if (run.nr >= min_nr && !take_run(extents, &run))
				return false;
	}
	return true;
}

static bool take_all_fragments(struct gmem_pool *pool, struct extents *extents,
			       int nid)
{
	unsigned long min_nr = GMEM_CHUNK_GRANULES;
	bool room = true;

	for (; room && extents->need && min_nr; min_nr /= 2)
		room = take_fragments(pool, extents, nid, min_nr);
	return room;
}

/*
 * The node of the pool that is nearest to @from of those that are not in @seen,
 * or NUMA_NO_NODE after the last.  It is added to @seen.
 */
static int next_node_by_distance(struct gmem_pool *pool, int from,
				 nodemask_t *seen)
{
	struct gmem_range *range;
	int best = NUMA_NO_NODE;

	list_for_each_entry(range, &pool->ranges, list) {
		if (range->shut || node_isset(range->nid, *seen))
			continue;
		if (best == NUMA_NO_NODE ||
		    node_distance(from, range->nid) < node_distance(from, best))
			best = range->nid;
	}
	if (best != NUMA_NO_NODE)
		node_set(best, *seen);
	return best;
}

/*
 * Finds and takes @nr granules that are known to be free.  Returns the number
 * of extents, or -E2BIG with nothing taken if there are more than @max.
 */
static int take_extents(struct gmem_pool *pool, unsigned long nr,
			struct gmem_extent *array, unsigned int max)
{
	struct extents extents = { .array = array, .max = max, .need = nr };
	int from = numa_node_id();
	bool room = true;
	nodemask_t seen;
	int nid;

	for (seen = NODE_MASK_NONE;
	     room && (nid = next_node_by_distance(pool, from, &seen)) >= 0;)
		room = take_chunks(pool, &extents, nid, true) &&
		       take_chunks(pool, &extents, nid, false);
	for (seen = NODE_MASK_NONE;
	     room && (nid = next_node_by_distance(pool, from, &seen)) >= 0;)
		room = take_fit(pool, &extents, nid, true) &&
		       take_fit(pool, &extents, nid, false);
	for (seen = NODE_MASK_NONE;
	     room && (nid = next_node_by_distance(pool, from, &seen)) >= 0;)
		room = take_all_fragments(pool, &extents, nid);
	if (room)
		return extents.nr;

	while (extents.nr--)
		free_extent(pool, &array[extents.nr], false);
	return -E2BIG;
}

/* Whole chunks that are free, or will be when the scrubber has @returned all. */
static unsigned long nr_chunks(struct gmem_pool *pool, bool returned)
{
	struct gmem_range *range;
	unsigned long g, end, busy, nr = 0;

	list_for_each_entry(range, &pool->ranges, list) {
		if (range->shut)
			continue;
		for (g = 0; g < range->nr_granules; g = end) {
			end = g + GMEM_CHUNK_GRANULES;
			if (returned)
				busy = find_next_andnot_bit(range->taken,
							    range->scrubbing,
							    end, g);
			else
				busy = find_next_bit(range->taken, end, g);
			nr += busy >= end;
		}
	}
	return nr;
}

/*
 * Under the lock: is it decided whether @nr granules can be had?  What the
 * scrubber holds is worth waiting for if it makes a chunk whole that is needed:
 * a backing is never moved, and would be without that 1 GiB entry for ever.
 */
static int may_alloc(struct gmem_pool *pool, unsigned long nr)
{
	unsigned long chunks = nr / GMEM_CHUNK_GRANULES;

	if (pool->dead)
		return -ENODEV;
	if (nr > pool->nr_free + pool->nr_scrubbing)
		return -ENOSPC;
	if (nr > pool->nr_free)
		return -EAGAIN;
	if (chunks && pool->nr_scrubbing &&
	    nr_chunks(pool, false) < min(chunks, nr_chunks(pool, true)))
		return -EAGAIN;
	return 0;
}

static bool alloc_decided(struct gmem_pool *pool, unsigned long nr)
{
	guard(spinlock)(&pool->lock);
	return may_alloc(pool, nr) != -EAGAIN;
}

/**
 * gmem_alloc - take granules out of a pool, for a backing
 * @pool: the pool
 * @nr_granules: how many
 * @extents: returns an array of what was taken, to be freed with kvfree()
 * @nr_extents: returns its length
 *
 * What was taken may be dirty: gmem_next_dirty() tells.
 *
 * Context: may sleep, also for the scrubber to finish; a fatal signal ends it.
 * Return: 0, -ENOSPC, -ENODEV if the pool has been deleted, -EINTR, -ENOMEM.
 */
int gmem_alloc(struct gmem_pool *pool, unsigned long nr_granules,
	       struct gmem_extent **extents, unsigned int *nr_extents)
{
	struct gmem_extent *array = NULL;
	unsigned int max = 8;
	bool waited = false;
	int ret;

	do {
		kvfree(array);
		array = kvmalloc_objs(*array, max, GFP_KERNEL_ACCOUNT);
		if (!array) {
			ret = -ENOMEM;
			break;
		}

		spin_lock(&pool->lock);
		for (;;) {
			ret = may_alloc(pool, nr_granules);
			if (ret != -EAGAIN)
				break;
			/* The scrubber stops when it sees that we wait. */
			waited = true;
			pool->nr_waiting++;
			spin_unlock(&pool->lock);
			ret = wait_event_killable(pool->wait,
						  alloc_decided(pool, nr_granules));
			spin_lock(&pool->lock);
			pool->nr_waiting--;
			if (ret)
				break;
		}
		if (!ret)
			ret = take_extents(pool, nr_granules, array, max);
		if (ret > 0)
			pool->nr_backings++;
		spin_unlock(&pool->lock);
		max *= 4;
	} while (ret == -E2BIG);

	if (waited)
		gmem_scrub_kick(pool);
	if (ret < 0) {
		kvfree(array);
		return ret == -ERESTARTSYS ? -EINTR : ret;
	}
	*extents = array;
	*nr_extents = ret;
	return 0;
}

/**
 * gmem_free - give the granules of a backing back to the pool
 * @pool: the pool
 * @extents: what gmem_alloc() returned
 * @nr_extents: number of @extents
 *
 * They become dirty; poisoned granules stay taken.
 *
 * Context: process context; does not sleep.
 */
void gmem_free(struct gmem_pool *pool, const struct gmem_extent *extents,
	       unsigned int nr_extents)
{
	scoped_guard(spinlock, &pool->lock) {
		while (nr_extents--)
			free_extent(pool, &extents[nr_extents], true);
		pool->nr_backings--;
	}
	wake_up_all(&pool->wait);
	gmem_scrub_kick(pool);
	gmem_elastic_kick(pool);
}

/**
 * gmem_next_dirty - find the next dirty piece of an extent
 * @pool: the pool
 * @extent: an extent that the caller owns
 * @pfn: where to search from; returns the first PFN of the piece
 * @nr_pages: returns its length
 *
 * Return: true if there is one.
 */
bool gmem_next_dirty(struct gmem_pool *pool, const struct gmem_extent *extent,
		     unsigned long *pfn, unsigned long *nr_pages)
{
	struct gmem_range *range;
	unsigned long g, end;

	guard(spinlock)(&pool->lock);
	range = gmem_find_range(pool, extent->pfn);
	end = gmem_granule(range, extent->pfn + extent->nr_pages);
	g = find_next_bit(range->dirty, end, gmem_granule(range, *pfn));
	if (g >= end)
		return false;
	*pfn = gmem_granule_pfn(range, g);
	*nr_pages = (find_next_zero_bit(range->dirty, end, g) - g) <<
		    GMEM_GRANULE_ORDER;
	return true;
}

/**
 * gmem_mark_clean - note that memory which the caller has taken is zero
 * @pool: the pool
 * @pfn: first PFN, granule aligned
 * @nr_pages: number of pages, whole granules inside one range
 */
void gmem_mark_clean(struct gmem_pool *pool, unsigned long pfn,
		     unsigned long nr_pages)
{
	struct gmem_range *range;

	guard(spinlock)(&pool->lock);
	range = gmem_find_range(pool, pfn);
	bitmap_clear(range->dirty, gmem_granule(range, pfn),
		     nr_pages >> GMEM_GRANULE_ORDER);
}

/**
 * gmem_take_dirty - take free memory for scrubbing
 * @range: the range
 * @max: at most so many granules
 * @granule: returns the first
 *
 * Return: how many granules were taken; 0 if there is nothing to do, or if
 * somebody waits for the scrubber to stop.
 */
unsigned long gmem_take_dirty(struct gmem_range *range, unsigned long max,
			      unsigned long *granule)
{
	struct gmem_pool *pool = range->pool;
	unsigned long g, end;

	guard(spinlock)(&pool->lock);
	if (pool->frozen || pool->nr_waiting || range->shut)
		return 0;

	g = find_next_andnot_bit(range->dirty, range->taken,
				 range->nr_granules, 0);
	if (g >= range->nr_granules)
		return 0;
	end = min(range->nr_granules, g + max);
	end = find_next_zero_bit(range->dirty, end, g);
	end = find_next_bit(range->taken, end, g);

	take_granules(range, g, end - g);
	bitmap_set(range->scrubbing, g, end - g);
	pool->nr_scrubbing += end - g;
	*granule = g;
	return end - g;
}

/**
 * gmem_put_scrubbed - give back what gmem_take_dirty() took, now zero
 * @range: the range
 * @granule: the first granule
 * @nr: number of granules
 */
void gmem_put_scrubbed(struct gmem_range *range, unsigned long granule,
		       unsigned long nr)
{
	struct gmem_pool *pool = range->pool;

	scoped_guard(spinlock, &pool->lock) {
		bitmap_clear(range->dirty, granule, nr);
		bitmap_clear(range->scrubbing, granule, nr);
		untake_granules(range, granule, nr);
		pool->nr_scrubbing -= nr;
	}
	wake_up_all(&pool->wait);
}

/**
 * gmem_largest_free - the longest run of free granules
 * @pool: the pool
 *
 * What is being scrubbed counts as free.
 *
 * Return: number of granules.
 */
unsigned long gmem_largest_free(struct gmem_pool *pool)
{
	unsigned long g, end, largest = 0;
	struct gmem_range *range;

	guard(spinlock)(&pool->lock);
	list_for_each_entry(range, &pool->ranges, list) {
		if (range->shut)
			continue;
		for (g = 0; g < range->nr_granules; g = end + 1) {
			end = find_next_andnot_bit(range->taken,
						   range->scrubbing,
						   range->nr_granules, g);
			largest = max(largest, end - g);
		}
	}
	return largest;
}

/* Splits a run of granules into naturally aligned blocks. */
static void count_run(unsigned long g, unsigned long end, unsigned long *counts)
{
	while (g < end) {
		unsigned int order = g ? __ffs(g) : GMEM_NR_ORDERS - 1;

		order = min3(order, (unsigned int)__fls(end - g),
			     (unsigned int)GMEM_NR_ORDERS - 1);
		counts[order]++;
		g += BIT(order);
	}
}

/**
 * gmem_count_free - count free blocks by their size
 * @pool: the pool
 * @counts: GMEM_NR_ORDERS numbers: naturally aligned blocks of 2^i granules;
 *	    each granule is in one, the largest that it can be in
 *
 * What is being scrubbed counts as free.
 */
void gmem_count_free(struct gmem_pool *pool, unsigned long *counts)
{
	struct gmem_range *range;
	unsigned long g, end;

	memset(counts, 0, GMEM_NR_ORDERS * sizeof(*counts));
	guard(spinlock)(&pool->lock);
	list_for_each_entry(range, &pool->ranges, list) {
		if (range->shut)
			continue;
		for (g = 0; g < range->nr_granules; g = end + 1) {
			end = find_next_andnot_bit(range->taken,
						   range->scrubbing,
						   range->nr_granules, g);
			count_run(g, end, counts);
		}
	}
}

/**
 * gmem_take_free - take a part of a range if all of it is free
 * @range: the range
 * @pfn: first PFN, granule aligned
 * @nr_pages: number of pages, whole granules inside @range
 *
 * Context: &gmem_pool.lock held.
 * Return: true if it was taken.
 */
bool gmem_take_free(struct gmem_range *range, unsigned long pfn,
		    unsigned long nr_pages)
{
	unsigned long nr = nr_pages >> GMEM_GRANULE_ORDER;
	unsigned long g = gmem_granule(range, pfn);

	if (find_next_bit(range->taken, g + nr, g) < g + nr)
		return false;
	take_granules(range, g, nr);
	return true;
}

/**
 * gmem_take_rest - take whatever is free of a range that leaves for good
 * @range: the range, which is shut
 *
 * What is bad becomes dirty: it is left out of scrubbing as long as nobody gets
 * it, but now it goes with the rest, and the granule has more pages than the one
 * that is poisoned.
 *
 * Context: &gmem_pool.lock held.
 */
void gmem_take_rest(struct gmem_range *range)
{
	unsigned long end, g = 0;

	while ((g = find_next_zero_bit(range->taken, range->nr_granules, g)) <
	       range->nr_granules) {
		end = find_next_bit(range->taken, range->nr_granules, g);
		take_granules(range, g, end - g);
		g = end;
	}
	if (range->bad)
		bitmap_or(range->dirty, range->dirty, range->bad,
			  range->nr_granules);
}

/**
 * gmem_untake - undo gmem_take_free()
 * @range: the range
 * @pfn: first PFN
 * @nr_pages: number of pages
 *
 * Context: &gmem_pool.lock held.
 */
void gmem_untake(struct gmem_range *range, unsigned long pfn,
		 unsigned long nr_pages)
{
	untake_granules(range, gmem_granule(range, pfn),
			nr_pages >> GMEM_GRANULE_ORDER);
}

/**
 * gmem_range_shut - let nobody allocate memory of a range any more
 * @range: the range, which is going to be removed; shut already is no error
 *
 * Context: takes &gmem_pool.lock.
 */
void gmem_range_shut(struct gmem_range *range)
{
	struct gmem_pool *pool = range->pool;

	scoped_guard(spinlock, &pool->lock) {
		if (range->shut)
			return;
		range->shut = true;
		pool->nr_free -= range->nr_free;
		pool->nr_clean -= range->nr_clean;
	}
	wake_up_all(&pool->wait);
}
