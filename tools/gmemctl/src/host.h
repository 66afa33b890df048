/* SPDX-License-Identifier: GPL-2.0 */
/* Files of the host that are not libgmem's, below the root directory in use. */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>
#include <stdint.h>

struct app;

/* For free(), without the newline at the end; NULL if it cannot be read. */
char *host_read(const struct app *app, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
bool host_exists(const struct app *app, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Names in a directory, sorted, for host_list_free(); NULL if there are none, with
 * errno, which is 0 for an empty directory.
 */
char **host_list(const struct app *app, const char *dir);
void host_list_free(char **names);

/* Is word one of the words of text, between blanks? */
bool has_flag(const char *text, const char *word);

#endif /* HOST_H */
