// SPDX-License-Identifier: GPL-2.0
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kmem.h"

#define TRACING "/sys/kernel/tracing/"

struct object {
	char id[32];
	char site[64];
	long bytes;
};

static const char *const object_events[] = {
	"kmalloc", "kmem_cache_alloc", "kfree", "kmem_cache_free", NULL,
};

static const char *const page_events[] = {
	"mm_page_alloc", "mm_page_free", NULL,
};

static const char *const alloc_events[] = {
	"kmalloc", "kmem_cache_alloc", "mm_page_alloc", NULL,
};

static struct object *objects;
static size_t nr_objects;

static void put(const char *file, const char *text)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", file);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		err(1, "write '%s' to %s", text, path);
	close(fd);
}

static void switch_events(const char *const *events, const char *on)
{
	char file[64];

	for (; *events; events++) {
		snprintf(file, sizeof(file), "events/kmem/%s/enable", *events);
		put(file, on);
	}
}

void kmem_start(bool pages)
{
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", getpid());
	put("buffer_size_kb", "32768");
	put("trace", "\n");
	put("set_event_pid", pid);
	switch_events(object_events, "1");
	if (pages)
		switch_events(page_events, "1");
	put("tracing_on", "1");
}

/* The word behind @key in a line of the trace. */
static bool value(const char *line, const char *key, char *buf, size_t size)
{
	const char *at = strstr(line, key);
	size_t len;

	if (!at)
		return false;
	at += strlen(key);
	len = strcspn(at, "\n ");
	if (!len || len >= size)
		return false;
	memcpy(buf, at, len);
	buf[len] = '\0';
	return true;
}

static void add(const char *id, const char *site, long bytes)
{
	/* kvmalloc() tells of large objects twice, once by kmalloc(). */
	if (nr_objects && !strcmp(objects[nr_objects - 1].id, id))
		nr_objects--;
	objects = realloc(objects, (nr_objects + 1) * sizeof(*objects));
	if (!objects)
		err(1, "realloc");
	snprintf(objects[nr_objects].id, sizeof(objects->id), "%s", id);
	snprintf(objects[nr_objects].site, sizeof(objects->site), "%s", site);
	objects[nr_objects++].bytes = bytes;
}

static void del(const char *id)
{
	size_t i;

	/* The newest first: what is freed was mostly allocated just before. */
	for (i = nr_objects; i-- > 0;) {
		if (!strcmp(objects[i].id, id)) {
			objects[i] = objects[--nr_objects];
			return;
		}
	}
}

static void account(const char *line)
{
	char id[32], number[32], site[64];

	if (strstr(line, ": mm_page_alloc: ")) {
		if (value(line, " pfn=", id, sizeof(id)) &&
		    value(line, " order=", number, sizeof(number)))
			add(id, "pages", sysconf(_SC_PAGESIZE) << atoi(number));
	} else if (strstr(line, ": mm_page_free: ")) {
		if (value(line, " pfn=", id, sizeof(id)))
			del(id);
	} else if (value(line, " ptr=", id, sizeof(id))) {
		if (!value(line, " bytes_alloc=", number, sizeof(number)))
			del(id);
		else if (value(line, "call_site=", site, sizeof(site)))
			add(id, site, atol(number));
	}
}

static int by_site(const void *a, const void *b)
{
	return strcmp(((const struct object *)a)->site,
		      ((const struct object *)b)->site);
}

/* What is worth a look: who allocated it. */
static void print_sites(void)
{
	size_t i, n;

	qsort(objects, nr_objects, sizeof(*objects), by_site);
	for (i = 0; i < nr_objects; i += n) {
		long bytes = 0;

		for (n = 0; i + n < nr_objects; n++) {
			if (strcmp(objects[i].site, objects[i + n].site))
				break;
			bytes += objects[i + n].bytes;
		}
		if (bytes >= 1024)
			printf("# %ld bytes in %zu: %s\n", bytes, n,
			       objects[i].site);
	}
}

long kmem_stop(void)
{
	char line[512];
	long sum = 0;
	FILE *f;

	put("tracing_on", "0");
	switch_events(object_events, "0");
	switch_events(page_events, "0");
	put("set_event_pid", "\n");

	f = fopen(TRACING "trace", "r");
	if (!f)
		err(1, TRACING "trace");
	nr_objects = 0;
	while (fgets(line, sizeof(line), f)) {
		if (strstr(line, "LOST"))
			errx(1, "the trace is incomplete");
		account(line);
	}
	fclose(f);
	for (size_t i = 0; i < nr_objects; i++)
		sum += objects[i].bytes;
	print_sites();
	return sum;
}

static int tracing_on = -1;

void kmem_count_begin(void)
{
	char pid[16];

	put("tracing_on", "0");
	snprintf(pid, sizeof(pid), "%d", getpid());
	/* For each page of 1 GiB several events. */
	put("buffer_size_kb", "196608");
	put("trace", "\n");
	put("set_event_pid", pid);
	switch_events(alloc_events, "1");
	/* Opening a file allocates: not while it is counted. */
	tracing_on = open(TRACING "tracing_on", O_WRONLY | O_CLOEXEC);
	if (tracing_on < 0)
		err(1, TRACING "tracing_on");
}

void kmem_count(bool on)
{
	if (tracing_on >= 0 && write(tracing_on, on ? "1" : "0", 1) != 1)
		err(1, "write to " TRACING "tracing_on");
}

static void count(const char *line, struct kmem_allocs *allocs)
{
	char number[32];

	if (value(line, " bytes_alloc=", number, sizeof(number))) {
		allocs->objects++;
		allocs->object_bytes += atol(number);
	} else if (strstr(line, ": mm_page_alloc: ") &&
		   value(line, " order=", number, sizeof(number))) {
		long bytes = sysconf(_SC_PAGESIZE) << atoi(number);

		if (strstr(line, "GFP_HIGHUSER") ||
		    strstr(line, "GFP_TRANSHUGE")) {
			allocs->user_pages++;
			allocs->user_bytes += bytes;
		} else {
			allocs->pages++;
			allocs->page_bytes += bytes;
		}
	}
}

void kmem_count_end(struct kmem_allocs *allocs)
{
	char line[512];
	FILE *f;

	kmem_count(false);
	close(tracing_on);
	tracing_on = -1;
	switch_events(alloc_events, "0");
	put("set_event_pid", "\n");

	f = fopen(TRACING "trace", "r");
	if (!f)
		err(1, TRACING "trace");
	*allocs = (struct kmem_allocs) {};
	while (fgets(line, sizeof(line), f)) {
		if (strstr(line, "LOST"))
			errx(1, "the trace is incomplete");
		count(line, allocs);
	}
	fclose(f);
	/* So much memory is not kept until the next time. */
	put("trace", "\n");
	put("buffer_size_kb", "1024");
}
