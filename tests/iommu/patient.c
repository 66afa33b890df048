// SPDX-License-Identifier: GPL-2.0
/*
 * The harness of the kernel's selftests gives each test 30 seconds, in a poll() for
 * its end.  Some need more on a debug kernel under emulation; the runner has a limit
 * for them, too.
 */
#include <dlfcn.h>
#include <poll.h>

#define HARNESS_LIMIT	30000	/* ms */

int poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	static int (*next)(struct pollfd *fds, nfds_t nfds, int timeout);

	if (!next)
		next = dlsym(RTLD_NEXT, "poll");
	if (timeout == HARNESS_LIMIT)
		timeout = -1;
	return next(fds, nfds, timeout);
}
