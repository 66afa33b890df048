# What happens while the kernel takes its time.  The tree says 384M of a change.

## a slow change reports when it is asked to
$ tree numa
$ fake size 0 1400
$ gmemctl resize-pool vm10 4G --progress
vm10: growing, 384M of 3G (12%), 1 s, about 7 s left
resized pool vm10 from 1G to 4G

## and not otherwise
$ tree numa
$ fake size 0 1400
$ gmemctl resize-pool vm10 4G
resized pool vm10 from 1G to 4G

## a pool that is not there yet
$ tree numa
$ fake create 0 1400
$ gmemctl create-pool vm0 -s 4G --progress
vm0: taking memory, 1 s
created pool vm0: 4G

## a fast one says nothing
$ tree numa
$ gmemctl resize-pool vm10 4G --progress
resized pool vm10 from 1G to 4G

## on a terminal the line is gone at the end
$ tree numa
$ fake size 0 1400
$ script -qec "env LD_PRELOAD=$preload ASAN_OPTIONS=verify_asan_link_order=0 $GMEMCTL resize-pool --sysroot T vm10 4G" /dev/null < /dev/null | tr '\r\033' '\n^'

^[Kvm10: growing [##..................], 384M of 3G (12%), 1 s, about 7 s left
^[Kresized pool vm10 from 1G to 4G

## a signal ends it, and the next command is not affected
$ tree numa
$ fake size 0 30000 '(sleep 0.1; kill -INT $PPID) &'
$ gmemctl resize-pool vm10 4G
gmemctl resize-pool: vm10: cannot grow from 1G to 4G: interrupted
  hint: the pool has 1G as before
[1]
$ fake size 0 30000 '(sleep 0.1; kill -HUP $PPID) &'
$ gmemctl resize-pool vm10 4G
gmemctl resize-pool: vm10: cannot grow from 1G to 4G: interrupted
  hint: the pool has 1G as before
[1]
$ fake size 0 0
$ gmemctl resize-pool vm10 4G
resized pool vm10 from 1G to 4G

## so does one that comes just before the kernel begins
$ tree numa
$ fake size 0 30000 'kill -TERM $PPID'
$ gmemctl resize-pool vm10 4G
gmemctl resize-pool: vm10: cannot grow from 1G to 4G: interrupted
  hint: the pool has 1G as before
[1]

## but not one that is ignored
$ tree numa
$ fake size 0 300 '(sleep 0.1; kill -HUP $PPID) &'
$ (trap '' HUP; gmemctl resize-pool vm10 4G)
resized pool vm10 from 1G to 4G

## an interrupted creation
$ tree numa
$ fake create 0 30000 '(sleep 0.1; kill -INT $PPID) &'
$ gmemctl create-pool vm0 -s 4G
gmemctl create-pool: vm0: cannot make a pool with 4G: interrupted
  hint: no pool was made, and all memory is as before
[1]
$ cat T/sys/class/gmem/create

## of several pools, those after the interrupted one stay
$ tree numa
$ fake delete 0 30000 '(sleep 0.1; kill -INT $PPID) &'
$ gmemctl destroy-pool vm2 boot
gmemctl destroy-pool: vm2: cannot destroy the pool: interrupted
  hint: the pool has 2G as before
[1]
$ cat T/sys/class/gmem/delete
