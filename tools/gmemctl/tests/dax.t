# DAX devices: gmemctl list --devices, gmemctl reconfigure-device

## what there is
$ tree dax
$ gmemctl list -D
DEVICE  MODE       POOL NODE  SIZE STATE
dax0.0  system-ram -       1    2G online_movable
dax1.0  gmem       fast    1  512M -
dax2.0  devdax     -       2  256M -
dax3.0  devdax     -       0 1022M -
dax10.0 -          -       1    1G -
dax10.1 fsdev_dax  -     any    1G -
$ gmemctl list -D -o +driver -r --noheadings
dax0.0 system-ram - 1 2G online_movable kmem
dax1.0 gmem fast 1 512M - gmem
dax2.0 devdax - 2 256M - device_dax
dax3.0 devdax - 0 1022M - device_dax
dax10.0 - - 1 1G - -
dax10.1 fsdev_dax - any 1G - fsdev_dax
$ gmemctl list -D -J | json 'd["devices"]'
{"device": "dax0.0", "mode": "system-ram", "pool": null, "node": 1, "size": 2147483648, "state": "online_movable", "driver": "kmem", "source": "hmem", "start": null, "persistent": "no"}
{"device": "dax1.0", "mode": "gmem", "pool": "fast", "node": 1, "size": 536870912, "state": null, "driver": "gmem", "source": "hmem", "start": "0x1d0000000", "persistent": "no"}
{"device": "dax2.0", "mode": "devdax", "pool": null, "node": 2, "size": 268435456, "state": null, "driver": "device_dax", "source": "cxl", "start": null, "persistent": "no"}
{"device": "dax3.0", "mode": "devdax", "pool": null, "node": 0, "size": 1071644672, "state": null, "driver": "device_dax", "source": "pmem", "start": "0x240200000", "persistent": "yes"}
{"device": "dax10.0", "mode": null, "pool": null, "node": 1, "size": 1073741824, "state": null, "driver": null, "source": "hmem", "start": null, "persistent": "no"}
{"device": "dax10.1", "mode": "fsdev_dax", "pool": null, "node": -1, "size": 1073741824, "state": null, "driver": "fsdev_dax", "source": "hmem", "start": null, "persistent": "no"}
$ gmemctl list -R -o range,origin,device,size
RANGE ORIGIN DEVICE SIZE
    0 dax    dax1.0 512M
$ gmemctl list -S dax --names
fast
$ gmemctl list -S ram --names

## filters
$ tree dax
$ gmemctl list -D -p fast -o device
DEVICE
dax1.0
$ gmemctl list -D -N 2 -o device
DEVICE
dax2.0
$ gmemctl list -D -S dax
gmemctl list: --devices and --origin exclude each other
[2]
$ gmemctl list -D -B
gmemctl list: --blocks and --devices exclude each other
[2]
$ gmemctl list -D --names
gmemctl list: --names and --devices exclude each other
[2]

## a machine without DAX devices
$ tree numa
$ gmemctl list -D
$ gmemctl reconfigure-device -m gmem -p vm2 dax0.0
gmemctl reconfigure-device: dax0.0: cannot become gmem: there is no such device: No such file or directory
  hint: gmemctl list -D shows those that there are
[4]

## from kmem to a pool
$ tree dax
$ fake new_id 0 0 'ln -sfn ../../../../bus/dax/drivers/gmem T/sys/bus/dax/devices/dax0.0/driver; : > T/sys/bus/dax/devices/dax0.0/gmem/pool'
$ gmemctl reconfigure-device --mode=gmem -p fast dax0.0
device dax0.0 is gmem now: pool fast has its memory
$ cat T/sys/bus/dax/devices/dax0.0/state; echo
unplugged
$ cat T/sys/bus/dax/drivers/kmem/unbind T/sys/bus/dax/drivers/kmem/remove_id; echo
dax0.0dax0.0
$ cat T/sys/bus/dax/drivers/gmem/new_id T/sys/bus/dax/devices/dax0.0/gmem/pool; echo
dax0.0fast
$ gmemctl reconfigure-device --mode=gmem -p fast dax0.0
device dax0.0 is gmem already

## the writes, one after another
$ tree dax
$ gmemctl reconfigure-device -n -m gmem -p fast dax0.0
echo 'unplugged' > T/sys/bus/dax/devices/dax0.0/state
echo 'dax0.0' > T/sys/bus/dax/drivers/kmem/remove_id
echo 'dax0.0' > T/sys/bus/dax/drivers/kmem/unbind
echo 'dax0.0' > T/sys/bus/dax/drivers/gmem/new_id
echo 'fast' > T/sys/bus/dax/devices/dax0.0/gmem/pool
$ gmemctl reconfigure-device -n -m gmem -p new dax2.0 dax10.0
echo 'new size=0' > T/sys/class/gmem/create
echo 'dax2.0' > T/sys/bus/dax/drivers/device_dax/remove_id
echo 'dax2.0' > T/sys/bus/dax/drivers/device_dax/unbind
echo 'dax2.0' > T/sys/bus/dax/drivers/gmem/new_id
echo 'new' > T/sys/bus/dax/devices/dax2.0/gmem/pool
echo 'dax10.0' > T/sys/bus/dax/drivers/gmem/new_id
echo 'new' > T/sys/bus/dax/devices/dax10.0/gmem/pool
$ gmemctl reconfigure-device -n -m gmem dax1.0
echo '' > T/sys/bus/dax/devices/dax1.0/gmem/pool
$ gmemctl reconfigure-device -n -m devdax dax1.0
echo '' > T/sys/bus/dax/devices/dax1.0/gmem/pool
echo 'dax1.0' > T/sys/bus/dax/drivers/gmem/remove_id
echo 'dax1.0' > T/sys/bus/dax/drivers/gmem/release
echo 'dax1.0' > T/sys/bus/dax/drivers/device_dax/new_id
$ gmemctl reconfigure-device -n -m system-ram dax1.0
echo '' > T/sys/bus/dax/devices/dax1.0/gmem/pool
echo 'dax1.0' > T/sys/bus/dax/drivers/gmem/remove_id
echo 'dax1.0' > T/sys/bus/dax/drivers/gmem/release
echo 'dax1.0' > T/sys/bus/dax/drivers/kmem/new_id

## without a driver to begin with
$ tree dax
$ mkdir -p T/sys/bus/dax/devices/dax10.0/gmem
$ fake new_id 0 0 'ln -sfn ../../../../bus/dax/drivers/gmem T/sys/bus/dax/devices/dax10.0/driver; : > T/sys/bus/dax/devices/dax10.0/gmem/pool'
$ gmemctl reconfigure-device -m gmem dax10.0 -J | json 'd["results"]'
{"object": "dax10.0", "result": "done", "errno": null, "cause": null, "hint": null, "writes": [{"path": "T/sys/bus/dax/drivers/gmem/new_id", "value": "dax10.0"}]}

## from a pool to System RAM
$ tree dax
$ fake release 0 0 'ln -sfn ../../../../bus/dax/drivers/kmem T/sys/bus/dax/devices/dax1.0/driver; echo offline > T/sys/bus/dax/devices/dax1.0/state'
$ gmemctl reconfigure-device -m system-ram dax1.0 -v 2>&1 | grep -v cannot.read
libgmem: T/sys/bus/dax/devices/dax1.0/gmem/pool: write '
': done
libgmem: T/sys/bus/dax/drivers/gmem/remove_id: write 'dax1.0': done
libgmem: T/sys/bus/dax/drivers/gmem/release: write 'dax1.0': done
libgmem: T/sys/bus/dax/drivers/kmem/new_id: write 'dax1.0': done
libgmem: T/sys/bus/dax/devices/dax1.0/state: write 'unplugged': done
libgmem: T/sys/bus/dax/devices/dax1.0/state: write 'online_movable': done
device dax1.0 is system-ram now, and was gmem

## memory in use
$ tree dax
$ echo 'guests use the memory: 1 guest_memfds hold memory of pool fast' > T/sys/bus/dax/devices/dax1.0/gmem/last_error
$ fake pool 16
$ gmemctl reconfigure-device -m devdax dax1.0
gmemctl reconfigure-device: dax1.0: cannot become devdax: guests use the memory: 1 guest_memfds hold memory of pool fast: Device or resource busy
  hint: gmemctl list -U shows who has memory of pools; System RAM must be movable
[5]
$ readlink T/sys/bus/dax/devices/dax1.0/driver
../../../../bus/dax/drivers/gmem
$ cat T/sys/bus/dax/drivers/gmem/release

## the driver does not take it: it gets the old one back
$ tree dax
$ fake new_id 0 0 'ln -sfn ../../../../bus/dax/drivers/kmem T/sys/bus/dax/devices/dax0.0/driver'
$ gmemctl reconfigure-device -m gmem -p fast dax0.0
gmemctl reconfigure-device: dax0.0: cannot become gmem: the driver does not take it: Input/output error
  hint: the kernel's log says why
[1]
$ cat T/sys/bus/dax/drivers/kmem/new_id; echo
dax0.0

## the pool cannot have it
$ tree dax
$ echo > T/sys/bus/dax/devices/dax1.0/gmem/pool
$ echo 'the memory has struct pages' > T/sys/bus/dax/devices/dax1.0/gmem/last_error
$ fake pool 16
$ gmemctl reconfigure-device -m gmem -p fast dax1.0
gmemctl reconfigure-device: dax1.0: cannot become gmem: the memory has struct pages: Device or resource busy
  hint: gmemctl list -U shows who has memory of pools; System RAM must be movable
[5]

## several devices
$ tree dax
$ gmemctl reconfigure-device -m gmem -p fast dax1.0 dax7.0
gmemctl reconfigure-device: dax7.0: cannot become gmem: there is no such device: No such file or directory
  hint: gmemctl list -D shows those that there are
device dax1.0 is gmem already
[3]
$ gmemctl reconfigure-device -m devdax -J dax2.0 nope 2>/dev/null | json '[[r["object"], r["result"], r["errno"]] for r in d["results"]]'
["dax2.0", "already", null]
["nope", "failed", "ENOENT"]

## sizes in the configuration are without devices
$ tree dax
$ gmemctl save
# Written by gmemctl save; gmemctl restore makes it so.

[pool fast]
size = 0
node = any
devices = dax1.0@0x1d0000000
$ gmemctl save > saved.conf
$ gmemctl restore -c saved.conf
pool fast is as configured already
$ printf '[pool fast]\nsize = 1G\n' > larger.conf
$ gmemctl restore -n -c larger.conf
echo '1610612736' > T/sys/class/gmem/fast/size
$ printf '[pool fast]\nsize = 1:1G\n' > node.conf
$ gmemctl restore -n -c node.conf
echo '1' > T/sys/class/gmem/fast/node
echo '1610612736' > T/sys/class/gmem/fast/size
echo '-1' > T/sys/class/gmem/fast/node

## names that are no devices
$ tree dax
$ gmemctl reconfigure-device -m devdax ../dax1.0
gmemctl reconfigure-device: ../dax1.0: cannot become devdax: there is no such device: No such file or directory
  hint: gmemctl list -D shows those that there are
[4]
$ gmemctl reconfigure-device -m devdax 'dax1.0 '
gmemctl reconfigure-device: dax1.0 : cannot become devdax: there is no such device: No such file or directory
  hint: gmemctl list -D shows those that there are
[4]

## options
$ tree dax
$ gmemctl reconfigure-device dax1.0
gmemctl reconfigure-device: --mode is missing: gmem, devdax or system-ram
[2]
$ gmemctl reconfigure-device -m gmem
gmemctl reconfigure-device: an operand is missing; usage: gmemctl reconfigure-device DEVICE...
[2]
$ gmemctl reconfigure-device -m famfs dax1.0
gmemctl reconfigure-device: --mode: 'famfs' is not gmem, devdax or system-ram
[2]
$ gmemctl reconfigure-device -m devdax -p fast dax1.0
gmemctl reconfigure-device: --pool is for --mode=gmem
[2]
$ gmemctl reconfigure-device -m gmem -p fast,slow dax1.0
gmemctl reconfigure-device: --pool: a device can be in one pool only
[2]
$ gmemctl reconfigure-device -m gmem -p a/b dax1.0
gmemctl reconfigure-device: --pool: 'a/b' is not the name of a pool
[2]
$ rm -r T/sys/bus/dax/drivers/gmem
$ gmemctl reconfigure-device -m gmem -p fast dax0.0
gmemctl reconfigure-device: dax0.0: cannot become gmem: the driver for this mode is not there: No such device or address
  hint: load it (device_dax, kmem), or boot a kernel with CONFIG_DEV_DAX_GMEM=y
[1]

## a kernel without gmem
$ tree none
$ gmemctl reconfigure-device -m gmem -p fast dax0.0
gmemctl reconfigure-device: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]
$ gmemctl list -D
gmemctl list: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]

## completion
$ tree dax
$ complete gmemctl reconfigure-device dax1
dax1.0
dax10.0
dax10.1
$ complete gmemctl reconfigure-device -m s
system-ram
$ complete gmemctl reconfigure-device dax1.0 --
--mode=
--pool=
--no-movable
--force
--dry-run
--progress
--json
--verbose
--sysroot=
--help

## persistent memory: what would be lost
$ tree dax
$ gmemctl list -D -N 0,1 -o device,start,persistent
DEVICE        START PERSISTENT
dax0.0            - no
dax1.0  0x1d0000000 no
dax3.0  0x240200000 yes
dax10.0           - no
$ gmemctl reconfigure-device -m gmem -p fast dax3.0
gmemctl reconfigure-device: dax3.0: cannot become gmem: it is persistent memory, and what is in it would be lost
  hint: --force does it
[1]
$ gmemctl reconfigure-device -n -m system-ram dax3.0
gmemctl reconfigure-device: dax3.0: cannot become system-ram: it is persistent memory, and what is in it would be lost
  hint: --force does it
[1]
$ gmemctl reconfigure-device -m gmem -p new dax3.0 -J 2>/dev/null | json 'd["results"]'
{"object": "dax3.0", "result": "failed", "errno": null, "cause": "it is persistent memory, and what is in it would be lost", "hint": "--force does it", "writes": []}
$ ls T/sys/class/gmem
create
delete
fast
last_error
$ gmemctl reconfigure-device -n -m gmem -p fast --force dax3.0
echo 'dax3.0' > T/sys/bus/dax/drivers/device_dax/remove_id
echo 'dax3.0' > T/sys/bus/dax/drivers/device_dax/unbind
echo 'dax3.0' > T/sys/bus/dax/drivers/gmem/new_id
echo 'fast' > T/sys/bus/dax/devices/dax3.0/gmem/pool
$ gmemctl reconfigure-device -n -m gmem dax3.0
echo 'dax3.0' > T/sys/bus/dax/drivers/device_dax/remove_id
echo 'dax3.0' > T/sys/bus/dax/drivers/device_dax/unbind
echo 'dax3.0' > T/sys/bus/dax/drivers/gmem/new_id

## a pool that the kernel parameter has chosen is not the one that was asked for
$ tree dax
$ mkdir -p T/sys/bus/dax/devices/dax10.0/gmem
$ fake new_id 0 0 'ln -sfn ../../../../bus/dax/drivers/gmem T/sys/bus/dax/devices/dax10.0/driver; echo auto > T/sys/bus/dax/devices/dax10.0/gmem/pool'
$ gmemctl reconfigure-device -m gmem -p fast dax10.0 -J | json '[w["value"] for r in d["results"] for w in r["writes"]]'
"dax10.0"
"\n"
"fast"

## what of a pool is System RAM
$ tree dax
$ gmemctl offline fast
pool fast has memory of devices alone, 512M
$ gmemctl offline -a fast
pool fast has memory of devices alone, 512M
$ echo 1610612736 > T/sys/class/gmem/fast/size
$ gmemctl offline -n fast
echo '536870912' > T/sys/class/gmem/fast/size
$ gmemctl offline -n -a fast
echo '1073741824' > T/sys/class/gmem/fast/size
$ gmemctl destroy-pool fast
destroyed pool fast: 1G is System RAM again, and 512M of devices is in no pool

## the words of the kernel are about this device, and not the one before
$ tree dax
$ echo 'guests use the memory' > T/sys/bus/dax/devices/dax1.0/gmem/last_error
$ fake pool 16
$ gmemctl reconfigure-device -m devdax dax1.0 dax7.0
gmemctl reconfigure-device: dax1.0: cannot become devdax: guests use the memory: Device or resource busy
  hint: gmemctl list -U shows who has memory of pools; System RAM must be movable
gmemctl reconfigure-device: dax7.0: cannot become devdax: there is no such device: No such file or directory
  hint: gmemctl list -D shows those that there are
[5]

## of a device that the driver does not release
$ tree dax
$ echo 'guests use the memory' > T/sys/bus/dax/devices/dax1.0/gmem/last_error
$ fake release 16
$ gmemctl reconfigure-device -m devdax dax1.0
gmemctl reconfigure-device: dax1.0: cannot become devdax: guests use the memory: Device or resource busy
  hint: gmemctl list -U shows who has memory of pools; System RAM must be movable
[5]

## the driver keeps it: it gets back what it had
$ tree dax
$ echo online_kernel > T/sys/bus/dax/devices/dax0.0/state
$ rm T/sys/bus/dax/drivers/kmem/unbind; ln -s /dev/full T/sys/bus/dax/drivers/kmem/unbind
$ gmemctl reconfigure-device -m gmem -p fast dax0.0 -J 2>/dev/null | json '[w for r in d["results"] for w in r["writes"]]'
{"path": "T/sys/bus/dax/devices/dax0.0/state", "value": "unplugged"}
{"path": "T/sys/bus/dax/drivers/kmem/remove_id", "value": "dax0.0"}
{"path": "T/sys/bus/dax/drivers/kmem/unbind", "value": "dax0.0"}
{"path": "T/sys/bus/dax/drivers/kmem/new_id", "value": "dax0.0"}
{"path": "T/sys/bus/dax/devices/dax0.0/state", "value": "online_kernel"}
$ rm T/sys/bus/dax/drivers/gmem/release; ln -s /dev/full T/sys/bus/dax/drivers/gmem/release
$ gmemctl reconfigure-device -m devdax dax1.0 -J 2>/dev/null | json '[w for r in d["results"] for w in r["writes"]]'
{"path": "T/sys/bus/dax/devices/dax1.0/gmem/pool", "value": "\n"}
{"path": "T/sys/bus/dax/drivers/gmem/remove_id", "value": "dax1.0"}
{"path": "T/sys/bus/dax/drivers/gmem/release", "value": "dax1.0"}
{"path": "T/sys/bus/dax/drivers/gmem/new_id", "value": "dax1.0"}
{"path": "T/sys/bus/dax/devices/dax1.0/gmem/pool", "value": "fast"}
$ cat T/sys/bus/dax/devices/dax0.0/state T/sys/bus/dax/devices/dax1.0/gmem/pool; echo
online_kernelfast

## a pool that was made for a device that it cannot have
$ tree dax
$ fake new_id 5
$ gmemctl reconfigure-device -m gmem -p new dax10.0
gmemctl reconfigure-device: dax10.0: cannot become gmem: the driver does not take it: Input/output error
  hint: the kernel's log says why
[1]
$ cat T/sys/class/gmem/create T/sys/class/gmem/delete; echo
new size=0new

## JSON has the pool, too
$ tree dax
$ gmemctl reconfigure-device -n -J -m gmem -p fast dax0.0 dax2.0 | json '[p["pool"] for p in d["pools"]]'
"fast"

## System RAM that is not movable
$ tree dax
$ gmemctl reconfigure-device -n -m system-ram --no-movable dax0.0
echo 'unplugged' > T/sys/bus/dax/devices/dax0.0/state
echo 'online_kernel' > T/sys/bus/dax/devices/dax0.0/state
$ echo online_kernel > T/sys/bus/dax/devices/dax0.0/state
$ gmemctl reconfigure-device -m system-ram --no-movable dax0.0
device dax0.0 is system-ram already
$ gmemctl reconfigure-device -m system-ram dax0.0
device dax0.0 is system-ram already
$ gmemctl reconfigure-device -m devdax --no-movable dax0.0
gmemctl reconfigure-device: --no-movable is for --mode=system-ram
[2]

## a dry run knows what kmem does with memory
$ tree dax
$ echo offline > T/sys/devices/system/memory/auto_online_blocks
$ gmemctl reconfigure-device -n -m system-ram dax2.0
echo 'dax2.0' > T/sys/bus/dax/drivers/device_dax/remove_id
echo 'dax2.0' > T/sys/bus/dax/drivers/device_dax/unbind
echo 'dax2.0' > T/sys/bus/dax/drivers/kmem/new_id
echo 'unplugged' > T/sys/bus/dax/devices/dax2.0/state
echo 'online_movable' > T/sys/bus/dax/devices/dax2.0/state
$ gmemctl reconfigure-device -n -m system-ram --no-movable dax2.0
echo 'dax2.0' > T/sys/bus/dax/drivers/device_dax/remove_id
echo 'dax2.0' > T/sys/bus/dax/drivers/device_dax/unbind
echo 'dax2.0' > T/sys/bus/dax/drivers/kmem/new_id
echo 'unplugged' > T/sys/bus/dax/devices/dax2.0/state
echo 'online_kernel' > T/sys/bus/dax/devices/dax2.0/state
$ echo online_movable > T/sys/devices/system/memory/auto_online_blocks
$ gmemctl reconfigure-device -n -m system-ram dax2.0
echo 'dax2.0' > T/sys/bus/dax/drivers/device_dax/remove_id
echo 'dax2.0' > T/sys/bus/dax/drivers/device_dax/unbind
echo 'dax2.0' > T/sys/bus/dax/drivers/kmem/new_id
