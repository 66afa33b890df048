// SPDX-License-Identifier: GPL-2.0
/*
 * vhost-net reaches memory of the guest as its VMM does, through user addresses:
 * it works with pool memory that is shared, and cannot reach what is private or
 * gone.  Needs kvm.gmem_in_place_conversion=1.
 */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/vhost.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include <net/if.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "kselftest_harness.h"
#include "device.h"
#include "vring.h"

#define SIZE	SZ_2M
#define RX	0
#define TX	1
#define RING(i)	((i) * SZ_4K)		/* guest physical addresses */
#define BUFFER	(16 * SZ_4K)
#define HEADER	sizeof(struct virtio_net_hdr_mrg_rxbuf)
#define FRAME	256
#define ETHERTYPE 0x88b5		/* for experiments */

FIXTURE(vhost)
{
	int fd, tap, packet, file, kick[2];
	char *p;
	struct ring ring[2];
};

/* A network device, and a socket that is on the other side of it. */
static int make_tap(int *tap, int *packet)
{
	struct ifreq ifr = {
		.ifr_name = "tap0",
		.ifr_flags = IFF_TAP | IFF_NO_PI,
	};
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETHERTYPE),
	};
	struct timeval timeout = { .tv_sec = 2 };

	*tap = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	*packet = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETHERTYPE));
	if (*tap < 0 || *packet < 0 || ioctl(*tap, TUNSETIFF, &ifr))
		return -errno;
	ifr.ifr_flags = IFF_UP | IFF_RUNNING;
	addr.sll_ifindex = if_nametoindex("tap0");
	if (ioctl(*packet, SIOCSIFFLAGS, &ifr) ||
	    bind(*packet, (void *)&addr, sizeof(addr)) ||
	    setsockopt(*packet, SOL_SOCKET, SO_RCVTIMEO, &timeout,
		       sizeof(timeout)))
		return -errno;
	return 0;
}

static int start_ring(int fd, int tap, int kick, unsigned int i, char *page)
{
	struct vhost_vring_state state = { .index = i, .num = RING_SIZE };
	struct vhost_vring_addr addr = {
		.index = i,
		.desc_user_addr = (uintptr_t)page,
		.avail_user_addr = (uintptr_t)page + RING_AVAIL,
		.used_user_addr = (uintptr_t)page + RING_USED,
	};
	struct vhost_vring_file file = { .index = i, .fd = kick };

	if (ioctl(fd, VHOST_SET_VRING_NUM, &state))
		return -errno;
	state.num = 0;
	if (ioctl(fd, VHOST_SET_VRING_BASE, &state) ||
	    ioctl(fd, VHOST_SET_VRING_ADDR, &addr) ||
	    ioctl(fd, VHOST_SET_VRING_KICK, &file))
		return -errno;
	file.fd = tap;
	return ioctl(fd, VHOST_NET_SET_BACKEND, &file) ? -errno : 0;
}

/* Everything that vhost knows of is pool memory, the rings too. */
FIXTURE_SETUP(vhost)
{
	struct {
		struct vhost_memory head;
		struct vhost_memory_region region;
	} table = {
		.head.nregions = 1,
		.region.memory_size = SIZE,
	};
	__u64 features = 1ULL << VIRTIO_F_VERSION_1 |
			 1ULL << VHOST_NET_F_VIRTIO_NET_HDR;
	int i;

	ASSERT_EQ(0, make_tap(&self->tap, &self->packet));
	self->file = gmem_create_type(KVM_X86_SW_PROTECTED_VM, SIZE,
				      GUEST_MEMFD_FLAG_MMAP |
				      GUEST_MEMFD_FLAG_INIT_SHARED);
	ASSERT_GE(self->file, 0);
	self->p = gmem_map(self->file, SIZE);
	ASSERT_NE(MAP_FAILED, (void *)self->p);
	table.region.userspace_addr = (uintptr_t)self->p;

	self->fd = open("/dev/vhost-net", O_RDWR | O_CLOEXEC);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, ioctl(self->fd, VHOST_SET_OWNER));
	ASSERT_EQ(0, ioctl(self->fd, VHOST_SET_FEATURES, &features));
	ASSERT_EQ(0, ioctl(self->fd, VHOST_SET_MEM_TABLE, &table));
	for (i = 0; i < 2; i++) {
		ring_init(&self->ring[i], self->p + RING(i));
		self->kick[i] = eventfd(0, EFD_CLOEXEC);
		ASSERT_EQ(0, start_ring(self->fd, self->tap, self->kick[i], i,
					self->p + RING(i)));
	}
}

FIXTURE_TEARDOWN(vhost)
{
	close(self->fd);
	close(self->kick[0]);
	close(self->kick[1]);
	close(self->tap);
	close(self->packet);
	if (self->p)
		munmap(self->p, SIZE);
	if (self->file >= 0)
		close(self->file);
}

static void make_frame(char *frame, char content)
{
	struct ethhdr *eth = (void *)frame;

	memset(frame, content, FRAME);
	memset(eth->h_dest, 0xff, ETH_ALEN);
	memset(eth->h_source, 2, ETH_ALEN);
	eth->h_proto = htons(ETHERTYPE);
}

static void queue(struct ring *ring, int kick, __u64 addr, bool device_writes)
{
	unsigned int head = ring->next;
	__u64 one = 1;

	ring_add(ring, addr, HEADER + FRAME, device_writes, true);
	ring_submit(ring, head);
	if (write(kick, &one, sizeof(one)) != sizeof(one))
		exit(1);
}

static void send_from_guest(struct ring *ring, int kick, char *p, char content)
{
	memset(p + BUFFER, 0, HEADER);
	make_frame(p + BUFFER + HEADER, content);
	queue(ring, kick, BUFFER, false);
}

TEST_F(vhost, shared)
{
	char frame[FRAME], other[FRAME];

	send_from_guest(&self->ring[TX], self->kick[TX], self->p, 0x11);
	EXPECT_TRUE(ring_wait(&self->ring[TX], 1));
	EXPECT_EQ(FRAME, recv(self->packet, frame, FRAME, 0));
	make_frame(other, 0x11);
	EXPECT_EQ(0, memcmp(frame, other, FRAME));

	queue(&self->ring[RX], self->kick[RX], BUFFER, true);
	make_frame(frame, 0x12);
	EXPECT_EQ(FRAME, send(self->packet, frame, FRAME, 0));
	EXPECT_TRUE(ring_wait(&self->ring[RX], 1));
	EXPECT_EQ(0, memcmp(self->p + BUFFER + HEADER, frame, FRAME));
	EXPECT_EQ(HEADER + FRAME, self->ring[RX].used->ring[0].len);
}

/* Nothing is read from private memory and nothing written to it. */
TEST_F(vhost, private)
{
	char frame[FRAME];

	/* It arrives as soon as it may be read, and not before. */
	make_frame(self->p + BUFFER + HEADER, 0x21);
	memset(self->p + BUFFER, 0, HEADER);
	ASSERT_EQ(0, convert(self->file, BUFFER, SZ_4K, true));
	queue(&self->ring[TX], self->kick[TX], BUFFER, false);
	EXPECT_EQ(-1, recv(self->packet, frame, FRAME, 0));
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_EQ(0, convert(self->file, BUFFER, SZ_4K, false));
	EXPECT_TRUE(ring_wait(&self->ring[TX], 1));
	EXPECT_EQ(FRAME, recv(self->packet, frame, FRAME, 0));
	EXPECT_EQ(0x21, frame[FRAME - 1]);

	memset(self->p + BUFFER, 0x22, SZ_4K);
	ASSERT_EQ(0, convert(self->file, BUFFER, SZ_4K, true));
	queue(&self->ring[RX], self->kick[RX], BUFFER, true);
	make_frame(frame, 0x23);
	EXPECT_EQ(FRAME, send(self->packet, frame, FRAME, 0));
	sleep(1);
	EXPECT_EQ(0, self->ring[RX].used->idx);
	ASSERT_EQ(0, convert(self->file, BUFFER, SZ_4K, false));
	EXPECT_EQ(0x22, self->p[BUFFER]);
	EXPECT_EQ(0x22, self->p[BUFFER + HEADER]);
	EXPECT_EQ(0x22, self->p[BUFFER + HEADER + FRAME - 1]);
}

/* vhost keeps none of it: the memory goes back to the pool, and rings are gone. */
TEST_F(vhost, closed)
{
	long long available = pool_number("available");
	__u64 one = 1;
	int tries;

	send_from_guest(&self->ring[TX], self->kick[TX], self->p, 0x31);
	EXPECT_TRUE(ring_wait(&self->ring[TX], 1));
	munmap(self->p, SIZE);
	self->p = NULL;
	close(self->file);
	self->file = -1;
	for (tries = 0; tries < 100; tries++) {
		if (pool_number("available") == available + (long long)SIZE)
			break;
		usleep(100000);
	}
	EXPECT_EQ(available + (long long)SIZE, pool_number("available"));
	EXPECT_EQ(sizeof(one), write(self->kick[TX], &one, sizeof(one)));
	usleep(100000);
}

TEST_HARNESS_MAIN
