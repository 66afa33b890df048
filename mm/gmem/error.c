// SPDX-License-Identifier: GPL-2.0
/*
 * What a file last_error says: why the last change failed, of a pool, of the
 * class, of a loan.
 *
 * One spinlock protects the text of all of them, so that readers do not wait
 * for an administrator whose change takes its time.
 */
#include <linux/cleanup.h>
#include <linux/spinlock.h>
#include <linux/sysfs.h>

#include "internal.h"

static DEFINE_SPINLOCK(error_lock);

/**
 * gmem_set_error - write the text of a last_error
 * @error: where it is kept
 * @fmt: what to say, as vprintf
 * @args: arguments of @fmt
 *
 * A text that is too long is cut.
 *
 * Context: any; takes a spinlock.
 */
void gmem_set_error(struct gmem_last_error *error, const char *fmt,
		    va_list args)
{
	guard(spinlock)(&error_lock);
	vsnprintf(error->text, sizeof(error->text), fmt, args);
}

/**
 * gmem_emit_error - show the text of a last_error
 * @error: where it is kept
 * @buf: buffer of a sysfs file
 *
 * Context: any; takes a spinlock.
 * Return: number of characters.
 */
ssize_t gmem_emit_error(const struct gmem_last_error *error, char *buf)
{
	guard(spinlock)(&error_lock);
	return sysfs_emit(buf, "%s\n", error->text);
}
