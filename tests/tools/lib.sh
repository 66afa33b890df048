# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Sourced by the tests of gmemctl in the virtual machine: results as TAP, and
# the machine as the kernel sees it.
class=/sys/class/gmem
out=/tmp/gmemctl.out
err=/tmp/gmemctl.err
# shellcheck disable=SC2034 # for those who source this
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

# says TITLE FILE PATTERN: of the command before
says()
{
	if grep -q -e "$3" "$2"; then
		ok "$1"
	else
		not_ok "$1" "no line has '$3'"
	fi
}

# value POOL COLUMN
value()
{
	gmemctl list -p "$1" -o "$2" -b -r --noheadings 2>/dev/null
}

mem_total()
{
	awk '/^MemTotal:/ { print $2 * 1024 }' /proc/meminfo
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
			echo "1..$n"
			exit 1
		}
		sleep 0.1
	done
}

stop()
{
	kill -KILL $helper
	wait $helper 2>/dev/null
}

# Runs a command so that Ctrl-C ends it, and its process id is in /tmp/pid.
named()
{
	# shellcheck disable=SC2016 # for the inner shell
	exec sh -c 'echo $$ > /tmp/pid; exec "$@"' sh "$default_sigint" "$@"
}

# finish: the last line of a test
finish()
{
	echo "1..$n"
	[ $failed = 0 ]
}

M=$((1 << 20))
# shellcheck disable=SC2034
G=$((1 << 30))
