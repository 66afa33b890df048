# gmemctl list --backings

## a line for each process, once
$ tree host
$ gmemctl list -U
POOL SIZE INODE  PID USER COMMAND         CGROUP
vm2  126M  1032  900 -    qemu-system-x86 /machine.slice/vm-a.scope
vm2  126M  1032 1200 root helper          /system.slice/helper.service
vm2    2M  1040 1100 root vmm             /cpu
vm10 128M  1031  900 -    qemu-system-x86 /machine.slice/vm-a.scope
$ gmemctl list --backings -o inode,extents,fd,uid -b -r --noheadings
1032 2 12 123456
1032 2 9 0
1040 1 4 0
1031 1 11 123456

## of pools, and of users
$ tree host
$ gmemctl list -U -p vm10 -o pool,pid
POOL PID
vm10 900
$ gmemctl list -U -u root -o inode,pid,user
INODE  PID USER
 1032 1200 root
 1040 1100 root
$ gmemctl list -U -u 123456 -o inode,pid
INODE PID
 1032 900
 1031 900
$ gmemctl list -U --user 123456,0 -p vm2 -o inode,pid
INODE  PID
 1032  900
 1032 1200
 1040 1100
$ gmemctl list -U -p nope
gmemctl list: nope: there is no such pool
  hint: gmemctl list --names shows those that there are
[4]

## JSON has the backing with its owners
$ tree host
$ gmemctl list -J -U -p vm2 | json 'd["backings"]'
{"pool": "vm2", "inode": 1032, "size": 132120576, "extents": 2, "owners": [{"pid": 900, "fd": 12, "uid": 123456, "user": null, "command": "qemu-system-x86", "cgroup": "/machine.slice/vm-a.scope"}, {"pid": 1200, "fd": 9, "uid": 0, "user": "root", "command": "helper", "cgroup": "/system.slice/helper.service"}]}
{"pool": "vm2", "inode": 1040, "size": 2097152, "extents": 1, "owners": [{"pid": 1100, "fd": 4, "uid": 0, "user": "root", "command": "vmm", "cgroup": "/cpu"}]}
$ gmemctl list -J -U -u 123456 | json '[b["inode"] for b in d["backings"]]'
1032
1031
$ gmemctl list -J -U -R -B | json 'sorted(d)'
"backings"
"blocks"
"gmemctl"
"pools"
"ranges"

## what is not known
$ tree host
$ rm T/proc/900/comm T/proc/900/cgroup T/proc/900/status
$ echo 'ino:	1031' > T/proc/900/fdinfo/11; echo 'gmem-pool:	vm10' >> T/proc/900/fdinfo/11
$ gmemctl list -U -p vm10 -o +extents,uid
POOL SIZE INODE PID USER COMMAND CGROUP EXTENTS UID
vm10    -  1031 900 -    -       -            -   -
$ gmemctl list -J -U -p vm10 | json 'd["backings"]'
{"pool": "vm10", "inode": 1031, "size": null, "extents": null, "owners": [{"pid": 900, "fd": 11, "uid": null, "user": null, "command": null, "cgroup": null}]}
$ gmemctl list -U -u 0 -p vm10

## processes of others
$ tree host
$ fake none 0
$ export FAKE_DENY=proc/900/fdinfo
$ gmemctl list -U -o pool,pid
gmemctl list: 1 process of others could not be looked at
  hint: do it as root to see what they hold
POOL  PID
vm2  1200
vm2  1100
$ export FAKE_DENY=fdinfo
$ gmemctl list -U -J | json 'd["backings"]'
gmemctl list: 5 processes of others could not be looked at
  hint: do it as root to see what they hold

## lines that are not numbers, and no inode
$ tree host
$ printf 'ino:\tx\ngmem-pool:\tvm10\n' > T/proc/900/fdinfo/11
$ gmemctl list -U -p vm10
$ printf 'ino:\t7\ngmem-pool:\tvm10\ngmem-size:\t-4\n' > T/proc/900/fdinfo/11
$ gmemctl list -U -p vm10 -o pool,size,inode
POOL SIZE INODE
vm10    -     7

## nobody, and no kernel
$ tree nopools
$ gmemctl list -U
$ tree none
$ gmemctl list -U
gmemctl list: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]
$ gmemctl list -U -J 2>/dev/null | json 'd["backings"]'

## by origin
$ tree host
$ gmemctl list -S boot --names
vm10
$ gmemctl list -R -S ram -o pool,range,origin
POOL RANGE ORIGIN
vm2      0 ram
$ gmemctl list --origin boot,ram --names
vm2
vm10
$ gmemctl list -S dax --names

## what does not go with it
$ tree host
$ gmemctl list -U -N 0
gmemctl list: --backings and --node exclude each other
[2]
$ gmemctl list -U -S ram
gmemctl list: --backings and --origin exclude each other
[2]
$ gmemctl list -U -R
gmemctl list: --ranges and --backings exclude each other
[2]
$ gmemctl list -U --names
gmemctl list: --names and --backings exclude each other
[2]
$ gmemctl list -u root
gmemctl list: --user is for --backings
[2]
$ gmemctl list -U -u nobody-of-that-name
gmemctl list: --user: there is no user 'nobody-of-that-name'
[2]
$ gmemctl list -U -u 4294967296
gmemctl list: --user: there is no user '4294967296'
[2]
$ gmemctl list -U -u root,
gmemctl list: --user: 'root,' is a list with an empty word
[2]
$ gmemctl list -S ''
gmemctl list: --origin: '' is a list with an empty word
[2]
