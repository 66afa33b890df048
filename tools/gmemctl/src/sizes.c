// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "sizes.h"

/* A unit is the number of bits to shift by, times ten. */
static const char units[] = "KMGTP";

#define PERCENT_DIGITS	3	/* decimals that a percentage may have */
#define PERCENT_ONE	100000	/* 100 percent, in thousandths */

static const char not_a_size[] =
	"not a size: give bytes, or a number with K, M, G, T or P (of 1024), or a percentage";

/* Digits to a number; false if it does not fit. */
static bool take_digits(const char **text, uint64_t *num, unsigned int *nr)
{
	uint64_t n = 0;

	for (*nr = 0; isdigit((unsigned char)**text); (*text)++, (*nr)++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, **text - '0', &n))
			return false;
	*num = n;
	return true;
}

/* num.fraction times one; the result has to be whole. */
static const char *scale(uint64_t num, uint64_t fraction, unsigned int digits,
			 uint64_t one, uint64_t *out)
{
	uint64_t divisor = 1;
	uint64_t part;

	while (digits--)
		divisor *= 10;
	if (__builtin_mul_overflow(num, one, &num) ||
	    __builtin_mul_overflow(fraction, one, &part))
		return "too large";
	if (part % divisor)
		return "not a whole number of bytes";
	if (__builtin_add_overflow(num, part / divisor, out))
		return "too large";
	return NULL;
}

/*
 * "4G", "1.5T", "512MiB", "1073741824", "50%", each with a sign or without.
 * Returns NULL, or what is wrong with the text.
 */
const char *size_parse(const char *text, struct size *size)
{
	unsigned int whole, digits = 0;
	uint64_t fraction = 0;
	const char *c = text;
	const char *unit;
	uint64_t one = 1;
	uint64_t num;
	const char *reason;

	*size = (struct size){ .text = text };
	if (*c == '+' || *c == '-')
		size->sign = *c++;
	if (!take_digits(&c, &num, &whole))
		return "too large";
	if (!whole)
		return not_a_size;
	if (*c == '.') {
		c++;
		if (!take_digits(&c, &fraction, &digits) || digits > 9)
			return "too many decimals";
		if (!digits)
			return not_a_size;
	}

	if (!strcmp(c, "%")) {
		size->percent = true;
		if (digits > PERCENT_DIGITS)
			return "a percentage with more than 3 decimals";
		reason = scale(num, fraction, digits, PERCENT_ONE / 100,
			       &size->num);
	} else {
		if (*c) {
			unit = strchr(units, toupper((unsigned char)*c));
			if (!unit)
				return not_a_size;
			one <<= 10 * (unit - units + 1);
			c++;
			if (!strcmp(c, "iB"))
				c += 2;
		}
		if (*c)
			return not_a_size;
		reason = scale(num, fraction, digits, one, &size->num);
	}
	size->set = !reason;
	return reason;
}

/* The bytes that a size means where 100 percent is base, without the sign. */
const char *size_of(const struct size *size, uint64_t base, uint64_t *bytes)
{
	uint64_t high, low;

	if (!size->percent) {
		*bytes = size->num;
		return NULL;
	}
	low = base % PERCENT_ONE;
	if (__builtin_mul_overflow(base / PERCENT_ONE, size->num, &high) ||
	    __builtin_mul_overflow(low, size->num, &low) ||
	    __builtin_add_overflow(high, low / PERCENT_ONE, bytes))
		return "too large";
	return NULL;
}

/*
 * Whole units are printed as such ("4G"); everything else has one decimal,
 * rounded down ("3.9G", "4.0G" for a little more than 4), so that a size which
 * looks round is.
 */
const char *size_format(char *buf, uint64_t bytes)
{
	unsigned int shift = 0;
	uint64_t part;

	while (shift < 10 * strlen(units) && bytes >> shift >= 1024)
		shift += 10;
	part = bytes & (((uint64_t)1 << shift) - 1);
	if (!part)
		snprintf(buf, SIZE_TEXT, "%" PRIu64 "%.1s", bytes >> shift,
			 shift ? &units[shift / 10 - 1] : "");
	else
		snprintf(buf, SIZE_TEXT, "%" PRIu64 ".%" PRIu64 "%c",
			 bytes >> shift, (part >> (shift - 10)) * 10 / 1024,
			 units[shift / 10 - 1]);
	return buf;
}

/* The same for sizes that are to be typed: always whole ("1408M"). */
const char *size_exact(char *buf, uint64_t bytes)
{
	unsigned int unit = 0;

	while (unit < strlen(units) && bytes && !(bytes % 1024)) {
		bytes /= 1024;
		unit++;
	}
	snprintf(buf, SIZE_TEXT, "%" PRIu64 "%.1s", bytes,
		 unit ? &units[unit - 1] : "");
	return buf;
}

static bool take_node(const char **text, unsigned long *node)
{
	char *end;

	if (!isdigit((unsigned char)**text))
		return false;
	*node = strtoul(*text, &end, 10);
	*text = end;
	return *node < NODELIST_MAX;
}

/* "0,2-3"; an empty text is an empty list. */
int nodelist_parse(const char *text, struct nodelist *list)
{
	unsigned long first, last;
	const char *c = text;

	memset(list, 0, sizeof(*list));
	list->set = true;
	if (!*c)
		return 0;
	for (;;) {
		if (!take_node(&c, &first))
			return -EINVAL;
		last = first;
		if (*c == '-') {
			c++;
			if (!take_node(&c, &last) || last < first)
				return -EINVAL;
		}
		for (; first <= last; first++)
			list->has[first] = true;
		if (!*c)
			return 0;
		if (*c++ != ',')
			return -EINVAL;
	}
}

/* Does a list that the kernel printed have a node in common with this one? */
bool nodelist_meets(const struct nodelist *list, const char *text)
{
	struct nodelist other;
	int i;

	if (!text || nodelist_parse(text, &other))
		return false;
	for (i = 0; i < NODELIST_MAX; i++)
		if (list->has[i] && other.has[i])
			return true;
	return false;
}

/*
 * "10", or "0.25": what is smaller than a millisecond cannot be.  Returns NULL, or
 * what the text is instead.
 */
const char *seconds_parse(const char *text, uint64_t *ms)
{
	static const char reason[] = "not a number of seconds such as 60 or 0.5";
	char *end;
	double seconds;

	if (!*text || text[strspn(text, "0123456789.")])
		return reason;
	seconds = strtod(text, &end);
	if (*end)
		return reason;
	if (seconds > UINT32_MAX / 1000)
		return "too long";
	*ms = seconds * 1000 + 0.5;
	return NULL;
}
