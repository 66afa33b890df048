# gmemctl create-pool

## an empty pool
$ tree nopools
$ gmemctl create-pool vm0
created pool vm0: empty
$ cat T/sys/class/gmem/create; echo
vm0 size=0

## with memory
$ tree numa
$ gmemctl create-pool vm0 --size 4G
created pool vm0: 4G
$ cat T/sys/class/gmem/create; echo
vm0 size=4294967296

## of a node
$ tree numa
$ gmemctl create-pool vm0 -s 512M -N 1
created pool vm0: 512M
$ cat T/sys/class/gmem/create; echo
vm0 size=536870912 node=1
$ gmemctl create-pool vm1 -s 134217728 --node any
created pool vm1: 128M
$ cat T/sys/class/gmem/create; echo
vm1 size=134217728

## the result names the nodes that it came from
$ tree numa
$ fake create 0 0 'mkdir -p T/sys/class/gmem/vm0; echo 0-1 > T/sys/class/gmem/vm0/nodes'
$ gmemctl create-pool vm0 -s 4G
created pool vm0: 4G on nodes 0-1

## a percentage, of a node and of all, is rounded down to memory blocks
$ tree numa
$ gmemctl create-pool vm0 -s 50% -N 1
created pool vm0: 3.8G
$ cat T/sys/class/gmem/create; echo
vm0 size=4160749568 node=1
$ gmemctl create-pool vm0 -s 12.5%
created pool vm0: 1.8G
$ cat T/sys/class/gmem/create; echo
vm0 size=2013265920

## options after the operand, and none after --
$ tree numa
$ gmemctl create-pool vm0 -n
echo 'vm0 size=0' > T/sys/class/gmem/create
$ gmemctl create-pool -n -- vm0
echo 'vm0 size=0' > T/sys/class/gmem/create
$ gmemctl create-pool -- vm0 -n
gmemctl create-pool: '-n' is one operand too many; usage: gmemctl create-pool NAME
[2]

## a dry run writes nothing and prints the writes as commands
$ tree numa
$ gmemctl create-pool --dry-run vm0 -s 1G -N 0
echo 'vm0 size=1073741824 node=0' > T/sys/class/gmem/create
$ cat T/sys/class/gmem/create

## a dry run of a strange root directory can still be pasted
$ tree numa
$ mv T "it's a root"
$ plain create-pool -n vm0 --sysroot "it's a root"
echo 'vm0 size=0' > 'it'\''s a root/sys/class/gmem/create'

## verbose says what is written
$ tree numa
$ gmemctl create-pool -v vm0 -s 1G 2>&1 | grep -v 'cannot read'
libgmem: T/sys/class/gmem/create: write 'vm0 size=1073741824': done
created pool vm0: 1G

## names that cannot be
$ tree numa
$ gmemctl create-pool ''
gmemctl create-pool: '' cannot be a name: names have letters, digits, '-', '_' and '.', and begin with a letter or a digit
[2]
$ gmemctl create-pool .vm
gmemctl create-pool: '.vm' cannot be a name: names have letters, digits, '-', '_' and '.', and begin with a letter or a digit
[2]
$ gmemctl create-pool 'a b'
gmemctl create-pool: 'a b' cannot be a name: names have letters, digits, '-', '_' and '.', and begin with a letter or a digit
[2]
$ gmemctl create-pool a/b
gmemctl create-pool: 'a/b' cannot be a name: names have letters, digits, '-', '_' and '.', and begin with a letter or a digit
[2]
$ gmemctl create-pool 'vm size=1G'
gmemctl create-pool: 'vm size=1G' cannot be a name: names have letters, digits, '-', '_' and '.', and begin with a letter or a digit
[2]
$ gmemctl create-pool 12345678901234567890123456789012
gmemctl create-pool: '12345678901234567890123456789012' is too long: names have at most 31 characters
[2]
$ gmemctl create-pool last_error
gmemctl create-pool: 'last_error' cannot be a name: it is a file of /sys/class/gmem
[2]
$ cat T/sys/class/gmem/create

## sizes that cannot be
$ tree numa
$ gmemctl create-pool vm0 -s 4X
gmemctl create-pool: --size: '4X' is not a size: give bytes, or a number with K, M, G, T or P (of 1024), or a percentage
[2]
$ gmemctl create-pool vm0 -s ''
gmemctl create-pool: --size: '' is not a size: give bytes, or a number with K, M, G, T or P (of 1024), or a percentage
[2]
$ gmemctl create-pool vm0 -s +4G
gmemctl create-pool: --size: '+4G' has a sign, and a new pool has no size to add to
[2]
$ gmemctl create-pool vm0 -s -4G
gmemctl create-pool: --size: '-4G' has a sign, and a new pool has no size to add to
[2]
$ gmemctl create-pool vm0 -s 99999999P
gmemctl create-pool: --size: '99999999P' is too large
[2]
$ gmemctl create-pool vm0 -s 1000
gmemctl create-pool: '1000' is not possible with memory blocks of 128M: use 128M
[2]
$ gmemctl create-pool vm0 -s 1000M
gmemctl create-pool: '1000M' is not possible with memory blocks of 128M: use 896M or 1G
[2]
$ gmemctl create-pool vm0 -s 101%
gmemctl create-pool: --size: '101%' is more than there is, 15.5G
[2]
$ gmemctl create-pool vm0 -s 0.5%
gmemctl create-pool: '0.5%' is a change of less than a memory block, 128M
[2]
$ gmemctl create-pool vm0 -s 1.23456%
gmemctl create-pool: --size: '1.23456%' is a percentage with more than 3 decimals
[2]
$ gmemctl create-pool vm0 -s 99999999999999999999%
gmemctl create-pool: --size: '99999999999999999999%' is too large
[2]
$ cat T/sys/class/gmem/create

## nodes that cannot be
$ tree numa
$ gmemctl create-pool vm0 -N 2
gmemctl create-pool: --node: there is no node 2, this machine has 0-1
[2]
$ gmemctl create-pool vm0 -N -1
gmemctl create-pool: --node: '-1' is not a node: give its number, or 'any'
[2]
$ gmemctl create-pool vm0 -N x
gmemctl create-pool: --node: 'x' is not a node: give its number, or 'any'
[2]
$ gmemctl create-pool vm0 -N 0,1
gmemctl create-pool: --node: '0,1' is not a node: give its number, or 'any'
[2]
$ gmemctl create-pool vm0 -N 9999999999999999999999
gmemctl create-pool: --node: '9999999999999999999999' is not a node: give its number, or 'any'
[2]
$ gmemctl create-pool vm0 -N ''
gmemctl create-pool: --node: '' is not a node: give its number, or 'any'
[2]
$ cat T/sys/class/gmem/create

## operands that are missing, or too many
$ tree numa
$ gmemctl create-pool -s 1G
gmemctl create-pool: an operand is missing; usage: gmemctl create-pool NAME
[2]
$ gmemctl create-pool vm0 4G
gmemctl create-pool: '4G' is one operand too many; usage: gmemctl create-pool NAME
[2]
$ cat T/sys/class/gmem/create

## a machine whose memory blocks are larger
$ tree numa
$ echo 80000000 > T/sys/devices/system/memory/block_size_bytes
$ gmemctl create-pool vm0 -s 1G
gmemctl create-pool: '1G' is not possible with memory blocks of 2G: use 2G
[2]
$ gmemctl create-pool vm0 -s 5G
gmemctl create-pool: '5G' is not possible with memory blocks of 2G: use 4G or 6G
[2]
$ gmemctl create-pool vm0 -s 50% -n
echo 'vm0 size=6442450944' > T/sys/class/gmem/create

## without the size of memory blocks the kernel judges
$ tree numa
$ rm T/sys/devices/system/memory/block_size_bytes
$ gmemctl create-pool vm0 -s 1000 -n
echo 'vm0 size=1000' > T/sys/class/gmem/create

## a kernel without gmem
$ tree none
$ gmemctl create-pool vm0
gmemctl create-pool: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]

## a name that is there already
$ tree numa
$ fake create 17
$ gmemctl create-pool vm2 -s 1G
gmemctl create-pool: vm2: cannot make a pool with 1G: there is a pool of that name: File exists
  hint: gmemctl resize-pool changes its size
[1]

## not enough memory, in the words of the kernel
$ tree numa
$ fake create 28
$ echo '3 of 32 memory blocks could be taken, 5 have pages that cannot be moved' > T/sys/class/gmem/last_error
$ gmemctl create-pool vm0 -s 4G -N 1
gmemctl create-pool: vm0: cannot make a pool with 4G of node 1: 3 of 32 memory blocks could be taken, 5 have pages that cannot be moved: No space left on device
  hint: ask for less (gmemctl list -B shows what can be taken), or boot with movablecore=
[1]

## and in ours if the kernel says nothing
$ tree numa
$ fake create 28
$ gmemctl create-pool vm0 -s 4G
gmemctl create-pool: vm0: cannot make a pool with 4G: not so much memory can be taken: No space left on device
  hint: ask for less (gmemctl list -B shows what can be taken), or boot with movablecore=
[1]
$ fake create 22
$ gmemctl create-pool vm0 -s 4G
gmemctl create-pool: vm0: cannot make a pool with 4G: the kernel does not accept the name, the size or the node: Invalid argument
[1]
$ fake create 12
$ gmemctl create-pool vm0
gmemctl create-pool: vm0: cannot make an empty pool: the kernel has no memory for its own records: Cannot allocate memory
  hint: free some memory and try again
[1]
$ fake create 5
$ gmemctl create-pool vm0
gmemctl create-pool: vm0: cannot make an empty pool: Input/output error
[1]

## an ordinary user
$ tree numa
$ fake create 13
$ gmemctl create-pool vm0
gmemctl create-pool: vm0: cannot make an empty pool: you may not change pools: Permission denied
  hint: do it as root
[6]
$ fake create 1
$ gmemctl create-pool vm0
gmemctl create-pool: vm0: cannot make an empty pool: you may not change pools: Operation not permitted
  hint: do it as root
[6]

## an interruption, when the kernel last spoke of something else
$ tree numa
$ fake create 4
$ echo 'something else' > T/sys/class/gmem/last_error
$ gmemctl create-pool vm0 -s 4G
gmemctl create-pool: vm0: cannot make a pool with 4G: interrupted
  hint: no pool was made, and all memory is as before
[1]

## words of the kernel that are not about this write do not matter
$ tree numa
$ echo 'something else' > T/sys/class/gmem/last_error
$ rm T/sys/class/gmem/create; mkdir T/sys/class/gmem/create
$ gmemctl create-pool vm0 -s 4G
gmemctl create-pool: vm0: cannot make a pool with 4G: Is a directory
[1]

## an elastic pool
$ tree numa
$ gmemctl create-pool vm0 --max 8G
created pool vm0: empty, up to 8G
$ cat T/sys/class/gmem/create; echo
vm0 size=0 max=8589934592 delay=10000
$ gmemctl create-pool vm1 -s 1G -m 50% -d 60 -N 1
created pool vm1: 1G, up to 3.8G
$ cat T/sys/class/gmem/create; echo
vm1 size=1073741824 max=4160749568 delay=60000 node=1
$ gmemctl create-pool vm1 -s 2G -m 1G
gmemctl create-pool: --max: '1G' is less than --size
[2]
$ gmemctl create-pool vm1 -m 0
gmemctl create-pool: --max: a pool that may have nothing is of no use
[2]
$ gmemctl create-pool vm1 -d 5
gmemctl create-pool: --delay is for --max
[2]
$ gmemctl create-pool vm1 -m 1G -d 0
created pool vm1: empty, up to 1G
$ gmemctl create-pool vm1 -m 1G -d 99999999
gmemctl create-pool: --delay: '99999999' is too long
[2]
$ gmemctl create-pool vm1 -m +1G
gmemctl create-pool: --max: '+1G' has a sign, and a new pool has no size to add to
[2]
$ gmemctl create-pool keep_free
gmemctl create-pool: 'keep_free' cannot be a name: it is a file of /sys/class/gmem
[2]

## what elastic pools show
$ tree numa
$ echo 8589934592 > T/sys/class/gmem/vm2/max
$ echo 5000 > T/sys/class/gmem/vm2/return_delay
$ echo '0 1 0 0 0 0 0 0 0 2' > T/sys/class/gmem/vm2/free_blocks
$ mkdir -p T/sys/class/gmem/vm2/node0 T/sys/class/gmem/vm2/node2
$ echo 4 > T/sys/class/gmem/vm2/node0/tier
$ echo 22 > T/sys/class/gmem/vm2/node2/tier
$ echo 10 > T/sys/class/gmem/vm2/node0/distance
$ echo 21 > T/sys/class/gmem/vm2/node2/distance
$ gmemctl list -p vm2 -o pool,size,max,delay,tiers,distances,blocks
POOL SIZE MAX DELAY TIERS DISTANCES BLOCKS
vm2    2G  8G  5000 4,22  10,21     0 1 0 0 0 0 0 0 0 2

## a dry run of what is there
$ tree numa
$ gmemctl create-pool vm2 -n
gmemctl create-pool: vm2: cannot make an empty pool: there is a pool of that name: File exists
  hint: gmemctl resize-pool changes its size
[1]
