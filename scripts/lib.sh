# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Sourced by the scripts of this directory, with the repository's top in $top.

build=$top/build
tree_name=linux-7.3

info()
{
	printf '==> %s\n' "$*" >&2
}

# The last line that a user reads: what went wrong and what to do.
die()
{
	printf 'error: %s\n' "$*" >&2
	exit 1
}

# need_space GIB WHAT: refuse early rather than fail half-way with ENOSPC.
need_space()
{
	mkdir -p "$build"
	need_free=$(df -Pk "$build" | awk 'NR == 2 { print int($4 / 1048576) }')
	[ "$need_free" -ge "$1" ] ||
		die "$2 needs $1 GiB of disk, $build has $need_free GiB left: free some and run it again"
}

# The kernel tree that the commands work on: the user's own, or ours.
ktree()
{
	if [ -z "${KSRC:-}" ]; then
		echo "$build/$tree_name"
	elif [ -f "$KSRC/Kbuild" ]; then
		(cd "$KSRC" && pwd -P)
	else
		die "KSRC=$KSRC is not a kernel tree: name the top directory of one"
	fi
}

# Where what belongs to this tree is kept.  A user's own tree gets a place of
# its own, so that going from one tree to the other rebuilds nothing.
kstate()
{
	if [ -z "${KSRC:-}" ]; then
		echo "$build"
	else
		echo "$build/ksrc-$(ktree | cksum | cut -d' ' -f1)"
	fi
}

# kobj CONFIGURATION: its object directory.
kobj()
{
	echo "$(kstate)/obj-$1"
}

# Changes to the system are made as root, and nothing else is.
can_be_root()
{
	[ "$(id -u)" -eq 0 ] || command -v sudo > /dev/null ||
		die "installing packages needs root: run 'make deps' as root, or install sudo"
}

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# first_errors LOG: what a person wants to see of a build that failed.
first_errors()
{
	grep -m 10 -A 3 -E '(error|undefined reference|\*\*\*)' "$1" >&2 ||
		tail -n 10 "$1" >&2
}
