/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects on paper.  One array of columns for each kind of object says what
 * there is; from it come the table for people and the JSON for programs.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

enum column_type {
	COL_TEXT,
	COL_BYTES,
	COL_COUNT,
	COL_ADDRESS,		/* JSON: a hexadecimal string */
	COL_DELTA,		/* bytes, with a sign */
	COL_NODE,		/* -1: any */
	COL_LIST,		/* table: text; JSON: see struct column */
};

/* Which member is used follows from the type. */
struct cell {
	const char *text;
	uint64_t num;
	int64_t delta;
	int node;
};

struct column {
	const char *name;	/* the heading, and for -o */
	const char *key;	/* in JSON; NULL: not there */
	enum column_type type;
	bool shown;		/* without -o */
	/* 0, or an error if the value is not known. */
	int (*get)(const void *object, struct cell *cell);
	/* COL_LIST: fill the array. */
	void (*fill)(const void *object, struct json_object *array);
	const char *help;
};

struct object_type {
	const char *section;	/* in JSON */
	const char *title;	/* above its columns in the help text */
	const struct column *columns;	/* ends with a NULL name */
};

extern const struct object_type pool_type;
extern const struct object_type range_type;

#define COLUMNS_MAX	32

struct table {
	struct libscols_table *scols;
	const struct column *columns[COLUMNS_MAX];
	unsigned int nr_columns;
	bool bytes;
	bool raw;
};

const char *table_choose(struct table *table, const struct object_type *type,
			 const char *columns, char *bad, size_t len);
void table_start(struct table *table, bool headings);
void table_add(struct table *table, const void *object);
void table_print(struct table *table);
void table_free(struct table *table);
void json_add(struct json_object *array, const struct object_type *type,
	      const void *object);
void columns_help(const struct object_type *type);

#endif /* OUTPUT_H */
