// SPDX-License-Identifier: GPL-2.0
/* gmemctl doctor: can System RAM be taken? */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "doctor.h"
#include "host.h"

void check_block_size(struct doctor *doctor)
{
	char text[SIZE_TEXT];
	uint64_t size;

	if (gmem_get_block_size(doctor->app->ctx, &size))
		finding(doctor, STATUS_BAD,
			"boot a kernel that was built with CONFIG_MEMORY_HOTPLUG=y and CONFIG_MEMORY_HOTREMOVE=y",
			"there are no memory blocks");
	else
		finding(doctor, STATUS_OK, NULL,
			"memory enters and leaves pools in blocks of %s",
			size_exact(text, size));
}

struct sums {
	bool there;
	uint64_t all;
	uint64_t movable;
	uint64_t maybe;
};

/* What is on no node in particular is in the first place. */
static void sum_up(struct doctor *doctor, struct sums *sums, uint64_t size)
{
	struct gmem_block *block;
	struct sums *sum;
	int node;

	gmem_block_foreach(doctor->app->ctx, block) {
		if (gmem_block_get_node(block, &node) || node >= NODELIST_MAX)
			continue;
		sum = &sums[node];
		sum->there = true;
		sum->all += size;
		switch (gmem_block_get_obstacle(block)) {
		case GMEM_OBSTACLE_NONE:
			sum->movable += size;
			break;
		case GMEM_OBSTACLE_KERNEL:
			sum->maybe += size;
			break;
		default:
			break;
		}
	}
}

static void report_node(struct doctor *doctor, int node, const struct sums *sum)
{
	char all[SIZE_TEXT], movable[SIZE_TEXT], maybe[SIZE_TEXT];

	size_format(all, sum->all);
	size_format(movable, sum->movable);
	size_format(maybe, sum->maybe);
	if (sum->movable)
		finding(doctor, STATUS_OK, NULL,
			"node %d: %s of %s can be taken, and %s where nothing unmovable is",
			node, movable, all, maybe);
	else
		finding(doctor, STATUS_WARN,
			"boot with movablecore= or kernelcore=, or reserve the memory with gmem=",
			"node %d: none of %s is sure to be movable; %s can be taken where nothing unmovable is",
			node, all, maybe);
}

void check_movable(struct doctor *doctor)
{
	struct sums *sums;
	uint64_t size;
	int node;

	if (gmem_get_block_size(doctor->app->ctx, &size) ||
	    gmem_scan_blocks(doctor->app->ctx))
		return;
	sums = calloc(NODELIST_MAX, sizeof(*sums));
	must(sums);
	sum_up(doctor, sums, size);
	for (node = 0; node < NODELIST_MAX; node++)
		if (sums[node].there)
			report_node(doctor, node, &sums[node]);
	free(sums);
}

/* Memory that is set aside for others is not for pools. */
void check_hugetlb(struct doctor *doctor)
{
	char *meminfo = host_read(doctor->app, "proc/meminfo");
	char *line = meminfo ? strstr(meminfo, "\nHugetlb:") : NULL;
	char text[SIZE_TEXT];
	uint64_t kib;

	if (line && sscanf(line, " Hugetlb: %" SCNu64, &kib) == 1) {
		if (kib)
			finding(doctor, STATUS_WARN,
				"set fewer huge pages aside: hugepages=, vm.nr_hugepages",
				"%s are set aside as huge pages of hugetlbfs",
				size_format(text, kib * 1024));
		else
			finding(doctor, STATUS_OK, NULL,
				"no memory is set aside for hugetlbfs");
	}
	free(meminfo);
}

void check_online_policy(struct doctor *doctor)
{
	char *policy = host_read(doctor->app,
				 "sys/devices/system/memory/auto_online_blocks");

	if (!policy)
		return;
	if (!strcmp(policy, "online") || !strcmp(policy, "online_kernel"))
		finding(doctor, STATUS_NOTE,
			"to keep such memory movable: echo online_movable > /sys/devices/system/memory/auto_online_blocks",
			"memory that drivers add is set %s; what pools give back is movable in any case",
			policy);
	else
		finding(doctor, STATUS_OK, NULL,
			"memory that drivers add is set %s; what pools give back is movable in any case",
			policy);
	free(policy);
}
