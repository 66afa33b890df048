// SPDX-License-Identifier: GPL-2.0
/**
 * DOC: The gmem DAX driver
 *
 * Binds to a device-dax instance as kmem does, and makes its memory a source
 * of a gmem pool, which gets no memmap.  See
 * Documentation/admin-guide/mm/gmem.rst, and mm/gmem/loan.c for what a pool does
 * with the memory.
 *
 * A device is bound by new_id, as those of the other drivers are, or at boot by
 * the parameter gmem.dax=.  Its memory then is nobody's until the name of a
 * pool is written to the file gmem/pool of the device.
 *
 * The driver core cannot be refused when it unbinds a device, and the memory
 * may belong to guests.  So there are no files bind and unbind; the file release
 * of the driver takes their place, and fails while a guest uses the memory.
 * When the device itself goes (its region is destroyed), remove() waits.
 *
 * The driver is part of the kernel whenever the DAX bus is, so that it is there
 * before kmem and can get a device first.
 */
#include <linux/cleanup.h>
#include <linux/device.h>
#include <linux/gmem.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pgtable.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "bus.h"
#include "dax-private.h"

#define DEFAULT_POOL	"dax"

struct dax_gmem {
	struct gmem_loan loan;
	struct range pieces[];
};

static char *dax_claims;
module_param_named(dax, dax_claims, charp, 0444);
MODULE_PARM_DESC(dax,
		 "devices to take at boot, and for which pools: <device>|all[:<pool>],...");

/* One writer of the file release at a time. */
static DEFINE_MUTEX(release_mutex);

/*
 * Does the parameter name the device?  Returns the length of the pool's name,
 * 0 for the default, or -ENOENT.  "All" are those that kmem would get: what is
 * in the others, which is persistent memory, may be worth more than the memory.
 */
static int find_claim(const struct dev_dax *dev_dax, const char **pool)
{
	bool volatile_ram = dev_dax->region->res.flags & IORESOURCE_DAX_KMEM;
	const char *device = dev_name(&dev_dax->dev);
	const char *word = dax_claims, *end;
	size_t len, name;

	for (; word && *word; word = *end ? end + 1 : end) {
		end = strchrnul(word, ',');
		len = end - word;
		name = strcspn(word, ":,");
		if (!(name == strlen(device) &&
		      !strncmp(word, device, name)) &&
		    !(volatile_ram && name == 3 && !strncmp(word, "all", 3)))
			continue;
		*pool = word + name + 1;
		return name < len ? len - name - 1 : 0;
	}
	return -ENOENT;
}

static bool dax_gmem_match(struct dev_dax *dev_dax)
{
	const char *pool;

	return find_claim(dev_dax, &pool) >= 0;
}

/* A device that boot takes stays ours if that fails: kmem would get it. */
static void lend_at_boot(struct dev_dax *dev_dax, struct dax_gmem *gmem)
{
	struct device *dev = &dev_dax->dev;
	const char *pool;
	int len, ret;

	len = find_claim(dev_dax, &pool);
	if (len < 0)
		return;
	char *name __free(kfree) = kstrndup(len ? pool : DEFAULT_POOL,
					    len ?: sizeof(DEFAULT_POOL) - 1,
					    GFP_KERNEL);
	ret = name ? gmem_loan_lend(&gmem->loan, name, true) : -ENOMEM;
	if (ret)
		dev_warn(dev, "gmem: pool %s cannot have the memory: %s (%d)\n",
			 name ?: "?", gmem->loan.last_error.text, ret);
}

static int dax_gmem_probe(struct dev_dax *dev_dax)
{
	struct device *dev = &dev_dax->dev;
	struct dax_gmem *gmem;
	int i;

	/* As for kmem: memory of unknown speed must not mix with other. */
	if (dev_dax->target_node < 0) {
		dev_warn(dev, "gmem: the memory is on no node\n");
		return -EINVAL;
	}
	gmem = kzalloc_flex(*gmem, pieces, dev_dax->nr_range);
	if (!gmem)
		return -ENOMEM;
	for (i = 0; i < dev_dax->nr_range; i++)
		gmem->pieces[i] = dev_dax->ranges[i].range;
	gmem->loan.name = dev_name(dev);
	gmem->loan.nid = dev_dax->target_node;
	gmem->loan.pieces = gmem->pieces;
	gmem->loan.nr_pieces = dev_dax->nr_range;
	dev_set_drvdata(dev, gmem);
	lend_at_boot(dev_dax, gmem);
	return 0;
}

static void dax_gmem_remove(struct dev_dax *dev_dax)
{
	struct dax_gmem *gmem = dev_get_drvdata(&dev_dax->dev);

	gmem_loan_revoke(&gmem->loan);
	kfree(gmem);
}

/* Files of a device: its directory gmem. */

static ssize_t pool_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	struct dax_gmem *gmem = dev_get_drvdata(dev);

	return gmem_loan_show_pool(&gmem->loan, buf);
}

static ssize_t pool_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct dax_gmem *gmem = dev_get_drvdata(dev);
	char *name;
	int ret;

	char *text __free(kfree) = kstrndup(buf, count, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	name = strim(text);
	ret = *name ? gmem_loan_lend(&gmem->loan, name, false) :
		      gmem_loan_return(&gmem->loan);
	return ret ?: count;
}
static DEVICE_ATTR_RW(pool);

static ssize_t last_error_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct dax_gmem *gmem = dev_get_drvdata(dev);

	return gmem_loan_show_error(&gmem->loan, buf);
}
static DEVICE_ATTR_RO(last_error);

static struct attribute *dax_gmem_dev_attrs[] = {
	&dev_attr_pool.attr,
	&dev_attr_last_error.attr,
	NULL
};

static const struct attribute_group dax_gmem_dev_group = {
	.name = "gmem",
	.attrs = dax_gmem_dev_attrs,
};

static const struct attribute_group *dax_gmem_dev_groups[] = {
	&dax_gmem_dev_group,
	NULL
};

/* Files of the driver. */

static ssize_t release_store(struct device_driver *drv, const char *buf,
			     size_t count)
{
	struct dax_gmem *gmem;
	int ret = -ENODEV;

	char *text __free(kfree) = kstrndup(buf, count, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	struct device *dev __free(put_device) =
		bus_find_device_by_name(drv->bus, NULL, strim(text));
	if (!dev)
		return -ENODEV;

	guard(mutex)(&release_mutex);
	scoped_guard(device, dev) {
		if (dev->driver == drv) {
			gmem = dev_get_drvdata(dev);
			ret = gmem_loan_close(&gmem->loan);
		}
	}
	if (ret)
		return ret;
	device_release_driver(dev);
	return count;
}
static DRIVER_ATTR_WO(release);

static struct attribute *dax_gmem_drv_attrs[] = {
	&driver_attr_release.attr,
	NULL
};
ATTRIBUTE_GROUPS(dax_gmem_drv);

static struct dax_device_driver dax_gmem_driver = {
	.probe = dax_gmem_probe,
	.remove = dax_gmem_remove,
	.match = dax_gmem_match,
	.drv = {
		.groups = dax_gmem_drv_groups,
		.dev_groups = dax_gmem_dev_groups,
		.suppress_bind_attrs = true,
	},
};

static int __init dax_gmem_init(void)
{
	return dax_driver_register(&dax_gmem_driver);
}

/* Linked before kmem, and so registered before it. */
device_initcall(dax_gmem_init);
