# gmemctl stat

## once
$ tree numa
$ gmemctl stat
POOL  STATE   SIZE USED USED/S AVAIL SCRUBBED SCRUBBED/S LARGEST USERS
boot  idle      8G 2.5G      -  5.5G       4G          -      3G     3
empty idle       0    0      -     0        0          -       0     0
vm2   idle      2G   1G      - 1022M     768M          -    512M     1
vm10  growing   1G    0      -    1G     512M          -      1G     0
$ gmemctl stat -p vm2,boot -b
POOL STATE       SIZE       USED USED/S      AVAIL   SCRUBBED SCRUBBED/S    LARGEST USERS
boot idle  8589934592 2684354560      - 5905580032 4294967296          - 3221225472     3
vm2  idle  2147483648 1073741824      - 1071644672  805306368          -  536870912     1

## again and again, with the change in a second
$ tree numa
$ gmemctl stat -i 2 -c 2 -p vm10 | { head -n 2; echo 805306368 > T/sys/class/gmem/vm10/available; echo 0 > T/sys/class/gmem/vm10/scrubbed; tail -n 1; } | sed -E 's/[+][0-9.]+[KMG]/+N/; s/[-][0-9.]+[KMG]/-N/; s/  */ /g'
POOL STATE SIZE USED USED/S AVAIL SCRUBBED SCRUBBED/S LARGEST USERS
vm10 growing 1G 0 - 1G 512M - 1G 0
vm10 growing 1G 256M +N 768M 0 -N 1G 0
$ gmemctl stat -i 2 -c 2 -p vm10 -J | { head -n 1 > first; echo 536870912 > T/sys/class/gmem/vm10/available; tail -n 1 > second; }
$ json '[p["used_per_second"] for p in d["pools"]] + sorted(d)' < first
null
"gmemctl"
"pools"
$ json '[0 < d["pools"][0]["used_per_second"] <= 128 << 20, d["pools"][0]["scrubbed_per_second"]]' < second
true
0

## guests
$ tree host
$ gmemctl stat --guests -p vm2
POOL STATE SIZE USED USED/S AVAIL SCRUBBED SCRUBBED/S LARGEST USERS
vm2  idle  256M 256M      -     0        0          -       0     2

 PID COMMAND          4K  2M 1G
1300 -               28K   -  -
 900 qemu-system-x86  2M 32M 3G
$ gmemctl stat -g -J | json 'd["guests"]'
{"pid": 1300, "fd": 4, "command": null, "mapped_4k": 28672, "mapped_2m": null, "mapped_1g": null}
{"pid": 900, "fd": 17, "command": "qemu-system-x86", "mapped_4k": 2097152, "mapped_2m": 33554432, "mapped_1g": 3221225472}
$ rm -r T/sys/kernel/debug
$ gmemctl stat -g -p vm2
gmemctl stat: cannot read /sys/kernel/debug/kvm: No such file or directory
  hint: it is for root, needs KVM, and a debugfs that is mounted
POOL STATE SIZE USED USED/S AVAIL SCRUBBED SCRUBBED/S LARGEST USERS
vm2  idle  256M 256M      -     0        0          -       0     2

[4]

## JSON
$ tree numa
$ gmemctl stat -J -p vm2
{
  "gmemctl": {
    "format": 1,
    "version": "0.1"
  },
  "pools": [
    {
      "pool": "vm2",
      "state": "idle",
      "size": 2147483648,
      "used": 1073741824,
      "used_per_second": null,
      "available": 1071644672,
      "scrubbed": 805306368,
      "scrubbed_per_second": null,
      "largest_free": 536870912,
      "users": 1
    }
  ]
}

## Prometheus
$ tree numa
$ gmemctl stat --prometheus -p boot,vm2
# HELP gmem_pool_size_bytes Memory of the pool.
# TYPE gmem_pool_size_bytes gauge
gmem_pool_size_bytes{pool="boot"} 8589934592
gmem_pool_size_bytes{pool="vm2"} 2147483648
# HELP gmem_pool_used_bytes Memory that guest_memfds hold.
# TYPE gmem_pool_used_bytes gauge
gmem_pool_used_bytes{pool="boot"} 2684354560
gmem_pool_used_bytes{pool="vm2"} 1073741824
# HELP gmem_pool_available_bytes Memory that guest_memfds can take.
# TYPE gmem_pool_available_bytes gauge
gmem_pool_available_bytes{pool="boot"} 5905580032
gmem_pool_available_bytes{pool="vm2"} 1071644672
# HELP gmem_pool_scrubbed_bytes Available memory that is zero already.
# TYPE gmem_pool_scrubbed_bytes gauge
gmem_pool_scrubbed_bytes{pool="boot"} 4294967296
gmem_pool_scrubbed_bytes{pool="vm2"} 805306368
# HELP gmem_pool_largest_free_bytes Largest contiguous free piece.
# TYPE gmem_pool_largest_free_bytes gauge
gmem_pool_largest_free_bytes{pool="boot"} 3221225472
gmem_pool_largest_free_bytes{pool="vm2"} 536870912
# HELP gmem_pool_poisoned_bytes Memory out of use because of memory errors.
# TYPE gmem_pool_poisoned_bytes gauge
gmem_pool_poisoned_bytes{pool="boot"} 0
gmem_pool_poisoned_bytes{pool="vm2"} 2097152
# HELP gmem_pool_users Number of guest_memfds that hold memory.
# TYPE gmem_pool_users gauge
gmem_pool_users{pool="boot"} 3
gmem_pool_users{pool="vm2"} 1
# HELP gmem_pool_node_size_bytes Memory of the pool on a NUMA node.
# TYPE gmem_pool_node_size_bytes gauge
gmem_pool_node_size_bytes{pool="boot",node="0"} 4294967296
gmem_pool_node_size_bytes{pool="boot",node="1"} 4294967296
gmem_pool_node_size_bytes{pool="vm2",node="0"} 2147483648
# HELP gmem_pool_node_available_bytes Memory on a NUMA node that guest_memfds can take.
# TYPE gmem_pool_node_available_bytes gauge
gmem_pool_node_available_bytes{pool="boot",node="0"} 1610612736
gmem_pool_node_available_bytes{pool="boot",node="1"} 4294967296
gmem_pool_node_available_bytes{pool="vm2",node="0"} 1071644672
$ rm T/sys/class/gmem/vm2/users
$ gmemctl stat --prometheus | grep -e users -e node
# HELP gmem_pool_users Number of guest_memfds that hold memory.
# TYPE gmem_pool_users gauge
gmem_pool_users{pool="boot"} 3
gmem_pool_users{pool="empty"} 0
gmem_pool_users{pool="vm10"} 0
# HELP gmem_pool_node_size_bytes Memory of the pool on a NUMA node.
# TYPE gmem_pool_node_size_bytes gauge
gmem_pool_node_size_bytes{pool="boot",node="0"} 4294967296
gmem_pool_node_size_bytes{pool="boot",node="1"} 4294967296
gmem_pool_node_size_bytes{pool="vm2",node="0"} 2147483648
gmem_pool_node_size_bytes{pool="vm10",node="1"} 1073741824
# HELP gmem_pool_node_available_bytes Memory on a NUMA node that guest_memfds can take.
# TYPE gmem_pool_node_available_bytes gauge
gmem_pool_node_available_bytes{pool="boot",node="0"} 1610612736
gmem_pool_node_available_bytes{pool="boot",node="1"} 4294967296
gmem_pool_node_available_bytes{pool="vm2",node="0"} 1071644672
gmem_pool_node_available_bytes{pool="vm10",node="1"} 1073741824

## pools that are not there, and a kernel without gmem
$ tree numa
$ gmemctl stat -p vm2,nope
gmemctl stat: nope: there is no such pool
  hint: gmemctl list --names shows those that there are
POOL STATE SIZE USED USED/S AVAIL SCRUBBED SCRUBBED/S LARGEST USERS
vm2  idle    2G   1G      - 1022M     768M          -    512M     1
[4]
$ tree nopools
$ gmemctl stat
$ gmemctl stat -J | json 'd["pools"]'
$ tree none
$ gmemctl stat
gmemctl stat: this kernel has no gmem: there is no /sys/class/gmem
  hint: boot a kernel that was built with CONFIG_GMEM=y
[7]

## bad options
$ tree numa
$ gmemctl stat -i 0
gmemctl stat: --interval: '0' is not a number above 0
[2]
$ gmemctl stat -i x
gmemctl stat: --interval: 'x' is not a number above 0
[2]
$ gmemctl stat -i 86401
gmemctl stat: --interval: '86401' is more than a day
[2]
$ gmemctl stat -c 1
gmemctl stat: --count is for --interval
[2]
$ gmemctl stat --prometheus -J
gmemctl stat: --prometheus and --json exclude each other
[2]
$ gmemctl stat --prometheus -g
gmemctl stat: --prometheus and --guests exclude each other
[2]
$ gmemctl stat --prometheus -i 1
gmemctl stat: --prometheus and --interval exclude each other
[2]
$ gmemctl stat -p ''
gmemctl stat: --pool: '' is not the name of a pool
[2]
$ gmemctl stat vm2
gmemctl stat: 'vm2' is one operand too many; usage: gmemctl stat
[2]

## output that nobody gets
$ tree numa
$ gmemctl stat -i 1 > /dev/full
gmemctl: cannot write the output: No space left on device
[1]

## conversions are events of this host, not of a recorded tree
$ tree numa
$ gmemctl stat -C
gmemctl stat: --conversions is for --interval
[2]
$ gmemctl stat -C -i 1 -c 1
gmemctl stat: --conversions: cannot count events of /sys/kernel/tracing/events/gmem/gmem_convert/id: No such file or directory
  hint: it needs a tracefs at /sys/kernel/tracing, and CONFIG_PERF_EVENTS=y
[7]

## a host without guests
$ tree host
$ rm -r T/sys/kernel/debug/kvm/*; gmemctl stat -g --json | json 'd["guests"]'
