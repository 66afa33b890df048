# gmemctl offline

## all of the memory
$ tree numa
$ gmemctl offline vm10
pool vm10 is empty: 1G is System RAM again
$ cat T/sys/class/gmem/vm10/size; echo
0
$ gmemctl offline vm10 empty
pool vm10 is empty already
pool empty is empty already
$ gmemctl offline -J empty | json 'd["results"]'
{"object": "empty", "result": "already", "errno": null, "cause": null, "hint": null, "writes": []}

## several pools
$ tree numa
$ gmemctl offline vm10 boot -n
echo '0' > T/sys/class/gmem/vm10/size
echo '0' > T/sys/class/gmem/boot/size
$ gmemctl offline vm10 vm10
gmemctl offline: 'vm10' is named twice
[2]
$ gmemctl offline vm10 nope
gmemctl offline: nope: there is no such pool
  hint: gmemctl list --names shows those that there are
[4]
$ gmemctl offline vm10 ''
gmemctl offline: '' cannot be a name: names have letters, digits, '-', '_' and '.', and begin with a letter or a digit
[2]
$ cat T/sys/class/gmem/vm10/size
1073741824

## memory in use
$ tree numa
$ fake size 16
$ gmemctl offline vm2
gmemctl offline: vm2: cannot give its memory back: its memory is in use: Device or resource busy
  hint: gmemctl list -U shows who has it; --available leaves them theirs
[5]
$ cat T/sys/class/gmem/vm2/size
2147483648
$ echo 0 > T/sys/class/gmem/vm2/users
$ gmemctl offline vm2
gmemctl offline: vm2: cannot give its memory back: its memory is in use: Device or resource busy
  hint: 2M has memory errors; --available gives back the rest
[5]
$ gmemctl offline -J vm2 vm10 2>/dev/null | json '[[r["object"], r["result"], r["errno"]] for r in d["results"]]'
["vm2", "failed", "EBUSY"]
["vm10", "failed", "EBUSY"]

## what is free, in whole blocks: one attempt after another
$ tree numa
$ gmemctl offline -a boot
pool boot has 2.5G: 5.5G is System RAM again
$ cat T/sys/class/gmem/boot/size; echo
2684354560
$ tree numa
$ fake size 16 0 true 2684354560
$ gmemctl offline -a boot -v 2>&1 | grep -v cannot.read
libgmem: T/sys/class/gmem/boot/size: write '2684354560': Device or resource busy
libgmem: T/sys/class/gmem/boot/size: write '5637144576': done
libgmem: T/sys/class/gmem/boot/size: write '2684354560': Device or resource busy
libgmem: T/sys/class/gmem/boot/size: write '4160749568': done
libgmem: T/sys/class/gmem/boot/size: write '2684354560': Device or resource busy
libgmem: T/sys/class/gmem/boot/size: write '3489660928': done
libgmem: T/sys/class/gmem/boot/size: write '2818572288': done
libgmem: T/sys/class/gmem/boot/size: write '2684354560': Device or resource busy
pool boot has 2.6G: 5.3G is System RAM again
$ cat T/sys/class/gmem/boot/size; echo
2818572288

## no whole block is free
$ tree numa
$ fake size 16
$ gmemctl offline --available vm2
pool vm2 has no whole memory block free of 2G
$ cat T/sys/class/gmem/vm2/size
2147483648
$ echo 2097152 > T/sys/class/gmem/vm2/available
$ gmemctl offline --available vm2
pool vm2 has no whole memory block free of 2G

## what a dry run would try first
$ tree numa
$ gmemctl offline -n -a vm2
echo '1207959552' > T/sys/class/gmem/vm2/size

## a signal, and what is left then
$ tree numa
$ fake size 0 30000 '(sleep 0.1; echo 536870912 > T/sys/class/gmem/vm10/size; kill -INT $PPID) &'
$ gmemctl offline vm10 vm2
gmemctl offline: vm10: cannot give its memory back: interrupted
  hint: the pool still has 512M of 1G
[3]
$ fake size 0 30000 '(sleep 0.1; kill -INT $PPID) &'
$ gmemctl offline vm2 -J 2>/dev/null | json 'd["results"]'
{"object": "vm2", "result": "failed", "errno": "EINTR", "cause": "interrupted", "hint": "the pool has 2G as before", "writes": [{"path": "T/sys/class/gmem/vm2/size", "value": "0"}]}

## a pool that cannot be read
$ tree numa
$ rm T/sys/class/gmem/vm2/available
$ gmemctl offline vm2
gmemctl offline: vm2: cannot read the pool: No such file or directory
[4]

## a kernel without gmem
$ tree none
$ gmemctl offline vm2
gmemctl offline: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]

## operands
$ tree numa
$ gmemctl offline
gmemctl offline: an operand is missing; usage: gmemctl offline NAME...
[2]
$ gmemctl offline -a
gmemctl offline: an operand is missing; usage: gmemctl offline NAME...
[2]
