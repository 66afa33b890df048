// SPDX-License-Identifier: GPL-2.0
/*
 * One file of the configuration, read by inih.  That says which line has no key
 * and no value, but not where a value is, nor that a section is empty or a line
 * too long; so the lines are counted as they are handed to it.
 */
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
	bool host;			/* the section is [host], and has a key */
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

static void check_elastic(struct reader *reader)
{
	struct pool_config *pool = reader->pool;

	if (pool->has_delay && !pool->max)
		bad(reader, reader->section_line,
		    "the pool %s has a delay without a max", pool->name);
	else if (pool->max && pool->max < pool->total)
		bad(reader, reader->section_line,
		    "the pool %s has a max that is less than its size",
		    pool->name);
	if (pool->max && !pool->has_delay)
		pool->delay_ms = DEFAULT_DELAY_MS;
}

static void end_section(struct reader *reader)
{
	if (reader->section_empty)
		bad(reader, reader->section_line,
		    "nothing is in this section");
	else if (reader->pool && !reader->pool->has_size)
		bad(reader, reader->section_line, "the pool %s has no size",
		    reader->pool->name);
	else if (reader->pool)
		check_elastic(reader);
	reader->section_empty = false;
	reader->host = false;
	reader->pool = NULL;
}

/* Like fgets(), but a byte 0 is no end that hides what comes after it. */
static size_t get_line(struct reader *reader, char *buf, size_t len)
{
	size_t n = 0;
	int c = 0;

	while (n < len - 1 && c != '\n') {
		c = getc(reader->file);
		if (c == EOF)
			break;
		if (!c) {
			bad(reader, reader->line + 1,
			    "the file has a byte 0, and is no text");
			return 0;
		}
		buf[n++] = c;
	}
	buf[n] = '\0';
	return n;
}

/* What inih would not look at. */
static bool ends_section(const char *text)
{
	text = strchr(text, ']');
	if (!text)
		return true;	/* inih tells of it */
	text += 1 + strspn(text + 1, " \t\r\n");
	return !*text || *text == ';' || *text == '#';
}

static char *read_line(char *buf, int len, void *stream)
{
	struct reader *reader = stream;
	size_t n, blanks;

	if (reader->failed)
		return NULL;
	n = get_line(reader, buf, len);
	if (!n)
		return NULL;
	reader->line++;
	if (n + 1 == (size_t)len && buf[n - 1] != '\n') {
		bad(reader, reader->line, "the line is longer than %d bytes",
		    len - 2);
		return NULL;
	}
	/* For inih, a line that begins with blanks goes on with the one before. */
	blanks = strspn(buf, " \t\r\v\f");
	memmove(buf, buf + blanks, n - blanks + 1);
	if (*buf != '[')
		return buf;
	end_section(reader);
	reader->section_line = reader->line;
	reader->section_empty = true;
	if (!ends_section(buf)) {
		bad(reader, reader->line,
		    "there is something after the name of the section");
		return NULL;
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
static const char *set_size(struct reader *reader, const char *value)
{
	struct pool_config *pool = reader->pool;
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

static const char *set_node(struct reader *reader, const char *value)
{
	struct pool_config *pool = reader->pool;
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

static const char *set_max(struct reader *reader, const char *value)
{
	struct pool_config *pool = reader->pool;

	pool->has_max = true;
	return parse_bytes(value, &pool->max);
}

static const char *set_delay(struct reader *reader, const char *value)
{
	reader->pool->has_delay = true;
	return seconds_parse(value, &reader->pool->delay_ms);
}

/* As far as that can be told without looking at the machine. */
static bool is_same(const struct device_config *a, const struct device_config *b)
{
	if (a->has_start && b->has_start)
		return a->start == b->start;
	return !a->has_start && !b->has_start && !strcmp(a->name, b->name);
}

static void check_device(struct reader *reader,
			 const struct device_config *device)
{
	const struct config *config = reader->config;
	const struct device_config *other;
	size_t i, n;

	for (i = 0; i < config->nr; i++)
		for (n = 0; n < config->v[i].nr_devices; n++) {
			other = &config->v[i].devices[n];
			if (is_same(device, other))
				bad(reader, reader->line,
				    "the device %s is in %s:%u already",
				    device->name, config->v[i].file,
				    other->line);
		}
}

/* "dax0.0@0x140000000", or the name alone. */
static const char *add_device(struct reader *reader, const char *word)
{
	struct pool_config *pool = reader->pool;
	static const char reason[] =
		"not a list of devices such as dax0.0@0x140000000,dax1.0";
	struct device_config device = { .line = reader->line }, *v;
	const char *at = strchrnul(word, '@');
	unsigned int region, id;
	char *end;
	int len = 0;

	if (sscanf(word, "dax%u.%u%n", &region, &id, &len) != 2 ||
	    len != at - word)
		return reason;
	if (*at) {
		device.has_start = true;
		device.start = strtoull(at + 1, &end, 16);
		if (strncmp(at + 1, "0x", 2) || end == at + 3 || *end)
			return reason;
	}
	device.name = strndup(word, len);
	must(device.name);
	check_device(reader, &device);
	v = reallocarray(pool->devices, pool->nr_devices + 1, sizeof(*v));
	must(v);
	pool->devices = v;
	v[pool->nr_devices++] = device;
	return NULL;
}

static const char *set_devices(struct reader *reader, const char *value)
{
	struct pool_config *pool = reader->pool;
	const char *reason = NULL;
	char *copy, *rest, *word;

	pool->has_devices = true;
	copy = strdup(value);
	must(copy);
	rest = copy;
	while (!reason && (word = strsep(&rest, ",")))
		reason = add_device(reader, word + strspn(word, " "));
	free(copy);
	return reason;
}

/* Lines have a limit: what is a list may go on in another one. */
static bool may_repeat(const struct pool_config *pool, const char *key,
		       const char *value)
{
	return !strcmp(key, "devices") ||
	       (!strcmp(key, "size") && pool->nr_sizes && strchr(value, ':'));
}

static const struct {
	const char *name;
	size_t seen;		/* offset of a bool */
	const char *(*set)(struct reader *reader, const char *value);
} keys[] = {
	{ "size", offsetof(struct pool_config, has_size), set_size },
	{ "node", offsetof(struct pool_config, has_node), set_node },
	{ "max", offsetof(struct pool_config, has_max), set_max },
	{ "delay", offsetof(struct pool_config, has_delay), set_delay },
	{ "devices", offsetof(struct pool_config, has_devices), set_devices },
};

static void set_pool_value(struct reader *reader, const char *name,
			   const char *key, const char *value)
{
	const char *reason;
	size_t i;

	if (!reader->pool)
		reader->pool = add_pool(reader, name);
	if (!reader->pool)
		return;
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (!strcmp(keys[i].name, key))
			break;
	if (i == ARRAY_SIZE(keys)) {
		bad(reader, reader->line,
		    "there is no key '%s'; there are size, node, max, delay and devices",
		    key);
		return;
	}
	if (*(bool *)((char *)reader->pool + keys[i].seen) &&
	    !may_repeat(reader->pool, key, value)) {
		bad(reader, reader->line, "'%s' is given twice", key);
		return;
	}
	reason = keys[i].set(reader, value);
	if (reason)
		bad(reader, reader->line, "%s: '%s' is %s", key, value, reason);
}

static void set_host_value(struct reader *reader, const char *key,
			   const char *value)
{
	struct config *config = reader->config;
	const char *reason;

	if (strcmp(key, "keep_free")) {
		bad(reader, reader->line,
		    "there is no key '%s'; there is keep_free", key);
		return;
	}
	if (reader->host) {
		bad(reader, reader->line, "'%s' is given twice", key);
		return;
	}
	if (config->host_file) {
		bad(reader, reader->section_line, "[host] is in %s:%u already",
		    config->host_file, config->host_line);
		return;
	}
	reader->host = true;
	config->host_file = strdup(reader->path);
	must(config->host_file);
	config->host_line = reader->section_line;
	reason = parse_bytes(value, &config->keep_free);
	if (reason)
		bad(reader, reader->line, "%s: '%s' is %s", key, value, reason);
}

static int on_value(void *user, const char *section, const char *key,
		    const char *value)
{
	struct reader *reader = user;

	if (reader->failed)
		return 0;
	reader->section_empty = false;
	/* What is wrong before a section is told by the line of inih. */
	if (!*section)
		return 0;
	if (!strcmp(section, "host"))
		set_host_value(reader, key, value);
	else if (!strncmp(section, "pool ", 5))
		set_pool_value(reader, section + 5, key, value);
	else
		bad(reader, reader->section_line,
		    "a section is '[pool NAME]' or '[host]'");
	return !reader->failed;
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
		    "write '[pool NAME]' or '[host]', and below it 'KEY = VALUE'");
	end_section(&reader);
	if (ferror(reader.file))
		bad(&reader, reader.line + 1, "cannot be read");
	fclose(reader.file);
	return reader.failed ? RC_USAGE : 0;
}
