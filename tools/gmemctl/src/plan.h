/* SPDX-License-Identifier: GPL-2.0 */
/* What is to be done so that a pool is as the configuration says. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;
struct config;
struct pool_config;

/*
 * One write to the size of a pool, after one to its node if that is another; or
 * one device, or what makes it elastic.
 */
struct move {
	bool create;
	bool set_node;
	bool resize;
	bool reserve;		/* size is what it keeps, without devices */
	bool set_elastic;
	const struct device_config *device;
	const char *device_name;	/* NULL: it is not there */
	bool grow;
	int node;
	uint64_t size;		/* of the whole pool, after it; or see reserve */
	uint64_t bytes;		/* that it moves */
	uint64_t max;
	uint64_t delay_ms;
};

struct plan {
	const struct pool_config *config;
	bool exists;
	uint64_t size;		/* now */
	uint64_t reserved;	/* now, of an elastic pool */
	int node;		/* now */
	struct move *moves;
	size_t nr;
};

/*
 * Compare and plan; grow_only leaves out what would give memory back.  Returns
 * 0 or an exit code, after a message.
 */
int plan_make(const struct app *app, const struct pool_config *config,
	      bool grow_only, struct plan *plan);
/* What it gives back may be what another pool needs. */
bool plan_only_shrinks(const struct app *app, const struct pool_config *config);
int plan_check_devices(const struct app *app, const struct config *config);
int plan_check(const struct app *app, const struct pool_config *config);
void plan_free(struct plan *plan);
/* Memory of DAX devices, on a node or on all: it is not what sizes are about. */
uint64_t device_bytes(struct gmem_pool *pool, int node);
int move_run(struct gmem_ctx *ctx, const char *name, const struct move *move);

#endif /* PLAN_H */
