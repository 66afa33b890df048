// SPDX-License-Identifier: LGPL-2.1
/* The context: root directory, callbacks, and the pools of the latest scan. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "private.h"

static void forget_all(struct gmem_ctx *ctx)
{
	pools_forget(ctx);
	backings_forget(ctx);
	blocks_forget(ctx);
	dax_forget(ctx);
}

int gmem_new(struct gmem_ctx **ctx)
{
	struct gmem_ctx *c;
	int err;

	c = calloc(1, sizeof(*c));
	if (!c)
		return -ENOMEM;
	c->refcount = 1;
	c->root = -1;
	c->log_priority = LOG_ERR;

	err = gmem_set_sysroot(c, "/");
	if (err) {
		gmem_unref(c);
		return err;
	}
	*ctx = c;
	return 0;
}

struct gmem_ctx *gmem_ref(struct gmem_ctx *ctx)
{
	ctx->refcount++;
	return ctx;
}

struct gmem_ctx *gmem_unref(struct gmem_ctx *ctx)
{
	if (!ctx || --ctx->refcount)
		return NULL;

	forget_all(ctx);
	if (ctx->root >= 0)
		close(ctx->root);
	free(ctx->sysroot);
	free(ctx->last_error);
	free(ctx);
	return NULL;
}

int gmem_set_sysroot(struct gmem_ctx *ctx, const char *dir)
{
	size_t len = strlen(dir);
	char *copy;
	int fd;

	/* A path is the root's name, a slash, and the rest. */
	while (len && dir[len - 1] == '/')
		len--;
	copy = strndup(dir, len);
	if (!copy)
		return -ENOMEM;

	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		int err = -errno;

		free(copy);
		return err;
	}

	forget_all(ctx);
	if (ctx->root >= 0)
		close(ctx->root);
	free(ctx->sysroot);
	ctx->root = fd;
	ctx->sysroot = copy;
	return 0;
}

void gmem_set_userdata(struct gmem_ctx *ctx, void *userdata)
{
	ctx->userdata = userdata;
}

void *gmem_get_userdata(struct gmem_ctx *ctx)
{
	return ctx->userdata;
}

void gmem_set_log_fn(struct gmem_ctx *ctx, gmem_log_fn fn)
{
	ctx->log_fn = fn;
}

void gmem_set_log_priority(struct gmem_ctx *ctx, int priority)
{
	ctx->log_priority = priority;
}

int gmem_get_log_priority(struct gmem_ctx *ctx)
{
	return ctx->log_priority;
}

void gmem_set_write_fn(struct gmem_ctx *ctx, gmem_write_fn fn)
{
	ctx->write_fn = fn;
}

const char *gmem_get_last_error(struct gmem_ctx *ctx)
{
	return ctx->last_error;
}

void gmem_log(struct gmem_ctx *ctx, int priority, const char *fmt, ...)
{
	char *message;
	va_list args;
	int len;

	if (!ctx->log_fn || priority > ctx->log_priority)
		return;

	va_start(args, fmt);
	len = vasprintf(&message, fmt, args);
	va_end(args);
	if (len < 0)
		return;
	ctx->log_fn(ctx, priority, message);
	free(message);
}
