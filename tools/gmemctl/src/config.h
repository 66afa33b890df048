/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Configuration: which pools there should be, how large and on which nodes.
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
};

struct config {
	struct pool_config *v;		/* in the order of files and lines */
	size_t nr;
};

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
