#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# gmemctl is interrupted while it takes 4 GiB of a node: all is as it was then.
# Runs in the virtual machine, as root, with two nodes; prints TAP.
#
#   interrupt_test.sh PIN_NODE DEFAULT_SIGINT
pin_node=$1
# shellcheck disable=SC2034 # for named()
default_sigint=$2
. "$(dirname "$0")/lib.sh"

# interrupt SIGNAL POOL: waits until the pool grows, and two seconds more
interrupt()
{
	for _ in $(seq 60); do
		state=$(gmemctl list -p "$2" -o state -r --noheadings 2>&1)
		[ "$state" != growing ] || break
		sleep 1
	done
	echo "$state" > /tmp/state
	sleep 2
	kill -"$1" "$(cat /tmp/pid)"
	# Nobody else would end it.
	sleep 60
	kill -KILL "$(cat /tmp/pid)" 2>/dev/null
}

# An interruption while memory is taken: pages that are held make the kernel
# wait until there is a signal.
size=$((4 * G))
start "$pin_node" 1 $size
ram=$(mem_total)
interrupt INT stuck &
helper2=$!
runs "an interrupted creation" 1 named \
	gmemctl create-pool stuck -s $size -N 1 --progress
kill $helper2
is "until then, the pool was there and growing" "$(cat /tmp/state)" growing
says "it reported its progress" $err '^stuck: taking memory, .* of .*%'
says "it says that it was interrupted" $err \
	'^gmemctl create-pool: stuck: .*: interrupted$'
[ ! -e $class/stuck ]
is "there is no such pool then" $? 0
all_ram "nothing is missing"

runs "make a pool where nothing is held" 0 gmemctl create-pool vm1 -s 128M -N 0
interrupt TERM vm1 &
helper2=$!
runs "an interrupted resize" 1 named gmemctl resize-pool vm1 $size -N 1
kill $helper2
is "until then, it was growing" "$(cat /tmp/state)" growing
is "the pool is what it was" "$(gmemctl list -r --noheadings -p vm1 \
	-o state,nodes,size,node)" "idle 0 128M 0"
stop
runs "now that nothing is held, all of it" 0 gmemctl resize-pool vm1 $size -N 1
is "the pool has it" "$(value vm1 size)" "$size"
runs "destroy it" 0 gmemctl destroy-pool vm1
all_ram "nothing is missing at the end"

finish
