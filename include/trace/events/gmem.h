/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gmem

#if !defined(_TRACE_GMEM_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_GMEM_H

#include <linux/tracepoint.h>

/* Memory between System RAM and a pool: bytes. */
DECLARE_EVENT_CLASS(gmem_hotplug,
	TP_PROTO(u64 start, u64 size, int nid),
	TP_ARGS(start, size, nid),

	TP_STRUCT__entry(
		__field(u64, start)
		__field(u64, size)
		__field(int, nid)
	),

	TP_fast_assign(
		__entry->start = start;
		__entry->size = size;
		__entry->nid = nid;
	),

	TP_printk("start=0x%llx size=0x%llx nid=%d",
		  __entry->start, __entry->size, __entry->nid)
);

DEFINE_EVENT(gmem_hotplug, gmem_unplug,
	TP_PROTO(u64 start, u64 size, int nid),
	TP_ARGS(start, size, nid)
);

DEFINE_EVENT(gmem_hotplug, gmem_replug,
	TP_PROTO(u64 start, u64 size, int nid),
	TP_ARGS(start, size, nid)
);

/* Between a driver and a pool. */
DEFINE_EVENT(gmem_hotplug, gmem_lend,
	TP_PROTO(u64 start, u64 size, int nid),
	TP_ARGS(start, size, nid)
);

DEFINE_EVENT(gmem_hotplug, gmem_return,
	TP_PROTO(u64 start, u64 size, int nid),
	TP_ARGS(start, size, nid)
);

TRACE_EVENT(gmem_scrub,
	TP_PROTO(unsigned long pfn, unsigned long nr_pages, int nid),
	TP_ARGS(pfn, nr_pages, nid),

	TP_STRUCT__entry(
		__field(unsigned long, pfn)
		__field(unsigned long, nr_pages)
		__field(int, nid)
	),

	TP_fast_assign(
		__entry->pfn = pfn;
		__entry->nr_pages = nr_pages;
		__entry->nid = nid;
	),

	TP_printk("pfn=0x%lx nr_pages=%lu nid=%d",
		  __entry->pfn, __entry->nr_pages, __entry->nid)
);

/* @scrubbed: how much of it was dirty, and zeroed on the spot. */
TRACE_EVENT(gmem_alloc,
	TP_PROTO(const char *pool, unsigned long nr_pages,
		 unsigned int nr_extents, unsigned long scrubbed),
	TP_ARGS(pool, nr_pages, nr_extents, scrubbed),

	TP_STRUCT__entry(
		__string(pool, pool)
		__field(unsigned long, nr_pages)
		__field(unsigned int, nr_extents)
		__field(unsigned long, scrubbed)
	),

	TP_fast_assign(
		__assign_str(pool);
		__entry->nr_pages = nr_pages;
		__entry->nr_extents = nr_extents;
		__entry->scrubbed = scrubbed;
	),

	TP_printk("pool=%s nr_pages=%lu nr_extents=%u scrubbed=%lu",
		  __get_str(pool), __entry->nr_pages, __entry->nr_extents,
		  __entry->scrubbed)
);

TRACE_EVENT(gmem_free,
	TP_PROTO(const char *pool, unsigned long nr_pages,
		 unsigned int nr_extents),
	TP_ARGS(pool, nr_pages, nr_extents),

	TP_STRUCT__entry(
		__string(pool, pool)
		__field(unsigned long, nr_pages)
		__field(unsigned int, nr_extents)
	),

	TP_fast_assign(
		__assign_str(pool);
		__entry->nr_pages = nr_pages;
		__entry->nr_extents = nr_extents;
	),

	TP_printk("pool=%s nr_pages=%lu nr_extents=%u",
		  __get_str(pool), __entry->nr_pages, __entry->nr_extents)
);

/* The owner of a backing made all mappings of a part of it go away. */
TRACE_EVENT(gmem_revoke,
	TP_PROTO(unsigned long ino, pgoff_t pgoff, unsigned long nr_pages),
	TP_ARGS(ino, pgoff, nr_pages),

	TP_STRUCT__entry(
		__field(unsigned long, ino)
		__field(pgoff_t, pgoff)
		__field(unsigned long, nr_pages)
	),

	TP_fast_assign(
		__entry->ino = ino;
		__entry->pgoff = pgoff;
		__entry->nr_pages = nr_pages;
	),

	TP_printk("ino=%lu pgoff=0x%lx nr_pages=%lu",
		  __entry->ino, __entry->pgoff, __entry->nr_pages)
);

/* All of a part of a guest_memfd, but for small gaps, has another attribute. */
TRACE_EVENT(gmem_convert,
	TP_PROTO(unsigned long ino, pgoff_t pgoff, unsigned long nr_pages,
		 bool private),
	TP_ARGS(ino, pgoff, nr_pages, private),

	TP_STRUCT__entry(
		__field(unsigned long, ino)
		__field(pgoff_t, pgoff)
		__field(unsigned long, nr_pages)
		__field(bool, private)
	),

	TP_fast_assign(
		__entry->ino = ino;
		__entry->pgoff = pgoff;
		__entry->nr_pages = nr_pages;
		__entry->private = private;
	),

	TP_printk("ino=%lu pgoff=0x%lx nr_pages=%lu to=%s",
		  __entry->ino, __entry->pgoff, __entry->nr_pages,
		  __entry->private ? "private" : "shared")
);

/* A page is out of use; @pgoff is its place if it is in a backing. */
TRACE_EVENT(gmem_poison,
	TP_PROTO(const char *pool, unsigned long pfn, bool backing,
		 pgoff_t pgoff),
	TP_ARGS(pool, pfn, backing, pgoff),

	TP_STRUCT__entry(
		__string(pool, pool)
		__field(unsigned long, pfn)
		__field(bool, backing)
		__field(pgoff_t, pgoff)
	),

	TP_fast_assign(
		__assign_str(pool);
		__entry->pfn = pfn;
		__entry->backing = backing;
		__entry->pgoff = pgoff;
	),

	TP_printk("pool=%s pfn=0x%lx backing=%d pgoff=0x%lx",
		  __get_str(pool), __entry->pfn, __entry->backing,
		  __entry->pgoff)
);

#endif /* _TRACE_GMEM_H */

#include <trace/define_trace.h>
