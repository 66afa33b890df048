#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# with_device.sh VENDOR:DEVICE COMMAND [ARGUMENT]...: give a PCI device to vfio-pci,
# and run a test of the kernel's VFIO selftests with it.
id=$1
shift
for device in /sys/bus/pci/devices/*; do
	[ "$(cat "$device/vendor"):$(cat "$device/device")" = "$id" ] || continue
	echo vfio-pci > "$device/driver_override"
	[ -e "$device/driver" ] ||
		echo "${device##*/}" > /sys/bus/pci/drivers_probe
	VFIO_SELFTESTS_BDF=${device##*/} exec "$@"
done
echo "there is no device $id" >&2
exit 1
