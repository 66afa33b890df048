// SPDX-License-Identifier: GPL-2.0
/* gmemctl monitor */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "gmemctl.h"
#include "output.h"

struct monitor_opts {
	struct common_opts common;
	struct words pools;
	struct number_arg count;
};

static const struct opt monitor_options[] = {
	{ 'p', "pool", OPT_POOLS, "NAME,...",
	  offsetof(struct monitor_opts, pools),
	  "only events of these pools, which need not be there yet" },
	{ 'c', "count", OPT_NUMBER, "N",
	  offsetof(struct monitor_opts, count), "end after so many events" },
	{ 0 }
};

/* Signals are read: none is missed, however many events there are. */
static int open_signals(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	return signalfd(-1, &mask, SFD_CLOEXEC);
}

/* The time of day with milliseconds, as RFC 3339 has it. */
static void get_time(char *buf, size_t len)
{
	struct timespec now;
	struct tm tm;
	char zone[8];
	size_t n;

	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	n = strftime(buf, len, "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	snprintf(buf + n, len - n, ".%03ld%.3s:%s", now.tv_nsec / 1000000,
		 zone, zone + 3);
}

static void print_text(const char *time, const struct gmem_event *event,
		       struct gmem_pool *pool)
{
	const char *action = gmem_event_get_action(event);
	const char *old_state = gmem_event_get_old_state(event);
	const char *what = gmem_event_get_what(event);
	char size[SIZE_TEXT], available[SIZE_TEXT];
	const char *name = gmem_event_get_pool_name(event);
	uint64_t bytes;

	printf("%s %s %s", time, name ? name : "-", action);
	if (!strcmp(action, "state"))
		printf(": %s, was %s", gmem_event_get_state(event),
		       old_state ? old_state : "not known");
	else if (!strcmp(action, "lost"))
		printf(": there were more events than could be received");
	else if (what)
		printf(": %s", what);
	if (pool && !gmem_pool_get_size(pool, &bytes)) {
		size_format(size, bytes);
		printf(" (%s", size);
		if (!gmem_pool_get_available(pool, &bytes))
			printf(", %s available",
			       size_format(available, bytes));
		putchar(')');
	}
	putchar('\n');
}

static void add_text(struct json_object *json, const char *key,
		     const char *text)
{
	must(!json_object_object_add(json, key, json_text(text)));
}

/* One object on a line: whoever reads it need not wait for an end. */
static void print_json(const char *time, const struct gmem_event *event,
		       struct gmem_pool *pool)
{
	struct json_object *json = json_object_new_object();
	struct json_object *pools = json_object_new_array();

	must(json && pools);
	add_text(json, "time", time);
	add_text(json, "event", gmem_event_get_action(event));
	add_text(json, "pool", gmem_event_get_pool_name(event));
	add_text(json, "what", gmem_event_get_what(event));
	add_text(json, "old_state", gmem_event_get_old_state(event));
	add_text(json, "state", gmem_event_get_state(event));
	must(!json_object_object_add(json, pool_type.section, pools));
	if (pool)
		json_add(pools, &pool_type, pool);
	puts(json_object_to_json_string_ext(json,
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(json);
}

static bool event_matches(const struct monitor_opts *opts,
			  const struct gmem_event *event)
{
	const char *name = gmem_event_get_pool_name(event);

	return !opts->pools.nr || !name || has_word(&opts->pools, name);
}

static void print_event(struct app *app, const struct gmem_event *event)
{
	const char *name = gmem_event_get_pool_name(event);
	struct gmem_pool *pool = NULL;
	char time[64];

	get_time(time, sizeof(time));
	if (name && gmem_pool_lookup(app->ctx, name, &pool))
		pool = NULL;
	if (app->opts->json)
		print_json(time, event, pool);
	else
		print_text(time, event, pool);
	gmem_pool_unref(pool);
	fflush(stdout);
}

static int wait_for_events(struct app *app, const struct monitor_opts *opts,
			   struct gmem_monitor *monitor, int signals)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = gmem_monitor_get_fd(monitor), .events = POLLIN },
	};
	struct gmem_event *event;
	uint64_t nr = 0;
	int err;

	/* When nobody reads it any more, it ends too. */
	while (!ferror(stdout) && !(opts->count.set && nr == opts->count.num)) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0) {
			if (errno == EINTR)
				continue;
			return -errno;
		}
		if (fds[0].revents)
			return 0;
		err = gmem_monitor_receive(monitor, &event);
		if (err == -EAGAIN)
			continue;
		if (err)
			return err;
		if (event_matches(opts, event)) {
			print_event(app, event);
			nr++;
		}
		gmem_event_free(event);
	}
	return 0;
}

static int monitor(struct app *app, const void *arg, int nr, char **operands)
{
	const struct monitor_opts *opts = arg;
	struct gmem_monitor *monitor;
	int rc, err, signals;

	(void)nr;
	(void)operands;
	rc = unsupported(app);
	if (rc)
		return rc;
	err = gmem_monitor_new(app->ctx, &monitor);
	if (err) {
		error(app, NULL, "cannot listen to the kernel's events: %s",
		      strerror(-err));
		return exit_code_of(err);
	}
	signals = open_signals();
	err = signals < 0 ? -errno : wait_for_events(app, opts, monitor,
						      signals);
	if (signals >= 0)
		close(signals);
	gmem_monitor_unref(monitor);
	if (err) {
		error(app, NULL, "cannot receive events: %s", strerror(-err));
		return exit_code_of(err);
	}
	return 0;
}

const struct verb verb_monitor = {
	.name = "monitor",
	.operands = "",
	.summary = "Print what happens to pools, as it happens.",
	.opts = monitor_options,
	.opts_size = sizeof(struct monitor_opts),
	.run = monitor,
};
