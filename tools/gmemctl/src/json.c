// SPDX-License-Identifier: GPL-2.0
/*
 * The envelope of all JSON that is printed:
 *
 *   { "gmemctl": { "format": 1, "version": "..." }, SECTION: [ ... ], ... }
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The length of the character that a text begins with; 0 if it is not UTF-8. */
static size_t character_len(const unsigned char *c)
{
	size_t len, i;

	if (c[0] < 0x80)
		return 1;
	if (c[0] >= 0xc2 && c[0] <= 0xdf)
		len = 2;
	else if (c[0] >= 0xe0 && c[0] <= 0xef)
		len = 3;
	else if (c[0] >= 0xf0 && c[0] <= 0xf4)
		len = 4;
	else
		return 0;
	for (i = 1; i < len; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	/* Longer than need be, half of a pair, or above the last one. */
	if ((c[0] == 0xe0 && c[1] < 0xa0) || (c[0] == 0xed && c[1] > 0x9f) ||
	    (c[0] == 0xf0 && c[1] < 0x90) || (c[0] == 0xf4 && c[1] > 0x8f))
		return 0;
	return len;
}

/*
 * JSON is UTF-8; what processes and files are called need not be.  NULL for NULL.
 */
struct json_object *json_text(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";	/* U+FFFD */
	struct json_object *json;
	const char *from;
	char *copy, *to;
	size_t len;

	if (!text)
		return NULL;
	copy = malloc(strlen(text) * strlen(replacement) + 1);
	must(copy);
	to = copy;
	for (from = text; *from; from += len ? len : 1) {
		len = character_len((const unsigned char *)from);
		to = len ? mempcpy(to, from, len) : stpcpy(to, replacement);
	}
	*to = '\0';
	json = json_object_new_string(copy);
	must(json);
	free(copy);
	return json;
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
