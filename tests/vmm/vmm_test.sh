#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# QEMU as Debian ships it boots a small Linux on memory of the pool "boot".
# Runs in the virtual machine, as root; /dev/vda holds QEMU.  Prints TAP.
#
#   vmm_test.sh PRELOAD KERNEL INITRD DISK
set -u

root=/mnt
pool=/sys/class/gmem/boot
kvm=/sys/kernel/debug/kvm
gib=$((1 << 30))
limit=400
n=0
failed=0

# check TITLE COMMAND...
check()
{
	title=$1
	shift
	n=$((n + 1))
	if "$@"; then
		echo "ok $n $title"
		return
	fi
	failed=$((failed + 1))
	sed 's/^/# qemu: /' $root/run/messages
	tail -n 15 $root/run/console | sed 's/^/# guest: /'
	echo "not ok $n $title"
}

available()
{
	cat $pool/available
}

users()
{
	cat $pool/users
}

seconds()
{
	cut -d. -f1 /proc/uptime
}

# The guest_memfd of a process that is being torn down is not free at once.
all_free()
{
	for _ in $(seq 50); do
		[ "$(users)" -eq 0 ] && [ "$(available)" -eq "$before" ] && return
		sleep 0.2
	done
	echo "# available $(available) instead of $before, $(users) users"
	return 1
}

# start ARGUMENT...: QEMU, in the background.
start()
{
	began=$(seconds)
	: > $root/run/console
	chroot $root env LD_PRELOAD=/run/preload.so GMEM_POOL="$use" \
		qemu-system-x86_64 -accel kvm -cpu host -nographic -nodefaults \
		-no-reboot -serial file:/run/console -kernel /run/kernel \
		-initrd /run/initrd \
		-append "console=ttyS0 no_timer_check panic=-1 $guest" \
		"$@" > $root/run/messages 2>&1 < /dev/null &
	child=$!
}

# until_done: wait for it, and keep what was the most while it ran.
until_done()
{
	large=0
	taken=0
	while [ -d /proc/$child ]; do
		if [ $(($(seconds) - began)) -gt $limit ]; then
			echo "# QEMU is still running after $limit s"
			kill -KILL $child
			break
		fi
		now=$(cat $kvm/pages_1g)
		[ "$now" -le "$large" ] || large=$now
		now=$((before - $(available)))
		[ "$now" -le "$taken" ] || taken=$now
		sleep 0.2
	done
	wait $child
	status=$?
	echo "# QEMU ran for $(($(seconds) - began)) s, status $status"
}

qemu()
{
	start "$@"
	until_done
}

guest_says()
{
	grep -q "^guest: $1" $root/run/console
}

qemu_says()
{
	grep -q "$1" $root/run/messages
}

# soon COMMAND...: it succeeds before long
soon()
{
	until "$@"; do
		[ $(($(seconds) - began)) -le $limit ] || return 1
		[ -d /proc/$child ] || return 1
		sleep 1
	done
}

# Commands for QEMU's monitor, and what it says.
monitor()
{
	echo "$1" >&3
}

monitor_says()
{
	[ -z "${2:-}" ] || monitor "$2"
	sleep 1
	grep -q "$1" $root/run/said
}

at_least()
{
	[ "$1" -ge "$2" ] || {
		echo "# $1 instead of $2"
		return 1
	}
}

mount -t ext4 -o ro /dev/vda $root || exit 1
mount -t tmpfs tmpfs $root/run
mount -t tmpfs tmpfs $root/tmp
for dir in dev proc sys; do
	mount --bind /$dir $root/$dir
done
mkdir $root/run/mem
cp "$1" $root/run/preload.so
cp "$2" $root/run/kernel
cp "$3" $root/run/initrd
cp "$4" $root/run/disk
: > $root/run/messages
: > $root/run/console

use=boot
guest=
before=$(available)
drive=file=/run/disk,format=raw,if=virtio,readonly=on

echo "TAP version 13"

file=memory-backend-file,id=m,mem-path=/run/mem,share=on,align=1G
qemu -machine q35,memory-backend=m -m 3G -object $file,size=3G \
	-drive $drive,cache=writeback
check "memory-backend-file: QEMU ends well" [ $status -eq 0 ]
check "memory-backend-file: the guest uses its memory" guest_says "memory ok"
check "memory-backend-file: virtio-blk through the page cache" guest_says "disk ok"
check "memory-backend-file: the guest ends" guest_says done
check "memory-backend-file: 3 GiB of the pool" at_least $taken $((3 * gib))
# The first GiB of a PC has holes; 1-2 GiB and what is above 4 GiB have none.
check "memory-backend-file: 1 GiB entries" at_least $large 2
check "memory-backend-file: all is free again" all_free

memfd=memory-backend-memfd,id=m,share=on,seal=off
qemu -machine q35,memory-backend=m -m 1G -object $memfd,size=1G \
	-drive file=/dev/vda,format=raw,if=virtio,readonly=on,cache=none
check "memory-backend-memfd: QEMU ends well" [ $status -eq 0 ]
check "memory-backend-memfd: the guest uses its memory" guest_says "memory ok"
check "memory-backend-memfd: 1 GiB of the pool" at_least $taken $gib
check "memory-backend-memfd: all is free again" all_free
# Direct I/O has to pin the guest's memory; a disk on tmpfs would hide that.
check "cache=none: the guest sees an error" \
	guest_says "disk: sector 0: Input/output error"

# The guest runs, and writes, while its memory is copied with dirty logging.
file=memory-backend-file,id=m,mem-path=/run/mem,share=on,size=512M
mkfifo $root/run/mon.in $root/run/mon.out
exec 3<> $root/run/mon.in 4<> $root/run/mon.out
cat <&4 > $root/run/said &
cat=$!
guest=serve
start -machine q35,memory-backend=m -m 512M -object $file -drive $drive \
	-chardev pipe,id=mon,path=/run/mon -mon chardev=mon
check "migration: the guest is at work" soon guest_says serving
monitor "migrate -d file:/run/state"
check "migration: completes" soon monitor_says "^Status:.*completed" "info migrate"
monitor quit
until_done
check "migration: the first QEMU ends well" [ $status -eq 0 ]
check "migration: and leaves nothing" all_free
printf '\377' | dd of=$root/run/disk conv=notrunc 2> /dev/null
start -machine q35,memory-backend=m -m 512M -object $file -drive $drive \
	-chardev pipe,id=mon,path=/run/mon -mon chardev=mon \
	-incoming file:/run/state
until_done
check "migration: the second QEMU ends well" [ $status -eq 0 ]
check "migration: the guest finds its memory" guest_says "moved, 64 MiB ok"
check "migration: all is free again" all_free
kill $cat
rm $root/run/state
guest=

qemu -machine q35,memory-backend=m -m 64G -object $memfd,size=64G
check "too much: QEMU fails" [ $status -ne 0 ]
check "too much: and says why" qemu_says "the pool has not that much memory"

use=none
qemu -machine q35,memory-backend=m -m 1G -object $memfd,size=1G
check "no pool: QEMU fails" [ $status -ne 0 ]
check "no pool: and says why" qemu_says "there is no such pool"

# Without GMEM_POOL nothing is replaced.
use=
qemu -machine q35,memory-backend=m -m 1G -object $memfd,size=1G
check "not asked for: the guest runs" guest_says done
check "not asked for: nothing is taken" [ $taken -eq 0 ]

echo "1..$n"
[ $failed -eq 0 ]
