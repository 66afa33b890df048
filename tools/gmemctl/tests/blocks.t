# gmemctl list --blocks

## neighbours of a kind are one line
$ tree host
$ gmemctl list -B
BLOCKS NODE SIZE STATE   ZONE           TAKE  WHY
0         - 128M online  none           no    in several zones or nodes
1-2       0 256M online  Normal         maybe the kernel may have put there what cannot be moved
3-4       0 256M online  Movable        yes   -
5         1 128M online  Movable        yes   -
7         1 128M online  Movable        yes   -
8         1 128M offline Normal Movable no    not in use: set it online first (chmem -e)
10        1 128M online  Movable        no    a memory device that can be unplugged
11        - 128M -       Movable        no    its state cannot be read
12-13     1 256M online  Movable        no    a driver added it and could take it away
14        1 128M online  Movable        no    a driver added it and could take it away
$ gmemctl list --blocks -o first,count,size,start,driver -b
FIRST COUNT      SIZE      START DRIVER
    0     1 134217728        0x0 -
    1     2 268435456  0x8000000 -
    3     2 268435456 0x18000000 -
    5     1 134217728 0x28000000 -
    7     1 134217728 0x38000000 -
    8     1 134217728 0x40000000 -
   10     1 134217728 0x50000000 -
   11     1 134217728 0x58000000 -
   12     2 268435456 0x60000000 kmem
   14     1 134217728 0x70000000 virtio_mem

## of a node; what is of two nodes is of none
$ tree host
$ gmemctl list -B -N 0 -o blocks,node
BLOCKS NODE
1-2       0
3-4       0
$ gmemctl list -B -N 1 -o blocks,node,take
BLOCKS NODE TAKE
5         1 yes
7         1 yes
8         1 no
10        1 no
12-13     1 no
14        1 no
$ gmemctl list -B -N 7

## to others than root, nothing is of a driver
$ tree host
$ echo '00000000-00000000 : System RAM (kmem)' > T/proc/iomem
$ gmemctl list -B -N 1 -o blocks,take,driver
BLOCKS TAKE DRIVER
5      yes  -
7      yes  -
8      no   -
10     no   -
12-14  yes  -
$ rm T/proc/iomem
$ gmemctl list -B -N 1 -o blocks,take,driver | tail -n 1
12-14  yes  -

## JSON
$ tree host
$ gmemctl list -J -B -N 1 | json '[b for b in d["blocks"]]'
{"first": 5, "count": 1, "node": 1, "size": 134217728, "state": "online", "zone": "Movable", "take": "yes", "why": null, "driver": null, "start": "0x28000000"}
{"first": 7, "count": 1, "node": 1, "size": 134217728, "state": "online", "zone": "Movable", "take": "yes", "why": null, "driver": null, "start": "0x38000000"}
{"first": 8, "count": 1, "node": 1, "size": 134217728, "state": "offline", "zone": "Normal Movable", "take": "no", "why": "not in use: set it online first (chmem -e)", "driver": null, "start": "0x40000000"}
{"first": 10, "count": 1, "node": 1, "size": 134217728, "state": "online", "zone": "Movable", "take": "no", "why": "a memory device that can be unplugged", "driver": null, "start": "0x50000000"}
{"first": 12, "count": 2, "node": 1, "size": 268435456, "state": "online", "zone": "Movable", "take": "no", "why": "a driver added it and could take it away", "driver": "kmem", "start": "0x60000000"}
{"first": 14, "count": 1, "node": 1, "size": 134217728, "state": "online", "zone": "Movable", "take": "no", "why": "a driver added it and could take it away", "driver": "virtio_mem", "start": "0x70000000"}
$ gmemctl list -J -B | json '[sorted(d), len(d["pools"])]'
["blocks", "gmemctl", "pools"]
2

## a kernel without gmem, and without memory blocks
$ tree none
$ gmemctl list -B
$ rm T/sys/devices/system/memory/block_size_bytes
$ gmemctl list -B
gmemctl list: cannot read the memory blocks: No such file or directory
[4]
$ gmemctl list -B -v 2>&1 | head -n 1
libgmem: T/sys/devices/system/memory/block_size_bytes: cannot read: No such file or directory

## what does not go with it
$ tree host
$ gmemctl list -B -p vm2
gmemctl list: --blocks and --pool exclude each other
[2]
$ gmemctl list -B -S ram
gmemctl list: --blocks and --origin exclude each other
[2]
$ gmemctl list -B -R
gmemctl list: --ranges and --blocks exclude each other
[2]
$ gmemctl list -B -U
gmemctl list: --blocks and --backings exclude each other
[2]
$ gmemctl list -B --names
gmemctl list: --names and --blocks exclude each other
[2]
$ gmemctl list -B -o pool
gmemctl list: --output: 'pool' is not a column (see gmemctl help list)
[2]
