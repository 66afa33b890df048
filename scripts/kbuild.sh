# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0
# Sourced after lib.sh: make in the kernel tree, for the object directory $obj
# and with the log $log.

# Objects are the same wherever, whenever and by whomever they are built, so
# that ccache finds them and an unchanged kernel is not linked again.
export KBUILD_BUILD_TIMESTAMP="2026-01-01" KBUILD_BUILD_VERSION=1
export KBUILD_BUILD_USER=gmem KBUILD_BUILD_HOST=gmem

kcc=gcc
if command -v ccache > /dev/null; then
	kcc="ccache gcc"
	# Both kernels have to fit; whoever allows more keeps it.
	case $(ccache --get-config max_size) in
	0|*T|[5-9]*G|[1-9][0-9]*G) ;;
	*) export CCACHE_MAXSIZE=5G ;;
	esac
	# What is not found is not preprocessed twice: the compiler's list of
	# headers is enough.
	export CCACHE_DEPEND=1
	# Another clone finds the same objects: paths below here are made relative.
	# Later versions (seen with 4.11) follow the links to our files on the way,
	# and headers of the kernel that are beside a link are not found then.
	case $(ccache --version) in
	"ccache version 4.7."*) export CCACHE_BASEDIR="$top" CCACHE_NOHASHDIR=1 ;;
	esac
fi

# The source is ours to read and the objects are one build's to write: two
# builds in one object directory destroy each other's work.
kbuild_lock()
{
	mkdir -p "$obj" "$build/logs"
	exec 9> "$build/.lock"
	flock -n 9 || {
		info "waiting for another build in build/ to end"
		flock 9
	}
}

# More variables for make, without spaces in them.
kargs=

kmake()
{
	# What ccache made relative has to lose the way to the tree as well.
	# shellcheck disable=SC2086 # a list
	make -C "$tree" O="$obj" ARCH=x86 CC="$kcc" LOCALVERSION=-gmem $kargs \
		KCPPFLAGS="-fmacro-prefix-map=$(realpath --relative-to="$obj" "$tree")/=" \
		"$@" < /dev/null
}

# kcsan_args: have KCSAN instrument the MMU of KVM, guest_memfd and what is ours,
# and nothing else.  Variables of make's command line win over those of Makefiles.
# They name objects without their directory: the code that runs before the kernel,
# which must not be instrumented, has a pm.o and an error.o as well, and KVM an
# x86.o, whose flags for kicking vCPUs and copy of the host's clock are races of
# Linux's own.
kcsan_args()
{
	kargs=KCSAN_SANITIZE=n
	for kcsan_file in "$top"/mm/gmem/*.c "$top"/virt/kvm/*.c \
		"$tree"/virt/kvm/guest_memfd.c "$tree"/virt/kvm/kvm_main.c \
		"$tree"/virt/kvm/pfncache.c "$tree"/arch/x86/kvm/mmu/*.c; do
		kcsan_file=${kcsan_file##*/}
		case $kcsan_file in error.c|pm.c|x86.c) continue ;; esac
		kargs="$kargs KCSAN_SANITIZE_${kcsan_file%.c}.o=y"
	done
}

# Lines of the fragments that the configuration did not take.
kconfig_missing()
{
	awk -F= '/^CONFIG_/ { line[$1] = $0 } END { for (v in line) print line[v] }' \
		"$obj/gmem.config" | sort | while read -r line; do
		case $line in
		*=n) ! grep -qE "^${line%=n}=" "$obj/.config" || echo "$line" ;;
		*) grep -qxF "$line" "$obj/.config" || echo "$line" ;;
		esac
	done
}

# kconfigure CONFIGURATION: everything off, but for what the fragments say; and
# all of what they say.  A configuration that did not change is not written, so
# nothing is rebuilt.
kconfigure()
{
	[ -f "$top/kconfig/$1.config" ] ||
		die "there is no kconfig/$1.config"
	cat "$top/kconfig/base.config" "$top/kconfig/$1.config" > "$obj/gmem.config"
	kmake KCONFIG_ALLCONFIG="$obj/gmem.config" allnoconfig > "$log" 2>&1 || {
		first_errors "$log"
		die "the $1 kernel cannot be configured: see $log"
	}
	missing=$(kconfig_missing)
	[ -z "$missing" ] || {
		echo "$missing" >&2
		die "these lines of kconfig/ are not in the configuration: a symbol that they depend on is off, or is spelt differently"
	}
}
