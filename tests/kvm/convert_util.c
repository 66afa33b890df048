// SPDX-License-Identifier: GPL-2.0
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "convert_util.h"

int __convert(int fd, u64 offset, u64 size, bool private)
{
	struct kvm_memory_attributes2 args = {
		.offset = offset,
		.size = size,
		.attributes = private ? KVM_MEMORY_ATTRIBUTE_PRIVATE : 0,
	};

	return ioctl(fd, KVM_SET_MEMORY_ATTRIBUTES2, &args) ? errno : 0;
}

void convert(int fd, u64 offset, u64 size, bool private)
{
	int err = __convert(fd, offset, size, private);

	TEST_ASSERT(!err, "converting %#lx bytes at %#lx to %s: errno %d", size,
		    offset, private ? "private" : "shared", err);
}

/* System calls that copy say EFAULT where an access would raise SIGBUS. */
bool host_can_access(void *page)
{
	static int file = -1;
	int r, w;

	if (file < 0) {
		file = memfd_create("copy", MFD_CLOEXEC);
		TEST_ASSERT(file >= 0, "no memfd");
	}
	w = pwrite(file, page, sizeof(u64), 0);
	TEST_ASSERT(w == sizeof(u64) || errno == EFAULT, "errno %d", errno);
	/* Puts back what is there. */
	r = w < 0 ? pread(file, page, sizeof(u64), 0) : w;
	TEST_ASSERT(r == w || (r <= 0 && w < 0),
		    "the page can be %s only", w < 0 ? "written" : "read");
	return w > 0;
}

struct check check(struct kvm_vm *vm)
{
	struct check c = {};
	char path[128], key[32];
	u64 value;
	int n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/debug/kvm/%d-%d/gmem_check",
		 getpid(), vm->fd);
	f = fopen(path, "r");
	TEST_ASSERT(f, "cannot open %s", path);
	while (fscanf(f, "%31s %lu", key, &value) == 2) {
		if (!strcmp(key, "guest"))
			c.guest = value;
		else if (!strcmp(key, "user"))
			c.user = value;
		else if (!strcmp(key, "user_4k"))
			c.k4 = value;
		else if (!strcmp(key, "user_2m"))
			c.m2 = value;
		else if (!strcmp(key, "user_1g"))
			c.g1 = value;
		n++;
	}
	fclose(f);
	TEST_ASSERT(n == 5, "%s has %d lines", path, n);
	return c;
}

void check_no_mismatch(int line, struct kvm_vm *vm)
{
	struct check c = check(vm);

	TEST_ASSERT(!c.guest && !c.user,
		    "line %d: %lu wrong entries of the guest, %lu of user space",
		    line, c.guest, c.user);
}

bool in_place_conversion(void)
{
	char value = 'N';
	FILE *f = fopen("/sys/module/kvm/parameters/gmem_in_place_conversion", "r");

	TEST_ASSERT(f && fread(&value, 1, 1, f) == 1,
		    "no module parameter gmem_in_place_conversion");
	fclose(f);
	return value == 'Y';
}

static void set(const char *dir, const char *file, const char *value)
{
	char path[128];
	int fd, r;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", dir, file);
	fd = open(path, O_WRONLY);
	TEST_ASSERT(fd >= 0, "cannot open %s", path);
	r = write(fd, value, strlen(value));
	TEST_ASSERT(r == strlen(value), "cannot write %s", path);
	close(fd);
}

static int make_it_fail = -1;

void fail_allocations_begin(void)
{
	static const char *const dirs[] = { "failslab", "fail_page_alloc" };
	int i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		set(dirs[i], "task-filter", "Y");
		set(dirs[i], "ignore-gfp-wait", "N");
		set(dirs[i], "interval", "1");
		set(dirs[i], "verbose", "0");
		set(dirs[i], "times", "-1");
		set(dirs[i], "probability", "100");
	}
	set("fail_page_alloc", "ignore-gfp-highmem", "N");
	set("fail_page_alloc", "min-order", "0");

	make_it_fail = open("/proc/thread-self/make-it-fail", O_WRONLY);
	TEST_ASSERT(make_it_fail >= 0, "no fault injection");
	TEST_ASSERT(write(make_it_fail, "1", 1) == 1, "no fault injection");
}

void fail_allocations_end(void)
{
	TEST_ASSERT(write(make_it_fail, "0", 1) == 1, "cannot stop");
	close(make_it_fail);
	set("failslab", "probability", "0");
	set("fail_page_alloc", "probability", "0");
}
