// SPDX-License-Identifier: GPL-2.0
/*
 * The class "gmem", its devices, and /dev/gmem/<pool>: opening that file is
 * the right to take memory from the pool, and all that can be done with it.
 */
#include <linux/ctype.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "internal.h"

#define GMEM_MINORS	MINORMASK

static dev_t gmem_devt;
static DEFINE_IDA(gmem_minors);

static int gmem_open(struct inode *inode, struct file *file)
{
	/* The cdev holds a reference to the device as long as it is open. */
	file->private_data = container_of(inode->i_cdev, struct gmem_pool,
					  cdev);
	return nonseekable_open(inode, file);
}

static const struct file_operations gmem_fops = {
	.owner	= THIS_MODULE,
	.open	= gmem_open,
};

/**
 * gmem_pool_get_by_fd - find a pool by an open file
 * @fd: a file descriptor of /dev/gmem/<pool>
 *
 * Return: the pool with a reference, or ERR_PTR(-EINVAL) if @fd is anything
 * else.
 */
struct gmem_pool *gmem_pool_get_by_fd(int fd)
{
	struct gmem_pool *pool;

	CLASS(fd, f)(fd);
	if (fd_empty(f) || fd_file(f)->f_op != &gmem_fops)
		return ERR_PTR(-EINVAL);

	pool = fd_file(f)->private_data;
	get_device(&pool->dev);
	return pool;
}
EXPORT_SYMBOL_FOR_MODULES(gmem_pool_get_by_fd, "kvm");

static char *gmem_devnode(const struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0660;
	return kasprintf(GFP_KERNEL, "gmem/%s", dev_name(dev));
}

static void gmem_pool_release(struct device *dev)
{
	struct gmem_pool *pool = to_gmem_pool(dev);

	ida_free(&gmem_minors, MINOR(dev->devt));
	ida_destroy(&pool->range_ids);
	kfree(pool);
}

const struct class gmem_class = {
	.name		= "gmem",
	.class_groups	= gmem_class_groups,
	.dev_groups	= gmem_pool_groups,
	.devnode	= gmem_devnode,
	.dev_release	= gmem_pool_release,
};

/* Names that are files of the class, beside which the pools appear. */
static const char * const reserved_names[] = {
	"create", "delete", "keep_free", "last_error",
};

static bool name_valid(const char *name)
{
	const char *p;

	if (!isalnum(*name) || !isascii(*name))
		return false;
	for (p = name; *p; p++)
		if (!isascii(*p) || (!isalnum(*p) && !strchr("-_.", *p)))
			return false;
	return p - name < GMEM_POOL_NAME_LEN &&
	       match_string(reserved_names, ARRAY_SIZE(reserved_names),
			    name) < 0;
}

/**
 * gmem_device_add - make the device of a pool
 * @pool: an initialised pool; freed if this fails
 * @name: its name
 *
 * Context: gmem_admin_mutex held.
 * Return: 0, -EINVAL for a name that cannot be, -EEXIST, -ENOSPC, -ENOMEM.
 */
int gmem_device_add(struct gmem_pool *pool, const char *name)
{
	struct gmem_pool *other;
	int minor, ret;

	lockdep_assert_held(&gmem_admin_mutex);
	ret = -EINVAL;
	if (!name_valid(name))
		goto free;

	other = gmem_pool_get_by_name(name);
	ret = -EEXIST;
	if (!IS_ERR(other)) {
		gmem_pool_put(other);
		goto free;
	}

	minor = ida_alloc_max(&gmem_minors, GMEM_MINORS - 1, GFP_KERNEL);
	ret = minor;
	if (minor < 0)
		goto free;

	device_initialize(&pool->dev);
	pool->dev.class = &gmem_class;
	pool->dev.devt = MKDEV(MAJOR(gmem_devt), minor);
	ret = dev_set_name(&pool->dev, "%s", name);
	if (ret)
		goto put;

	cdev_init(&pool->cdev, &gmem_fops);
	pool->cdev.owner = THIS_MODULE;
	ret = cdev_device_add(&pool->cdev, &pool->dev);
	if (ret)
		goto put;
	return 0;

put:
	put_device(&pool->dev);
	return ret;
free:
	ida_destroy(&pool->range_ids);
	kfree(pool);
	return ret;
}

/**
 * gmem_device_del - remove the device of a pool that has no memory
 * @pool: the dead pool; the reference of gmem_device_add() goes with it
 *
 * Context: gmem_admin_mutex not held: this waits for those who write to a file
 * of the pool, and they may wait for the mutex.
 */
void gmem_device_del(struct gmem_pool *pool)
{
	cdev_device_del(&pool->cdev, &pool->dev);
	/* The pool is dead: nobody queues it any more. */
	cancel_delayed_work_sync(&pool->elastic);
	put_device(&pool->dev);
}

/**
 * gmem_event - tell udev about a change
 * @pool: the pool
 * @what: what changed, the value of GMEM_EVENT
 */
void gmem_event(struct gmem_pool *pool, const char *what)
{
	char event[32], *envp[2] = {};

	envp[0] = event;
	snprintf(event, sizeof(event), "GMEM_EVENT=%s", what);
	kobject_uevent_env(&pool->dev.kobj, KOBJ_CHANGE, envp);
}

/**
 * gmem_device_init - register the class and the device numbers
 *
 * Return: 0 or a negative errno.
 */
int __init gmem_device_init(void)
{
	int ret;

	ret = alloc_chrdev_region(&gmem_devt, 0, GMEM_MINORS, "gmem");
	if (ret)
		return ret;
	ret = class_register(&gmem_class);
	if (ret)
		unregister_chrdev_region(gmem_devt, GMEM_MINORS);
	return ret;
}
