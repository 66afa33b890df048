// SPDX-License-Identifier: GPL-2.0
/*
 * hardware_disable_test makes and kills 512 virtual machines with 68 threads each,
 * for which emulation takes more than ten minutes.  This ends it, as the last one
 * would, when it has killed as many as FEW_FORKS says.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/types.h>

pid_t fork(void)
{
	static pid_t (*next)(void);
	static int forks;
	const char *few = getenv("FEW_FORKS");

	if (!next)
		next = dlsym(RTLD_NEXT, "fork");
	if (few && forks++ == atoi(few))
		exit(0);
	return next();
}
