/* SPDX-License-Identifier: GPL-2.0 */
/* What the kinds of objects that "gmemctl list" shows have in common. */
#ifndef LIST_H
#define LIST_H

#include <stdbool.h>

#include "options.h"

struct app;
struct gmem_pool;
struct object_type;

struct list_opts {
	struct common_opts common;
	bool ranges;
	bool blocks;
	bool backings;
	bool devices;
	bool names;
	bool bytes;
	bool raw;
	bool noheadings;
	const char *columns;
	struct words pools;
	struct words origins;
	struct words users;
	struct nodelist nodes;
};

/* Gets the objects that match. */
struct sink {
	void (*add)(struct sink *sink, const void *object);
};

/*
 * A kind of object: what it is in a table and in JSON, and how those that match
 * the options are found.  These return 0 or an exit code, after a message.
 */
struct kind {
	const struct object_type *row;
	const struct object_type *json;
	int (*each_row)(struct app *app, const struct list_opts *opts,
			struct sink *sink);
	int (*each_json)(struct app *app, const struct list_opts *opts,
			 struct sink *sink);
};

extern const struct object_type block_type;
extern const struct object_type owner_type;
extern const struct object_type device_type;

extern const struct kind pool_kind;
extern const struct kind range_kind;
extern const struct kind block_kind;
extern const struct kind backing_kind;
extern const struct kind device_kind;

bool pool_matches(const struct list_opts *opts, struct gmem_pool *pool);
int check_users(const struct app *app, const struct list_opts *opts);

#endif /* LIST_H */
