// SPDX-License-Identifier: GPL-2.0
/* gmemctl save */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gmemctl.h"
#include "output.h"
#include "plan.h"

struct save_opts {
	struct common_opts common;
	const char *file;
	bool overwrite;
};

static const struct opt save_options[] = {
	{ 'f', "file", OPT_FILE, "FILE", offsetof(struct save_opts, file),
	  "write this file instead of printing the configuration" },
	{ 0, "overwrite", OPT_FLAG, NULL,
	  offsetof(struct save_opts, overwrite),
	  "replace the file if it is there" },
	{ 0 }
};

/* What the boot parameter makes is not for the configuration to make. */
static bool is_boot_pool(struct gmem_pool *pool)
{
	struct gmem_range *range;
	const char *origin;

	gmem_range_foreach(pool, range) {
		origin = gmem_range_get_origin(range);
		if (!origin || strcmp(origin, "boot"))
			return false;
	}
	return gmem_range_get_first(pool);
}

static bool is_of_devices(struct gmem_pool *pool, struct gmem_node *node)
{
	uint64_t size;

	return !gmem_node_get_size(node, &size) &&
	       size == device_bytes(pool, gmem_node_get_id(node));
}

/* Memory on other nodes than the one where it grows has to be told by node. */
static bool is_one_sum(struct gmem_pool *pool, int policy)
{
	struct gmem_node *node;

	gmem_node_foreach(pool, node)
		if (gmem_node_get_id(node) != policy &&
		    !is_of_devices(pool, node))
			return false;
	return true;
}

/* So many words of a list, as long as they can be, are a line that can be read. */
#define SIZES_OF_LINE	6
#define DEVICES_OF_LINE	4

static void begin_word(FILE *out, const char *key, unsigned int nr,
		       unsigned int of_line)
{
	if (nr % of_line)
		fputc(',', out);
	else
		fprintf(out, "%s%s = ", nr ? "\n" : "", key);
}

static int write_sizes(FILE *out, struct gmem_pool *pool)
{
	struct gmem_node *node;
	char text[SIZE_TEXT];
	unsigned int nr = 0;
	uint64_t size;
	int err;

	gmem_node_foreach(pool, node) {
		err = gmem_node_get_size(node, &size);
		if (err)
			return err;
		if (is_of_devices(pool, node))
			continue;
		size -= device_bytes(pool, gmem_node_get_id(node));
		begin_word(out, "size", nr++, SIZES_OF_LINE);
		fprintf(out, "%d:%s", gmem_node_get_id(node),
			size_exact(text, size));
	}
	fputc('\n', out);
	return 0;
}

/* With the address, since the next boot may give another device the name. */
static void write_devices(FILE *out, struct gmem_pool *pool)
{
	const char *name = gmem_pool_get_name(pool);
	unsigned int nr = 0;
	struct gmem_dax *dax;
	uint64_t start;

	gmem_dax_foreach(gmem_pool_get_ctx(pool), dax) {
		if (!gmem_dax_get_pool(dax) ||
		    strcmp(gmem_dax_get_pool(dax), name))
			continue;
		begin_word(out, "devices", nr++, DEVICES_OF_LINE);
		fputs(gmem_dax_get_name(dax), out);
		if (!gmem_dax_get_start(dax, &start))
			fprintf(out, "@%#" PRIx64, start);
	}
	if (nr)
		fputc('\n', out);
}

/* Seconds, without zeroes at the end. */
static void write_elastic(FILE *out, uint64_t max, uint64_t delay_ms)
{
	char text[SIZE_TEXT];

	if (max)
		fprintf(out, "max = %s\ndelay = %.10g\n", size_exact(text, max),
			delay_ms / 1000.0);
}

static int write_pool(FILE *out, struct gmem_pool *pool)
{
	uint64_t size, max = 0, delay = 0, reserved;
	char text[SIZE_TEXT];
	bool taken;
	int err, node;

	err = gmem_pool_get_size(pool, &size);
	if (!err)
		err = gmem_pool_get_node_policy(pool, &node);
	if (err)
		return err;
	size -= device_bytes(pool, GMEM_NODE_ANY);
	/* What it has taken for guests is not what it was given. */
	gmem_pool_get_max(pool, &max);
	taken = max && !gmem_pool_get_reserved(pool, &reserved) &&
		reserved < size;
	if (taken)
		size = reserved;
	if (max)
		err = gmem_pool_get_return_delay(pool, &delay);
	if (err)
		return err;
	/* Unless it has what the parameter cannot say. */
	if (is_boot_pool(pool) && !max && node == GMEM_NODE_ANY) {
		fprintf(out, "\n# The pool %s has %s of the kernel parameter gmem=.\n",
			gmem_pool_get_name(pool), size_exact(text, size));
		return 0;
	}

	fprintf(out, "\n[pool %s]\n", gmem_pool_get_name(pool));
	if (taken && !is_one_sum(pool, node))
		fputs("# On which nodes this is cannot be told from what guests have.\n",
		      out);
	if (taken || is_one_sum(pool, node))
		fprintf(out, "size = %s\n", size_exact(text, size));
	else
		err = write_sizes(out, pool);
	if (node == GMEM_NODE_ANY)
		fputs("node = any\n", out);
	else
		fprintf(out, "node = %d\n", node);
	write_elastic(out, max, delay);
	write_devices(out, pool);
	return err;
}

/* A size that is about to be another one is nobody's wish. */
static int check_pool(const struct app *app, struct gmem_pool *pool)
{
	const char *state = gmem_pool_get_state(pool);

	if (!state || !strcmp(state, "idle"))
		return 0;
	error(app, gmem_pool_get_name(pool), "the pool is %s now", state);
	advise("wait until gmemctl list says idle");
	return RC_BUSY;
}

static int write_one(struct app *app, FILE *out, struct gmem_pool *pool)
{
	int rc, err;

	rc = check_pool(app, pool);
	if (rc)
		return rc;
	err = write_pool(out, pool);
	if (err) {
		error(app, gmem_pool_get_name(pool),
		      "cannot read the pool: %s", strerror(-err));
		return exit_code_of(err);
	}
	if (app->opts->json)
		json_add(json_section(app, pool_type.section), &pool_type,
			 pool);
	return 0;
}

static int write_all(struct app *app, FILE *out, int nr, char **names)
{
	uint64_t keep_free = 0;
	struct gmem_pool *pool;
	char text[SIZE_TEXT];
	int rc = 0, i;

	fputs("# Written by gmemctl save; gmemctl restore makes it so.\n", out);
	if (!nr)
		gmem_get_keep_free(app->ctx, &keep_free);
	if (keep_free)
		fprintf(out, "\n[host]\nkeep_free = %s\n",
			size_exact(text, keep_free));
	for (i = 0; !rc && i < nr; i++) {
		rc = find_pool(app, names[i], &pool);
		if (!rc) {
			rc = write_one(app, out, pool);
			gmem_pool_unref(pool);
		}
	}
	if (!nr)
		gmem_pool_foreach(app->ctx, pool) {
			rc = write_one(app, out, pool);
			if (rc)
				break;
		}
	return rc;
}

static int cannot_write(const struct app *app, const char *file, int err)
{
	error(app, NULL, "%s: cannot be written: %s", file, strerror(-err));
	if (err == -EEXIST)
		advise("--overwrite replaces it");
	else if (err == -ENOENT)
		advise("is its directory there?");
	else if (err == -EINVAL)
		advise("it is not a plain file");
	return err == -EEXIST ? RC_FAILED : exit_code_of(err);
}

/* What is replaced: the file, not a link to it, and nothing but a file. */
static int find_target(const struct save_opts *opts, char **target,
		       struct stat *st)
{
	*target = NULL;
	st->st_mode = 0;
	if (opts->overwrite && !lstat(opts->file, st)) {
		*target = realpath(opts->file, NULL);
		if (!*target || stat(*target, st))
			return -errno;
		if (!S_ISREG(st->st_mode))
			return -EINVAL;
		return 0;
	}
	*target = format("%s", opts->file);
	return 0;
}

/* What was written has its name also after a loss of power. */
static int sync_directory(const char *file)
{
	char *copy = format("%s", file);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 || fsync(fd) ? -errno : 0;

	if (fd >= 0)
		close(fd);
	free(copy);
	return err;
}

static int write_text(int fd, const char *text, size_t len)
{
	size_t done = 0;
	ssize_t n;

	while (done < len) {
		n = write(fd, text + done, len - done);
		if (n < 0)
			return -errno;
		done += n;
	}
	return 0;
}

/* The file is there as a whole or, after an error, as it was. */
static int replace(const char *target, const struct stat *old,
		   const char *text, size_t len)
{
	char *tmp = format("%s.XXXXXX", target);
	int fd = mkostemp(tmp, O_CLOEXEC);
	int err;

	if (fd < 0) {
		err = -errno;
		free(tmp);
		return err;
	}
	err = write_text(fd, text, len);
	if (!err && old->st_mode && fchown(fd, old->st_uid, old->st_gid))
		err = -errno;
	if (!err && (fchmod(fd, old->st_mode ? old->st_mode & 07777 : 0644) ||
		     fsync(fd)))
		err = -errno;
	close(fd);
	/* link() fails where rename() would replace. */
	if (!err && (old->st_mode ? rename(tmp, target) : link(tmp, target)))
		err = -errno;
	if (err || !old->st_mode)
		unlink(tmp);
	free(tmp);
	return err ? err : sync_directory(target);
}

static int write_file(const struct app *app, const struct save_opts *opts,
		      const char *text, size_t len)
{
	struct stat old;
	char *target;
	int err;

	err = find_target(opts, &target, &old);
	if (!err)
		err = replace(target, &old, text, len);
	free(target);
	return err ? cannot_write(app, opts->file, err) : 0;
}

static int check_options(const struct app *app, const struct save_opts *opts,
			 int nr, char **names)
{
	if (opts->overwrite && !opts->file) {
		error(app, NULL, "--overwrite is for --file");
		return RC_USAGE;
	}
	if (opts->common.json && !opts->file) {
		error(app, NULL,
		      "--json is for --file: a configuration is not JSON");
		return RC_USAGE;
	}
	return nr ? check_pools(app, nr, names) : unsupported(app);
}

static int save(struct app *app, const void *arg, int nr, char **operands)
{
	struct save_opts copy = *(const struct save_opts *)arg, *opts = &copy;
	char *text = NULL;
	size_t len = 0;
	FILE *out;
	int rc;

	if (opts->file && !strcmp(opts->file, "-"))
		opts->file = NULL;
	rc = check_options(app, opts, nr, operands);
	if (rc)
		return rc;
	rc = nr ? 0 : scan_pools(app);
	if (rc)
		return rc;
	if (app->opts->json)
		json_section(app, pool_type.section);
	out = open_memstream(&text, &len);
	must(out);
	rc = write_all(app, out, nr, operands);
	must(!fclose(out));
	if (!rc && opts->file)
		rc = write_file(app, opts, text, len);
	else if (!rc)
		fputs(text, stdout);
	if (!rc && app->opts->json)
		json_print(app);
	free(text);
	return rc;
}

const struct verb verb_save = {
	.name = "save",
	.operands = "[NAME]...",
	.complete = COMPLETE_POOLS,
	.summary = "Print the configuration of pools as they are, or write it to a file.",
	.opts = save_options,
	.opts_size = sizeof(struct save_opts),
	.max_operands = -1,
	.run = save,
};
