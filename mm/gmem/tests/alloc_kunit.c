// SPDX-License-Identifier: GPL-2.0
/*
 * Tests of granules: what gmem_alloc() hands out, in which order, and that
 * every granule is in exactly one place afterwards.  The ranges are made up;
 * nothing here touches memory of a pool.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "../internal.h"

#define CHUNK	GMEM_CHUNK_GRANULES

/* PFNs that no machine has, so that a mistake cannot hit memory. */
#define FIRST_PFN	BIT(38)

/* Adds @nr granules that begin @offset granules after chunk @chunk. */
static struct gmem_range *make_range(struct kunit *test, unsigned long chunk,
				     unsigned long offset, unsigned long nr,
				     bool clean)
{
	struct gmem_pool *pool = test->priv;
	unsigned long pfn = FIRST_PFN + chunk * GMEM_CHUNK_PAGES +
			    offset * GMEM_GRANULE_PAGES;
	struct gmem_range *range;

	range = gmem_range_alloc(pfn, nr * GMEM_GRANULE_PAGES, 0,
				 GMEM_ORIGIN_RAM);
	KUNIT_ASSERT_NOT_NULL(test, range);
	range->pool = pool;
	if (clean) {
		bitmap_zero(range->dirty, range->nr_granules);
		range->nr_clean = nr;
	}
	list_add_tail(&range->list, &pool->ranges);
	range->linked = true;
	pool->nr_pages += range->nr_pages;
	pool->nr_free += range->nr_free;
	pool->nr_clean += range->nr_clean;
	return range;
}

static bool take_free(struct gmem_range *range, unsigned long granule,
		      unsigned long nr)
{
	guard(spinlock)(&range->pool->lock);
	return gmem_take_free(range, gmem_granule_pfn(range, granule),
			      nr * GMEM_GRANULE_PAGES);
}

/* Every sum agrees with the bitmaps. */
static void check_sums(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	unsigned long free = 0, clean = 0;
	struct gmem_range *range;
	unsigned long g;

	list_for_each_entry(range, &pool->ranges, list) {
		unsigned long range_free = 0, range_clean = 0;

		for (g = 0; g < range->nr_granules; g++) {
			if (test_bit(g, range->taken))
				continue;
			range_free++;
			range_clean += !test_bit(g, range->dirty);
		}
		KUNIT_EXPECT_EQ(test, range->nr_free, range_free);
		KUNIT_EXPECT_EQ(test, range->nr_clean, range_clean);
		free += range_free;
		clean += range_clean;
	}
	KUNIT_EXPECT_EQ(test, pool->nr_free, free);
	KUNIT_EXPECT_EQ(test, pool->nr_clean, clean);
}

struct taken {
	struct gmem_extent *extents;
	unsigned int nr;
};

static int take(struct kunit *test, unsigned long nr, struct taken *taken)
{
	int ret = gmem_alloc(test->priv, nr, &taken->extents, &taken->nr);

	check_sums(test);
	return ret;
}

static void give_back(struct kunit *test, struct taken *taken)
{
	gmem_free(test->priv, taken->extents, taken->nr);
	kvfree(taken->extents);
	check_sums(test);
}

static int alloc_test_init(struct kunit *test)
{
	struct gmem_pool *pool = kunit_kzalloc(test, sizeof(*pool), GFP_KERNEL);

	if (!pool)
		return -ENOMEM;
	gmem_pool_init(pool);
	/* The scrubber must not touch what does not exist. */
	pool->frozen = true;
	test->priv = pool;
	return 0;
}

static void alloc_test_exit(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range, *next;

	list_for_each_entry_safe(range, next, &pool->ranges, list) {
		list_del(&range->list);
		gmem_range_put(range);
	}
	ida_destroy(&pool->range_ids);
}

static void one_extent_when_contiguous(struct kunit *test)
{
	struct taken taken;

	make_range(test, 0, 0, 4 * CHUNK, true);
	KUNIT_ASSERT_EQ(test, take(test, 4 * CHUNK, &taken), 0);
	KUNIT_EXPECT_EQ(test, taken.nr, 1);
	KUNIT_EXPECT_EQ(test, taken.extents[0].pgoff, 0);
	KUNIT_EXPECT_EQ(test, taken.extents[0].pfn, FIRST_PFN);
	KUNIT_EXPECT_EQ(test, taken.extents[0].nr_pages, 4 * GMEM_CHUNK_PAGES);
	give_back(test, &taken);
}

static void whole_gib_are_aligned(struct kunit *test)
{
	struct taken taken;
	unsigned int i;

	/* Two whole chunks inside a range that is aligned to none. */
	make_range(test, 0, 100, 3 * CHUNK, true);
	KUNIT_ASSERT_EQ(test, take(test, 2 * CHUNK + 7, &taken), 0);
	for (i = 0; i < taken.nr; i++) {
		const struct gmem_extent *e = &taken.extents[i];

		if (e->nr_pages < GMEM_CHUNK_PAGES)
			continue;
		KUNIT_EXPECT_EQ(test, e->pgoff & (GMEM_CHUNK_PAGES - 1),
				e->pfn & (GMEM_CHUNK_PAGES - 1));
	}
	KUNIT_EXPECT_EQ(test, taken.extents[0].nr_pages, 2 * GMEM_CHUNK_PAGES);
	give_back(test, &taken);
}

static void small_takes_smallest_hole(struct kunit *test)
{
	struct taken taken;

	make_range(test, 0, 0, CHUNK, true);
	make_range(test, 2, 0, 10, true);
	make_range(test, 4, 0, 5, true);
	KUNIT_ASSERT_EQ(test, take(test, 4, &taken), 0);
	KUNIT_EXPECT_EQ(test, taken.nr, 1);
	KUNIT_EXPECT_EQ(test, taken.extents[0].pfn,
			FIRST_PFN + 4 * GMEM_CHUNK_PAGES);
	give_back(test, &taken);
}

static void clean_goes_before_dirty(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	unsigned long pfn, nr_pages;
	struct taken taken;

	make_range(test, 0, 0, 2 * CHUNK, false);
	make_range(test, 4, 0, 2 * CHUNK, true);
	KUNIT_ASSERT_EQ(test, take(test, CHUNK + 3, &taken), 0);
	KUNIT_EXPECT_EQ(test, taken.nr, 2);
	pfn = taken.extents[0].pfn;
	KUNIT_EXPECT_FALSE(test, gmem_next_dirty(pool, &taken.extents[0],
						 &pfn, &nr_pages));
	pfn = taken.extents[1].pfn;
	KUNIT_EXPECT_FALSE(test, gmem_next_dirty(pool, &taken.extents[1],
						 &pfn, &nr_pages));
	give_back(test, &taken);
	/* What was used is dirty now. */
	KUNIT_EXPECT_EQ(test, pool->nr_clean, CHUNK - 3);
}

static void dirty_is_found_and_marked(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	unsigned long pfn, nr_pages;
	struct gmem_range *range;
	struct taken taken;

	range = make_range(test, 0, 0, 16, true);
	bitmap_set(range->dirty, 3, 2);
	range->nr_clean -= 2;
	pool->nr_clean -= 2;
	KUNIT_ASSERT_EQ(test, take(test, 16, &taken), 0);
	KUNIT_ASSERT_EQ(test, taken.nr, 1);

	pfn = taken.extents[0].pfn;
	KUNIT_ASSERT_TRUE(test, gmem_next_dirty(pool, &taken.extents[0], &pfn,
						&nr_pages));
	KUNIT_EXPECT_EQ(test, pfn, FIRST_PFN + 3 * GMEM_GRANULE_PAGES);
	KUNIT_EXPECT_EQ(test, nr_pages, 2 * GMEM_GRANULE_PAGES);
	gmem_mark_clean(pool, pfn, nr_pages);
	KUNIT_EXPECT_FALSE(test, gmem_next_dirty(pool, &taken.extents[0], &pfn,
						 &nr_pages));
	give_back(test, &taken);
}

static void fragments_serve_what_nothing_else_can(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range;
	unsigned long sum = 0;
	struct taken taken;
	unsigned int i;

	/* Every second granule is in use: more extents than any first guess. */
	range = make_range(test, 0, 0, CHUNK, true);
	for (i = 0; i < CHUNK; i += 2)
		KUNIT_ASSERT_TRUE(test, take_free(range, i, 1));
	KUNIT_ASSERT_EQ(test, take(test, CHUNK / 2, &taken), 0);
	KUNIT_EXPECT_EQ(test, taken.nr, CHUNK / 2);
	for (i = 0; i < taken.nr; i++) {
		KUNIT_EXPECT_EQ(test, taken.extents[i].pgoff, sum);
		sum += taken.extents[i].nr_pages;
	}
	KUNIT_EXPECT_EQ(test, sum, CHUNK / 2 * GMEM_GRANULE_PAGES);
	KUNIT_EXPECT_EQ(test, pool->nr_free, 0);
	give_back(test, &taken);
}

static void too_much_changes_nothing(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct taken taken;

	make_range(test, 0, 0, 8, true);
	KUNIT_EXPECT_EQ(test, take(test, 9, &taken), -ENOSPC);
	KUNIT_EXPECT_EQ(test, pool->nr_free, 8);
	KUNIT_EXPECT_EQ(test, pool->nr_clean, 8);
	KUNIT_EXPECT_EQ(test, pool->nr_backings, 0);
}

static void dead_pool_gives_nothing(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct taken taken;

	make_range(test, 0, 0, 8, true);
	pool->dead = true;
	KUNIT_EXPECT_EQ(test, take(test, 1, &taken), -ENODEV);
}

/* Whoever frees memory late must not queue the work of a pool that goes away. */
static void dead_pool_returns_nothing(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct taken taken;

	pool->max = 1;
	pool->return_delay = 3600 * MSEC_PER_SEC;
	make_range(test, 0, 0, 8, true);
	KUNIT_ASSERT_EQ(test, take(test, 8, &taken), 0);
	give_back(test, &taken);
	KUNIT_EXPECT_TRUE(test, cancel_delayed_work_sync(&pool->elastic));

	KUNIT_ASSERT_EQ(test, take(test, 8, &taken), 0);
	scoped_guard(spinlock, &pool->lock)
		pool->dead = true;
	give_back(test, &taken);
	KUNIT_EXPECT_FALSE(test, cancel_delayed_work_sync(&pool->elastic));
}

static void scrubbing_holds_and_returns(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range = make_range(test, 0, 0, 20, false);
	unsigned long granule;

	KUNIT_EXPECT_EQ(test, gmem_take_dirty(range, 8, &granule), 0);
	pool->frozen = false;
	KUNIT_EXPECT_EQ(test, gmem_take_dirty(range, 8, &granule), 8);
	check_sums(test);
	KUNIT_EXPECT_EQ(test, pool->nr_free, 12);
	KUNIT_EXPECT_EQ(test, pool->nr_scrubbing, 8);
	/* What is being scrubbed is free for whoever asks. */
	KUNIT_EXPECT_EQ(test, gmem_largest_free(pool), 20);
	pool->frozen = true;
	gmem_put_scrubbed(range, granule, 8);
	check_sums(test);
	KUNIT_EXPECT_EQ(test, pool->nr_clean, 8);
	KUNIT_EXPECT_EQ(test, pool->nr_scrubbing, 0);
}

static void scrubber_yields_to_waiters(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range = make_range(test, 0, 0, 20, false);
	unsigned long granule;

	pool->frozen = false;
	pool->nr_waiting = 1;
	KUNIT_EXPECT_EQ(test, gmem_take_dirty(range, 8, &granule), 0);
	pool->nr_waiting = 0;
	pool->frozen = true;
}

struct scrubbed {
	struct delayed_work work;
	struct gmem_range *range;
	unsigned long granule;
	unsigned long nr;
};

static void put_scrubbed(struct work_struct *work)
{
	struct scrubbed *scrubbed = container_of(to_delayed_work(work),
						 struct scrubbed, work);

	gmem_put_scrubbed(scrubbed->range, scrubbed->granule, scrubbed->nr);
}

/* Three chunks; of one the scrubber has a part, of one somebody else has. */
static void whole_chunks_are_waited_for(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range = make_range(test, 0, 0, 3 * CHUNK, true);
	struct scrubbed scrubbed = { .range = range };
	struct taken taken;
	unsigned int i;

	KUNIT_ASSERT_TRUE(test, take_free(range, CHUNK, 1));
	scoped_guard(spinlock, &pool->lock) {
		bitmap_set(range->dirty, 7, 8);
		range->nr_clean -= 8;
		pool->nr_clean -= 8;
	}
	pool->frozen = false;
	scrubbed.nr = gmem_take_dirty(range, 8, &scrubbed.granule);
	pool->frozen = true;
	KUNIT_ASSERT_EQ(test, scrubbed.nr, 8);

	INIT_DELAYED_WORK_ONSTACK(&scrubbed.work, put_scrubbed);
	schedule_delayed_work(&scrubbed.work, HZ / 20);
	KUNIT_EXPECT_EQ(test, take(test, 2 * CHUNK, &taken), 0);
	flush_delayed_work(&scrubbed.work);
	destroy_delayed_work_on_stack(&scrubbed.work);

	KUNIT_EXPECT_EQ(test, taken.nr, 2);
	for (i = 0; i < taken.nr; i++) {
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED(taken.extents[i].pfn,
						   GMEM_CHUNK_PAGES));
		KUNIT_EXPECT_EQ(test, taken.extents[i].nr_pages,
				GMEM_CHUNK_PAGES);
	}
	give_back(test, &taken);
}

static void blocks_are_taken_whole_or_not(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range = make_range(test, 0, 0, 64, true);

	KUNIT_EXPECT_TRUE(test, take_free(range, 0, 1));
	KUNIT_EXPECT_FALSE(test, take_free(range, 0, 64));
	check_sums(test);
	KUNIT_EXPECT_EQ(test, pool->nr_free, 63);
	scoped_guard(spinlock, &pool->lock)
		gmem_untake(range, FIRST_PFN, GMEM_GRANULE_PAGES);
	check_sums(test);
	KUNIT_EXPECT_EQ(test, pool->nr_free, 64);
}

/* A page in the middle of the granule is lost. */
static void lose(struct kunit *test, struct gmem_range *range,
		 unsigned long granule)
{
	unsigned long *bad = NULL;

	guard(mutex)(&gmem_poison_mutex);
	if (!range->bad) {
		bad = kvcalloc(BITS_TO_LONGS(range->nr_granules), sizeof(long),
			       GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, bad);
	}
	KUNIT_EXPECT_TRUE(test,
			  gmem_mark_bad(range, gmem_granule_pfn(range, granule) +
					       GMEM_GRANULE_PAGES / 2, bad));
}

static void check_bad(struct kunit *test, struct gmem_range *range,
		      unsigned long granule)
{
	KUNIT_ASSERT_NOT_NULL(test, range->bad);
	KUNIT_EXPECT_TRUE(test, test_bit(granule, range->bad));
	KUNIT_EXPECT_TRUE(test, test_bit(granule, range->taken));
	KUNIT_EXPECT_FALSE(test, test_bit(granule, range->dirty));
}

static void poisoned_stays_taken(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range = make_range(test, 0, 0, 16, true);
	struct taken taken;

	KUNIT_ASSERT_EQ(test, take(test, 16, &taken), 0);
	lose(test, range, 5);
	lose(test, range, 5);
	KUNIT_EXPECT_EQ(test, pool->nr_bad, 1);
	give_back(test, &taken);
	KUNIT_EXPECT_EQ(test, pool->nr_free, 15);
	check_bad(test, range, 5);
}

static void poisoned_is_not_allocated(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range = make_range(test, 0, 0, CHUNK, false);
	struct taken taken;
	unsigned long granule;

	lose(test, range, 7);
	check_sums(test);
	check_bad(test, range, 7);
	KUNIT_EXPECT_TRUE(test, gmem_range_is_bad(range));
	KUNIT_EXPECT_EQ(test, pool->nr_free, CHUNK - 1);
	KUNIT_EXPECT_EQ(test, gmem_largest_free(pool), CHUNK - 8);

	/* It is in the way of those who want it with its neighbours. */
	KUNIT_EXPECT_FALSE(test, take_free(range, 0, CHUNK));
	KUNIT_EXPECT_EQ(test, take(test, CHUNK, &taken), -ENOSPC);
	KUNIT_ASSERT_EQ(test, take(test, CHUNK - 1, &taken), 0);
	KUNIT_EXPECT_EQ(test, taken.nr, 2);
	give_back(test, &taken);

	/* Nor does the scrubber get it. */
	pool->frozen = false;
	KUNIT_EXPECT_EQ(test, gmem_take_dirty(range, CHUNK, &granule), 7);
	gmem_put_scrubbed(range, granule, 7);
	KUNIT_EXPECT_EQ(test, gmem_take_dirty(range, CHUNK, &granule),
			CHUNK - 8);
	KUNIT_EXPECT_EQ(test, granule, 8);
	gmem_put_scrubbed(range, granule, CHUNK - 8);
	pool->frozen = true;
	check_sums(test);
	KUNIT_EXPECT_EQ(test, pool->nr_clean, CHUNK - 1);
}

/* Whoever has the granule when it is lost does not give it back. */
static void poisoned_while_others_have_it(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range = make_range(test, 0, 0, 16, false);
	unsigned long granule;

	pool->frozen = false;
	KUNIT_ASSERT_EQ(test, gmem_take_dirty(range, 16, &granule), 16);
	lose(test, range, 3);
	gmem_put_scrubbed(range, granule, 16);
	pool->frozen = true;
	KUNIT_EXPECT_EQ(test, pool->nr_scrubbing, 0);
	KUNIT_EXPECT_EQ(test, pool->nr_free, 15);
	check_bad(test, range, 3);
	check_sums(test);

	KUNIT_ASSERT_TRUE(test, take_free(range, 8, 8));
	lose(test, range, 8);
	lose(test, range, 15);
	scoped_guard(spinlock, &pool->lock)
		gmem_untake(range, gmem_granule_pfn(range, 8),
			    8 * GMEM_GRANULE_PAGES);
	KUNIT_EXPECT_EQ(test, pool->nr_free, 13);
	KUNIT_EXPECT_EQ(test, pool->nr_bad, 3);
	check_bad(test, range, 8);
	check_bad(test, range, 15);
	check_sums(test);
}

/* A range that is on its way into the pool, or out of it, is looked at later. */
static void poisoned_outside_of_pools(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range = make_range(test, 0, 0, 16, true);

	range->linked = false;
	scoped_guard(mutex, &gmem_poison_mutex)
		KUNIT_EXPECT_FALSE(test, gmem_mark_bad(range, range->pfn, NULL));
	range->linked = true;
	KUNIT_EXPECT_EQ(test, pool->nr_bad, 0);
	KUNIT_EXPECT_FALSE(test, gmem_range_is_bad(range));
	check_sums(test);
}

/* What a guest wrote around the page does not leave with the device. */
static void poisoned_is_scrubbed_when_it_leaves(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range = make_range(test, 0, 0, 16, true);
	struct gmem_loan loan = {};
	struct taken taken;

	range->loan = &loan;
	KUNIT_ASSERT_EQ(test, take(test, 8, &taken), 0);
	lose(test, range, 5);
	KUNIT_EXPECT_EQ(test, loan.nr_lost, 0);
	gmem_range_shut(range);
	gmem_free(pool, taken.extents, taken.nr);
	kvfree(taken.extents);
	KUNIT_EXPECT_EQ(test, loan.nr_lost, 1);
	check_bad(test, range, 5);

	scoped_guard(spinlock, &pool->lock)
		gmem_take_rest(range);
	KUNIT_EXPECT_EQ(test, range->nr_free, 0);
	KUNIT_EXPECT_EQ(test, range->nr_clean, 0);
	KUNIT_EXPECT_EQ(test, find_first_bit(range->dirty, range->nr_granules),
			0);
	KUNIT_EXPECT_EQ(test, find_first_zero_bit(range->dirty,
						  range->nr_granules), 8);
	range->loan = NULL;
}

/* A memory block that is offline, and in no pool yet. */
static void poisoned_on_its_way_in(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range = make_range(test, 0, 0, 16, false);
	unsigned long lost = gmem_granule_pfn(range, 5) + 7;

	KUNIT_EXPECT_EQ(test, gmem_memory_failure(lost), -ENOENT);
	guard(mutex)(&gmem_admin_mutex);
	gmem_poison_expect(FIRST_PFN);
	KUNIT_EXPECT_EQ(test, gmem_memory_failure(lost), 1);
	KUNIT_EXPECT_EQ(test, gmem_memory_failure(lost), -EHWPOISON);
	gmem_poison_recall(range);
	KUNIT_EXPECT_EQ(test, pool->nr_bad, 1);
	check_bad(test, range, 5);
	check_sums(test);

	/* No range has the PFN: the error is reported, to nobody, and forgotten. */
	gmem_poison_settle(0, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, gmem_memory_failure(lost), -ENOENT);
}

static void largest_free_crosses_chunks(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *range = make_range(test, 0, 10, 2 * CHUNK, true);

	KUNIT_EXPECT_EQ(test, gmem_largest_free(pool), 2 * CHUNK);
	KUNIT_ASSERT_TRUE(test, take_free(range, 110, 1));
	KUNIT_EXPECT_EQ(test, gmem_largest_free(pool), 2 * CHUNK - 101);
}

static void shut_ranges_are_not_allocated(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	struct gmem_range *near, *far;
	struct taken first, second;

	near = make_range(test, 0, 0, CHUNK, true);
	KUNIT_ASSERT_EQ(test, take(test, 8, &first), 0);
	far = make_range(test, 1, 0, CHUNK, true);
	gmem_range_shut(near);
	KUNIT_EXPECT_EQ(test, pool->nr_free, CHUNK);
	KUNIT_EXPECT_EQ(test, gmem_largest_free(pool), CHUNK);
	KUNIT_ASSERT_EQ(test, gmem_alloc(pool, CHUNK, &second.extents,
					 &second.nr), 0);
	KUNIT_EXPECT_EQ(test, second.nr, 1);
	KUNIT_EXPECT_EQ(test, second.extents[0].pfn, far->pfn);
	KUNIT_EXPECT_EQ(test, pool->nr_free, 0);
	gmem_free(pool, second.extents, second.nr);
	kvfree(second.extents);

	/* What is freed comes back to the range, and not to the pool. */
	gmem_free(pool, first.extents, first.nr);
	kvfree(first.extents);
	KUNIT_EXPECT_EQ(test, near->nr_free, CHUNK);
	KUNIT_EXPECT_EQ(test, pool->nr_free, CHUNK);
	gmem_range_shut(near);
	KUNIT_EXPECT_EQ(test, pool->nr_free, CHUNK);
}

static void free_blocks_are_counted(struct kunit *test)
{
	struct gmem_pool *pool = test->priv;
	unsigned long counts[GMEM_NR_ORDERS], want[GMEM_NR_ORDERS] = {};
	struct gmem_range *range;

	gmem_count_free(pool, counts);
	KUNIT_EXPECT_MEMEQ(test, counts, want, sizeof(want));

	/* Two chunks, and three granules after the first of a third. */
	make_range(test, 0, 0, 2 * CHUNK, true);
	range = make_range(test, 4, 1, 3, true);
	want[GMEM_NR_ORDERS - 1] = 2;
	want[0] = 1;
	want[1] = 1;
	gmem_count_free(pool, counts);
	KUNIT_EXPECT_MEMEQ(test, counts, want, sizeof(want));

	KUNIT_ASSERT_TRUE(test, take_free(range, 2, 1));
	want[0] = 2;
	want[1] = 0;
	gmem_count_free(pool, counts);
	KUNIT_EXPECT_MEMEQ(test, counts, want, sizeof(want));
}

static void near_nodes_go_first(struct kunit *test)
{
	struct gmem_range *near, *far;
	struct taken taken;
	int here, there;

	/* The node may not change under us. */
	migrate_disable();
	here = numa_node_id();
	there = next_node(here, node_possible_map);
	if (there == MAX_NUMNODES)
		there = first_node(node_possible_map);
	if (there == here || node_distance(here, there) <= LOCAL_DISTANCE) {
		migrate_enable();
		kunit_skip(test, "needs two nodes");
	}
	far = make_range(test, 0, 0, CHUNK, true);
	far->nid = there;
	near = make_range(test, 2, 0, CHUNK + 8, false);
	near->nid = here;

	/* A chunk, even if it is dirty; what is left, too. */
	KUNIT_EXPECT_EQ(test, take(test, CHUNK + 4, &taken), 0);
	KUNIT_EXPECT_EQ(test, taken.nr, 2);
	KUNIT_EXPECT_EQ(test, taken.extents[0].pfn, near->pfn);
	KUNIT_EXPECT_EQ(test, taken.extents[0].nid, here);
	KUNIT_EXPECT_EQ(test, taken.extents[1].nid, here);
	give_back(test, &taken);

	/* The second chunk is on the other node. */
	KUNIT_EXPECT_EQ(test, take(test, 2 * CHUNK, &taken), 0);
	KUNIT_EXPECT_EQ(test, taken.nr, 2);
	KUNIT_EXPECT_EQ(test, taken.extents[0].nid, here);
	KUNIT_EXPECT_EQ(test, taken.extents[1].nid, there);
	give_back(test, &taken);
	migrate_enable();
}

static struct kunit_case alloc_cases[] = {
	KUNIT_CASE(one_extent_when_contiguous),
	KUNIT_CASE(whole_gib_are_aligned),
	KUNIT_CASE(small_takes_smallest_hole),
	KUNIT_CASE(clean_goes_before_dirty),
	KUNIT_CASE(dirty_is_found_and_marked),
	KUNIT_CASE(fragments_serve_what_nothing_else_can),
	KUNIT_CASE(too_much_changes_nothing),
	KUNIT_CASE(dead_pool_gives_nothing),
	KUNIT_CASE(dead_pool_returns_nothing),
	KUNIT_CASE(scrubbing_holds_and_returns),
	KUNIT_CASE(scrubber_yields_to_waiters),
	KUNIT_CASE(whole_chunks_are_waited_for),
	KUNIT_CASE(blocks_are_taken_whole_or_not),
	KUNIT_CASE(poisoned_stays_taken),
	KUNIT_CASE(poisoned_is_not_allocated),
	KUNIT_CASE(poisoned_while_others_have_it),
	KUNIT_CASE(poisoned_outside_of_pools),
	KUNIT_CASE(poisoned_is_scrubbed_when_it_leaves),
	KUNIT_CASE(poisoned_on_its_way_in),
	KUNIT_CASE(largest_free_crosses_chunks),
	KUNIT_CASE(shut_ranges_are_not_allocated),
	KUNIT_CASE(free_blocks_are_counted),
	KUNIT_CASE(near_nodes_go_first),
	{}
};

static struct kunit_suite alloc_suite = {
	.name = "gmem-alloc",
	.init = alloc_test_init,
	.exit = alloc_test_exit,
	.test_cases = alloc_cases,
};

kunit_test_suite(alloc_suite);

MODULE_DESCRIPTION("KUnit tests of the granules of gmem pools");
MODULE_LICENSE("GPL");
