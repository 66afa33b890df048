/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of mm/gmem/ share.  Objects and their locks are described at
 * the top of the file that owns them: pools in pool.c, ranges in range.c,
 * granules in alloc.c, backings in backing.c, mappers in mapper.c.
 */
#ifndef _MM_GMEM_INTERNAL_H
#define _MM_GMEM_INTERNAL_H

#include <linux/cdev.h>
#include <linux/device.h>
#include <linux/gmem.h>
#include <linux/idr.h>
#include <linux/ioport.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pgtable.h>
#include <linux/range.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <uapi/linux/gmem.h>

/*
 * A granule is the unit of allocation: what a PMD maps.  A chunk is what a PUD
 * maps; allocations are arranged so that whole chunks stay whole.
 */
#define GMEM_GRANULE_ORDER	PMD_ORDER
#define GMEM_GRANULE_PAGES	BIT(GMEM_GRANULE_ORDER)
#define GMEM_GRANULE_SIZE	PMD_SIZE
#define GMEM_CHUNK_ORDER	PUD_ORDER
#define GMEM_CHUNK_PAGES	BIT(GMEM_CHUNK_ORDER)
#define GMEM_CHUNK_GRANULES	(GMEM_CHUNK_PAGES / GMEM_GRANULE_PAGES)
/* Sizes of naturally aligned blocks, from a granule to a chunk. */
#define GMEM_NR_ORDERS		(GMEM_CHUNK_ORDER - GMEM_GRANULE_ORDER + 1)

enum gmem_origin {
	GMEM_ORIGIN_BOOT,	/* kept from the memory map by gmem= */
	GMEM_ORIGIN_RAM,	/* unplugged from System RAM at run time */
	GMEM_ORIGIN_DAX,	/* lent by the driver of a DAX device */
};

enum gmem_state {
	GMEM_IDLE,
	GMEM_GROWING,
	GMEM_SHRINKING,
	GMEM_DELETING,
};

/**
 * struct gmem_range - a physically contiguous piece of a pool
 * @kobj: the directory range<N> in sysfs, and the lifetime of the range
 * @list: entry of &gmem_pool.ranges, sorted by PFN
 * @pool: the pool that the range belongs to
 * @pfn: first PFN
 * @nr_pages: number of pages, a multiple of the memory block
 * @nid: the node that the memory belongs to
 * @id: N in range<N>
 * @origin: where the memory came from
 * @loan: whose memory it is, or NULL; see loan.c
 * @shut: the memory is wanted back: nothing of it is allocated, and the sums of
 *	  the pool are without it; &gmem_pool.lock
 * @claim: the range in the resource tree, as /dev/mem has to see it
 * @busy: child of @claim that keeps memory hotplug out
 * @base: @pfn rounded down to a chunk; granule 0 of the bitmaps
 * @nr_granules: number of bits in the bitmaps
 * @taken: granules that cannot be allocated: in a backing, being scrubbed,
 *	   being returned, poisoned, or not part of the range
 * @dirty: granules that are not known to be zero
 * @scrubbing: granules that the scrubber holds, a subset of @taken
 * @bad: granules with a poisoned page, a subset of @taken; NULL until there is
 *	 one; set under gmem_poison_mutex as well
 * @nr_free: number of granules that are not @taken
 * @nr_clean: number of granules that are neither @taken nor @dirty
 * @linked: the sums of the pool contain those of the range
 * @scrub: background scrubbing of this range
 */
struct gmem_range {
	struct kobject kobj;
	struct list_head list;
	struct gmem_pool *pool;
	unsigned long pfn;
	unsigned long nr_pages;
	int nid;
	int id;
	enum gmem_origin origin;
	struct gmem_loan *loan;
	bool shut;
	struct resource claim;
	struct resource busy;

	unsigned long base;
	unsigned long nr_granules;
	unsigned long *taken;
	unsigned long *dirty;
	unsigned long *scrubbing;
	unsigned long *bad;
	unsigned long nr_free;
	unsigned long nr_clean;
	bool linked;
	struct work_struct scrub;
};

/**
 * struct gmem_pool - a named amount of memory without struct pages
 * @dev: the device in /sys/class/gmem, and the lifetime of the pool
 * @cdev: /dev/gmem/<pool>
 * @lock: protects the granules of all ranges and everything up to @wait
 * @ranges: the &struct gmem_range of the pool
 * @nr_pages: pages of all ranges
 * @nr_free: granules that are not taken
 * @nr_clean: granules that are neither taken nor dirty
 * @nr_scrubbing: granules that are taken by the scrubber
 * @nr_bad: granules with a poisoned page
 * @nr_backings: backings that hold memory of the pool
 * @nr_waiting: allocations that wait for the scrubber, which then stops
 * @frozen: the administrator takes memory out: the scrubber stops
 * @dead: the pool has been deleted, only references are left
 * @wait: woken when the scrubber returns granules
 * @node: where to grow and to shrink, or NUMA_NO_NODE; gmem_admin_mutex
 * @max: how many pages an elastic pool may have, 0 for others; gmem_admin_mutex
 * @reserved: pages that an elastic pool keeps, loans not counted;
 *	      gmem_admin_mutex
 * @return_delay: milliseconds until an elastic pool returns free memory;
 *		  gmem_admin_mutex
 * @nr_growing: allocations that an elastic pool grows for
 * @elastic: returns memory of an elastic pool
 * @range_ids: the N of range<N>
 * @nodes: directories node<N>; gmem_admin_mutex
 * @state: what the administrator does; written under gmem_admin_mutex
 * @progress: how many bytes of it are done; written under gmem_admin_mutex
 * @last_error: why the last write failed; gmem_admin_mutex
 */
struct gmem_pool {
	struct device dev;
	struct cdev cdev;

	spinlock_t lock;	/* granules and their sums */
	struct list_head ranges;
	unsigned long nr_pages;
	unsigned long nr_free;
	unsigned long nr_clean;
	unsigned long nr_scrubbing;
	unsigned long nr_bad;
	unsigned int nr_backings;
	unsigned int nr_waiting;
	bool frozen;
	bool dead;
	wait_queue_head_t wait;

	int node;
	unsigned long max;
	unsigned long reserved;
	unsigned int return_delay;
	atomic_t nr_growing;
	struct delayed_work elastic;
	struct ida range_ids;
	struct list_head nodes;
	enum gmem_state state;
	u64 progress;
	struct gmem_last_error last_error;
};

/**
 * struct gmem_extent - a physically contiguous piece of a backing
 * @pgoff: first page of the piece in the backing
 * @pfn: first PFN
 * @nr_pages: number of pages
 * @nid: the node of the memory
 */
struct gmem_extent {
	pgoff_t pgoff;
	unsigned long pfn;
	unsigned long nr_pages;
	int nid;
};

/**
 * struct gmem_backing - the memory of one owner
 * @source: how mappers reach it; see mapper.c
 * @pool: where it came from; the backing keeps it from being deleted
 * @extents: the pieces, by ascending offset and without gaps
 * @nr_extents: how many
 * @nr_pages: the sum of the extents in pages, whole granules
 * @list: entry of the list of poison.c
 * @poison: poisoned pages by their offset; see poison.c
 */
struct gmem_backing {
	struct gmem_source *source;
	struct gmem_pool *pool;
	struct gmem_extent *extents;
	unsigned int nr_extents;
	unsigned long nr_pages;
	struct list_head list;
	struct xarray poison;
};

static inline struct gmem_pool *to_gmem_pool(struct device *dev)
{
	return container_of(dev, struct gmem_pool, dev);
}

static inline const char *gmem_pool_name(const struct gmem_pool *pool)
{
	return dev_name(&pool->dev);
}

static inline unsigned long gmem_granule(const struct gmem_range *range,
					 unsigned long pfn)
{
	return (pfn - range->base) >> GMEM_GRANULE_ORDER;
}

static inline unsigned long gmem_granule_pfn(const struct gmem_range *range,
					     unsigned long granule)
{
	return range->base + (granule << GMEM_GRANULE_ORDER);
}

/**
 * struct gmem_create - what a new pool shall be
 * @name: its name
 * @size: its size in bytes
 * @nid: the node to take memory from, or NUMA_NO_NODE
 * @max: how large it may become by itself, in bytes; 0 for not at all
 * @return_delay: milliseconds until it returns free memory then
 */
struct gmem_create {
	const char *name;
	u64 size;
	int nid;
	u64 max;
	unsigned int return_delay;
};

#define GMEM_RETURN_DELAY	(10 * MSEC_PER_SEC)

/* pool.c */
extern struct mutex gmem_admin_mutex;
void gmem_pool_init(struct gmem_pool *pool);
struct gmem_pool *gmem_pool_make(const char *name);
void gmem_finish_change(struct gmem_pool *pool, unsigned long before);
int gmem_grow(struct gmem_pool *pool, unsigned long nr_pages);
int gmem_pool_create(const struct gmem_create *args);
int gmem_pool_delete(const char *name);
int gmem_pool_resize(struct gmem_pool *pool, u64 size);
int gmem_pool_reserve(struct gmem_pool *pool, u64 size);
int gmem_pool_compact(struct gmem_pool *pool);
int gmem_pool_add_boot(u64 start, u64 size, int nid);
unsigned long gmem_total_pages(void);
void gmem_error(struct gmem_pool *pool, const char *fmt, ...) __printf(2, 3);
void gmem_clear_error(struct gmem_pool *pool);
ssize_t gmem_show_error(struct gmem_pool *pool, char *buf);
void gmem_set_state(struct gmem_pool *pool, enum gmem_state state);
void gmem_set_progress(struct gmem_pool *pool, u64 bytes);

/* error.c */
void gmem_set_error(struct gmem_last_error *error, const char *fmt,
		    va_list args) __printf(2, 0);
ssize_t gmem_emit_error(const struct gmem_last_error *error, char *buf);

/* alloc.c */
int gmem_alloc(struct gmem_pool *pool, unsigned long nr_granules,
	       struct gmem_extent **extents, unsigned int *nr_extents);
void gmem_free(struct gmem_pool *pool, const struct gmem_extent *extents,
	       unsigned int nr_extents);
struct gmem_range *gmem_find_range(struct gmem_pool *pool, unsigned long pfn);
bool gmem_next_dirty(struct gmem_pool *pool, const struct gmem_extent *extent,
		     unsigned long *pfn, unsigned long *nr_pages);
void gmem_mark_clean(struct gmem_pool *pool, unsigned long pfn,
		     unsigned long nr_pages);
unsigned long gmem_take_dirty(struct gmem_range *range, unsigned long max,
			      unsigned long *granule);
void gmem_put_scrubbed(struct gmem_range *range, unsigned long granule,
		       unsigned long nr);
unsigned long gmem_largest_free(struct gmem_pool *pool);
void gmem_count_free(struct gmem_pool *pool, unsigned long *counts);
bool gmem_take_free(struct gmem_range *range, unsigned long pfn,
		    unsigned long nr_pages);
void gmem_take_rest(struct gmem_range *range);
void gmem_untake(struct gmem_range *range, unsigned long pfn,
		 unsigned long nr_pages);
bool gmem_mark_bad(struct gmem_range *range, unsigned long pfn,
		   unsigned long *bad);
bool gmem_range_is_bad(const struct gmem_range *range);
void gmem_range_shut(struct gmem_range *range);

/* range.c */
struct gmem_range *gmem_range_alloc(unsigned long pfn, unsigned long nr_pages,
				    int nid, enum gmem_origin origin);
void gmem_range_put(struct gmem_range *range);
struct gmem_range *gmem_range_of(unsigned long pfn);
int gmem_range_claim(struct gmem_range *range);
void gmem_range_open(struct gmem_range *range);
int gmem_range_close(struct gmem_range *range);
void gmem_range_unclaim(struct gmem_range *range);
void gmem_range_reclose(struct gmem_range *range);
int gmem_range_publish(struct gmem_range *range);
void gmem_range_unpublish(struct gmem_range *range);
void gmem_range_link(struct gmem_range *range);
int gmem_ranges_add(struct gmem_pool *pool, struct list_head *ranges);
void gmem_range_del(struct gmem_range *range);
int gmem_range_split(struct gmem_range *range, unsigned long pfn);
int gmem_range_extend_pfns(struct gmem_range *lower, struct gmem_range *upper);

/* merge.c */
int gmem_compact(struct gmem_pool *pool);

/* unplug.c */
extern unsigned long gmem_keep_free;
int gmem_unplug(struct gmem_pool *pool, int nid, unsigned long nr_pages);

/* elastic.c */
int gmem_elastic_alloc(struct gmem_pool *pool, unsigned long nr_granules,
		       struct gmem_extent **extents, unsigned int *nr_extents);
void gmem_elastic_work(struct work_struct *work);
void gmem_elastic_kick(struct gmem_pool *pool);
void gmem_elastic_set_max(struct gmem_pool *pool, unsigned long max);
void gmem_elastic_set_delay(struct gmem_pool *pool, unsigned int ms);

/* loan.c */
unsigned long gmem_loans_pages(struct gmem_pool *pool);
int gmem_loans_take(struct gmem_pool *pool, struct gmem_loan *loan,
		    unsigned int state);
void gmem_loans_untake(struct gmem_pool *pool);
void gmem_loans_remove(struct gmem_pool *pool, struct gmem_loan *loan);

/* replug.c */
int gmem_plug(unsigned long pfn, unsigned long nr_pages, int nid);
int gmem_shrink(struct gmem_pool *pool, int nid, unsigned long nr_pages,
		bool partial);

/* backing.c, mapper.c */
struct gmem_source *gmem_backing_source(const struct gmem_backing *backing);
struct gmem_source *gmem_source_alloc(void);
struct address_space *gmem_owner_poison(struct gmem_backing *backing,
					pgoff_t pgoff);

/* poison.c */
extern struct mutex gmem_poison_mutex;
void gmem_poison_track(struct gmem_backing *backing);
void gmem_poison_untrack(struct gmem_backing *backing);
unsigned long gmem_poison_free_run(unsigned long pfn, unsigned long nr_pages);
void gmem_poison_recall(struct gmem_range *range);
void gmem_poison_hand_over(unsigned long pfn, unsigned long nr_pages);
void gmem_poison_expect(unsigned long pfn);
void gmem_poison_settle(unsigned long pfn, unsigned long nr_pages);

/* scrub.c */
int gmem_scrub_init(void);
int gmem_zero(unsigned long pfn, unsigned long nr_pages, int nid,
	      unsigned int state);
int gmem_scrub_taken(struct gmem_pool *pool, unsigned long pfn,
		     unsigned long nr_pages, int nid, unsigned int state);
void gmem_scrub_work(struct work_struct *work);
void gmem_scrub_kick(struct gmem_pool *pool);
int gmem_scrub_freeze(struct gmem_pool *pool, unsigned int state);
void gmem_scrub_thaw(struct gmem_pool *pool);

/* boot.c */
void gmem_boot_pool_init(void);
bool gmem_boot_reserved(void);

/* device.c */
extern const struct class gmem_class;
int gmem_device_init(void);
int gmem_device_add(struct gmem_pool *pool, const char *name);
void gmem_device_del(struct gmem_pool *pool);
void gmem_event(struct gmem_pool *pool, const char *what);

/* sysfs.c */
extern const struct attribute_group *gmem_class_groups[];
extern const struct attribute_group *gmem_pool_groups[];
extern const struct kobj_type gmem_range_ktype;
int gmem_sysfs_add_range(struct gmem_range *range);
void gmem_sysfs_del_range(struct gmem_range *range);

/* vma.c */
bool gmem_order_fits(const struct vm_fault *vmf, unsigned int order);

/* pm.c */
void gmem_pm_init(void);
bool gmem_hibernating(void);

/* x86.c */
bool gmem_arch_may_take(u64 start, u64 size);
int gmem_arch_split_direct_map(u64 start, u64 size);
void gmem_arch_remove_direct_map(u64 start, u64 size);
void gmem_arch_hide_boot_memory(u64 start, u64 size);
int gmem_arch_set_cache_mode(u64 start, u64 size);
void gmem_arch_clear_cache_mode(u64 start, u64 size);

#endif /* _MM_GMEM_INTERNAL_H */
