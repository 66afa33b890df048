# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Sourced by the shell scripts that test in the virtual machine: TAP, and what
# they share.
out=/tmp/test.out
err=/tmp/test.err
class=/sys/class/gmem
M=$((1 << 20))
# shellcheck disable=SC2034 # for those who source this
G=$((1 << 30))
# shellcheck disable=SC2034
block=$((0x$(cat /sys/devices/system/memory/block_size_bytes)))
n=0
failed=0

ok()
{
	n=$((n + 1))
	echo "ok $n $1"
}

# not_ok TITLE [WHY]...
not_ok()
{
	n=$((n + 1))
	failed=$((failed + 1))
	title=$1
	shift
	for line; do
		echo "# $line"
	done
	sed 's/^/# stdout: /' $out
	sed 's/^/# stderr: /' $err
	echo "not ok $n $title"
}

# is TITLE GOT WANT
is()
{
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		not_ok "$1" "got '$2'" "instead of '$3'"
	fi
}

# runs TITLE STATUS COMMAND...
runs()
{
	what=$1
	want=$2
	shift 2
	("$@") > $out 2> $err < /dev/null
	is "$what" $? "$want"
}

# says TITLE FILE PATTERN
says()
{
	if grep -q -e "$3" "$2"; then
		ok "$1"
	else
		not_ok "$1" "no line has '$3'" "$(cat "$2")"
	fi
}

# put VALUE FILE: write, with the error of the kernel in $err
put()
{
	printf '%s\n' "$1" | dd of="$2"
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for()
{
	for _ in $(seq "$1"); do
		shift
		! "$@" || return 0
		set -- x "$@"
		sleep 1
	done
	return 1
}

# value POOL COLUMN: as gmemctl shows it
value()
{
	gmemctl list -p "$1" -o "$2" -b -r --noheadings 2>/dev/null
}

# pool POOL ATTRIBUTE: as the kernel shows it
pool()
{
	cat $class/"$1"/"$2"
}

mem_total()
{
	awk '/^MemTotal:/ { print $2 * 1024 }' /proc/meminfo
}

# all_clean POOL: has the scrubber zeroed what is free?
all_clean()
{
	[ "$(pool "$1" scrubbed)" = "$(pool "$1" size)" ]
}

# dax_devices: the names of the DAX devices
dax_devices()
{
	for dir in /sys/bus/dax/devices/dax*; do
		[ ! -e "$dir" ] || basename "$dir"
	done
}

has_dax_device()
{
	[ -n "$(dax_devices)" ]
}

no_dax_device()
{
	[ -z "$(dax_devices)" ]
}

# dax_driver DEVICE: the driver that has it
dax_driver()
{
	[ ! -e /sys/bus/dax/devices/"$1"/driver ] ||
		basename "$(readlink /sys/bus/dax/devices/"$1"/driver)"
}

# all_ram TITLE: memory that has been in a pool has a memmap that counts, that of
# boot did not, so the sum may have become a little larger than it was ($ram).
all_ram()
{
	now=$(mem_total)
	if [ "$now" -ge "$ram" ] && [ "$now" -le $((ram + 128 * M)) ]; then
		ok "$1"
	else
		not_ok "$1" "MemTotal was $ram, and is $now"
	fi
	ram=$now
}

# Starts a program and waits until it is ready; its id is in $helper.
start()
{
	: > /tmp/helper.out
	"$@" > /tmp/helper.out 2>&1 &
	helper=$!
	while ! grep -q ready /tmp/helper.out; do
		kill -0 $helper 2>/dev/null || {
			not_ok "start $1" "$(cat /tmp/helper.out)"
			finish
		}
		sleep 0.1
	done
}

stop()
{
	kill -KILL "$helper"
	wait "$helper" 2>/dev/null
}

# Runs a command so that Ctrl-C ends it, and its process id is in /tmp/pid.
named()
{
	# shellcheck disable=SC2016,SC2154 # for the inner shell; of the test
	exec sh -c 'echo $$ > /tmp/pid; exec "$@"' sh "$default_sigint" "$@"
}

# finish: the last line of a test
finish()
{
	echo "1..$n"
	[ $failed = 0 ]
	exit
}

: > $out
: > $err
echo "TAP version 13"
