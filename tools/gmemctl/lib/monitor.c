// SPDX-License-Identifier: LGPL-2.1
/*
 * Events: what the kernel sends about pools, and their states, which it only
 * notifies those of who poll the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <libudev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <syslog.h>
#include <unistd.h>

#include "private.h"

/* Events of a burst of changes fit in; the limit of the system is lower. */
#define BUFFER_SIZE	(1 << 20)

struct gmem_event {
	char *action;
	char *pool;
	char *what;
	char *old_state;
	char *state;
};

/* A pool whose state is polled. */
struct polled {
	struct polled *next;
	int fd;
	char *name;
	char *state;
};

struct gmem_monitor {
	struct gmem_ctx *ctx;
	unsigned int refcount;
	struct udev *udev;
	struct udev_monitor *source;
	int epoll;
	struct polled *polled;
};

static void polled_free(struct polled *polled)
{
	if (polled->fd >= 0)
		close(polled->fd);
	free(polled->name);
	free(polled->state);
	free(polled);
}

/* A file that was notified is read again from its beginning. */
static char *read_state(int fd)
{
	char buf[64];
	ssize_t n;

	n = pread(fd, buf, sizeof(buf), 0);
	if (n <= 0)
		return NULL;
	return strndup(buf, n - (buf[n - 1] == '\n'));
}

/* What cannot be polled, such as a recorded tree, has no states. */
static int poll_pool(struct gmem_monitor *monitor, const char *name)
{
	struct epoll_event event = { .events = EPOLLPRI };
	struct polled *polled;
	char path[256];

	for (polled = monitor->polled; polled; polled = polled->next)
		if (!strcmp(polled->name, name))
			return 0;

	polled = calloc(1, sizeof(*polled));
	if (!polled)
		return -ENOMEM;
	polled->name = strdup(name);
	snprintf(path, sizeof(path), CLASS_PATH "/%s/state", name);
	polled->fd = openat(monitor->ctx->root, path, O_RDONLY | O_CLOEXEC);
	if (!polled->name) {
		polled_free(polled);
		return -ENOMEM;
	}
	/* Reading arms the notification. */
	if (polled->fd >= 0)
		polled->state = read_state(polled->fd);
	event.data.ptr = polled;
	if (polled->fd < 0 ||
	    epoll_ctl(monitor->epoll, EPOLL_CTL_ADD, polled->fd, &event)) {
		gmem_log(monitor->ctx, LOG_DEBUG, "%s/%s: cannot poll: %s",
			 monitor->ctx->sysroot, path, strerror(errno));
		polled_free(polled);
		return 0;
	}
	polled->next = monitor->polled;
	monitor->polled = polled;
	return 0;
}

/* Closing takes it out of epoll, too. */
static void drop_polled(struct gmem_monitor *monitor, struct polled *gone)
{
	struct polled **where = &monitor->polled;

	while (*where != gone)
		where = &(*where)->next;
	*where = gone->next;
	polled_free(gone);
}

static void forget_pool(struct gmem_monitor *monitor, const char *name)
{
	struct polled *polled;

	for (polled = monitor->polled; polled; polled = polled->next)
		if (!strcmp(polled->name, name)) {
			drop_polled(monitor, polled);
			return;
		}
}

static int poll_pools(struct gmem_monitor *monitor)
{
	struct gmem_pool *pool;
	int err;

	err = gmem_scan(monitor->ctx);
	if (err)
		return err;
	gmem_pool_foreach(monitor->ctx, pool) {
		err = poll_pool(monitor, gmem_pool_get_name(pool));
		if (err)
			return err;
	}
	return 0;
}

static int listen_to_events(struct gmem_monitor *monitor)
{
	struct epoll_event event = { .events = EPOLLIN };
	const char *source;
	int err;

	/* With udev, an event is sent on when its rules have been applied. */
	source = access("/run/udev/control", F_OK) ? "kernel" : "udev";
	monitor->udev = udev_new();
	if (!monitor->udev)
		return -ENOMEM;
	monitor->source = udev_monitor_new_from_netlink(monitor->udev, source);
	if (!monitor->source)
		return errno ? -errno : -EIO;
	udev_monitor_set_receive_buffer_size(monitor->source, BUFFER_SIZE);
	err = udev_monitor_filter_add_match_subsystem_devtype(monitor->source,
							      "gmem", NULL);
	if (err >= 0)
		err = udev_monitor_enable_receiving(monitor->source);
	if (err < 0)
		return err;
	event.data.ptr = NULL;
	return epoll_ctl(monitor->epoll, EPOLL_CTL_ADD,
			 udev_monitor_get_fd(monitor->source), &event) ?
	       -errno : 0;
}

int gmem_monitor_new(struct gmem_ctx *ctx, struct gmem_monitor **out)
{
	struct gmem_monitor *monitor;
	int err;

	err = gmem_check_supported(ctx);
	if (err)
		return err;
	monitor = calloc(1, sizeof(*monitor));
	if (!monitor)
		return -ENOMEM;
	monitor->refcount = 1;
	monitor->ctx = gmem_ref(ctx);
	monitor->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (monitor->epoll < 0)
		err = -errno;
	/* In this order: what comes between is an event. */
	if (!err)
		err = listen_to_events(monitor);
	if (!err)
		err = poll_pools(monitor);
	if (err) {
		gmem_monitor_unref(monitor);
		return err;
	}
	*out = monitor;
	return 0;
}

struct gmem_monitor *gmem_monitor_ref(struct gmem_monitor *monitor)
{
	monitor->refcount++;
	return monitor;
}

struct gmem_monitor *gmem_monitor_unref(struct gmem_monitor *monitor)
{
	struct polled *next;

	if (!monitor || --monitor->refcount)
		return NULL;

	for (; monitor->polled; monitor->polled = next) {
		next = monitor->polled->next;
		polled_free(monitor->polled);
	}
	if (monitor->source)
		udev_monitor_unref(monitor->source);
	if (monitor->udev)
		udev_unref(monitor->udev);
	if (monitor->epoll >= 0)
		close(monitor->epoll);
	gmem_unref(monitor->ctx);
	free(monitor);
	return NULL;
}

int gmem_monitor_get_fd(const struct gmem_monitor *monitor)
{
	return monitor->epoll;
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static int new_event(struct gmem_event **out, const char *action,
		     const char *pool)
{
	struct gmem_event *event = calloc(1, sizeof(*event));

	if (event) {
		event->action = copy(action);
		event->pool = copy(pool);
	}
	if (!event || !event->action || (pool && !event->pool)) {
		gmem_event_free(event);
		return -ENOMEM;
	}
	*out = event;
	return 0;
}

static int receive_uevent(struct gmem_monitor *monitor,
			  struct gmem_event **out)
{
	struct udev_device *device;
	const char *action, *name;
	int err;

	errno = 0;
	device = udev_monitor_receive_device(monitor->source);
	if (!device && errno != ENOBUFS)
		return -EAGAIN;
	if (!device) {
		/* A pool of a name may be another one now. */
		while (monitor->polled)
			drop_polled(monitor, monitor->polled);
		err = poll_pools(monitor);
		return err ? err : new_event(out, "lost", NULL);
	}
	action = udev_device_get_action(device);
	name = udev_device_get_sysname(device);
	err = new_event(out, action ? action : "change", name);
	if (!err)
		(*out)->what = copy(udev_device_get_property_value(device,
								"GMEM_EVENT"));
	if (!err && !strcmp((*out)->action, "add"))
		err = poll_pool(monitor, name);
	if (!err && !strcmp((*out)->action, "remove"))
		forget_pool(monitor, name);
	udev_device_unref(device);
	return err;
}

static int receive_state(struct gmem_monitor *monitor, struct polled *polled,
			 struct gmem_event **out)
{
	char *state = read_state(polled->fd);
	int err;

	/* The file of a pool that has gone would be ready from now on. */
	if (!state) {
		drop_polled(monitor, polled);
		return -EAGAIN;
	}
	/* It is notified also when nothing has changed in the end. */
	if (polled->state && !strcmp(state, polled->state)) {
		free(state);
		return -EAGAIN;
	}
	err = new_event(out, "state", polled->name);
	if (err) {
		free(state);
		return err;
	}
	(*out)->old_state = polled->state;
	(*out)->state = copy(state);
	polled->state = state;
	return 0;
}

int gmem_monitor_receive(struct gmem_monitor *monitor,
			 struct gmem_event **out)
{
	struct epoll_event event;
	int n;

	n = epoll_wait(monitor->epoll, &event, 1, 0);
	if (n < 0)
		return -errno;
	if (!n)
		return -EAGAIN;
	return event.data.ptr ?
	       receive_state(monitor, event.data.ptr, out) :
	       receive_uevent(monitor, out);
}

void gmem_event_free(struct gmem_event *event)
{
	if (!event)
		return;
	free(event->action);
	free(event->pool);
	free(event->what);
	free(event->old_state);
	free(event->state);
	free(event);
}

const char *gmem_event_get_action(const struct gmem_event *event)
{
	return event->action;
}

const char *gmem_event_get_pool_name(const struct gmem_event *event)
{
	return event->pool;
}

const char *gmem_event_get_what(const struct gmem_event *event)
{
	return event->what;
}

const char *gmem_event_get_old_state(const struct gmem_event *event)
{
	return event->old_state;
}

const char *gmem_event_get_state(const struct gmem_event *event)
{
	return event->state;
}
