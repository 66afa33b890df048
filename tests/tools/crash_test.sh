#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A crash dump leaves out the memory of pools: what was reserved at boot, what was
# taken before the crash kernel was loaded, and what was taken later.  The machine
# crashes in the end, and the crash kernel goes on with the tests.  Prints TAP.
#
#   crash_test.sh CRASH_TEST KERNEL
. "$(dirname "$0")/lib.sh"
program=$1
kernel=$2

# claimed: what /proc/iomem says is in pools, as 0xFIRST-0xLAST,...
claimed()
{
	sed -n 's/^ *\([0-9a-f]*\)-\([0-9a-f]*\) : gmem.*/0x\1-0x\2/p' /proc/iomem |
		uniq | paste -s -d ,
}

grep -q 'Crash kernel' /proc/iomem
is "the crash kernel has memory" $? 0
runs "take memory" 0 put "early size=256M node=0" $class/create

# Where the last pool is going to be is known when it has been there.
early=$(claimed)
runs "take more" 0 put "late size=256M node=1" $class/create
pools=$(claimed)
[ "$early" != "$pools" ]
is "it is somewhere else" $? 0
runs "return it" 0 put late $class/delete
is "it is gone" "$(claimed)" "$early"

mkdir /tmp/initrd
cp "$program" /tmp/initrd/init
(cd /tmp/initrd && echo init | cpio -o -H newc > /tmp/initrd.cpio 2> /dev/null)
# With this one, four tests come before the crash.
runs "load the crash kernel" 0 "$program" load "$kernel" /tmp/initrd.cpio \
	"console=ttyS0 nr_cpus=1 nokaslr panic=-1 gmem_pools=$pools gmem_tests=$((n + 4))"
is "the list for the dump follows memory hotplug" \
	"$(cat /sys/devices/system/memory/crash_hotplug)" 1
runs "take more again" 0 put "late size=256M node=1" $class/create
is "it is where it was" "$(claimed)" "$pools"
[ $failed = 0 ] || finish
# What was said has to be out.
sleep 2
echo c > /proc/sysrq-trigger
