#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# known_leaks.sh FUNCTION: look for leaks, which all have to be of what FUNCTION
# allocated.
#
# Two scans: an object is reported only when it was unreferenced for a while.
kmemleak=/sys/kernel/debug/kmemleak
echo scan > $kmemleak
sleep 6
echo scan > $kmemleak
awk -v known=" $1+" '
	function judge() {
		if (object == "")
			return
		if (index(object, known)) {
			n++
		} else {
			printf "%s", object
			other++
		}
	}
	/^unreferenced object / { judge(); object = "" }
	{ object = object $0 "\n" }
	END {
		judge()
		print n + 0 " objects of what is known, " other + 0 " others"
		exit other > 0
	}' $kmemleak
