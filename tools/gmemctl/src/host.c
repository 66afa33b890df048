// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gmemctl.h"
#include "host.h"

static char *make_path(const struct app *app, const char *fmt, va_list args)
{
	const char *root = app->opts->sysroot ? app->opts->sysroot : "";
	char *path, *full;

	must(vasprintf(&path, fmt, args) >= 0);
	full = format("%s/%s", root, path);
	free(path);
	return full;
}

char *host_read(const struct app *app, const char *fmt, ...)
{
	char *path, *text = NULL;
	size_t room = 0;
	va_list args;
	FILE *file;
	ssize_t n;

	va_start(args, fmt);
	path = make_path(app, fmt, args);
	va_end(args);
	file = fopen(path, "re");
	free(path);
	if (!file)
		return NULL;
	n = getdelim(&text, &room, '\0', file);
	fclose(file);
	if (n < 0) {
		free(text);
		return NULL;
	}
	while (n && isspace((unsigned char)text[n - 1]))
		text[--n] = '\0';
	return text;
}

bool host_exists(const struct app *app, const char *fmt, ...)
{
	va_list args;
	char *path;
	bool found;

	va_start(args, fmt);
	path = make_path(app, fmt, args);
	va_end(args);
	found = !access(path, F_OK);
	free(path);
	return found;
}

static int not_hidden(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

char **host_list(const struct app *app, const char *dir)
{
	const char *root = app->opts->sysroot ? app->opts->sysroot : "";
	char *path = format("%s/%s", root, dir);
	struct dirent **entries;
	char **names = NULL;
	int i, n;

	n = scandir(path, &entries, not_hidden, alphasort);
	free(path);
	if (n < 0)
		return NULL;
	errno = 0;
	if (n) {
		names = calloc(n + 1, sizeof(*names));
		must(names);
	}
	for (i = 0; i < n; i++) {
		names[i] = strdup(entries[i]->d_name);
		must(names[i]);
		free(entries[i]);
	}
	free(entries);
	return names;
}

void host_list_free(char **names)
{
	char **name;

	for (name = names; name && *name; name++)
		free(*name);
	free(names);
}

bool has_flag(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *at = text;

	for (; at && (at = strstr(at, word)); at += len)
		if ((at == text || isspace((unsigned char)at[-1])) &&
		    (!at[len] || isspace((unsigned char)at[len])))
			return true;
	return false;
}
