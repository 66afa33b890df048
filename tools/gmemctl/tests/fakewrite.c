// SPDX-License-Identifier: GPL-2.0
/*
 * A library for LD_PRELOAD that answers writes below /sys/class/gmem as a
 * kernel might, in place of the plain file of a recorded tree.
 *
 *   FAKE_FILE=create	the file whose writes are answered; others are done
 *   FAKE_VALUE=text	only writes of this text, if not empty
 *   FAKE_RUN=command	first run this, with sh
 *   FAKE_MS=n		then take so long, unless a signal comes
 *   FAKE_ERRNO=n	then fail, if not 0
 *   FAKE_DENY=text	files and directories with this in their path may not
 *			be opened
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *fake_file;

__attribute__((constructor))
static void start(void)
{
	fake_file = getenv("FAKE_FILE");
	/* FAKE_RUN's shell and its children write for themselves. */
	unsetenv("LD_PRELOAD");
}

static int is_fake(int fd)
{
	char link[64], path[PATH_MAX];
	const char *name;
	ssize_t len;

	if (!fake_file)
		return 0;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path) - 1);
	if (len < 0)
		return 0;
	path[len] = '\0';
	name = strrchr(path, '/');
	return name && strstr(path, "/gmem/") && !strcmp(name + 1, fake_file);
}

static int is_value(const void *buf, size_t count)
{
	const char *value = getenv("FAKE_VALUE");

	return !value || !*value ||
	       (count == strlen(value) && !memcmp(buf, value, count));
}

/* A file of sysfs keeps its value when a write fails. */
int openat(int dir, const char *path, int flags, ...)
{
	static int (*real_openat)(int dir, const char *path, int flags, ...);
	const char *deny = getenv("FAKE_DENY");
	va_list args;
	mode_t mode;

	if (deny && strstr(path, deny)) {
		errno = EACCES;
		return -1;
	}
	if (!real_openat)
		*(void **)&real_openat = dlsym(RTLD_NEXT, "openat");
	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return real_openat(dir, path, flags & ~O_TRUNC, mode);
}

ssize_t write(int fd, const void *buf, size_t count)
{
	static ssize_t (*real_write)(int fd, const void *buf, size_t count);
	const char *run = getenv("FAKE_RUN");
	const char *ms = getenv("FAKE_MS");
	const char *err = getenv("FAKE_ERRNO");

	if (!real_write)
		*(void **)&real_write = dlsym(RTLD_NEXT, "write");
	if (!is_fake(fd) || !is_value(buf, count))
		goto out;

	if (run && system(run))
		abort();
	if (ms) {
		struct timespec wait = {
			.tv_sec = atoi(ms) / 1000,
			.tv_nsec = atoi(ms) % 1000 * 1000000L,
		};

		if (nanosleep(&wait, NULL))
			return -1;
	}
	if (err && atoi(err)) {
		errno = atoi(err);
		return -1;
	}
out:
	/* What openat() left out; no matter if this is no plain file. */
	if (ftruncate(fd, 0))
		errno = 0;
	return real_write(fd, buf, count);
}
