// SPDX-License-Identifier: GPL-2.0
/* Which files are the configuration. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "gmemctl.h"
#include "config.h"
#include "config-file.h"

/* A file hides those of its name in the directories after it. */
static const char *const dirs[] = {
	"etc/gmem/pools.d", "run/gmem/pools.d", "usr/lib/gmem/pools.d",
};

struct files {
	char **v;		/* paths */
	size_t nr;
};

static const char *base_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

static void add_file(struct files *files, const char *dir, const char *name)
{
	char **v;
	size_t i;

	for (i = 0; i < files->nr; i++)
		if (!strcmp(base_name(files->v[i]), name))
			return;
	v = reallocarray(files->v, files->nr + 1, sizeof(*v));
	must(v);
	files->v = v;
	v[files->nr++] = format("%s/%s", dir, name);
}

static int is_conf(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 &&
	       !strcmp(entry->d_name + len - 5, ".conf");
}

static int add_dir(const struct app *app, const char *dir, bool optional,
		   struct files *files)
{
	struct dirent **entries;
	int i, n, err;

	n = scandir(dir, &entries, is_conf, NULL);
	if (n < 0) {
		err = -errno;
		if (optional && (err == -ENOENT || err == -ENOTDIR))
			return 0;
		error(app, NULL, "%s: cannot be read: %s", dir,
		      strerror(-err));
		return exit_code_of(err);
	}
	for (i = 0; i < n; i++) {
		add_file(files, dir, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static int find_files(const struct app *app, const char *path,
		      struct files *files)
{
	const char *sysroot = app->opts->sysroot;
	struct stat st;
	char *dir;
	size_t i;
	int rc = 0;

	if (path) {
		/* One file is read whatever its name is. */
		if (stat(path, &st) || S_ISDIR(st.st_mode))
			return add_dir(app, path, false, files);
		files->v = malloc(sizeof(*files->v));
		must(files->v);
		files->v[files->nr++] = format("%s", path);
		return 0;
	}
	for (i = 0; !rc && i < ARRAY_SIZE(dirs); i++) {
		dir = format("%s/%s", sysroot ? sysroot : "", dirs[i]);
		rc = add_dir(app, dir, true, files);
		free(dir);
	}
	return rc;
}

static int compare_files(const void *a, const void *b)
{
	return strcmp(base_name(*(char *const *)a), base_name(*(char *const *)b));
}

int config_read(const struct app *app, const char *path, struct config *config)
{
	struct files files = { 0 };
	size_t i;
	int rc;

	*config = (struct config){ 0 };
	rc = find_files(app, path, &files);
	if (!rc && files.nr > 1)
		qsort(files.v, files.nr, sizeof(*files.v), compare_files);
	for (i = 0; i < files.nr; i++) {
		if (!rc)
			rc = config_read_file(app, files.v[i], config);
		free(files.v[i]);
	}
	free(files.v);
	if (rc)
		config_free(config);
	return rc;
}

void config_free(struct config *config)
{
	size_t i, n;

	for (i = 0; i < config->nr; i++) {
		free(config->v[i].name);
		free(config->v[i].file);
		free(config->v[i].sizes);
		for (n = 0; n < config->v[i].nr_devices; n++)
			free(config->v[i].devices[n].name);
		free(config->v[i].devices);
	}
	free(config->v);
	free(config->host_file);
	*config = (struct config){ 0 };
}

const struct pool_config *config_find(const struct config *config,
				      const char *name)
{
	size_t i;

	for (i = 0; i < config->nr; i++)
		if (!strcmp(config->v[i].name, name))
			return &config->v[i];
	return NULL;
}
