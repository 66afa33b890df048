// SPDX-License-Identifier: GPL-2.0
/* gmemctl doctor: the pools that there are, and those that there should be. */
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "config.h"
#include "doctor.h"
#include "host.h"
#include "plan.h"

#define GIB	(1ULL << 30)

static bool no_kernel(const struct doctor *doctor)
{
	return gmem_check_supported(doctor->app->ctx);
}

void check_poison(struct doctor *doctor)
{
	struct gmem_pool *pool;
	char text[SIZE_TEXT];
	bool said = false;
	uint64_t bytes;

	if (no_kernel(doctor))
		return;
	gmem_pool_foreach(doctor->app->ctx, pool) {
		if (gmem_pool_get_poisoned(pool, &bytes) || !bytes)
			continue;
		finding(doctor, STATUS_WARN,
			"have the memory looked at: the kernel's log and rasdaemon name the module",
			"pool %s: %s is out of use because of memory errors",
			gmem_pool_get_name(pool), size_format(text, bytes));
		said = true;
	}
	if (!said)
		finding(doctor, STATUS_OK, NULL, "no pool has memory errors");
}

void check_fragmentation(struct doctor *doctor)
{
	uint64_t available, largest;
	char text[SIZE_TEXT], text2[SIZE_TEXT];
	struct gmem_pool *pool;
	bool said = false;

	if (no_kernel(doctor))
		return;
	gmem_pool_foreach(doctor->app->ctx, pool) {
		if (gmem_pool_get_available(pool, &available) ||
		    gmem_pool_get_largest_free(pool, &largest) ||
		    available < GIB || largest >= GIB)
			continue;
		finding(doctor, STATUS_WARN,
			"stop guests with small memory, or make the pool larger",
			"pool %s: the largest free piece of %s is %s, too small for 1 GiB entries",
			gmem_pool_get_name(pool), size_format(text, available),
			size_format(text2, largest));
		said = true;
	}
	if (!said)
		finding(doctor, STATUS_OK, NULL,
			"no pool is too fragmented for 1 GiB entries");
}

/*
 * Is it one that was not made by a parameter of the kernel?  With gmem.dax= that
 * cannot be told of memory of devices.
 */
static bool is_made_at_run_time(const struct doctor *doctor,
				struct gmem_pool *pool)
{
	struct gmem_range *range;
	const char *origin;
	uint64_t max = 0;
	char *cmdline;
	bool devices = false, ram = false;

	gmem_range_foreach(pool, range) {
		origin = gmem_range_get_origin(range);
		ram = ram || (origin && !strcmp(origin, "ram"));
		devices = devices || gmem_range_get_device(range);
	}
	if (ram)
		return true;
	gmem_pool_get_max(pool, &max);
	if (!gmem_range_get_first(pool))
		return max;
	cmdline = host_read(doctor->app, "proc/cmdline");
	if (cmdline && strstr(cmdline, "gmem.dax="))
		devices = false;
	free(cmdline);
	return devices;
}

static bool check_keep_free(struct doctor *doctor)
{
	const struct config *config = doctor->config;
	char text[SIZE_TEXT], text2[SIZE_TEXT];
	uint64_t now = 0;

	if (!config->host_file ||
	    (!gmem_get_keep_free(doctor->app->ctx, &now) &&
	     now == config->keep_free))
		return true;
	finding(doctor, STATUS_WARN, "gmemctl restore",
		"pools leave %s to the host, and not %s as %s:%u says",
		size_format(text, now), size_format(text2, config->keep_free),
		config->host_file, config->host_line);
	return false;
}

static bool check_configured(struct doctor *doctor)
{
	const struct config *config = doctor->config;
	bool good = true;
	struct plan plan;
	char *mend;
	size_t i;

	for (i = 0; i < config->nr; i++) {
		if (plan_make(doctor->app, &config->v[i], false, &plan)) {
			good = false;
			continue;
		}
		if (plan.nr) {
			mend = format("gmemctl restore %s", config->v[i].name);
			finding(doctor, STATUS_WARN, mend,
				"pool %s is not as %s:%u says",
				config->v[i].name, config->v[i].file,
				config->v[i].line);
			free(mend);
			good = false;
		}
		plan_free(&plan);
	}
	return good;
}

static bool check_unconfigured(struct doctor *doctor)
{
	struct gmem_pool *pool;
	const char *name;
	bool good = true;
	char *mend;

	gmem_pool_foreach(doctor->app->ctx, pool) {
		name = gmem_pool_get_name(pool);
		if (config_find(doctor->config, name) ||
		    !is_made_at_run_time(doctor, pool))
			continue;
		mend = format("gmemctl save %s -f /etc/gmem/pools.d/%s.conf",
			      name, name);
		finding(doctor, STATUS_NOTE, mend,
			"pool %s is not configured: the next boot does not make it",
			name);
		free(mend);
		good = false;
	}
	return good;
}

void check_configuration(struct doctor *doctor)
{
	bool good;

	if (!doctor->config) {
		finding(doctor, STATUS_BAD,
			"correct what is said above; gmemctl restore -n tries it",
			"the configuration cannot be read");
		return;
	}
	if (no_kernel(doctor))
		return;
	good = check_keep_free(doctor);
	good = check_configured(doctor) && good;
	good = check_unconfigured(doctor) && good;
	if (good)
		finding(doctor, STATUS_OK, NULL, "the pools are as configured");
}

void check_service(struct doctor *doctor)
{
	if (!doctor->config ||
	    (!doctor->config->nr && !doctor->config->host_file))
		return;
	if (host_exists(doctor->app,
			"etc/systemd/system/multi-user.target.wants/gmem-restore.service"))
		finding(doctor, STATUS_OK, NULL,
			"the configured pools are made at boot");
	else
		finding(doctor, STATUS_WARN,
			"systemctl enable gmem-restore.service",
			"nothing makes the configured pools at boot");
}
