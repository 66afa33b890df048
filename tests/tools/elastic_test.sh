#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Elastic pools, the watermark, and what sysfs says of free memory.  Runs in the
# virtual machine, as root, with movable memory on both nodes; prints TAP.
#
#   elastic_test.sh HOLD_GUEST_MEMFD
hold=$1
. "$(dirname "$0")/lib.sh"


has_size()
{
	[ "$(pool "$1" size)" = "$2" ] && [ "$(pool "$1" state)" = idle ]
}

mem_available()
{
	awk '/^MemAvailable:/ { print $2 * 1024 }' /proc/meminfo
}

# free_blocks as a sum of bytes
free_sum()
{
	awk -v size=$M '{ for (i = 1; i <= NF; i++) { size *= 2; sum += $i * size } }
			 END { printf "%.0f\n", sum }' $class/"$1"/free_blocks
}

ram=$(mem_total)

# What cannot be.
runs "a maximum below the size" 1 put "el size=$((2 * block)) max=$block" $class/create
says "is refused" $class/last_error 'the maximum is smaller than the size'
runs "a bad maximum" 1 put "el max=much" $class/create
says "the error says what can be written" $class/last_error 'max=<bytes>'
runs "a bad delay" 1 put "el delay=-1" $class/create
runs "a bad watermark" 1 put "-1" $class/keep_free

# Empty until somebody asks.
runs "an elastic pool" 0 gmemctl create-pool el --max 1G --delay 6
says "says what it may have" $out '^created pool el: empty, up to 1G$'
is "is empty" "$(pool el size) $(pool el max) $(pool el return_delay)" \
	"0 $G 6000"
is "nothing is free" "$(cat $class/el/free_blocks)" "0 0 0 0 0 0 0 0 0 0"
start "$hold" el $((512 * M))
is "it grew for a guest" "$(pool el size) $(pool el available) $(pool el users)" \
	"$((512 * M)) 0 1"
[ "$(mem_total)" -lt "$((ram - 480 * M))" ]
is "with System RAM" $? 0
first=$helper
runs "save, while a guest has memory" 0 gmemctl save el
is "what it took is not saved" "$(grep -v '^#' $out | tr '\n' ';')" \
	";[pool el];size = 0;node = any;max = 1G;delay = 6;"
cp $out /tmp/el.conf
runs "restore" 0 gmemctl restore -c /tmp/el.conf
says "leaves it alone" $out 'as configured already'
"$hold" el $((640 * M)) > $out 2>&1
says "not beyond its maximum" $out 'No space left'
says "with numbers" $class/el/last_error \
	'640 MiB are missing for a guest_memfd of 640 MiB; the pool has 512 MiB and may have 1024 MiB'
start "$hold" el $((2 * M))
is "whole memory blocks come" "$(pool el size) $(pool el available)" \
	"$((512 * M + block)) $((block - 2 * M))"
is "free blocks add up" "$(free_sum el)" "$((block - 2 * M))"
start "$hold" el $((4 * M))
is "what is free is used first" "$(pool el size)" $((512 * M + block))
stop
helper=$first
stop

# Back after the delay.
is "freed memory stays for a while" "$(pool el size)" $((512 * M + block))
wait_for 60 has_size el "$block"
is "then all goes but the block in use" $? 0
pids=$(pidof hold_guest_memfd)
for helper in $pids; do
	stop
done
wait_for 60 has_size el 0
is "then that, too" $? 0
all_ram "it is System RAM again"

# A guest that is started again.
start "$hold" el $((256 * M))
start0=$(cat $class/el/range0/start)
stop
sleep 1
start "$hold" el $((256 * M))
sleep 9
is "who comes back in time finds the same memory" \
	"$(pool el size) $(cat $class/el/range*/start)" "$((256 * M)) $start0"
stop

# What was given stays.
wait_for 60 has_size el 0
runs "give it memory" 0 put $((2 * block)) $class/el/size
start "$hold" el $((4 * block))
is "it takes what is missing" "$(pool el size)" $((4 * block))
stop
wait_for 60 has_size el $((2 * block))
is "and keeps what it was given" $? 0
sleep 8
is "for good" "$(pool el size)" $((2 * block))

# What it is given while guests have more.
start "$hold" el $((4 * block))
runs "it is to keep one block" 0 gmemctl resize-pool el $block
is "which takes nothing from the guest" \
	"$(pool el size) $(pool el reserved)" "$((4 * block)) $block"
runs "then three" 0 gmemctl resize-pool el $((3 * block))
is "which takes no more memory" \
	"$(pool el size) $(pool el reserved)" "$((4 * block)) $((3 * block))"
runs "a block more than it has" 0 put $((5 * block)) $class/el/reserved
is "is taken" "$(pool el size) $(pool el reserved)" "$((5 * block)) $((5 * block))"
runs "a smaller size" 0 put $((4 * block)) $class/el/size
is "is what it keeps" "$(pool el reserved)" $((4 * block))
runs "two, by the configuration" 0 sh -c "printf '[pool el]\nsize = %s\nmax = 1G\ndelay = 6\n' \
	$((2 * block)) > /tmp/el.conf && gmemctl restore -c /tmp/el.conf"
is "and the guest has what it had" \
	"$(pool el size) $(pool el reserved)" "$((4 * block)) $((2 * block))"
runs "restore again" 0 gmemctl restore -c /tmp/el.conf
says "which has nothing to do" $out 'as configured already'
runs "half a block" 1 put $((block / 2)) $class/el/reserved
says "is refused" $class/el/last_error 'multiple of the memory block'
stop
wait_for 60 has_size el $((2 * block))
is "the rest goes back" $? 0

# Several at a time.
runs "a shorter delay" 0 put 0 $class/el/return_delay
pids=
for i in 1 2 3 4; do
	"$hold" el $((256 * M)) > /tmp/hold.$i 2>&1 &
	pids="$pids $!"
done
all_ready()
{
	[ "$(cat /tmp/hold.[1-4] | grep -c ready)" = 4 ]
}
wait_for 120 all_ready
is "four guests at once have the maximum" \
	"$? $(pool el users) $(pool el size) $(pool el available)" "0 4 $G 0"
for helper in $pids; do
	stop
done
wait_for 60 has_size el $((2 * block))
is "it goes back at once" $? 0

# No longer elastic.
start "$hold" el $((4 * block))
runs "no maximum" 0 put 0 $class/el/max
runs "and nothing to keep less of" 1 put 0 $class/el/reserved
says "as it keeps all" $class/el/last_error 'not elastic'
stop
sleep 3
is "then it stays as it is" "$(pool el size)" $((4 * block))
"$hold" el $((8 * block)) > $out 2>&1
says "and does not grow" $out 'No space left'

# Deleted while memory waits to go back.
runs "elastic again" 0 put 1G $class/el/max
runs "with a delay" 0 put 60000 $class/el/return_delay
runs "less of its own" 0 put 0 $class/el/size
start "$hold" el $((2 * block))
runs "not while it is in use" 1 put el $class/delete
stop
runs "delete it before the delay is over" 0 put el $class/delete
all_ram "all is System RAM"

# The watermark.
runs "keep all but 256 MiB" 0 gmemctl keep-free $(($(mem_available) - 256 * M))
runs "a pool of 1 GiB" 1 put "big size=1G" $class/create
says "is refused with numbers" $class/last_error \
	'^1024 MiB are asked for, [0-9]* MiB can be freed, [0-9]* MiB of them are kept for the host$'
runs "an elastic one" 0 put "big max=2G" $class/create
"$hold" big $G > $out 2>&1
says "cannot grow either" $out 'No space left'
says "and says why" $class/big/last_error 'are kept for the host'
runs "save" 0 gmemctl save -f /tmp/host.conf
runs "keep nothing" 0 gmemctl keep-free 0
is "nothing is kept" "$(cat $class/keep_free)" 0
runs "restore what was kept" 0 gmemctl restore -c /tmp/host.conf
says "by the configuration" $out '^pools leave .* to the host now$'
runs "keep nothing again" 0 put 0 $class/keep_free
start "$hold" big $G
is "then it can" "$(pool big size)" "$G"
stop
runs "a name that is a file" 1 put keep_free $class/create
runs "delete it" 0 put big $class/delete
all_ram "all is System RAM at the end"

# What is free, and from which node it comes.
runs "a pool on both nodes" 0 put "two size=1G node=0" $class/create
put 1 $class/two/node
runs "with memory of each" 0 put $((2 * G)) $class/two/size
is "DRAM is in one tier" "$(cat $class/two/node[01]/tier | sort -u)" 4
is "and near CPUs" "$(cat $class/two/node[01]/distance | sort -u)" 10
is "free blocks are counted" "$(free_sum two)" $((2 * G))
# What the scrubber has in hand is not there to be taken.
scrubbed()
{
	for _ in $(seq 300); do
		[ "$(pool "$1" scrubbed)" -ne "$(pool "$1" size)" ] || return
		sleep 0.2
	done
	echo "# the pool $1 is not scrubbed after a minute"
}
for node in 0 1; do
	scrubbed two
	for cpu in 0 1; do
		[ ! -d /sys/devices/system/node/node$node/cpu$cpu ] || on=$cpu
	done
	start taskset $((1 << on)) "$hold" two $((768 * M))
	is "a guest that runs on node $node gets memory of it" \
		"$(cat $class/two/node$node/available)" $((256 * M))
	stop
done
scrubbed two
start taskset 1 "$hold" two $((1536 * M))
is "and what is missing from the other" "$(pool two available)" $((512 * M))
stop
runs "delete that one" 0 put two $class/delete

# Memory that comes block by block becomes one range, with a guest on it.
runs "a pool" 0 put "many size=$block node=1" $class/create
for i in 2 3 4 5 6 7 8; do
	put $((i * block)) $class/many/size
done
is "that grew step by step" "$(pool many size)" $((8 * block))
before=$(ls -d $class/many/range* | wc -l)
start "$hold" many $((3 * block))
runs "compact it" 0 gmemctl compact-pool many
says "says so" $out "^compacted pool many: ranges before $before, now [0-9]*$"
after=$(ls -d $class/many/range* | wc -l)
[ "$after" -lt "$before" ]
is "it has fewer ranges ($before, $after)" $? 0
is "all is where it was" \
	"$(pool many size) $(pool many available) $(free_sum many) $(pool many users)" \
	"$((8 * block)) $((5 * block)) $((5 * block)) 1"
is "the sum of ranges is the pool" \
	"$(cat $class/many/range*/size | awk '{ sum += $1 } END { printf "%.0f", sum }')" \
	$((8 * block))
is "what is claimed, too" \
	"$(grep -c '^ *[0-9a-f-]* : gmem$' /proc/iomem)" $((2 * after))
runs "something else" 1 put 2 $class/many/compact
says "is refused" $class/many/last_error '^write 1$'
stop
runs "return half" 0 put $((4 * block)) $class/many/size
runs "and compact again" 0 put 1 $class/many/compact
runs "return it all" 0 put many $class/delete
is "nothing is claimed" "$(grep -c ' : gmem$' /proc/iomem)" 0
all_ram "all of that is System RAM again"
finish
