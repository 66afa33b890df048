/* SPDX-License-Identifier: GPL-2.0 */
/* Company for a thread that waits in a write: signals and progress. */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>

struct app;
struct change;
struct watch;

struct watch *watch_start(const struct app *app, const struct change *change);
void watch_stop(struct watch *watch);
bool watch_interrupted(void);

#endif /* WATCH_H */
