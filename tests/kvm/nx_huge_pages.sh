#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# nx_huge_pages_test wants KVM's recovery of huge pages fast, and huge pages.
set -eu
kvm=/sys/module/kvm/parameters
echo 1 > $kvm/nx_huge_pages
echo 1 > $kvm/nx_huge_pages_recovery_ratio
echo 100 > $kvm/nx_huge_pages_recovery_period_ms
exec kvm-selftests/x86/nx_huge_pages_test -t 887563923 -p 100 -r
