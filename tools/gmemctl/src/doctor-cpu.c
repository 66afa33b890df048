// SPDX-License-Identifier: GPL-2.0
/* gmemctl doctor: can memory be mapped with 1 GiB entries? */
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "doctor.h"
#include "host.h"

/* The values of a line "key : words" of the first CPU, for free(). */
static char *cpu_words(const struct app *app, const char *key)
{
	char *text = host_read(app, "proc/cpuinfo");
	size_t len = strlen(key);
	char *line, *words = NULL;

	for (line = text; line && !words; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, len) &&
		    strspn(line + len, " \t") == strcspn(line + len, ":"))
			words = strndup(line + strcspn(line, ":") + 1,
					strcspn(line, "\n") -
					strcspn(line, ":") - 1);
	}
	free(text);
	return words;
}

void check_user_mappings(struct doctor *doctor)
{
	char *flags = cpu_words(doctor->app, "flags");

	if (!flags)
		return;
	if (has_flag(flags, "pdpe1gb"))
		finding(doctor, STATUS_OK, NULL,
			"the CPU maps 1 GiB for user space");
	else
		finding(doctor, STATUS_WARN,
			"in a virtual machine, give its CPU pdpe1gb",
			"the CPU maps 2 MiB at most for user space");
	free(flags);
}

static bool is_off(const char *value)
{
	return value && (*value == 'N' || *value == '0');
}

static void check_ept(struct doctor *doctor)
{
	char *ept = host_read(doctor->app, "sys/module/kvm_intel/parameters/ept");
	char *flags = cpu_words(doctor->app, "vmx flags");

	if (is_off(ept))
		finding(doctor, STATUS_BAD, "load kvm_intel with ept=1",
			"KVM does not use EPT");
	else if (!flags)
		finding(doctor, STATUS_NOTE, NULL,
			"the kernel does not say what EPT can map");
	else if (has_flag(flags, "ept_1gb"))
		finding(doctor, STATUS_OK, NULL, "EPT maps 1 GiB for guests");
	else
		finding(doctor, STATUS_WARN, NULL,
			"EPT of this CPU maps 2 MiB at most for guests");
	free(ept);
	free(flags);
}

static void check_npt(struct doctor *doctor, const char *flags)
{
	char *npt = host_read(doctor->app, "sys/module/kvm_amd/parameters/npt");

	if (is_off(npt) || !has_flag(flags, "npt"))
		finding(doctor, STATUS_BAD, "load kvm_amd with npt=1",
			"KVM does not use nested paging");
	else if (has_flag(flags, "pdpe1gb"))
		finding(doctor, STATUS_OK, NULL,
			"nested paging maps 1 GiB for guests");
	else
		finding(doctor, STATUS_WARN,
			"in a virtual machine, give its CPU pdpe1gb",
			"nested paging maps 2 MiB at most for guests");
	free(npt);
}

/* A workaround of KVM for CPUs that fail on large executable pages. */
static void check_nx_huge_pages(struct doctor *doctor)
{
	char *nx = host_read(doctor->app,
			     "sys/module/kvm/parameters/nx_huge_pages");

	if (nx && (*nx == 'Y' || *nx == '1'))
		finding(doctor, STATUS_WARN,
			"only where guests are trusted: kvm.nx_huge_pages=off",
			"KVM maps what guests execute with 4 KiB, because of a flaw of this CPU (itlb_multihit)");
	free(nx);
}

void check_guest_mappings(struct doctor *doctor)
{
	char *flags = cpu_words(doctor->app, "flags");

	if (!flags)
		return;
	if (has_flag(flags, "vmx"))
		check_ept(doctor);
	else if (has_flag(flags, "svm"))
		check_npt(doctor, flags);
	else
		finding(doctor, STATUS_BAD,
			"allow virtualization in the firmware, or nested guests in the host",
			"the CPU has neither VMX nor SVM");
	check_nx_huge_pages(doctor);
	free(flags);
}

/* VT-d says it in its capabilities; every AMD IOMMU can. */
#define VTD_CAP_1GB	(1ULL << 35)

void check_iommu(struct doctor *doctor)
{
	char **names = host_list(doctor->app, "sys/class/iommu");
	unsigned int nr = 0, small = 0;
	char **name, *cap;

	for (name = names; name && *name; name++) {
		nr++;
		cap = host_read(doctor->app,
				"sys/class/iommu/%s/intel-iommu/cap", *name);
		if (cap && !(strtoull(cap, NULL, 16) & VTD_CAP_1GB))
			small++;
		free(cap);
	}
	host_list_free(names);
	if (!nr)
		finding(doctor, STATUS_NOTE,
			"to give devices to guests, boot with intel_iommu=on or allow the IOMMU in the firmware",
			"there is no IOMMU in use");
	else if (small)
		finding(doctor, STATUS_WARN, NULL,
			"%u of %u IOMMUs map 2 MiB at most", small, nr);
	else
		finding(doctor, STATUS_OK, NULL, "%u IOMMU%s map%s 1 GiB", nr,
			nr == 1 ? "" : "s", nr == 1 ? "s" : "");
}
