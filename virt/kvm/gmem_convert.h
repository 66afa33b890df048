/* SPDX-License-Identifier: GPL-2.0 */
#ifndef __KVM_GMEM_CONVERT_H__
#define __KVM_GMEM_CONVERT_H__

#include <linux/kvm_host.h>

#include "gmem_attrs.h"
#include "guest_memfd.h"

#ifdef CONFIG_KVM_GUEST_MEMFD
u64 kvm_gmem_supported_attributes(struct kvm *kvm);
int kvm_gmem_init_attrs(struct kvm *kvm, struct kvm_create_guest_memfd *args,
			struct kvm_gmem_attrs **attrs);
long kvm_gmem_ioctl(struct file *file, unsigned int cmd, unsigned long arg);

/* The largest block around a page of which all have its attribute. */
static inline unsigned int kvm_gmem_attr_order(struct inode *inode,
					       pgoff_t index)
{
	const struct kvm_gmem_attrs *attrs = GMEM_I(inode)->attrs;

	return attrs ? kvm_gmem_attrs_order(attrs, index) : PUD_ORDER;
}
#endif

#endif /* __KVM_GMEM_CONVERT_H__ */
