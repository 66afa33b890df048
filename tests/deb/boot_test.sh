#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# After install_test.sh and another boot: the pools are there, made by the
# service, with the rights that udev gives them.  Runs in the virtual machine, as
# a service of the system; prints TAP.
#
#   boot_test.sh MODULE
module=$1
. tests/deb/lib.sh
conf=/etc/gmem/pools.d/saved.conf

up
is "the kernel is that of the package" \
	"$(dpkg-query -S /boot/vmlinuz-"$(uname -r)" 2> $err)" \
	"linux-image-$(uname -r): /boot/vmlinuz-$(uname -r)"
is "the service has run" \
	"$(property $unit ActiveState) $(property $unit Result)" "active success"
journalctl -b -u $unit --no-pager 2> $err | sed 's/^/# /'
gmemctl list -r -b -o pool,nodes,node,size > /tmp/pools
is "the pools are those of the boot before" "$(cat /tmp/pools)" \
	"$(cat /var/tmp/pools)"
is "which are two" "$(gmemctl list --names | tr '\n' ' ')" "two vms "
runs "they are as configured" 0 gmemctl restore --check
for other in libvirtd docker; do
	is "$other found them" "$(tr '\n' ' ' < /run/pools-of-$other)" "two vms "
done
for other in libvirtd virtqemud docker containerd podman; do
	property $unit Before | grep -qw $other.service
	is "the service comes before $other" $? 0
done
is "a pool belongs to the group of VMMs" \
	"$(stat -c '%U %G %a' /dev/gmem/vms)" "root kvm 660"
is "and the other one to whom a rule of the host says" \
	"$(stat -c '%U %G %a' /dev/gmem/two)" "root daemon 660"
is "units can wait for it" "$(property dev-gmem-vms.device ActiveState)" active
runs "doctor" 0 gmemctl doctor
says "finds the pools as configured" $out \
	'^ok  *configuration  *the pools are as configured$'
says "and the service" $out '^ok  *service  '

# With udev, monitor gets its events from there, when the device is ready.
gmemctl monitor -c 1 -p late > /tmp/events 2>&1 &
sleep 3
runs "make another pool" 0 gmemctl create-pool late
wait $!
says "monitor prints it" /tmp/events ' late add'
journalctl --sync
journalctl -b -t gmemctl --no-pager > $out
says "the journal has who made it" $out 'uid 0:.*create-pool late: exit status 0'

# The service again, after the configuration was changed.
printf '[pool vms]\nsize = 128M\nnode = 1\n' > $conf
runs "restart the service" 0 systemctl restart $unit
is "the pool is smaller" "$(value vms size)" $((128 * M))
is "what is not configured is left alone" "$(value two size)" $((256 * M))
printf '[pool vms]\nsize = a lot\n' > $conf
runs "restart it with a mistake in the configuration" 1 systemctl restart $unit
is "it has failed" "$(property $unit Result)" exit-code
journalctl --sync
journalctl -b -u $unit --no-pager > $out
says "and said where the mistake is" $out "$conf:2: size: .a lot. is"
is "the pool is as before" "$(value vms size)" $((128 * M))

# An upgrade is no time to move memory.
printf '[pool vms]\nsize = 0\n' > $conf
runs "install gmemctl again" 0 apt-get -q -y --reinstall install gmemctl
is "the service has not run" "$(property $unit Result)" exit-code
is "the pool is still as before" "$(value vms size)" $((128 * M))

# A module that was built with the package of the headers.
install -D -m 644 "$module" /lib/modules/"$(uname -r)"/updates/gmem_deb.ko
runs "depmod" 0 depmod
runs "load a module that was built with the headers" 0 modprobe gmem_deb
is "it has seen the header of pools" \
	"$(cat /sys/module/gmem_deb/parameters/name_max)" 31
runs "unload it" 0 modprobe -r gmem_deb
rm -r /lib/modules/"$(uname -r)"/updates
depmod
finish
