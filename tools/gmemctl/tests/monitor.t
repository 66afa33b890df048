# gmemctl monitor

## events, until a signal
$ tree numa
$ events 'add vm2' 'change vm2 size' 'nothing' 'lost' 'remove vm3' 'change vm10' end
$ gmemctl monitor | sed 's/^[0-9T:.+-]* /TIME /'
TIME vm2 add (2G, 1022M available)
TIME vm2 change: size (2G, 1022M available)
TIME - lost: there were more events than could be received
TIME vm3 remove
TIME vm10 change (1G, 1G available)

## the time
$ tree numa
$ events 'add vm2'
$ gmemctl monitor -c 1 | sed -E 's/^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}\+00:00 /TIME /'
TIME vm2 add (2G, 1022M available)

## of a pool
$ tree numa
$ events 'add vm2' 'remove vm3' 'lost' 'add vm3' 'add vm10' end
$ gmemctl monitor -p vm3,vm10 | sed 's/^[^ ]* //'
vm3 remove
- lost: there were more events than could be received
vm3 add
vm10 add (1G, 1G available)

## so many
$ tree numa
$ events 'add vm2' 'add vm10' 'add boot'
$ gmemctl monitor --count 2 | sed 's/^[^ ]* //'
vm2 add (2G, 1022M available)
vm10 add (1G, 1G available)

## the numbers are those of now
$ tree numa
$ events '! echo 4294967296 > T/sys/class/gmem/vm2/size' 'change vm2 size' '! rm T/sys/class/gmem/vm2/available' 'change vm2 size' end
$ gmemctl monitor | sed 's/^[^ ]* //'
vm2 change: size (4G, 1022M available)
vm2 change: size (4G)

## JSON lines
$ tree numa
$ events 'remove vm3' 'change vm2 size' 'lost' end
$ gmemctl monitor -J > lines; wc -l < lines
3
$ sed -n 1p lines | json '[[k, d[k]] for k in d if k != "time"]'
["event", "remove"]
["pool", "vm3"]
["what", null]
["old_state", null]
["state", null]
["pools", []]
$ sed -n 2p lines | json '[d["event"], d["pool"], d["what"], d["pools"][0]["size"]]'
"change"
"vm2"
"size"
2147483648
$ sed -n 3p lines | json '[d["event"], d["pool"], d["pools"]]'
"lost"
null
[]

## no socket for events
$ tree numa
$ events 'add vm2'
$ FAKE_NO_NETLINK=1 gmemctl monitor
gmemctl monitor: cannot listen to the kernel's events: Protocol not supported
[1]

## output that nobody gets
$ tree numa
$ events 'add vm2' 'add vm2'
$ gmemctl monitor > /dev/full
gmemctl: cannot write the output: No space left on device
[1]

## a kernel without gmem
$ tree none
$ gmemctl monitor
gmemctl monitor: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]

## bad options
$ tree numa
$ gmemctl monitor -c 0
gmemctl monitor: --count: '0' is not a number above 0
[2]
$ gmemctl monitor -c x
gmemctl monitor: --count: 'x' is not a number above 0
[2]
$ gmemctl monitor -c -1
gmemctl monitor: --count: '-1' is not a number above 0
[2]
$ gmemctl monitor -c 99999999999999999999
gmemctl monitor: --count: '99999999999999999999' is not a number above 0
[2]
$ gmemctl monitor -p a/b
gmemctl monitor: --pool: 'a/b' is not the name of a pool
[2]
$ gmemctl monitor vm2
gmemctl monitor: 'vm2' is one operand too many; usage: gmemctl monitor
[2]
