// SPDX-License-Identifier: GPL-2.0
/*
 * A library for LD_PRELOAD that stands in for what libgmem uses of libudev.  The
 * file FAKE_EVENTS has an event on each line:
 *
 *   ACTION POOL [WHAT]	a uevent; WHAT is the value of GMEM_EVENT
 *   ! COMMAND		run this with sh before the next event
 *   lost		events were lost
 *   nothing		woken up for nothing
 *   end		SIGTERM
 */
#include <errno.h>
#include <libudev.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct udev_device {
	char action[32];
	char pool[64];
	char what[32];
};

static FILE *events;
static int ends[2];

struct udev *udev_new(void)
{
	const char *name = getenv("FAKE_EVENTS");

	unsetenv("LD_PRELOAD");
	events = name ? fopen(name, "r") : NULL;
	if (!events || pipe(ends))
		return NULL;
	/* Something is always there to be read. */
	if (write(ends[1], "", 1) != 1)
		return NULL;
	return (struct udev *)&events;
}

struct udev *udev_unref(struct udev *udev)
{
	(void)udev;
	fclose(events);
	close(ends[0]);
	close(ends[1]);
	return NULL;
}

struct udev_monitor *udev_monitor_new_from_netlink(struct udev *udev,
						   const char *name)
{
	(void)udev;
	if (strcmp(name, "udev") && strcmp(name, "kernel"))
		return NULL;
	if (getenv("FAKE_NO_NETLINK")) {
		errno = EPROTONOSUPPORT;
		return NULL;
	}
	return (struct udev_monitor *)&ends;
}

struct udev_monitor *udev_monitor_unref(struct udev_monitor *monitor)
{
	(void)monitor;
	return NULL;
}

int udev_monitor_set_receive_buffer_size(struct udev_monitor *monitor, int size)
{
	(void)monitor;
	(void)size;
	return -EPERM;
}

int udev_monitor_filter_add_match_subsystem_devtype(struct udev_monitor *monitor,
						    const char *subsystem,
						    const char *devtype)
{
	(void)monitor;
	return strcmp(subsystem, "gmem") || devtype ? -EINVAL : 0;
}

int udev_monitor_enable_receiving(struct udev_monitor *monitor)
{
	(void)monitor;
	return 0;
}

int udev_monitor_get_fd(struct udev_monitor *monitor)
{
	(void)monitor;
	return ends[0];
}

struct udev_device *udev_monitor_receive_device(struct udev_monitor *monitor)
{
	struct udev_device *device;
	char line[256];

	(void)monitor;
	for (;;) {
		errno = EAGAIN;
		if (!fgets(line, sizeof(line), events) ||
		    !strcmp(line, "nothing\n"))
			return NULL;
		if (line[0] == '!') {
			if (system(line + 1))
				abort();
			continue;
		}
		if (!strcmp(line, "end\n")) {
			raise(SIGTERM);
			return NULL;
		}
		if (!strcmp(line, "lost\n")) {
			errno = ENOBUFS;
			return NULL;
		}
		device = calloc(1, sizeof(*device));
		if (!device || sscanf(line, "%31s %63s %31s", device->action,
				      device->pool, device->what) < 2)
			abort();
		return device;
	}
}

struct udev_device *udev_device_unref(struct udev_device *device)
{
	free(device);
	return NULL;
}

const char *udev_device_get_action(struct udev_device *device)
{
	return device->action;
}

const char *udev_device_get_sysname(struct udev_device *device)
{
	return device->pool;
}

const char *udev_device_get_property_value(struct udev_device *device,
					   const char *key)
{
	return strcmp(key, "GMEM_EVENT") || !*device->what ? NULL :
	       device->what;
}
