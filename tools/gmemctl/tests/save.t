# gmemctl save

## as they are
$ tree numa
$ echo idle > T/sys/class/gmem/vm10/state
$ gmemctl save
# Written by gmemctl save; gmemctl restore makes it so.

# The pool boot has 8G of the kernel parameter gmem=.

[pool empty]
size = 0
node = 1

[pool vm2]
size = 2G
node = 0

[pool vm10]
size = 1:1G
node = any
$ gmemctl save vm2
# Written by gmemctl save; gmemctl restore makes it so.

[pool vm2]
size = 2G
node = 0

## what restore makes of it: nothing
$ tree numa
$ echo idle > T/sys/class/gmem/vm10/state
$ gmemctl save -f conf; gmemctl restore -c conf
pool empty is as configured already
pool vm2 is as configured already
pool vm10 is as configured already

## a pool of the boot parameter that has grown since
$ tree numa
$ echo ram > T/sys/class/gmem/boot/range1/origin
$ gmemctl save boot
# Written by gmemctl save; gmemctl restore makes it so.

[pool boot]
size = 0:4G,1:4G
node = any

## to a file
$ tree numa
$ gmemctl save vm2 -f conf; cat conf; stat -c %a conf
# Written by gmemctl save; gmemctl restore makes it so.

[pool vm2]
size = 2G
node = 0
644
$ gmemctl save empty -f conf
gmemctl save: conf: cannot be written: File exists
  hint: --overwrite replaces it
[1]
$ gmemctl save empty -f conf --overwrite; cat conf
# Written by gmemctl save; gmemctl restore makes it so.

[pool empty]
size = 0
node = 1
$ gmemctl save vm2 -f none/conf
gmemctl save: none/conf: cannot be written: No such file or directory
  hint: is its directory there?
[4]
$ gmemctl save vm2 -f /proc/conf --overwrite
gmemctl save: /proc/conf: cannot be written: No such file or directory
  hint: is its directory there?
[4]
$ ls
T
conf

## what a file was, it stays
$ tree numa
$ touch real; chmod 600 real; ln -s real link; ln -s nowhere dangling; mkfifo pipe
$ gmemctl save vm2 -f link --overwrite; stat -c '%F %a %N' real link
regular file 600 'real'
symbolic link 777 'link' -> 'real'
$ grep -c size real
1
$ gmemctl save vm2 -f pipe --overwrite
gmemctl save: pipe: cannot be written: Invalid argument
  hint: it is not a plain file
[1]
$ gmemctl save vm2 -f dangling --overwrite
gmemctl save: dangling: cannot be written: No such file or directory
  hint: is its directory there?
[4]
$ gmemctl save vm2 -f T --overwrite
gmemctl save: T: cannot be written: Invalid argument
  hint: it is not a plain file
[1]
$ gmemctl save empty -f - | tail -n 2
size = 0
node = 1
$ ls
T
dangling
link
pipe
real

## JSON says what was saved
$ tree numa
$ gmemctl save vm2 empty -f conf -J | json '[p["pool"] for p in d["pools"]]'
"vm2"
"empty"

## a pool that changes
$ tree numa
$ gmemctl save
gmemctl save: vm10: the pool is growing now
  hint: wait until gmemctl list says idle
[5]
$ gmemctl save vm10 -f conf; ls conf
gmemctl save: vm10: the pool is growing now
  hint: wait until gmemctl list says idle
ls: cannot access 'conf': No such file or directory
[2]

## pools that are not there, or cannot be read
$ tree numa
$ gmemctl save nope
gmemctl save: nope: there is no such pool
  hint: gmemctl list --names shows those that there are
[4]
$ gmemctl save vm2 vm2
gmemctl save: 'vm2' is named twice
[2]
$ rm T/sys/class/gmem/vm2/size
$ gmemctl save vm2
gmemctl save: vm2: cannot read the pool: No such file or directory
[4]
$ rm T/sys/class/gmem/boot/node0/size; echo ram > T/sys/class/gmem/boot/range1/origin
$ gmemctl save boot
gmemctl save: boot: cannot read the pool: No such file or directory
[4]

## no pool, no kernel
$ tree nopools
$ gmemctl save
# Written by gmemctl save; gmemctl restore makes it so.
$ tree none
$ gmemctl save
gmemctl save: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]

## options that go together
$ tree numa
$ gmemctl save -J
gmemctl save: --json is for --file: a configuration is not JSON
[2]
$ gmemctl save --overwrite
gmemctl save: --overwrite is for --file
[2]

## lists that are longer than a line may be
$ tree dax
$ for i in 20 21 22 23 24 25 26 27 28 29; do cp -a T/sys/devices/platform/hmem.1/dax1.0 T/sys/bus/dax/devices/dax$i.0; echo 0x${i}0000000 > T/sys/bus/dax/devices/dax$i.0/resource; done
$ gmemctl save | tee conf
# Written by gmemctl save; gmemctl restore makes it so.

[pool fast]
size = 0
node = any
devices = dax1.0@0x1d0000000,dax20.0@0x200000000,dax21.0@0x210000000,dax22.0@0x220000000
devices = dax23.0@0x230000000,dax24.0@0x240000000,dax25.0@0x250000000,dax26.0@0x260000000
devices = dax27.0@0x270000000,dax28.0@0x280000000,dax29.0@0x290000000
$ gmemctl restore -c conf
pool fast is as configured already
$ tree numa
$ echo ram > T/sys/class/gmem/boot/range1/origin
$ for i in 2 3 4 5 6 7 8; do cp -a T/sys/class/gmem/boot/node1 T/sys/class/gmem/boot/node$i; done
$ gmemctl save boot | tee conf
# Written by gmemctl save; gmemctl restore makes it so.

[pool boot]
size = 0:4G,1:4G,2:4G,3:4G,4:4G,5:4G
size = 6:4G,7:4G,8:4G
node = any
$ gmemctl restore -c conf
pool boot is as configured already
$ printf 'size = 0:1G\n' >> conf; gmemctl restore -c conf
gmemctl restore: conf:7: size: '0:1G' is a list that has a node twice
[2]

## a pool of the boot parameter with more than that says
$ tree numa
$ echo 17179869184 > T/sys/class/gmem/boot/max; echo 60000 > T/sys/class/gmem/boot/return_delay
$ echo 8589934592 > T/sys/class/gmem/boot/reserved
$ gmemctl save boot | tee conf
# Written by gmemctl save; gmemctl restore makes it so.

[pool boot]
size = 0:4G,1:4G
node = any
max = 16G
delay = 60
$ gmemctl restore -c conf
pool boot is as configured already
$ echo 0 > T/sys/class/gmem/boot/max; gmemctl restore -n -c conf
echo '60000' > T/sys/class/gmem/boot/return_delay
echo '17179869184' > T/sys/class/gmem/boot/max
$ echo 1 > T/sys/class/gmem/boot/node; gmemctl save boot
# Written by gmemctl save; gmemctl restore makes it so.

[pool boot]
size = 0:4G,1:4G
node = 1

## an elastic pool that has memory of other nodes for guests
$ tree numa
$ echo 17179869184 > T/sys/class/gmem/vm10/max; echo 60000 > T/sys/class/gmem/vm10/return_delay
$ echo 536870912 > T/sys/class/gmem/vm10/reserved; echo idle > T/sys/class/gmem/vm10/state
$ gmemctl save vm10 | tee conf
# Written by gmemctl save; gmemctl restore makes it so.

[pool vm10]
# On which nodes this is cannot be told from what guests have.
size = 512M
node = any
max = 16G
delay = 60
$ gmemctl restore -c conf
pool vm10 is as configured already
