// SPDX-License-Identifier: GPL-2.0
/*
 * Memory errors in pool memory that shall become System RAM again: the page
 * allocator never gets the page.  And in System RAM that shall become pool memory:
 * guests never get it.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "mapping.h"
#include "poison.h"

#define CLASS	"/sys/class/gmem"

/* A number in a file, or -1. */
static uint64_t read_number(const char *path)
{
	long long value;
	FILE *f = fopen(path, "r");

	if (!f || fscanf(f, "%lli", &value) != 1)
		value = -1;
	if (f)
		fclose(f);
	return value;
}

/* The first line of a file. */
static void text(const char *path, char *buf, int size)
{
	FILE *f = fopen(path, "r");

	if (!f || !fgets(buf, size, f))
		buf[0] = 0;
	if (f)
		fclose(f);
}

/* kB of the whole machine, as /proc/meminfo has it. */
static uint64_t mem_kib(const char *key)
{
	char line[128];
	uint64_t value = 0;
	FILE *f = fopen("/proc/meminfo", "r");
	int len = strlen(key);

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, len) && line[len] == ':')
			sscanf(line + len + 1, "%lu", &value);
	if (f)
		fclose(f);
	return value;
}

#define RUN	CLASS "/run"

/* The memory block that has the page stays in the pool, and so does the pool. */
TEST(returned)
{
	uint64_t block, total, start;
	char buf[256];

	text("/sys/devices/system/memory/block_size_bytes", buf, sizeof(buf));
	block = strtoull(buf, NULL, 16);
	snprintf(buf, sizeof(buf), "run size=%lu node=0", 3 * block);
	ASSERT_EQ(0, poison_write(CLASS "/create", buf));
	ASSERT_EQ(3 * block, read_number(RUN "/size"));
	/* The highest blocks are returned first. */
	start = read_number(RUN "/range0/start");
	ASSERT_EQ(3 * block, read_number(RUN "/range0/size"));
	ASSERT_TRUE(poison_elsewhere((start + block) / SZ_4K + 1));
	EXPECT_EQ(SZ_2M, read_number(RUN "/poisoned"));

	EXPECT_EQ(EBUSY, poison_write(CLASS "/delete", "run"));
	text(CLASS "/last_error", buf, sizeof(buf));
	EXPECT_NE(NULL, strstr(buf, "2 MiB are poisoned"));
	EXPECT_EQ(3 * block, read_number(RUN "/size"));

	EXPECT_EQ(EBUSY, poison_write(RUN "/size", "0"));
	text(RUN "/last_error", buf, sizeof(buf));
	EXPECT_NE(NULL, strstr(buf, "2 MiB are poisoned"));
	EXPECT_EQ(3 * block, read_number(RUN "/size"));

	/* The others go, and are memory as ever. */
	total = mem_kib("MemTotal");
	snprintf(buf, sizeof(buf), "%lu", block);
	EXPECT_EQ(0, poison_write(RUN "/size", buf));
	EXPECT_EQ(block, read_number(RUN "/size"));
	EXPECT_EQ(SZ_2M, read_number(RUN "/poisoned"));
	EXPECT_EQ(block - SZ_2M, read_number(RUN "/available"));
	EXPECT_EQ(total + 2 * block / 1024, mem_kib("MemTotal"));
	/* The page is still known, and still out of reach. */
	EXPECT_EQ(EHWPOISON, poison_here((start + block) / SZ_4K + 1));
	EXPECT_EQ(EBUSY, poison_write(CLASS "/delete", "run"));
}

/* The sum of the addresses of all ranges: one more changes it by its own. */
static uint64_t sum_of_starts(void)
{
	char path[64];
	uint64_t sum = 0;
	int i;

	for (i = 0; i < 32; i++) {
		snprintf(path, sizeof(path), RUN "/range%d/start", i);
		if (!access(path, F_OK))
			sum += read_number(path);
	}
	return sum;
}

/* How many errors pools have handled since the trace was emptied. */
static int nr_traced(void)
{
	char line[512];
	FILE *f = fopen(TRACE "/trace", "r");
	int n = 0;

	while (f && fgets(line, sizeof(line), f))
		n += !!strstr(line, "gmem_poison:");
	if (f)
		fclose(f);
	return n;
}

static void *resize(void *arg)
{
	poison_write(RUN "/size", arg);
	return NULL;
}

/*
 * An error in a block that is on its way out: either it stays in the pool, or its
 * page is taken from the page allocator.  In the pool that the test before left.
 */
TEST(while_returned)
{
	uint64_t block, size, sum, lost, before = mem_kib("HardwareCorrupted");
	uint64_t poisoned = read_number(RUN "/poisoned");
	char buf[64], want[64], state[32];
	pthread_t thread;
	int i, kept = 0;

	text("/sys/devices/system/memory/block_size_bytes", buf, sizeof(buf));
	block = strtoull(buf, NULL, 16);
	mkdir(TRACE, 0700);
	ASSERT_EQ(0, poison_write(TRACE "/trace", ""));
	ASSERT_EQ(0, poison_write(TRACE "/events/gmem/gmem_poison/enable", "1"));
	for (i = 0; i < 6; i++) {
		size = read_number(RUN "/size");
		sum = sum_of_starts();
		snprintf(want, sizeof(want), "%lu", size);
		snprintf(buf, sizeof(buf), "%lu", size + block);
		ASSERT_EQ(0, poison_write(RUN "/size", buf));
		lost = (sum_of_starts() - sum) / SZ_4K + 777;

		ASSERT_EQ(0, pthread_create(&thread, NULL, resize, want));
		do
			text(RUN "/state", state, sizeof(state));
		while (!strncmp(state, "idle", 4) &&
		       read_number(RUN "/size") != size);
		usleep(i * 30000);
		EXPECT_EQ(0, poison_here(lost));
		pthread_join(thread, NULL);
		if (read_number(RUN "/size") != size)
			kept++;
		EXPECT_EQ(poisoned + kept * SZ_2M, read_number(RUN "/poisoned"));
		EXPECT_EQ(before + (i + 1 - kept) * 4,
			  mem_kib("HardwareCorrupted"));
		EXPECT_EQ(EHWPOISON, poison_here(lost));
	}
	TH_LOG("%d stayed in the pool, %d were in it and handed over, %d were not",
	       kept, nr_traced() - kept, i - nr_traced());
	poison_write(TRACE "/events/gmem/gmem_poison/enable", "0");
}

/*
 * An error in the first of two blocks that are on their way in, when it is offline
 * and nobody's: the pool gets it as a poisoned page.  In the pool of the tests
 * before.
 */
TEST(while_taken)
{
	uint64_t block, size, sum, lost, corrupted, poisoned;
	char buf[64], want[64];
	pthread_t thread;
	int i;

	text("/sys/devices/system/memory/block_size_bytes", buf, sizeof(buf));
	block = strtoull(buf, NULL, 16);
	for (i = 0; i < 3; i++) {
		/* Which block is it going to be? */
		size = read_number(RUN "/size");
		sum = sum_of_starts();
		snprintf(buf, sizeof(buf), "%lu", size + block);
		ASSERT_EQ(0, poison_write(RUN "/size", buf));
		lost = (sum_of_starts() - sum) / SZ_4K + 777;
		snprintf(buf, sizeof(buf), "%lu", size);
		ASSERT_EQ(0, poison_write(RUN "/size", buf));

		poisoned = read_number(RUN "/poisoned");
		corrupted = mem_kib("HardwareCorrupted");
		snprintf(want, sizeof(want), "%lu", size + 2 * block);
		ASSERT_EQ(0, pthread_create(&thread, NULL, resize, want));
		while (read_number(RUN "/progress") != block &&
		       read_number(RUN "/size") == size)
			;
		EXPECT_EQ(0, poison_here(lost));
		pthread_join(thread, NULL);

		EXPECT_EQ(size + 2 * block, read_number(RUN "/size"));
		EXPECT_EQ(poisoned + SZ_2M, read_number(RUN "/poisoned"));
		EXPECT_EQ(corrupted, mem_kib("HardwareCorrupted"));
		EXPECT_EQ(EHWPOISON, poison_here(lost));
		snprintf(buf, sizeof(buf), "%lu", size + block);
		EXPECT_EQ(0, poison_write(RUN "/size", buf));
	}
}

TEST_HARNESS_MAIN
