// SPDX-License-Identifier: GPL-2.0
/*
 * vDPA takes user memory by address and pins it, or passes its file on; it gets
 * no pool memory in either way.  Uses the simulated disk of the kernel; which way
 * it goes is its parameter use_va.
 */
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/vdpa.h>
#include <linux/vhost.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "kselftest_harness.h"
#include "device.h"
#include "vring.h"

#define SIZE	SZ_2M
/* Few pages: the simulator copies all of its mappings for each that is new. */
#define MEMFD_SIZE (8 * SZ_4K)
#define RING	0UL		/* IOVAs: the memfd is at 0 */
#define HEADER	SZ_4K
#define STATUS	(2 * SZ_4K)
#define DATA	(3 * SZ_4K)
#define POOL_IOVA SZ_1G

struct message {
	struct nlmsghdr n;
	struct genlmsghdr g;
	char buf[512];
};

static void add_attr(struct message *m, int type, const void *data, int len)
{
	struct nlattr *attr = (void *)m + NLMSG_ALIGN(m->n.nlmsg_len);

	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + len;
	memcpy((void *)attr + NLA_HDRLEN, data, len);
	m->n.nlmsg_len = NLMSG_ALIGN(m->n.nlmsg_len) + NLA_ALIGN(attr->nla_len);
}

static void begin(struct message *m, int family, int command)
{
	memset(m, 0, sizeof(*m));
	m->n.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	m->n.nlmsg_type = family;
	m->n.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	m->g.cmd = command;
	m->g.version = 1;
}

/* Sends it; the first answer is in *m.  Returns 0 or -errno. */
static int talk(int fd, struct message *m)
{
	if (send(fd, m, m->n.nlmsg_len, 0) < 0 || recv(fd, m, sizeof(*m), 0) < 0)
		return -errno;
	if (m->n.nlmsg_type == NLMSG_ERROR)
		return ((struct nlmsgerr *)NLMSG_DATA(&m->n))->error;
	return 0;
}

static int family_of(int fd, const char *name)
{
	struct message m;
	struct nlattr *attr;
	int ret;

	begin(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	m.n.nlmsg_flags = NLM_F_REQUEST;
	add_attr(&m, CTRL_ATTR_FAMILY_NAME, name, strlen(name) + 1);
	ret = talk(fd, &m);
	if (ret)
		return ret;
	for (attr = (void *)m.buf; (void *)attr < (void *)&m + m.n.nlmsg_len;
	     attr = (void *)attr + NLA_ALIGN(attr->nla_len))
		if (attr->nla_type == CTRL_ATTR_FAMILY_ID)
			return *(__u16 *)((void *)attr + NLA_HDRLEN);
	return -ENOENT;
}

/* Makes the simulated disk, if there is none; 0 or -errno. */
static int make_disk(void)
{
	int fd, family, ret;
	struct message m;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0)
		return -errno;
	family = family_of(fd, VDPA_GENL_NAME);
	ret = family;
	if (family > 0) {
		begin(&m, family, VDPA_CMD_DEV_NEW);
		add_attr(&m, VDPA_ATTR_MGMTDEV_DEV_NAME, "vdpasim_blk",
			 sizeof("vdpasim_blk"));
		add_attr(&m, VDPA_ATTR_DEV_NAME, "disk", sizeof("disk"));
		ret = talk(fd, &m);
	}
	close(fd);
	return ret == -EEXIST ? 0 : ret;
}

/* Returns 0 or -errno. */
static int map_iotlb(int fd, __u64 iova, void *p, __u64 size)
{
	struct vhost_msg msg = {
		.type = VHOST_IOTLB_MSG,
		.iotlb = {
			.iova = iova,
			.size = size,
			.uaddr = (uintptr_t)p,
			.perm = VHOST_ACCESS_RW,
			.type = VHOST_IOTLB_UPDATE,
		},
	};

	return write(fd, &msg, sizeof(msg)) < 0 ? -errno : 0;
}

FIXTURE(vdpa)
{
	int fd, kick, file;
	bool use_va;
	char *p, *pool;
	struct ring ring;
};

static int set_status(int fd, __u8 status)
{
	return ioctl(fd, VHOST_VDPA_SET_STATUS, &status) ? -errno : 0;
}

FIXTURE_SETUP(vdpa)
{
	struct vhost_vring_state state = { .num = RING_SIZE };
	struct vhost_vring_file file = { };
	struct vhost_vring_addr addr = {
		.desc_user_addr = RING,
		.avail_user_addr = RING + RING_AVAIL,
		.used_user_addr = RING + RING_USED,
	};
	__u64 features = 1ULL << VIRTIO_F_VERSION_1 |
			 1ULL << VIRTIO_F_ACCESS_PLATFORM;
	char use_va[4] = "";
	int fd;

	fd = open("/sys/module/vdpa_sim/parameters/use_va", O_RDONLY);
	ASSERT_EQ(2, read(fd, use_va, 2));
	close(fd);
	self->use_va = use_va[0] == 'Y';

	ASSERT_EQ(0, make_disk());
	self->fd = open("/dev/vhost-vdpa-0", O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, ioctl(self->fd, VHOST_SET_OWNER));

	self->file = gmem_create(SIZE);
	ASSERT_GE(self->file, 0);
	self->pool = gmem_map(self->file, SIZE);
	ASSERT_NE(MAP_FAILED, (void *)self->pool);
	memset(self->pool, 0x5a, SIZE);

	fd = memfd_create("memfd", 0);
	ASSERT_EQ(0, ftruncate(fd, MEMFD_SIZE));
	self->p = mmap(NULL, MEMFD_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, (void *)self->p);
	close(fd);
	ring_init(&self->ring, self->p + RING);
	ASSERT_EQ(0, map_iotlb(self->fd, 0, self->p, MEMFD_SIZE));

	ASSERT_EQ(0, set_status(self->fd, VIRTIO_CONFIG_S_ACKNOWLEDGE |
				VIRTIO_CONFIG_S_DRIVER));
	ASSERT_EQ(0, ioctl(self->fd, VHOST_SET_FEATURES, &features));
	ASSERT_EQ(0, set_status(self->fd, VIRTIO_CONFIG_S_ACKNOWLEDGE |
				VIRTIO_CONFIG_S_DRIVER |
				VIRTIO_CONFIG_S_FEATURES_OK));
	ASSERT_EQ(0, ioctl(self->fd, VHOST_SET_VRING_NUM, &state));
	state.num = 0;
	ASSERT_EQ(0, ioctl(self->fd, VHOST_SET_VRING_BASE, &state));
	ASSERT_EQ(0, ioctl(self->fd, VHOST_SET_VRING_ADDR, &addr));
	self->kick = eventfd(0, EFD_CLOEXEC);
	file.fd = self->kick;
	ASSERT_EQ(0, ioctl(self->fd, VHOST_SET_VRING_KICK, &file));
	state.num = 1;
	ASSERT_EQ(0, ioctl(self->fd, VHOST_VDPA_SET_VRING_ENABLE, &state));
	ASSERT_EQ(0, set_status(self->fd, VIRTIO_CONFIG_S_ACKNOWLEDGE |
				VIRTIO_CONFIG_S_DRIVER |
				VIRTIO_CONFIG_S_FEATURES_OK |
				VIRTIO_CONFIG_S_DRIVER_OK));
}

FIXTURE_TEARDOWN(vdpa)
{
	close(self->fd);
	close(self->kick);
	munmap(self->p, MEMFD_SIZE);
	munmap(self->pool, SIZE);
	close(self->file);
}

/* The disk reads its first sector into memory; returns its status, or -1. */
static int disk_read(struct ring *ring, char *p, int kick, __u64 data)
{
	struct virtio_blk_outhdr *header = (void *)p + HEADER;
	unsigned int head = ring->next;
	__u64 one = 1;

	*header = (struct virtio_blk_outhdr) { .type = VIRTIO_BLK_T_IN };
	p[STATUS] = -1;
	ring_add(ring, HEADER, sizeof(*header), false, false);
	ring_add(ring, data, 512, true, false);
	ring_add(ring, STATUS, 1, true, true);
	ring_submit(ring, head);
	if (write(kick, &one, sizeof(one)) != sizeof(one) ||
	    !ring_wait(ring, ring->avail->idx))
		return -1;
	return p[STATUS];
}

TEST_F(vdpa, other_memory)
{
	memset(self->p + DATA, 0x77, 512);
	EXPECT_EQ(VIRTIO_BLK_S_OK, disk_read(&self->ring, self->p, self->kick,
					     DATA));
	EXPECT_EQ(0, self->p[DATA]);
	EXPECT_EQ(0, self->p[DATA + 511]);
}

/* By pinning it is refused; by file it is left out, as private memory of others is. */
TEST_F(vdpa, pool_memory)
{
	EXPECT_EQ(self->use_va ? 0 : -EFAULT,
		  map_iotlb(self->fd, POOL_IOVA, self->pool, SIZE));
	EXPECT_EQ(VIRTIO_BLK_S_IOERR,
		  disk_read(&self->ring, self->p, self->kick, POOL_IOVA));
	EXPECT_EQ(0x5a, self->pool[0]);
	EXPECT_EQ(0x5a, self->pool[511]);

	/* The device goes on. */
	EXPECT_EQ(VIRTIO_BLK_S_OK, disk_read(&self->ring, self->p, self->kick,
					     DATA));
}

TEST_HARNESS_MAIN
