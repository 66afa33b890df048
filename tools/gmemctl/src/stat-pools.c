// SPDX-License-Identifier: GPL-2.0
/* gmemctl stat: pools, and how they changed since the sample before. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "stat.h"

void pasts_add(struct pasts *pasts, struct gmem_pool *pool)
{
	struct past past = { 0 };
	struct past *v;

	if (gmem_pool_get_used(pool, &past.used) ||
	    gmem_pool_get_scrubbed(pool, &past.scrubbed))
		return;
	past.name = strdup(gmem_pool_get_name(pool));
	must(past.name);
	v = reallocarray(pasts->v, pasts->nr + 1, sizeof(*v));
	must(v);
	pasts->v = v;
	v[pasts->nr++] = past;
}

const struct past *pasts_find(const struct pasts *pasts, const char *name)
{
	size_t i;

	for (i = 0; i < pasts->nr; i++)
		if (!strcmp(pasts->v[i].name, name))
			return &pasts->v[i];
	return NULL;
}

void pasts_free(struct pasts *pasts)
{
	size_t i;

	for (i = 0; i < pasts->nr; i++)
		free(pasts->v[i].name);
	free(pasts->v);
	pasts->v = NULL;
	pasts->nr = 0;
}

static const struct gmem_pool *pool_of(const void *object)
{
	return ((const struct pool_sample *)object)->pool;
}

#define SAMPLE_NUMBER(value)						\
static int sample_##value(const void *object, struct cell *cell)	\
{									\
	return gmem_pool_get_##value(pool_of(object), &cell->num);	\
}

SAMPLE_NUMBER(size)
SAMPLE_NUMBER(used)
SAMPLE_NUMBER(available)
SAMPLE_NUMBER(scrubbed)
SAMPLE_NUMBER(largest_free)
SAMPLE_NUMBER(users)

static int sample_name(const void *object, struct cell *cell)
{
	cell->text = gmem_pool_get_name(pool_of(object));
	return 0;
}

static int sample_state(const void *object, struct cell *cell)
{
	cell->text = gmem_pool_get_state(pool_of(object));
	return cell->text ? 0 : -ENODATA;
}

static int rate(const struct pool_sample *sample, uint64_t now, uint64_t then,
		struct cell *cell)
{
	cell->delta = ((double)now - (double)then) / sample->seconds;
	return 0;
}

static int sample_used_rate(const void *object, struct cell *cell)
{
	const struct pool_sample *sample = object;
	uint64_t used;

	if (!sample->past || gmem_pool_get_used(sample->pool, &used))
		return -ENODATA;
	return rate(sample, used, sample->past->used, cell);
}

static int sample_scrubbed_rate(const void *object, struct cell *cell)
{
	const struct pool_sample *sample = object;
	uint64_t scrubbed;

	if (!sample->past || gmem_pool_get_scrubbed(sample->pool, &scrubbed))
		return -ENODATA;
	return rate(sample, scrubbed, sample->past->scrubbed, cell);
}

static const struct column sample_columns[] = {
	{ "POOL", "pool", COL_TEXT, true, sample_name, NULL,
	  "name of the pool" },
	{ "STATE", "state", COL_TEXT, true, sample_state, NULL,
	  "what happens to it" },
	{ "SIZE", "size", COL_BYTES, true, sample_size, NULL,
	  "all of its memory" },
	{ "USED", "used", COL_BYTES, true, sample_used, NULL,
	  "held by guest_memfds" },
	{ "USED/S", "used_per_second", COL_DELTA, true, sample_used_rate, NULL,
	  "how it changed in a second" },
	{ "AVAIL", "available", COL_BYTES, true, sample_available, NULL,
	  "free for guest_memfds" },
	{ "SCRUBBED", "scrubbed", COL_BYTES, true, sample_scrubbed, NULL,
	  "how much of AVAIL is zero already" },
	{ "SCRUBBED/S", "scrubbed_per_second", COL_DELTA, true,
	  sample_scrubbed_rate, NULL, "how it changed in a second" },
	{ "LARGEST", "largest_free", COL_BYTES, true, sample_largest_free, NULL,
	  "largest contiguous free piece" },
	{ "USERS", "users", COL_COUNT, true, sample_users, NULL,
	  "number of guest_memfds that hold memory" },
	{ 0 }
};

const struct object_type sample_type = {
	.section = "pools",
	.title = "Columns of pools",
	.columns = sample_columns,
};
