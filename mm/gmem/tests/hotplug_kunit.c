// SPDX-License-Identifier: GPL-2.0
/*
 * What it costs to take memory and to return it, beside memory hotplug alone,
 * on real memory of the machine; and that nothing is missing afterwards.
 *
 * The figures mean something where time is counted in instructions (QEMU's
 * -icount).  They are printed, not judged.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>

#include "../internal.h"

#define NAME	"kunit"
#define ROUNDS	3

struct place {
	u64 start;
	u64 size;
	int nid;
};

static int create(u64 size, int nid)
{
	struct gmem_create args = { .name = NAME, .size = size, .nid = nid };

	return gmem_pool_create(&args);
}

static void wait_scrubbed(struct gmem_pool *pool)
{
	while (READ_ONCE(pool->nr_clean) << GMEM_GRANULE_ORDER !=
	       READ_ONCE(pool->nr_pages))
		msleep(20);
}

/* Finds a GiB that can be taken; afterwards it is in ZONE_MOVABLE. */
static bool find_place(struct kunit *test, struct place *place)
{
	struct gmem_range *range;
	struct gmem_pool *pool;

	if (create(SZ_1G, NUMA_NO_NODE))
		return false;
	pool = gmem_pool_get_by_name(NAME);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));
	range = list_first_entry(&pool->ranges, struct gmem_range, list);
	*place = (struct place){
		.start = PFN_PHYS(range->pfn),
		.size = PFN_PHYS(range->nr_pages),
		.nid = range->nid,
	};
	gmem_pool_put(pool);
	KUNIT_ASSERT_EQ(test, gmem_pool_delete(NAME), 0);
	return IS_ALIGNED(place->start, SZ_1G) && place->size == SZ_1G;
}

static void hotplug_alone(struct kunit *test, const struct place *place,
			  u64 *take, u64 *give_back)
{
	u64 start = ktime_get_ns();

	KUNIT_ASSERT_EQ(test, offline_and_remove_memory(place->start,
							place->size), 0);
	*take = ktime_get_ns() - start;
	start = ktime_get_ns();
	KUNIT_ASSERT_EQ(test, add_memory(place->nid, place->start, place->size,
					 MHP_NONE), 0);
	*give_back = ktime_get_ns() - start;
}

static void pool_alone(struct kunit *test, const struct place *place,
		       u64 *take, u64 *give_back)
{
	struct gmem_range *range;
	struct gmem_pool *pool;
	u64 start;

	KUNIT_ASSERT_EQ(test, create(0, place->nid), 0);
	pool = gmem_pool_get_by_name(NAME);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pool));

	start = ktime_get_ns();
	KUNIT_ASSERT_EQ(test, gmem_pool_resize(pool, place->size), 0);
	*take = ktime_get_ns() - start;
	/* The same place, or the two are not comparable. */
	range = list_first_entry(&pool->ranges, struct gmem_range, list);
	KUNIT_EXPECT_EQ(test, PFN_PHYS(range->pfn), place->start);
	wait_scrubbed(pool);
	start = ktime_get_ns();
	KUNIT_ASSERT_EQ(test, gmem_pool_resize(pool, 0), 0);
	*give_back = ktime_get_ns() - start;

	gmem_pool_put(pool);
	KUNIT_ASSERT_EQ(test, gmem_pool_delete(NAME), 0);
}

static void taking_and_returning(struct kunit *test)
{
	u64 take, give_back, alone_take, alone_give_back;
	unsigned long before, after;
	struct place place;
	unsigned int i;

	if (!find_place(test, &place))
		kunit_skip(test, "no aligned GiB can be taken here");

	before = totalram_pages();
	for (i = 0; i < ROUNDS; i++) {
		hotplug_alone(test, &place, &alone_take, &alone_give_back);
		pool_alone(test, &place, &take, &give_back);
		kunit_info(test,
			   "figure: 1 GiB: remove %llu, take %llu; add %llu, return %llu\n",
			   alone_take, take, alone_give_back, give_back);
	}
	after = totalram_pages();
	KUNIT_EXPECT_EQ(test, before, after);
}

static struct kunit_case hotplug_cases[] = {
	KUNIT_CASE_SLOW(taking_and_returning),
	{}
};

static struct kunit_suite hotplug_suite = {
	.name = "gmem-hotplug",
	.test_cases = hotplug_cases,
};

kunit_test_suite(hotplug_suite);

MODULE_DESCRIPTION("KUnit test of gmem on real memory");
MODULE_LICENSE("GPL");
