/* SPDX-License-Identifier: GPL-2.0 */
/* What the kernel allocates for this process, from its own trace events. */
#ifndef KMEM_H
#define KMEM_H

#include <stdbool.h>

/**
 * kmem_start() - begin to record
 * @pages: record pages of the page allocator, too, and not only objects
 *
 * Exits with a message if tracing does not work.
 */
void kmem_start(bool pages);

/**
 * kmem_stop() - end recording
 *
 * What was freed by another process or later counts as still there, and a page
 * that became part of a slab counts beside the objects in it.  So this is the
 * most that it can be.
 *
 * Return: bytes that were allocated and not freed.
 */
long kmem_stop(void);

/**
 * struct kmem_allocs - what was allocated, whether freed since or not
 * @user_pages: allocations of memory for user space or guests
 * @user_bytes: their size
 * @pages: other allocations of the page allocator
 * @page_bytes: their size; pages that became part of a slab are among them
 * @objects: allocations of objects
 * @object_bytes: their size
 */
struct kmem_allocs {
	long user_pages;
	long user_bytes;
	long pages;
	long page_bytes;
	long objects;
	long object_bytes;
};

/**
 * kmem_count_begin() - prepare to count allocations; nothing is counted yet
 *
 * Exits with a message if tracing does not work.
 */
void kmem_count_begin(void);

/**
 * kmem_count() - count from here, or do not count from here
 * @on: count
 *
 * The call itself allocates nothing that would be counted.
 */
void kmem_count(bool on);

/**
 * kmem_count_end() - end counting
 * @allocs: returns what was allocated while counting
 */
void kmem_count_end(struct kmem_allocs *allocs);

#endif
