// SPDX-License-Identifier: GPL-2.0
/*
 * Threads and processes that fault, fork, move, protect, punch and look at the
 * same GiB at the same time.  Whoever reads finds what belongs there; what
 * mm would do with a leaf or a table that it does not expect shows in dmesg.
 */
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>

#include "kselftest_harness.h"
#include "mapping.h"

#define SECONDS	20
/* The upper half is punched, the lower half always has SEED. */
#define KEPT	(SZ_1G / 2)
#define SEED	0x5eed0000UL

static struct {
	char *p;		/* used by all */
	int fd;
	time_t end;
	unsigned long wrong, faults, forks, moves, punches, looks;
} shared;

static bool busy(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec < shared.end;
}

static unsigned long next(unsigned long *state)
{
	*state = *state * 6364136223846793005UL + 1442695040888963407UL;
	return *state >> 33;
}

/* A page of the lower half, read or written with what it has. */
static bool look(char *p, unsigned long *state)
{
	unsigned long offset = next(state) % (KEPT / SZ_4K) * SZ_4K;
	volatile uint64_t *v = (volatile uint64_t *)(p + offset);

	if (next(state) & 1)
		*v = SEED + offset;
	return *v == SEED + offset;
}

static void *faulter(void *arg)
{
	unsigned long state = (unsigned long)arg;
	int i;

	while (busy()) {
		for (i = 0; i < 256; i++)
			if (!look(shared.p, &state))
				__atomic_add_fetch(&shared.wrong, 1, __ATOMIC_RELAXED);
		/* The upper half: anything, as long as it can be read. */
		(void)*(volatile char *)(shared.p + KEPT + next(&state) % KEPT);
	}
	__atomic_add_fetch(&shared.faults, minor_faults(), __ATOMIC_RELAXED);
	return NULL;
}

static void *forker(void *arg)
{
	unsigned long state = 11;
	int status, i;
	pid_t pid;

	while (busy()) {
		pid = fork();
		if (!pid) {
			for (i = 0; i < 64; i++)
				if (!look(shared.p, &state))
					_exit(1);
			_exit(0);
		}
		if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
			__atomic_add_fetch(&shared.wrong, 1, __ATOMIC_RELAXED);
		next(&state);
		shared.forks++;
	}
	return NULL;
}

/* Moves a mapping of its own to where one entry fits and where it does not. */
static void *mover(void *arg)
{
	static const unsigned long at[] = { 0, SZ_1G, SZ_2M, 4 * SZ_1G + SZ_4K };
	unsigned long state = 13, n = 0;
	char *base, *p, *q;
	int i;

	base = mmap(NULL, 8 * SZ_1G, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	base = (char *)(((uintptr_t)base + SZ_1G - 1) & ~(SZ_1G - 1));
	p = gmem_map(shared.fd, SZ_1G);
	while (busy()) {
		q = base + at[n++ % ARRAY_SIZE(at)];
		/* Source and destination must not overlap. */
		if (q < p + SZ_1G && p < q + SZ_1G)
			continue;
		q = mremap(p, SZ_1G, SZ_1G, MREMAP_MAYMOVE | MREMAP_FIXED, q);
		if (q == MAP_FAILED) {
			__atomic_add_fetch(&shared.wrong, 1, __ATOMIC_RELAXED);
			break;
		}
		p = q;
		for (i = 0; i < 64; i++)
			if (!look(p, &state))
				__atomic_add_fetch(&shared.wrong, 1, __ATOMIC_RELAXED);
		shared.moves++;
	}
	return NULL;
}

/* Splits areas and changes the sizes of entries under the faulters. */
static void *protector(void *arg)
{
	unsigned long state = 17, offset, n = 0;

	while (busy()) {
		offset = next(&state) % (KEPT / SZ_4K) * SZ_4K;
		/* Readable at all times, so that nobody else is disturbed. */
		mprotect(shared.p + offset, SZ_4K,
			 PROT_READ | PROT_WRITE | PROT_EXEC);
		madvise(shared.p + offset, SZ_4K, n++ & 1 ? MADV_HUGEPAGE :
							    MADV_NOHUGEPAGE);
		if (n % 64)
			continue;
		/* One area again. */
		if (mmap(shared.p, SZ_1G, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED, shared.fd, 0) != shared.p)
			__atomic_add_fetch(&shared.wrong, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void *puncher(void *arg)
{
	unsigned long state = 19, offset, size;
	volatile uint64_t *v;

	while (busy()) {
		size = next(&state) & 1 ? SZ_4K : SZ_2M;
		offset = KEPT + next(&state) % (KEPT / size) * size;
		v = (volatile uint64_t *)(shared.p + offset);
		*v = 1;
		if (fallocate(shared.fd, FALLOC_FL_PUNCH_HOLE |
			      FALLOC_FL_KEEP_SIZE, offset, size) || *v)
			__atomic_add_fetch(&shared.wrong, 1, __ATOMIC_RELAXED);
		shared.punches++;
	}
	return NULL;
}

static void *watcher(void *arg)
{
	while (busy()) {
		if (drain("/proc/self/smaps") < 0 ||
		    drain("/proc/self/numa_maps") < 0 ||
		    drain("/proc/self/smaps_rollup") < 0)
			__atomic_add_fetch(&shared.wrong, 1, __ATOMIC_RELAXED);
		shared.looks++;
	}
	return NULL;
}

FIXTURE(race)
{
};

FIXTURE_SETUP(race)
{
	shared.fd = gmem_create(SZ_1G);
	ASSERT_GE(shared.fd, 0);
	shared.p = gmem_map(shared.fd, SZ_1G);
	ASSERT_NE(MAP_FAILED, (void *)shared.p);
	fill(shared.p, KEPT, SEED);
}

FIXTURE_TEARDOWN(race)
{
	close(shared.fd);
}

static void run(struct __test_metadata *_metadata, void *(**threads)(void *),
		int nr)
{
	struct timespec now;
	pthread_t ids[8];
	unsigned long i;

	clock_gettime(CLOCK_MONOTONIC, &now);
	shared.end = now.tv_sec + SECONDS;
	for (i = 0; i < nr; i++)
		ASSERT_EQ(0, pthread_create(&ids[i], NULL, threads[i],
					    (void *)(i + 1)));
	for (i = 0; i < nr; i++)
		pthread_join(ids[i], NULL);
	EXPECT_EQ(0, shared.wrong);
	EXPECT_EQ(-1, differs(shared.p, KEPT, SEED));
	TH_LOG("faults %lu forks %lu moves %lu punches %lu looks %lu",
	       shared.faults, shared.forks, shared.moves, shared.punches,
	       shared.looks);
}

TEST_F_TIMEOUT(race, faults_against_revocation_and_fork, 10 * SECONDS)
{
	void *(*threads[])(void *) = {
		faulter, faulter, forker, puncher, watcher,
	};

	run(_metadata, threads, ARRAY_SIZE(threads));
	EXPECT_LT(0, shared.forks);
	EXPECT_LT(0, shared.punches);
	EXPECT_LT(0, shared.looks);
}

TEST_F_TIMEOUT(race, faults_against_changes_of_the_area, 10 * SECONDS)
{
	void *(*threads[])(void *) = {
		faulter, faulter, mover, protector, watcher, puncher,
	};

	run(_metadata, threads, ARRAY_SIZE(threads));
	EXPECT_LT(0, shared.moves);
	EXPECT_LT(0, shared.punches);
	EXPECT_LT(0, shared.looks);
}

TEST_HARNESS_MAIN
