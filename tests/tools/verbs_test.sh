#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The verbs of gmemctl that look at a host, watch it and set memory aside for
# later, against the real kernel.  Runs in the virtual machine, as root, with two
# nodes; leaves pools and their configuration in /state for reboot_test.sh.
# Prints TAP.
#
#   verbs_test.sh PIN_NODE HOLD_GUEST_MEMFD DEFAULT_SIGINT
pin_node=$1
hold=$2
default_sigint=$3
. "$(dirname "$0")/lib.sh"
conf=/etc/gmem/pools.d

# show FILE: for whoever looks for the reason of a failure
show()
{
	sed "s,^,# ${1##*/}: ," "$1"
}

# blocks: each memory block of System RAM with its node and what it is
blocks()
{
	for dir in /sys/devices/system/memory/memory[0-9]*; do
		echo "${dir##*/} $(cat "$dir/state") $(basename "$dir"/node*)"
	done
}

# metric NAME{LABELS}: its value
metric()
{
	sed -n "s/^$1 //p" $out
}

mkdir -p $conf

# Memory that has been in a pool has its memmap in System RAM, that of boot did
# not: the totals can be compared from the second time on.
gmemctl create-pool warm -s 1G -N 0 > /dev/null 2>&1
gmemctl create-pool warm1 -s 512M -N 1 > /dev/null 2>&1
gmemctl destroy-pool warm warm1 > $out 2> $err || not_ok "warm up"
before=$(mem_total)

# monitor: a process that listens is in /proc/net/netlink.
listening()
{
	for _ in $(seq 100); do
		! grep -q " 15 *$1 " /proc/net/netlink || return
		sleep 0.1
	done
}
"$default_sigint" gmemctl monitor > /tmp/text 2> /tmp/text.err &
text=$!
"$default_sigint" gmemctl monitor -J -p vm0 -c 2 > /tmp/lines 2>&1 &
lines=$!
listening $text
listening $lines
# The states of pools are polled after that.
sleep 1
runs "create, resize and destroy under monitor" 0 sh -c '
	gmemctl create-pool vm0 -s 128M -N 0 &&
	gmemctl resize-pool vm0 256M && gmemctl create-pool other &&
	gmemctl destroy-pool vm0 other'
wait $lines
is "monitor --count ends by itself" $? 0
sleep 1
kill -INT $text
wait $text
is "monitor ends with Ctrl-C, well" "$? $(cat /tmp/text.err)" "0 "
show /tmp/text
show /tmp/lines
grep -v ' state: ' /tmp/text | sed 's/^[^ ]* //;s/ ([^)]*)$//' > $out
is "it has printed what happened, in order" \
	"$(grep -v 'change: size' $out | tr '\n' ';')" \
	"vm0 add;other add;vm0 remove;other remove;"
says "with changes of the size" $out '^vm0 change: size$'
cp /tmp/text $out
says "of the state" $out ' vm0 state: [a-z]*, was [a-z]*'
says "with the time, and the numbers of then" $out \
	'^20[0-9-]*T[0-9:.]*[+]00:00 vm0 change: size (256M, 256M available)$'
cp /tmp/lines $out
is "monitor -J prints a line for each event" \
	"$(grep -c '^{"time":"20[^"]*","event":"[a-z]*","pool":"vm0",.*,"pools":\[{.*}\]}$' $out)" 2
says "the first is the one that made the pool" $out '"event":"add","pool":"vm0"'

# offline and online.
printf '[pool vm0]\nsize = 512M\nnode = 0\n' > $conf/vm0.conf
runs "make a pool of the configuration" 0 gmemctl restore vm0
runs "offline, as a dry run" 0 gmemctl offline -n vm0
is "prints the write" "$(cat $out)" "echo '0' > $class/vm0/size"
is "and does nothing" "$(value vm0 size)" $((512 * M))
runs "offline" 0 gmemctl offline vm0
says "says what came back" $out '^pool vm0 is empty: 512M is System RAM again$'
is "MemTotal has it" "$(mem_total)" "$before"
[ -c /dev/gmem/vm0 ]
is "the pool and its device stay" "$? $(value vm0 size,node)" "0 0 0"
runs "offline again" 0 gmemctl offline vm0
says "has nothing to do" $out 'empty already'
runs "online, as a dry run" 0 gmemctl online -n vm0
is "prints the write, too" "$(cat $out)" \
	"echo '$((512 * M))' > $class/vm0/size"
runs "online" 0 gmemctl online vm0
is "takes the memory again" "$(value vm0 size)" $((512 * M))
runs "online again" 0 gmemctl online -J vm0
says "has nothing to do, too" $out '"result": "already"'
runs "online of what is not configured" 4 gmemctl online boot
says "says so" $err 'boot: there is no pool of that name in the configuration'

# Backings, with who has them.
mount -t cgroup2 none /sys/fs/cgroup && mkdir /sys/fs/cgroup/vm-a.scope
# shellcheck disable=SC2016 # for the inner shell
start sh -c 'echo $$ > /sys/fs/cgroup/vm-a.scope/cgroup.procs; exec "$@"' sh \
	"$hold" vm0 $((256 * M))
runs "list backings" 0 gmemctl list -U -b -r --noheadings \
	-o pool,size,pid,user,command,cgroup,extents
is "shows the process and its cgroup" "$(cat $out)" \
	"vm0 $((256 * M)) $helper - hold_guest_memf /vm-a.scope 1"
runs "list backings of another pool" 0 gmemctl list -U -p boot --noheadings
is "shows nothing" "$(cat $out)" ""
runs "as JSON" 0 gmemctl list -U -J
says "with the number of the user" $out '"uid": 0,'
says "and the cgroup" $out '"cgroup": "/vm-a.scope"'
runs "offline what is in use" 5 gmemctl offline vm0
says "says who to ask for" $err 'hint: gmemctl list -U shows who has it'
runs "offline what is free of it" 0 gmemctl offline -a vm0
is "leaves what is in use" "$(value vm0 size,used,users)" \
	"$((256 * M)) $((256 * M)) 1"
runs "offline the rest of nothing" 0 gmemctl offline -a vm0
says "says that nothing is free" $out 'no whole memory block free'
runs "restore puts it back" 0 gmemctl restore vm0
is "while the guest runs" "$(value vm0 size,used)" "$((512 * M)) $((256 * M))"

# stat, while the memory is held.
runs "stat" 0 gmemctl stat -p vm0 -b
says "has the numbers of the pool" $out \
	"^vm0  *idle  *$((512 * M))  *$((256 * M))  *-  *$((256 * M)) "
runs "stat, twice" 0 gmemctl stat -J -i 1 -c 2
is "prints a line of JSON each time" "$(grep -c '^{"gmemctl":{.*}$' $out)" 2
says "with the change in a second" $out '"used_per_second":0,'
runs "stat --guests" 0 gmemctl stat -g
says "has the process that made the machine" $out \
	"^ *$helper hold_guest_memf "
# has_line PATTERN: waits until stat has printed it
has_line()
{
	for _ in $(seq 300); do
		! grep -q "$1" /tmp/conversions || return 0
		sleep 0.2
	done
	return 1
}
gmemctl stat -C -i 1 > /tmp/conversions 2>&1 &
stat=$!
has_line '^ *0  *-$'
is "stat --conversions has had none at first" $? 0
held=$helper
start "$hold" boot $((2 * M)) 1000
stop
helper=$held
has_line '^ *1000  *[1-9][0-9]*$'
is "then it has counted each, and how many there were in a second" $? 0
kill $stat
wait $stat 2> /dev/null
runs "stat --prometheus" 0 gmemctl stat --prometheus
is "has the size of the pool" "$(metric 'gmem_pool_size_bytes{pool="vm0"}')" \
	"$(cat $class/vm0/size)"
is "of its node" "$(metric 'gmem_pool_node_size_bytes{pool="vm0",node="0"}')" \
	$((512 * M))
is "what is used" "$(metric 'gmem_pool_used_bytes{pool="vm0"}')" $((256 * M))
is "and by how many" "$(metric 'gmem_pool_users{pool="vm0"}')" 1
stop
runs "list backings of nobody" 0 gmemctl list -U --noheadings
is "shows none" "$(cat $out)" ""

# doctor: what it finds on this machine is so.
runs "doctor" 0 gmemctl doctor
cp $out /tmp/doctor
show /tmp/doctor
is "finds nothing bad" "$(grep -c '^bad' $out)" 0
says "the kernel" $out '^ok  *kernel '
says "KVM" $out '^ok  *kvm '
says "1 GiB for user space" $out '^ok  *user-1g '
says "and for guests" $out '^ok  *guest-1g  *nested paging maps 1 GiB'
says "the size of a memory block" $out \
	"^ok  *block-size .* blocks of $((block / M))M\$"
says "what can be taken of each node" $out '^ok  *movable  *node 1: '
says "that the pools are as configured" $out '^ok  *configuration '
says "and that nothing does that at boot" $out '^warn  *service '
says "a default pool is missing" $out '^note  *default-pool  *there is none'
echo vm0 > /sys/module/kvm/parameters/gmem_default_pool
runs "doctor, when that is mended" 0 gmemctl doctor
says "finds it" $out '^ok  *default-pool .*vm0$'
echo > /sys/module/kvm/parameters/gmem_default_pool
echo 8 > /proc/sys/vm/nr_hugepages
runs "doctor with huge pages" 0 gmemctl doctor
says "says what they take away" $out '^[wn][a-z]*  *hugetlb .*16M'
echo 0 > /proc/sys/vm/nr_hugepages
printf '[pool vm0]\nsize = 1G\nnode = 0\n' > $conf/vm0.conf
runs "doctor with another configuration" 0 gmemctl doctor
says "says what differs" $out '^[wn][a-z]*  *configuration .*vm0'
runs "doctor as JSON" 0 gmemctl doctor -J
says "has the check" $out '"check": "guest-1g",'
runs "destroy the pool" 0 gmemctl destroy-pool vm0

# Ctrl-C in the middle of 4 GiB: the kernel begins with node 1, which has most of
# what can be moved, and on node 0 it waits for pages that are held.
blocks > /tmp/blocks
runs "make a pool to grow" 0 gmemctl create-pool big -s 256M -N 0
gmemctl list -B -b -r > /tmp/blocks.list
total=$(mem_total)
start "$pin_node" 0 $G
runs "let it grow on any node" 0 sh -c "echo -1 > $class/big/node"
(
	while [ "$(cat $class/big/progress)" -lt $G ]; do
		sleep 0.2
	done
	cat $class/big/progress > /tmp/progress
	sleep 1
	kill -INT "$(cat /tmp/pid)"
) &
killer=$!
rm -f /tmp/pid /tmp/progress
runs "Ctrl-C while a pool grows by 4 GiB" 1 named \
	gmemctl resize-pool big +4G --progress
kill $killer 2> /dev/null
stop
show $err
is "more than 1 GiB had been taken" \
	"$([ "$(cat /tmp/progress)" -ge $G ] && echo yes)" yes
says "the progress was printed, with an estimate" $err \
	'^big: growing, .* of 4G ([0-9]*%), [0-9]* s, about [0-9]* s left$'
says "it says that it was interrupted" $err \
	'^gmemctl resize-pool: big: cannot grow from 256M to 4.2G: interrupted$'
says "and what the pool has" $err 'hint: the pool has 256M as before$'
is "that is so" "$(value big size,state)" "$((256 * M)) idle"
is "MemTotal is what it was" "$(mem_total)" "$total"
gmemctl list -B -b -r > /tmp/blocks.after
if cmp -s /tmp/blocks.list /tmp/blocks.after; then
	ok "every block is where it was"
else
	diff /tmp/blocks.list /tmp/blocks.after > $out
	not_ok "every block is where it was"
fi
runs "and can be taken" 0 gmemctl resize-pool big +1G
runs "destroy it" 0 gmemctl destroy-pool big
blocks > /tmp/blocks.after
cmp -s /tmp/blocks /tmp/blocks.after
is "all memory is System RAM again, in the same blocks" $? 0

# What reboot_test.sh is to find again.
runs "a pool on one node" 0 gmemctl create-pool one -s 256M -N 1
runs "a pool on two" 0 gmemctl create-pool two -s 128M -N 0
runs "with memory of both" 0 gmemctl resize-pool two +256M -N 1
runs "an empty pool" 0 gmemctl create-pool empty
runs "an elastic pool" 0 gmemctl create-pool grow -m 512M -d 3
runs "what the host keeps" 0 gmemctl keep-free 64M
runs "save" 0 gmemctl save -f /state/pools.conf
show /state/pools.conf
gmemctl list -r -b -o pool,nodes,node,size,max,delay > /state/list
runs "save over it" 1 gmemctl save -f /state/pools.conf
says "is refused" $err 'hint: --overwrite replaces it'
gmemctl save > /tmp/printed
cmp -s /tmp/printed /state/pools.conf
is "save prints the same" $? 0

finish
