// SPDX-License-Identifier: GPL-2.0
/*
 * gmemctl stat --guests: with what sizes KVM maps each virtual machine.  It
 * counts all memory of the machine, from pools and from elsewhere.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "host.h"
#include "stat.h"

#define KVM_DEBUG	"sys/kernel/debug/kvm"

static const struct {
	const char *file;
	unsigned int shift;
} sizes[] = {
	{ "pages_4k", 12 }, { "pages_2m", 21 }, { "pages_1g", 30 },
};

static int guest_pid(const void *object, struct cell *cell)
{
	cell->num = ((const struct guest *)object)->pid;
	return 0;
}

static int guest_fd(const void *object, struct cell *cell)
{
	cell->num = ((const struct guest *)object)->fd;
	return 0;
}

static int guest_command(const void *object, struct cell *cell)
{
	cell->text = ((const struct guest *)object)->command;
	return cell->text ? 0 : -ENODATA;
}

static int guest_bytes(const void *object, struct cell *cell, unsigned int i)
{
	const struct guest *guest = object;

	cell->num = guest->bytes[i];
	return guest->known[i] ? 0 : -ENODATA;
}

static int guest_4k(const void *object, struct cell *cell)
{
	return guest_bytes(object, cell, 0);
}

static int guest_2m(const void *object, struct cell *cell)
{
	return guest_bytes(object, cell, 1);
}

static int guest_1g(const void *object, struct cell *cell)
{
	return guest_bytes(object, cell, 2);
}

static const struct column guest_columns[] = {
	{ "PID", "pid", COL_COUNT, true, guest_pid, NULL,
	  "process that made the virtual machine" },
	{ "FD", "fd", COL_COUNT, false, guest_fd, NULL,
	  "its file descriptor for the machine" },
	{ "COMMAND", "command", COL_TEXT, true, guest_command, NULL,
	  "name of the process" },
	{ "4K", "mapped_4k", COL_BYTES, true, guest_4k, NULL,
	  "memory that is mapped for the guest with 4 KiB entries" },
	{ "2M", "mapped_2m", COL_BYTES, true, guest_2m, NULL,
	  "with 2 MiB entries" },
	{ "1G", "mapped_1g", COL_BYTES, true, guest_1g, NULL,
	  "with 1 GiB entries" },
	{ 0 }
};

const struct object_type guest_type = {
	.section = "guests",
	.title = "Columns with --guests",
	.columns = guest_columns,
};

static void read_guest(const struct app *app, const char *name,
		       struct guest *guest)
{
	char *text;
	size_t i;

	guest->command = host_read(app, "proc/%u/comm", guest->pid);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		text = host_read(app, KVM_DEBUG "/%s/%s", name, sizes[i].file);
		guest->known[i] = text && sscanf(text, "%" SCNu64,
						 &guest->bytes[i]) == 1;
		guest->bytes[i] <<= sizes[i].shift;
		free(text);
	}
}

int each_guest(struct app *app, void (*fn)(void *arg, const struct guest *guest),
	       void *arg)
{
	char **names, **name;
	struct guest guest;
	char end;

	names = host_list(app, KVM_DEBUG);
	if (!names && errno) {
		int err = -errno;

		error(app, NULL, "cannot read /" KVM_DEBUG ": %s",
		      strerror(-err));
		advise("it is for root, needs KVM, and a debugfs that is mounted");
		return exit_code_of(err);
	}
	for (name = names; name && *name; name++) {
		memset(&guest, 0, sizeof(guest));
		if (sscanf(*name, "%u-%u%c", &guest.pid, &guest.fd, &end) != 2)
			continue;
		read_guest(app, *name, &guest);
		fn(arg, &guest);
		free(guest.command);
	}
	host_list_free(names);
	return 0;
}
