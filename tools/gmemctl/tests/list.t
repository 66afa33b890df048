# gmemctl list

## pools
$ tree numa
$ gmemctl list
POOL  STATE   NODES SIZE USED AVAIL SCRUBBED LARGEST POISONED USERS
boot  idle    0-1     8G 2.5G  5.5G       4G      3G        0     3
empty idle    -        0    0     0        0       0        0     0
vm2   idle    0       2G   1G 1022M     768M    512M       2M     1
vm10  growing 1       1G    0    1G     512M      1G        0     0

## all columns
$ tree numa
$ gmemctl list -o +node,progress
POOL  STATE   NODES SIZE USED AVAIL SCRUBBED LARGEST POISONED USERS NODE PROGRESS
boot  idle    0-1     8G 2.5G  5.5G       4G      3G        0     3  any        0
empty idle    -        0    0     0        0       0        0     0    1        0
vm2   idle    0       2G   1G 1022M     768M    512M       2M     1    0        0
vm10  growing 1       1G    0    1G     512M      1G        0     0  any     384M
$ gmemctl list -o POOL,available,largest_free -b
POOL       AVAIL    LARGEST
boot  5905580032 3221225472
empty          0          0
vm2   1071644672  536870912
vm10  1073741824 1073741824

## ranges
$ tree numa
$ gmemctl list -R
POOL RANGE NODE SIZE AVAIL ORIGIN       START
boot     0    0   4G  1.5G boot   0x100000000
boot     1    1   4G    4G boot   0x200000000
vm2      0    0   1G     0 ram    0x300000000
vm2      1    0   1G 1022M ram    0x400000000
vm10     0    1   1G    1G ram              -
$ gmemctl list --ranges --output range,start,END,size --bytes
RANGE       START         END       SIZE
    0 0x100000000 0x1ffffffff 4294967296
    1 0x200000000 0x2ffffffff 4294967296
    0 0x300000000 0x33fffffff 1073741824
    1 0x400000000 0x43fffffff 1073741824
    0           -           - 1073741824

## raw and without headings, for scripts
$ tree numa
$ gmemctl list -r -o pool,nodes,size --noheadings
boot 0-1 8G
empty - 0
vm2 0 2G
vm10 1 1G
$ gmemctl list --names
boot
empty
vm2
vm10

## by name
$ tree numa
$ gmemctl list -p vm2,boot --names
boot
vm2
$ gmemctl list -p vm10 -p vm2 -o pool
POOL
vm2
vm10
$ gmemctl list -p vm2,nope -o pool
gmemctl list: nope: there is no such pool
  hint: gmemctl list --names shows those that there are
POOL
vm2
[4]
$ gmemctl list -p nope --names
gmemctl list: nope: there is no such pool
  hint: gmemctl list --names shows those that there are
[4]

## by node: with memory there, or empty and growing there
$ tree numa
$ gmemctl list -N 0 --names
boot
vm2
$ gmemctl list -N 1 --names
boot
empty
vm10
$ gmemctl list --node 0-1,5 --names
boot
empty
vm2
vm10
$ gmemctl list -N 2 --names
$ gmemctl list -R -N 1 -o pool,range,node
POOL RANGE NODE
boot     1    1
vm10     0    1

## both: a pool has to match all
$ tree numa
$ gmemctl list -N 1 -p vm2,vm10 --names
vm10

## no pool yet
$ tree nopools
$ gmemctl list
$ gmemctl list --names
$ gmemctl list -R

## a kernel without gmem
$ tree none
$ gmemctl list
gmemctl list: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]
$ gmemctl list --names
gmemctl list: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]
$ gmemctl list -J
gmemctl list: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
{
  "gmemctl": {
    "format": 1,
    "version": "0.1"
  },
  "pools": [
  ]
}
[7]

## what cannot be read is unknown, not 0
$ tree numa
$ rm T/sys/class/gmem/vm2/poisoned T/sys/class/gmem/vm2/state T/sys/class/gmem/vm2/node
$ echo many > T/sys/class/gmem/vm2/users
$ gmemctl list -p vm2 -o +node
libgmem: T/sys/class/gmem/vm2/users: 'many' is not a number
POOL STATE NODES SIZE USED AVAIL SCRUBBED LARGEST POISONED USERS NODE
vm2  -     0       2G    - 1022M     768M    512M        -     -    -
$ gmemctl list -p vm2 -J 2>/dev/null | json '[p[k] for p in d["pools"] for k in ("state", "used", "poisoned", "users", "node")]'
null
null
null
null
null

## a state and an origin that a later kernel may have
$ tree numa
$ echo resting > T/sys/class/gmem/vm2/state
$ echo dax > T/sys/class/gmem/vm2/range1/origin
$ gmemctl list -p vm2 -o pool,state
POOL STATE
vm2  resting
$ gmemctl list -R -p vm2 -o pool,origin
POOL ORIGIN
vm2  ram
vm2  dax

## verbose says what cannot be read
$ tree numa
$ gmemctl list -R -v -p vm10 -o pool,start
libgmem: T/sys/class/gmem/boot/free_blocks: cannot read: No such file or directory
libgmem: T/sys/class/gmem/boot/reserved: cannot read: No such file or directory
libgmem: T/sys/class/gmem/boot/max: cannot read: No such file or directory
libgmem: T/sys/class/gmem/boot/return_delay: cannot read: No such file or directory
libgmem: T/sys/class/gmem/empty/free_blocks: cannot read: No such file or directory
libgmem: T/sys/class/gmem/empty/reserved: cannot read: No such file or directory
libgmem: T/sys/class/gmem/empty/max: cannot read: No such file or directory
libgmem: T/sys/class/gmem/empty/return_delay: cannot read: No such file or directory
libgmem: T/sys/class/gmem/vm2/free_blocks: cannot read: No such file or directory
libgmem: T/sys/class/gmem/vm2/reserved: cannot read: No such file or directory
libgmem: T/sys/class/gmem/vm2/max: cannot read: No such file or directory
libgmem: T/sys/class/gmem/vm2/return_delay: cannot read: No such file or directory
libgmem: T/sys/class/gmem/vm10/free_blocks: cannot read: No such file or directory
libgmem: T/sys/class/gmem/vm10/reserved: cannot read: No such file or directory
libgmem: T/sys/class/gmem/vm10/max: cannot read: No such file or directory
libgmem: T/sys/class/gmem/vm10/return_delay: cannot read: No such file or directory
libgmem: T/sys/class/gmem/vm10/range0/start: cannot read: No such file or directory
libgmem: T/sys/class/gmem/vm10/range0/device: cannot read: No such file or directory
POOL START
vm10     -

## options that exclude each other
$ tree numa
$ gmemctl list --names -R
gmemctl list: --names and --ranges exclude each other
[2]
$ gmemctl list --names -o pool
gmemctl list: --names and --output exclude each other
[2]
$ gmemctl list --names -J
gmemctl list: --names and --json exclude each other
[2]
$ gmemctl list -J -o pool
gmemctl list: --output and --json exclude each other
[2]

## columns that are not there
$ tree numa
$ gmemctl list -o pool,colour
gmemctl list: --output: 'colour' is not a column (see gmemctl help list)
[2]
$ gmemctl list -R -o users
gmemctl list: --output: 'users' is not a column (see gmemctl help list)
[2]
$ gmemctl list -o ''
gmemctl list: --output: '' is not a column (see gmemctl help list)
[2]
$ gmemctl list -o pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool,pool
gmemctl list: --output: 'pool' is one column too many (see gmemctl help list)
[2]

## nodes and names that cannot be
$ tree numa
$ gmemctl list -N x
gmemctl list: --node: 'x' is not a list of nodes such as 0,2-3
[2]
$ gmemctl list -N 1-
gmemctl list: --node: '1-' is not a list of nodes such as 0,2-3
[2]
$ gmemctl list -N ''
gmemctl list: --node: '' is not a list of nodes such as 0,2-3
[2]
$ gmemctl list -N 1024
gmemctl list: --node: '1024' is not a list of nodes such as 0,2-3
[2]
$ gmemctl list -p ../boot
gmemctl list: --pool: '../boot' is not the name of a pool
[2]
$ gmemctl list -p ''
gmemctl list: --pool: '' is not the name of a pool
[2]
$ gmemctl list -p boot,
gmemctl list: --pool: '' is not the name of a pool
[2]

## operands
$ tree numa
$ gmemctl list boot
gmemctl list: 'boot' is one operand too many; usage: gmemctl list
[2]
