/* SPDX-License-Identifier: GPL-2.0 */
/* A split virtqueue in one page, seen from the driver. */
#ifndef GMEM_TEST_VRING_H
#define GMEM_TEST_VRING_H

#include <linux/virtio_ring.h>

#define RING_SIZE	16
#define RING_AVAIL	1024	/* byte in the page */
#define RING_USED	2048

struct ring {
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	unsigned int next;	/* descriptor */
};

static inline void ring_init(struct ring *ring, void *page)
{
	memset(page, 0, 4096);
	ring->desc = page;
	ring->avail = page + RING_AVAIL;
	ring->used = page + RING_USED;
	ring->next = 0;
}

/* The next descriptor of a chain; what is not the last one is continued. */
static inline void ring_add(struct ring *ring, __u64 addr, __u32 len,
			    bool device_writes, bool last)
{
	ring->desc[ring->next] = (struct vring_desc) {
		.addr = addr,
		.len = len,
		.flags = (device_writes ? VRING_DESC_F_WRITE : 0) |
			 (last ? 0 : VRING_DESC_F_NEXT),
		.next = ring->next + 1,
	};
	ring->next++;
}

/* Hands over the chain that begins at a descriptor. */
static inline void ring_submit(struct ring *ring, unsigned int head)
{
	ring->avail->ring[ring->avail->idx % RING_SIZE] = head;
	__atomic_store_n(&ring->avail->idx, ring->avail->idx + 1,
			 __ATOMIC_RELEASE);
}

/* Waits until as many chains came back; false after some seconds. */
static inline bool ring_wait(struct ring *ring, unsigned int count)
{
	int tries;

	for (tries = 0; tries < 1000; tries++) {
		if (__atomic_load_n(&ring->used->idx, __ATOMIC_ACQUIRE) == count)
			return true;
		usleep(10000);
	}
	return false;
}

#endif /* GMEM_TEST_VRING_H */
