/* SPDX-License-Identifier: GPL-2.0 */
/* One file of the configuration. */
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

struct app;
struct config;

/* Adds what is in the file.  Returns 0 or an exit code, after a message. */
int config_read_file(const struct app *app, const char *path,
		     struct config *config);

#endif /* CONFIG_FILE_H */
