/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Take a part out of large entries, and put it back, while devices go on using
 * the rest: part of the template iommu_pt.h.
 *
 * Every entry is changed with one store into another that translates the rest of
 * it as before: a leaf becomes a table of smaller leaves with the same output,
 * and a table becomes a leaf.  So a device finds a translation at every moment,
 * the old or the new one, and as long as the IOTLB has not been flushed it may
 * use either.  This is for formats where that is permitted: those of x86 are,
 * which need no break-before-make.
 *
 * The caller has the write range lock of all of the leaves that are touched, and
 * not only of the part: nobody may read or clear dirty bits of them meanwhile.
 * Other ranges may be mapped and unmapped, since only tables that are inside a
 * leaf of the caller come and go.
 */
#ifndef __GENERIC_PT_IOMMU_CUT_H
#define __GENERIC_PT_IOMMU_CUT_H

#if IS_ENABLED(CONFIG_IOMMUFD_DRIVER) && defined(pt_entry_is_write_dirty) && \
	defined(pt_entry_make_write_dirty)
#define PT_CUT_DIRTY 1
#else
#define PT_CUT_DIRTY 0
#endif

struct pt_iommu_cut_args {
	struct iommupt_pending_gather pending;
	struct pt_write_attrs attrs;
	struct iommu_pages_list *spare;
	/* What IOTLBs may have of entries that were changed. */
	pt_vaddr_t flush_va;
	pt_vaddr_t flush_last_va;
	u8 flush : 1;
	u8 no_spare : 1;
};

static void cut_flush(struct pt_iommu_cut_args *cut, const struct pt_state *pts,
		      unsigned int lg2sz)
{
	pt_vaddr_t va = log2_set_mod(pts->range->va, 0, lg2sz);
	pt_vaddr_t last_va = log2_set_mod_max(pts->range->va, lg2sz);

	if (!cut->flush || va < cut->flush_va)
		cut->flush_va = va;
	if (!cut->flush || last_va > cut->flush_last_va)
		cut->flush_last_va = last_va;
	cut->flush = true;
}

static struct pt_table_p *cut_take_spare(struct pt_iommu_cut_args *cut)
{
	struct ioptdesc *iopt;

	iopt = list_first_entry_or_null(&cut->spare->pages, struct ioptdesc,
					iopt_freelist_elm);
	if (!iopt)
		return NULL;
	list_del(&iopt->iopt_freelist_elm);
	return folio_address(ioptdesc_folio(iopt));
}

static bool cut_is_dirty(const struct pt_state *pts)
{
#if PT_CUT_DIRTY
	return pt_entry_is_write_dirty(pts);
#else
	return false;
#endif
}

static void cut_make_dirty(struct pt_state *pts)
{
#if PT_CUT_DIRTY
	/* It fails if the hardware has just set a bit, then look again. */
	while (!pt_entry_make_write_dirty(pts))
		pt_load_entry_raw(pts);
#endif
}

/* Replace a leaf of one item by a table of leaves with the same output. */
static int cut_split_leaf(struct pt_state *pts, struct pt_iommu_cut_args *cut)
{
	struct pt_iommu *iommu_table = iommu_from_common(pts->range->common);
	struct pt_range range = *pts->range;
	struct pt_state child = pt_init(&range, pts->level - 1, NULL);
	unsigned int nr = log2_to_int(pt_num_items_lg2(&child));
	unsigned int lg2sz = pt_table_item_lg2sz(&child);
	struct pt_table_p *table;

	if (PT_WARN_ON(pts->level == 0))
		return -EINVAL;

	table = cut_take_spare(cut);
	if (!table)
		return -ENOMEM;

	child.table = table;
	while (true) {
		pt_oaddr_t oa = pt_entry_oa(pts);
		bool dirty = cut_is_dirty(pts);

		for (child.index = 0; child.index < nr; child.index++) {
			pt_install_leaf_entry(&child, oa, lg2sz, &cut->attrs);
			if (dirty)
				cut_make_dirty(&child);
			oa += log2_to_int(lg2sz);
		}

		if (pts_feature(pts, PT_FEAT_DMA_INCOHERENT) &&
		    iommu_pages_start_incoherent(table,
						 iommu_table->iommu_device)) {
			iommu_pages_list_add(cut->spare, table);
			return -ENOMEM;
		}

		if (pt_install_table(pts, virt_to_phys(table), &cut->attrs))
			break;
		/* The hardware has set an accessed or dirty bit. */
		pts->type = pt_load_entry_raw(pts);
		if (PT_WARN_ON(pts->type != PT_ENTRY_OA)) {
			iommu_pages_list_add(cut->spare, table);
			return -EINVAL;
		}
	}

	if (pts_feature(pts, PT_FEAT_DMA_INCOHERENT)) {
		flush_writes_item(pts);
		pt_set_sw_bit_release(pts, SW_BIT_CACHE_FLUSH_DONE);
	}
	return 0;
}

/*
 * Replace a leaf of many items by as many leaves.  A dirty bit that the hardware
 * sets between reading and writing of an item would be lost, so all of them are
 * dirty afterwards where there are such bits: rather too often than too rarely.
 */
static void cut_shatter_leaf(const struct pt_state *leaf,
			     unsigned int num_contig_lg2,
			     const struct pt_iommu_cut_args *cut)
{
	unsigned int first = log2_set_mod(leaf->index, 0, num_contig_lg2);
	unsigned int end = first + log2_to_int(num_contig_lg2);
	unsigned int lg2sz = pt_table_item_lg2sz(leaf);
	pt_oaddr_t oa = pt_entry_oa(leaf);
	struct pt_state pts = *leaf;

	for (pts.index = first; pts.index < end; pts.index++) {
		pt_install_leaf_entry(&pts, oa, lg2sz, &cut->attrs);
		cut_make_dirty(&pts);
		oa += log2_to_int(lg2sz);
	}
	flush_writes_range(&pts, first, end);
}

static int __cut_range(struct pt_range *range, void *arg, unsigned int level,
		       struct pt_table_p *table)
{
	struct pt_state pts = pt_init(range, level, table);
	struct pt_iommu_cut_args *cut = arg;
	unsigned int num_contig_lg2;
	unsigned int start_index;
	unsigned int step;
	unsigned int isz_lg2;
	bool covered;
	int ret;

	_pt_iter_first(&pts);
	isz_lg2 = pt_table_item_lg2sz(&pts);
	start_index = pts.index;

	while (pts.index < pts.end_index) {
		/* The first item may be entered in its middle. */
		if (pts.index != start_index)
			pt_index_to_va(&pts);

		pts.type = pt_load_entry_raw(&pts);
		if (pts.type == PT_ENTRY_EMPTY) {
			pts.index++;
			continue;
		}

		if (pts.type == PT_ENTRY_TABLE) {
			pts.table_lower = pt_table_ptr(&pts);
			covered = pt_entry_fully_covered(&pts, isz_lg2);
			if (covered)
				cut_flush(cut, &pts, isz_lg2);

			ret = pt_descend(&pts, arg, __cut_range);
			if (ret)
				return ret;
			if (covered) {
				gather_add_table(&cut->pending, &pts,
						 pts.table_lower);
				pt_clear_entries(&pts, ilog2(1));
				flush_writes_item(&pts);
			}
			pts.index++;
			continue;
		}

		num_contig_lg2 = pt_entry_num_contig_lg2(&pts);
		step = log2_to_int(num_contig_lg2);
		cut_flush(cut, &pts, pt_entry_oa_lg2sz(&pts));
		gather_add_leaf(&cut->pending, &pts);

		if (!pt_entry_fully_covered(&pts, pt_entry_oa_lg2sz(&pts))) {
			if (num_contig_lg2) {
				cut_shatter_leaf(&pts, num_contig_lg2, cut);
				continue;
			}
			ret = cut_split_leaf(&pts, cut);
			if (!ret)
				continue;
			if (ret != -ENOMEM)
				return ret;
			/* What must not be reachable comes first. */
			cut->no_spare = true;
		}

		pt_clear_entries(&pts, num_contig_lg2);
		flush_writes_range(&pts, pts.index, pts.index + step);
		pts.index += step;
	}
	return 0;
}

static int NS(cut_range)(struct pt_iommu *iommu_table, dma_addr_t iova,
			 dma_addr_t len, unsigned int prot,
			 struct iommu_pages_list *spare,
			 struct iommu_iotlb_gather *iotlb_gather)
{
	struct pt_common *common = common_from_iommu(iommu_table);
	struct pt_iommu_cut_args cut = {
		.pending.iotlb_gather = iotlb_gather,
		.spare = spare,
	};
	struct pt_range range;
	int ret;

	INIT_LIST_HEAD(&cut.pending.free_list.pages);
	ret = pt_iommu_set_prot(common, &cut.attrs, prot);
	if (ret)
		return ret;

	ret = make_range(common, &range, iova, len);
	/* Beyond what the table has grown to so far nothing is mapped. */
	if (ret == -ERANGE && pt_feature(common, PT_FEAT_DYNAMIC_TOP))
		return 0;
	if (ret)
		return ret;

	ret = pt_walk_range(&range, __cut_range, &cut);

	if (cut.flush)
		gather_range_pending(&cut.pending, iommu_table, cut.flush_va,
				     cut.flush_last_va - cut.flush_va + 1);
	if (!ret && cut.no_spare)
		ret = -ENOMEM;
	return ret;
}

struct pt_iommu_place_args {
	struct iommupt_pending_gather pending;
	struct pt_write_attrs attrs;
	pt_vaddr_t va;
	pt_oaddr_t oa;
	unsigned int pgsize_lg2;
	unsigned int level;
	u8 merge : 1;
	u8 flush : 1;
};

/* Does the entry translate as the leaf that is going to be there? */
static bool place_agrees(const struct pt_state *pts,
			 const struct pt_iommu_place_args *place)
{
	pt_oaddr_t oa = place->oa + (pts->range->va - place->va);

	/* The entry may be larger, and begin before the leaf. */
	return (pt_entry_oa(pts) |
		log2_mod(pts->range->va, pt_entry_oa_lg2sz(pts))) == oa;
}

static int __place_collect(struct pt_range *range, void *arg,
			   unsigned int level, struct pt_table_p *table)
{
	struct pt_state pts = pt_init(range, level, table);
	struct pt_iommu_place_args *place = arg;
	int ret;

	for_each_pt_level_entry(&pts) {
		if (pts.type == PT_ENTRY_TABLE) {
			gather_add_table(&place->pending, &pts,
					 pts.table_lower);
			ret = pt_walk_descend_all(&pts, __place_collect, arg);
			if (ret)
				return ret;
			continue;
		}
		if (pts.type == PT_ENTRY_OA && !place_agrees(&pts, place))
			return -EADDRINUSE;
	}
	return 0;
}

/* At the level of the leaf, with the range being the leaf. */
static int place_leaf(struct pt_state *pts, struct pt_iommu_place_args *place)
{
	unsigned int step_lg2 = place->pgsize_lg2 - pt_table_item_lg2sz(pts);
	unsigned int first = pts->index;
	bool present = false, hole = false;
	int ret;

	pts->end_index = first + log2_to_int(step_lg2);
	for (; _pt_iter_load(pts); pt_next_entry(pts)) {
		if (pts->type == PT_ENTRY_EMPTY) {
			hole = true;
			continue;
		}
		present = true;
		if (pts->type == PT_ENTRY_OA) {
			if (!place_agrees(pts, place))
				return -EADDRINUSE;
			if (pts->index == first &&
			    pt_entry_oa_lg2sz(pts) >= place->pgsize_lg2)
				return 0;
			continue;
		}
		if (!place->merge)
			return -EEXIST;
		gather_add_table(&place->pending, pts, pts->table_lower);
		ret = pt_walk_descend_all(pts, __place_collect, place);
		if (ret)
			return ret;
	}
	if (present && !place->merge)
		return hole ? -EEXIST : 0;

	pts->index = first;
	pt_index_to_va(pts);
	/* From here on nobody finds the tables that were collected. */
	pt_install_leaf_entry(pts, place->oa, place->pgsize_lg2, &place->attrs);
	flush_writes_range(pts, first, pts->end_index);
	place->flush = present;
	return 0;
}

static int __place_leaf(struct pt_range *range, void *arg, unsigned int level,
			struct pt_table_p *table)
{
	struct pt_state pts = pt_init(range, level, table);
	struct pt_iommu_place_args *place = arg;

	pt_load_single_entry(&pts);
	if (level == place->level)
		return place_leaf(&pts, place);

	switch (pts.type) {
	case PT_ENTRY_TABLE:
		/* Somebody who maps beside this may have put it there just now. */
		if (pts_feature(&pts, PT_FEAT_DMA_INCOHERENT) &&
		    !pt_test_sw_bit_acquire(&pts, SW_BIT_CACHE_FLUSH_DONE))
			flush_writes_item(&pts);
		return pt_descend(&pts, arg, __place_leaf);
	case PT_ENTRY_OA:
		return place_agrees(&pts, place) ? 0 : -EADDRINUSE;
	case PT_ENTRY_EMPTY:
		break;
	}
	return -ENOENT;
}

static int NS(place_leaf)(struct pt_iommu *iommu_table, dma_addr_t iova,
			  phys_addr_t paddr, dma_addr_t pgsize,
			  unsigned int prot, bool merge,
			  struct iommu_iotlb_gather *iotlb_gather)
{
	struct pt_common *common = common_from_iommu(iommu_table);
	struct pt_iommu_place_args place = {
		.pending.iotlb_gather = iotlb_gather,
		.va = iova,
		.oa = paddr,
		.merge = merge,
	};
	struct pt_range range;
	int ret;

	if (!(iommu_table->domain.pgsize_bitmap & pgsize) ||
	    ((iova | paddr) & (pgsize - 1)))
		return -EINVAL;
	place.pgsize_lg2 = vaffs(pgsize);
	place.level = pt_pgsz_lg2_to_level(common, place.pgsize_lg2);

	INIT_LIST_HEAD(&place.pending.free_list.pages);
	ret = pt_iommu_set_prot(common, &place.attrs, prot);
	if (ret)
		return ret;

	ret = make_range(common, &range, iova, pgsize);
	if (ret == -ERANGE && pt_feature(common, PT_FEAT_DYNAMIC_TOP))
		return -ENOENT;
	if (ret)
		return ret;
	if (place.level > range.top_level)
		return -ENOENT;

	ret = pt_walk_range(&range, __place_leaf, &place);
	if (place.flush)
		gather_range_pending(&place.pending, iommu_table, iova, pgsize);
	return ret;
}

#if PT_CUT_DIRTY
struct pt_iommu_read_dirty_args {
	struct iommu_iotlb_gather *gather;
	unsigned long *bitmap;
	pt_vaddr_t base;
	pt_vaddr_t va;
	pt_vaddr_t last_va;
	u8 clear : 1;
};

static void cut_record_dirty(struct pt_state *pts,
			     struct pt_iommu_read_dirty_args *args)
{
	unsigned int lg2sz = pt_entry_oa_lg2sz(pts);
	pt_vaddr_t va = log2_set_mod(pts->range->va, 0, lg2sz);
	pt_vaddr_t last_va = log2_set_mod_max(pts->range->va, lg2sz);
	unsigned long first, last;

	if (args->bitmap) {
		first = (max(va, args->va) - args->base) >> PAGE_SHIFT;
		last = (min(last_va, args->last_va) - args->base) >> PAGE_SHIFT;
		bitmap_set(args->bitmap, first, last - first + 1);
	}
	if (args->clear) {
		pt_entry_make_write_clean(pts);
		iommu_iotlb_gather_add_range(args->gather, va,
					     log2_to_int(lg2sz));
	}
}

static int __cut_read_dirty(struct pt_range *range, void *arg,
			    unsigned int level, struct pt_table_p *table)
{
	struct pt_state pts = pt_init(range, level, table);
	int ret;

	for_each_pt_level_entry(&pts) {
		if (pts.type == PT_ENTRY_TABLE) {
			ret = pt_descend(&pts, arg, __cut_read_dirty);
			if (ret)
				return ret;
			continue;
		}
		if (pts.type == PT_ENTRY_OA && pt_entry_is_write_dirty(&pts))
			cut_record_dirty(&pts, arg);
	}
	return 0;
}

static int NS(read_dirty)(struct pt_iommu *iommu_table, dma_addr_t iova,
			  dma_addr_t len, bool clear, unsigned long *bitmap,
			  dma_addr_t base,
			  struct iommu_iotlb_gather *iotlb_gather)
{
	struct pt_common *common = common_from_iommu(iommu_table);
	struct pt_iommu_read_dirty_args args = {
		.gather = iotlb_gather,
		.bitmap = bitmap,
		.base = base,
		.va = iova,
		.last_va = iova + (len - 1),
		.clear = clear,
	};
	struct pt_range range;
	int ret;

	ret = make_range(common, &range, iova, len);
	/* Beyond what the table has grown to so far nothing is mapped. */
	if (ret == -ERANGE && pt_feature(common, PT_FEAT_DYNAMIC_TOP))
		return 0;
	if (ret)
		return ret;
	return pt_walk_range(&range, __cut_read_dirty, &args);
}
#endif

#endif /* __GENERIC_PT_IOMMU_CUT_H */
