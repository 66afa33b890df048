# gmemctl destroy-pool

## a pool
$ tree numa
$ gmemctl destroy-pool vm2
destroyed pool vm2: 2G is System RAM again
$ cat T/sys/class/gmem/delete; echo
vm2

## several
$ tree numa
$ gmemctl destroy-pool vm2 vm10
destroyed pool vm2: 2G is System RAM again
destroyed pool vm10: 1G is System RAM again
$ gmemctl destroy-pool -n boot empty
echo 'boot' > T/sys/class/gmem/delete
echo 'empty' > T/sys/class/gmem/delete

## none if one of the names is wrong
$ tree numa
$ gmemctl destroy-pool vm2 nope
gmemctl destroy-pool: nope: there is no such pool
  hint: gmemctl list --names shows those that there are
[4]
$ gmemctl destroy-pool vm2 a/b
gmemctl destroy-pool: 'a/b' cannot be a name: names have letters, digits, '-', '_' and '.', and begin with a letter or a digit
[2]
$ gmemctl destroy-pool vm2 vm2
gmemctl destroy-pool: 'vm2' is named twice
[2]
$ gmemctl destroy-pool
gmemctl destroy-pool: an operand is missing; usage: gmemctl destroy-pool NAME...
[2]
$ cat T/sys/class/gmem/delete

## a file of the class is no pool
$ tree numa
$ gmemctl destroy-pool create
gmemctl destroy-pool: 'create' cannot be a name: it is a file of /sys/class/gmem
[2]

## a pool that is in use
$ tree numa
$ fake delete 16
$ gmemctl destroy-pool boot
gmemctl destroy-pool: boot: cannot destroy the pool: its memory is in use: Device or resource busy
  hint: 3 guest_memfds hold its memory: see gmemctl list -U
[5]
$ gmemctl destroy-pool vm2
gmemctl destroy-pool: vm2: cannot destroy the pool: its memory is in use: Device or resource busy
  hint: 1 guest_memfd holds its memory: see gmemctl list -U
[5]

## a pool with memory errors
$ tree numa
$ echo 0 > T/sys/class/gmem/vm2/users
$ fake delete 16
$ gmemctl destroy-pool vm2
gmemctl destroy-pool: vm2: cannot destroy the pool: its memory is in use: Device or resource busy
  hint: 2M has memory errors; resize-pool gives back the rest
[5]

## one of several is in use
$ tree numa
$ fake delete 16 0 true boot
$ gmemctl destroy-pool vm10 boot
gmemctl destroy-pool: boot: cannot destroy the pool: its memory is in use: Device or resource busy
  hint: 3 guest_memfds hold its memory: see gmemctl list -U
destroyed pool vm10: 1G is System RAM again
[3]

## an interruption before anything was returned
$ tree numa
$ fake delete 4
$ gmemctl destroy-pool vm2
gmemctl destroy-pool: vm2: cannot destroy the pool: interrupted
  hint: the pool has 2G as before
[1]

## an interruption in the middle, and what comes after it
$ tree numa
$ fake delete 4 0 'echo 1073741824 > T/sys/class/gmem/vm2/size'
$ gmemctl destroy-pool vm2 vm10
gmemctl destroy-pool: vm2: cannot destroy the pool: interrupted
  hint: the pool still has 1G of 2G: the same command goes on
[3]
$ tree numa
$ gmemctl destroy-pool vm2 vm10 -J 2>/dev/null | json '[[r["object"], r["result"], r["errno"]] for r in d["results"]]'
["vm2", "partial", "EINTR"]
["vm10", "skipped", null]

## a kernel without gmem
$ tree none
$ gmemctl destroy-pool vm2
gmemctl destroy-pool: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]
