/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes: one write or a few that the kernel may take long for.  They can be
 * interrupted, they report progress, and each object gets a result.
 */
#ifndef CHANGE_H
#define CHANGE_H

#include <stdint.h>

struct app;

struct change {
	const char *pool;
	const char *doing;	/* "growing", for the progress line */
	uint64_t total;		/* System RAM that will be moved */
	/* Does the writes; 0 or -errno. */
	int (*run)(struct gmem_ctx *ctx, const void *arg);
	const void *arg;
};

/* What an errno means for a verb. */
struct reason {
	int err;		/* positive; 0 ends the table */
	const char *cause;
	const char *hint;
};

struct result {
	const char *pool;
	const char *result;	/* done, already, failed, partial, skipped */
	int err;
	const char *cause;
	const char *hint;
};

void changes_start(struct app *app);
int change_run(struct app *app, const struct change *change);
/* For a change that has failed, before it writes what puts things right again. */
void change_keep_words(struct gmem_ctx *ctx);
void change_result(struct app *app, const struct result *result);
void change_done(struct app *app, const char *pool, const char *fmt, ...)
	__printf(3, 4);
int change_failed(struct app *app, const struct reason *reasons,
		  const char *pool, int err, bool partial, const char *more,
		  const char *fmt, ...) __printf(7, 8);
/* The name of keep_free among the objects that change. */
#define KEEP_FREE	"keep_free"
/* Set how much pools leave to the host, and say so; 0 or -errno. */
int change_keep_free(struct app *app, uint64_t bytes);
/*
 * Do one to each operand; one returns 0 or an exit code, and sets *err to the error
 * of its change.  After an interruption the rest is skipped.
 */
int change_each(struct app *app, int nr, char **operands,
		int (*one)(struct app *app, const char *operand, void *arg,
			   int *err), void *arg);
int changes_end(struct app *app, int argc, char **argv, int rc);

#endif /* CHANGE_H */
