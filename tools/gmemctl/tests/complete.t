# Completion in bash

## verbs
$ complete gmemctl re
resize-pool
reconfigure-device
restore
$ complete gmemctl help re
resize-pool
reconfigure-device
restore

## options of the verb
$ complete gmemctl list --n
--node=
--names
--noheadings
$ complete gmemctl create-pool --
--size=
--node=
--max=
--delay=
--dry-run
--progress
--json
--verbose
--sysroot=
--help
$ complete gmemctl version -
--help
-h

## pools, in lists too
$ tree numa
$ complete gmemctl destroy-pool ''
boot
empty
vm2
vm10
$ complete gmemctl resize-pool vm
vm2
vm10
$ complete gmemctl list -p vm
vm2
vm10
$ complete gmemctl list -p vm2,bo
vm2,boot
$ complete gmemctl list --pool = e
empty

## columns
$ complete gmemctl list -o s
state
size
scrubbed
start
source
$ complete gmemctl list --output = pool,us
pool,used
pool,users
pool,user

## directories
$ mkdir -p one/two; touch three
$ complete gmemctl list --sysroot ''
one

## nothing
$ complete gmemctl create-pool ''
$ complete gmemctl create-pool -s ''
