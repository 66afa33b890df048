# gmemctl resize-pool

## to a size
$ tree numa
$ gmemctl resize-pool vm2 4G
resized pool vm2 from 2G to 4G
$ cat T/sys/class/gmem/vm2/size; echo
4294967296

## by an amount
$ tree numa
$ gmemctl resize-pool vm2 +512M
resized pool vm2 from 2G to 2.5G
$ cat T/sys/class/gmem/vm2/size; echo
2684354560
$ tree numa
$ gmemctl resize-pool vm2 -1G
resized pool vm2 from 2G to 1G
$ cat T/sys/class/gmem/vm2/size; echo
1073741824

## to nothing
$ tree numa
$ gmemctl resize-pool vm10 0
resized pool vm10 from 1G to 0
$ cat T/sys/class/gmem/vm10/size; echo
0

## percentages are of the present size, and move whole memory blocks
$ tree numa
$ gmemctl resize-pool -n vm2 50%
echo '1073741824' > T/sys/class/gmem/vm2/size
$ gmemctl resize-pool -n vm2 +50%
echo '3221225472' > T/sys/class/gmem/vm2/size
$ gmemctl resize-pool -n vm2 -25%
echo '1610612736' > T/sys/class/gmem/vm2/size
$ gmemctl resize-pool -n vm2 33%
echo '805306368' > T/sys/class/gmem/vm2/size
$ gmemctl resize-pool -n vm2 +33%
echo '2818572288' > T/sys/class/gmem/vm2/size
$ gmemctl resize-pool -n vm2 200%
echo '4294967296' > T/sys/class/gmem/vm2/size

## on another node, this time
$ tree numa
$ gmemctl resize-pool -n vm2 +1G --node 1
echo '1' > T/sys/class/gmem/vm2/node
echo '3221225472' > T/sys/class/gmem/vm2/size
echo '0' > T/sys/class/gmem/vm2/node
$ gmemctl resize-pool -n vm2 +1G --node any
echo '-1' > T/sys/class/gmem/vm2/node
echo '3221225472' > T/sys/class/gmem/vm2/size
echo '0' > T/sys/class/gmem/vm2/node
$ gmemctl resize-pool -n vm2 +1G --node 0
echo '3221225472' > T/sys/class/gmem/vm2/size

## on a node that is offline because all of its memory is in pools
$ tree numa
$ rm -r T/sys/devices/system/node/node1
$ gmemctl resize-pool -n vm10 -512M -N 1
echo '1' > T/sys/class/gmem/vm10/node
echo '536870912' > T/sys/class/gmem/vm10/size
echo '-1' > T/sys/class/gmem/vm10/node
$ gmemctl resize-pool -n vm2 -512M -N 1
gmemctl resize-pool: --node: there is no node 1, this machine has 0-1
[2]

## a size that it has already
$ tree numa
$ gmemctl resize-pool vm2 2G
pool vm2 has 2G already
$ gmemctl resize-pool vm2 +0
pool vm2 has 2G already
$ gmemctl resize-pool vm2 100%
pool vm2 has 2G already
$ cat T/sys/class/gmem/vm2/size
2147483648

## a pool that is not whole memory blocks
$ tree numa
$ echo 2149580800 > T/sys/class/gmem/vm2/size
$ gmemctl resize-pool -n vm2 +1G
echo '3223322624' > T/sys/class/gmem/vm2/size
$ gmemctl resize-pool -n vm2 2178M
echo '2283798528' > T/sys/class/gmem/vm2/size
$ gmemctl resize-pool -n vm2 1G
gmemctl resize-pool: '1G' is not possible with memory blocks of 128M: use 1026M or 898M
[2]
$ gmemctl resize-pool -n vm2 0
gmemctl resize-pool: '0' is not possible with memory blocks of 128M: use 2M
[2]

## sizes that cannot be
$ tree numa
$ gmemctl resize-pool vm2 4X
gmemctl resize-pool: '4X' is not a size: give bytes, or a number with K, M, G, T or P (of 1024), or a percentage
[2]
$ gmemctl resize-pool vm2 ''
gmemctl resize-pool: '' is not a size: give bytes, or a number with K, M, G, T or P (of 1024), or a percentage
[2]
$ gmemctl resize-pool vm2 -3G
gmemctl resize-pool: '-3G' is more than the pool has, 2G
[2]
$ gmemctl resize-pool vm2 -101%
gmemctl resize-pool: '-101%' is more than the pool has, 2G
[2]
$ gmemctl resize-pool vm2 3000M
gmemctl resize-pool: '3000M' is not possible with memory blocks of 128M: use 2944M or 3G
[2]
$ gmemctl resize-pool vm2 1000M
gmemctl resize-pool: '1000M' is not possible with memory blocks of 128M: use 1G or 896M
[2]
$ gmemctl resize-pool vm2 +100M
gmemctl resize-pool: '+100M' is not possible with memory blocks of 128M: use +128M
[2]
$ gmemctl resize-pool vm2 -200M
gmemctl resize-pool: '-200M' is not possible with memory blocks of 128M: use -128M or -256M
[2]
$ gmemctl resize-pool vm2 +1%
gmemctl resize-pool: '+1%' is a change of less than a memory block, 128M
[2]
$ gmemctl resize-pool vm2 +16383.99P
gmemctl resize-pool: '+16383.99P' is not a whole number of bytes
[2]
$ gmemctl resize-pool vm2 9999999999999%
gmemctl resize-pool: '9999999999999%' is too large
[2]
$ cat T/sys/class/gmem/vm2/size
2147483648

## nodes and names that cannot be
$ tree numa
$ gmemctl resize-pool vm2 4G -N 7
gmemctl resize-pool: --node: there is no node 7, this machine has 0-1
[2]
$ gmemctl resize-pool vm2 4G -N all
gmemctl resize-pool: --node: 'all' is not a node: give its number, or 'any'
[2]
$ gmemctl resize-pool ../vm2 4G
gmemctl resize-pool: '../vm2' cannot be a name: names have letters, digits, '-', '_' and '.', and begin with a letter or a digit
[2]
$ gmemctl resize-pool nope 4G
gmemctl resize-pool: nope: there is no such pool
  hint: gmemctl list --names shows those that there are
[4]
$ cat T/sys/class/gmem/vm2/size
2147483648

## operands that are missing, or too many
$ tree numa
$ gmemctl resize-pool vm2
gmemctl resize-pool: an operand is missing; usage: gmemctl resize-pool NAME [SIZE]
[2]
$ gmemctl resize-pool
gmemctl resize-pool: an operand is missing; usage: gmemctl resize-pool NAME [SIZE]
[2]
$ gmemctl resize-pool vm2 4G 5G
gmemctl resize-pool: '5G' is one operand too many; usage: gmemctl resize-pool NAME [SIZE]
[2]

## a kernel without gmem
$ tree none
$ gmemctl resize-pool vm2 4G
gmemctl resize-pool: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]

## not enough memory
$ tree numa
$ fake size 28
$ echo '24 memory blocks of 128 MiB are needed, 3 can be taken' > T/sys/class/gmem/vm2/last_error
$ gmemctl resize-pool vm2 5G
gmemctl resize-pool: vm2: cannot grow from 2G to 5G: 24 memory blocks of 128 MiB are needed, 3 can be taken: No space left on device
  hint: ask for less (gmemctl list -B shows what can be taken), or boot with movablecore=
[1]

## memory in use
$ tree numa
$ fake size 16
$ gmemctl resize-pool vm2 0
gmemctl resize-pool: vm2: cannot shrink from 2G to 0: not enough memory blocks are free: Device or resource busy
  hint: 1022M of 2G is free; only whole blocks go back: see gmemctl list -U
[5]

## the node of the pool comes back after a failure, and the words of the kernel stay
$ tree numa
$ fake size 28
$ echo '24 memory blocks of 128 MiB are needed, 3 can be taken' > T/sys/class/gmem/vm2/last_error
$ gmemctl resize-pool vm2 5G -N 1 -v 2>&1 | grep -v 'cannot read'
libgmem: T/sys/class/gmem/vm2/node: write '1': done
libgmem: T/sys/class/gmem/vm2/size: write '5368709120': No space left on device
libgmem: T/sys/class/gmem/vm2/node: write '0': done
gmemctl resize-pool: vm2: cannot grow from 2G to 5G: 24 memory blocks of 128 MiB are needed, 3 can be taken: No space left on device
  hint: ask for less (gmemctl list -B shows what can be taken), or boot with movablecore=
$ cat T/sys/class/gmem/vm2/node; echo
0

## a node that the kernel refuses
$ tree numa
$ fake node 22
$ gmemctl resize-pool vm2 5G -N 1
gmemctl resize-pool: vm2: cannot grow from 2G to 5G: the kernel does not accept the size or the node: Invalid argument
[1]
$ cat T/sys/class/gmem/vm2/size
2147483648

## a pool that goes away meanwhile
$ tree numa
$ fake size 19 0 'rm T/sys/class/gmem/vm2'
$ gmemctl resize-pool vm2 5G
gmemctl resize-pool: vm2: cannot grow from 2G to 5G: somebody has destroyed it meanwhile: No such device
[4]

## a part that was done
$ tree numa
$ fake size 12 0 'echo 1610612736 > T/sys/class/gmem/vm2/size'
$ gmemctl resize-pool vm2 1G
gmemctl resize-pool: vm2: cannot shrink from 2G to 1G: the kernel has no memory for its own records: Cannot allocate memory
  hint: the pool has 1.5G now
[3]

## an interruption leaves everything as it was
$ tree numa
$ fake size 0 30000 '(sleep 0.1; kill -INT $PPID) &'
$ gmemctl resize-pool vm2 5G
gmemctl resize-pool: vm2: cannot grow from 2G to 5G: interrupted
  hint: the pool has 2G as before
[1]
$ cat T/sys/class/gmem/vm2/size
2147483648

## the node of the pool does not come back
$ tree numa
$ fake node 5 0 true 0
$ gmemctl resize-pool vm2 3G -N 1
gmemctl resize-pool: vm2: resized from 2G to 3G, but its node stays 1: Input/output error
  hint: write 0 to /sys/class/gmem/vm2/node
[3]
$ cat T/sys/class/gmem/vm2/size T/sys/class/gmem/vm2/node; echo
32212254721

## an elastic pool, and one that is not any more
$ tree numa
$ echo 0 > T/sys/class/gmem/vm2/max; echo 10000 > T/sys/class/gmem/vm2/return_delay
$ gmemctl resize-pool vm2 -m 8G -n
echo '10000' > T/sys/class/gmem/vm2/return_delay
echo '8589934592' > T/sys/class/gmem/vm2/max
$ gmemctl resize-pool vm2 3G -m 8G -d 0.5 -n
echo '3221225472' > T/sys/class/gmem/vm2/size
echo '500' > T/sys/class/gmem/vm2/return_delay
echo '8589934592' > T/sys/class/gmem/vm2/max
$ gmemctl resize-pool vm2 --max 8G --delay 0
pool vm2 takes up to 8G by itself now, and gives back what is free for 0 s
$ cat T/sys/class/gmem/vm2/max T/sys/class/gmem/vm2/return_delay; echo
85899345920
$ echo 1073741824 > T/sys/class/gmem/vm2/reserved
$ gmemctl resize-pool vm2 -d 2.5 -n
echo '2500' > T/sys/class/gmem/vm2/return_delay
echo '8589934592' > T/sys/class/gmem/vm2/max
$ gmemctl resize-pool vm2 -m 512M
gmemctl resize-pool: --max: '512M' is less than the pool has
[2]
$ gmemctl resize-pool vm2 -m +1G
gmemctl resize-pool: --max: '+1G' is not a size alone
[2]
$ gmemctl resize-pool vm2 -m 1000
gmemctl resize-pool: '1000' is not possible with memory blocks of 128M: use 128M
[2]
$ gmemctl resize-pool vm2 -m 0 -d 1
gmemctl resize-pool: --delay is for elastic pools, see --max
[2]
$ gmemctl resize-pool vm2 -m 8G -N 0
gmemctl resize-pool: an operand is missing; usage: gmemctl resize-pool NAME [SIZE]
[2]
$ gmemctl resize-pool vm2 -m 0
pool vm2 does not grow by itself now
$ gmemctl resize-pool vm2 -d 1
gmemctl resize-pool: --delay is for elastic pools, see --max
[2]
