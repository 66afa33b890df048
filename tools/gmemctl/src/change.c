// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "gmemctl.h"
#include "change.h"
#include "output.h"
#include "watch.h"

/* What any write may answer. */
static const struct reason common_reasons[] = {
	{ EACCES, "you may not change pools", "do it as root" },
	{ EPERM, "you may not change pools", "do it as root" },
	{ EROFS, "/sys is mounted read-only, as in most containers",
	  "do it on the host" },
	{ EINTR, "interrupted", NULL },
	{ ENOMEM, "the kernel has no memory for its own records",
	  "free some memory and try again" },
	{ ENOENT, "there is no such pool",
	  "gmemctl list --names shows those that there are" },
	{ ENODEV, "somebody has destroyed it meanwhile", NULL },
	{ 0 }
};

/* As a shell would do the write: 'it'\''s' is how quotes are quoted. */
static void print_as_command(const char *path, const char *value)
{
	printf("echo '%.*s' > ", (int)strcspn(value, "\n"), value);
	if (!strpbrk(path, " \t\n\"'\\$`&|;<>()*?[]#~")) {
		puts(path);
		return;
	}
	putchar('\'');
	for (; *path; path++)
		if (*path == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*path);
	puts("'");
}

/* Every write of the program comes through here. */
static bool on_write(struct gmem_ctx *ctx, const char *path, const char *value)
{
	struct app *app = gmem_get_userdata(ctx);
	struct json_object *write;

	if (app->opts->json) {
		write = json_object_new_object();
		must(write);
		must(!json_object_object_add(write, "path", json_text(path)));
		must(!json_object_object_add(write, "value", json_text(value)));
		must(!json_object_array_add(app->writes, write));
	} else if (app->change->dry_run) {
		print_as_command(path, value);
	}
	if (app->change->dry_run)
		return false;
	app->wrote = true;
	return true;
}

void changes_start(struct app *app)
{
	gmem_set_userdata(app->ctx, app);
	gmem_set_write_fn(app->ctx, on_write);
	app->writes = json_object_new_array();
	must(app->writes);
	if (app->opts->json) {
		json_section(app, pool_type.section);
		json_section(app, "results");
	}
}

void change_keep_words(struct gmem_ctx *ctx)
{
	struct app *app = gmem_get_userdata(ctx);
	const char *words = gmem_get_last_error(ctx);

	if (!words || app->words)
		return;
	app->words = strdup(words);
	must(app->words);
}

static void forget_words(struct app *app)
{
	free(app->words);
	app->words = NULL;
}

static int run(struct app *app, const struct change *change)
{
	int err = change->run(app->ctx, change->arg);

	if (err)
		change_keep_words(app->ctx);
	return err;
}

/* Returns what the change returns, or -EINTR if a signal came before it. */
int change_run(struct app *app, const struct change *change)
{
	struct watch *watch;
	int err;

	forget_words(app);
	if (app->change->dry_run)
		return run(app, change);

	watch = watch_start(app, change);
	err = watch_interrupted() ? -EINTR : run(app, change);
	watch_stop(watch);
	return err;
}

/* For JSON: the result with the writes since the one before, and the pool. */
void change_result(struct app *app, const struct result *result)
{
	struct json_object *json;
	struct gmem_pool *pool;

	if (!app->opts->json)
		return;

	json = json_object_new_object();
	must(json);
	must(!json_object_object_add(json, "object", json_text(result->pool)));
	must(!json_object_object_add(json, "result",
				     json_text(result->result)));
	must(!json_object_object_add(json, "errno", result->err ?
			json_text(strerrorname_np(-result->err)) : NULL));
	must(!json_object_object_add(json, "cause", json_text(result->cause)));
	must(!json_object_object_add(json, "hint", json_text(result->hint)));
	must(!json_object_object_add(json, "writes", app->writes));
	must(!json_object_array_add(json_section(app, "results"), json));
	app->writes = json_object_new_array();
	must(app->writes);

	if (gmem_pool_lookup(app->ctx, result->pool, &pool))
		return;
	json_add(json_section(app, pool_type.section), &pool_type, pool);
	gmem_pool_unref(pool);
}

/* The message is for people; with --dry-run the writes are the message. */
void change_done(struct app *app, const char *pool, const char *fmt, ...)
{
	bool dry_run = app->change->dry_run;
	va_list args;

	if (!app->opts->json && !dry_run) {
		va_start(args, fmt);
		vprintf(fmt, args);
		va_end(args);
		putchar('\n');
	}
	change_result(app, &(struct result){
		.pool = pool, .result = dry_run ? "skipped" : "done" });
}

static const struct reason *find_reason(const struct reason *reasons, int err)
{
	for (; reasons->err; reasons++)
		if (reasons->err == -err)
			return reasons;
	return NULL;
}

/*
 * Say what could not be done (fmt), why, and what to do about it.  The kernel's
 * own words are better than the table's, and more is a better hint than the
 * table's.  Returns the exit code, which is RC_PARTIAL if a part was done.
 */
int change_failed(struct app *app, const struct reason *reasons,
		  const char *pool, int err, bool partial, const char *more,
		  const char *fmt, ...)
{
	const char *cause = app->words;
	const struct reason *reason;
	char *what;
	va_list args;
	int n;

	if (gmem_check_supported(app->ctx) == -EOPNOTSUPP) {
		n = unsupported(app);
		change_result(app, &(struct result){
			.pool = pool, .result = "failed", .err = err,
			.cause = UNSUPPORTED_CAUSE,
			.hint = UNSUPPORTED_HINT });
		return n;
	}

	reason = find_reason(reasons, err);
	if (!reason)
		reason = find_reason(common_reasons, err);
	/* An interruption may have come before the kernel said anything. */
	if (reason && (!cause || err == -EINTR))
		cause = reason->cause;
	if (!more && reason)
		more = reason->hint;

	va_start(args, fmt);
	n = vasprintf(&what, fmt, args);
	va_end(args);
	must(n >= 0);
	if (err == -EINTR)
		error(app, pool, "%s: %s", what, cause);
	else
		error(app, pool, "%s%s%s: %s", what, cause ? ": " : "",
		      cause ? cause : "", strerror(-err));
	if (more)
		advise("%s", more);
	free(what);

	change_result(app, &(struct result){
		.pool = pool, .result = partial ? "partial" : "failed",
		.err = err, .cause = cause ? cause : strerror(-err),
		.hint = more });
	/* The next failure may be one without a change. */
	forget_words(app);
	return partial ? RC_PARTIAL : exit_code_of(err);
}

static int do_keep_free(struct gmem_ctx *ctx, const void *arg)
{
	return gmem_set_keep_free(ctx, *(const uint64_t *)arg);
}

int change_keep_free(struct app *app, uint64_t bytes)
{
	struct change change = {
		.pool = KEEP_FREE,
		.doing = "setting",
		.run = do_keep_free,
		.arg = &bytes,
	};
	char text[SIZE_TEXT];
	int err = change_run(app, &change);

	if (!err)
		change_done(app, KEEP_FREE, "pools leave %s to the host now",
			    size_format(text, bytes));
	return err;
}

int change_each(struct app *app, int nr, char **operands,
		int (*one)(struct app *app, const char *operand, void *arg,
			   int *err), void *arg)
{
	int done = 0, first = 0, err = 0;
	int rc, i;

	for (i = 0; i < nr; i++) {
		/* Whoever presses Ctrl-C does not want the next one either. */
		if (err == -EINTR) {
			change_result(app, &(struct result){
				.pool = operands[i], .result = "skipped" });
			continue;
		}
		err = 0;
		rc = one(app, operands[i], arg, &err);
		if (!rc)
			done++;
		else if (!first)
			first = rc;
	}
	return first && done ? RC_PARTIAL : first;
}

/* Who did what to the pools of this machine, for those who look later. */
static void log_changes(int argc, char **argv, int rc)
{
	char line[1024];
	size_t n = 0;
	int i;

	line[0] = '\0';
	for (i = 0; i < argc && n < sizeof(line); i++)
		n += snprintf(line + n, sizeof(line) - n, " %s", argv[i]);
	openlog("gmemctl", 0, LOG_DAEMON);
	syslog(rc ? LOG_WARNING : LOG_NOTICE, "uid %u:%s: exit status %d",
	       (unsigned int)getuid(), line, rc);
	closelog();
}

int changes_end(struct app *app, int argc, char **argv, int rc)
{
	if (app->opts->json && rc != RC_USAGE)
		json_print(app);
	json_object_put(app->writes);
	forget_words(app);
	if (app->wrote && !app->opts->sysroot)
		log_changes(argc, argv, rc);
	return rc;
}
