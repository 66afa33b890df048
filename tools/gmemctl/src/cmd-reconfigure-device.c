// SPDX-License-Identifier: GPL-2.0
/* gmemctl reconfigure-device */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "change.h"
#include "output.h"

struct reconfigure_opts {
	struct change_opts change;
	const char *mode;
	struct words pool;
	bool no_movable;
	bool force;
};

static const struct opt reconfigure_options[] = {
	{ 'm', "mode", OPT_MODE, "MODE",
	  offsetof(struct reconfigure_opts, mode),
	  "what the memory is to be: gmem (of a pool), devdax or system-ram" },
	{ 'p', "pool", OPT_POOLS, "NAME",
	  offsetof(struct reconfigure_opts, pool),
	  "with --mode=gmem: the pool that gets it, made if it is not there" },
	{ 0, "no-movable", OPT_FLAG, NULL,
	  offsetof(struct reconfigure_opts, no_movable),
	  "with --mode=system-ram: memory that the kernel may use for itself, too" },
	{ 'f', "force", OPT_FLAG, NULL,
	  offsetof(struct reconfigure_opts, force),
	  "even if the contents of persistent memory are lost" },
	{ 0 }
};

static const struct reason reconfigure_reasons[] = {
	{ EBUSY, "its memory is in use",
	  "gmemctl list -U shows who has memory of pools; System RAM must be movable" },
	{ ENOENT, "there is no such device",
	  "gmemctl list -D shows those that there are" },
	{ ENXIO, "the driver for this mode is not there",
	  "load it (device_dax, kmem), or boot a kernel with CONFIG_DEV_DAX_GMEM=y" },
	{ EIO, "the driver does not take it", "the kernel's log says why" },
	{ EINTR, "interrupted", NULL },
	{ 0 }
};

struct reconfigure {
	const char *mode_name;
	const char *device;
	enum gmem_dax_mode mode;
	const char *pool;
	bool make_pool;
	bool force;
};

static int do_reconfigure(struct gmem_ctx *ctx, const void *arg)
{
	const struct reconfigure *re = arg;
	bool made = false;
	int err = 0;

	if (re->make_pool) {
		err = gmem_create_pool(ctx, re->pool, 0, GMEM_NODE_ANY);
		made = !err;
	}
	if (err == -EEXIST)
		err = 0;
	if (!err)
		err = gmem_reconfigure_dax(ctx, re->device, re->mode, re->pool);
	/* The pool was made for this; one that somebody uses already stays. */
	if (err && made) {
		change_keep_words(ctx);
		gmem_delete_pool(ctx, re->pool);
	}
	return err;
}

static struct gmem_dax *find_dax(struct app *app, const char *name)
{
	struct gmem_dax *dax;

	if (gmem_scan_dax(app->ctx))
		return NULL;
	gmem_dax_foreach(app->ctx, dax)
		if (!strcmp(gmem_dax_get_name(dax), name))
			return dax;
	return NULL;
}

/* Is all as it was asked for? */
static bool is_done(const struct gmem_dax *dax, const char *mode,
		    const struct reconfigure *re)
{
	const char *now = gmem_dax_get_mode(dax);
	const char *pool = gmem_dax_get_pool(dax);
	const char *state = gmem_dax_get_state(dax);

	if (!now || strcmp(now, mode))
		return false;
	if (re->mode == GMEM_DAX_KERNEL_RAM)
		return state && !strcmp(state, "online_kernel");
	if (re->mode == GMEM_DAX_SYSTEM_RAM)
		return !state || !strncmp(state, "online", strlen("online"));
	if (re->mode == GMEM_DAX_GMEM)
		return re->pool ? pool && !strcmp(pool, re->pool) : !pool;
	return true;
}

/* Is there something in the device that would be overwritten? */
static bool loses_contents(const struct gmem_dax *dax,
			   const struct reconfigure *re)
{
	const char *mode = gmem_dax_get_mode(dax);

	if (!gmem_dax_is_persistent(dax))
		return false;
	/* They have overwritten it. */
	if (gmem_dax_get_pool(dax) || (mode && !strcmp(mode, "system-ram")))
		return false;
	return re->mode == GMEM_DAX_SYSTEM_RAM ||
	       re->mode == GMEM_DAX_KERNEL_RAM || re->pool;
}

static int refuse_to_lose(struct app *app, const char *mode,
			  const struct reconfigure *re)
{
	static const char cause[] =
		"it is persistent memory, and what is in it would be lost";
	static const char hint[] = "--force does it";

	error(app, re->device, "cannot become %s: %s", mode, cause);
	advise(hint);
	change_result(app, &(struct result){
		.pool = re->device, .result = "failed", .cause = cause,
		 .hint = hint });
	return RC_FAILED;
}

static int check_options(struct app *app, const struct reconfigure_opts *opts,
			 struct reconfigure *re)
{
	if (!opts->mode) {
		error(app, NULL, "--mode is missing: gmem, devdax or system-ram");
		return RC_USAGE;
	}
	if (gmem_dax_parse_mode(opts->mode, &re->mode)) {
		error(app, NULL, "--mode: '%s' is not gmem, devdax or system-ram",
		      opts->mode);
		return RC_USAGE;
	}
	if (opts->pool.nr > 1) {
		error(app, NULL, "--pool: a device can be in one pool only");
		return RC_USAGE;
	}
	if (opts->pool.nr && re->mode != GMEM_DAX_GMEM) {
		error(app, NULL, "--pool is for --mode=gmem");
		return RC_USAGE;
	}
	if (opts->no_movable && re->mode != GMEM_DAX_SYSTEM_RAM) {
		error(app, NULL, "--no-movable is for --mode=system-ram");
		return RC_USAGE;
	}
	if (opts->no_movable)
		re->mode = GMEM_DAX_KERNEL_RAM;
	if (opts->pool.nr)
		re->pool = opts->pool.v[0];
	re->mode_name = opts->mode;
	re->force = opts->force;
	return 0;
}

static void done(struct app *app, const char *mode, const char *before,
		 const struct reconfigure *re)
{
	if (re->pool)
		change_done(app, re->device, "device %s is %s now: pool %s has its memory",
			    re->device, mode, re->pool);
	else
		change_done(app, re->device, "device %s is %s now, and was %s",
			    re->device, mode, before);
}

static int reconfigure_one(struct app *app, const char *device, void *arg,
			   int *err)
{
	struct reconfigure *re = arg;
	const char *mode = re->mode_name;
	struct change change = {
		.pool = re->pool ? re->pool : device,
		.doing = "moving memory",
		.run = do_reconfigure,
		.arg = re,
	};
	struct gmem_dax *dax = find_dax(app, device);
	char *before;
	int rc;

	re->device = device;

	if (!dax) {
		*err = -ENOENT;
		return change_failed(app, reconfigure_reasons, re->device,
				     *err, false, NULL, "cannot become %s",
				     mode);
	}
	if (is_done(dax, mode, re)) {
		if (!app->opts->json)
			printf("device %s is %s already\n", re->device, mode);
		change_result(app, &(struct result){
			.pool = re->device, .result = "already" });
		return 0;
	}
	if (!re->force && loses_contents(dax, re))
		return refuse_to_lose(app, mode, re);
	before = format("%s", gmem_dax_get_mode(dax) ?
			gmem_dax_get_mode(dax) : "without a driver");
	gmem_dax_get_size(dax, &change.total);

	*err = change_run(app, &change);
	if (*err) {
		rc = change_failed(app, reconfigure_reasons, re->device, *err,
				   false, NULL, "cannot become %s", mode);
	} else {
		done(app, mode, before, re);
		re->make_pool = false;
		rc = 0;
	}
	free(before);
	return rc;
}

static int reconfigure(struct app *app, const void *arg, int nr,
		       char **operands)
{
	const struct reconfigure_opts *opts = arg;
	struct reconfigure re = { 0 };
	struct gmem_pool *pool;
	int rc;

	rc = check_options(app, opts, &re);
	if (!rc)
		rc = unsupported(app);
	if (rc)
		return rc;
	if (re.pool && gmem_pool_lookup(app->ctx, re.pool, &pool))
		re.make_pool = true;
	else if (re.pool)
		gmem_pool_unref(pool);

	rc = change_each(app, nr, operands, reconfigure_one, &re);
	/* The results are about devices; the pool is what has changed, too. */
	if (app->opts->json && re.pool &&
	    !gmem_pool_lookup(app->ctx, re.pool, &pool)) {
		json_add(json_section(app, pool_type.section), &pool_type,
			 pool);
		gmem_pool_unref(pool);
	}
	return rc;
}

const struct verb verb_reconfigure_device = {
	.name = "reconfigure-device",
	.operands = "DEVICE...",
	.complete = COMPLETE_DEVICES,
	.summary = "Make DAX devices memory of a pool, and back.",
	.opts = reconfigure_options,
	.opts_size = sizeof(struct reconfigure_opts),
	.min_operands = 1,
	.max_operands = -1,
	.changes = true,
	.run = reconfigure,
};
