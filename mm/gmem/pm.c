// SPDX-License-Identifier: GPL-2.0
/*
 * Hibernation saves pages, and would lose memory that has none.  Refuse it
 * while any pool has memory.
 *
 * After a boot reservation it is refused for good.  The range was reserved when
 * the regions that are not to be saved were listed; when its pages are
 * returned and free, swsusp_free() takes them for its own and frees them again.
 */
#define pr_fmt(fmt) "gmem: " fmt

#include <linux/init.h>
#include <linux/notifier.h>
#include <linux/suspend.h>

#include "internal.h"

/* Pools do not grow between the check and the image; gmem_admin_mutex. */
static bool hibernating;

/**
 * gmem_hibernating - whether pools may not grow now
 *
 * Context: gmem_admin_mutex held.
 * Return: true if the machine is about to hibernate.
 */
bool gmem_hibernating(void)
{
	lockdep_assert_held(&gmem_admin_mutex);
	return hibernating;
}

static int refuse_hibernation(void)
{
	/* Whoever holds it changes a pool, and will be frozen doing so. */
	if (gmem_boot_reserved() || !mutex_trylock(&gmem_admin_mutex))
		return -EBUSY;
	hibernating = !gmem_total_pages();
	mutex_unlock(&gmem_admin_mutex);
	return hibernating ? 0 : -EBUSY;
}

static int gmem_pm_notify(struct notifier_block *nb, unsigned long event,
			  void *data)
{
	int ret = 0;

	switch (event) {
	case PM_HIBERNATION_PREPARE:
		ret = refuse_hibernation();
		if (ret)
			pr_err("no hibernation while pools have memory (%lu MiB) or change, or after gmem=\n",
			       gmem_total_pages() >> (20 - PAGE_SHIFT));
		break;
	case PM_POST_HIBERNATION:
		scoped_guard(mutex, &gmem_admin_mutex)
			hibernating = false;
		break;
	}
	return notifier_from_errno(ret);
}

static struct notifier_block gmem_pm_nb = {
	.notifier_call = gmem_pm_notify,
};

/**
 * gmem_pm_init - refuse hibernation from now on
 */
void __init gmem_pm_init(void)
{
	register_pm_notifier(&gmem_pm_nb);
}
