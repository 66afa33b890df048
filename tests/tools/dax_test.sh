#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Memory of DAX devices in pools: the driver "gmem" of the DAX bus.  Runs in the
# virtual machine, as root, with 2 GiB at 5 GiB and 512 MiB at 7.25 GiB
# soft-reserved and gmem.dax=dax1.0:fast; prints TAP.
#
#   dax_test.sh HOLD_GUEST_MEMFD
hold=$1
. "$(dirname "$0")/lib.sh"

bus=/sys/bus/dax
drivers=$bus/drivers
dev0=$bus/devices/dax0.0
dev1=$bus/devices/dax1.0

driver()
{
	[ ! -e "$1/driver" ] || basename "$(readlink "$1/driver")"
}

# blocks ADDRESS SIZE: how many memory blocks there are
blocks()
{
	nr=0
	i=$(($1 / block))
	while [ $i -lt $((($1 + $2) / block)) ]; do
		[ ! -d /sys/devices/system/memory/memory$i ] || nr=$((nr + 1))
		i=$((i + 1))
	done
	echo $nr
}

all_free()
{
	[ "$(pool "$1" users)" = 0 ] && [ "$(pool "$1" available)" = "$(pool "$1" size)" ]
}

# What the parameter did.
is "boot gave the second device to gmem" "$(driver $dev1)" gmem
is "and its memory to a pool" "$(cat $dev1/gmem/pool)" fast
is "which has all of it" "$(pool fast size)" $((512 * M))
is "it says where it is from" \
	"$(cat $class/fast/range0/origin $class/fast/range0/device | tr '\n' ' ')" \
	"dax dax1.0 "
is "and on which node" "$(pool fast nodes)" 1
is "where it begins" "$(cat $class/fast/range0/start)" 0x1d0000000
is "no memmap was made for it" "$(blocks 0x1d0000000 $((512 * M)))" 0
says "it is claimed" /proc/iomem '1d0000000-1efffffff : gmem'
is "the first device is System RAM, by kmem" "$(driver $dev0)" kmem
is "with memory blocks" "$(blocks 0x140000000 $((2 * G)))" $((2 * G / block))
ram=$(mem_total)

# The driver's files.
[ ! -e $drivers/gmem/unbind ] && [ ! -e $drivers/gmem/bind ]
is "nobody can unbind" $? 0
runs "a device that is not there" 1 put dax9.9 $drivers/gmem/release
says "is no such device" $err 'No such device'
runs "a device of another driver" 1 put dax0.0 $drivers/gmem/release
says "is no such device here" $err 'No such device'

# From kmem.
runs "unplug it" 0 put unplugged $dev0/state
is "the blocks are gone" "$(blocks 0x140000000 $((2 * G)))" 0
runs "take it from kmem" 0 put dax0.0 $drivers/kmem/unbind
runs "give it to gmem" 0 put dax0.0 $drivers/gmem/new_id
is "gmem has it" "$(driver $dev0)" gmem
is "no pool has it" "$(cat $dev0/gmem/pool)" ""
runs "a pool that is not there" 1 put nope $dev0/gmem/pool
says "the error says so" $dev0/gmem/last_error '^there is no pool nope$'
runs "make a pool" 0 put far $class/create
runs "lend it" 0 put far $dev0/gmem/pool
is "no error is left" "$(cat $dev0/gmem/last_error)" ""
is "the pool has it" "$(cat $dev0/gmem/pool) $(pool far size)" "far $((2 * G))"
is "in one piece" "$(pool far largest_free)" $((2 * G))
is "still without a memmap" "$(blocks 0x140000000 $((2 * G)))" 0
wait_for 300 all_clean far
is "it is scrubbed" $? 0
runs "lend it again" 0 put far $dev0/gmem/pool
runs "to another pool" 1 put fast $dev0/gmem/pool
says "the error names the one that has it" $dev0/gmem/last_error \
	'^pool far has the memory$'
runs "/dev/mem" 1 dd if=/dev/mem bs=4096 skip=$((0x140000)) count=1 of=/dev/null
says "is refused" $err 'Operation not permitted\|Bad address'

# Under a guest.
start "$hold" far $((3 * G / 2))
is "a guest has some of it" "$(pool far available)" $((G / 2))
runs "take it back" 1 put "" $dev0/gmem/pool
says "it is busy" $err 'esource busy'
says "the error says who" $dev0/gmem/last_error \
	'guests use the memory: 1 guest_memfds hold memory of pool far'
runs "release the device" 1 put dax0.0 $drivers/gmem/release
says "is busy, too" $err 'esource busy'
is "nothing has changed" \
	"$(driver $dev0) $(pool far size) $(pool far available) $(pool far state)" \
	"gmem $((2 * G)) $((G / 2)) idle"
runs "kmem cannot have it" 0 put dax0.0 $drivers/kmem/new_id
is "gmem keeps it" "$(driver $dev0)" gmem
put dax0.0 $drivers/kmem/remove_id
runs "delete the pool" 1 put far $class/delete
stop
wait_for 60 all_free far
is "all is free again" $? 0
runs "take it back now" 0 put "" $dev0/gmem/pool
is "the pool is empty" "$(pool far size) $(pool far available)" "0 0"
is "nothing is claimed" "$(grep -c '140000000-1bfffffff : gmem' /proc/iomem)" 0
runs "empty is empty" 0 put "" $dev0/gmem/pool

# Several sources.
runs "a second device" 0 put fast $dev0/gmem/pool
is "makes the pool larger" "$(pool fast size)" $((2 * G + 512 * M))
runs "System RAM" 0 put $((2 * G + 512 * M + block)) $class/fast/size
is "is the third source" "$(pool fast size)" $((2 * G + 512 * M + block))
is "each is named" "$(cat $class/fast/range*/origin | sort | tr '\n' ' ')" \
	"dax dax ram "
runs "shrink it by more than System RAM" 1 put $((2 * G)) $class/fast/size
says "memory of devices is not System RAM" $class/fast/last_error \
	'2560 MiB are of DAX devices'
start "$hold" fast $((2 * G + 256 * M))
is "a guest can have memory of both" "$(pool fast available)" $((256 * M + block))
stop
wait_for 60 all_free fast
runs "return System RAM alone" 0 put $((2 * G + 512 * M)) $class/fast/size
runs "delete the pool with its devices" 0 put fast $class/delete
is "they are nobody's then" \
	"$(cat $dev0/gmem/pool)$(cat $dev1/gmem/pool) $(driver $dev0) $(driver $dev1)" \
	" gmem gmem"

# By the tool, and by its configuration.
runs "reconfigure-device" 0 gmemctl reconfigure-device -m gmem -p far dax0.0
runs "list" 0 gmemctl list -D -r --noheadings -o device,mode,pool,node,size,start
is "shows both devices" "$(tr '\n' ';' < $out)" \
	"dax0.0 gmem far 1 2G 0x140000000;dax1.0 gmem - 1 512M 0x1d0000000;"
runs "save" 0 gmemctl save far -f /tmp/far.conf
says "names the device with its address" /tmp/far.conf \
	'^devices = dax0.0@0x140000000$'
runs "destroy the pool" 0 gmemctl destroy-pool far
says "the device keeps the memory" $out ' 2G of devices is in no pool$'
sed 's/dax0.0@/dax7.7@/' /tmp/far.conf > /tmp/renamed.conf
runs "restore it, with another name of the device" 0 gmemctl restore -c /tmp/renamed.conf
is "finds it by the address" "$(cat $dev0/gmem/pool) $(pool far size)" "far $((2 * G))"
runs "restore again" 0 gmemctl restore -c /tmp/far.conf
says "has nothing to do" $out 'as configured already'
runs "offline" 0 gmemctl offline far
says "is about System RAM" $out 'has memory of devices alone, 2G'
runs "take it back" 0 gmemctl reconfigure-device -m gmem dax0.0

# Back to kmem.
put dax0.0 $drivers/gmem/remove_id
runs "release it" 0 put dax0.0 $drivers/gmem/release
is "it has no driver" "$(driver $dev0)" ""
runs "kmem can have it again" 0 put dax0.0 $drivers/kmem/new_id
is "kmem has it" "$(driver $dev0)" kmem
all_ram "it is System RAM again"
runs "and device_dax" 0 sh -c "echo unplugged > $dev0/state &&
	echo dax0.0 > $drivers/kmem/unbind &&
	echo dax0.0 > $drivers/kmem/remove_id &&
	echo dax0.0 > $drivers/device_dax/new_id"
is "has it" "$(driver $dev0)" device_dax
runs "from there to gmem" 0 sh -c "echo dax0.0 > $drivers/device_dax/unbind &&
	echo dax0.0 > $drivers/device_dax/remove_id &&
	echo dax0.0 > $drivers/gmem/new_id &&
	echo far > $dev0/gmem/pool"
is "the pool has all of it" "$(pool far size)" $((2 * G))
runs "save it for the next boot" 0 gmemctl save far -f /state/far.conf

# The device goes, under a guest: that cannot be refused, so it waits.
runs "lend the other one" 0 put far $dev1/gmem/pool
start "$hold" far $((2 * G + 128 * M))
echo hmem.1 > /sys/bus/platform/drivers/hmem/unbind &
unbind=$!
sleep 5
kill -0 $unbind
is "it waits" $? 0
dmesg > $out
says "and says so" $out 'dax1.0 is to be removed, but guests use its memory'
is "nobody gets what is free of it" "$(pool far available)" 0
"$hold" far $((2 * M)) > $out 2>&1
says "nor asks in vain" $out 'No space left'
is "the guest keeps its memory" "$(pool far users)" 1
stop
wait $unbind
is "then the device goes" $? 0
[ ! -e $dev1 ]
is "it is gone" $? 0
is "with its memory" "$(pool far size)" $((2 * G))
runs "it comes back" 0 put hmem.1 /sys/bus/platform/drivers/hmem/bind
is "to the pool of the parameter" \
	"$(driver $dev1) $(cat $dev1/gmem/pool) $(pool fast size)" \
	"gmem fast $((512 * M))"
runs "both in one pool, for other tests" 0 sh -c "echo > $dev1/gmem/pool &&
	echo far > $dev1/gmem/pool && echo fast > $class/delete"
wait_for 300 all_clean far
is "clean" $? 0
finish
