// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: Scrubbing
 *
 * Memory without a direct map is zeroed through windows of kernel address
 * space.  There are a few of them, set up once, each with page tables that
 * are never freed, so that zeroing cannot fail for want of memory: a big area
 * for PMD entries, which may have to allocate and may fail, and a small one
 * for PTEs, which always works.  Whoever has a window owns it until it is put
 * back; the TLB is flushed before that, so no stale translation outlives it.
 *
 * Poisoned pages are neither mapped nor written.
 *
 * Big pieces are zeroed by several CPUs at once.  The caller takes part, and
 * withdraws helpers that did not start, so the work is done even if no worker
 * ever runs.
 *
 * Each range has a work item that scrubs free dirty granules, a chunk at a
 * time.  It stops for allocations that wait for what it holds
 * (&gmem_pool.nr_waiting) and while memory leaves the pool
 * (&gmem_pool.frozen), and is kicked again afterwards.
 */
#include <linux/io.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/semaphore.h>
#include <linux/vmalloc.h>
#include <trace/events/gmem.h>

#include "internal.h"

#define WINDOW_BIG	SZ_32M
#define WINDOW_SMALL	GMEM_GRANULE_SIZE
#define MAX_WINDOWS	16

/**
 * struct window - kernel address space to zero memory through
 * @next: the list of windows that nobody uses
 * @big: WINDOW_BIG of addresses, aligned to it
 * @small: WINDOW_SMALL of addresses, aligned to it, with all page tables
 */
struct window {
	struct window *next;
	unsigned long big;
	unsigned long small;
};

static struct window windows[MAX_WINDOWS];
static struct window *free_windows;
static DEFINE_SPINLOCK(windows_lock);	/* protects the list of free windows */
static DEFINE_SEMAPHORE(windows_free, 0);
static unsigned int nr_windows;

static struct workqueue_struct *scrub_wq;

/* The helpers of one gmem_zero(). */
struct zero_job {
	unsigned long pfn;
	unsigned long nr_pages;
	unsigned int state;	/* which signals end it: TASK_* of the caller */
	bool interrupted;
	atomic_long_t next;	/* the offset, in pages, that nobody took yet */
};

struct zero_work {
	struct work_struct work;
	struct zero_job *job;
};

static struct window *get_window(void)
{
	struct window *window;

	down(&windows_free);
	guard(spinlock)(&windows_lock);
	window = free_windows;
	free_windows = window->next;
	return window;
}

static void put_window(struct window *window)
{
	scoped_guard(spinlock, &windows_lock) {
		window->next = free_windows;
		free_windows = window;
	}
	up(&windows_free);
}

static void clear_mapped(unsigned long addr, unsigned long nr_pages)
{
	while (nr_pages) {
		unsigned int nr = min(nr_pages, GMEM_GRANULE_PAGES);

		clear_pages((void *)addr, nr);
		addr += (unsigned long)nr << PAGE_SHIFT;
		nr_pages -= nr;
		cond_resched();
	}
}

/* Zeroes as much as one mapping can reach; returns the number of pages. */
static unsigned long zero_some(struct window *window, unsigned long pfn,
			       unsigned long nr_pages)
{
	unsigned long offset = pfn & (GMEM_GRANULE_PAGES - 1);
	unsigned long addr, nr;

	if (!offset && nr_pages >= GMEM_GRANULE_PAGES) {
		nr = min(round_down(nr_pages, GMEM_GRANULE_PAGES),
			 WINDOW_BIG >> PAGE_SHIFT);
		addr = window->big;
		if (!vmap_page_range(addr, addr + (nr << PAGE_SHIFT),
				     PFN_PHYS(pfn), PAGE_KERNEL))
			goto mapped;
		vunmap_range(addr, addr + (nr << PAGE_SHIFT));
	}

	/*
	 * Never all of the small area at once: a PMD entry would take the
	 * place of the page table that guarantees success.
	 */
	nr = min3(nr_pages, GMEM_GRANULE_PAGES - offset,
		  GMEM_GRANULE_PAGES / 2);
	addr = window->small + (offset << PAGE_SHIFT);
	while (WARN_ON_ONCE(vmap_page_range(addr, addr + (nr << PAGE_SHIFT),
					    PFN_PHYS(pfn), PAGE_KERNEL)))
		cond_resched();
mapped:
	clear_mapped(addr, nr);
	vunmap_range(addr, addr + (nr << PAGE_SHIFT));
	return nr;
}

static void zero_piece(unsigned long pfn, unsigned long nr_pages)
{
	struct window *window = get_window();

	while (nr_pages) {
		unsigned long nr = gmem_poison_free_run(pfn, nr_pages);

		/* Mapping a poisoned page is enough for speculation to hit it. */
		if (nr)
			nr = zero_some(window, pfn, nr);
		else
			nr = 1;
		pfn += nr;
		nr_pages -= nr;
	}
	put_window(window);
}

static void zero_job(struct zero_job *job)
{
	const unsigned long step = WINDOW_BIG >> PAGE_SHIFT;

	for (;;) {
		unsigned long start = atomic_long_fetch_add(step, &job->next);

		if (start >= job->nr_pages)
			break;
		zero_piece(job->pfn + start, min(step, job->nr_pages - start));
		/* Only the caller has signals; the helpers stop with it. */
		if (signal_pending_state(job->state, current)) {
			job->interrupted = true;
			atomic_long_set(&job->next, job->nr_pages);
			break;
		}
	}
}

static void zero_work(struct work_struct *work)
{
	zero_job(container_of(work, struct zero_work, work)->job);
}

static void run_zero_job(struct zero_job *job, int nid)
{
	unsigned long nr = DIV_ROUND_UP(job->nr_pages, WINDOW_BIG >> PAGE_SHIFT);
	struct zero_work helpers[MAX_WINDOWS - 1];
	unsigned int i, nr_helpers;

	nr_helpers = min3(nr, (unsigned long)num_online_cpus(),
			  (unsigned long)nr_windows) - 1;
	for (i = 0; i < nr_helpers; i++) {
		INIT_WORK_ONSTACK(&helpers[i].work, zero_work);
		helpers[i].job = job;
		queue_work_node(nid, scrub_wq, &helpers[i].work);
	}
	zero_job(job);
	for (i = 0; i < nr_helpers; i++) {
		cancel_work_sync(&helpers[i].work);
		destroy_work_on_stack(&helpers[i].work);
	}
}

/**
 * gmem_zero - overwrite memory of a pool with zeroes
 * @pfn: first PFN
 * @nr_pages: number of pages
 * @nid: the node of the memory
 * @state: which signals end it: TASK_UNINTERRUPTIBLE (none), TASK_KILLABLE or
 *	   TASK_INTERRUPTIBLE
 *
 * Nobody else may use the memory.  Poisoned pages are left out.
 *
 * Context: may sleep, for long.
 * Return: 0, or -EINTR if a signal came and some of the memory may not have
 * been zeroed.
 */
int gmem_zero(unsigned long pfn, unsigned long nr_pages, int nid,
	      unsigned int state)
{
	struct zero_job job = {
		.pfn = pfn,
		.nr_pages = nr_pages,
		.state = state,
	};

	if (!nr_pages)
		return 0;
	run_zero_job(&job, nid);
	if (job.interrupted)
		return -EINTR;
	trace_gmem_scrub(pfn, nr_pages, nid);
	return 0;
}

/**
 * gmem_scrub_taken - zero what is dirty of memory that the caller has taken
 * @pool: the pool
 * @pfn: first PFN, granule aligned
 * @nr_pages: number of pages, whole granules inside one range
 * @nid: the node of the memory
 * @state: which signals end it, as for gmem_zero()
 *
 * Context: may sleep, for long.
 * Return: 0, or -EINTR if a signal came.
 */
int gmem_scrub_taken(struct gmem_pool *pool, unsigned long pfn,
		     unsigned long nr_pages, int nid, unsigned int state)
{
	struct gmem_extent extent = { .pfn = pfn, .nr_pages = nr_pages };
	unsigned long nr;
	int ret;

	while (gmem_next_dirty(pool, &extent, &pfn, &nr)) {
		ret = gmem_zero(pfn, nr, nid, state);
		if (ret)
			return ret;
		gmem_mark_clean(pool, pfn, nr);
	}
	return 0;
}

/**
 * gmem_scrub_work - scrub the free dirty granules of a range
 * @work: &gmem_range.scrub
 */
void gmem_scrub_work(struct work_struct *work)
{
	struct gmem_range *range = container_of(work, struct gmem_range, scrub);
	unsigned long granule, nr;

	while ((nr = gmem_take_dirty(range, GMEM_CHUNK_GRANULES, &granule))) {
		gmem_zero(gmem_granule_pfn(range, granule),
			  nr << GMEM_GRANULE_ORDER, range->nid,
			  TASK_UNINTERRUPTIBLE);
		gmem_put_scrubbed(range, granule, nr);
	}
}

/**
 * gmem_scrub_kick - start scrubbing what is dirty
 * @pool: the pool
 *
 * Context: process context; does not sleep.
 */
void gmem_scrub_kick(struct gmem_pool *pool)
{
	struct gmem_range *range;

	guard(spinlock)(&pool->lock);
	if (pool->frozen || pool->nr_waiting ||
	    pool->nr_clean == pool->nr_free)
		return;
	list_for_each_entry(range, &pool->ranges, list)
		if (range->nr_clean < range->nr_free)
			queue_work_node(range->nid, scrub_wq, &range->scrub);
}

/**
 * gmem_scrub_freeze - stop scrubbing, and wait until nothing is held
 * @pool: the pool
 * @state: which signals end it, as for gmem_zero()
 *
 * Context: may sleep; gmem_admin_mutex held.
 * Return: 0, or -EINTR if a signal came first; not frozen then.
 */
int gmem_scrub_freeze(struct gmem_pool *pool, unsigned int state)
{
	lockdep_assert_held(&gmem_admin_mutex);
	scoped_guard(spinlock, &pool->lock)
		pool->frozen = true;
	if (wait_event_state(pool->wait, !READ_ONCE(pool->nr_scrubbing),
			     state)) {
		gmem_scrub_thaw(pool);
		return -EINTR;
	}
	return 0;
}

/**
 * gmem_scrub_thaw - undo gmem_scrub_freeze()
 * @pool: the pool
 *
 * Context: gmem_admin_mutex held.
 */
void gmem_scrub_thaw(struct gmem_pool *pool)
{
	lockdep_assert_held(&gmem_admin_mutex);
	scoped_guard(spinlock, &pool->lock)
		pool->frozen = false;
	gmem_scrub_kick(pool);
}

static int __init no_entry(pte_t *pte, unsigned long addr, void *data)
{
	return 0;
}

static int __init make_window(struct window *window)
{
	struct vm_struct *big, *small;

	big = get_vm_area(WINDOW_BIG, VM_IOREMAP);
	if (!big)
		return -ENOMEM;
	small = get_vm_area(WINDOW_SMALL, VM_IOREMAP);
	if (!small)
		goto free_big;

	window->big = (unsigned long)big->addr;
	window->small = (unsigned long)small->addr;
	/* Walking creates the page tables. */
	if (apply_to_page_range(&init_mm, window->small, WINDOW_SMALL,
				no_entry, NULL))
		goto free_small;
	return 0;

free_small:
	free_vm_area(small);
free_big:
	free_vm_area(big);
	return -ENOMEM;
}

/**
 * gmem_scrub_init - set up the windows and the workqueue
 *
 * Return: 0 or -ENOMEM.
 */
int __init gmem_scrub_init(void)
{
	unsigned int wanted = min_t(unsigned int, num_possible_cpus(),
				    MAX_WINDOWS);

	/* The administrator can keep scrubbing off some CPUs in sysfs. */
	scrub_wq = alloc_workqueue("gmem_scrub", WQ_UNBOUND | WQ_SYSFS, 0);
	if (!scrub_wq)
		return -ENOMEM;

	while (nr_windows < wanted && !make_window(&windows[nr_windows])) {
		put_window(&windows[nr_windows]);
		nr_windows++;
	}
	return nr_windows ? 0 : -ENOMEM;
}
