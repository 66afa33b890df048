// SPDX-License-Identifier: LGPL-2.1
/*
 * Reading and writing attributes.  All writes of the library go through
 * sysfs_write().
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "private.h"

static int make_path(char *path, size_t len, const char *fmt, va_list args)
{
	int n = vsnprintf(path, len, fmt, args);

	return n < 0 || (size_t)n >= len ? -ENAMETOOLONG : 0;
}

static int read_path(struct gmem_ctx *ctx, char *buf, size_t len,
		     const char *path)
{
	size_t done = 0;
	ssize_t n;
	int err = 0;
	int fd;

	fd = openat(ctx->root, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
	} else {
		while (done < len - 1) {
			n = read(fd, buf + done, len - 1 - done);
			if (n < 0 && errno == EINTR)
				continue;
			if (n < 0)
				err = -errno;
			if (n <= 0)
				break;
			done += n;
		}
		close(fd);
	}
	if (err) {
		gmem_log(ctx, LOG_DEBUG, "%s/%s: cannot read: %s", ctx->sysroot,
			 path, strerror(-err));
		return err;
	}

	while (done && isspace((unsigned char)buf[done - 1]))
		done--;
	buf[done] = '\0';
	return 0;
}

/* The value without the white space at its end. */
int sysfs_read(struct gmem_ctx *ctx, char *buf, size_t len,
	       const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	int err;

	va_start(args, fmt);
	err = make_path(path, sizeof(path), fmt, args);
	va_end(args);
	return err ? err : read_path(ctx, buf, len, path);
}

/* For free(); NULL if it cannot be read. */
char *sysfs_read_string(struct gmem_ctx *ctx, const char *fmt, ...)
{
	char path[PATH_MAX], buf[VALUE_MAX];
	va_list args;
	int err;

	va_start(args, fmt);
	err = make_path(path, sizeof(path), fmt, args);
	va_end(args);
	if (err || read_path(ctx, buf, sizeof(buf), path))
		return NULL;
	return strdup(buf);
}

struct value sysfs_read_u64(struct gmem_ctx *ctx, int base,
			    const char *fmt, ...)
{
	char path[PATH_MAX], buf[VALUE_MAX];
	struct value value = { 0 };
	va_list args;

	va_start(args, fmt);
	value.err = make_path(path, sizeof(path), fmt, args);
	va_end(args);
	if (!value.err)
		value.err = read_path(ctx, buf, sizeof(buf), path);
	if (!value.err) {
		value.err = parse_u64(buf, base, &value.num);
		if (value.err)
			gmem_log(ctx, LOG_ERR, "%s/%s: '%s' is not a number",
				 ctx->sysroot, path, buf);
	}
	return value;
}

/* A node: -1 or a number. */
int sysfs_read_int(struct gmem_ctx *ctx, int *num, const char *fmt, ...)
{
	char path[PATH_MAX], buf[VALUE_MAX];
	va_list args;
	uint64_t n;
	int err;

	va_start(args, fmt);
	err = make_path(path, sizeof(path), fmt, args);
	va_end(args);
	if (!err)
		err = read_path(ctx, buf, sizeof(buf), path);
	if (err)
		return err;
	if (!strcmp(buf, "-1")) {
		*num = -1;
		return 0;
	}
	err = parse_u64(buf, 10, &n);
	if (err || n > INT_MAX) {
		gmem_log(ctx, LOG_ERR, "%s/%s: '%s' is not a node",
			 ctx->sysroot, path, buf);
		return -EINVAL;
	}
	*num = n;
	return 0;
}

/* What does not fit is cut off. */
int sysfs_readlink(struct gmem_ctx *ctx, char *buf, size_t len,
		   const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	ssize_t n;
	int err;

	va_start(args, fmt);
	err = make_path(path, sizeof(path), fmt, args);
	va_end(args);
	if (err)
		return err;
	n = readlinkat(ctx->root, path, buf, len - 1);
	if (n < 0)
		return -errno;
	buf[n] = '\0';
	return 0;
}

bool sysfs_exists(struct gmem_ctx *ctx, const char *fmt, ...)
{
	char path[PATH_MAX];
	va_list args;
	int err;

	va_start(args, fmt);
	err = make_path(path, sizeof(path), fmt, args);
	va_end(args);
	return !err && !faccessat(ctx->root, path, F_OK, AT_SYMLINK_NOFOLLOW);
}

/* For files that may be long: fn for each line, until it returns an error. */
int sysfs_lines(struct gmem_ctx *ctx, const char *path,
		int (*fn)(void *arg, const char *line), void *arg)
{
	char *line = NULL;
	size_t room = 0;
	int err = 0;
	FILE *file;
	ssize_t n;
	int fd;

	fd = openat(ctx->root, path, O_RDONLY | O_CLOEXEC);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file) {
		err = -errno;
		if (fd >= 0)
			close(fd);
		gmem_log(ctx, LOG_DEBUG, "%s/%s: cannot read: %s", ctx->sysroot,
			 path, strerror(-err));
		return err;
	}
	while (!err && (n = getline(&line, &room, file)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = '\0';
		err = fn(arg, line);
	}
	if (!err && ferror(file))
		err = -EIO;
	free(line);
	fclose(file);
	return err;
}

/* Each change begins with this: what it does not say is not said by another. */
void last_error_forget(struct gmem_ctx *ctx)
{
	free(ctx->last_error);
	ctx->last_error = NULL;
}

/* Keep the words of the kernel before somebody else's write replaces them. */
void last_error_read(struct gmem_ctx *ctx, const char *fmt, ...)
{
	char path[PATH_MAX], buf[VALUE_MAX];
	va_list args;
	int err;

	last_error_forget(ctx);
	va_start(args, fmt);
	err = make_path(path, sizeof(path), fmt, args);
	va_end(args);
	if (!err && !read_path(ctx, buf, sizeof(buf), path) && *buf)
		ctx->last_error = strdup(buf);
}

/* They are in the directory of the file that was written. */
static void keep_last_error(struct gmem_ctx *ctx, const char *path)
{
	last_error_read(ctx, "%.*s/last_error",
			(int)(strrchr(path, '/') - path), path);
}

int sysfs_write(struct gmem_ctx *ctx, const char *value, const char *fmt, ...)
{
	char path[PATH_MAX], full[2 * PATH_MAX];
	size_t len = strlen(value);
	va_list args;
	ssize_t n;
	int err;
	int fd;

	err = gmem_check_supported(ctx);
	if (err)
		return err;

	va_start(args, fmt);
	err = make_path(path, sizeof(path), fmt, args);
	va_end(args);
	if (err)
		return err;
	snprintf(full, sizeof(full), "%s/%s", ctx->sysroot, path);

	if (ctx->write_fn && !ctx->write_fn(ctx, full, value)) {
		ctx->left_out = true;
		return 0;
	}

	/* O_TRUNC is for the plain files below another root. */
	fd = openat(ctx->root, path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		last_error_forget(ctx);
	} else {
		n = write(fd, value, len);
		if (n < 0) {
			err = -errno;
			keep_last_error(ctx, path);
		} else if ((size_t)n != len) {
			err = -EIO;
			last_error_forget(ctx);
		}
		close(fd);
	}
	if (!err)
		ctx->written++;
	gmem_log(ctx, LOG_INFO, "%s: write '%s': %s", full, value,
		 err ? strerror(-err) : "done");
	return err;
}

/* Call fn for each name in a directory, until it returns an error. */
int sysfs_list(struct gmem_ctx *ctx, const char *path,
	       int (*fn)(void *arg, const char *name), void *arg)
{
	struct dirent *entry;
	int err = 0;
	DIR *dir;
	int fd;

	fd = openat(ctx->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	dir = fdopendir(fd);
	if (!dir) {
		err = -errno;
		close(fd);
		return err;
	}
	while (!err) {
		errno = 0;
		entry = readdir(dir);
		if (!entry) {
			err = -errno;
			break;
		}
		if (entry->d_name[0] != '.')
			err = fn(arg, entry->d_name);
	}
	closedir(dir);
	return err;
}

/* The whole text must be one number; strtoull() alone takes "-1" and " 1". */
int parse_u64(const char *text, int base, uint64_t *num)
{
	unsigned long long n;
	char *end;

	if (!isxdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	n = strtoull(text, &end, base);
	if (errno)
		return -errno;
	if (*end || end == text)
		return -EINVAL;
	*num = n;
	return 0;
}

/* "node12" with the prefix "node" is 12; "node" and "nodes" are not ours. */
int parse_index(const char *name, const char *prefix, unsigned int *index)
{
	size_t len = strlen(prefix);
	uint64_t n;

	if (strncmp(name, prefix, len) || parse_u64(name + len, 10, &n) ||
	    n > INT_MAX)
		return -EINVAL;
	*index = n;
	return 0;
}

int get_value(const struct value *value, uint64_t *num)
{
	if (!value->err)
		*num = value->num;
	return value->err;
}
