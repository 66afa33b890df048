// SPDX-License-Identifier: GPL-2.0
/* gmemctl doctor: is this host ready for guests on pools? */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "gmemctl.h"
#include "config.h"
#include "doctor.h"
#include "output.h"

static const struct {
	const char *name;
	void (*run)(struct doctor *doctor);
} checks[] = {
	{ "kernel", check_kernel },
	{ "kvm", check_kvm },
	{ "default-pool", check_default_pool },
	{ "parameters", check_parameters },
	{ "user-1g", check_user_mappings },
	{ "guest-1g", check_guest_mappings },
	{ "iommu-1g", check_iommu },
	{ "block-size", check_block_size },
	{ "movable", check_movable },
	{ "hugetlb", check_hugetlb },
	{ "auto-online", check_online_policy },
	{ "poison", check_poison },
	{ "fragmentation", check_fragmentation },
	{ "configuration", check_configuration },
	{ "service", check_service },
};

static const char *const status_names[] = {
	[STATUS_OK] = "ok",
	[STATUS_NOTE] = "note",
	[STATUS_WARN] = "warn",
	[STATUS_BAD] = "bad",
};

/* One line of the report, for JSON. */
struct line {
	const char *check;
	enum status status;
	const char *found;
	const char *mend;
};

static int line_check(const void *object, struct cell *cell)
{
	cell->text = ((const struct line *)object)->check;
	return 0;
}

static int line_status(const void *object, struct cell *cell)
{
	cell->text = status_names[((const struct line *)object)->status];
	return 0;
}

static int line_found(const void *object, struct cell *cell)
{
	cell->text = ((const struct line *)object)->found;
	return 0;
}

static int line_mend(const void *object, struct cell *cell)
{
	cell->text = ((const struct line *)object)->mend;
	return cell->text ? 0 : -ENODATA;
}

static const struct column line_columns[] = {
	{ .name = "CHECK", .key = "check", .type = COL_TEXT,
	  .get = line_check },
	{ .name = "STATUS", .key = "status", .type = COL_TEXT,
	  .get = line_status },
	{ .name = "FOUND", .key = "found", .type = COL_TEXT,
	  .get = line_found },
	{ .name = "MEND", .key = "mend", .type = COL_TEXT, .get = line_mend },
	{ 0 }
};

static const struct object_type line_type = {
	.section = "findings",
	.columns = line_columns,
};

static void report_text(struct doctor *doctor, enum status status,
			const char *found, const char *mend)
{
	printf("%-4s  %-14s  %s\n", status_names[status], doctor->check, found);
	if (mend)
		printf("%22smend: %s\n", "", mend);
}

static void report_json(struct doctor *doctor, enum status status,
			const char *found, const char *mend)
{
	const struct line line = {
		.check = doctor->check,
		.status = status,
		.found = found,
		.mend = mend,
	};

	json_add(json_section((struct app *)doctor->app, line_type.section),
		 &line_type, &line);
}

void finding(struct doctor *doctor, enum status status, const char *mend,
	     const char *found, ...)
{
	va_list args;
	char *text;

	va_start(args, found);
	must(vasprintf(&text, found, args) >= 0);
	va_end(args);
	doctor->report(doctor, status, text, mend);
	free(text);
	if (status > doctor->worst)
		doctor->worst = status;
}

static int doctor(struct app *app, const void *arg, int nr, char **operands)
{
	struct doctor doctor = {
		.app = app,
		.report = app->opts->json ? report_json : report_text,
	};
	struct config config;
	size_t i;

	(void)arg;
	(void)nr;
	(void)operands;
	if (!config_read(app, NULL, &config))
		doctor.config = &config;
	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		doctor.check = checks[i].name;
		checks[i].run(&doctor);
	}
	if (app->opts->json)
		json_print(app);
	if (doctor.config)
		config_free(&config);
	return doctor.worst == STATUS_BAD ? RC_FAILED : RC_DONE;
}

const struct verb verb_doctor = {
	.name = "doctor",
	.operands = "",
	.summary = "Say whether this host is ready for pools, and how to mend what is not.",
	.opts_size = sizeof(struct common_opts),
	.run = doctor,
};
