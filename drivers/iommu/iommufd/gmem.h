/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef __IOMMUFD_GMEM_H
#define __IOMMUFD_GMEM_H

#include <linux/gmem.h>
#include <linux/list.h>

struct file;
struct iommu_dirty_bitmap;
struct iommu_domain;
struct iopt_area;
struct iopt_pages;

/**
 * struct iopt_pages_gmem - memory of a gmem pool, IOPT_ADDRESS_GMEM
 * @mapper: told when the memory changes; registered from allocation to release
 * @pgoff: offset in the file, in pages, of index 0
 * @keep: keep translations to private memory, see IOMMU_IOAS_MAP_FILE_STATIC
 * @tracker: the &struct iopt_gmem_track, one for each area and domain that the
 *	     memory is mapped in; iopt_pages.mutex
 */
struct iopt_pages_gmem {
	struct gmem_mapper mapper;
	pgoff_t pgoff;
	bool keep;
	struct list_head tracker;
};

#ifdef CONFIG_GMEM
struct iopt_pages *iopt_alloc_gmem_pages(struct file *file, unsigned long start,
					 unsigned long length, bool writable,
					 bool keep);
void iopt_gmem_release(struct iopt_pages *pages);
int iopt_gmem_check_area(struct iopt_pages *pages, unsigned long iova,
			 unsigned long start_byte, unsigned long length);
int iopt_gmem_fill_domain(struct iopt_area *area, struct iopt_pages *pages,
			  struct iommu_domain *domain);
int iopt_gmem_fill_domains(struct iopt_area *area, struct iopt_pages *pages);
void iopt_gmem_unfill_domain(struct iopt_area *area, struct iopt_pages *pages,
			     struct iommu_domain *domain);
void iopt_gmem_unfill_domains(struct iopt_area *area, struct iopt_pages *pages);
int iopt_gmem_read_dirty(struct iopt_area *area, struct iommu_domain *domain,
			 unsigned long iova, unsigned long last,
			 unsigned long flags, struct iommu_dirty_bitmap *dirty);
#else
static inline struct iopt_pages *
iopt_alloc_gmem_pages(struct file *file, unsigned long start,
		      unsigned long length, bool writable, bool keep)
{
	return NULL;
}

static inline void iopt_gmem_release(struct iopt_pages *pages)
{
}

static inline int
iopt_gmem_check_area(struct iopt_pages *pages, unsigned long iova,
		     unsigned long start_byte, unsigned long length)
{
	return 0;
}

static inline int iopt_gmem_fill_domain(struct iopt_area *area,
					struct iopt_pages *pages,
					struct iommu_domain *domain)
{
	return 0;
}

static inline int iopt_gmem_fill_domains(struct iopt_area *area,
					 struct iopt_pages *pages)
{
	return 0;
}

static inline void iopt_gmem_unfill_domain(struct iopt_area *area,
					   struct iopt_pages *pages,
					   struct iommu_domain *domain)
{
}

static inline void iopt_gmem_unfill_domains(struct iopt_area *area,
					    struct iopt_pages *pages)
{
}

static inline int iopt_gmem_read_dirty(struct iopt_area *area,
				       struct iommu_domain *domain,
				       unsigned long iova, unsigned long last,
				       unsigned long flags,
				       struct iommu_dirty_bitmap *dirty)
{
	return 0;
}
#endif

#endif /* __IOMMUFD_GMEM_H */
