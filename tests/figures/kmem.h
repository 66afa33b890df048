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

#endif
