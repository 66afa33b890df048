// SPDX-License-Identifier: GPL-2.0
/*
 * While the main thread waits in a write, a second one reports progress and
 * makes sure that Ctrl-C ends the write.
 *
 * A signal that comes just before the write begins would be over when it does.
 * So the second thread repeats it until the write is over.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gmemctl.h"
#include "change.h"
#include "watch.h"

#define TICK_MS		100	/* how often signals are looked at */
#define PATIENCE_MS	1000	/* before the first line of progress */
#define PROGRESS_MS	500	/* between two of them on a terminal */
#define LINE_MS		5000	/* between two of them elsewhere */

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

/* Set by the handler; the program changes nothing any more once it is. */
static volatile sig_atomic_t caught;

struct watch {
	const struct app *app;
	const struct change *change;
	struct gmem_ctx *ctx;		/* of the second thread */
	pthread_t main;
	pthread_t thread;
	bool running;
	bool report;
	bool terminal;
	bool reported;
	pthread_mutex_t lock;
	pthread_cond_t over_cond;
	bool over;			/* under lock */
	struct timespec start;
	struct sigaction old[ARRAY_SIZE(signals)];
};

static void on_signal(int sig)
{
	caught = sig;
}

bool watch_interrupted(void)
{
	return caught;
}

static long elapsed_ms(const struct watch *watch)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - watch->start.tv_sec) * 1000 +
	       (now.tv_nsec - watch->start.tv_nsec) / 1000000;
}

/*
 * The time that the rest takes if it goes on like this.  The first blocks say
 * little, and nothing is known when something is counted that was not asked
 * for.
 */
static void estimate(long seconds, uint64_t done, uint64_t total)
{
	double left;

	if (done < total / 50 || !done || done >= total)
		return;
	left = (double)seconds * (total - done) / done;
	if (left < 90)
		fprintf(stderr, ", about %.0f s left", left);
	else
		fprintf(stderr, ", about %.0f min left", left / 60);
}

#define BAR_WIDTH	20

/* For a terminal; lines of a log do without. */
static void bar(uint64_t done, uint64_t total)
{
	int full = done >= total ? BAR_WIDTH : BAR_WIDTH * ((double)done / total);
	int i;

	fputs(" [", stderr);
	for (i = 0; i < BAR_WIDTH; i++)
		fputc(i < full ? '#' : '.', stderr);
	fputc(']', stderr);
}

static void report(struct watch *watch)
{
	const struct change *change = watch->change;
	char state[64], done_text[SIZE_TEXT], total_text[SIZE_TEXT];
	long seconds = elapsed_ms(watch) / 1000;
	uint64_t done;

	fputs(watch->terminal ? "\r\033[K" : "", stderr);
	/* A pool that is being made may not be there yet. */
	if (!change->total ||
	    gmem_read_progress(watch->ctx, change->pool, state, sizeof(state),
			       &done)) {
		fprintf(stderr, "%s: %s, %ld s", change->pool, change->doing,
			seconds);
	} else {
		fprintf(stderr, "%s: %s", change->pool, change->doing);
		if (watch->terminal)
			bar(done, change->total);
		fprintf(stderr, ", %s of %s (%d%%), %ld s",
			size_format(done_text, done),
			size_format(total_text, change->total),
			(int)(100.0 * done / change->total), seconds);
		estimate(seconds, done, change->total);
	}
	fputs(watch->terminal ? "" : "\n", stderr);
	fflush(stderr);
	watch->reported = true;
}

static void *watch_thread(void *arg)
{
	struct watch *watch = arg;
	long next = PATIENCE_MS;
	struct timespec until;

	pthread_mutex_lock(&watch->lock);
	while (!watch->over) {
		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_nsec += TICK_MS * 1000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
		pthread_cond_timedwait(&watch->over_cond, &watch->lock, &until);
		if (watch->over)
			break;
		if (caught)
			pthread_kill(watch->main, caught);
		if (watch->report && elapsed_ms(watch) >= next) {
			report(watch);
			next = elapsed_ms(watch) +
			       (watch->terminal ? PROGRESS_MS : LINE_MS);
		}
	}
	pthread_mutex_unlock(&watch->lock);
	if (watch->reported && watch->terminal)
		fputs("\r\033[K", stderr);
	return NULL;
}

static void catch_signals(struct watch *watch)
{
	struct sigaction action = { .sa_handler = on_signal };
	size_t i;

	/* No SA_RESTART: the write has to end. */
	sigemptyset(&action.sa_mask);
	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		sigaction(signals[i], NULL, &watch->old[i]);
		/* nohup and "&" mean what they say. */
		if (watch->old[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &action, NULL);
	}
}

static void start_thread(struct watch *watch)
{
	pthread_condattr_t attr;
	sigset_t all, old;

	pthread_mutex_init(&watch->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&watch->over_cond, &attr);
	pthread_condattr_destroy(&attr);

	/* Signals are for the thread that writes. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	watch->running = !pthread_create(&watch->thread, NULL, watch_thread,
					 watch);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* What cannot be had is done without: the change matters more. */
struct watch *watch_start(const struct app *app, const struct change *change)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	must(watch);
	watch->app = app;
	watch->change = change;
	watch->main = pthread_self();
	watch->terminal = isatty(STDERR_FILENO);
	watch->report = watch->terminal || app->change->progress;
	clock_gettime(CLOCK_MONOTONIC, &watch->start);
	if (watch->report && gmem_new(&watch->ctx))
		watch->report = false;
	if (watch->report && app->opts->sysroot &&
	    gmem_set_sysroot(watch->ctx, app->opts->sysroot))
		watch->report = false;
	catch_signals(watch);
	start_thread(watch);
	return watch;
}

void watch_stop(struct watch *watch)
{
	size_t i;

	if (watch->running) {
		pthread_mutex_lock(&watch->lock);
		watch->over = true;
		pthread_cond_signal(&watch->over_cond);
		pthread_mutex_unlock(&watch->lock);
		pthread_join(watch->thread, NULL);
	}
	pthread_cond_destroy(&watch->over_cond);
	pthread_mutex_destroy(&watch->lock);
	for (i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &watch->old[i], NULL);
	gmem_unref(watch->ctx);
	free(watch);
}
