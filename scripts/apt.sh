# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Sourced after lib.sh: Debian suites that the machine's own apt does not know.
#
# They are read through an apt state of their own in build/, from the mirror
# that the machine uses, and trusted by Debian's archive key alone.  The
# machine's configuration stays as it is, and its proxies and credentials
# are used.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
apt_state=$build/apt

is_debian()
{
	[ -r /etc/os-release ] && (. /etc/os-release && [ "${ID:-}" = debian ])
}

# The release that this machine runs.
debian_release()
{
	is_debian ||
		die "this is not Debian: give LINUX_TARBALL= or KSRC="
	(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
}

# The mirrors that apt takes the release from, in the order of its sources.
# Asking apt covers every format that a source may be written in.
apt_mirrors()
{
	apt-get -o "Dir::State::Lists=$apt_state/none" update --print-uris |
		sed -nE "s,^'(.*)/dists/($1|stable|oldstable|testing)/InRelease' .*,\1,p" |
		awk '!seen[$0]++'
}

# apt_with COMMAND...: run an apt command on the private state.  Root stays
# root, for the build directory may be closed to apt's own user.
apt_with()
{
	apt_command=$1
	shift
	"$apt_command" -o "Dir::State::Lists=$apt_state/lists" \
		-o "Dir::Cache=$apt_state/cache" \
		-o "Dir::Etc::sourcelist=$apt_state/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null \
		-o Dir::Etc::preferences=/dev/null \
		-o Dir::Etc::preferencesparts=/dev/null \
		-o APT::Sandbox::User=root -o Acquire::Languages=none \
		-o Acquire::Retries=3 -q "$@"
}

# apt_private: make the private state know the backports of trixie, which have
# the kernel source, and of this release; or the suites of $apt_suites.  It is
# fetched once; a mirror that does not have them is passed over.
apt_private()
{
	[ -r "$keyring" ] ||
		die "$keyring is missing: install debian-archive-keyring"
	release=$(debian_release) || exit 1
	suites=${apt_suites:-$(printf '%s\n' "$release" "$release-backports" \
		trixie-backports | awk '!seen[$0]++')}
	mkdir -p "$apt_state/lists/partial" "$apt_state/cache/archives/partial" \
		"$apt_state/none/partial"
	mirrors=$(apt_mirrors "$release")
	[ -n "$mirrors" ] ||
		die "apt has no source for Debian $release: add one to /etc/apt/sources.list.d"
	for mirror in $mirrors; do
		for suite in $suites; do
			echo "deb [signed-by=$keyring] $mirror $suite main"
		done > "$apt_state/sources.new"
		if [ -f "$apt_state/done" ] &&
		   cmp -s "$apt_state/sources.new" "$apt_state/sources.list"; then
			return
		fi
		rm -f "$apt_state/done"
		mv "$apt_state/sources.new" "$apt_state/sources.list"
		info "reading $(echo $suites) from $mirror"
		if apt_with apt-get update -o APT::Update::Error-Mode=any \
			> "$apt_state/log" 2>&1; then
			: > "$apt_state/done"
			return
		fi
	done
	tail -n 5 "$apt_state/log" >&2
	! grep -q NO_PUBKEY "$apt_state/log" ||
		die "Debian's archive key for trixie is not known here: upgrade debian-archive-keyring"
	die "cannot read $(echo $suites) from a Debian mirror: check the network and run it again"
}

# apt_private_stale: what was read may be out of date; read it anew next time.
apt_private_stale()
{
	rm -f "$apt_state/done"
}

# apt_download LOG WHAT COMMAND...: run it, after apt_private.  What was read of
# the mirror some time ago may name a version that it no longer has; then the
# lists are read again, and it is run once more.
apt_download()
{
	apt_log=$1
	apt_what=$2
	shift 2
	for attempt in first second; do
		apt_private
		info "downloading $apt_what"
		! "$@" > "$apt_log" 2>&1 || return 0
		apt_private_stale
		[ "$attempt" = second ] || info "not there any more, reading anew"
	done
	tail -n 5 "$apt_log" >&2
	return 1
}
