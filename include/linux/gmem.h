/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pools of memory without struct pages, and the backings that are allocated
 * from them.  The design is in Documentation/mm/gmem.rst.
 *
 * The users of this interface are owners of memory (guest_memfd).  An owner
 * allocates a backing, hands out its PFNs through page tables that it can
 * revoke, revokes them all, and frees the backing.
 */
#ifndef _LINUX_GMEM_H
#define _LINUX_GMEM_H

#include <linux/errno.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/types.h>

struct address_space;
struct file;
struct file_operations;
struct gmem_backing;
struct gmem_mapper;
struct gmem_pool;
struct gmem_source;
struct range;
struct seq_file;
struct vm_area_struct;
struct vm_fault;

/**
 * struct gmem_block - what is behind an offset of a backing
 * @pfn: the PFN of the offset
 * @order: order of the largest naturally aligned block around the offset that is
 *	   naturally aligned and contiguous as PFNs, inside the file, and of which
 *	   every page has the same @shared; 0, %PMD_ORDER or %PUD_ORDER
 * @shared: devices may reach it
 */
struct gmem_block {
	unsigned long pfn;
	unsigned int order;
	bool shared;
};

/**
 * struct gmem_owner_ops - what the owner of a backing answers
 * @lookup: returns what is behind an offset, or -ERANGE beyond the end of the
 *	    file, or -EHWPOISON.  The answer may change only between
 *	    gmem_revoke_start() and gmem_revoke_end() of a range that contains the
 *	    offset, but for the order, which depends on the memory around it.
 *	    Called under gmem_source.lock: must not take the invalidate lock.
 * @poison: the hardware has lost a page: revokes it from everybody, as for any
 *	    other change, and calls gmem_backing_poison() between
 *	    gmem_revoke_start(), with %GMEM_CHANGE_POISON, and gmem_revoke_end().
 *	    Returns the mapping through which user space reaches the backing.
 *	    Called without locks of the owner, by memory_failure(): may sleep,
 *	    must not wait for user space.
 */
struct gmem_owner_ops {
	int (*lookup)(void *owner, pgoff_t pgoff, struct gmem_block *block);
	struct address_space *(*poison)(void *owner, pgoff_t pgoff);
};

/**
 * struct gmem_files - a kind of file whose memory can be from a pool
 * @list: entry of a list of mm/gmem/mapper.c
 * @fops: how to recognise such a file
 * @backing: returns the backing of a file that is open, or NULL
 */
struct gmem_files {
	struct list_head list;
	const struct file_operations *fops;
	struct gmem_backing *(*backing)(struct file *file);
};

/**
 * enum gmem_change - why a range is taken from mappers
 * @GMEM_CHANGE_SHARE: it becomes shared, as far as it is not
 * @GMEM_CHANGE_CONVERT: it becomes private
 * @GMEM_CHANGE_TRUNCATE: it is going to be zeroed
 * @GMEM_CHANGE_POISON: the hardware has lost it
 * @GMEM_CHANGE_CLOSE: the owner goes
 */
enum gmem_change {
	GMEM_CHANGE_SHARE,
	GMEM_CHANGE_CONVERT,
	GMEM_CHANGE_TRUNCATE,
	GMEM_CHANGE_POISON,
	GMEM_CHANGE_CLOSE,
};

/**
 * struct gmem_mapper_ops - what a mapper promises
 * @revoke: drop all translations to [start, end), which may be beyond the end of
 *	    the file, and return when no device can use them any more.  Must not
 *	    fail nor wait for user space.  Called once more for what is not
 *	    mapped: that is no error.
 * @changed: [start, end) may be looked up and mapped again
 *
 * Both are called with the lock of gmem_mapper_lock() held for writing and may
 * sleep.
 */
struct gmem_mapper_ops {
	void (*revoke)(struct gmem_mapper *mapper, pgoff_t start, pgoff_t end,
		       enum gmem_change why);
	void (*changed)(struct gmem_mapper *mapper, pgoff_t start, pgoff_t end);
};

/**
 * struct gmem_mapper - somebody who has translations to a backing
 * @list: entry of the list of the source
 * @source: the memory; set by gmem_mapper_register()
 * @ops: set by the mapper
 */
struct gmem_mapper {
	struct list_head list;
	struct gmem_source *source;
	const struct gmem_mapper_ops *ops;
};

/* Why a change failed, for a file last_error: mm/gmem/error.c. */
struct gmem_last_error {
	char text[192];
};

/**
 * struct gmem_loan - memory that a driver lends to a pool
 * @name: name of the device, for messages and sysfs
 * @nid: the node of the memory
 * @pieces: the memory in bytes, both ends included
 * @nr_pieces: number of @pieces
 * @pool: the pool that has it, or NULL; gmem_admin_mutex
 * @closed: it is not lent any more; gmem_admin_mutex
 * @revoked: its device goes away, with what is poisoned; gmem_admin_mutex
 * @nr_lost: poisoned granules that no backing has; the lock of @pool
 * @last_error: why the latest change failed; see gmem_loan_show_error()
 *
 * The driver zeroes the structure, sets the first four, and keeps it until the
 * memory has been returned.
 */
struct gmem_loan {
	const char *name;
	int nid;
	const struct range *pieces;
	unsigned int nr_pieces;

	struct gmem_pool *pool;
	bool closed;
	bool revoked;
	unsigned long nr_lost;
	struct gmem_last_error last_error;
};

#ifdef CONFIG_GMEM

/* Boot: mm/gmem/boot.c, called once from setup_arch(). */
void gmem_reserve_boot(void);

/* Pools: mm/gmem/pool.c, mm/gmem/device.c */
struct gmem_pool *gmem_pool_get_by_fd(int fd);
struct gmem_pool *gmem_pool_get_by_name(const char *name);
void gmem_pool_put(struct gmem_pool *pool);
bool gmem_pfn_in_pool(unsigned long pfn);

/* Memory of drivers: mm/gmem/loan.c */
int gmem_loan_lend(struct gmem_loan *loan, const char *name, bool create);
int gmem_loan_return(struct gmem_loan *loan);
int gmem_loan_close(struct gmem_loan *loan);
void gmem_loan_revoke(struct gmem_loan *loan);
ssize_t gmem_loan_show_pool(struct gmem_loan *loan, char *buf);
ssize_t gmem_loan_show_error(struct gmem_loan *loan, char *buf);

/* Backings: mm/gmem/backing.c */
struct gmem_backing *gmem_backing_alloc(struct gmem_pool *pool,
					unsigned long nr_pages);
void gmem_backing_free(struct gmem_backing *backing);
bool gmem_backing_poisoned(const struct gmem_backing *backing, pgoff_t pgoff,
			   unsigned long nr_pages);
int gmem_backing_get_pfn(const struct gmem_backing *backing, pgoff_t pgoff,
			 unsigned long *pfn, unsigned int *order);
void gmem_backing_zero(struct gmem_backing *backing, pgoff_t pgoff,
		       unsigned long nr_pages);
void gmem_backing_show_fdinfo(struct seq_file *m,
			      const struct gmem_backing *backing);

/* Memory errors: mm/gmem/poison.c */
int gmem_memory_failure(unsigned long pfn);
void gmem_backing_poison(struct gmem_backing *backing, pgoff_t pgoff);

/* Owners and mappers: mm/gmem/mapper.c */
void gmem_files_register(struct gmem_files *files);
void gmem_files_unregister(struct gmem_files *files);
void gmem_owner_set(struct gmem_backing *backing,
		    const struct gmem_owner_ops *ops, void *owner,
		    bool arbitrated);
void gmem_owner_clear(struct gmem_backing *backing);
void gmem_revoke_start(struct gmem_backing *backing, pgoff_t start, pgoff_t end,
		       enum gmem_change why);
void gmem_revoke_end(struct gmem_backing *backing, pgoff_t start, pgoff_t end);
struct gmem_source *gmem_source_get_by_file(struct file *file);
void gmem_source_put(struct gmem_source *source);
void gmem_mapper_register(struct gmem_mapper *mapper,
			  struct gmem_source *source);
void gmem_mapper_unregister(struct gmem_mapper *mapper);
void gmem_mapper_lock(struct gmem_mapper *mapper);
void gmem_mapper_unlock(struct gmem_mapper *mapper);
int gmem_mapper_lookup(struct gmem_mapper *mapper, pgoff_t pgoff,
		       struct gmem_block *block);
bool gmem_mapper_arbitrated(struct gmem_mapper *mapper);

/* User mappings: mm/gmem/vma.c, mm/gmem/tables.c */
void gmem_vma_init(struct vm_area_struct *vma);
vm_fault_t gmem_vma_fault(struct vm_fault *vmf,
			  const struct gmem_backing *backing,
			  unsigned int order, unsigned int max_order);
unsigned int gmem_vma_larger_order(const struct vm_fault *vmf,
				   const struct gmem_backing *backing,
				   unsigned int order, unsigned int max_order);
vm_fault_t gmem_vma_drop_tables(struct vm_fault *vmf, unsigned int order);
int gmem_vma_may_split(struct vm_area_struct *vma, unsigned long addr);
unsigned long gmem_get_unmapped_area(struct file *file, unsigned long addr,
				     unsigned long len, unsigned long pgoff,
				     unsigned long flags);
bool vma_is_gmem(const struct vm_area_struct *vma);

/* Debugging: mm/gmem/check.c */

/**
 * struct gmem_vma_check - a look at the page tables of user space
 * @bad: is it wrong that one entry maps that many pages of the file from @pgoff
 *	on to a PFN?
 * @data: passed to @bad
 * @nr_bad: number of entries for which @bad was true
 * @nr_ptes: number of entries in page tables
 * @nr_pmds: number of leaf entries in PMD tables
 * @nr_puds: number of leaf entries in PUD tables
 */
struct gmem_vma_check {
	bool (*bad)(void *data, pgoff_t pgoff, unsigned long pfn,
		    unsigned long nr_pages);
	void *data;
	unsigned long nr_bad;
	unsigned long nr_ptes;
	unsigned long nr_pmds;
	unsigned long nr_puds;
};

void gmem_vma_check(struct gmem_vma_check *check, struct address_space *mapping,
		    pgoff_t pgoff, unsigned long nr_pages);

#else /* !CONFIG_GMEM */

static inline void gmem_reserve_boot(void) { }

static inline bool gmem_pfn_in_pool(unsigned long pfn)
{
	return false;
}

static inline int gmem_memory_failure(unsigned long pfn)
{
	return -ENOENT;
}

static inline bool vma_is_gmem(const struct vm_area_struct *vma)
{
	return false;
}

#endif /* CONFIG_GMEM */

#endif /* _LINUX_GMEM_H */
