// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "output.h"

/* Headings and JSON keys both name a column, whatever the case. */
static const struct column *find_column(const struct object_type *type,
					const char *name)
{
	const struct column *column;

	for (column = type->columns; column->name; column++)
		if (!strcasecmp(name, column->name) ||
		    (column->key && !strcasecmp(name, column->key)))
			return column;
	return NULL;
}

/*
 * Choose columns by a list of names, after a '+' in addition to those that are
 * shown anyway; NULL for just these.  Returns NULL, or what is wrong, with the
 * name in bad.
 */
const char *table_choose(struct table *table, const struct object_type *type,
			 const char *columns, char *bad, size_t len)
{
	const struct column *column;
	char *copy, *rest, *name;
	const char *reason = NULL;

	table->nr_columns = 0;
	if (!columns || *columns == '+')
		for (column = type->columns; column->name; column++)
			if (column->shown)
				table->columns[table->nr_columns++] = column;
	if (!columns)
		return NULL;

	copy = strdup(columns + (*columns == '+'));
	must(copy);
	rest = copy;
	while (!reason && (name = strsep(&rest, ","))) {
		column = find_column(type, name);
		if (!column)
			reason = "not a column";
		else if (table->nr_columns == COLUMNS_MAX)
			reason = "one column too many";
		else
			table->columns[table->nr_columns++] = column;
		if (reason)
			snprintf(bad, len, "%s", name);
	}
	free(copy);
	return reason;
}

void table_start(struct table *table, bool headings)
{
	unsigned int i;
	int flags;

	table->scols = scols_new_table();
	must(table->scols);
	/* The output is the same wherever it goes. */
	scols_table_set_termforce(table->scols, SCOLS_TERMFORCE_NEVER);
	must(!scols_table_enable_noheadings(table->scols, !headings));
	must(!scols_table_enable_raw(table->scols, table->raw));
	for (i = 0; i < table->nr_columns; i++) {
		switch (table->columns[i]->type) {
		case COL_BYTES:
		case COL_COUNT:
		case COL_ADDRESS:
		case COL_DELTA:
		case COL_NODE:
			flags = SCOLS_FL_RIGHT;
			break;
		default:
			flags = 0;
		}
		must(scols_table_new_column(table->scols,
					    table->columns[i]->name, 0, flags));
	}
}

static void cell_text(const struct table *table, const struct column *column,
		      const struct cell *cell, char *buf, size_t len)
{
	char text[SIZE_TEXT];

	switch (column->type) {
	case COL_TEXT:
	case COL_LIST:
		snprintf(buf, len, "%s",
			 cell->text && *cell->text ? cell->text : "-");
		break;
	case COL_BYTES:
		if (!table->bytes) {
			size_format(buf, cell->num);
			break;
		}
		/* fall through */
	case COL_COUNT:
		snprintf(buf, len, "%" PRIu64, cell->num);
		break;
	case COL_ADDRESS:
		snprintf(buf, len, "0x%" PRIx64, cell->num);
		break;
	case COL_DELTA:
		if (table->bytes)
			snprintf(buf, len, "%+" PRId64, cell->delta);
		else
			snprintf(buf, len, "%s%s", cell->delta < 0 ? "-" : "+",
				 size_format(text, llabs(cell->delta)));
		break;
	case COL_NODE:
		if (cell->node == GMEM_NODE_ANY)
			snprintf(buf, len, "any");
		else
			snprintf(buf, len, "%d", cell->node);
		break;
	}
}

void table_add(struct table *table, const void *object)
{
	struct libscols_line *line;
	char buf[4096];
	unsigned int i;

	line = scols_table_new_line(table->scols, NULL);
	must(line);
	for (i = 0; i < table->nr_columns; i++) {
		struct cell cell = { 0 };

		if (table->columns[i]->get(object, &cell))
			snprintf(buf, sizeof(buf), "-");
		else
			cell_text(table, table->columns[i], &cell, buf,
				  sizeof(buf));
		must(!scols_line_set_data(line, i, buf));
	}
}

void table_print(struct table *table)
{
	if (scols_table_get_nlines(table->scols))
		scols_print_table(table->scols);
}

void table_free(struct table *table)
{
	scols_unref_table(table->scols);
}

/* Byte counts are numbers, addresses are not: they have 64 bits for real. */
static struct json_object *cell_json(const struct column *column,
				     const void *object)
{
	struct cell cell = { 0 };
	struct json_object *json;
	char buf[32];

	if (column->type == COL_LIST) {
		json = json_object_new_array();
		must(json);
		column->fill(object, json);
		return json;
	}
	if (column->get(object, &cell))
		return NULL;
	switch (column->type) {
	case COL_TEXT:
		return json_text(cell.text);
	case COL_ADDRESS:
		snprintf(buf, sizeof(buf), "0x%" PRIx64, cell.num);
		json = json_object_new_string(buf);
		break;
	case COL_DELTA:
		json = json_object_new_int64(cell.delta);
		break;
	case COL_NODE:
		json = json_object_new_int(cell.node);
		break;
	default:
		json = json_object_new_uint64(cell.num);
	}
	must(json);
	return json;
}

/* Adds all columns that have a key; what is not known is null. */
void json_add(struct json_object *array, const struct object_type *type,
	      const void *object)
{
	struct json_object *json = json_object_new_object();
	const struct column *column;

	must(json);
	for (column = type->columns; column->name; column++)
		if (column->key)
			must(!json_object_object_add(json, column->key,
						     cell_json(column,
							       object)));
	must(!json_object_array_add(array, json));
}

void columns_help(const struct object_type *type)
{
	const struct column *column;

	for (column = type->columns; column->name; column++)
		printf("  %c %-12s  %s\n", column->shown ? '*' : ' ',
		       column->name, column->help);
}
