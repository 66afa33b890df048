// SPDX-License-Identifier: GPL-2.0
/* A module that is built with nothing but the package of the kernel's headers. */
#include <linux/module.h>
#include <uapi/linux/gmem.h>

static int name_max = GMEM_POOL_NAME_LEN - 1;
module_param(name_max, int, 0444);
MODULE_PARM_DESC(name_max, "characters that the name of a pool may have");

MODULE_DESCRIPTION("Built with the headers of a Debian package");
MODULE_LICENSE("GPL");
