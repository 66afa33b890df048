/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of gmemctl share. */
#ifndef GMEMCTL_H
#define GMEMCTL_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libgmem.h>

#include "options.h"
#include "sizes.h"

#define __printf(fmt, args) __attribute__((format(printf, fmt, args)))
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

enum exit_code {
	RC_DONE = 0,		/* what was asked for is now true */
	RC_FAILED = 1,		/* and nothing was changed */
	RC_USAGE = 2,		/* found before the first write */
	RC_PARTIAL = 3,		/* some objects, or part of the size */
	RC_NOT_FOUND = 4,
	RC_BUSY = 5,
	RC_PERMISSION = 6,
	RC_UNSUPPORTED = 7,	/* by the kernel */
};

struct object_type;
struct verb;

/* One run of the program.  The options of the verb are not part of it. */
struct app {
	const struct verb *verb;
	const struct common_opts *opts;
	const struct change_opts *change;	/* NULL for verbs that read */
	struct gmem_ctx *ctx;
	struct json_object *json;	/* the envelope, with --json */
	struct json_object *writes;	/* those since the latest result */
	char *words;			/* the kernel's, on the latest change */
	bool wrote;			/* really, so that it is logged */
};

/* Which words a shell offers for an operand or a value. */
enum complete {
	COMPLETE_NONE,
	COMPLETE_POOLS,
	COMPLETE_DEVICES,
	COMPLETE_MODES,
	COMPLETE_NODES,
	COMPLETE_VERBS,
	COMPLETE_COLUMNS,
	COMPLETE_FILES,
	COMPLETE_DIRS,
};

struct verb {
	const char *name;
	const char *operands;		/* as the usage line has them */
	enum complete complete;		/* what the operands are */
	const char *summary;
	const struct opt *opts;		/* its own; NULL for none */
	size_t opts_size;
	int min_operands;
	int max_operands;		/* -1: any number */
	bool changes;			/* opts begin with change_opts */
	bool plain;			/* needs neither a kernel nor a context */
	const char *note;		/* more for the help text, or NULL */
	/* Whose columns --output takes; ends with NULL. */
	const struct object_type *const *types;
	int (*run)(struct app *app, const void *opts, int nr, char **operands);
};

extern const struct verb *const verbs[];
const struct verb *find_verb(const char *name);

extern const struct verb verb_list;
extern const struct verb verb_create_pool;
extern const struct verb verb_resize_pool;
extern const struct verb verb_destroy_pool;
extern const struct verb verb_compact_pool;
extern const struct verb verb_keep_free;
extern const struct verb verb_reconfigure_device;
extern const struct verb verb_offline;
extern const struct verb verb_online;
extern const struct verb verb_save;
extern const struct verb verb_restore;
extern const struct verb verb_doctor;
extern const struct verb verb_stat;
extern const struct verb verb_monitor;
extern const struct verb verb_help;
extern const struct verb verb_version;

/* What is said when the kernel has no pools. */
#define UNSUPPORTED_CAUSE "this kernel has no gmem"
#define UNSUPPORTED_HINT "boot a kernel that was built with CONFIG_GMEM=y"

/* message.c */
void error(const struct app *app, const char *object, const char *fmt, ...)
	__printf(3, 4);
void advise(const char *fmt, ...) __printf(1, 2);
char *format(const char *fmt, ...) __printf(1, 2);
int unsupported(const struct app *app);
int check_name(const struct app *app, const char *name);
int check_node(const struct app *app, const struct node_arg *node);
int find_pool(const struct app *app, const char *name,
	      struct gmem_pool **pool);
int scan_pools(const struct app *app);
int check_pool_names(const struct app *app, const struct words *names);
int check_pools(const struct app *app, int nr, char **names);
int exit_code_of(int err);

/* json.c */
struct json_object *json_section(struct app *app, const char *name);
struct json_object *json_text(const char *text);
void json_print(const struct app *app);
void json_print_line(const struct app *app);
void must(bool ok);

#endif /* GMEMCTL_H */
