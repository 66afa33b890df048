// SPDX-License-Identifier: GPL-2.0
/* The verbs that there are. */
#include <string.h>

#include "gmemctl.h"

/* In the order in which they are listed; ends with NULL. */
const struct verb *const verbs[] = {
	&verb_list,
	&verb_create_pool,
	&verb_resize_pool,
	&verb_destroy_pool,
	&verb_compact_pool,
	&verb_keep_free,
	&verb_reconfigure_device,
	&verb_offline,
	&verb_online,
	&verb_save,
	&verb_restore,
	&verb_stat,
	&verb_monitor,
	&verb_doctor,
	&verb_help,
	&verb_version,
	NULL
};

const struct verb *find_verb(const char *name)
{
	const struct verb *const *verb;

	for (verb = verbs; *verb; verb++)
		if (!strcmp((*verb)->name, name))
			return *verb;
	return NULL;
}
