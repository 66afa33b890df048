#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What "make demo" shows, in the virtual machine.  Every figure is measured
# here, and one that is not as promised makes it fail.
set -eu

taken=2			# GiB of System RAM that the pool takes at run time
pool=/sys/class/gmem/boot

failed=0
claim()
{
	what=$1
	shift
	"$@" || {
		echo "   NOT AS PROMISED: $what"
		failed=1
	}
}

gib()
{
	echo $(($1 * 1024 * 1024 * 1024))
}

mem_total()
{
	awk '$1 == "MemTotal:" { print $2 * 1024 }' /proc/meminfo
}

# The memmap of memory that was there at boot is not part of MemTotal; that of
# memory that was added later is.
memmap_added()
{
	awk '$1 == "nr_memmap_pages" { print $2 * 4096 }' /proc/vmstat
}

mib()
{
	echo "$(($1 / 1048576)) MiB"
}

# seconds COMMAND...: run it and leave how long it took in $took.
seconds()
{
	read -r begin _ < /proc/uptime
	"$@"
	read -r end _ < /proc/uptime
	took=$(awk "BEGIN { printf \"%.1f s\", $end - $begin }")
}

wait_scrubbed()
{
	while [ "$(cat $pool/scrubbed)" != "$(cat $pool/available)" ]; do
		sleep 0.1
	done
}

pages_of_pool()
{
	for range in $pool/range*; do
		demo/pages "$(cat "$range/start")" "$(cat "$range/size")"
	done | awk '{ pages += $1; direct += $2 } END { print pages, direct }'
}

echo
echo "1. A pool that was reserved at boot: $(grep -o 'gmem=[^ ]*' /proc/cmdline)"
gmemctl list | sed 's/^/   /'
read -r with_pages direct <<END
$(pages_of_pool)
END
echo "   of these, $(mib "$with_pages") have a struct page, and $(mib "$direct") are in the direct map"
claim "no struct page" [ "$with_pages" -eq 0 ]
claim "no direct map" [ "$direct" -eq 0 ]

echo
echo "2. $taken GiB more, taken from System RAM at run time"
size=$(cat $pool/size)
before=$(mem_total)
added=$(memmap_added)
seconds gmemctl resize-pool boot $((size + $(gib $taken))) > /tmp/out 2>&1
after=$(mem_total)
memmap=$(($(gib $taken) - before + after))
echo "   took $took; MemTotal $(mib "$before") before, $(mib "$after") after"
echo "   $(mib "$memmap") of that is memmap that the rest of the system got back"
claim "16 MiB of memmap for each GiB" [ "$memmap" -ge $((taken * 16 * 1048576)) ]
read -r with_pages direct <<END
$(pages_of_pool)
END
claim "no struct page" [ "$with_pages" -eq 0 ]
claim "no direct map" [ "$direct" -eq 0 ]

# A disk to read from with O_DIRECT.
dd if=/dev/zero of=/tmp/disk bs=1M count=1 2> /dev/null
disk=$(losetup -f)
losetup "$disk" /tmp/disk
wait_scrubbed
demo/guest $(($(cat $pool/size) / $(gib 1))) "$disk" || failed=1
losetup -d "$disk"

echo
echo "5. Everything goes back"
seconds wait_scrubbed
echo "   closed, and scrubbed in the background in $took"
seconds gmemctl resize-pool boot "$size" > /tmp/out 2>&1
after=$(mem_total)
memmap=$(($(memmap_added) - added))
echo "   $taken GiB returned as System RAM in $took; MemTotal $(mib "$after"), of which $(mib $memmap) memmap"
claim "MemTotal without memmap is what it was" [ $((after - memmap)) -eq "$before" ]
# More than there would be without the memory that came back.
fill=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) - 512 }' /proc/meminfo)
mount -t tmpfs -o size=100% tmpfs /mnt
seconds dd if=/dev/zero of=/mnt/fill bs=1M count="$fill" 2> /dev/null
echo "   and usable: wrote $fill MiB to a tmpfs"
umount /mnt
gmemctl list | sed 's/^/   /'
echo

exit $failed
