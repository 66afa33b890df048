// SPDX-License-Identifier: GPL-2.0
/*
 * gmemctl stat --conversions: how often memory of guests became private or
 * shared.  The kernel has a tracepoint for it, and counts its events, CPU by CPU,
 * for whoever has a perf event open.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "gmemctl.h"
#include "host.h"
#include "stat.h"

#define EVENT_ID	"sys/kernel/tracing/events/gmem/gmem_convert/id"

static int conversions_total(const void *object, struct cell *cell)
{
	cell->num = ((const struct conversions *)object)->total;
	return 0;
}

static int conversions_rate(const void *object, struct cell *cell)
{
	const struct conversions *conversions = object;

	if (!conversions->sampled)
		return -ENODATA;
	cell->num = (conversions->total - conversions->past) /
		    conversions->seconds + 0.5;
	return 0;
}

static const struct column conversions_columns[] = {
	{ "CONVERSIONS", "total", COL_COUNT, true, conversions_total, NULL,
	  "conversions between private and shared memory since this runs" },
	{ "CONVERSIONS/S", "per_second", COL_COUNT, true, conversions_rate,
	  NULL, "how many in a second" },
	{ 0 }
};

const struct object_type conversions_type = {
	.section = "conversions",
	.title = "Columns with --conversions",
	.columns = conversions_columns,
};

static int cannot_count(const struct app *app, int err)
{
	error(app, NULL, "--conversions: cannot count events of /" EVENT_ID ": %s",
	      strerror(-err));
	if (err == -ENOENT || err == -ENODEV)
		advise("it needs a tracefs at /sys/kernel/tracing, and CONFIG_PERF_EVENTS=y");
	else
		advise("it is for root");
	return err == -ENOENT ? RC_UNSUPPORTED : exit_code_of(err);
}

static int open_cpus(struct conversions *conversions, uint64_t id)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.config = id,
	};
	long cpu, nr = sysconf(_SC_NPROCESSORS_CONF);
	int fd;

	conversions->fds = calloc(nr, sizeof(*conversions->fds));
	must(conversions->fds);
	for (cpu = 0; cpu < nr; cpu++) {
		fd = syscall(SYS_perf_event_open, &attr, -1, cpu, -1,
			     PERF_FLAG_FD_CLOEXEC);
		if (fd >= 0)
			conversions->fds[conversions->nr++] = fd;
		else if (errno != ENODEV)	/* a CPU that is offline */
			return -errno;
	}
	return conversions->nr ? 0 : -ENODEV;
}

int conversions_open(const struct app *app, struct conversions *conversions)
{
	char *text, *end;
	uint64_t id = 0;
	int err = 0;

	*conversions = (struct conversions){ 0 };
	/* What a recorded tree has is not an event of this kernel. */
	if (app->opts->sysroot)
		return cannot_count(app, -ENOENT);
	errno = ENOENT;
	text = host_read(app, EVENT_ID);
	if (text)
		id = strtoull(text, &end, 10);
	else
		err = errno == EACCES || errno == EPERM ? -errno : -ENOENT;
	free(text);
	if (!err)
		err = open_cpus(conversions, id);
	if (!err)
		return 0;
	conversions_close(conversions);
	return cannot_count(app, err);
}

void conversions_sample(struct conversions *conversions, double seconds)
{
	uint64_t count;
	size_t i;

	conversions->sampled = conversions->started;
	conversions->started = true;
	conversions->seconds = seconds;
	conversions->past = conversions->total;
	conversions->total = 0;
	for (i = 0; i < conversions->nr; i++)
		if (read(conversions->fds[i], &count, sizeof(count)) ==
		    sizeof(count))
			conversions->total += count;
}

void conversions_close(struct conversions *conversions)
{
	size_t i;

	for (i = 0; i < conversions->nr; i++)
		close(conversions->fds[i]);
	free(conversions->fds);
	*conversions = (struct conversions){ 0 };
}
