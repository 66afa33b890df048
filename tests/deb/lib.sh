# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Sourced by the tests that run as a service of a Debian system in the virtual
# machine: what they share.
. tests/tools/lib.sh
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2034 # for those who source this
unit=gmem-restore.service
# shellcheck disable=SC2034
packages="linux-image-$(uname -r) linux-headers-$(uname -r) gmemctl libgmem1
	libgmem-dev"

# property UNIT NAME: what systemd says of it
property()
{
	systemctl show -P "$2" "$1"
}

is_up()
{
	systemctl is-system-running > $out 2> $err || grep -q degraded $out
}

# up: the system has started, whole
up()
{
	wait_for 300 is_up
	is "the system has started" $? 0
	systemctl --failed --no-legend --plain > $out
	is "and no unit has failed" "$(cut -d' ' -f1 $out)" ""
	is "it is systemd that started it" "$(cat /proc/1/comm)" systemd
}

# left: files of the system that have our name; not the packages themselves, nor
# the pages that man keeps for a while
left()
{
	find / -xdev -name '*gmem*' ! -path '/debs/*' ! -path '/var/cache/man/*'
}
