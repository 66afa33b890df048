# gmemctl restore, gmemctl online

## nothing is configured
$ tree numa
$ gmemctl restore
no pool is configured
$ mkdir -p T/etc/gmem/pools.d; echo x > T/etc/gmem/pools.d/README
$ gmemctl restore -J | json 'd["results"]'

## pools that are not there
$ tree numa
$ printf '[pool a]\nsize = 2G\nnode = 1\n\n[pool b]\nsize=1.5G\n[pool c]\nsize = 0\n' > conf
$ gmemctl restore -n -c conf
echo 'a size=2147483648 node=1' > T/sys/class/gmem/create
echo 'b size=1610612736' > T/sys/class/gmem/create
echo 'c size=0' > T/sys/class/gmem/create
$ gmemctl restore -c conf
pool a has 2G now
pool b has 1.5G now
pool c has 0 now
$ cat T/sys/class/gmem/create; echo
c size=0

## by node: made empty, and grown on each
$ tree numa
$ printf '# a comment\n; another\n[pool a]\nsize = 0:2G,1:1G ; and one here\nnode = 0\n' > conf
$ gmemctl restore -n -c conf
echo 'a size=0 node=0' > T/sys/class/gmem/create
echo '2147483648' > T/sys/class/gmem/a/size
echo '1' > T/sys/class/gmem/a/node
echo '3221225472' > T/sys/class/gmem/a/size
echo '0' > T/sys/class/gmem/a/node
$ printf '[pool a]\nsize = 0:2G\n' > conf
$ gmemctl restore -n -c conf
echo 'a size=0' > T/sys/class/gmem/create
echo '0' > T/sys/class/gmem/a/node
echo '2147483648' > T/sys/class/gmem/a/size
echo '-1' > T/sys/class/gmem/a/node

## what is as configured is left alone
$ tree numa
$ printf '[pool vm2]\nsize = 2G\nnode = 0\n[pool boot]\nsize = 0:4G,1:4G\n' > conf
$ gmemctl restore -c conf
pool vm2 is as configured already
pool boot is as configured already
$ gmemctl restore -c conf -J | json '[[r["object"], r["result"], r["writes"]] for r in d["results"]]'
["vm2", "already", []]
["boot", "already", []]
$ gmemctl restore -c conf --check
pool vm2 is as configured already
pool boot is as configured already

## what is not is changed
$ tree numa
$ printf '[pool vm2]\nsize = 1G\nnode = 0\n[pool boot]\nsize = 0:2G,1:5G\n[pool empty]\nsize = 1:512M\nnode = any\n' > conf
$ gmemctl restore -n -c conf
echo '1073741824' > T/sys/class/gmem/vm2/size
echo '0' > T/sys/class/gmem/boot/node
echo '6442450944' > T/sys/class/gmem/boot/size
echo '1' > T/sys/class/gmem/boot/node
echo '7516192768' > T/sys/class/gmem/boot/size
echo '-1' > T/sys/class/gmem/boot/node
echo '536870912' > T/sys/class/gmem/empty/size
echo '-1' > T/sys/class/gmem/empty/node
$ gmemctl restore -n -c conf empty
echo '536870912' > T/sys/class/gmem/empty/size
echo '-1' > T/sys/class/gmem/empty/node
$ gmemctl restore -c conf --check
vm2: has 2G; it should have 1G
boot: has 8G; it should have 2G on node 0, 5G on node 1
empty: has 0; it should have 512M on node 1
empty: grows on node 1; it should on any node
[1]
$ gmemctl restore -c conf --check -J | json '[[r["object"], r["result"]] for r in d["results"]]'
["vm2", "differs"]
["boot", "differs"]
["empty", "differs"]
$ gmemctl restore -c conf vm2 empty
pool vm2 has 1G now
pool empty has 512M on node 1 now
$ cat T/sys/class/gmem/vm2/size T/sys/class/gmem/empty/node; echo
1073741824-1

## all differences of a pool
$ tree numa
$ echo 17179869184 > T/sys/class/gmem/vm2/max; echo 10000 > T/sys/class/gmem/vm2/return_delay
$ echo 2147483648 > T/sys/class/gmem/vm2/reserved
$ printf '[pool vm2]\nsize = 1G\nnode = 1\nmax = 8G\ndevices = dax1.0@0x1000\n[host]\nkeep_free = 1G\n' > conf
$ gmemctl restore -C -c conf
keep_free: is 0; it should be 1G
vm2: keeps 2G of what is free; it should keep 1G
vm2: grows on node 0; it should on node 1
vm2: should grow by itself, up to 8G, and keep what is free for 10 s
vm2: does not have the device dax1.0
[1]
$ gmemctl restore -C -c conf -J | json '[[r["object"], r["cause"]] for r in d["results"]]'
["keep_free", "is 0; it should be 1G"]
["vm2", "keeps 2G of what is free; it should keep 1G; grows on node 0; it should on node 1; should grow by itself, up to 8G, and keep what is free for 10 s; does not have the device dax1.0"]
$ printf '[pool vm2]\nsize = 0:1G,1:2G\nnode = 0\n' > conf
$ gmemctl restore -C -c conf
vm2: has 2G; it should have 1G on node 0, 2G on node 1
vm2: grows by itself; it should not
[1]

## what one pool gives back, another can have
$ tree numa
$ printf '[pool a]\nsize = 1G\n[pool boot]\nsize = 0:2G,1:5G\n[pool vm2]\nsize = 1G\nnode = 0\n' > conf
$ gmemctl restore -n -c conf
echo '1073741824' > T/sys/class/gmem/vm2/size
echo 'a size=1073741824' > T/sys/class/gmem/create
echo '0' > T/sys/class/gmem/boot/node
echo '6442450944' > T/sys/class/gmem/boot/size
echo '1' > T/sys/class/gmem/boot/node
echo '7516192768' > T/sys/class/gmem/boot/size
echo '-1' > T/sys/class/gmem/boot/node
$ gmemctl restore -n -c conf a vm2
echo '1073741824' > T/sys/class/gmem/vm2/size
echo 'a size=1073741824' > T/sys/class/gmem/create

## only the node
$ tree numa
$ printf '[pool vm2]\nsize = 2G\nnode = any\n' > conf
$ gmemctl restore -C -c conf
vm2: grows on node 0; it should on any node
[1]
$ gmemctl restore -n -c conf
echo '-1' > T/sys/class/gmem/vm2/node

## files of the directories: by name, and the first directory hides the others
$ tree nopools
$ mkdir -p T/etc/gmem/pools.d T/run/gmem/pools.d T/usr/lib/gmem/pools.d
$ printf '[pool b]\nsize = 1G\n' > T/etc/gmem/pools.d/20-b.conf
$ printf '[pool b]\nsize = 2G\n' > T/usr/lib/gmem/pools.d/20-b.conf
$ printf '[pool a]\nsize = 3G\n' > T/usr/lib/gmem/pools.d/10-a.conf
$ printf '[pool c]\nsize = 4G\n' > T/run/gmem/pools.d/30-c.conf
$ printf '[pool d]\nsize = 4G\n' > T/run/gmem/pools.d/.hidden.conf
$ gmemctl restore -n
echo 'a size=3221225472' > T/sys/class/gmem/create
echo 'b size=1073741824' > T/sys/class/gmem/create
echo 'c size=4294967296' > T/sys/class/gmem/create
$ ln -sf /dev/null T/etc/gmem/pools.d/10-a.conf
$ gmemctl restore -n
echo 'b size=1073741824' > T/sys/class/gmem/create
echo 'c size=4294967296' > T/sys/class/gmem/create
$ gmemctl restore -n -c T/usr/lib/gmem/pools.d
echo 'a size=3221225472' > T/sys/class/gmem/create
echo 'b size=2147483648' > T/sys/class/gmem/create
$ gmemctl restore -n a
gmemctl restore: a: there is no pool of that name in the configuration
  hint: gmemctl save a prints what to write into it
[4]
$ gmemctl restore -n b c
echo 'b size=1073741824' > T/sys/class/gmem/create
echo 'c size=4294967296' > T/sys/class/gmem/create

## one that fails does not hinder the others
$ tree nopools
$ printf '[pool a]\nsize = 2G\n[pool b]\nsize = 1G\n' > conf
$ fake create 28 0 true 'a size=2147483648'
$ echo '3 memory blocks could be taken' > T/sys/class/gmem/last_error
$ gmemctl restore -c conf
gmemctl restore: a: cannot give it 2G, as conf:1 says: 3 memory blocks could be taken: No space left on device
  hint: gmemctl list -B shows which memory blocks can
pool b has 1G now
[3]
$ fake create 28
$ gmemctl restore -c conf
gmemctl restore: a: cannot give it 2G, as conf:1 says: 3 memory blocks could be taken: No space left on device
  hint: gmemctl list -B shows which memory blocks can
gmemctl restore: b: cannot give it 1G, as conf:3 says: 3 memory blocks could be taken: No space left on device
  hint: gmemctl list -B shows which memory blocks can
[1]

## the second step of one
$ tree numa
$ printf '[pool boot]\nsize = 0:3G,1:5G\n' > conf
$ fake size 28 0 true 8589934592
$ gmemctl restore -c conf
gmemctl restore: boot: cannot give it 3G on node 0, 5G on node 1, as conf:1 says: not so much memory can be taken: No space left on device
  hint: gmemctl list -B shows which memory blocks can
[3]
$ cat T/sys/class/gmem/boot/size; echo
7516192768

## a signal
$ tree nopools
$ printf '[pool a]\nsize = 2G\n[pool b]\nsize = 1G\n' > conf
$ fake create 0 30000 '(sleep 0.1; kill -INT $PPID) &'
$ gmemctl restore -c conf -J 2>/dev/null | json '[[r["object"], r["result"], r["errno"]] for r in d["results"]]'
["a", "failed", "EINTR"]
["b", "skipped", null]

## online: pools that are there grow to what is configured
$ tree numa
$ printf '[pool empty]\nsize = 1G\nnode = 1\n[pool vm2]\nsize = 1G\n[pool boot]\nsize = 0:2G,1:6G\n[pool new]\nsize = 1G\n' > conf
$ gmemctl online -c conf -n empty
echo '1073741824' > T/sys/class/gmem/empty/size
$ gmemctl online -c conf -n boot
echo '1' > T/sys/class/gmem/boot/node
echo '10737418240' > T/sys/class/gmem/boot/size
echo '-1' > T/sys/class/gmem/boot/node
$ gmemctl online -c conf -n vm2
pool vm2 is as configured already
$ gmemctl online -c conf empty
pool empty has 1G now
$ gmemctl online -c conf new
gmemctl online: new: there is no such pool
  hint: gmemctl list --names shows those that there are
[4]
$ gmemctl online -c conf vm10
gmemctl online: vm10: there is no pool of that name in the configuration
  hint: gmemctl save vm10 prints what to write into it
[4]
$ gmemctl online -c conf
gmemctl online: an operand is missing; usage: gmemctl online NAME...
[2]

## files that cannot be
$ tree nopools
$ gmemctl restore -c nothing
gmemctl restore: nothing: cannot be read: No such file or directory
[4]
$ mkdir dir.conf; gmemctl restore -c dir.conf
no pool is configured
$ mkdir -p T/etc/gmem/pools.d/a.conf; gmemctl restore
gmemctl restore: T/etc/gmem/pools.d/a.conf:1: cannot be read
[2]

## lines that cannot be
$ tree nopools
$ try() { printf "$1" > conf; gmemctl restore -c conf; }
$ try 'size = 1G\n'
gmemctl restore: conf:1: write '[pool NAME]' or '[host]', and below it 'KEY = VALUE'
[2]
$ try '[pool a]\n'
gmemctl restore: conf:1: nothing is in this section
[2]
$ try '[pool a]\n[pool b]\nsize = 1G\n'
gmemctl restore: conf:1: nothing is in this section
[2]
$ try '[pool a]\nnode = 0\n'
gmemctl restore: conf:1: the pool a has no size
[2]
$ try '[pools a]\nsize = 1G\n'
gmemctl restore: conf:1: a section is '[pool NAME]' or '[host]'
[2]
$ try '[pool a/b]\nsize = 1G\n'
gmemctl restore: conf:1: 'a/b' is not the name of a pool
[2]
$ try '[pool a]\nsize = 1G\nsize = 2G\n'
gmemctl restore: conf:3: 'size' is given twice
[2]
$ try '[pool a]\nsize = 1G\nnode = 0\nnode = 0\n'
gmemctl restore: conf:4: 'node' is given twice
[2]
$ try '[pool a]\nsize = 1G\ncolour = red\n'
gmemctl restore: conf:3: there is no key 'colour'; there are size, node, max, delay and devices
[2]
$ try '[pool a]\nsize = 1G\n[pool b]\nsize = 1G\n[pool a]\nsize = 1G\n'
gmemctl restore: conf:5: the pool a is in conf:1 already
[2]
$ try '[pool a]\nsize\n'
gmemctl restore: conf:2: write '[pool NAME]' or '[host]', and below it 'KEY = VALUE'
[2]
$ try '[pool a\nsize = 1G\n'
gmemctl restore: conf:1: write '[pool NAME]' or '[host]', and below it 'KEY = VALUE'
[2]
$ try "[pool a]\nsize = 1G\n# $(seq -s ' ' 100)\n"
gmemctl restore: conf:3: the line is longer than 198 bytes
[2]
$ gmemctl restore -n -c conf; rm conf
gmemctl restore: conf:3: the line is longer than 198 bytes
$ printf '[pool a]\nsize = 1G\n' > one; mkdir conf.d; cp one conf.d/1.conf; cp one conf.d/2.conf
$ gmemctl restore -c conf.d
gmemctl restore: conf.d/2.conf:1: the pool a is in conf.d/1.conf:1 already
[2]

## lines that inih would take for something else
$ tree nopools
$ printf '[pool a] ; one\n    size = 1G\n    node = 1\n \t\n' > conf; gmemctl restore -n -c conf
echo 'a size=1073741824 node=1' > T/sys/class/gmem/create
$ printf '[pool a] junk\nsize = 1G\n' > conf; gmemctl restore -n -c conf
gmemctl restore: conf:1: there is something after the name of the section
[2]
$ printf '[pool a]\nsize = 1G\0 or more\n' > conf; gmemctl restore -n -c conf
gmemctl restore: conf:2: the file has a byte 0, and is no text
[2]
$ timeout 10 "$GMEMCTL" restore --sysroot T -n -c /dev/full
gmemctl restore: /dev/full:1: the file has a byte 0, and is no text
[2]

## values that cannot be
$ tree nopools
$ try() { printf '[pool a]\n%s\n' "$1" > conf; gmemctl restore -c conf; }
$ try 'size = many'
gmemctl restore: conf:2: size: 'many' is not a size: give bytes, or a number with K, M, G, T or P (of 1024), or a percentage
[2]
$ try 'size ='
gmemctl restore: conf:2: size: '' is not a size: give bytes, or a number with K, M, G, T or P (of 1024), or a percentage
[2]
$ try 'size = 50%'
gmemctl restore: conf:2: size: '50%' is a percentage; a configuration has sizes
[2]
$ try 'size = +1G'
gmemctl restore: conf:2: size: '+1G' is a size with a sign
[2]
$ try 'size = 1000'
gmemctl restore: conf:1: the pool a cannot have 1000 with memory blocks of 128M
[2]
$ try 'size = 0:1000'
gmemctl restore: conf:1: the pool a cannot have 1000 with memory blocks of 128M
[2]
$ try 'size = 0:'
gmemctl restore: conf:2: size: '0:' is not a size: give bytes, or a number with K, M, G, T or P (of 1024), or a percentage
[2]
$ try 'size = :1G'
gmemctl restore: conf:2: size: ':1G' is not a size, nor a list such as 0:4G,1:8G
[2]
$ try 'size = x:1G'
gmemctl restore: conf:2: size: 'x:1G' is not a size, nor a list such as 0:4G,1:8G
[2]
$ try 'size = 0:1G,1G'
gmemctl restore: conf:2: size: '0:1G,1G' is not a size, nor a list such as 0:4G,1:8G
[2]
$ try 'size = 0:1G,0:1G'
gmemctl restore: conf:2: size: '0:1G,0:1G' is a list that has a node twice
[2]
$ try 'size = 0:8388608T,1:8388608T'
gmemctl restore: conf:2: size: '0:8388608T,1:8388608T' is too large
[2]
$ try 'size = 99999999999G'
gmemctl restore: conf:2: size: '99999999999G' is too large
[2]
$ printf '[pool a]\nsize = 0\nnode = x\n' > conf; gmemctl restore -c conf
gmemctl restore: conf:3: node: 'x' is not a node: give its number, or 'any'
[2]
$ printf '[pool a]\nsize = 0\nnode = 0-1\n' > conf; gmemctl restore -c conf
gmemctl restore: conf:3: node: '0-1' is not a node: give its number, or 'any'
[2]
$ printf '[pool a]\nsize = 0\nnode = -1\n' > conf; gmemctl restore -c conf
gmemctl restore: conf:3: node: '-1' is not a node: give its number, or 'any'
[2]

## a kernel without gmem
$ tree none
$ printf '[pool a]\nsize = 1G\n' > conf
$ gmemctl restore -c conf
gmemctl restore: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]
