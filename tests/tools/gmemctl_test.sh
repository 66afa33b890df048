#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# gmemctl against the real kernel: what it does, what it says, and that all
# memory is where it was at the end.  Runs in the virtual machine, as root, with
# two nodes and gmem=1:1G; prints TAP.
#
#   gmemctl_test.sh PIN_NODE HOLD_GUEST_MEMFD
pin_node=$1
hold=$2
. "$(dirname "$0")/lib.sh"

# As somebody who is not root and has a name.
[ -f /etc/passwd ] || {
	mkdir -p /etc
	echo 'nobody:x:65534:65534::/:/bin/sh' > /etc/passwd
}
chmod 755 / /tests
as_user()
{
	prog=$(command -v "$1")
	shift
	start-stop-daemon -S -c 65534:65534 -x "$prog" -- "$@"
}


# The pool of the boot parameter.
runs "list" 0 gmemctl list
says "shows the boot pool" $out '^boot  *idle  *1  *1G '
runs "list ranges" 0 gmemctl list -R -p boot -o range,node,size,origin,start
says "shows where it came from, and to root where it is" \
	$out '^ *0 *1 *1G boot *0x[1-9a-f]'
runs "list as somebody else" 0 as_user gmemctl list -R -p boot -o size,start
says "shows no address" $out '^ *1G *-$'
runs "create as somebody else" 6 as_user gmemctl create-pool mine
says "says what to do" $err 'hint: do it as root'

# Memory that has been in a pool has its memmap in System RAM, that of boot did
# not: the totals can be compared from the second time on.
gmemctl create-pool warm -s 1G -N 0 > /dev/null 2>&1
gmemctl create-pool warm1 -s 512M -N 1 > /dev/null 2>&1
gmemctl destroy-pool warm warm1 > $out 2> $err || not_ok "warm up"
# One page that is held costs its memory block and half a minute; there may be
# other blocks that cannot be had.
blocks=0
for dir in /sys/devices/system/node/node1/memory[0-9]*; do
	read -r zone _ < "$dir/valid_zones"
	[ "$zone" != Movable ] || blocks=$((blocks + 1))
done
start "$pin_node" 1 $((32 * M))
runs "take all of a node but what is held" 0 \
	gmemctl create-pool vm1 -s $(((blocks - 3) * block)) -N 1
runs "take the rest" 1 gmemctl resize-pool vm1 +$((3 * block)) -N 1
says "cannot be moved" $err 'have pages that cannot be moved'
is "the pool has the others" "$(value vm1 size)" $(((blocks - 3) * block))
stop
runs "destroy it again" 0 gmemctl destroy-pool vm1

before=$(mem_total)
is "only the boot pool is left" "$(gmemctl list --names)" boot

# An empty pool.
runs "create an empty pool" 0 gmemctl create-pool empty -N 1
says "says so" $out '^created pool empty: empty$'
is "it has nothing, and a node" "$(gmemctl list -r --noheadings \
	-p empty -o pool,state,nodes,size,node)" "empty idle - 0 1"
[ -c /dev/gmem/empty ]
is "and a device" $? 0
runs "create it again" 1 gmemctl create-pool empty
says "says why not" $err 'there is a pool.*File exists'
runs "destroy it" 0 gmemctl destroy-pool empty
[ ! -e /dev/gmem/empty ] && [ ! -e $class/empty ]
is "it is gone" $? 0

# A pool out of System RAM.
runs "create a pool on node 0" 0 gmemctl create-pool -J vm0 -s 512M -N 0
says "the JSON has the result" $out '^ *"result": "done",$'
says "the size of the pool" $out "^      \"size\": $((512 * M)),\$"
says "and its nodes" $out '^          "node": 0,$'
is "its size" "$(value vm0 size)" $((512 * M))
is "all of it is available" "$(value vm0 avail)" $((512 * M))
is "its ranges are as large" "$(gmemctl list -R -p vm0 -o size -b -r \
	--noheadings | awk '{ sum += $1 } END { print sum }')" $((512 * M))
taken=$((before - $(mem_total)))
[ $taken -gt $((480 * M)) ] && [ $taken -le $((512 * M)) ]
is "MemTotal is smaller by that, less the memmap" "$? $taken" "0 $taken"

runs "a dry run" 0 gmemctl destroy-pool -n vm0
is "prints the write" "$(cat $out)" "echo 'vm0' > $class/delete"
is "and does nothing" "$(value vm0 size)" $((512 * M))

# Changing its size.
runs "grow" 0 gmemctl resize-pool vm0 +256M
is "to what was asked for" "$(value vm0 size)" $((768 * M))
runs "shrink" 0 gmemctl resize-pool vm0 256M
says "says from what to what" $out '^resized pool vm0 from 768M to 256M$'
is "to what was asked for, too" "$(value vm0 size)" $((256 * M))
runs "to the same size" 0 gmemctl resize-pool vm0 256M
says "is done already" $out 'has 256M already'
runs "grow on another node" 0 gmemctl resize-pool vm0 +256M -N 1
is "it has memory of both, and its own node" \
	"$(gmemctl list -r --noheadings -p vm0 -o nodes,size,node)" \
	"0-1 512M 0"
runs "give that back" 0 gmemctl resize-pool vm0 50% -N 1
is "it has memory of its node only" \
	"$(gmemctl list -r --noheadings -p vm0 -o nodes,size,node)" \
	"0 256M 0"
runs "list by node" 0 gmemctl list -N 0 --names
is "finds it" "$(cat $out)" vm0

# What cannot be.
runs "a size that memory blocks cannot express" 2 \
	gmemctl resize-pool vm0 $((block + 4096))
says "the size that can be is named" $err ': use 128M$'
# The tool asks for nothing that is wrong, so ask without it.
if echo 4096 > $class/vm0/size; then
	not_ok "the kernel refuses it as well"
else
	ok "the kernel refuses it as well"
fi 2>/dev/null
runs "more than there is" 1 gmemctl create-pool big -s 1024G
says "the kernel says why" $err 'cannot make a pool.*: [0-9]* .*: No space left'
[ ! -e $class/big ]
is "there is no such pool" $? 0
runs "more than there is, for one that exists" 1 gmemctl resize-pool vm0 1024G
is "it is what it was" "$(value vm0 size)" $((256 * M))
runs "a node that is not there" 2 gmemctl create-pool far -s 128M -N 9
runs "a pool that is not there" 4 gmemctl destroy-pool vm0 nope
is "then none is destroyed" "$(value vm0 size)" $((256 * M))

# Memory in use.
start "$hold" vm0 $((256 * M))
runs "shrink a pool whose memory is in use" 5 gmemctl resize-pool vm0 128M
says "the message has the cause" $err \
	'cannot shrink from 256M to 128M: .*: Device or resource busy'
runs "destroy it" 5 gmemctl destroy-pool -J vm0
says "the error is named" $out '^ *"errno": "EBUSY",$'
says "and its holder" $out '^ *"hint": "1 guest_memfd holds its memory'
is "it is in use" "$(gmemctl list -r --noheadings -p vm0 \
	-o size,used,avail,users)" "256M 256M 0 1"
stop
is "and then free" "$(gmemctl list -r --noheadings -p vm0 \
	-o size,used,avail,users)" "256M 0 256M 0"

# The end.
runs "make another" 0 gmemctl create-pool vm1 -s 128M -N 0
runs "destroy both" 0 gmemctl destroy-pool vm0 vm1
says "says what came back" $out '^destroyed pool vm0: 256M is System RAM again$'
is "only the boot pool is left at the end" "$(gmemctl list --names)" boot
is "MemTotal is what it was at the end" "$(mem_total)" "$before"

runs "shrink the boot pool" 0 gmemctl resize-pool boot 512M
is "by half" "$(value boot size)" $((512 * M))
is "MemTotal is larger by that" "$(mem_total)" $((before + 512 * M))
runs "destroy the boot pool" 0 gmemctl destroy-pool boot
runs "list nothing" 0 gmemctl list -J
is "as empty JSON" "$(tr -d ' \n' < $out)" \
	'{"gmemctl":{"format":1,"version":"'"$(gmemctl version | cut -d' ' -f2)"'"},"pools":[]}'
is "MemTotal has all of it" "$(mem_total)" $((before + G))

finish
