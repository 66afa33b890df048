# gmemctl keep-free

## what it is, and another value
$ tree numa
$ echo 0 > T/sys/class/gmem/keep_free
$ gmemctl keep-free
pools leave 0 to the host
$ gmemctl keep-free 8G
pools leave 8G to the host now
$ cat T/sys/class/gmem/keep_free; echo
8589934592
$ gmemctl keep-free
pools leave 8G to the host
$ gmemctl keep-free 8192M
pools leave 8G to the host
$ gmemctl keep-free -n 10%
echo '1669243289' > T/sys/class/gmem/keep_free
$ gmemctl keep-free -J 1G | json '[d["keep_free"], d["results"], d["pools"]]'
1073741824
[{"object": "keep_free", "result": "done", "errno": null, "cause": null, "hint": null, "writes": [{"path": "T/sys/class/gmem/keep_free", "value": "1073741824"}]}]
[]
$ gmemctl keep-free -J | json '[d["keep_free"], d["results"][0]["result"]]'
1073741824
"already"

## what cannot be
$ tree numa
$ echo 0 > T/sys/class/gmem/keep_free
$ gmemctl keep-free many
gmemctl keep-free: 'many' is not a size: give bytes, or a number with K, M, G, T or P (of 1024), or a percentage
[2]
$ gmemctl keep-free +1G
gmemctl keep-free: '+1G' is a size with a sign
[2]
$ gmemctl keep-free -- -1G
gmemctl keep-free: '-1G' is a size with a sign
[2]
$ gmemctl keep-free 101%
gmemctl keep-free: '101%' is more than there is
[2]
$ gmemctl keep-free 1G 2G
gmemctl keep-free: '2G' is one operand too many; usage: gmemctl keep-free [SIZE]
[2]
$ fake keep_free 22
$ gmemctl keep-free 128P
gmemctl keep-free: keep_free: cannot be 128P: the kernel does not accept the size: Invalid argument
[1]
$ rm T/sys/class/gmem/keep_free
$ gmemctl keep-free
gmemctl keep-free: cannot read keep_free: No such file or directory
[4]
$ tree none
$ gmemctl keep-free 1G
gmemctl keep-free: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]

## in the configuration
$ tree numa
$ echo idle > T/sys/class/gmem/vm10/state
$ echo 8589934592 > T/sys/class/gmem/keep_free
$ gmemctl save | head -n 4
# Written by gmemctl save; gmemctl restore makes it so.

[host]
keep_free = 8G
$ gmemctl save vm2
# Written by gmemctl save; gmemctl restore makes it so.

[pool vm2]
size = 2G
node = 0
$ gmemctl save > conf
$ gmemctl restore -c conf
pool empty is as configured already
pool vm2 is as configured already
pool vm10 is as configured already
$ echo 0 > T/sys/class/gmem/keep_free
$ gmemctl restore -C -c conf
keep_free: is 0; it should be 8G
pool empty is as configured already
pool vm2 is as configured already
pool vm10 is as configured already
[1]
$ gmemctl restore -n -c conf vm2
pool vm2 is as configured already
$ gmemctl restore -c conf
pools leave 8G to the host now
pool empty is as configured already
pool vm2 is as configured already
pool vm10 is as configured already
$ cat T/sys/class/gmem/keep_free; echo
8589934592
$ printf '[host]\nkeep_free = 1G\n' > host
$ gmemctl restore -c host -J | json '[r["result"] for r in d["results"]]'
"done"
$ gmemctl restore -c host
$ fake keep_free 22
$ printf '[host]\nkeep_free = 2G\n[pool vm2]\nsize=2G\nnode=0\n' > host
$ gmemctl restore -c host
gmemctl restore: keep_free: cannot be 2G, as host:1 says: the kernel does not accept the size or the node: Invalid argument
pool vm2 is as configured already
[3]
$ printf '[host]\nkeep_free = 10%%\n' > host; gmemctl restore -c host
gmemctl restore: host:2: keep_free: '10%' is a percentage; a configuration has sizes
[2]
$ printf '[host]\nkeep = 10\n' > host; gmemctl restore -c host
gmemctl restore: host:2: there is no key 'keep'; there is keep_free
[2]
$ printf '[host]\nkeep_free = 1\nkeep_free = 1\n' > host; gmemctl restore -c host
gmemctl restore: host:3: 'keep_free' is given twice
[2]
$ printf '[host]\nkeep_free = 1\n[host]\nkeep_free = 1\n' > host; gmemctl restore -c host
gmemctl restore: host:3: [host] is in host:1 already
[2]
$ printf '[host]\n' > host; gmemctl restore -c host
gmemctl restore: host:1: nothing is in this section
[2]
