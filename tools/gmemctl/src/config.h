/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Configuration: which pools there should be, how large, on which nodes and of
 * which devices; and what pools leave to the host.
 * Files *.conf in the directories pools.d, in the format of INI files.
 */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;

struct node_size {
	int node;
	uint64_t bytes;
};

struct device_config {
	char *name;
	bool has_start;			/* the address counts, not the name */
	uint64_t start;
	unsigned int line;
};

struct pool_config {
	char *name;
	char *file;
	unsigned int line;		/* of the section */
	bool has_size;
	bool has_node;
	uint64_t total;
	struct node_size *sizes;	/* by node; NULL if only the sum is given */
	size_t nr_sizes;
	int node;			/* where it grows and shrinks */
	bool has_max;
	bool has_delay;
	uint64_t max;			/* 0: it does not grow by itself */
	uint64_t delay_ms;		/* 0 without a maximum */
	bool has_devices;
	struct device_config *devices;
	size_t nr_devices;
};

struct config {
	struct pool_config *v;		/* in the order of files and lines */
	size_t nr;
	char *host_file;		/* NULL: no section [host] */
	unsigned int host_line;
	uint64_t keep_free;
};

/* What an elastic pool does if nothing is said. */
#define DEFAULT_DELAY_MS	10000

/*
 * Read the files below path, a file or a directory, or where configuration is
 * if it is NULL.  Returns 0 or an exit code, after a message.
 */
int config_read(const struct app *app, const char *path,
		struct config *config);
void config_free(struct config *config);
const struct pool_config *config_find(const struct config *config,
				      const char *name);

#endif /* CONFIG_H */
