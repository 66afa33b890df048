#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# After dax_test.sh and another boot: gmemctl restore gives a DAX device, which kmem
# has made System RAM, to its pool again.  Prints TAP.
. "$(dirname "$0")/lib.sh"
conf=/state/far.conf
dev0=/sys/bus/dax/devices/dax0.0

# where: who has dax0.0, and how large the pool is
where()
{
	echo "$(dax_driver dax0.0) $(cat $class/far/size 2> /dev/null)"
}

is "this is another boot: kmem has the device" "$(where)" "kmem "
is "and the parameter's pool is there" "$(gmemctl list --names)" fast
says "the device is named with its address" $conf '^devices = dax0.0@0x140000000$'
free=$(mem_total)

runs "what is configured is not there" 1 gmemctl restore -C -c $conf
runs "a dry run" 0 gmemctl restore -n -c $conf
is "does nothing" "$(where)" "kmem "
runs "restore" 0 gmemctl restore -c $conf
is "the pool has the device" "$(where)" "gmem $((2 * G))"
is "by its name" "$(cat $dev0/gmem/pool)" far
[ "$(mem_total)" -lt $((free - G)) ]
is "and the host has less" $? 0
runs "restore again" 0 gmemctl restore -c $conf
says "has nothing to do" $out 'as configured already'
runs "the check" 0 gmemctl restore -C -c $conf
finish
