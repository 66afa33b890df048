// SPDX-License-Identifier: LGPL-2.1
/* DAX devices: which driver has them, and giving them to another one. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "private.h"

#define DEVICES_PATH	"sys/bus/dax/devices"
#define DRIVERS_PATH	"sys/bus/dax/drivers"

struct gmem_dax {
	struct gmem_dax *next;
	char *name;
	char *driver;		/* NULL: none */
	char *pool;		/* NULL: none */
	char *state;		/* of kmem; NULL with other drivers */
	int node_err;
	int node;
	const char *source;	/* NULL: not known */
	struct value size;
	struct value start;
};

/* What the modes are called, as daxctl does, and by which driver. */
static const struct {
	const char *mode;
	const char *driver;
} modes[] = {
	[GMEM_DAX_GMEM] = { "gmem", "gmem" },
	[GMEM_DAX_DEVDAX] = { "devdax", "device_dax" },
	[GMEM_DAX_SYSTEM_RAM] = { "system-ram", "kmem" },
	[GMEM_DAX_KERNEL_RAM] = { "system-ram", "kmem" },
};

static bool is_ram(enum gmem_dax_mode mode)
{
	return mode == GMEM_DAX_SYSTEM_RAM || mode == GMEM_DAX_KERNEL_RAM;
}

/* "dax0.0" and nothing else, as it becomes a part of paths. */
static bool is_device(const char *name)
{
	unsigned int region, id;
	char rest;

	return sscanf(name, "dax%u.%u%c", &region, &id, &rest) == 2 &&
	       strspn(name + 3, "0123456789.") == strlen(name) - 3;
}

/* The driver that has a device, for free(); NULL without an error: none. */
static int read_driver(struct gmem_ctx *ctx, const char *name, char **driver)
{
	char target[PATH_MAX];
	int err;

	*driver = NULL;
	if (!is_device(name) || !sysfs_exists(ctx, DEVICES_PATH "/%s", name))
		return -ENOENT;
	err = sysfs_readlink(ctx, target, sizeof(target),
			     DEVICES_PATH "/%s/driver", name);
	if (err == -ENOENT)
		return 0;
	if (err)
		return err;
	*driver = strdup(basename(target));
	return *driver ? 0 : -ENOMEM;
}

/* NULL for a value that is not there or empty. */
static char *read_word(struct gmem_ctx *ctx, const char *name,
		       const char *file)
{
	char *word = sysfs_read_string(ctx, DEVICES_PATH "/%s/%s", name, file);

	if (word && !*word) {
		free(word);
		word = NULL;
	}
	return word;
}

/*
 * What the path of a device says.  Persistent memory is below an nvdimm bus,
 * whatever it is made of.
 */
static const struct {
	const char *part;
	const char *source;
} sources[] = {
	{ "/ndbus", "pmem" },
	{ "/dax_region", "cxl" },
	{ "/hmem.", "hmem" },
};

static const char *read_source(struct gmem_ctx *ctx, const char *name)
{
	char target[PATH_MAX];
	size_t i;

	if (sysfs_readlink(ctx, target, sizeof(target), DEVICES_PATH "/%s",
			   name))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(sources); i++)
		if (strstr(target, sources[i].part))
			return sources[i].source;
	return NULL;
}

static void dax_free(struct gmem_dax *dax)
{
	free(dax->name);
	free(dax->driver);
	free(dax->pool);
	free(dax->state);
	free(dax);
}

void dax_forget(struct gmem_ctx *ctx)
{
	struct gmem_dax *dax, *next;

	for (dax = ctx->dax; dax; dax = next) {
		next = dax->next;
		dax_free(dax);
	}
	ctx->dax = NULL;
	ctx->dax_scanned = false;
}

static int add_dax(void *arg, const char *name)
{
	struct gmem_ctx *ctx = arg;
	struct gmem_dax *dax, **where;
	char *driver;
	int err;

	if (!is_device(name))
		return 0;
	err = read_driver(ctx, name, &driver);
	if (err)
		return err == -ENOENT ? 0 : err;
	dax = calloc(1, sizeof(*dax));
	if (!dax) {
		free(driver);
		return -ENOMEM;
	}
	dax->driver = driver;
	dax->name = strdup(name);
	if (!dax->name) {
		dax_free(dax);
		return -ENOMEM;
	}
	dax->pool = read_word(ctx, name, "gmem/pool");
	dax->state = read_word(ctx, name, "state");
	dax->size = sysfs_read_u64(ctx, 10, DEVICES_PATH "/%s/size", name);
	dax->start = sysfs_read_u64(ctx, 16, DEVICES_PATH "/%s/resource", name);
	dax->source = read_source(ctx, name);
	dax->node_err = sysfs_read_int(ctx, &dax->node,
				       DEVICES_PATH "/%s/target_node", name);

	/* A few dozen at most. */
	for (where = &ctx->dax; *where; where = &(*where)->next)
		if (strverscmp((*where)->name, name) > 0)
			break;
	dax->next = *where;
	*where = dax;
	return 0;
}

int gmem_scan_dax(struct gmem_ctx *ctx)
{
	int err;

	dax_forget(ctx);
	ctx->dax_scanned = true;
	err = sysfs_list(ctx, DEVICES_PATH, add_dax, ctx);
	/* A kernel without the bus has no devices. */
	return err == -ENOENT ? 0 : err;
}

struct gmem_dax *gmem_dax_get_first(struct gmem_ctx *ctx)
{
	if (!ctx->dax_scanned)
		gmem_scan_dax(ctx);
	return ctx->dax;
}

struct gmem_dax *gmem_dax_get_next(struct gmem_dax *dax)
{
	return dax->next;
}

const char *gmem_dax_get_name(const struct gmem_dax *dax)
{
	return dax->name;
}

const char *gmem_dax_get_driver(const struct gmem_dax *dax)
{
	return dax->driver;
}

const char *gmem_dax_get_mode(const struct gmem_dax *dax)
{
	size_t i;

	for (i = 0; dax->driver && i < ARRAY_SIZE(modes); i++)
		if (!strcmp(modes[i].driver, dax->driver))
			return modes[i].mode;
	return dax->driver;
}

const char *gmem_dax_get_pool(const struct gmem_dax *dax)
{
	return dax->pool;
}

const char *gmem_dax_get_state(const struct gmem_dax *dax)
{
	return dax->state;
}

int gmem_dax_get_node(const struct gmem_dax *dax, int *node)
{
	if (!dax->node_err)
		*node = dax->node;
	return dax->node_err;
}

int gmem_dax_get_size(const struct gmem_dax *dax, uint64_t *bytes)
{
	return get_value(&dax->size, bytes);
}

int gmem_dax_get_start(const struct gmem_dax *dax, uint64_t *start)
{
	return get_value(&dax->start, start);
}

const char *gmem_dax_get_source(const struct gmem_dax *dax)
{
	return dax->source;
}

bool gmem_dax_is_persistent(const struct gmem_dax *dax)
{
	return dax->source && !strcmp(dax->source, "pmem");
}

int gmem_dax_parse_mode(const char *text, enum gmem_dax_mode *mode)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		if (!strcmp(modes[i].mode, text)) {
			*mode = i;
			return 0;
		}
	}
	return -EINVAL;
}

/* What a device was before a change; NULL for what it did not have. */
struct place {
	char *driver;
	char *pool;
	char *state;
	bool id_removed;	/* the driver does not look for it any more */
};

/* Take a device from its driver. */
static int leave(struct gmem_ctx *ctx, const char *name, struct place *place)
{
	bool ours = !strcmp(place->driver, "gmem");
	int err = 0;

	/* Only this refuses while memory is in use; unbinding would lose it. */
	if (ours)
		err = sysfs_write(ctx, "\n", DEVICES_PATH "/%s/gmem/pool", name);
	else if (!strcmp(place->driver, "kmem"))
		err = sysfs_write(ctx, "unplugged", DEVICES_PATH "/%s/state",
				  name);
	if (!err)
		err = sysfs_write(ctx, name, DRIVERS_PATH "/%s/remove_id",
				  place->driver);
	if (err)
		return err;
	place->id_removed = true;
	err = sysfs_write(ctx, name, DRIVERS_PATH "/%s/%s", place->driver,
			  ours ? "release" : "unbind");
	/* The file is the driver's; the words are about the device. */
	if (err && ours)
		last_error_read(ctx, DEVICES_PATH "/%s/gmem/last_error", name);
	return err;
}

/* From one state of kmem's memory to another; "offline" cannot be asked for. */
static int change_state(struct gmem_ctx *ctx, const char *name,
			const char *now, const char *state)
{
	int err = 0;

	if (!strcmp(now, state))
		return 0;
	if (strcmp(now, "unplugged"))
		err = sysfs_write(ctx, "unplugged", DEVICES_PATH "/%s/state",
				  name);
	if (!err && !strncmp(state, "online", strlen("online")))
		err = sysfs_write(ctx, state, DEVICES_PATH "/%s/state", name);
	return err;
}

static int set_state(struct gmem_ctx *ctx, const char *name, const char *state)
{
	char *now = read_word(ctx, name, "state");
	int err = now ? change_state(ctx, name, now, state) : 0;

	free(now);
	return err;
}

/* What the state will be when a write that was left out has given it to kmem. */
static char *read_policy(struct gmem_ctx *ctx)
{
	return sysfs_read_string(ctx,
				 "sys/devices/system/memory/auto_online_blocks");
}

/* Movable memory is set online so only if no policy has set it online yet. */
static int set_online(struct gmem_ctx *ctx, const char *name,
		      enum gmem_dax_mode mode)
{
	bool movable = mode == GMEM_DAX_SYSTEM_RAM;
	char *now = read_word(ctx, name, "state");
	int err = 0;

	if (!now && ctx->left_out)
		now = read_policy(ctx);
	if (now && !(movable && !strncmp(now, "online", strlen("online"))))
		err = change_state(ctx, name, now, movable ? "online_movable" :
							     "online_kernel");
	free(now);
	return err;
}

/* Give the memory of a device that gmem has to a pool, or to none (NULL). */
static int set_pool(struct gmem_ctx *ctx, const char *name, const char *pool)
{
	char *old = read_word(ctx, name, "gmem/pool");
	bool same = pool && old && !strcmp(pool, old);
	int err = 0;

	if (old && !same)
		err = sysfs_write(ctx, "\n", DEVICES_PATH "/%s/gmem/pool",
				  name);
	if (!err && pool && !same)
		err = sysfs_write(ctx, pool, DEVICES_PATH "/%s/gmem/pool",
				  name);
	free(old);
	return err;
}

/* Give a device without a driver to one. */
static int enter(struct gmem_ctx *ctx, const char *name, const char *driver)
{
	char *now;
	int err;

	if (!sysfs_exists(ctx, DRIVERS_PATH "/%s", driver))
		return -ENXIO;
	err = sysfs_write(ctx, name, DRIVERS_PATH "/%s/new_id", driver);
	/* What was left out has had no effect to look for. */
	if (err || ctx->left_out)
		return err;
	/* The write succeeds even if the driver does not want the device. */
	err = read_driver(ctx, name, &now);
	if (!err && (!now || strcmp(now, driver)))
		err = -EIO;
	free(now);
	return err;
}

static int enter_mode(struct gmem_ctx *ctx, const char *name,
		      enum gmem_dax_mode mode, const char *pool)
{
	int err;

	err = enter(ctx, name, modes[mode].driver);
	if (!err && is_ram(mode))
		err = set_online(ctx, name, mode);
	/* The kernel parameter gmem.dax= may have chosen another one. */
	if (!err && mode == GMEM_DAX_GMEM)
		err = set_pool(ctx, name, pool);
	return err;
}

/* After a failure: back to where it was, as far as that goes. */
static void go_back(struct gmem_ctx *ctx, const char *name,
		    const struct place *old)
{
	char *words = ctx->last_error;
	struct place now = { 0 };
	bool same;
	int err;

	/* What is said is why it failed, not how this went. */
	ctx->last_error = NULL;
	err = read_driver(ctx, name, &now.driver);
	same = !err && now.driver && old->driver &&
	       !strcmp(now.driver, old->driver);
	if (!err && now.driver && !same)
		err = leave(ctx, name, &now);
	if (!err && old->driver && (!same || old->id_removed))
		err = enter(ctx, name, old->driver);
	if (!err && old->state)
		err = set_state(ctx, name, old->state);
	if (!err && old->driver && !strcmp(old->driver, "gmem"))
		err = set_pool(ctx, name, old->pool);
	if (err)
		gmem_log(ctx, LOG_ERR, "%s: cannot go back to %s: %s", name,
			 old->driver ? old->driver : "no driver",
			 strerror(-err));
	free(now.driver);
	free(ctx->last_error);
	ctx->last_error = words;
}

int gmem_reconfigure_dax(struct gmem_ctx *ctx, const char *name,
			 enum gmem_dax_mode mode, const char *pool)
{
	struct place old = { 0 };
	unsigned int before;
	int err;

	last_error_forget(ctx);
	if (mode >= ARRAY_SIZE(modes))
		return -EINVAL;
	if (pool && (mode != GMEM_DAX_GMEM || gmem_check_name(pool)))
		return -EINVAL;
	ctx->left_out = false;
	err = read_driver(ctx, name, &old.driver);
	if (err)
		return err;
	if (!sysfs_exists(ctx, DRIVERS_PATH "/%s", modes[mode].driver)) {
		free(old.driver);
		return -ENXIO;
	}
	old.pool = read_word(ctx, name, "gmem/pool");
	old.state = read_word(ctx, name, "state");
	before = ctx->written;

	if (old.driver && !strcmp(old.driver, modes[mode].driver)) {
		if (is_ram(mode))
			err = set_online(ctx, name, mode);
		else if (mode == GMEM_DAX_GMEM)
			err = set_pool(ctx, name, pool);
	} else {
		if (old.driver)
			err = leave(ctx, name, &old);
		if (!err)
			err = enter_mode(ctx, name, mode, pool);
	}
	if (err && ctx->written != before)
		go_back(ctx, name, &old);
	free(old.driver);
	free(old.pool);
	free(old.state);
	return err;
}
