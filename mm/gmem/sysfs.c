// SPDX-License-Identifier: GPL-2.0
/*
 * The files of /sys/class/gmem.  They are described for users in
 * Documentation/ABI/testing/sysfs-class-gmem.
 *
 * Files that show something take at most spinlocks: they are read while the
 * administrator's writes take their time.  node<N>/tier asks a chain of notifiers
 * as well, none of which waits for those.
 */
#include <linux/ctype.h>
#include <linux/kobject.h>
#include <linux/memory-tiers.h>
#include <linux/minmax.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/topology.h>

#include "internal.h"

/* The directory node<N> of a pool, there as long as ranges are on that node. */
struct gmem_node {
	struct kobject kobj;
	struct list_head list;		/* &gmem_pool.nodes */
	struct gmem_pool *pool;
	int nid;
	unsigned int nr_ranges;		/* gmem_admin_mutex */
};

static u64 granules_to_bytes(unsigned long granules)
{
	return (u64)granules << (GMEM_GRANULE_ORDER + PAGE_SHIFT);
}

/* A number of bytes with an optional suffix, and nothing else but white space. */
static int parse_size(const char *text, u64 *size)
{
	static const char suffixes[] = "kmgtp";
	unsigned int shift = 0;
	char digits[24];
	const char *suffix;
	size_t len;
	u64 value;

	text = skip_spaces(text);
	len = strspn(text, "0123456789");
	if (!len || len >= sizeof(digits))
		return -EINVAL;
	strscpy(digits, text, len + 1);
	if (kstrtou64(digits, 10, &value))
		return -EINVAL;

	text += len;
	if (*text && !isspace(*text)) {
		suffix = strchr(suffixes, tolower(*text));
		if (!suffix)
			return -EINVAL;
		shift = 10 * (suffix - suffixes + 1);
		text++;
	}
	if (*skip_spaces(text) || check_shl_overflow(value, shift, size))
		return -EINVAL;
	return 0;
}

static const char bad_size[] =
	"write bytes, or a number with the suffix K, M, G, T or P";
/* More than any machine has, and far from an overflow when added to. */
#define MAX_KEEP_FREE	BIT_ULL(56)

/* What cannot be understood. */
static int refuse(struct gmem_pool *pool, const char *why)
{
	int ret;

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (ret)
		return ret;
	gmem_error(pool, "%s", why);
	return -EINVAL;
}

/* Files of the class. */

static int parse_create(char *text, struct gmem_create *args)
{
	char *word, *key;

	*args = (struct gmem_create){
		.nid = NUMA_NO_NODE,
		.return_delay = GMEM_RETURN_DELAY,
	};
	while ((word = strsep(&text, " \t\n"))) {
		if (!*word)
			continue;
		if (!args->name) {
			args->name = word;
			continue;
		}
		key = strsep(&word, "=");
		if (!word)
			return -EINVAL;
		if (!strcmp(key, "size")) {
			if (parse_size(word, &args->size))
				return -EINVAL;
		} else if (!strcmp(key, "node")) {
			if (kstrtoint(word, 10, &args->nid))
				return -EINVAL;
		} else if (!strcmp(key, "max")) {
			if (parse_size(word, &args->max))
				return -EINVAL;
		} else if (!strcmp(key, "delay")) {
			if (kstrtouint(word, 10, &args->return_delay))
				return -EINVAL;
		} else {
			return -EINVAL;
		}
	}
	return args->name ? 0 : -EINVAL;
}

static const char create_usage[] =
	"write: <name> [size=<bytes>] [node=<nid>] [max=<bytes>] [delay=<ms>]";

static ssize_t create_store(const struct class *class,
			    const struct class_attribute *attr,
			    const char *buf, size_t count)
{
	struct gmem_create args;
	int ret;

	char *text __free(kfree) = kstrndup(buf, count, GFP_KERNEL);
	if (!text)
		return -ENOMEM;

	ret = parse_create(text, &args);
	if (ret)
		return refuse(NULL, create_usage);
	ret = gmem_pool_create(&args);
	return ret ?: count;
}
static CLASS_ATTR_WO(create);

static ssize_t delete_store(const struct class *class,
			    const struct class_attribute *attr,
			    const char *buf, size_t count)
{
	int ret;

	char *text __free(kfree) = kstrndup(buf, count, GFP_KERNEL);
	if (!text)
		return -ENOMEM;

	ret = gmem_pool_delete(strim(text));
	return ret ?: count;
}
static CLASS_ATTR_WO(delete);

static ssize_t keep_free_show(const struct class *class,
			      const struct class_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", PFN_PHYS(READ_ONCE(gmem_keep_free)));
}

static ssize_t keep_free_store(const struct class *class,
			       const struct class_attribute *attr,
			       const char *buf, size_t count)
{
	u64 bytes;
	int ret;

	if (parse_size(buf, &bytes) || bytes > MAX_KEEP_FREE)
		return refuse(NULL, bad_size);

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (ret)
		return ret;
	gmem_clear_error(NULL);
	WRITE_ONCE(gmem_keep_free, PHYS_PFN(round_up(bytes, PAGE_SIZE)));
	return count;
}
static CLASS_ATTR_RW(keep_free);

static ssize_t last_error_show(const struct class *class,
			       const struct class_attribute *attr, char *buf)
{
	return gmem_show_error(NULL, buf);
}

static struct class_attribute class_attr_last_error = __ATTR_RO(last_error);

static struct attribute *gmem_class_attrs[] = {
	&class_attr_create.attr,
	&class_attr_delete.attr,
	&class_attr_keep_free.attr,
	&class_attr_last_error.attr,
	NULL
};

static const struct attribute_group gmem_class_group = {
	.attrs = gmem_class_attrs,
};

const struct attribute_group *gmem_class_groups[] = {
	&gmem_class_group,
	NULL
};

/* Files of a pool. */

#define POOL_NUMBER(_name, _format, _value)				\
static ssize_t _name##_show(struct device *dev,				\
			    struct device_attribute *attr, char *buf)	\
{									\
	struct gmem_pool *pool = to_gmem_pool(dev);			\
									\
	return sysfs_emit(buf, _format "\n", _value);			\
}

POOL_NUMBER(size, "%llu", PFN_PHYS(READ_ONCE(pool->nr_pages)))
POOL_NUMBER(scrubbed, "%llu", granules_to_bytes(READ_ONCE(pool->nr_clean)))
POOL_NUMBER(largest_free, "%llu", granules_to_bytes(gmem_largest_free(pool)))
POOL_NUMBER(poisoned, "%llu", granules_to_bytes(READ_ONCE(pool->nr_bad)))
POOL_NUMBER(users, "%u", READ_ONCE(pool->nr_backings))
POOL_NUMBER(node, "%d", READ_ONCE(pool->node))
POOL_NUMBER(progress, "%llu", READ_ONCE(pool->progress))
POOL_NUMBER(reserved, "%llu", PFN_PHYS(READ_ONCE(pool->reserved)))
static DEVICE_ATTR_RO(scrubbed);
static DEVICE_ATTR_RO(largest_free);
static DEVICE_ATTR_RO(poisoned);
static DEVICE_ATTR_RO(users);
static DEVICE_ATTR_RO(progress);

static ssize_t set_bytes(struct device *dev, const char *buf, size_t count,
			 int (*set)(struct gmem_pool *pool, u64 bytes))
{
	struct gmem_pool *pool = to_gmem_pool(dev);
	u64 bytes;
	int ret;

	if (parse_size(buf, &bytes))
		return refuse(pool, bad_size);
	ret = set(pool, bytes);
	return ret ?: count;
}

static ssize_t size_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	return set_bytes(dev, buf, count, gmem_pool_resize);
}
static DEVICE_ATTR_RW(size);

static ssize_t reserved_store(struct device *dev,
			      struct device_attribute *attr,
			      const char *buf, size_t count)
{
	return set_bytes(dev, buf, count, gmem_pool_reserve);
}
static DEVICE_ATTR_RW(reserved);

POOL_NUMBER(max, "%llu", PFN_PHYS(READ_ONCE(pool->max)))
POOL_NUMBER(return_delay, "%u", READ_ONCE(pool->return_delay))

static ssize_t max_store(struct device *dev, struct device_attribute *attr,
			 const char *buf, size_t count)
{
	struct gmem_pool *pool = to_gmem_pool(dev);
	u64 max;
	int ret;

	if (parse_size(buf, &max))
		return refuse(pool, bad_size);

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (ret)
		return ret;
	gmem_clear_error(pool);
	gmem_elastic_set_max(pool, max >> PAGE_SHIFT);
	return count;
}
static DEVICE_ATTR_RW(max);

static ssize_t return_delay_store(struct device *dev,
				  struct device_attribute *attr,
				  const char *buf, size_t count)
{
	struct gmem_pool *pool = to_gmem_pool(dev);
	unsigned int ms;
	int ret;

	if (kstrtouint(buf, 10, &ms))
		return refuse(pool, "write milliseconds");

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (ret)
		return ret;
	gmem_clear_error(pool);
	gmem_elastic_set_delay(pool, ms);
	return count;
}
static DEVICE_ATTR_RW(return_delay);

static ssize_t compact_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	struct gmem_pool *pool = to_gmem_pool(dev);
	int ret;

	if (!sysfs_streq(buf, "1"))
		return refuse(pool, "write 1");
	ret = gmem_pool_compact(pool);
	return ret ?: count;
}
static DEVICE_ATTR_WO(compact);

static ssize_t free_blocks_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	unsigned long counts[GMEM_NR_ORDERS];
	unsigned int i;
	int len = 0;

	gmem_count_free(to_gmem_pool(dev), counts);
	for (i = 0; i < GMEM_NR_ORDERS; i++)
		len += sysfs_emit_at(buf, len, "%lu%c", counts[i],
				     i + 1 < GMEM_NR_ORDERS ? ' ' : '\n');
	return len;
}
static DEVICE_ATTR_RO(free_blocks);

static ssize_t node_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct gmem_pool *pool = to_gmem_pool(dev);
	int nid, ret;

	ret = kstrtoint(buf, 10, &nid);
	if (ret || (nid != NUMA_NO_NODE && (nid < 0 || nid >= nr_node_ids ||
					    !node_possible(nid))))
		return refuse(pool, "write the number of a node, or -1 for any");

	ACQUIRE(mutex_intr, lock)(&gmem_admin_mutex);
	ret = ACQUIRE_ERR(mutex_intr, &lock);
	if (ret)
		return ret;
	gmem_clear_error(pool);
	WRITE_ONCE(pool->node, nid);
	return count;
}
static DEVICE_ATTR_RW(node);

static ssize_t available_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	struct gmem_pool *pool = to_gmem_pool(dev);
	unsigned long nr;

	scoped_guard(spinlock, &pool->lock)
		nr = pool->nr_free + pool->nr_scrubbing;
	return sysfs_emit(buf, "%llu\n", granules_to_bytes(nr));
}
static DEVICE_ATTR_RO(available);

static ssize_t nodes_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct gmem_pool *pool = to_gmem_pool(dev);
	nodemask_t nodes = NODE_MASK_NONE;
	struct gmem_range *range;

	scoped_guard(spinlock, &pool->lock)
		list_for_each_entry(range, &pool->ranges, list)
			node_set(range->nid, nodes);
	return sysfs_emit(buf, "%*pbl\n", nodemask_pr_args(&nodes));
}
static DEVICE_ATTR_RO(nodes);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	static const char * const names[] = {
		[GMEM_IDLE]	= "idle",
		[GMEM_GROWING]	= "growing",
		[GMEM_SHRINKING] = "shrinking",
		[GMEM_DELETING]	= "deleting",
	};
	struct gmem_pool *pool = to_gmem_pool(dev);

	return sysfs_emit(buf, "%s\n", names[READ_ONCE(pool->state)]);
}
static DEVICE_ATTR_RO(state);

static ssize_t pool_last_error_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	return gmem_show_error(to_gmem_pool(dev), buf);
}

static struct device_attribute dev_attr_last_error =
	__ATTR(last_error, 0444, pool_last_error_show, NULL);

static struct attribute *gmem_pool_attrs[] = {
	&dev_attr_size.attr,
	&dev_attr_node.attr,
	&dev_attr_nodes.attr,
	&dev_attr_available.attr,
	&dev_attr_scrubbed.attr,
	&dev_attr_largest_free.attr,
	&dev_attr_free_blocks.attr,
	&dev_attr_compact.attr,
	&dev_attr_reserved.attr,
	&dev_attr_max.attr,
	&dev_attr_return_delay.attr,
	&dev_attr_users.attr,
	&dev_attr_poisoned.attr,
	&dev_attr_state.attr,
	&dev_attr_progress.attr,
	&dev_attr_last_error.attr,
	NULL
};

static const struct attribute_group gmem_pool_group = {
	.attrs = gmem_pool_attrs,
};

const struct attribute_group *gmem_pool_groups[] = {
	&gmem_pool_group,
	NULL
};

/* Directories below a pool: what they need of kobjects. */

struct dir_attribute {
	struct attribute attr;
	ssize_t (*show)(struct kobject *kobj, char *buf);
};

static ssize_t dir_show(struct kobject *kobj, struct attribute *attr, char *buf)
{
	return container_of(attr, struct dir_attribute, attr)->show(kobj, buf);
}

static const struct sysfs_ops dir_sysfs_ops = {
	.show = dir_show,
};

#define DIR_ATTR(_dir, _name, _mode)					\
static struct dir_attribute _dir##_attr_##_name = {			\
	.attr = { .name = #_name, .mode = _mode },			\
	.show = _dir##_##_name##_show,					\
}

/*
 * Free granules of a range, with those that are being scrubbed; of a range that is
 * shut only these, as in the sums of the pool.
 */
static unsigned long range_available(const struct gmem_range *range)
{
	if (range->shut)
		return bitmap_weight(range->scrubbing, range->nr_granules);
	return range->nr_granules -
	       bitmap_weight_andnot(range->taken, range->scrubbing,
				    range->nr_granules);
}

/* node<N> */

static ssize_t node_sum_show(struct kobject *kobj, char *buf, bool available)
{
	struct gmem_node *node = container_of(kobj, struct gmem_node, kobj);
	struct gmem_range *range;
	u64 sum = 0;

	scoped_guard(spinlock, &node->pool->lock) {
		list_for_each_entry(range, &node->pool->ranges, list) {
			if (range->nid != node->nid)
				continue;
			sum += available ?
			       granules_to_bytes(range_available(range)) :
			       PFN_PHYS(range->nr_pages);
		}
	}
	return sysfs_emit(buf, "%llu\n", sum);
}

static ssize_t node_size_show(struct kobject *kobj, char *buf)
{
	return node_sum_show(kobj, buf, false);
}
DIR_ATTR(node, size, 0444);

static ssize_t node_available_show(struct kobject *kobj, char *buf)
{
	return node_sum_show(kobj, buf, true);
}
DIR_ATTR(node, available, 0444);

/* Memory of drivers is slower than DRAM if nobody knows better, as for kmem. */
#define DEFAULT_DAX_ADISTANCE	(5 * MEMTIER_ADISTANCE_DRAM)

static ssize_t node_tier_show(struct kobject *kobj, char *buf)
{
	struct gmem_node *node = container_of(kobj, struct gmem_node, kobj);
	int adistance = DEFAULT_DAX_ADISTANCE;
	struct gmem_range *range;

	scoped_guard(spinlock, &node->pool->lock)
		list_for_each_entry(range, &node->pool->ranges, list)
			if (range->nid == node->nid && !range->loan)
				adistance = MEMTIER_ADISTANCE_DRAM;
	mt_calc_adistance(node->nid, &adistance);
	return sysfs_emit(buf, "%d\n", adistance >> MEMTIER_CHUNK_BITS);
}
DIR_ATTR(node, tier, 0444);

static ssize_t node_distance_show(struct kobject *kobj, char *buf)
{
	struct gmem_node *node = container_of(kobj, struct gmem_node, kobj);
	int nid, distance = INT_MAX;

	for_each_node_state(nid, N_CPU)
		distance = min(distance, node_distance(nid, node->nid));
	return sysfs_emit(buf, "%d\n", distance);
}
DIR_ATTR(node, distance, 0444);

static struct attribute *gmem_node_attrs[] = {
	&node_attr_size.attr,
	&node_attr_available.attr,
	&node_attr_tier.attr,
	&node_attr_distance.attr,
	NULL
};
ATTRIBUTE_GROUPS(gmem_node);

static void gmem_node_release(struct kobject *kobj)
{
	kfree(container_of(kobj, struct gmem_node, kobj));
}

static const struct kobj_type gmem_node_ktype = {
	.release = gmem_node_release,
	.sysfs_ops = &dir_sysfs_ops,
	.default_groups = gmem_node_groups,
};

static struct gmem_node *find_node(struct gmem_pool *pool, int nid)
{
	struct gmem_node *node;

	lockdep_assert_held(&gmem_admin_mutex);
	list_for_each_entry(node, &pool->nodes, list)
		if (node->nid == nid)
			return node;
	return NULL;
}

static int get_node_dir(struct gmem_pool *pool, int nid)
{
	struct gmem_node *node = find_node(pool, nid);
	int ret;

	if (!node) {
		node = kzalloc_obj(*node);
		if (!node)
			return -ENOMEM;
		node->pool = pool;
		node->nid = nid;
		ret = kobject_init_and_add(&node->kobj, &gmem_node_ktype,
					   &pool->dev.kobj, "node%d", nid);
		if (ret) {
			kobject_put(&node->kobj);
			return ret;
		}
		list_add_tail(&node->list, &pool->nodes);
	}
	node->nr_ranges++;
	return 0;
}

static void put_node_dir(struct gmem_pool *pool, int nid)
{
	struct gmem_node *node = find_node(pool, nid);

	if (--node->nr_ranges)
		return;
	list_del(&node->list);
	kobject_del(&node->kobj);
	kobject_put(&node->kobj);
}

/* range<N> */

static struct gmem_range *to_gmem_range(struct kobject *kobj)
{
	return container_of(kobj, struct gmem_range, kobj);
}

static ssize_t range_start_show(struct kobject *kobj, char *buf)
{
	return sysfs_emit(buf, "0x%llx\n", PFN_PHYS(to_gmem_range(kobj)->pfn));
}
DIR_ATTR(range, start, 0400);

static ssize_t range_size_show(struct kobject *kobj, char *buf)
{
	return sysfs_emit(buf, "%llu\n",
			  PFN_PHYS(READ_ONCE(to_gmem_range(kobj)->nr_pages)));
}
DIR_ATTR(range, size, 0444);

static ssize_t range_node_show(struct kobject *kobj, char *buf)
{
	return sysfs_emit(buf, "%d\n", to_gmem_range(kobj)->nid);
}
DIR_ATTR(range, node, 0444);

static ssize_t range_available_show(struct kobject *kobj, char *buf)
{
	struct gmem_range *range = to_gmem_range(kobj);
	unsigned long nr;

	scoped_guard(spinlock, &range->pool->lock)
		nr = range_available(range);
	return sysfs_emit(buf, "%llu\n", granules_to_bytes(nr));
}
DIR_ATTR(range, available, 0444);

static ssize_t range_origin_show(struct kobject *kobj, char *buf)
{
	static const char * const names[] = {
		[GMEM_ORIGIN_BOOT]	= "boot",
		[GMEM_ORIGIN_RAM]	= "ram",
		[GMEM_ORIGIN_DAX]	= "dax",
	};

	return sysfs_emit(buf, "%s\n", names[to_gmem_range(kobj)->origin]);
}
DIR_ATTR(range, origin, 0444);

static ssize_t range_device_show(struct kobject *kobj, char *buf)
{
	const struct gmem_loan *loan = to_gmem_range(kobj)->loan;

	return sysfs_emit(buf, "%s\n", loan ? loan->name : "");
}
DIR_ATTR(range, device, 0444);

static struct attribute *gmem_range_attrs[] = {
	&range_attr_start.attr,
	&range_attr_size.attr,
	&range_attr_node.attr,
	&range_attr_available.attr,
	&range_attr_origin.attr,
	&range_attr_device.attr,
	NULL
};
ATTRIBUTE_GROUPS(gmem_range);

static void gmem_range_release(struct kobject *kobj)
{
	struct gmem_range *range = to_gmem_range(kobj);

	kvfree(range->taken);
	kvfree(range->dirty);
	kvfree(range->scrubbing);
	kvfree(range->bad);
	kfree(range);
}

const struct kobj_type gmem_range_ktype = {
	.release = gmem_range_release,
	.sysfs_ops = &dir_sysfs_ops,
	.default_groups = gmem_range_groups,
};

/**
 * gmem_sysfs_add_range - show a range, and its node
 * @range: a range that has a pool
 *
 * Context: gmem_admin_mutex held.
 * Return: 0 or -ENOMEM.
 */
int gmem_sysfs_add_range(struct gmem_range *range)
{
	struct gmem_pool *pool = range->pool;
	int ret;

	ret = ida_alloc(&pool->range_ids, GFP_KERNEL);
	if (ret < 0)
		return ret;
	range->id = ret;
	ret = get_node_dir(pool, range->nid);
	if (ret)
		goto err_id;
	ret = kobject_add(&range->kobj, &pool->dev.kobj, "range%d", range->id);
	if (ret)
		goto err_node;
	return 0;

err_node:
	put_node_dir(pool, range->nid);
err_id:
	ida_free(&pool->range_ids, range->id);
	range->id = -1;
	return ret;
}

/**
 * gmem_sysfs_del_range - undo gmem_sysfs_add_range()
 * @range: the range
 *
 * Context: gmem_admin_mutex held.
 */
void gmem_sysfs_del_range(struct gmem_range *range)
{
	struct gmem_pool *pool = range->pool;

	kobject_del(&range->kobj);
	put_node_dir(pool, range->nid);
	ida_free(&pool->range_ids, range->id);
	range->id = -1;
}
