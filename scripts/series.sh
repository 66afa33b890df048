# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Sourced after lib.sh: patches/ as commits on the fetched tree.
#
# The tree's root commit is the source as it was fetched; each patch is one
# commit on it.  Two files in the tree's git directory remember what was
# applied: gmem-series (a checksum of patches/) and gmem-head (the commit).

patches=$top/patches

# The commit that the patches go onto.
series_base()
{
	git -C "$tree" rev-list --max-parents=0 HEAD
}

# series_sum DIRECTORY: a checksum of the patches in it.
series_sum()
{
	find "$1" -name '*.patch' | sort | xargs -r cat | sha256sum | cut -d' ' -f1
}

# series_remember: HEAD of the tree is what patches/ says.
series_remember()
{
	series_git=$(git -C "$tree" rev-parse --absolute-git-dir)
	series_sum "$patches" > "$series_git/gmem-series"
	git -C "$tree" rev-parse HEAD > "$series_git/gmem-head"
}

# series_commit: make commits of patches/ on the base and print the last.
# Works in an index of its own and touches neither tree nor branch.
series_commit()
(
	work=$(mktemp -d "$build/series.XXXXXX")
	trap 'rm -rf "$work"' EXIT INT TERM
	export GIT_INDEX_FILE="$work/index"
	cd "$tree"
	commit=$(series_base)
	git read-tree "$commit"
	for patch in "$patches"/*.patch; do
		[ -f "$patch" ] || continue
		git mailinfo "$work/body" "$work/diff" < "$patch" > "$work/head"
		# A stable update may have moved or changed lines around ours.
		git apply --cached --whitespace=nowarn "$work/diff" 2> "$work/why" ||
		git apply --cached --whitespace=nowarn -C1 "$work/diff" 2>> "$work/why" || {
			cat "$work/why" >&2
			die "$(basename "$patch") does not apply to Linux $(make -s kernelversion)"
		}
		{
			sed -n 's/^Subject: //p' "$work/head"
			echo
			cat "$work/body"
		} > "$work/message"
		GIT_AUTHOR_NAME=$(sed -n 's/^Author: //p' "$work/head")
		GIT_AUTHOR_EMAIL=$(sed -n 's/^Email: //p' "$work/head")
		GIT_AUTHOR_DATE=$(sed -n 's/^Date: //p' "$work/head")
		export GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE
		commit=$(git commit-tree "$(git write-tree)" -p "$commit" \
			-F "$work/message")
	done
	echo "$commit"
)

# series_export COMMIT DIRECTORY: write the commits since the base as patches.
# What differs from machine to machine is left out: hashes and versions.
series_export()
{
	git -C "$tree" format-patch -q -N --zero-commit --no-signature \
		--no-base --no-attach --no-color --no-ext-diff --no-renames \
		--diff-algorithm=histogram --src-prefix=a/ --dst-prefix=b/ \
		-o "$2" "$(series_base)..$1"
	for patch in "$2"/*.patch; do
		[ -f "$patch" ] || continue
		awk '
			/^diff --git / { header = 1 }
			/^(--- |@@ )/ { header = 0 }
			!(header && /^index [0-9a-f]+\.\.[0-9a-f]+/)
		' "$patch" > "$patch.new"
		mv "$patch.new" "$patch"
	done
}
