/* SPDX-License-Identifier: GPL-2.0 */
/* Sizes and node lists as people write them. */
#ifndef SIZES_H
#define SIZES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nodelist;

struct size {
	bool set;
	bool percent;
	char sign;		/* '+', '-', or 0 */
	uint64_t num;		/* bytes, or thousandths of a percent */
	const char *text;	/* as it was given */
};

#define SIZE_TEXT	32

const char *size_parse(const char *text, struct size *size);
const char *size_of(const struct size *size, uint64_t base, uint64_t *bytes);
const char *size_format(char *buf, uint64_t bytes);
const char *size_exact(char *buf, uint64_t bytes);
const char *seconds_parse(const char *text, uint64_t *ms);
int nodelist_parse(const char *text, struct nodelist *list);
bool nodelist_meets(const struct nodelist *list, const char *text);

#endif /* SIZES_H */
