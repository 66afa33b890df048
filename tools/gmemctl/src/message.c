// SPDX-License-Identifier: GPL-2.0
/* What is told to people on standard error, and the checks that tell it. */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"

/*
 * What is quoted, and the object, come from whoever wrote the command line or a file;
 * they stay on their line and are no command to the terminal.
 */
static void print_line(const char *before, const char *fmt, va_list args)
{
	char *text, *line, *c;

	must(vasprintf(&text, fmt, args) >= 0);
	line = format("%s%s", before, text);
	for (c = line; *c; c++)
		if (iscntrl((unsigned char)*c))
			*c = '?';
	fprintf(stderr, "%s\n", line);
	free(line);
	free(text);
}

/* One line: program and verb, object, and what is wrong with it. */
void error(const struct app *app, const char *object, const char *fmt, ...)
{
	char *before = format("gmemctl%s%s: %s%s", app->verb ? " " : "",
			      app->verb ? app->verb->name : "",
			      object ? object : "", object ? ": " : "");
	va_list args;

	va_start(args, fmt);
	print_line(before, fmt, args);
	va_end(args);
	free(before);
}

/* The next step, below an error. */
void advise(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	print_line("  hint: ", fmt, args);
	va_end(args);
}

/* For free(). */
char *format(const char *fmt, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, fmt);
	n = vasprintf(&text, fmt, args);
	va_end(args);
	must(n >= 0);
	return text;
}

int exit_code_of(int err)
{
	switch (-err) {
	case 0:
		return RC_DONE;
	case ENOENT:
	case ENODEV:
		return RC_NOT_FOUND;
	case EBUSY:
		return RC_BUSY;
	case EACCES:
	case EPERM:
	case EROFS:
		return RC_PERMISSION;
	case EOPNOTSUPP:
		return RC_UNSUPPORTED;
	default:
		return RC_FAILED;
	}
}

/* Returns 0 if the kernel has pools, else an exit code. */
int unsupported(const struct app *app)
{
	int err = gmem_check_supported(app->ctx);

	if (!err)
		return 0;
	if (err == -EOPNOTSUPP) {
		error(app, NULL,
		      UNSUPPORTED_CAUSE ": there is no /sys/class/gmem");
		advise(UNSUPPORTED_HINT);
	} else {
		error(app, NULL, "cannot look at /sys/class/gmem: %s",
		      strerror(-err));
		advise("is /sys mounted?");
	}
	return exit_code_of(err);
}

int check_name(const struct app *app, const char *name)
{
	switch (gmem_check_name(name)) {
	case 0:
		return 0;
	case -ENAMETOOLONG:
		error(app, NULL, "'%s' is too long: names have at most %d characters",
		      name, GMEM_NAME_MAX);
		return RC_USAGE;
	case -EEXIST:
		error(app, NULL,
		      "'%s' cannot be a name: it is a file of /sys/class/gmem",
		      name);
		return RC_USAGE;
	default:
		error(app, NULL,
		      "'%s' cannot be a name: names have letters, digits, '-', '_' and '.', and begin with a letter or a digit",
		      name);
		return RC_USAGE;
	}
}

int check_node(const struct app *app, const struct node_arg *node)
{
	char nodes[256];
	uint64_t total;

	if (!node->set || node->node == GMEM_NODE_ANY ||
	    gmem_get_mem_total(app->ctx, node->node, &total) != -ENOENT)
		return 0;
	if (gmem_get_nodes(app->ctx, nodes, sizeof(nodes)))
		error(app, NULL, "--node: there is no node %d", node->node);
	else
		error(app, NULL,
		      "--node: there is no node %d, this machine has %s",
		      node->node, nodes);
	return RC_USAGE;
}

/* Returns 0 and a pool to unref, or an exit code. */
int find_pool(const struct app *app, const char *name, struct gmem_pool **pool)
{
	int err = gmem_pool_lookup(app->ctx, name, pool);

	if (!err)
		return 0;
	if (err == -ENOENT) {
		error(app, name, "there is no such pool");
		advise("gmemctl list --names shows those that there are");
	} else {
		error(app, name, "cannot read the pool: %s", strerror(-err));
	}
	return exit_code_of(err);
}

/* Returns 0 when the pools of the context are those of now, or an exit code. */
int scan_pools(const struct app *app)
{
	int err = gmem_scan(app->ctx);

	if (!err)
		return 0;
	error(app, NULL, "cannot read the pools: %s", strerror(-err));
	return exit_code_of(err);
}

/* A name that was asked for and is not there is an error; the rest is shown. */
int check_pool_names(const struct app *app, const struct words *names)
{
	struct gmem_pool *pool;
	int rc = 0;
	size_t i;

	for (i = 0; i < names->nr; i++) {
		gmem_pool_foreach(app->ctx, pool)
			if (!strcmp(names->v[i], gmem_pool_get_name(pool)))
				break;
		if (pool)
			continue;
		error(app, names->v[i], "there is no such pool");
		rc = RC_NOT_FOUND;
	}
	if (rc)
		advise("gmemctl list --names shows those that there are");
	return rc;
}

/* Before anything is done: these are names, of pools, each given once. */
int check_pools(const struct app *app, int nr, char **names)
{
	struct gmem_pool *pool;
	int rc = 0;
	int i, j;

	for (i = 0; !rc && i < nr; i++) {
		rc = check_name(app, names[i]);
		for (j = 0; !rc && j < i; j++)
			if (!strcmp(names[i], names[j])) {
				error(app, NULL, "'%s' is named twice",
				      names[i]);
				rc = RC_USAGE;
			}
	}
	if (!rc)
		rc = unsupported(app);
	for (i = 0; !rc && i < nr; i++) {
		rc = find_pool(app, names[i], &pool);
		if (!rc)
			gmem_pool_unref(pool);
	}
	return rc;
}
