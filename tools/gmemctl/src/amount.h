/* SPDX-License-Identifier: GPL-2.0 */
/* Sizes that have to be whole memory blocks. */
#ifndef AMOUNT_H
#define AMOUNT_H

#include <stdint.h>

struct app;
struct size;

int amount_target(const struct app *app, const struct size *size,
		  uint64_t whole, uint64_t old, uint64_t *target);

#endif /* AMOUNT_H */
