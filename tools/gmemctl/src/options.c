// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gmemctl.h"
#include "output.h"

static const struct opt change_options[] = {
	{ 'n', "dry-run", OPT_FLAG, NULL,
	  offsetof(struct change_opts, dry_run),
	  "print the writes instead of doing them" },
	{ 0, "progress", OPT_FLAG, NULL,
	  offsetof(struct change_opts, progress),
	  "report progress even if standard error is no terminal" },
	{ 0 }
};

static const struct opt common_options[] = {
	{ 'J', "json", OPT_FLAG, NULL, offsetof(struct common_opts, json),
	  "print JSON" },
	{ 'v', "verbose", OPT_FLAG, NULL,
	  offsetof(struct common_opts, verbose),
	  "say which files are written and which cannot be read" },
	{ 0, "sysroot", OPT_DIR, "DIR",
	  offsetof(struct common_opts, sysroot),
	  "use DIR/sys and DIR/proc, as tests do" },
	{ 0 }
};

static const struct opt help_options[] = {
	{ 'h', "help", OPT_FLAG, NULL, offsetof(struct common_opts, help),
	  "print this text" },
	{ 0 }
};

/* Is it one of them? */
bool has_word(const struct words *words, const char *word)
{
	size_t i;

	for (i = 0; i < words->nr; i++)
		if (!strcmp(words->v[i], word))
			return true;
	return false;
}

static const struct opt *get_table(const struct verb *verb,
				   enum opt_group group)
{
	switch (group) {
	case GROUP_OWN:
		return verb->opts;
	case GROUP_CHANGE:
		return verb->changes ? change_options : NULL;
	case GROUP_COMMON:
		return verb->plain ? NULL : common_options;
	case GROUP_ALL:
		return help_options;
	}
	return NULL;
}

/*
 * The option after this one, or the first after NULL, and the group that it is
 * in; NULL after the last.
 */
const struct opt *options_next(const struct verb *verb, const struct opt *opt,
			       enum opt_group *group)
{
	if (!opt) {
		*group = GROUP_OWN;
		opt = get_table(verb, *group);
	} else {
		opt++;
	}
	while (!opt || !opt->name) {
		if (*group == GROUP_ALL)
			return NULL;
		opt = get_table(verb, ++*group);
	}
	return opt;
}

/* All options of a verb; the array is for free(). */
static const struct opt **get_options(const struct verb *verb, size_t *nr)
{
	const struct opt **list = NULL;
	const struct opt *opt = NULL;
	enum opt_group group;

	*nr = 0;
	while ((opt = options_next(verb, opt, &group))) {
		list = reallocarray(list, *nr + 1, sizeof(*list));
		must(list);
		list[(*nr)++] = opt;
	}
	return list;
}

/* Long options without a letter are told apart by numbers above all letters. */
#define LONG_BASE	256

static int opt_value(const struct opt *opt, size_t i)
{
	return opt->letter ? opt->letter : LONG_BASE + (int)i;
}

/* For messages: as the user is told to write it. */
static void bad_value(struct app *app, const struct opt *opt,
		      const char *text, const char *reason)
{
	error(app, NULL, "--%s: '%s' is %s", opt->name, text, reason);
}

static int parse_node(const char *text, struct node_arg *arg)
{
	struct nodelist list;
	int i;

	arg->set = true;
	if (!strcmp(text, "any")) {
		arg->node = GMEM_NODE_ANY;
		return 0;
	}
	/* Reuses the checks of lists, of which one number is a special case. */
	if (strpbrk(text, ",-") || !*text || nodelist_parse(text, &list))
		return -1;
	for (i = 0; !list.has[i]; i++)
		;
	arg->node = i;
	return 0;
}

static int parse_number(const char *text, struct number_arg *arg)
{
	char *end;

	errno = 0;
	arg->num = strtoull(text, &end, 10);
	arg->set = true;
	return errno || *end || !arg->num || !isdigit((unsigned char)*text);
}

static const char *parse_seconds(const char *text, struct seconds_arg *arg)
{
	arg->set = true;
	return seconds_parse(text, &arg->ms);
}

static int add_words(struct app *app, const struct opt *opt, const char *text,
		     struct words *words)
{
	char *copy = strdup(text);
	char *rest = copy;
	char *word;
	char **v;
	int rc = 0;

	must(copy);
	while (!rc && (word = strsep(&rest, ","))) {
		if (opt->type == OPT_POOLS && gmem_check_name(word)) {
			bad_value(app, opt, word, "not the name of a pool");
			rc = RC_USAGE;
			break;
		}
		if (!*word) {
			bad_value(app, opt, text, "a list with an empty word");
			rc = RC_USAGE;
			break;
		}
		v = reallocarray(words->v, words->nr + 1, sizeof(*v));
		must(v);
		words->v = v;
		v[words->nr] = strdup(word);
		must(v[words->nr++]);
	}
	free(copy);
	return rc;
}

static int set_option(struct app *app, void *opts, const struct opt *opt,
		      const char *text)
{
	void *value = (char *)opts + opt->offset;
	const char *reason;

	switch (opt->type) {
	case OPT_FLAG:
		*(bool *)value = true;
		break;
	case OPT_COLUMNS:
	case OPT_FILE:
	case OPT_DIR:
	case OPT_MODE:
		*(const char **)value = text;
		break;
	case OPT_SIZE:
		reason = size_parse(text, value);
		if (reason) {
			bad_value(app, opt, text, reason);
			return RC_USAGE;
		}
		break;
	case OPT_NUMBER:
		if (parse_number(text, value)) {
			bad_value(app, opt, text, "not a number above 0");
			return RC_USAGE;
		}
		break;
	case OPT_SECONDS:
		reason = parse_seconds(text, value);
		if (reason) {
			bad_value(app, opt, text, reason);
			return RC_USAGE;
		}
		break;
	case OPT_NODE:
		if (parse_node(text, value)) {
			bad_value(app, opt, text,
				  "not a node: give its number, or 'any'");
			return RC_USAGE;
		}
		break;
	case OPT_NODELIST:
		if (!*text || nodelist_parse(text, value)) {
			bad_value(app, opt, text,
				  "not a list of nodes such as 0,2-3");
			return RC_USAGE;
		}
		break;
	case OPT_POOLS:
	case OPT_WORDS:
		return add_words(app, opt, text, value);
	}
	return 0;
}

/* "-1G" is an operand, a size; no option has a digit for a letter. */
static bool is_negative(const char *arg)
{
	return arg[0] == '-' && isdigit((unsigned char)arg[1]);
}

static const struct opt *find_opt(const struct opt **list, size_t nr, int value)
{
	size_t i;

	for (i = 0; i < nr; i++)
		if (opt_value(list[i], i) == value)
			return list[i];
	return NULL;
}

/* What getopt_long() did not like: opt is the option, if there is one. */
static int bad_option(struct app *app, const struct opt *opt, const char *arg,
		      int c)
{
	if (c == ':' && opt)
		error(app, NULL, "--%s needs a value, %s (see gmemctl help %s)",
		      opt->name, opt->arg, app->verb->name);
	else if (optopt && optopt < LONG_BASE && !opt)
		error(app, NULL, "unknown option '-%c' (see gmemctl help %s)",
		      optopt, app->verb->name);
	else if (opt)
		error(app, NULL, "--%s takes no value, '%s' has one",
		      opt->name, arg);
	else
		error(app, NULL,
		      "unknown or ambiguous option '%s' (see gmemctl help %s)",
		      arg, app->verb->name);
	return RC_USAGE;
}

static int check_operands(const struct app *app, int nr, char **operands)
{
	const struct verb *verb = app->verb;

	if (nr < verb->min_operands)
		error(app, NULL, "an operand is missing; usage: gmemctl %s%s%s",
		      verb->name, *verb->operands ? " " : "", verb->operands);
	else if (verb->max_operands >= 0 && nr > verb->max_operands)
		error(app, NULL,
		      "'%s' is one operand too many; usage: gmemctl %s%s%s",
		      operands[verb->max_operands], verb->name,
		      *verb->operands ? " " : "", verb->operands);
	else
		return 0;
	return RC_USAGE;
}

/*
 * Fill the options and the operands, which has room for argc.  Returns the
 * number of operands, or minus an exit code after a message.
 */
int options_parse(struct app *app, void *opts, int argc, char **argv,
		  char **operands)
{
	const struct opt **list;
	struct option *longs;
	char *shorts, *s;
	int rc = 0, nr = 0, before, c;
	size_t i, n;

	list = get_options(app->verb, &n);
	longs = calloc(n + 1, sizeof(*longs));
	shorts = malloc(2 * n + 3);
	must(longs && shorts);
	s = shorts;
	*s++ = '+';
	*s++ = ':';
	for (i = 0; i < n; i++) {
		longs[i].name = list[i]->name;
		longs[i].has_arg = list[i]->type == OPT_FLAG ?
				   no_argument : required_argument;
		longs[i].val = opt_value(list[i], i);
		if (list[i]->letter) {
			*s++ = list[i]->letter;
			if (longs[i].has_arg)
				*s++ = ':';
		}
	}
	*s = '\0';

	/* Options may be anywhere before "--", and numbers with a sign too. */
	optind = 1;
	while (!rc && optind < argc) {
		if (is_negative(argv[optind])) {
			operands[nr++] = argv[optind++];
			continue;
		}
		before = optind;
		c = getopt_long(argc, argv, shorts, longs, NULL);
		if (c == '?' || c == ':') {
			rc = bad_option(app, find_opt(list, n, optopt),
					argv[optind - 1], c);
		} else if (c != -1) {
			rc = set_option(app, opts, find_opt(list, n, c),
					optarg);
		} else if (optind > before) {
			while (optind < argc)
				operands[nr++] = argv[optind++];
		} else {
			operands[nr++] = argv[optind++];
		}
	}
	free(longs);
	free(shorts);
	free(list);
	if (!rc && !app->opts->help)
		rc = check_operands(app, nr, operands);
	return rc ? -rc : nr;
}

void options_free(const struct verb *verb, void *opts)
{
	const struct opt *opt;
	struct words *words;
	size_t i;

	for (opt = verb->opts; opt && opt->name; opt++) {
		if (opt->type != OPT_POOLS && opt->type != OPT_WORDS)
			continue;
		words = (struct words *)((char *)opts + opt->offset);
		for (i = 0; i < words->nr; i++)
			free(words->v[i]);
		free(words->v);
	}
	free(opts);
}

void options_help(const struct verb *verb)
{
	const struct object_type *const *type;
	const struct opt **list;
	const struct opt *opt;
	char left[64];
	int width = 0, len;
	size_t i, n;

	list = get_options(verb, &n);
	printf("Usage: gmemctl %s [OPTION]...%s%s\n\n%s\n\nOptions:\n",
	       verb->name, *verb->operands ? " " : "", verb->operands,
	       verb->summary);
	for (i = 0; i < n; i++) {
		opt = list[i];
		len = strlen(opt->name) + (opt->arg ? strlen(opt->arg) + 1 : 0);
		if (len > width)
			width = len;
	}
	for (i = 0; i < n; i++) {
		opt = list[i];
		snprintf(left, sizeof(left), "%s%s%s", opt->name,
			 opt->arg ? " " : "", opt->arg ? opt->arg : "");
		if (opt->letter)
			printf("  -%c, ", opt->letter);
		else
			printf("      ");
		printf("--%-*s  %s\n", width, left, opt->help);
	}
	free(list);
	if (verb->note)
		printf("\n%s\n", verb->note);
	for (type = verb->types; type && *type; type++) {
		printf("\n%s%s:\n", (*type)->title,
		       type == verb->types ? " (* = shown by default)" : "");
		columns_help(*type);
	}
}
