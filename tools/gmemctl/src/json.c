// SPDX-License-Identifier: GPL-2.0
/*
 * The envelope of all JSON that is printed:
 *
 *   { "gmemctl": { "format": 1, "version": "..." }, SECTION: [ ... ], ... }
 */
#include <stdio.h>
#include <stdlib.h>

#include "gmemctl.h"

/* Changes only when a key goes away or means something else. */
#define JSON_FORMAT	1

/* Programs of this size do not survive when they cannot have a few bytes. */
void must(bool ok)
{
	if (ok)
		return;
	fputs("gmemctl: out of memory\n", stderr);
	exit(RC_FAILED);
}

static struct json_object *envelope(void)
{
	struct json_object *json = json_object_new_object();
	struct json_object *about = json_object_new_object();

	must(json && about);
	must(!json_object_object_add(about, "format",
				     json_object_new_int(JSON_FORMAT)));
	must(!json_object_object_add(about, "version",
				     json_object_new_string(VERSION)));
	must(!json_object_object_add(json, "gmemctl", about));
	return json;
}

/* The array of that name; the envelope keeps the reference. */
struct json_object *json_section(struct app *app, const char *name)
{
	struct json_object *section;

	if (!app->json)
		app->json = envelope();
	if (!json_object_object_get_ex(app->json, name, &section)) {
		section = json_object_new_array();
		must(section);
		must(!json_object_object_add(app->json, name, section));
	}
	return section;
}

void json_print(const struct app *app)
{
	puts(json_object_to_json_string_ext(app->json,
					    JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
}

/* For those who read one after the other. */
void json_print_line(const struct app *app)
{
	puts(json_object_to_json_string_ext(app->json,
					    JSON_C_TO_STRING_NOSLASHESCAPE));
}
