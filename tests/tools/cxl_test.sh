#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# A region of CXL memory in a pool, from its creation to its end, with the tools
# of the field: cxl, daxctl and gmemctl.  Runs in the virtual machine, as root,
# with a CXL memory device of 256 MiB; prints TAP.
#
#   cxl_test.sh CXL DAXCTL HOLD_GUEST_MEMFD
cxl=$1
daxctl=$2
hold=$3
. "$(dirname "$0")/lib.sh"

dax=/sys/bus/dax
bus=/sys/bus/cxl/devices

# The region by its files, as later versions of the tool make it.
region_by_files()
{
	cd $bus || return
	region=$(cat decoder0.0/create_ram_region)
	decoder=$(basename endpoint*/decoder*.0)
	put "$region" decoder0.0/create_ram_region &&
		put 1 "$region"/interleave_ways &&
		put "$(cat decoder0.0/interleave_granularity)" \
			"$region"/interleave_granularity &&
		put ram "$decoder"/mode &&
		put $((256 * M)) "$decoder"/dpa_size &&
		put $((256 * M)) "$region"/size &&
		put "$decoder" "$region"/target0 &&
		put 1 "$region"/commit &&
		put "$region" /sys/bus/cxl/drivers/cxl_region/bind
}

# Before version 77, the tool made regions of persistent memory alone.
create_region()
{
	if [ "$("$cxl" --version | cut -d . -f 1)" -lt 77 ]; then
		region_by_files
	else
		"$cxl" create-region -t ram -d decoder0.0 -m mem0
	fi
}

region_name()
{
	basename $bus/region*
}

# What the scrubber has in hand counts as available until it is done.
nobody_gets()
{
	[ "$(pool auto available)" = $((256 * M - $1)) ]
}

wait_for 60 test -e $bus/mem0
runs "cxl list" 0 "$cxl" list -M
says "there is a memory device" $out '"memdev":"mem0"'

# No driver gets the device before it is told to.
runs "no driver by itself" 0 put 0 $dax/drivers_autoprobe
runs "make a region" 0 create_region
wait_for 60 has_dax_device
device=$(dax_devices)
is "a DAX device appears, without a driver" "$(dax_driver "$device")" ""
runs "daxctl list" 0 "$daxctl" list
says "sees it" $out "\"chardev\":\"$device\""
runs "reconfigure-device" 0 gmemctl reconfigure-device -m gmem -p far "$device"
says "says what it is now" $out "^device $device is gmem now: pool far has its memory$"
runs "drivers by themselves again" 0 put 1 $dax/drivers_autoprobe
runs "again" 0 gmemctl reconfigure-device -m gmem -p far "$device"
says "is done already" $out 'is gmem already$'
is "the pool has the memory" "$(pool far size)" $((256 * M))
node=$(pool far nodes)
runs "gmemctl list" 0 gmemctl list -p far -o pool,nodes,size,tiers -r --noheadings
is "it is on a node of its own, slower than DRAM" "$(cat $out)" \
	"far $node 256M $(cat $class/far/node"$node"/tier)"
[ "$(cat $class/far/node"$node"/tier)" -gt 4 ]
is "in a tier of its own" $? 0
[ "$(value far distances)" -gt 10 ]
is "and far from all CPUs" $? 0
is "the device says what it is made of" \
	"$(gmemctl list -D -r --noheadings -o device,source)" "$device cxl"
[ ! -e /sys/devices/system/node/node"$node"/meminfo ] ||
	! ls -d /sys/devices/system/node/node"$node"/memory[0-9]* 2>/dev/null
is "it has no memory blocks" $? 0
runs "gmemctl list --devices" 0 gmemctl list -D -r --noheadings
is "lists it" "$(cat $out)" "$device gmem far $node 256M -"
runs "daxctl list" 0 "$daxctl" list
says "still sees it" $out "\"chardev\":\"$device\""
says "with its size" $out "\"size\":$((256 * M))"
wait_for 600 all_clean far
is "it is zeroed" $? 0

# Nobody takes it away.
start "$hold" far $((200 * M))
"$daxctl" reconfigure-device -m system-ram "$device" > $out 2>&1
is "daxctl reconfigure-device cannot have it" "$(dax_driver "$device")" gmem
"$daxctl" disable-device "$device" > $out 2>&1
is "daxctl disable-device cannot either" "$(dax_driver "$device")" gmem
runs "gmemctl reconfigure-device" 5 gmemctl reconfigure-device -m devdax "$device"
says "says who has it" $err 'guests use the memory: 1 guest_memfds hold memory of pool far'

# The region goes: it waits for the guest.
region=$(region_name)
"$cxl" disable-region "$region" > /tmp/disable.out 2>&1 &
disable=$!
sleep 10
kill -0 $disable 2>/dev/null
is "cxl disable-region waits for the guest" $? 0
is "it has its memory" "$(pool far users) $(pool far size)" \
	"1 $((256 * M))"
stop
wait $disable
is "then it ends" $? 0
wait_for 60 no_dax_device
is "the device is gone, and its memory" "$(pool far size)" 0
runs "cxl destroy-region" 0 "$cxl" destroy-region "$region"
runs "the pool can be destroyed" 0 gmemctl destroy-pool far

# Once more, with drivers by themselves: the kernel parameter lets gmem be the
# first, before kmem.
before=$(mem_total)
runs "a region again" 0 create_region
wait_for 60 has_dax_device
device=$(dax_devices)
is "gmem has it first" "$(dax_driver "$device") $(cat $dax/devices/"$device"/gmem/pool)" \
	"gmem auto"
is "and its memory" "$(pool auto size)" $((256 * M))
is "which never was System RAM" "$(mem_total)" "$before"
runs "to System RAM" 0 gmemctl reconfigure-device -m system-ram "$device"
is "kmem has it" "$(dax_driver "$device") $(cat $dax/devices/"$device"/state)" \
	"kmem online_movable"
runs "daxctl list" 0 "$daxctl" list
says "sees that" $out '"mode":"system-ram"'
runs "to a pool" 0 gmemctl reconfigure-device -m gmem -p far "$device"
is "which has it, and not that of the parameter" \
	"$(pool far size) $(pool auto size) $(dax_driver "$device")" "$((256 * M)) 0 gmem"
is "System RAM is what it was" "$(mem_total)" "$before"
runs "to a file" 0 gmemctl reconfigure-device -m devdax "$device"
is "device_dax has it" "$(dax_driver "$device") $(pool far size)" "device_dax 0"
runs "to no pool" 0 gmemctl reconfigure-device -m gmem "$device"
is "gmem has it" "$(dax_driver "$device") $(pool auto size)" "gmem 0"

# A page that the hardware has lost goes with the device, and to nobody else.
runs "to a pool" 0 gmemctl reconfigure-device -m gmem -p far "$device"
start "$hold" far $((200 * M))
page=$(($(cat $dax/devices/"$device"/resource) + 16 * M + 4096))
# The error is a software one, and its writer has nothing to do with the page.
sh -c "echo $page > /sys/devices/system/memory/hard_offline_page" 2> $err
is "a page of it is poisoned" "$(pool far poisoned)" $((2 * M))
runs "under a guest" 5 gmemctl reconfigure-device -m devdax "$device"
stop
runs "without a guest" 5 gmemctl reconfigure-device -m devdax "$device"
says "says what stands in the way" $err \
	'2 MiB of it are poisoned, and stay in pool far until the device goes'
is "it is in the pool" "$(pool far size) $(pool far available) $(dax_driver "$device")" \
	"$((256 * M)) $((254 * M)) gmem"
region=$(region_name)
runs "cxl destroy-region" 0 timeout 300 "$cxl" destroy-region -f "$region"
wait_for 60 no_dax_device
is "takes it away all the same" "$? $(pool far size) $(pool far poisoned)" "0 0 0"
runs "the same region again" 0 create_region
wait_for 60 has_dax_device
device=$(dax_devices)
is "has the same page" \
	"$((0x$(cut -c 3- $dax/devices/"$device"/resource) <= page)) $(pool auto size)" \
	"1 $((256 * M))"
is "which is known" "$(pool auto poisoned)" $((2 * M))
wait_for 60 nobody_gets $((2 * M))
is "and which nobody gets" $? 0
region=$(region_name)
runs "take it away" 0 timeout 300 "$cxl" destroy-region -f "$region"
wait_for 60 no_dax_device
is "it is gone" $? 0
runs "destroy the pools" 0 gmemctl destroy-pool far auto
finish
