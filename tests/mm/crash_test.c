// SPDX-License-Identifier: GPL-2.0
/*
 * A crash dump leaves out what is in pools.
 *
 *   crash_test load KERNEL INITRD COMMAND-LINE
 *
 * loads a crash kernel whose first process is this program, statically linked.  It
 * looks at what /proc/vmcore offers of the kernel that has crashed.  From the command
 * line of its kernel, which is its environment, it has
 *
 *   gmem_pools=0xFIRST-0xLAST,...	physical addresses that pools have
 *   gmem_tests=N			how many tests there were before it
 *
 * and it writes TAP to the second serial port, where the first kernel has left off.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/kexec.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int load_kernel(char **argv)
{
	int kernel = open(argv[2], O_RDONLY);
	int initrd = open(argv[3], O_RDONLY);

	if (kernel < 0 || initrd < 0) {
		perror("cannot open the kernel or the initrd");
		return 1;
	}
	if (syscall(SYS_kexec_file_load, kernel, initrd, strlen(argv[4]) + 1,
		    argv[4], KEXEC_FILE_ON_CRASH)) {
		perror("cannot load the crash kernel");
		return 1;
	}
	return 0;
}

static void result(int number, bool good, const char *title)
{
	printf("  %sok %d %s\n", good ? "" : "not ", number, title);
}

struct dump {
	Elf64_Phdr phdr[512];
	unsigned int nr;
};

static bool read_dump(struct dump *dump)
{
	FILE *f = fopen("/proc/vmcore", "r");
	Elf64_Ehdr ehdr;
	bool good;

	if (!f)
		return false;
	good = fread(&ehdr, sizeof(ehdr), 1, f) == 1 &&
	       !memcmp(ehdr.e_ident, ELFMAG, SELFMAG) &&
	       ehdr.e_phnum <= 512 && !fseek(f, ehdr.e_phoff, SEEK_SET) &&
	       fread(dump->phdr, sizeof(dump->phdr[0]), ehdr.e_phnum, f) ==
		       ehdr.e_phnum;
	dump->nr = good ? ehdr.e_phnum : 0;
	fclose(f);
	return good;
}

/* How many bytes of [first, last] the dump has. */
static uint64_t dumped(const struct dump *dump, uint64_t first, uint64_t last)
{
	uint64_t from, until, sum = 0;
	unsigned int i;

	for (i = 0; i < dump->nr; i++) {
		if (dump->phdr[i].p_type != PT_LOAD)
			continue;
		from = dump->phdr[i].p_paddr;
		until = from + dump->phdr[i].p_memsz;
		if (from < first)
			from = first;
		if (until > last + 1)
			until = last + 1;
		if (from < until)
			sum += until - from;
	}
	return sum;
}

static void check(const char *pools, int number)
{
	static struct dump dump;
	uint64_t first, last, got;
	char title[128];
	int n;

	result(++number, read_dump(&dump), "the crash kernel has the dump");
	/* All of the first GiB that is RAM, but for some holes and itself. */
	got = dumped(&dump, 0, (1ull << 30) - 1);
	printf("  # %" PRIu64 " MiB of the first GiB\n", got >> 20);
	result(++number, got > 1ull << 28, "it has System RAM");
	for (; sscanf(pools, "%" SCNx64 "-%" SCNx64 "%n", &first, &last, &n) == 2;
	     pools += n + (pools[n] == ',')) {
		got = dumped(&dump, first, last);
		snprintf(title, sizeof(title),
			 "none of pool memory at %#" PRIx64, first);
		if (got)
			printf("  # %" PRIu64 " MiB of it\n", got >> 20);
		result(++number, !got, title);
	}
	printf("  1..%d\n", number);
	printf("ok 1 crash\n# end\n");
}

/* The first process of the crash kernel. */
static int look(void)
{
	const char *pools = getenv("gmem_pools");
	const char *tests = getenv("gmem_tests");

	mkdir("/proc", 0755);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	if (freopen("/dev/ttyS1", "w", stdout) && pools && tests)
		check(pools, atoi(tests));
	fflush(stdout);
	sync();
	sleep(1);
	return reboot(RB_POWER_OFF);
}

int main(int argc, char **argv)
{
	if (getpid() == 1)
		return look();
	if (argc != 5 || strcmp(argv[1], "load")) {
		fprintf(stderr, "usage: crash_test load KERNEL INITRD COMMAND-LINE\n");
		return 1;
	}
	return load_kernel(argv);
}
