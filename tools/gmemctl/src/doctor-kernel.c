// SPDX-License-Identifier: GPL-2.0
/* gmemctl doctor: the kernel, KVM, and the parameters of both. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "doctor.h"
#include "host.h"

void check_kernel(struct doctor *doctor)
{
	char *release, *config;

	if (!gmem_check_supported(doctor->app->ctx)) {
		finding(doctor, STATUS_OK, NULL, "the kernel has pools");
		return;
	}
	release = host_read(doctor->app, "proc/sys/kernel/osrelease");
	config = release ? host_read(doctor->app, "boot/config-%s", release) :
			   NULL;
	if (config && !strstr(config, "CONFIG_GMEM=y"))
		finding(doctor, STATUS_BAD, UNSUPPORTED_HINT,
			"the kernel %s has no pools: it was built without CONFIG_GMEM",
			release);
	else
		finding(doctor, STATUS_BAD, UNSUPPORTED_HINT,
			"the kernel has no pools: there is no /sys/class/gmem");
	free(release);
	free(config);
}

void check_kvm(struct doctor *doctor)
{
	if (!host_exists(doctor->app, "dev/kvm"))
		finding(doctor, STATUS_BAD,
			"load kvm_intel or kvm_amd; the firmware may have to allow virtualization",
			"there is no /dev/kvm");
	else if (!host_exists(doctor->app,
			      "sys/module/kvm/parameters/gmem_default_pool"))
		finding(doctor, STATUS_BAD, UNSUPPORTED_HINT,
			"KVM does not take guest memory from pools");
	else
		finding(doctor, STATUS_OK, NULL,
			"KVM takes guest memory from pools");
}

void check_default_pool(struct doctor *doctor)
{
	struct gmem_pool *pool;
	char *name;

	name = host_read(doctor->app,
			 "sys/module/kvm/parameters/gmem_default_pool");
	if (!name)
		return;
	if (!*name) {
		finding(doctor, STATUS_NOTE,
			"echo NAME > /sys/module/kvm/parameters/gmem_default_pool",
			"there is none: VMMs that do not name a pool do not use one");
	} else if (gmem_pool_lookup(doctor->app->ctx, name, &pool)) {
		finding(doctor, STATUS_BAD,
			"make it with gmemctl create-pool, or write another name, or nothing, to /sys/module/kvm/parameters/gmem_default_pool",
			"guest_memfds are taken from the pool %s, which is not there",
			name);
	} else {
		finding(doctor, STATUS_OK, NULL,
			"guest_memfds are taken from the pool %s", name);
		gmem_pool_unref(pool);
	}
	free(name);
}

/* Parameters of the command line that pools do not go with. */
static const struct {
	const char *name;	/* with "=" if any value is meant */
	enum status status;
	const char *found;
	const char *mend;
} parameters[] = {
	{ "resume=", STATUS_NOTE,
	  "hibernation is refused while a pool has memory", NULL },
	{ "cma=", STATUS_WARN,
	  "memory blocks with contiguous memory set aside cannot be taken",
	  "boot without it if nothing needs it" },
	{ "hugetlb_cma=", STATUS_WARN,
	  "memory blocks with contiguous memory set aside cannot be taken",
	  "boot without it if nothing needs it" },
	{ "kvm.tdp_mmu=0", STATUS_WARN,
	  "KVM maps guests with its older page tables", "boot without it" },
};

/* The word of the command line that is this parameter, for free(). */
static char *find_parameter(const char *line, const char *name)
{
	size_t len = strlen(name);
	const char *word = line;

	while (*word) {
		if (!strncmp(word, name, len) &&
		    (name[len - 1] == '=' || !word[len] || word[len] == ' '))
			return strndup(word, strcspn(word, "\n "));
		word += strcspn(word, "\n ");
		word += strspn(word, "\n ");
	}
	return NULL;
}

void check_parameters(struct doctor *doctor)
{
	char *line = host_read(doctor->app, "proc/cmdline");
	struct gmem_pool *pool;
	bool said = false;
	char *word;
	size_t i;

	if (!line)
		return;
	for (i = 0; i < ARRAY_SIZE(parameters); i++) {
		word = find_parameter(line, parameters[i].name);
		if (!word)
			continue;
		finding(doctor, parameters[i].status, parameters[i].mend,
			"%s: %s", word, parameters[i].found);
		free(word);
		said = true;
	}
	word = find_parameter(line, "gmem=");
	if (word && !gmem_check_supported(doctor->app->ctx)) {
		if (!gmem_pool_lookup(doctor->app->ctx, "boot", &pool)) {
			gmem_pool_unref(pool);
		} else {
			finding(doctor, STATUS_BAD,
				"the kernel's log says why: dmesg | grep gmem",
				"%s: there is no pool boot", word);
			said = true;
		}
	}
	if (!said)
		finding(doctor, STATUS_OK, NULL,
			"no boot parameter is in the way");
	free(word);
	free(line);
}
