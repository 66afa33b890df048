// SPDX-License-Identifier: GPL-2.0
#include "gmemctl.h"
#include "amount.h"

static uint64_t distance(uint64_t a, uint64_t b)
{
	return a > b ? a - b : b - a;
}

/* The nearest sizes that can be had, written as the user wrote theirs. */
static void bad_blocks(const struct app *app, const struct size *size,
		       uint64_t old, uint64_t diff, bool grow, uint64_t block)
{
	char one[SIZE_TEXT], near[SIZE_TEXT], far[SIZE_TEXT];
	uint64_t less = diff - diff % block;
	uint64_t more = less + block;
	char sign[2] = { size->sign, '\0' };
	bool no_more = grow ? old > UINT64_MAX - more : more > old;

	size_exact(one, block);
	if (size->sign) {
		size_exact(near, less);
		size_exact(far, more);
	} else {
		size_exact(near, grow ? old + less : old - less);
		size_exact(far, grow ? old + more : old - more);
	}
	if (no_more || !less)
		error(app, NULL,
		      "'%s' is not possible with memory blocks of %s: use %s%s",
		      size->text, one, sign, no_more ? near : far);
	else
		error(app, NULL,
		      "'%s' is not possible with memory blocks of %s: use %s%s or %s%s",
		      size->text, one, sign, near, sign, far);
}

/*
 * The size that a pool of the size old is to get, where 100 percent is whole.
 *
 * Memory moves in whole blocks.  Percentages are rounded to what moves less,
 * since nobody can know which are whole; no other size is rounded behind
 * anybody's back.
 */
int amount_target(const struct app *app, const struct size *size,
		  uint64_t whole, uint64_t old, uint64_t *target)
{
	uint64_t block, diff, rest, num;
	char text[SIZE_TEXT];
	const char *reason;
	bool grow;

	reason = size_of(size, whole, &num);
	if (!reason && size->sign == '+' &&
	    __builtin_add_overflow(old, num, &num))
		reason = "too large";
	if (reason) {
		error(app, NULL, "'%s' is %s", size->text, reason);
		return RC_USAGE;
	}
	if (size->sign == '-') {
		if (num > old) {
			error(app, NULL, "'%s' is more than the pool has, %s",
			      size->text, size_format(text, old));
			return RC_USAGE;
		}
		num = old - num;
	}
	*target = num;

	/* Without the size of blocks, the kernel has to judge. */
	if (gmem_get_block_size(app->ctx, &block))
		return 0;
	grow = num > old;
	diff = distance(num, old);
	rest = diff % block;
	if (!rest)
		return 0;
	if (!size->percent) {
		bad_blocks(app, size, old, diff, grow, block);
		return RC_USAGE;
	}
	if (diff < block) {
		error(app, NULL, "'%s' is a change of less than a memory block, %s",
		      size->text, size_exact(text, block));
		return RC_USAGE;
	}
	*target = grow ? num - rest : num + rest;
	return 0;
}
