// SPDX-License-Identifier: GPL-2.0
/*
 * Real DMA to and from pool memory that is mapped by file: what the device
 * reaches is what the file says, at every moment.
 */
#include <pthread.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "device.h"

#define IOVA	0x200000000UL	/* aligned to 1 GiB */
#define IOVA2	0x280000000UL

FIXTURE(dma)
{
	struct device dev;
	int ioas, file, log;
	char *p;
};

FIXTURE_VARIANT(dma)
{
	size_t size;
};

FIXTURE_VARIANT_ADD(dma, pte) { .size = 16 * SZ_4K };
FIXTURE_VARIANT_ADD(dma, pmd) { .size = 2 * SZ_2M };
FIXTURE_VARIANT_ADD(dma, pud) { .size = SZ_1G };

/* A file of the size of the variant, and a device that is attached to an IOAS. */
FIXTURE_SETUP(dma)
{
	ASSERT_EQ(0, device_open(&self->dev));
	self->log = log_open();
	ASSERT_GE(self->log, 0);
	self->ioas = ioas_alloc(self->dev.iommufd);
	ASSERT_GT(self->ioas, 0);
	ASSERT_EQ(0, attach(&self->dev, self->ioas));

	self->file = gmem_create(variant->size);
	ASSERT_GE(self->file, 0);
	self->p = gmem_map(self->file, variant->size);
	ASSERT_NE(MAP_FAILED, (void *)self->p);
}

FIXTURE_TEARDOWN(dma)
{
	device_close(&self->dev);
	if (self->p)
		munmap(self->p, variant->size);
	if (self->file >= 0)
		close(self->file);
	close(self->log);
}

static long leaf_of(size_t size)
{
	return size >= SZ_1G ? SZ_1G : size >= SZ_2M ? SZ_2M : SZ_4K;
}

/* Copies one page of the file to another through the device. */
static void device_copy(struct device *dev, __u64 from, __u64 to)
{
	dma_read(dev, from, SZ_4K);
	dma_write(dev, to, SZ_4K);
}

TEST_F(dma, both_ways)
{
	const size_t last = variant->size - SZ_4K;
	__u64 iova = IOVA;

	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0,
			      variant->size, &iova, RW));
	EXPECT_LEAF(leaf_of(variant->size), self->dev.name, IOVA);
	EXPECT_LEAF(leaf_of(variant->size), self->dev.name, IOVA + last);
	EXPECT_LEAF(0, self->dev.name, IOVA + variant->size);

	memset(self->p, 0x5a, SZ_4K);
	device_copy(&self->dev, IOVA, IOVA + last);
	EXPECT_EQ(0, memcmp(self->p, self->p + last, SZ_4K));
	EXPECT_EQ(0x5a, self->p[variant->size - 1]);

	ASSERT_EQ(0, unmap_iova(self->dev.iommufd, self->ioas, IOVA, variant->size));
	EXPECT_LEAF(0, self->dev.name, IOVA);
	EXPECT_TRUE(write_faults(&self->dev, self->log, IOVA + last));
	EXPECT_EQ(0x5a, self->p[variant->size - 1]);
}

/* A read-only mapping is one. */
TEST_F(dma, read_only)
{
	__u64 iova = IOVA;

	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0,
			      variant->size, &iova, IOMMU_IOAS_MAP_READABLE));
	memset(self->p, 0x11, SZ_4K);
	/* QEMU records no fault if it has the translation for reads already. */
	EXPECT_TRUE(write_faults(&self->dev, self->log, IOVA));
	dma_read(&self->dev, IOVA, SZ_4K);
	memset(self->p, 0x22, SZ_4K);
	dma_write(&self->dev, IOVA, SZ_4K);
	EXPECT_EQ(0x22, self->p[0]);
	EXPECT_EQ(0x22, self->p[SZ_4K - 1]);
}

/* The kernel chooses an address that large entries can be at. */
TEST_F(dma, any_iova)
{
	__u64 iova = 0;

	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0,
			      variant->size, &iova, RW));
	EXPECT_LEAF(leaf_of(variant->size), self->dev.name, iova);

	/* Also for a part that begins somewhere. */
	iova = 0;
	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, SZ_4K,
			      variant->size - SZ_4K, &iova, RW));
	EXPECT_LEAF(SZ_4K, self->dev.name, iova);
	EXPECT_LEAF(variant->size > SZ_2M ? SZ_2M : SZ_4K, self->dev.name,
		    iova + variant->size - 2 * SZ_4K);
}

/* Punched memory is zero and still there, in entries as large as before. */
TEST_F(dma, punch_hole)
{
	const size_t hole = variant->size / 2 + SZ_4K;
	__u64 iova = IOVA;

	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0,
			      variant->size, &iova, RW));
	memset(self->p + hole - SZ_4K, 0x77, 3 * SZ_4K);
	memset(self->p, 0x33, SZ_4K);

	/* The device has the translation before. */
	dma_read(&self->dev, IOVA + hole, SZ_4K);

	ASSERT_EQ(0, punch(self->file, hole, SZ_4K));
	EXPECT_LEAF(leaf_of(variant->size), self->dev.name, IOVA + hole);

	device_copy(&self->dev, IOVA + hole, IOVA);
	EXPECT_EQ(0, self->p[0]);
	EXPECT_EQ(0, self->p[SZ_4K - 1]);
	EXPECT_EQ(0x77, self->p[hole - 1]);
	EXPECT_EQ(0x77, self->p[hole + SZ_4K]);

	device_copy(&self->dev, IOVA + hole - SZ_4K, IOVA + hole);
	EXPECT_EQ(0x77, self->p[hole]);
	EXPECT_EQ(0, faults_logged(self->log, 0));

	/* All of it, in one piece. */
	ASSERT_EQ(0, punch(self->file, 0, variant->size));
	EXPECT_LEAF(leaf_of(variant->size), self->dev.name, IOVA);
	device_copy(&self->dev, IOVA + hole, IOVA);
	EXPECT_EQ(0, self->p[hole]);
	EXPECT_EQ(0, faults_logged(self->log, 0));
}

/* The mapping does not keep the file, and goes with it. */
TEST_F(dma, close_while_mapped)
{
	__u64 iova = IOVA;
	int file;

	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0,
			      variant->size, &iova, RW));
	memset(self->p, 0x44, SZ_4K);
	dma_read(&self->dev, IOVA, SZ_4K);

	/* A user mapping is a user of the file. */
	close(self->file);
	self->file = -1;
	EXPECT_LEAF(leaf_of(variant->size), self->dev.name, IOVA);

	munmap(self->p, variant->size);
	self->p = NULL;
	EXPECT_LEAF(0, self->dev.name, IOVA);
	EXPECT_TRUE(write_faults(&self->dev, self->log, IOVA));

	/* Who has the memory now does not see what the device wrote. */
	file = gmem_create(variant->size);
	ASSERT_GE(file, 0);
	self->p = gmem_map(file, variant->size);
	close(file);
	ASSERT_NE(MAP_FAILED, (void *)self->p);
	dma_write(&self->dev, IOVA, SZ_4K);
	EXPECT_EQ(0, self->p[0]);

	/* Unmapping and attaching find nothing, which is no error. */
	ASSERT_EQ(0, detach(&self->dev));
	ASSERT_EQ(0, attach(&self->dev, self->ioas));
	EXPECT_LEAF(0, self->dev.name, IOVA);
	EXPECT_EQ(0, unmap_iova(self->dev.iommufd, self->ioas, IOVA, variant->size));
}

/* A second attachment maps what is there. */
TEST_F(dma, attach_again)
{
	__u64 iova = IOVA;
	int other;

	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0,
			      variant->size, &iova, RW));
	memset(self->p, 0x66, SZ_4K);
	ASSERT_EQ(0, detach(&self->dev));
	EXPECT_TRUE(write_faults(&self->dev, self->log, IOVA));
	EXPECT_EQ(0x66, self->p[0]);

	/* Nobody is told of this. */
	ASSERT_EQ(0, punch(self->file, 0, SZ_4K));

	ASSERT_EQ(0, attach(&self->dev, self->ioas));
	EXPECT_LEAF(leaf_of(variant->size), self->dev.name, IOVA);
	memset(self->p, 0x67, SZ_4K);
	device_copy(&self->dev, IOVA, IOVA + SZ_4K);
	EXPECT_EQ(0x67, self->p[SZ_4K]);

	/* Another IOAS with the same memory, at another address. */
	other = ioas_alloc(self->dev.iommufd);
	ASSERT_GT(other, 0);
	iova = IOVA2;
	ASSERT_EQ(0, map_file(self->dev.iommufd, other, self->file, 0,
			      variant->size, &iova, RW));
	ASSERT_EQ(0, attach(&self->dev, other));
	EXPECT_LEAF(0, self->dev.name, IOVA);
	EXPECT_LEAF(leaf_of(variant->size), self->dev.name, IOVA2);
	ASSERT_EQ(0, object_destroy(self->dev.iommufd, self->ioas));
	device_copy(&self->dev, IOVA2, IOVA2 + 2 * SZ_4K);
	EXPECT_EQ(0x67, self->p[2 * SZ_4K]);
}

/* Several areas of one file in one IOAS, copied to another: all are revoked. */
TEST_F(dma, many_areas)
{
	struct iommu_ioas_copy copy = {
		.size = sizeof(copy),
		.flags = RW | IOMMU_IOAS_MAP_FIXED_IOVA,
		.length = variant->size,
		.dst_iova = IOVA2 + SZ_1G,
		.src_iova = IOVA,
	};
	const size_t part = 8 * SZ_4K;
	__u64 iova = IOVA;
	int other;

	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0,
			      variant->size, &iova, RW));
	/* Not congruent to the memory. */
	iova = IOVA2 + SZ_4K;
	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file,
			      2 * SZ_4K, part, &iova, RW));
	EXPECT_LEAF(SZ_4K, self->dev.name, IOVA2 + SZ_4K);

	other = ioas_alloc(self->dev.iommufd);
	ASSERT_GT(other, 0);
	copy.src_ioas_id = self->ioas;
	copy.dst_ioas_id = other;
	ASSERT_EQ(0, ioctl(self->dev.iommufd, IOMMU_IOAS_COPY, &copy));

	memset(self->p, 0x12, 16 * SZ_4K);
	ASSERT_EQ(0, punch(self->file, 3 * SZ_4K, SZ_4K));
	device_copy(&self->dev, IOVA2 + 2 * SZ_4K, IOVA + 4 * SZ_4K);
	EXPECT_EQ(0, self->p[4 * SZ_4K]);
	device_copy(&self->dev, IOVA + 5 * SZ_4K, IOVA2 + SZ_4K);
	EXPECT_EQ(0x12, self->p[2 * SZ_4K]);

	ASSERT_EQ(0, attach(&self->dev, other));
	EXPECT_LEAF(leaf_of(variant->size), self->dev.name, IOVA2 + SZ_1G);
	device_copy(&self->dev, IOVA2 + SZ_1G + 3 * SZ_4K, IOVA2 + SZ_1G);
	EXPECT_EQ(0, self->p[0]);
	EXPECT_EQ(0, faults_logged(self->log, 0));

	/* The first IOAS goes, the copy remains until the file goes. */
	ASSERT_EQ(0, object_destroy(self->dev.iommufd, self->ioas));
	munmap(self->p, variant->size);
	self->p = NULL;
	EXPECT_LEAF(leaf_of(variant->size), self->dev.name, IOVA2 + SZ_1G);
	close(self->file);
	self->file = -1;
	EXPECT_LEAF(0, self->dev.name, IOVA2 + SZ_1G);
	EXPECT_TRUE(write_faults(&self->dev, self->log, IOVA2 + SZ_1G));
}

/* An area that begins and ends inside of large blocks. */
TEST_F(dma, part_of_file)
{
	const size_t length = variant->size - 2 * SZ_4K;
	__u64 iova = IOVA + SZ_4K;

	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, SZ_4K,
			      length, &iova, RW));
	EXPECT_LEAF(0, self->dev.name, IOVA);
	EXPECT_LEAF(SZ_4K, self->dev.name, IOVA + SZ_4K);
	EXPECT_LEAF(SZ_4K, self->dev.name, IOVA + length);
	EXPECT_LEAF(0, self->dev.name, IOVA + length + SZ_4K);
	if (variant->size > 2 * SZ_2M)
		EXPECT_LEAF(SZ_2M, self->dev.name, IOVA + SZ_2M);

	memset(self->p, 0x21, 4 * SZ_4K);
	ASSERT_EQ(0, punch(self->file, 0, 2 * SZ_4K));
	device_copy(&self->dev, IOVA + SZ_4K, IOVA + 2 * SZ_4K);
	EXPECT_EQ(0, self->p[2 * SZ_4K]);
	EXPECT_EQ(0x21, self->p[3 * SZ_4K]);
	ASSERT_EQ(0, punch(self->file, 0, variant->size));
	EXPECT_LEAF(0, self->dev.name, IOVA);
	EXPECT_LEAF(0, self->dev.name, IOVA + length + SZ_4K);
	if (variant->size > 2 * SZ_2M)
		EXPECT_LEAF(SZ_2M, self->dev.name, IOVA + SZ_2M);
	EXPECT_EQ(0, faults_logged(self->log, 0));
}

struct puncher {
	int file;
	off_t offset;
	volatile bool stop;
	volatile long rounds;
	volatile int error;
};

static void *punch_often(void *arg)
{
	struct puncher *puncher = arg;

	while (!puncher->stop && !puncher->error) {
		puncher->error = punch(puncher->file, puncher->offset, SZ_4K);
		puncher->rounds++;
	}
	return NULL;
}

/*
 * Transfers to the pages next to one that comes and goes never fail.  The device
 * takes a tenth of a second for one, so this is a sample: page table code has tests
 * of its own for every moment.
 */
TEST_F(dma, neighbours)
{
	struct puncher puncher = { .file = self->file, .offset = 4 * SZ_4K };
	/* Where the entry is no large one, little can happen. */
	const int rounds = leaf_of(variant->size) == SZ_4K ? 10 : 15;
	__u64 iova = IOVA;
	pthread_t thread;
	int i;

	ASSERT_EQ(0, map_file(self->dev.iommufd, self->ioas, self->file, 0,
			      variant->size, &iova, RW));
	ASSERT_EQ(0, pthread_create(&thread, NULL, punch_often, &puncher));
	/* A machine that is busy with other things may punch slowly. */
	for (i = 1; i <= rounds || (i < 255 && puncher.rounds <= 100 &&
				    !puncher.error); i++) {
		memset(self->p + 3 * SZ_4K, i, SZ_4K);
		device_copy(&self->dev, IOVA + 3 * SZ_4K, IOVA + 5 * SZ_4K);
		EXPECT_EQ(i, self->p[5 * SZ_4K]);
		EXPECT_EQ(i, self->p[6 * SZ_4K - 1]);
	}
	puncher.stop = true;
	pthread_join(thread, NULL);
	EXPECT_EQ(0, puncher.error);
	EXPECT_GT(puncher.rounds, 100);
	TH_LOG("%ld holes during %d transfers", puncher.rounds, 2 * (i - 1));
	EXPECT_EQ(0, faults_logged(self->log, 0));
	EXPECT_LEAF(leaf_of(variant->size), self->dev.name, IOVA);
}

/* Private memory is not mapped, and is mapped nowhere. */
TEST(private)
{
	struct device dev;
	__u64 iova = IOVA;
	int ioas, file, log;

	ASSERT_EQ(0, device_open(&dev));
	log = log_open();
	ioas = ioas_alloc(dev.iommufd);
	ASSERT_GT(ioas, 0);
	file = gmem_create_type(KVM_X86_SW_PROTECTED_VM, SZ_2M, 0);
	ASSERT_GE(file, 0);

	ASSERT_EQ(0, map_file(dev.iommufd, ioas, file, 0, SZ_2M, &iova, RW));
	ASSERT_EQ(0, attach(&dev, ioas));
	EXPECT_LEAF(0, dev.name, IOVA);
	ASSERT_EQ(0, punch(file, 0, SZ_2M));
	EXPECT_LEAF(0, dev.name, IOVA);
	EXPECT_TRUE(write_faults(&dev, log, IOVA));
	ASSERT_EQ(0, unmap_iova(dev.iommufd, ioas, IOVA, SZ_2M));
	device_close(&dev);
	close(file);
	close(log);
}

/* The end in every order; all memory is back in the pool afterwards. */
TEST(any_order)
{
	long long before = pool_number("available");
	int order, step, tries;

	ASSERT_GE(before, (long long)SZ_1G);
	for (order = 0; order < 6; order++) {
		static const char orders[6][4] = {
			"fdi", "fid", "dfi", "dif", "ifd", "idf",
		};
		struct device dev;
		__u64 iova = IOVA;
		int ioas, file;
		char *p;

		ASSERT_EQ(0, device_open(&dev));
		ioas = ioas_alloc(dev.iommufd);
		ASSERT_EQ(0, attach(&dev, ioas));
		file = gmem_create(2 * SZ_2M);
		ASSERT_GE(file, 0);
		p = gmem_map(file, 2 * SZ_2M);
		ASSERT_EQ(0, map_file(dev.iommufd, ioas, file, SZ_2M, SZ_2M, &iova,
				      RW));
		p[SZ_2M] = 1;
		munmap((void *)dev.bar, 0x100000);
		munmap(p, 2 * SZ_2M);
		for (step = 0; step < 3; step++) {
			switch (orders[order][step]) {
			case 'f':
				close(file);
				break;
			case 'd':
				close(dev.fd);
				break;
			case 'i':
				close(dev.iommufd);
				break;
			}
		}
	}
	for (tries = 0; tries < 100 && pool_number("available") != before; tries++)
		usleep(100000);
	EXPECT_EQ(before, pool_number("available"));
}

/* A VMM is killed with everything open. */
TEST(killed)
{
	long long before = pool_number("available");
	int tries, status, ready[2];
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(ready));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		struct device dev;
		__u64 iova = IOVA;
		int ioas, file;

		if (device_open(&dev))
			_exit(1);
		ioas = ioas_alloc(dev.iommufd);
		file = gmem_create(SZ_2M);
		if (attach(&dev, ioas) ||
		    map_file(dev.iommufd, ioas, file, 0, SZ_2M, &iova, RW) ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		while (true) {
			dma_write(&dev, IOVA, SZ_4K);
			punch(file, SZ_4K, SZ_4K);
		}
	}
	close(ready[1]);
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	usleep(300000);
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFSIGNALED(status));
	for (tries = 0; tries < 100 && pool_number("available") != before; tries++)
		usleep(100000);
	EXPECT_EQ(before, pool_number("available"));
}

TEST_HARNESS_MAIN
