// SPDX-License-Identifier: GPL-2.0
/* gmemctl list --devices: DAX devices, whose memory can be that of pools. */
#include <errno.h>
#include <string.h>

#include "gmemctl.h"
#include "list.h"
#include "output.h"

#define TEXT_GETTER(value)						\
static int dax_##value(const void *object, struct cell *cell)		\
{									\
	cell->text = gmem_dax_get_##value(object);			\
	return cell->text ? 0 : -ENODATA;				\
}

TEXT_GETTER(name)
TEXT_GETTER(mode)
TEXT_GETTER(driver)
TEXT_GETTER(pool)
TEXT_GETTER(state)
TEXT_GETTER(source)

static int dax_node(const void *object, struct cell *cell)
{
	return gmem_dax_get_node(object, &cell->node);
}

static int dax_size(const void *object, struct cell *cell)
{
	return gmem_dax_get_size(object, &cell->num);
}

static int dax_start(const void *object, struct cell *cell)
{
	return gmem_dax_get_start(object, &cell->num);
}

static int dax_persistent(const void *object, struct cell *cell)
{
	cell->text = gmem_dax_is_persistent(object) ? "yes" : "no";
	return 0;
}

static const struct column device_columns[] = {
	{ "DEVICE", "device", COL_TEXT, true, dax_name, NULL,
	  "name of the device" },
	{ "MODE", "mode", COL_TEXT, true, dax_mode, NULL,
	  "what it is used for: gmem, devdax or system-ram" },
	{ "POOL", "pool", COL_TEXT, true, dax_pool, NULL,
	  "the pool that has its memory" },
	{ "NODE", "node", COL_NODE, true, dax_node, NULL, "NUMA node" },
	{ "SIZE", "size", COL_BYTES, true, dax_size, NULL, "its memory" },
	{ "STATE", "state", COL_TEXT, true, dax_state, NULL,
	  "with system-ram: whether it is online" },
	{ "DRIVER", "driver", COL_TEXT, false, dax_driver, NULL,
	  "the driver that has it" },
	{ "SOURCE", "source", COL_TEXT, false, dax_source, NULL,
	  "what it is made of: hmem (set apart by the firmware), cxl or pmem" },
	{ "START", "start", COL_ADDRESS, false, dax_start, NULL,
	  "first physical address, for root" },
	{ "PERSISTENT", "persistent", COL_TEXT, false, dax_persistent, NULL,
	  "whether it is persistent memory, whose contents a pool would overwrite" },
	{ 0 }
};

const struct object_type device_type = {
	.section = "devices",
	.title = "Columns with --devices",
	.columns = device_columns,
};

static bool device_matches(const struct list_opts *opts,
			   const struct gmem_dax *dax)
{
	const char *pool = gmem_dax_get_pool(dax);
	int node;

	if (opts->pools.nr && !(pool && has_word(&opts->pools, pool)))
		return false;
	return !opts->nodes.set ||
	       (!gmem_dax_get_node(dax, &node) && node >= 0 &&
		node < NODELIST_MAX && opts->nodes.has[node]);
}

static int each_device(struct app *app, const struct list_opts *opts,
		       struct sink *sink)
{
	struct gmem_dax *dax;
	int err;

	err = gmem_scan_dax(app->ctx);
	if (err) {
		error(app, NULL, "cannot read the DAX devices: %s",
		      strerror(-err));
		return exit_code_of(err);
	}
	gmem_dax_foreach(app->ctx, dax)
		if (device_matches(opts, dax))
			sink->add(sink, dax);
	return 0;
}

const struct kind device_kind = {
	.row = &device_type,
	.json = &device_type,
	.each_row = each_device,
	.each_json = each_device,
};
