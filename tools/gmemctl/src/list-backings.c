// SPDX-License-Identifier: GPL-2.0
/*
 * gmemctl list --backings: the guest_memfds that hold memory, and who has them
 * open.  A table has a line for each owner, JSON an object for each backing.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "list.h"
#include "output.h"

static int backing_pool(const void *object, struct cell *cell)
{
	cell->text = gmem_backing_get_pool_name(object);
	return 0;
}

static int backing_inode(const void *object, struct cell *cell)
{
	cell->num = gmem_backing_get_inode(object);
	return 0;
}

static int backing_size(const void *object, struct cell *cell)
{
	return gmem_backing_get_size(object, &cell->num);
}

static int backing_extents(const void *object, struct cell *cell)
{
	return gmem_backing_get_extents(object, &cell->num);
}

/* The same as columns of an owner. */
#define OWNERS_BACKING(value)						\
static int owner_##value(const void *object, struct cell *cell)		\
{									\
	return backing_##value(gmem_owner_get_backing(object), cell);	\
}

OWNERS_BACKING(pool)
OWNERS_BACKING(inode)
OWNERS_BACKING(size)
OWNERS_BACKING(extents)

static int owner_pid(const void *object, struct cell *cell)
{
	cell->num = gmem_owner_get_pid(object);
	return 0;
}

static int owner_fd(const void *object, struct cell *cell)
{
	cell->num = gmem_owner_get_fd(object);
	return 0;
}

static int owner_uid(const void *object, struct cell *cell)
{
	uint32_t uid = 0;
	int err = gmem_owner_get_uid(object, &uid);

	cell->num = uid;
	return err;
}

/* The name, which getpwuid() keeps until it is asked again. */
static int owner_user(const void *object, struct cell *cell)
{
	struct passwd *user;
	uint32_t uid;
	int err;

	err = gmem_owner_get_uid(object, &uid);
	if (err)
		return err;
	user = getpwuid(uid);
	if (!user)
		return -ENODATA;
	cell->text = user->pw_name;
	return 0;
}

static int owner_command(const void *object, struct cell *cell)
{
	cell->text = gmem_owner_get_command(object);
	return cell->text ? 0 : -ENODATA;
}

static int owner_cgroup(const void *object, struct cell *cell)
{
	cell->text = gmem_owner_get_cgroup(object);
	return cell->text ? 0 : -ENODATA;
}

/* In JSON what is the backing's is not repeated. */
static const struct column owner_columns[] = {
	{ "POOL", NULL, COL_TEXT, true, owner_pool, NULL,
	  "pool that the memory is from" },
	{ "SIZE", NULL, COL_BYTES, true, owner_size, NULL,
	  "memory that the guest_memfd holds" },
	{ "EXTENTS", NULL, COL_COUNT, false, owner_extents, NULL,
	  "of how many contiguous pieces it is" },
	{ "INODE", NULL, COL_COUNT, true, owner_inode, NULL,
	  "number that tells one guest_memfd from others" },
	{ "PID", "pid", COL_COUNT, true, owner_pid, NULL,
	  "process that has it open" },
	{ "FD", "fd", COL_COUNT, false, owner_fd, NULL,
	  "file descriptor there" },
	{ "UID", "uid", COL_COUNT, false, owner_uid, NULL,
	  "user that the process runs as, as a number" },
	{ "USER", "user", COL_TEXT, true, owner_user, NULL,
	  "user that the process runs as" },
	{ "COMMAND", "command", COL_TEXT, true, owner_command, NULL,
	  "name of the process" },
	{ "CGROUP", "cgroup", COL_TEXT, true, owner_cgroup, NULL,
	  "control group of the process" },
	{ 0 }
};

const struct object_type owner_type = {
	.section = "backings",
	.title = "Columns with --backings",
	.columns = owner_columns,
};

static void fill_owners(const void *object, struct json_object *array)
{
	struct gmem_owner *owner;

	gmem_owner_foreach((struct gmem_backing *)object, owner)
		json_add(array, &owner_type, owner);
}

static const struct column backing_columns[] = {
	{ .name = "POOL", .key = "pool", .type = COL_TEXT,
	  .get = backing_pool },
	{ .name = "INODE", .key = "inode", .type = COL_COUNT,
	  .get = backing_inode },
	{ .name = "SIZE", .key = "size", .type = COL_BYTES,
	  .get = backing_size },
	{ .name = "EXTENTS", .key = "extents", .type = COL_COUNT,
	  .get = backing_extents },
	{ .name = "OWNERS", .key = "owners", .type = COL_LIST,
	  .fill = fill_owners },
	{ 0 }
};

static const struct object_type backing_type = {
	.section = "backings",
	.columns = backing_columns,
};

static bool is_uid(const char *text, uint32_t *uid)
{
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	*uid = strtoul(text, &end, 10);
	return !errno && !*end && strtoul(text, NULL, 10) <= UINT32_MAX;
}

/* Users are numbers or have a name on this machine. */
int check_users(const struct app *app, const struct list_opts *opts)
{
	uint32_t uid;
	size_t i;

	for (i = 0; i < opts->users.nr; i++) {
		if (is_uid(opts->users.v[i], &uid) ||
		    getpwnam(opts->users.v[i]))
			continue;
		error(app, NULL, "--user: there is no user '%s'",
		      opts->users.v[i]);
		return RC_USAGE;
	}
	return 0;
}

static bool user_matches(const struct list_opts *opts,
			 const struct gmem_owner *owner)
{
	uint32_t uid, wanted;
	struct passwd *user;
	size_t i;

	if (!opts->users.nr)
		return true;
	if (gmem_owner_get_uid(owner, &uid))
		return false;
	for (i = 0; i < opts->users.nr; i++) {
		if (!is_uid(opts->users.v[i], &wanted)) {
			user = getpwnam(opts->users.v[i]);
			if (!user)
				continue;
			wanted = user->pw_uid;
		}
		if (wanted == uid)
			return true;
	}
	return false;
}

static bool backing_matches(const struct list_opts *opts,
			    const struct gmem_backing *backing)
{
	return !opts->pools.nr ||
	       has_word(&opts->pools, gmem_backing_get_pool_name(backing));
}

/* What was found is shown; what could not be seen is said. */
static int scan(struct app *app)
{
	unsigned int hidden;
	int err;

	err = gmem_scan_backings(app->ctx);
	if (err == -EOPNOTSUPP)
		return RC_UNSUPPORTED;	/* which has been said */
	if (err) {
		error(app, NULL, "cannot look at the open files of processes: %s",
		      strerror(-err));
		return exit_code_of(err);
	}
	hidden = gmem_get_hidden_processes(app->ctx);
	if (hidden) {
		error(app, NULL,
		      "%u process%s of others could not be looked at", hidden,
		      hidden == 1 ? "" : "es");
		advise("do it as root to see what they hold");
	}
	return 0;
}

static int each_owner(struct app *app, const struct list_opts *opts,
		      struct sink *sink)
{
	struct gmem_backing *backing;
	struct gmem_owner *owner;
	int rc = scan(app);

	if (rc)
		return rc;
	gmem_backing_foreach(app->ctx, backing) {
		if (!backing_matches(opts, backing))
			continue;
		gmem_owner_foreach(backing, owner)
			if (user_matches(opts, owner))
				sink->add(sink, owner);
	}
	return 0;
}

static int each_backing(struct app *app, const struct list_opts *opts,
			struct sink *sink)
{
	struct gmem_backing *backing;
	struct gmem_owner *owner;
	int rc = scan(app);

	if (rc)
		return rc;
	gmem_backing_foreach(app->ctx, backing) {
		if (!backing_matches(opts, backing))
			continue;
		gmem_owner_foreach(backing, owner)
			if (user_matches(opts, owner))
				break;
		if (owner)
			sink->add(sink, backing);
	}
	return 0;
}

const struct kind backing_kind = {
	.row = &owner_type,
	.json = &backing_type,
	.each_row = each_owner,
	.each_json = each_backing,
};
