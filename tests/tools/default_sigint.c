// SPDX-License-Identifier: GPL-2.0
/*
 * Run a command that Ctrl-C ends, also where the shells above ignore it.
 *
 *   default_sigint COMMAND...
 */
#include <err.h>
#include <signal.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc < 2)
		errx(2, "usage: default_sigint COMMAND...");
	signal(SIGINT, SIG_DFL);
	execvp(argv[1], argv + 1);
	err(1, "%s", argv[1]);
}
