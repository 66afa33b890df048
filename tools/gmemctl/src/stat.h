/* SPDX-License-Identifier: GPL-2.0 */
/* Samples of pools and guests for "gmemctl stat". */
#ifndef STAT_H
#define STAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"
#include "output.h"

struct app;
struct gmem_pool;

/* What is compared with the sample before. */
struct past {
	char *name;
	uint64_t used;
	uint64_t scrubbed;
};

struct pasts {
	struct past *v;
	size_t nr;
	double seconds;		/* since then */
};

/* A pool, and what it was the last time; NULL if it was not there. */
struct pool_sample {
	struct gmem_pool *pool;
	const struct past *past;
	double seconds;
};

extern const struct object_type sample_type;

void pasts_add(struct pasts *pasts, struct gmem_pool *pool);
const struct past *pasts_find(const struct pasts *pasts, const char *name);
void pasts_free(struct pasts *pasts);

/* A virtual machine, as KVM's debugfs has it; sizes are of mappings. */
struct guest {
	unsigned int pid;
	unsigned int fd;
	char *command;
	bool known[3];
	uint64_t bytes[3];	/* mapped with 4 KiB, 2 MiB and 1 GiB */
};

extern const struct object_type guest_type;

/* Returns 0 or an exit code, after a message. */
int each_guest(struct app *app, void (*fn)(void *arg, const struct guest *guest),
	       void *arg);

/* Conversions of the whole host, counted since conversions_open(). */
struct conversions {
	int *fds;		/* a perf event for each CPU */
	size_t nr;
	bool started;
	bool sampled;		/* past and seconds are known */
	uint64_t total;
	uint64_t past;
	double seconds;
};

extern const struct object_type conversions_type;

/* Returns 0 or an exit code, after a message. */
int conversions_open(const struct app *app, struct conversions *conversions);
void conversions_sample(struct conversions *conversions, double seconds);
void conversions_close(struct conversions *conversions);

/* stat-prometheus.c */
void print_prometheus(struct app *app, const struct words *pools);

#endif /* STAT_H */
