#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Install the Debian packages in a clean system that runs, and set up pools as an
# administrator does.  Runs in the virtual machine, as a service of that system;
# prints TAP.
. tests/deb/lib.sh

up
is "there is nothing of gmem in it" "$(left)" ""
runs "apt reads what packages there are" 0 apt-get -q update
runs "install ours" 0 sh -c 'cd /debs &&
	apt-get -q -y install ./linux-*.deb ./gmemctl_*.deb ./libgmem*.deb'
says "with what they depend on" $out '^Setting up libinih1[: ]'
# shellcheck disable=SC2016,SC2086 # for dpkg-query, and a list
is "all of them are installed" "$(dpkg-query -W -f '${db:Status-Abbrev}' $packages)" \
	"ii ii ii ii ii "
is "dpkg finds nothing amiss" "$(dpkg --audit)" ""
# shellcheck disable=SC2086
is "no file differs from its package" "$(dpkg --verify $packages)" ""
is "the kernel is an image in /boot" "$(dd if=/boot/vmlinuz-"$(uname -r)" \
	bs=1 skip=514 count=4 2> /dev/null)" HdrS
is "the headers are where modules are built" \
	"$(readlink /lib/modules/"$(uname -r)"/build)" \
	/usr/src/linux-headers-"$(uname -r)"

is "the service is enabled" "$(systemctl is-enabled $unit)" enabled
is "as its preset says" "$(property $unit UnitFilePreset)" enabled
is "and there is nothing for it to do" "$(property $unit ActiveState)" inactive
is "gmemctl has the version of its package" "$(gmemctl version | head -n 1)" \
	"gmemctl $(dpkg-query -W -f '${Version}' gmemctl)"
for page in gmemctl gmemctl-create-pool gmem.conf libgmem gmem_pool_get_size; do
	runs "there is a manual page $page" 0 man -P cat "$page"
	says "that can be read" $out '^NAME'
done
runs "bash completes its verbs" 0 bash -c '
	. /usr/share/bash-completion/bash_completion
	_completion_loader gmemctl
	complete -p gmemctl'
is "and zsh has what it needs" \
	"$(head -n 1 /usr/share/zsh/vendor-completions/_gmemctl)" \
	"#compdef gmemctl"

# Pools, and whoever must not start before them: units of these names that say
# which pools there were.
runs "there are no pools" 0 gmemctl list --names
is "and none is listed" "$(cat $out)" ""
runs "make a pool on node 1" 0 gmemctl create-pool vms -s 256M -N 1
runs "and one on node 0" 0 gmemctl create-pool two -s 128M -N 0
runs "that gets as much of node 1" 0 gmemctl resize-pool two +128M -N 1
udevadm settle
is "it belongs to the group of VMMs" "$(stat -c '%U %G %a' /dev/gmem/vms)" \
	"root kvm 660"
printf 'SUBSYSTEM=="gmem", KERNEL=="two", GROUP="daemon"\n' \
	> /etc/udev/rules.d/70-two.rules
runs "save them" 0 gmemctl save -f /etc/gmem/pools.d/saved.conf
runs "doctor" 0 gmemctl doctor
sed 's/^/# /' $out
says "knows that they are configured" $out \
	'^ok  *configuration  *the pools are as configured$'
says "and made at boot" $out '^ok  *service  '
gmemctl list -r -b -o pool,nodes,node,size > /var/tmp/pools
for other in libvirtd docker; do
	cat > /etc/systemd/system/$other.service << END
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'gmemctl list --names > /run/pools-of-$other'
[Install]
WantedBy=multi-user.target
END
	runs "enable a unit $other" 0 systemctl -q enable $other.service
done
sync
finish
