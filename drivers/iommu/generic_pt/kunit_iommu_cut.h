/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Cutting a part out of leaves and putting it back: part of kunit_iommu_pt.h.
 */
#ifndef __GENERIC_PT_KUNIT_IOMMU_CUT_H
#define __GENERIC_PT_KUNIT_IOMMU_CUT_H

#include <linux/kthread.h>

#define CUT_PROT (IOMMU_READ | IOMMU_WRITE)

static void fill_spare(struct kunit *test, struct iommu_pages_list *spare,
		       unsigned int nr)
{
	void *table;

	INIT_LIST_HEAD(&spare->pages);
	while (nr--) {
		table = iommu_alloc_pages_node_sz(NUMA_NO_NODE, GFP_KERNEL,
						  PAGE_SIZE);
		KUNIT_ASSERT_NOT_NULL(test, table);
		iommu_pages_list_add(spare, table);
	}
}

static int do_cut(struct kunit *test, pt_vaddr_t va, pt_vaddr_t len,
		  unsigned int nr_spare)
{
	struct kunit_iommu_priv *priv = test->priv;
	struct iommu_iotlb_gather gather;
	struct iommu_pages_list spare;
	int ret;

	fill_spare(test, &spare, nr_spare);
	iommu_iotlb_gather_init(&gather);
	ret = priv->iommu->ops->cut_range(priv->iommu, va, len, CUT_PROT,
					  &spare, &gather);
	iommu_iotlb_sync(&priv->domain, &gather);
	iommu_put_pages_list(&spare);
	return ret;
}

static int do_place(struct kunit *test, pt_vaddr_t va, pt_oaddr_t pa,
		    pt_vaddr_t pgsz, bool merge)
{
	struct kunit_iommu_priv *priv = test->priv;
	struct iommu_iotlb_gather gather;
	int ret;

	iommu_iotlb_gather_init(&gather);
	ret = priv->iommu->ops->place_leaf(priv->iommu, va, pa, pgsz, CUT_PROT,
					   merge, &gather);
	iommu_iotlb_sync(&priv->domain, &gather);
	return ret;
}

static phys_addr_t phys_at(struct kunit *test, pt_vaddr_t va)
{
	struct kunit_iommu_priv *priv = test->priv;

	return iommu_iova_to_phys(&priv->domain, va);
}

/*
 * [va, va + len) is mapped to pa but for one hole.  Looks at every page near the
 * ends and at some of the others.
 */
static void check_hole(struct kunit *test, pt_vaddr_t va, pt_oaddr_t pa,
		       pt_vaddr_t len, pt_vaddr_t hole, pt_vaddr_t hole_len)
{
	struct kunit_iommu_priv *priv = test->priv;
	pt_vaddr_t pg = priv->smallest_pgsz;
	pt_vaddr_t off = 0;

	while (off < len) {
		phys_addr_t want = pa + off;

		if (off >= hole && off < hole + hole_len)
			want = 0;
		KUNIT_ASSERT_EQ(test, phys_at(test, va + off), want);

		if (off + 1024 * pg < hole || (off >= hole + hole_len + 1024 * pg &&
					       off + 2048 * pg < len))
			off += 509 * pg;
		else
			off += pg;
	}
}

/* An address and a size that all sizes up to 1 GiB are tested with. */
static bool cut_size(struct kunit_iommu_priv *priv, unsigned int pgsz_lg2,
		     pt_vaddr_t *va, pt_oaddr_t *pa)
{
	pt_vaddr_t len = log2_to_int(pgsz_lg2);

	if (!(priv->safe_pgsize_bitmap & len) || len > SZ_1G ||
	    len == priv->smallest_pgsz)
		return false;
	*va = ALIGN(pt_top_range(priv->common).va + SZ_1M, len);
	*pa = log2_set_mod(priv->test_oa, 0, pgsz_lg2);
	return true;
}

/* Any one page can be taken out of a leaf of any size, and put back. */
static void test_cut_each_size(struct kunit *test)
{
	struct kunit_iommu_priv *priv = test->priv;
	pt_vaddr_t pg = priv->smallest_pgsz;
	unsigned int pgsz_lg2, i;
	pt_vaddr_t va, len;
	pt_oaddr_t pa;

	for (pgsz_lg2 = 0; pgsz_lg2 != PT_VADDR_MAX_LG2; pgsz_lg2++) {
		pt_vaddr_t holes[3];

		if (!cut_size(priv, pgsz_lg2, &va, &pa))
			continue;
		len = log2_to_int(pgsz_lg2);
		holes[0] = 0;
		holes[1] = len - pg;
		holes[2] = ALIGN_DOWN(len / 2 + len / 8, pg);

		for (i = 0; i != ARRAY_SIZE(holes); i++) {
			do_map(test, va, pa, len);
			KUNIT_ASSERT_EQ(test, count_valids(test), 1);

			KUNIT_ASSERT_EQ(test, do_cut(test, va + holes[i], pg, 4), 0);
			check_hole(test, va, pa, len, holes[i], pg);

			/* Again, which changes nothing and needs nothing. */
			KUNIT_ASSERT_EQ(test, do_cut(test, va + holes[i], pg, 0), 0);
			check_hole(test, va, pa, len, holes[i], pg);

			KUNIT_ASSERT_EQ(test, do_place(test, va, pa, len, true), 0);
			check_hole(test, va, pa, len, 0, 0);
			KUNIT_ASSERT_EQ(test, count_valids_single(test, len), 1);

			KUNIT_ASSERT_EQ(test, do_cut(test, va, len, 0), 0);
			KUNIT_ASSERT_EQ(test, count_valids(test), 0);
		}
	}
}

struct cut_reader {
	struct iommu_domain *domain;
	pt_vaddr_t va[2];
	phys_addr_t want[2];
	unsigned long reads;
	unsigned long wrong;
};

static int cut_reader_fn(void *arg)
{
	struct cut_reader *reader = arg;
	unsigned int i;

	while (!kthread_should_stop()) {
		for (i = 0; i != ARRAY_SIZE(reader->va); i++) {
			if (iommu_iova_to_phys(reader->domain, reader->va[i]) !=
			    reader->want[i])
				reader->wrong++;
		}
		WRITE_ONCE(reader->reads, reader->reads + 1);
		cond_resched();
	}
	return 0;
}

/* The reader has no lock, so tables have to wait until it is gone. */
static struct iommu_pages_list cut_deferred;

static void cut_deferred_sync(struct iommu_domain *domain,
			      struct iommu_iotlb_gather *gather)
{
	iommu_pages_list_splice(&gather->freelist, &cut_deferred);
}

static const struct iommu_domain_ops cut_deferred_ops = {
	IOMMU_PT_DOMAIN_OPS1(PTPFX_RAW),
	.iotlb_sync = &cut_deferred_sync,
};

/*
 * Another CPU, in the place of a device, finds the pages next to the hole at
 * every moment.
 */
static void test_cut_neighbours(struct kunit *test)
{
	struct kunit_iommu_priv *priv = test->priv;
	pt_vaddr_t pg = priv->smallest_pgsz;
	struct cut_reader reader = {};
	struct task_struct *task;
	unsigned int pgsz_lg2;
	pt_vaddr_t va, len = 0, hole;
	unsigned int i;
	pt_oaddr_t pa;
	int ret = 0;

	/* The largest size that there is up to 1 GiB. */
	for (pgsz_lg2 = 30; pgsz_lg2; pgsz_lg2--) {
		if (cut_size(priv, pgsz_lg2, &va, &pa)) {
			len = log2_to_int(pgsz_lg2);
			break;
		}
	}
	if (!len)
		kunit_skip(test, "Test needs two page sizes");

	INIT_LIST_HEAD(&cut_deferred.pages);
	priv->domain.ops = &cut_deferred_ops;
	do_map(test, va, pa, len);

	hole = ALIGN_DOWN(len / 2 + len / 8, pg);
	reader.domain = &priv->domain;
	reader.va[0] = va + hole - pg;
	reader.want[0] = pa + hole - pg;
	reader.va[1] = va + hole + pg;
	reader.want[1] = pa + hole + pg;
	task = kthread_run(cut_reader_fn, &reader, "cut_reader");
	if (!IS_ERR(task)) {
		for (i = 0; i != 1000 && !ret; i++) {
			ret = do_cut(test, va + hole, pg, 4);
			if (!ret)
				ret = do_place(test, va, pa, len, true);
			cond_resched();
		}
		while (!READ_ONCE(reader.reads))
			schedule_timeout_uninterruptible(1);
		kthread_stop(task);
	}

	priv->domain.ops = &kunit_pt_ops;
	iommu_put_pages_list(&cut_deferred);
	KUNIT_ASSERT_FALSE(test, IS_ERR(task));
	KUNIT_ASSERT_NO_ERRNO(test, ret);
	KUNIT_EXPECT_EQ(test, reader.wrong, 0);
	KUNIT_EXPECT_EQ(test, count_valids(test), 1);
}

/* A range with holes, and with nothing in it, can be cut. */
static void test_cut_holes(struct kunit *test)
{
	struct kunit_iommu_priv *priv = test->priv;
	pt_vaddr_t pg = priv->smallest_pgsz;
	pt_vaddr_t va = pt_top_range(priv->common).va + SZ_16M;
	pt_oaddr_t pa = log2_set_mod(priv->test_oa, 0, 24);

	KUNIT_ASSERT_EQ(test, do_cut(test, va, SZ_4M, 0), 0);

	do_map(test, va + pg, pa + pg, pg);
	do_map(test, va + SZ_2M, pa + SZ_2M, SZ_2M);
	do_map(test, va + SZ_4M, pa + SZ_4M, SZ_2M);
	KUNIT_ASSERT_EQ(test, do_cut(test, va, SZ_4M + SZ_1M, 4), 0);
	KUNIT_EXPECT_EQ(test, phys_at(test, va + pg), 0);
	check_hole(test, va + SZ_2M, pa + SZ_2M, SZ_4M, 0, SZ_2M + SZ_1M);

	KUNIT_ASSERT_EQ(test, do_cut(test, va, SZ_8M, 0), 0);
	KUNIT_ASSERT_EQ(test, count_valids(test), 0);
}

/* Is a leaf of this size one item of a table that is not the lowest? */
static bool is_item_size(struct kunit_iommu_priv *priv, unsigned int pgsz_lg2)
{
	struct pt_range range = pt_top_range(priv->common);
	struct pt_state pts = pt_init_top(&range);

	pts.level = pt_pgsz_lg2_to_level(priv->common, pgsz_lg2);
	return pts.level && pt_table_item_lg2sz(&pts) == pgsz_lg2;
}

/* Without memory for a table more goes than was asked for, never less. */
static void test_cut_no_spare(struct kunit *test)
{
	struct kunit_iommu_priv *priv = test->priv;
	pt_vaddr_t pg = priv->smallest_pgsz;
	unsigned int pgsz_lg2, count = 0;
	pt_vaddr_t va, len;
	pt_oaddr_t pa;

	for (pgsz_lg2 = 0; pgsz_lg2 != PT_VADDR_MAX_LG2; pgsz_lg2++) {
		if (!cut_size(priv, pgsz_lg2, &va, &pa) ||
		    !is_item_size(priv, pgsz_lg2))
			continue;
		len = log2_to_int(pgsz_lg2);
		do_map(test, va, pa, len);
		do_map(test, va + len, pa + len, pg);
		KUNIT_ASSERT_EQ(test, do_cut(test, va + pg, pg, 0), -ENOMEM);
		KUNIT_EXPECT_EQ(test, phys_at(test, va), 0);
		KUNIT_EXPECT_EQ(test, phys_at(test, va + len - pg), 0);
		KUNIT_EXPECT_EQ(test, phys_at(test, va + len), (phys_addr_t)(pa + len));
		KUNIT_ASSERT_EQ(test, do_cut(test, va, 2 * len, 0), 0);
		KUNIT_ASSERT_EQ(test, count_valids(test), 0);
		count++;
	}
	if (!count)
		kunit_skip(test, "No leaf above the lowest level");
}

/* What does not fit is refused and stays as it is. */
static void test_cut_conflict(struct kunit *test)
{
	struct kunit_iommu_priv *priv = test->priv;
	pt_vaddr_t pg = priv->smallest_pgsz;
	unsigned int pgsz_lg2, count = 0;
	pt_vaddr_t va, len;
	pt_oaddr_t pa;

	for (pgsz_lg2 = 0; pgsz_lg2 != PT_VADDR_MAX_LG2; pgsz_lg2++) {
		if (!cut_size(priv, pgsz_lg2, &va, &pa) ||
		    !is_item_size(priv, pgsz_lg2))
			continue;
		len = log2_to_int(pgsz_lg2);

		/* Not aligned, no such size, nothing on the way there. */
		KUNIT_EXPECT_EQ(test, do_place(test, va + pg, pa, len, true), -EINVAL);
		KUNIT_EXPECT_EQ(test, do_place(test, va, pa + pg, len, true), -EINVAL);
		KUNIT_EXPECT_EQ(test, do_place(test, va, pa, len + pg, true), -EINVAL);

		/* Other memory at one place of many. */
		do_map(test, va, pa, pg);
		do_map(test, va + len - pg, pa + len, pg);
		KUNIT_EXPECT_EQ(test, do_place(test, va, pa, len, true), -EADDRINUSE);
		KUNIT_EXPECT_EQ(test, phys_at(test, va), (phys_addr_t)pa);
		KUNIT_EXPECT_EQ(test, phys_at(test, va + pg), 0);
		KUNIT_EXPECT_EQ(test, phys_at(test, va + len - pg),
				(phys_addr_t)(pa + len));

		/* The same memory in small pieces. */
		KUNIT_ASSERT_EQ(test, do_cut(test, va + len - pg, pg, 4), 0);
		KUNIT_EXPECT_EQ(test, do_place(test, va, pa, len, false), -EEXIST);
		KUNIT_EXPECT_EQ(test, phys_at(test, va + pg), 0);
		KUNIT_EXPECT_EQ(test, do_place(test, va, pa, len, true), 0);
		check_hole(test, va, pa, len, 0, 0);

		/* A larger leaf serves as well, with the same memory only. */
		KUNIT_EXPECT_EQ(test, do_place(test, va + pg, pa + pg, pg, false), 0);
		KUNIT_EXPECT_EQ(test, do_place(test, va + pg, pa, pg, true),
				-EADDRINUSE);
		KUNIT_EXPECT_EQ(test, count_valids_single(test, len), 1);

		KUNIT_ASSERT_EQ(test, do_cut(test, va, len, 0), 0);
		KUNIT_ASSERT_EQ(test, count_valids(test), 0);
		count++;
	}
	if (!count)
		kunit_skip(test, "No leaf above the lowest level");
}

#define CUT_PAGES 1024

/* Ranges come and go at random, beside a bitmap of what has to be there. */
static void test_cut_random(struct kunit *test)
{
	struct kunit_iommu_priv *priv = test->priv;
	pt_vaddr_t pg = priv->smallest_pgsz;
	pt_vaddr_t va = ALIGN(pt_top_range(priv->common).va + SZ_1M, CUT_PAGES * pg);
	pt_oaddr_t pa = log2_set_mod(priv->test_oa, 0,
				     priv->smallest_pgsz_lg2 + ilog2(CUT_PAGES));
	DECLARE_BITMAP(present, CUT_PAGES);
	unsigned int iter, i, size;

	bitmap_fill(present, CUT_PAGES);
	do_map(test, va, pa, CUT_PAGES * pg);

	for (iter = 0; iter != 300; iter++) {
		unsigned int first = get_random_u32_below(CUT_PAGES);
		unsigned int nr = 1 + get_random_u32_below(CUT_PAGES - first);

		/* Small ones are the usual case. */
		if (iter % 4)
			nr = min(nr, 8);

		if (iter % 2) {
			KUNIT_ASSERT_EQ(test, do_cut(test, va + first * pg,
						     nr * pg, 4), 0);
			bitmap_clear(present, first, nr);
		} else {
			for (i = first; i != first + nr; i++) {
				int ret = do_place(test, va + i * pg, pa + i * pg,
						   pg, true);

				if (ret == -ENOENT)
					do_map(test, va + i * pg, pa + i * pg, pg);
				else
					KUNIT_ASSERT_EQ(test, ret, 0);
			}
			bitmap_set(present, first, nr);
		}

		/* What has become whole can be one leaf. */
		for (size = CUT_PAGES; size > 1; size /= 2) {
			i = round_down(first, size);
			if ((priv->info.pgsize_bitmap & (size * pg)) &&
			    find_next_zero_bit(present, i + size, i) >= i + size) {
				KUNIT_ASSERT_EQ(test, do_place(test, va + i * pg,
							       pa + i * pg,
							       size * pg, true), 0);
				break;
			}
		}

		for (i = 0; i != CUT_PAGES; i++)
			KUNIT_ASSERT_EQ(test, phys_at(test, va + i * pg),
					test_bit(i, present) ?
					(phys_addr_t)(pa + i * pg) : 0);
		cond_resched();
	}

	KUNIT_ASSERT_EQ(test, do_cut(test, va, CUT_PAGES * pg, 0), 0);
	KUNIT_ASSERT_EQ(test, count_valids(test), 0);
}

/* What is left of a dirty leaf is dirty, until that is read and cleared. */
static void test_cut_dirty(struct kunit *test)
{
	struct kunit_iommu_priv *priv = test->priv;
	const struct pt_iommu_ops *ops = priv->iommu->ops;
	pt_vaddr_t va = ALIGN(pt_top_range(priv->common).va + SZ_1M, SZ_1G);
	pt_oaddr_t pa = log2_set_mod(priv->test_oa, 0, ilog2(SZ_1G));
	const unsigned int nr = SZ_2M >> PAGE_SHIFT;
	struct iommu_iotlb_gather gather;
	unsigned long *bits;

	if (!ops->read_dirty || !ops->set_dirty ||
	    priv->smallest_pgsz != PAGE_SIZE ||
	    !(priv->safe_pgsize_bitmap & SZ_2M))
		kunit_skip(test, "the format has no such bits");

	bits = kunit_kzalloc(test, nr / 8, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bits);
	iommu_iotlb_gather_init(&gather);

	do_map(test, va, pa, SZ_2M);
	KUNIT_ASSERT_EQ(test, ops->read_dirty(priv->iommu, va, SZ_2M, false,
					      bits, va, &gather), 0);
	KUNIT_ASSERT_TRUE(test, bitmap_empty(bits, nr));

	/* One bit for all of the leaf, of which a part is asked for. */
	KUNIT_ASSERT_EQ(test, ops->set_dirty(priv->iommu, va), 0);
	KUNIT_ASSERT_EQ(test, ops->read_dirty(priv->iommu, va + SZ_16K, SZ_8K,
					      false, bits, va, &gather), 0);
	KUNIT_ASSERT_EQ(test, bitmap_weight(bits, nr), 2);
	KUNIT_ASSERT_EQ(test, find_first_bit(bits, nr), 4);

	KUNIT_ASSERT_EQ(test, do_cut(test, va + SZ_32K, SZ_4K, 4), 0);
	KUNIT_ASSERT_EQ(test, ops->read_dirty(priv->iommu, va, SZ_2M, true,
					      bits, va, &gather), 0);
	KUNIT_ASSERT_EQ(test, bitmap_weight(bits, nr), nr - 1);
	KUNIT_ASSERT_FALSE(test, test_bit(8, bits));

	/* Without a bitmap it is only cleared; the entries are small now. */
	bitmap_zero(bits, nr);
	KUNIT_ASSERT_EQ(test, ops->set_dirty(priv->iommu, va + SZ_64K), 0);
	KUNIT_ASSERT_EQ(test, ops->read_dirty(priv->iommu, va, SZ_2M, false,
					      bits, va, &gather), 0);
	KUNIT_ASSERT_EQ(test, bitmap_weight(bits, nr), 1);
	KUNIT_ASSERT_EQ(test, ops->read_dirty(priv->iommu, va, SZ_2M, true,
					      NULL, 0, &gather), 0);
	bitmap_zero(bits, nr);
	KUNIT_ASSERT_EQ(test, ops->read_dirty(priv->iommu, va, SZ_2M, false,
					      bits, va, &gather), 0);
	KUNIT_ASSERT_TRUE(test, bitmap_empty(bits, nr));
	iommu_iotlb_sync(&priv->domain, &gather);

	/* Where nothing has ever been. */
	KUNIT_ASSERT_EQ(test, ops->read_dirty(priv->iommu, va + SZ_1G, SZ_2M,
					      true, bits, va + SZ_1G, &gather),
			0);
	KUNIT_ASSERT_TRUE(test, bitmap_empty(bits, nr));
	KUNIT_ASSERT_EQ(test, do_cut(test, va, SZ_2M, 4), 0);
	KUNIT_ASSERT_EQ(test, count_valids(test), 0);
}

#endif /* __GENERIC_PT_KUNIT_IOMMU_CUT_H */
