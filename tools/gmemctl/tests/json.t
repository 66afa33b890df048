# The envelope of gmemctl -J

## pools
$ tree numa
$ gmemctl list -J -p vm2
{
  "gmemctl": {
    "format": 1,
    "version": "0.1"
  },
  "pools": [
    {
      "pool": "vm2",
      "state": "idle",
      "nodes": [
        {
          "node": 0,
          "size": 2147483648,
          "available": 1071644672,
          "tier": null,
          "distance": null
        }
      ],
      "size": 2147483648,
      "used": 1073741824,
      "available": 1071644672,
      "scrubbed": 805306368,
      "largest_free": 536870912,
      "poisoned": 2097152,
      "users": 1,
      "node": 0,
      "progress": 0,
      "max": null,
      "reserved": null,
      "return_delay": null,
      "free_blocks": null
    }
  ]
}

## ranges are one more section
$ tree numa
$ gmemctl list -J -R -p vm2 | json 'sorted(d)'
"gmemctl"
"pools"
"ranges"
$ gmemctl list -J -R -p vm2,vm10 | json 'd["ranges"]'
{"pool": "vm2", "range": 0, "node": 0, "size": 1073741824, "available": 0, "origin": "ram", "device": null, "start": "0x300000000", "end": "0x33fffffff"}
{"pool": "vm2", "range": 1, "node": 0, "size": 1073741824, "available": 1071644672, "origin": "ram", "device": null, "start": "0x400000000", "end": "0x43fffffff"}
{"pool": "vm10", "range": 0, "node": 1, "size": 1073741824, "available": 1073741824, "origin": "ram", "device": null, "start": null, "end": null}

## every key is there for every pool
$ tree numa
$ gmemctl list -J | json 'sorted({str(sorted(p)) for p in d["pools"]})'
"['available', 'free_blocks', 'largest_free', 'max', 'node', 'nodes', 'poisoned', 'pool', 'progress', 'reserved', 'return_delay', 'scrubbed', 'size', 'state', 'used', 'users']"
$ gmemctl list -J -R | json 'sorted({str(sorted(p)) for p in d["ranges"]})'
"['available', 'device', 'end', 'node', 'origin', 'pool', 'range', 'size', 'start']"

## sections are there when they are empty
$ tree nopools
$ gmemctl list -J -R
{
  "gmemctl": {
    "format": 1,
    "version": "0.1"
  },
  "pools": [
  ],
  "ranges": [
  ]
}

## and when the kernel has no gmem
$ tree none
$ gmemctl list -J -R 2>/dev/null | json '[d["pools"], d["ranges"]]'
[]
[]

## units do not touch it
$ tree numa
$ gmemctl list -J > plain; gmemctl list -J -b -r --noheadings | cmp - plain

## numbers are exact
$ tree numa
$ echo 9007199254740993 > T/sys/class/gmem/vm2/size
$ gmemctl list -J -p vm2 | grep '"size": 9'
      "size": 9007199254740993,

## a pool that was created
$ tree nopools
$ gmemctl create-pool -J vm0
{
  "gmemctl": {
    "format": 1,
    "version": "0.1"
  },
  "pools": [
  ],
  "results": [
    {
      "object": "vm0",
      "result": "done",
      "errno": null,
      "cause": null,
      "hint": null,
      "writes": [
        {
          "path": "T/sys/class/gmem/create",
          "value": "vm0 size=0"
        }
      ]
    }
  ]
}

## a change that fails
$ tree numa
$ fake delete 16
$ echo '2 guest_memfds hold memory' > T/sys/class/gmem/last_error
$ gmemctl destroy-pool -J boot | json 'd["results"]'
gmemctl destroy-pool: boot: cannot destroy the pool: 2 guest_memfds hold memory: Device or resource busy
  hint: 3 guest_memfds hold its memory: see gmemctl list -U
{"object": "boot", "result": "failed", "errno": "EBUSY", "cause": "2 guest_memfds hold memory", "hint": "3 guest_memfds hold its memory: see gmemctl list -U", "writes": [{"path": "T/sys/class/gmem/delete", "value": "boot"}]}

## a dry run
$ tree numa
$ gmemctl resize-pool -J -n vm2 +1G -N 1 | json 'd["results"] + [p["pool"] for p in d["pools"]]'
{"object": "vm2", "result": "skipped", "errno": null, "cause": null, "hint": null, "writes": [{"path": "T/sys/class/gmem/vm2/node", "value": "1"}, {"path": "T/sys/class/gmem/vm2/size", "value": "3221225472"}, {"path": "T/sys/class/gmem/vm2/node", "value": "0"}]}
"vm2"

## nothing to do
$ tree numa
$ gmemctl resize-pool -J vm2 2G | json 'd["results"] + [p["pool"] for p in d["pools"]]'
{"object": "vm2", "result": "already", "errno": null, "cause": null, "hint": null, "writes": []}
"vm2"

## several objects
$ tree numa
$ gmemctl destroy-pool -J boot vm2 | json '[[r["object"], r["result"]] for r in d["results"]]'
["boot", "done"]
["vm2", "done"]

## bad usage prints none
$ tree numa
$ gmemctl create-pool -J 'a b'
gmemctl create-pool: 'a b' cannot be a name: names have letters, digits, '-', '_' and '.', and begin with a letter or a digit
[2]
$ gmemctl list -J -N x
gmemctl list: --node: 'x' is not a list of nodes such as 0,2-3
[2]

## a change on a kernel without gmem
$ tree none
$ gmemctl create-pool -J vm0 -s 1G 2>/dev/null | json '[d["pools"], d["results"]]'
[]
[{"object": "vm0", "result": "failed", "errno": "EOPNOTSUPP", "cause": "this kernel has no gmem", "hint": "boot a kernel that was built with CONFIG_GMEM=y", "writes": []}]

## names that are not UTF-8
$ tree host
$ printf 'a\377\376b\303\244\n' > T/proc/900/comm
$ gmemctl list -U -J | json '[b["owners"][0]["command"] for b in d["backings"] if b["owners"]]'
"a\ufffd\ufffdb\u00e4"
"vmm"
"a\ufffd\ufffdb\u00e4"
$ gmemctl reconfigure-device -J -m devdax "$(printf 'x\355\240\200')" 2>/dev/null | json 'd["results"][0]["object"]'
"x\ufffd\ufffd\ufffd"
