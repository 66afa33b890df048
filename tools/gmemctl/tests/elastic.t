# Elastic pools and DAX devices in the configuration

## an elastic pool
$ tree numa
$ echo 17179869184 > T/sys/class/gmem/vm2/max; echo 2500 > T/sys/class/gmem/vm2/return_delay
$ echo 2147483648 > T/sys/class/gmem/vm2/reserved
$ gmemctl save vm2 | tee conf
# Written by gmemctl save; gmemctl restore makes it so.

[pool vm2]
size = 2G
node = 0
max = 16G
delay = 2.5
$ gmemctl restore -c conf
pool vm2 is as configured already
$ printf '[pool vm2]\nsize = 2G\nnode = 0\nmax = 32G\n' > conf
$ gmemctl restore -C -c conf
vm2: should grow by itself, up to 32G, and keep what is free for 10 s
[1]
$ gmemctl restore -n -c conf
echo '10000' > T/sys/class/gmem/vm2/return_delay
echo '34359738368' > T/sys/class/gmem/vm2/max
$ printf '[pool vm2]\nsize = 2G\nnode = 0\n' > conf
$ gmemctl restore -C -c conf
vm2: grows by itself; it should not
[1]
$ gmemctl restore -c conf
pool vm2 has 2G now
$ cat T/sys/class/gmem/vm2/max; echo
0
$ printf '[pool a]\nsize = 1G\nmax = 8G\ndelay = 0\n' > conf
$ gmemctl restore -c conf
pool a has 1G, up to 8G now
$ cat T/sys/class/gmem/create; echo
a size=1073741824 max=8589934592 delay=0
$ printf '[pool a]\nsize = 0:1G\nmax = 8G\ndelay = 0.5\n' > conf
$ gmemctl restore -n -c conf
echo 'a size=0 max=8589934592 delay=500' > T/sys/class/gmem/create
echo '0' > T/sys/class/gmem/a/node
echo '1073741824' > T/sys/class/gmem/a/size
echo '-1' > T/sys/class/gmem/a/node

## what it has taken for guests is left alone
$ tree numa
$ echo 17179869184 > T/sys/class/gmem/vm2/max; echo 10000 > T/sys/class/gmem/vm2/return_delay
$ echo 1073741824 > T/sys/class/gmem/vm2/reserved
$ gmemctl save vm2 | tee conf
# Written by gmemctl save; gmemctl restore makes it so.

[pool vm2]
size = 1G
node = 0
max = 16G
delay = 10
$ gmemctl restore -c conf
pool vm2 is as configured already
$ gmemctl list -p vm2 -o size,reserved,max,delay
SIZE RESERVED MAX DELAY
  2G       1G 16G 10000
$ printf '[pool vm2]\nsize = 3G\nnode = 0\nmax = 16G\n' > conf
$ gmemctl restore -n -c conf
echo '3221225472' > T/sys/class/gmem/vm2/reserved

## devices
$ tree dax
$ gmemctl save | tee conf
# Written by gmemctl save; gmemctl restore makes it so.

[pool fast]
size = 0
node = any
devices = dax1.0@0x1d0000000
$ gmemctl restore -c conf
pool fast is as configured already
$ printf '[pool fast]\nsize = 0\ndevices = dax9.9@0x1d0000000, dax0.0\n' > conf
$ gmemctl restore -C -c conf
fast: does not have the device dax0.0
[1]
$ gmemctl restore -n -c conf
echo 'unplugged' > T/sys/bus/dax/devices/dax0.0/state
echo 'dax0.0' > T/sys/bus/dax/drivers/kmem/remove_id
echo 'dax0.0' > T/sys/bus/dax/drivers/kmem/unbind
echo 'dax0.0' > T/sys/bus/dax/drivers/gmem/new_id
echo 'fast' > T/sys/bus/dax/devices/dax0.0/gmem/pool
$ gmemctl online -n -c conf fast
echo 'unplugged' > T/sys/bus/dax/devices/dax0.0/state
echo 'dax0.0' > T/sys/bus/dax/drivers/kmem/remove_id
echo 'dax0.0' > T/sys/bus/dax/drivers/kmem/unbind
echo 'dax0.0' > T/sys/bus/dax/drivers/gmem/new_id
echo 'fast' > T/sys/bus/dax/devices/dax0.0/gmem/pool
$ printf '[pool new]\nsize = 0\ndevices = dax0.0\n' > conf
$ gmemctl restore -C -c conf
new: is not there; it should have 0 and dax0.0
[1]
$ gmemctl restore -n -c conf
echo 'new size=0' > T/sys/class/gmem/create
echo 'unplugged' > T/sys/bus/dax/devices/dax0.0/state
echo 'dax0.0' > T/sys/bus/dax/drivers/kmem/remove_id
echo 'dax0.0' > T/sys/bus/dax/drivers/kmem/unbind
echo 'dax0.0' > T/sys/bus/dax/drivers/gmem/new_id
echo 'new' > T/sys/bus/dax/devices/dax0.0/gmem/pool
$ printf '[pool fast]\nsize = 0\ndevices = dax7.0\n' > conf
$ gmemctl restore -c conf
gmemctl restore: fast: cannot give it 0 and dax7.0, as conf:1 says: there is no such DAX device, or somebody has destroyed the pool: No such file or directory
  hint: gmemctl list -D -o +start shows those that there are
[4]
$ printf '[pool fast]\nsize = 0\ndevices = dax1.0@0x1000\n' > conf
$ gmemctl restore -c conf
gmemctl restore: fast: cannot give it 0 and dax1.0, as conf:1 says: there is no such DAX device, or somebody has destroyed the pool: No such file or directory
  hint: gmemctl list -D -o +start shows those that there are
[4]

## persistent memory has to be this one
$ tree dax
$ printf '[pool fast]\nsize = 0\ndevices = dax3.0\n' > conf
$ gmemctl restore -c conf
gmemctl restore: conf:1: the pool fast would overwrite dax3.0, which is persistent memory
  hint: name it with its address, as gmemctl save does, so that it is this one
[2]
$ printf '[pool fast]\nsize = 0\ndevices = dax0.0@0x240200000\n' > conf
$ gmemctl restore -n -c conf
echo 'dax3.0' > T/sys/bus/dax/drivers/device_dax/remove_id
echo 'dax3.0' > T/sys/bus/dax/drivers/device_dax/unbind
echo 'dax3.0' > T/sys/bus/dax/drivers/gmem/new_id
echo 'fast' > T/sys/bus/dax/devices/dax3.0/gmem/pool

## values that cannot be
$ tree dax
$ try() { printf '[pool a]\nsize = 1G\n%s\n' "$1" > conf; gmemctl restore -c conf; }
$ try 'max = much'
gmemctl restore: conf:3: max: 'much' is not a size: give bytes, or a number with K, M, G, T or P (of 1024), or a percentage
[2]
$ try 'max = 512M'
gmemctl restore: conf:1: the pool a has a max that is less than its size
[2]
$ try 'delay = 5'
gmemctl restore: conf:1: the pool a has a delay without a max
[2]
$ try "$(printf 'max = 2G\ndelay = -1')"
gmemctl restore: conf:4: delay: '-1' is not a number of seconds such as 60 or 0.5
[2]
$ try "$(printf 'max = 2G\ndelay = 1.2.3')"
gmemctl restore: conf:4: delay: '1.2.3' is not a number of seconds such as 60 or 0.5
[2]
$ try "$(printf 'max = 2G\ndelay = 4294968')"
gmemctl restore: conf:4: delay: '4294968' is too long
[2]
$ try "$(printf 'max = 2G\nmax = 3G')"
gmemctl restore: conf:4: 'max' is given twice
[2]
$ try 'devices = dax1'
gmemctl restore: conf:3: devices: 'dax1' is not a list of devices such as dax0.0@0x140000000,dax1.0
[2]
$ try 'devices = dax1.0@'
gmemctl restore: conf:3: devices: 'dax1.0@' is not a list of devices such as dax0.0@0x140000000,dax1.0
[2]
$ try 'devices = dax1.0@123'
gmemctl restore: conf:3: devices: 'dax1.0@123' is not a list of devices such as dax0.0@0x140000000,dax1.0
[2]
$ try 'devices = dax1.0@0x12g'
gmemctl restore: conf:3: devices: 'dax1.0@0x12g' is not a list of devices such as dax0.0@0x140000000,dax1.0
[2]
$ try 'devices = dax1.0,,dax2.0'
gmemctl restore: conf:3: devices: 'dax1.0,,dax2.0' is not a list of devices such as dax0.0@0x140000000,dax1.0
[2]
$ try 'devices ='
gmemctl restore: conf:3: devices: '' is not a list of devices such as dax0.0@0x140000000,dax1.0
[2]
$ try 'devices = ../dax1.0'
gmemctl restore: conf:3: devices: '../dax1.0' is not a list of devices such as dax0.0@0x140000000,dax1.0
[2]

## a device that is configured twice
$ tree dax
$ printf '[pool a]\nsize = 0\ndevices = dax1.0\n[pool b]\nsize = 0\ndevices = dax2.0,dax1.0\n' > conf
$ gmemctl restore -n -c conf
gmemctl restore: conf:6: the device dax1.0 is in conf:3 already
[2]
$ printf '[pool a]\nsize = 0\ndevices = dax1.0@0x1d0000000\ndevices = dax2.0@0x1D0000000\n' > conf
$ gmemctl restore -n -c conf
gmemctl restore: conf:4: the device dax2.0 is in conf:3 already
[2]
$ printf '[pool a]\nsize = 0\ndevices = dax1.0\n[pool b]\nsize = 0\ndevices = dax7.0@0x1d0000000\n' > conf
$ gmemctl restore -n -c conf
gmemctl restore: conf:3: the device dax1.0 is in conf:6 already, by its address
[2]
$ gmemctl restore -n -c conf a
gmemctl restore: conf:3: the device dax1.0 is in conf:6 already, by its address
[2]
$ printf '[pool a]\nsize = 0\ndevices = dax1.0@0x240200000\n[pool b]\nsize = 0\ndevices = dax1.0\n' > conf
$ gmemctl restore -C -c conf
a: is not there; it should have 0 and dax1.0
b: is not there; it should have 0 and dax1.0
[1]

## what an elastic pool was given is another size than what it has
$ tree numa
$ echo 17179869184 > T/sys/class/gmem/vm2/max; echo 10000 > T/sys/class/gmem/vm2/return_delay
$ echo 268435456 > T/sys/class/gmem/vm2/reserved
$ gmemctl resize-pool vm2 2G -n
echo '2147483648' > T/sys/class/gmem/vm2/reserved
$ gmemctl resize-pool vm2 256M
pool vm2 keeps 256M already
$ gmemctl resize-pool vm2 +256M -N 1 -n
echo '1' > T/sys/class/gmem/vm2/node
echo '536870912' > T/sys/class/gmem/vm2/reserved
echo '0' > T/sys/class/gmem/vm2/node
$ gmemctl resize-pool vm2 -128M -N 1
gmemctl resize-pool: --node: an elastic pool gives back what is free, of any node
[2]
$ gmemctl resize-pool vm2 -128M
pool vm2 keeps 128M of what is free now, and kept 256M
$ cat T/sys/class/gmem/vm2/reserved T/sys/class/gmem/vm2/size; echo
1342177282147483648

$ echo 268435456 > T/sys/class/gmem/vm2/reserved
$ try() { printf "[pool vm2]\nsize = $1\nnode = 0\nmax = 16G\n" > conf; gmemctl restore -n -c conf; }
$ try 1G
echo '1073741824' > T/sys/class/gmem/vm2/reserved
$ try 2G
echo '2147483648' > T/sys/class/gmem/vm2/reserved
$ try 4G
echo '4294967296' > T/sys/class/gmem/vm2/reserved
$ try 128M
echo '134217728' > T/sys/class/gmem/vm2/reserved
$ try 0:1G,1:1G
echo '1' > T/sys/class/gmem/vm2/node
echo '3221225472' > T/sys/class/gmem/vm2/size
echo '2147483648' > T/sys/class/gmem/vm2/reserved
echo '0' > T/sys/class/gmem/vm2/node
$ try 0:256M
pool vm2 is as configured already
$ gmemctl restore -c conf --check
pool vm2 is as configured already
$ printf '[pool vm2]\nsize = 1G\nnode = 0\nmax = 16G\n' > conf; gmemctl restore -c conf --check
vm2: keeps 256M of what is free; it should keep 1G
[1]
$ gmemctl online -n -c conf vm2
echo '1073741824' > T/sys/class/gmem/vm2/reserved
$ echo 4294967296 > T/sys/class/gmem/vm2/reserved
$ gmemctl online -n -c conf vm2
pool vm2 is as configured already
$ gmemctl restore -n -c conf
echo '1073741824' > T/sys/class/gmem/vm2/reserved
