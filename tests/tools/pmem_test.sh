#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Persistent memory in devdax mode in a pool, and what happens to its contents.
# Runs in the virtual machine, as root, with 256 MiB of persistent memory and
# gmem.dax=all:auto; prints TAP.
#
#   pmem_test.sh NDCTL DAXCTL HOLD_GUEST_MEMFD
ndctl=$1
daxctl=$2
hold=$3
. "$(dirname "$0")/lib.sh"

dax=/sys/bus/dax

# Pages that memmaps have that are not from boot.
memmap_pages()
{
	awk '$1 == "nr_memmap_pages" { print $2 }' /proc/vmstat
}

# The word that is in the middle of the memory.
word()
{
	dd if="$disk" bs=4096 skip=32768 count=1 2> /dev/null | head -c 8 |
		tr -d '\0'
}

# What is numbered first differs.
namespace=$(basename /sys/bus/nd/devices/namespace*)
disk=/dev/pmem${namespace#namespace}
disk=${disk%.0}
wait_for 60 test -b "$disk"
is "there is persistent memory" $? 0
printf precious | dd of="$disk" bs=4096 seek=32768 conv=notrunc 2> $err
sync
is "with something in it" "$(word)" precious

# As a file.
runs "ndctl create-namespace" 0 "$ndctl" create-namespace -f -e "$namespace" \
	-m devdax -M mem
wait_for 60 has_dax_device
device=$(dax_devices)
is "a DAX device appears, which gmem.dax=all leaves to device_dax" \
	"$(dax_driver "$device")" device_dax
size=$(cat $dax/devices/"$device"/size)
file=$(memmap_pages)

# Not by mistake.
runs "reconfigure-device" 1 gmemctl reconfigure-device -m gmem -p pmem "$device"
says "says what would be lost" $err \
	"$device: cannot become gmem: it is persistent memory, and what is in it would be lost"
says "and how" $err 'hint: --force does it'
runs "to System RAM" 1 gmemctl reconfigure-device -m system-ram "$device"
is "nothing has changed" "$(dax_driver "$device") $(gmemctl list --names | grep -c pmem)" \
	"device_dax 0"
runs "gmemctl list" 0 gmemctl list -D -o device,mode,size,persistent -b -r \
	--noheadings
is "says that it is persistent" "$(cat $out)" "$device devdax $size yes"

# The driver alone overwrites nothing.
runs "to no pool" 0 gmemctl reconfigure-device -m gmem "$device"
is "gmem has it" "$(dax_driver "$device")" gmem
none=$(memmap_pages)
[ "$none" -lt "$file" ]
is "the memmap of the file is gone ($file, $none)" $? 0
runs "and back to a file" 0 gmemctl reconfigure-device -m devdax "$device"
runs "ndctl create-namespace -m raw" 0 "$ndctl" create-namespace -f \
	-e "$namespace" -m raw
is "the contents are there" "$(word)" precious

# A device that has no driver goes to the pool without ever having a memmap.
runs "no driver by itself" 0 put 0 $dax/drivers_autoprobe
runs "a namespace again" 0 "$ndctl" create-namespace -f -e "$namespace" \
	-m devdax -M mem
wait_for 60 has_dax_device
device=$(dax_devices)
is "has no driver" "$(dax_driver "$device")" ""
runs "to a pool" 0 gmemctl reconfigure-device -m gmem -p pmem --force "$device"
is "the pool has it" "$(dax_driver "$device") $(pool pmem size)" "gmem $size"
is "without a memmap" "$(memmap_pages)" "$none"
runs "drivers by themselves again" 0 put 1 $dax/drivers_autoprobe
runs "daxctl list" 0 "$daxctl" list
says "sees it" $out "\"chardev\":\"$device\""
start "$hold" pmem $((128 * M))
runs "under a guest" 5 gmemctl reconfigure-device -m devdax "$device"
says "nobody gets it" $err 'guests use the memory'
stop
wait_for 300 all_clean pmem
is "it is zeroed" $? 0

# And back.
runs "to a file" 0 gmemctl reconfigure-device -m devdax "$device"
is "device_dax has it, and a memmap again" \
	"$(dax_driver "$device") $(pool pmem size) $(memmap_pages)" "device_dax 0 $file"
runs "destroy the pool" 0 gmemctl destroy-pool pmem
runs "to raw memory" 0 "$ndctl" create-namespace -f -e "$namespace" -m raw
is "the contents are lost" "$(word)" ""
finish
