/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __KVM_GMEM_ATTRS_H__
#define __KVM_GMEM_ATTRS_H__

#include <linux/types.h>

struct kvm_gmem_attrs;

struct kvm_gmem_attrs *kvm_gmem_attrs_alloc(pgoff_t nr_pages, bool private);
void kvm_gmem_attrs_free(struct kvm_gmem_attrs *attrs);

/* Readers, see gmem_attrs.c for what they may rely on. */
bool kvm_gmem_attrs_private(const struct kvm_gmem_attrs *attrs, pgoff_t index);
unsigned int kvm_gmem_attrs_order(const struct kvm_gmem_attrs *attrs,
				  pgoff_t index);
unsigned long kvm_gmem_attrs_nr_private(const struct kvm_gmem_attrs *attrs);

/* The writer. */
bool kvm_gmem_attrs_next_change(const struct kvm_gmem_attrs *attrs,
				pgoff_t *start, pgoff_t *end, bool private);
void kvm_gmem_attrs_grow(const struct kvm_gmem_attrs *attrs, pgoff_t *start,
			 pgoff_t *end, bool private);
void kvm_gmem_attrs_set(struct kvm_gmem_attrs *attrs, pgoff_t start,
			pgoff_t end, bool private);

#endif /* __KVM_GMEM_ATTRS_H__ */
