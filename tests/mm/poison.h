/* SPDX-License-Identifier: GPL-2.0 */
/* Memory errors in pool memory, made by software. */
#ifndef GMEM_TEST_POISON_H
#define GMEM_TEST_POISON_H

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HARD_OFFLINE	"/sys/devices/system/memory/hard_offline_page"
#define TRACE		"/sys/kernel/tracing/instances/poison"

static inline int poison_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	int ret = fd < 0 || write(fd, text, strlen(text)) < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return ret;
}

/*
 * The PFN behind an offset of a guest_memfd; 0 if it cannot be found.  No file
 * shows it, but there is a trace event for memory that is zeroed: so this zeroes
 * the page.
 */
static inline unsigned long poison_pfn(int fd, off_t offset)
{
	unsigned long pfn = 0, found, nr;
	char line[512], *p;
	FILE *f;

	mkdir(TRACE, 0700);
	if (poison_write(TRACE "/events/gmem/gmem_scrub/enable", "1") ||
	    poison_write(TRACE "/trace", ""))
		return 0;
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset,
		      4096))
		return 0;
	f = fopen(TRACE "/trace", "r");
	while (f && fgets(line, sizeof(line), f)) {
		p = strstr(line, "gmem_scrub: pfn=");
		if (p && sscanf(p, "gmem_scrub: pfn=%lx nr_pages=%lu", &found,
				&nr) == 2 && nr == 1)
			pfn = found;
	}
	if (f)
		fclose(f);
	poison_write(TRACE "/events/gmem/gmem_scrub/enable", "0");
	return pfn;
}

/* The text that makes the page bad, for HARD_OFFLINE. */
static inline const char *poison_text(unsigned long pfn)
{
	static char text[32];

	snprintf(text, sizeof(text), "%#lx", pfn << 12);
	return text;
}

/* This process finds a memory error with what it does; 0 or errno. */
static inline int poison_here(unsigned long pfn)
{
	return poison_write(HARD_OFFLINE, poison_text(pfn));
}

/* Somebody else does, who maps nothing; true if the kernel could handle it. */
static inline bool poison_elsewhere(unsigned long pfn)
{
	char command[128];

	snprintf(command, sizeof(command), "echo %s > %s 2> /dev/null",
		 poison_text(pfn), HARD_OFFLINE);
	return !system(command);
}

#endif /* GMEM_TEST_POISON_H */
