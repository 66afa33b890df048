# gmemctl compact-pool

## a pool
$ tree numa
$ : > T/sys/class/gmem/vm2/compact
$ gmemctl compact-pool vm2
compacted pool vm2: ranges before 2, now 2
$ cat T/sys/class/gmem/vm2/compact; echo
1
$ gmemctl compact-pool -n vm2 boot
echo '1' > T/sys/class/gmem/vm2/compact
echo '1' > T/sys/class/gmem/boot/compact
$ gmemctl compact-pool -J vm2 | json 'd["results"]'
{"object": "vm2", "result": "done", "errno": null, "cause": null, "hint": null, "writes": [{"path": "T/sys/class/gmem/vm2/compact", "value": "1"}]}

## what cannot be
$ tree numa
$ : > T/sys/class/gmem/vm2/compact
$ gmemctl compact-pool nope
gmemctl compact-pool: nope: there is no such pool
  hint: gmemctl list --names shows those that there are
[4]
$ gmemctl compact-pool
gmemctl compact-pool: an operand is missing; usage: gmemctl compact-pool NAME...
[2]
$ gmemctl compact-pool vm2 boot
gmemctl compact-pool: boot: cannot be compacted: this kernel has no file for that: No such file or directory
  hint: boot a later one
compacted pool vm2: ranges before 2, now 2
[3]
$ fake compact 12
$ gmemctl compact-pool vm2
gmemctl compact-pool: vm2: cannot be compacted: the kernel has no memory for its own records: Cannot allocate memory
  hint: free some memory and try again
[1]
