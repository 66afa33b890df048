# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Sourced after series.sh: patches/ on a kernel tree that is not ours (KSRC).
#
# It may be any tree, with or without git, so the patches change its files and
# nothing else.  All of it is tried on copies first: either every patch goes in
# or the tree stays as it was.  $state/applied keeps the patches that went in,
# to take them out again when patches/ changes.

# foreign_files DIRECTORY: the files that its patches touch.
foreign_files()
{
	sed -nE 's,^(---|\+\+\+) [ab]/([^[:space:]]+).*,\2,p' "$1"/*.patch \
		2> /dev/null | sort -u
}

# foreign_try DIRECTORY [-R]: apply its patches, or undo them, in $work/new.
foreign_try()
{
	foreign_order=cat
	[ "${2:-}" != -R ] || foreign_order=tac
	find "$1" -name '*.patch' | sort | $foreign_order |
	while read -r patch; do
		patch -d "$work/new" -p1 -s -f -N -r - --no-backup-if-mismatch \
			${2:-} < "$patch" > "$work/why" 2>&1 || {
			echo "$patch" > "$work/which"
			exit 1
		}
	done
}

# foreign_copy: start again with the tree's own files in $work/new.
foreign_copy()
{
	rm -rf "$work/new"
	mkdir "$work/new"
	(cd "$tree" && for file in $files; do
		[ ! -f "$file" ] || cp -p --parents "$file" "$work/new"
	done)
}

# foreign_install: bring what changed in $work/new into the tree.
foreign_install()
{
	for file in $files; do
		if [ ! -f "$work/new/$file" ]; then
			rm -f "$tree/$file"
		elif ! cmp -s "$work/new/$file" "$tree/$file"; then
			mkdir -p "$tree/$(dirname "$file")"
			cp "$work/new/$file" "$tree/$file"
		fi
	done
}

foreign_begin()
{
	applied=$state/applied
	mkdir -p "$state" "$applied"
	work=$(mktemp -d "$state/work.XXXXXX")
	trap 'rm -rf "$work"' EXIT INT TERM
	files=$(foreign_files "$patches"; foreign_files "$applied")
	foreign_copy
	# What an earlier run put in comes out first.
	foreign_try "$applied" -R || foreign_copy
}

# foreign_check: could the patches be applied, or are they?
foreign_check()
{
	foreign_begin
	foreign_try "$patches" && return
	foreign_copy
	foreign_try "$patches" -R ||
		die "$(basename "$(cat "$work/which")") does not fit $tree: $(head -n 1 "$work/why")"
}

foreign_apply()
{
	foreign_begin
	if foreign_try "$patches"; then
		foreign_install
	else
		mv "$work/which" "$work/first"
		foreign_copy
		foreign_try "$patches" -R ||
			die "$(basename "$(cat "$work/first")") does not apply to $tree: $(head -n 1 "$work/why")"
	fi
	rm -rf "$applied"
	mkdir "$applied"
	cp "$patches"/*.patch "$applied"/ 2> /dev/null || :
}

foreign_remove()
{
	foreign_begin
	foreign_install
	rm -rf "$applied"
}
