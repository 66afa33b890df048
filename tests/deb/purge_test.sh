#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# After boot_test.sh: the packages go, and leave nothing but what they must.  Runs
# in the virtual machine, as a service of the system; prints TAP.
. tests/deb/lib.sh
conf=/etc/gmem/pools.d/saved.conf

runs "remove gmemctl" 0 apt-get -q -y remove gmemctl
is "the service went with it" "$(property $unit LoadState)" not-found
is "the memory of guests did not" "$(cat $class/vms/size)" $((128 * M))
is "nor did the configuration" "$(head -n 1 $conf)" "[pool vms]"
runs "install it again" 0 apt-get -q -y install gmemctl
is "the service is enabled again" "$(systemctl is-enabled $unit)" enabled

rm $conf
# shellcheck disable=SC2086 # a list
runs "purge all" 0 apt-get -q -y purge $packages
runs "and what came with them" 0 apt-get -q -y autoremove --purge
# shellcheck disable=SC2016
is "dpkg knows them no more" \
	"$(dpkg-query -W -f '${Package} ' '*gmem*' libinih1 2> $err)" ""
is "no file is left" "$(left)" ""
is "nor an empty directory" "$(ls -d /etc/gmem /lib/modules/"$(uname -r)" \
	/usr/src/linux-headers-* 2> $err)" ""
runs "dpkg finds nothing amiss" 0 dpkg --audit
is "and says so" "$(cat $out)" ""
for pool in vms two late; do
	runs "the kernel still has $pool" 0 put $pool $class/delete
done
finish
