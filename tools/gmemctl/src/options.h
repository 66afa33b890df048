/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Options as tables.  A table says how an option is written, what its value is
 * and where the value goes; the parser, the help text, the synopsis and the
 * options of the manual page, and the completion of shells come from it.
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct app;
struct verb;

enum opt_type {
	OPT_FLAG,		/* bool */
	OPT_COLUMNS,		/* const char * */
	OPT_FILE,		/* const char * */
	OPT_DIR,		/* const char * */
	OPT_MODE,		/* const char *, of a DAX device */
	OPT_SIZE,		/* struct size */
	OPT_NUMBER,		/* struct number_arg, 1 or more */
	OPT_SECONDS,		/* struct seconds_arg, also 0 and parts of one */
	OPT_NODE,		/* struct node_arg */
	OPT_NODELIST,		/* struct nodelist */
	OPT_POOLS,		/* struct words: commas, or several options */
	OPT_WORDS,		/* the same, of anything */
};

struct opt {
	char letter;		/* 0: none */
	const char *name;	/* NULL ends the table */
	enum opt_type type;
	const char *arg;	/* what the help text calls the value */
	size_t offset;		/* of the value in the options of the verb */
	const char *help;
};

struct node_arg {
	bool set;
	int node;
};

struct number_arg {
	bool set;
	uint64_t num;
};

struct seconds_arg {
	bool set;
	uint64_t ms;
};

#define NODELIST_MAX	1024

struct nodelist {
	bool set;
	bool has[NODELIST_MAX];
};

struct words {
	char **v;
	size_t nr;
};

/* Every verb's options begin with these, and it has them beside its table. */
struct common_opts {
	bool json;
	bool verbose;
	bool help;
	const char *sysroot;
};

/* The same for verbs that change something. */
struct change_opts {
	struct common_opts common;
	bool dry_run;
	bool progress;
};

/* Where an option comes from. */
enum opt_group {
	GROUP_OWN,		/* the verb's table */
	GROUP_CHANGE,		/* all verbs that change something */
	GROUP_COMMON,		/* all verbs that look at the machine */
	GROUP_ALL,
};

const struct opt *options_next(const struct verb *verb, const struct opt *opt,
			       enum opt_group *group);
int options_parse(struct app *app, void *opts, int argc, char **argv,
		  char **operands);
bool has_word(const struct words *words, const char *word);
void options_free(const struct verb *verb, void *opts);
void options_help(const struct verb *verb);

#endif /* OPTIONS_H */
