// SPDX-License-Identifier: GPL-2.0
/* gmemctl stat */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "gmemctl.h"
#include "stat.h"

struct stat_opts {
	struct common_opts common;
	struct words pools;
	struct number_arg interval;
	struct number_arg count;
	bool guests;
	bool conversions;
	bool prometheus;
	bool bytes;
};

static const struct opt stat_options[] = {
	{ 'p', "pool", OPT_POOLS, "NAME,...",
	  offsetof(struct stat_opts, pools), "only these pools" },
	{ 'i', "interval", OPT_NUMBER, "SECONDS",
	  offsetof(struct stat_opts, interval),
	  "print it again and again, after so many seconds each time" },
	{ 'c', "count", OPT_NUMBER, "N", offsetof(struct stat_opts, count),
	  "end after so many times" },
	{ 'g', "guests", OPT_FLAG, NULL, offsetof(struct stat_opts, guests),
	  "say with what sizes virtual machines are mapped" },
	{ 'C', "conversions", OPT_FLAG, NULL,
	  offsetof(struct stat_opts, conversions),
	  "count conversions between private and shared memory" },
	{ 0, "prometheus", OPT_FLAG, NULL,
	  offsetof(struct stat_opts, prometheus),
	  "print the text format of Prometheus" },
	{ 'b', "bytes", OPT_FLAG, NULL, offsetof(struct stat_opts, bytes),
	  "print sizes in bytes" },
	{ 0 }
};

struct sampler {
	struct app *app;
	const struct stat_opts *opts;
	struct pasts pasts;
	struct conversions conversions;
	struct table *table;		/* NULL for JSON */
	struct timespec last;
};

static int check_options(const struct app *app, const struct stat_opts *opts)
{
	const char *two = NULL;

	if (opts->prometheus && opts->common.json)
		two = "--prometheus and --json";
	else if (opts->prometheus && opts->guests)
		two = "--prometheus and --guests";
	else if (opts->prometheus && opts->interval.set)
		two = "--prometheus and --interval";
	if (two) {
		error(app, NULL, "%s exclude each other", two);
		return RC_USAGE;
	}
	if (!opts->interval.set && (opts->count.set || opts->conversions)) {
		error(app, NULL, "%s is for --interval",
		      opts->count.set ? "--count" : "--conversions");
		return RC_USAGE;
	}
	if (opts->interval.set && opts->interval.num > 86400) {
		error(app, NULL, "--interval: '%llu' is more than a day",
		      (unsigned long long)opts->interval.num);
		return RC_USAGE;
	}
	return 0;
}

static bool wanted(const struct stat_opts *opts, struct gmem_pool *pool)
{
	return !opts->pools.nr ||
	       has_word(&opts->pools, gmem_pool_get_name(pool));
}

static void show(struct sampler *sampler, const struct object_type *type,
		 const void *object)
{
	if (sampler->table)
		table_add(sampler->table, object);
	else
		json_add(json_section(sampler->app, type->section), type,
			 object);
}

static void start_table(struct sampler *sampler, struct table *table,
			const struct object_type *type)
{
	if (sampler->app->opts->json) {
		json_section(sampler->app, type->section);
		return;
	}
	*table = (struct table){ .bytes = sampler->opts->bytes };
	table_choose(table, type, NULL, NULL, 0);
	table_start(table, true);
	sampler->table = table;
}

static void end_table(struct sampler *sampler)
{
	if (!sampler->table)
		return;
	table_print(sampler->table);
	table_free(sampler->table);
	sampler->table = NULL;
}

static void sample_pools(struct sampler *sampler)
{
	struct pasts now = { 0 };
	struct gmem_pool *pool;
	struct table table;

	start_table(sampler, &table, &sample_type);
	gmem_pool_foreach(sampler->app->ctx, pool) {
		struct pool_sample sample = {
			.pool = pool,
			.past = pasts_find(&sampler->pasts,
					   gmem_pool_get_name(pool)),
			.seconds = sampler->pasts.seconds,
		};

		if (!wanted(sampler->opts, pool))
			continue;
		show(sampler, &sample_type, &sample);
		pasts_add(&now, pool);
	}
	end_table(sampler);
	pasts_free(&sampler->pasts);
	sampler->pasts = now;
}

static void show_guest(void *arg, const struct guest *guest)
{
	show(arg, &guest_type, guest);
}

static int sample_guests(struct sampler *sampler)
{
	struct table table;
	int rc;

	if (!sampler->app->opts->json)
		putchar('\n');
	start_table(sampler, &table, &guest_type);
	rc = each_guest(sampler->app, show_guest, sampler);
	end_table(sampler);
	return rc;
}

static void show_conversions(struct sampler *sampler)
{
	struct table table;

	if (!sampler->app->opts->json)
		putchar('\n');
	start_table(sampler, &table, &conversions_type);
	show(sampler, &conversions_type, &sampler->conversions);
	end_table(sampler);
}

static void measure_time(struct sampler *sampler)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	sampler->pasts.seconds = now.tv_sec - sampler->last.tv_sec +
				 (now.tv_nsec - sampler->last.tv_nsec) / 1e9;
	sampler->last = now;
}

static int sample(struct sampler *sampler)
{
	const struct stat_opts *opts = sampler->opts;
	struct app *app = sampler->app;
	int rc, err;

	rc = scan_pools(app);
	if (rc)
		return rc;
	measure_time(sampler);
	if (opts->conversions)
		conversions_sample(&sampler->conversions,
				   sampler->pasts.seconds);
	rc = check_pool_names(app, &opts->pools);
	if (opts->prometheus) {
		print_prometheus(app, &opts->pools);
		return rc;
	}
	sample_pools(sampler);
	if (opts->conversions)
		show_conversions(sampler);
	if (opts->guests) {
		err = sample_guests(sampler);
		rc = rc ? rc : err;
	}
	if (app->opts->json) {
		if (opts->interval.set)
			json_print_line(app);
		else
			json_print(app);
		json_object_put(app->json);
		app->json = NULL;
	}
	return rc;
}

/* A screen is written anew, a file gets one sample below the other. */
static void separate(const struct sampler *sampler, uint64_t nr)
{
	if (sampler->app->opts->json)
		return;
	if (isatty(STDOUT_FILENO))
		fputs("\033[H\033[J", stdout);
	else if (nr)
		putchar('\n');
}

static int stat(struct app *app, const void *arg, int nr, char **operands)
{
	const struct stat_opts *opts = arg;
	struct sampler sampler = { .app = app, .opts = opts };
	uint64_t done;
	int rc;

	(void)nr;
	(void)operands;
	rc = check_options(app, opts);
	if (!rc)
		rc = unsupported(app);
	if (rc)
		return rc;
	if (opts->conversions)
		rc = conversions_open(app, &sampler.conversions);
	for (done = 0; !rc; ) {
		if (opts->interval.set)
			separate(&sampler, done);
		rc = sample(&sampler);
		done++;
		if (!opts->interval.set || fflush(stdout) ||
		    (opts->count.set && done == opts->count.num))
			break;
		sleep(opts->interval.num);
	}
	conversions_close(&sampler.conversions);
	pasts_free(&sampler.pasts);
	return rc;
}

static const struct object_type *const stat_types[] = {
	&sample_type, &conversions_type, &guest_type, NULL
};

const struct verb verb_stat = {
	.name = "stat",
	.operands = "",
	.summary = "Print how pools and guests use memory, and how that changes.",
	.opts = stat_options,
	.opts_size = sizeof(struct stat_opts),
	.types = stat_types,
	.run = stat,
};
