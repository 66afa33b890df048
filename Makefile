# SPDX-License-Identifier: GPL-2.0
# Guest memory without struct pages, on Linux 7.3: fetch, build, show, test.
# 'make help' lists what there is to make.

.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

# A kernel tree of the user's own, a tarball to use instead of Debian's
# package, and the test groups to run (all, if none is named).
export KSRC LINUX_TARBALL
TESTS ?=

# The tree in use and where what belongs to it is kept, as the scripts see it.
ask = $(or $(shell top='$(CURDIR)' KSRC='$(KSRC)'; . scripts/lib.sh; $(1)),\
	$(error give KSRC= the top directory of a kernel tree))
tree := $(call ask,ktree)
state := $(call ask,kstate)

help:
	@echo 'make demo            show in a virtual machine what gmem does, with figures'
	@echo 'make check           build what is missing and run every test'
	@echo '                     TESTS="kunit mm" runs these groups only'
	@echo
	@echo 'make kernel          both kernels; kernel-debug, kernel-release: one of them'
	@echo 'make kernel-kcsan    a kernel that finds data races, for group kcsan'
	@echo 'make tools           gmemctl and its library'
	@echo 'make tests           the programs that the tests run'
	@echo 'make vmm             the QEMU that the group vmm runs'
	@echo 'make deb             Debian packages of kernel and tools, in build/deb'
	@echo 'make check-deb       install them in a clean Debian machine and start it'
	@echo 'make lint            the static checks alone'
	@echo 'make patches         turn edits in build/linux-7.3 back into patches/'
	@echo 'make deps            install the Debian packages that are missing'
	@echo 'make fetch           get the kernel source into build/'
	@echo 'make clean           remove what was built; the kernel tree stays'
	@echo
	@echo 'KSRC=DIR             work on this kernel tree instead of fetching one;'
	@echo '                     make unpatch KSRC=DIR takes everything out of it again'
	@echo 'LINUX_TARBALL=FILE   make the tree from this tarball of Linux 7.3'

demo: kernel-release tools tests
	@scripts/demo

check: kernel tools tests vmm
	@GMEM_STATE=$(state) tests/run $(TESTS)

kernel: kernel-debug kernel-release

kernel-debug kernel-release kernel-kcsan: overlay
	@scripts/kernel $(@:kernel-%=%)

# The headers that the tests include are exported by the debug kernel's build.
tests: kernel-debug
	@scripts/quietly tests $(MAKE) -C tests KTREE=$(tree) \
		KOBJ=$(state)/obj-debug OUT=$(state)/tests

vmm: deps
	@scripts/vmm

tools: deps
	@scripts/quietly tools $(MAKE) -C tools

# The kernel is the one of "make kernel-release", packed by its own rules.
deb: kernel-release
	@scripts/deps deb
	@scripts/deb

check-deb: deb
	@scripts/deps deb-root
	@scripts/deb-root
	@GMEM_STATE=$(state) tests/run deb

lint: overlay
	@GMEM_STATE=$(state) tests/run lint

overlay: fetch
	@scripts/overlay

fetch: deps
	@scripts/fetch

deps:
	@scripts/deps

patches:
	@scripts/patches

unpatch:
	@scripts/overlay --remove

clean:
	rm -rf $(state)/obj-* $(state)/tests $(state)/initramfs $(state)/logs \
		$(state)/deb $(state)/deb-root
	@$(MAKE) -C tools clean

.PHONY: help demo check kernel kernel-debug kernel-release tests vmm tools deb \
	check-deb lint overlay fetch deps patches unpatch clean
