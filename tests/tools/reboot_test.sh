#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# After verbs_test.sh and another boot: gmemctl restore makes what gmemctl save
# had written to /state.  Prints TAP.
. "$(dirname "$0")/lib.sh"
conf=/state/pools.conf

# same: the pools are those of the boot before
same()
{
	gmemctl list -r -b -o pool,nodes,node,size,max,delay > /tmp/list
	diff /state/list /tmp/list > /tmp/diff && return
	sed 's/^/# /' /tmp/diff
	false
}

is "this is another boot: only the boot pool is there" \
	"$(gmemctl list --names)" boot
runs "what is configured is not there" 1 gmemctl restore -C -c $conf
says "the check says so" $out '^one: is not there; it should have 256M$'
runs "a dry run" 0 gmemctl restore -n -c $conf
says "prints the writes" $out "^echo 'one size=$((256 * M)) node=1' > $class/create\$"
is "and does nothing" "$(gmemctl list --names)" boot

is "and the host keeps nothing" "$(gmemctl keep-free)" "pools leave 0 to the host"

runs "restore" 0 gmemctl restore -c $conf
says "says what it made" $out '^pool one has 256M now$'
says "also the elastic one" $out '^pool grow has 0, up to 512M now$'
is "and the host keeps what it kept" "$(cat $class/keep_free)" $((64 * M))
same
is "the pools are those of the boot before" $? 0
gmemctl save > /tmp/printed
cmp -s /tmp/printed $conf
is "save prints what was saved" $? 0

runs "restore again" 0 gmemctl restore -J -c $conf
is "finds each as configured" "$(grep -c '"result": "already"' $out)" 5
is "and writes nothing" "$(grep -c '"path":' $out)" 0
runs "the check" 0 gmemctl restore -C -c $conf

# What was changed since goes back to what is configured.
runs "take a pool away" 0 gmemctl destroy-pool empty
runs "let another one grow" 0 gmemctl resize-pool one +128M
runs "and move one to another node" 0 sh -c '
	gmemctl resize-pool two -128M -N 1 && gmemctl resize-pool two +128M -N 0'
runs "the check finds it" 1 gmemctl restore -C -c $conf
runs "restore what was changed" 0 gmemctl restore -c $conf
same
is "the pools are as configured again" $? 0

# A pool that cannot be had does not keep the others away.
runs "take all away" 0 gmemctl destroy-pool one two empty grow
{ cat $conf; printf '[pool all]\nsize = 1T\n'; } > /tmp/more.conf
runs "restore more than there is" 3 gmemctl restore -c /tmp/more.conf
says "the message has the pool, the file and the line" $err \
	'^gmemctl restore: all: cannot give it 1T, as /tmp/more.conf:[0-9]* says: .*: No space left on device$'
same
is "the others are there" $? 0
# A file that is wrong changes nothing.
runs "take one away" 0 gmemctl destroy-pool one
{ cat $conf; printf '[pool x]\nsizes = 1G\n'; } > /tmp/bad.conf
runs "restore a file with a mistake" 2 gmemctl restore -c /tmp/bad.conf
says "says where it is" $err '^gmemctl restore: /tmp/bad.conf:[0-9]*: there is no key'
is "and makes none of its pools" "$(gmemctl list --names | tr '\n' ' ')" \
	"boot empty grow two "
runs "restore, at the end" 0 gmemctl restore -c $conf one
same
is "it is there again" $? 0

finish
