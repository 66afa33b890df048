/* SPDX-License-Identifier: GPL-2.0 */
/* What the programs that print figures share: results, and a clock. */
#ifndef FIGURES_H
#define FIGURES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* How many results there were, and whether one of them was bad. */
static int nr, failed;

/* Prints a result, with its name as printf() would. */
__attribute__((format(printf, 2, 3)))
static inline void result(bool ok, const char *name, ...)
{
	va_list args;

	printf("%sok %d ", ok ? "" : "not ", ++nr);
	va_start(args, name);
	vprintf(name, args);
	va_end(args);
	putchar('\n');
	failed |= !ok;
}

/* Nanoseconds, which under -icount are instructions. */
static inline uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

#endif /* FIGURES_H */
