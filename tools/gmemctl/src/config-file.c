// SPDX-License-Identifier: GPL-2.0
/*
 * One file of the configuration, read by inih.  That says which line has no key
 * and no value, but not where a value is, nor that a section is empty or a line
 * too long; so the lines are counted as they are handed to it.
 */
#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "config.h"
#include "config-file.h"

struct reader {
	const struct app *app;
	const char *path;
	FILE *file;
	struct config *config;
	unsigned int line;
	unsigned int section_line;
	bool section_empty;
	bool failed;
	struct pool_config *pool;	/* of the section, once it has a key */
};

static void bad(struct reader *reader, unsigned int line, const char *fmt, ...)
	__printf(3, 4);

/* The first mistake is told; what follows may come from it. */
static void bad(struct reader *reader, unsigned int line, const char *fmt, ...)
{
	va_list args;
	char *text;
	int n;

	if (reader->failed)
		return;
	reader->failed = true;
	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	must(n >= 0);
	error(reader->app, NULL, "%s:%u: %s", reader->path, line, text);
	free(text);
}

static void end_section(struct reader *reader)
{
	if (reader->section_empty)
		bad(reader, reader->section_line,
		    "nothing is in this section");
	else if (reader->pool && !reader->pool->has_size)
		bad(reader, reader->section_line, "the pool %s has no size",
		    reader->pool->name);
	reader->section_empty = false;
	reader->pool = NULL;
}

static char *read_line(char *buf, int len, void *stream)
{
	struct reader *reader = stream;
	const char *c;

	if (reader->failed || !fgets(buf, len, reader->file))
		return NULL;
	reader->line++;
	if (strlen(buf) + 1 == (size_t)len && !strchr(buf, '\n')) {
		bad(reader, reader->line, "the line is longer than %d bytes",
		    len - 2);
		return NULL;
	}
	for (c = buf; isspace((unsigned char)*c); c++)
		;
	if (*c == '[') {
		end_section(reader);
		reader->section_line = reader->line;
		reader->section_empty = true;
	}
	return buf;
}

static struct pool_config *add_pool(struct reader *reader, const char *name)
{
	struct config *config = reader->config;
	const struct pool_config *other;
	struct pool_config *pool;

	if (gmem_check_name(name)) {
		bad(reader, reader->section_line,
		    "'%s' is not the name of a pool", name);
		return NULL;
	}
	other = config_find(config, name);
	if (other) {
		bad(reader, reader->section_line,
		    "the pool %s is in %s:%u already", name, other->file,
		    other->line);
		return NULL;
	}
	pool = reallocarray(config->v, config->nr + 1, sizeof(*pool));
	must(pool);
	config->v = pool;
	pool += config->nr++;
	*pool = (struct pool_config){
		.name = strdup(name),
		.file = strdup(reader->path),
		.line = reader->section_line,
		.node = GMEM_NODE_ANY,
	};
	must(pool->name && pool->file);
	return pool;
}

/* Percentages would be of what is left after the pool has been made. */
static const char *parse_bytes(const char *text, uint64_t *bytes)
{
	struct size size;
	const char *reason = size_parse(text, &size);

	if (reason)
		return reason;
	if (size.percent)
		return "a percentage; a configuration has sizes";
	if (size.sign)
		return "a size with a sign";
	*bytes = size.num;
	return NULL;
}

static const char *add_size(struct pool_config *pool, char *word)
{
	char *rest = word, *node = strsep(&rest, ":");
	struct nodelist list;
	struct node_size *v;
	const char *reason;
	uint64_t bytes;
	size_t i;
	int nid;

	if (!rest || strpbrk(node, ",-") || !*node ||
	    nodelist_parse(node, &list))
		return "not a size, nor a list such as 0:4G,1:8G";
	for (nid = 0; !list.has[nid]; nid++)
		;
	reason = parse_bytes(rest, &bytes);
	if (reason)
		return reason;
	for (i = 0; i < pool->nr_sizes; i++)
		if (pool->sizes[i].node == nid)
			return "a list that has a node twice";
	if (__builtin_add_overflow(pool->total, bytes, &pool->total))
		return "too large";
	v = reallocarray(pool->sizes, pool->nr_sizes + 1, sizeof(*v));
	must(v);
	pool->sizes = v;
	v[pool->nr_sizes++] = (struct node_size){ nid, bytes };
	return NULL;
}

/* "8G", or "0:4G,1:4G" as the kernel parameter gmem= has it. */
static const char *set_size(struct pool_config *pool, const char *value)
{
	const char *reason = NULL;
	char *copy, *rest, *word;

	pool->has_size = true;
	if (!strchr(value, ':'))
		return parse_bytes(value, &pool->total);
	copy = strdup(value);
	must(copy);
	rest = copy;
	while (!reason && (word = strsep(&rest, ",")))
		reason = add_size(pool, word);
	free(copy);
	return reason;
}

static const char *set_node(struct pool_config *pool, const char *value)
{
	struct nodelist list;

	pool->has_node = true;
	if (!strcmp(value, "any"))
		return NULL;
	if (strpbrk(value, ",-") || !*value || nodelist_parse(value, &list))
		return "not a node: give its number, or 'any'";
	for (pool->node = 0; !list.has[pool->node]; pool->node++)
		;
	return NULL;
}

static int on_value(void *user, const char *section, const char *key,
		    const char *value)
{
	struct reader *reader = user;
	const char *reason;
	bool *seen;

	if (reader->failed)
		return 0;
	reader->section_empty = false;
	/* What is wrong before a section is told by the line of inih. */
	if (!*section)
		return 0;
	if (strncmp(section, "pool ", 5)) {
		bad(reader, reader->section_line, "a section is '[pool NAME]'");
		return 0;
	}
	if (!reader->pool) {
		reader->pool = add_pool(reader, section + 5);
		if (!reader->pool)
			return 0;
	}
	if (!strcmp(key, "size")) {
		seen = &reader->pool->has_size;
	} else if (!strcmp(key, "node")) {
		seen = &reader->pool->has_node;
	} else {
		bad(reader, reader->line,
		    "there is no key '%s'; there are size and node", key);
		return 0;
	}
	if (*seen) {
		bad(reader, reader->line, "'%s' is given twice", key);
		return 0;
	}
	reason = seen == &reader->pool->has_size ?
		 set_size(reader->pool, value) : set_node(reader->pool, value);
	if (reason)
		bad(reader, reader->line, "%s: '%s' is %s", key, value, reason);
	return !reason;
}

int config_read_file(const struct app *app, const char *path,
		     struct config *config)
{
	struct reader reader = {
		.app = app,
		.path = path,
		.config = config,
	};
	int line;

	reader.file = fopen(path, "re");
	if (!reader.file) {
		int err = -errno;

		error(app, NULL, "%s: cannot be read: %s", path,
		      strerror(-err));
		return exit_code_of(err);
	}
	line = ini_parse_stream(read_line, &reader, on_value, &reader);
	must(line != -2);
	if (line > 0)
		bad(&reader, line,
		    "write '[pool NAME]', and below it 'KEY = VALUE'");
	end_section(&reader);
	if (ferror(reader.file))
		bad(&reader, reader.line + 1, "cannot be read");
	fclose(reader.file);
	return reader.failed ? RC_USAGE : 0;
}
