/* SPDX-License-Identifier: GPL-2.0 */
/* One line of TAP for each check, without numbers: tests/run counts. */
#ifndef TEST_H
#define TEST_H

#include <stdbool.h>
#include <stdio.h>

static int failures;

static inline void check_at(bool ok, const char *what, const char *file,
			    int line)
{
	if (!ok) {
		printf("# %s:%d\n", file, line);
		failures++;
	}
	printf("%sok %s\n", ok ? "" : "not ", what);
}

#define check(what, expr) check_at(expr, what, __FILE__, __LINE__)

#endif /* TEST_H */
