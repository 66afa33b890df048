# gmemctl doctor

## a host that is ready
$ tree host
$ gmemctl doctor
ok    kernel          the kernel has pools
ok    kvm             KVM takes guest memory from pools
ok    default-pool    guest_memfds are taken from the pool vm2
ok    parameters      no boot parameter is in the way
ok    user-1g         the CPU maps 1 GiB for user space
ok    guest-1g        EPT maps 1 GiB for guests
ok    iommu-1g        2 IOMMUs map 1 GiB
ok    block-size      memory enters and leaves pools in blocks of 128M
ok    movable         node 0: 256M of 512M can be taken, and 256M where nothing unmovable is
ok    movable         node 1: 256M of 896M can be taken, and 0 where nothing unmovable is
ok    hugetlb         no memory is set aside for hugetlbfs
ok    auto-online     memory that drivers add is set offline; what pools give back is movable in any case
ok    poison          no pool has memory errors
ok    fragmentation   no pool is too fragmented for 1 GiB entries
note  configuration   pool vm2 is not configured: the next boot does not make it
                      mend: gmemctl save vm2 -f /etc/gmem/pools.d/vm2.conf
$ mkdir -p T/etc/gmem/pools.d; echo idle > T/sys/class/gmem/vm10/state
$ gmemctl save -f T/etc/gmem/pools.d/saved.conf; gmemctl doctor | grep -A1 -e ' configuration' -e ' service'
ok    configuration   the pools are as configured
warn  service         nothing makes the configured pools at boot
                      mend: systemctl enable gmem-restore.service
$ mkdir -p T/etc/systemd/system/multi-user.target.wants; : > T/etc/systemd/system/multi-user.target.wants/gmem-restore.service
$ gmemctl doctor | grep ' service'
ok    service         the configured pools are made at boot

## no kernel, no KVM
$ tree none
$ gmemctl doctor
bad   kernel          the kernel has no pools: there is no /sys/class/gmem
                      mend: boot a kernel that was built with CONFIG_GMEM=y
bad   kvm             there is no /dev/kvm
                      mend: load kvm_intel or kvm_amd; the firmware may have to allow virtualization
note  iommu-1g        there is no IOMMU in use
                      mend: to give devices to guests, boot with intel_iommu=on or allow the IOMMU in the firmware
ok    block-size      memory enters and leaves pools in blocks of 128M
[1]
$ mkdir T/boot T/proc/sys T/proc/sys/kernel; echo 6.1 > T/proc/sys/kernel/osrelease; echo '# CONFIG_GMEM is not set' > T/boot/config-6.1
$ gmemctl doctor | grep ' kernel'
bad   kernel          the kernel 6.1 has no pools: it was built without CONFIG_GMEM
                      mend: boot a kernel that was built with CONFIG_GMEM=y
$ rm T/sys/devices/system/memory/block_size_bytes
$ gmemctl doctor | grep ' block-size'
bad   block-size      there are no memory blocks

## the default pool
$ tree host
$ echo > T/sys/module/kvm/parameters/gmem_default_pool; gmemctl doctor | grep -A1 default-pool
note  default-pool    there is none: VMMs that do not name a pool do not use one
                      mend: echo NAME > /sys/module/kvm/parameters/gmem_default_pool
$ echo vm7 > T/sys/module/kvm/parameters/gmem_default_pool; gmemctl doctor | grep -A1 default-pool
bad   default-pool    guest_memfds are taken from the pool vm7, which is not there
                      mend: make it with gmemctl create-pool, or write another name, or nothing, to /sys/module/kvm/parameters/gmem_default_pool

## parameters
$ tree host
$ echo 'resume=/dev/vda2 cma=1G xcma=7 gmem=4G kvm.tdp_mmu=0 kvm.tdp_mmu=01' > T/proc/cmdline; gmemctl doctor | grep -A1 ' parameters'
note  parameters      resume=/dev/vda2: hibernation is refused while a pool has memory
warn  parameters      cma=1G: memory blocks with contiguous memory set aside cannot be taken
                      mend: boot without it if nothing needs it
warn  parameters      kvm.tdp_mmu=0: KVM maps guests with its older page tables
                      mend: boot without it
bad   parameters      gmem=4G: there is no pool boot
                      mend: the kernel's log says why: dmesg | grep gmem
$ tree numa
$ echo 'gmem=4G' > T/proc/cmdline; gmemctl doctor | grep ' parameters'
ok    parameters      no boot parameter is in the way

## 1 GiB on an Intel CPU
$ tree host
$ echo N > T/sys/module/kvm_intel/parameters/ept; gmemctl doctor | grep -A1 guest-1g
bad   guest-1g        KVM does not use EPT
                      mend: load kvm_intel with ept=1
$ tree host
$ printf 'flags\t\t: vmx xpdpe1gb pdpe1gbx\nvmx flags\t: ept_ad\n' > T/proc/cpuinfo; gmemctl doctor | grep -A1 -e 1g
warn  user-1g         the CPU maps 2 MiB at most for user space
                      mend: in a virtual machine, give its CPU pdpe1gb
warn  guest-1g        EPT of this CPU maps 2 MiB at most for guests
ok    iommu-1g        2 IOMMUs map 1 GiB
ok    block-size      memory enters and leaves pools in blocks of 128M
$ printf 'flags\t\t: vmx\n' > T/proc/cpuinfo; gmemctl doctor | grep -A1 guest-1g
note  guest-1g        the kernel does not say what EPT can map
ok    iommu-1g        2 IOMMUs map 1 GiB
$ tree host
$ echo Y > T/sys/module/kvm/parameters/nx_huge_pages; gmemctl doctor | grep -A1 guest-1g
ok    guest-1g        EPT maps 1 GiB for guests
warn  guest-1g        KVM maps what guests execute with 4 KiB, because of a flaw of this CPU (itlb_multihit)
                      mend: only where guests are trusted: kvm.nx_huge_pages=off

## 1 GiB on an AMD CPU
$ tree host
$ printf 'flags\t\t: svm npt pdpe1gb\n' > T/proc/cpuinfo; gmemctl doctor | grep -A1 guest-1g
ok    guest-1g        nested paging maps 1 GiB for guests
ok    iommu-1g        2 IOMMUs map 1 GiB
$ printf 'flags\t\t: svm npt\n' > T/proc/cpuinfo; gmemctl doctor | grep -A1 guest-1g
warn  guest-1g        nested paging maps 2 MiB at most for guests
                      mend: in a virtual machine, give its CPU pdpe1gb
$ printf 'flags\t\t: svm\n' > T/proc/cpuinfo; gmemctl doctor | grep -A1 guest-1g
bad   guest-1g        KVM does not use nested paging
                      mend: load kvm_amd with npt=1
$ printf 'flags\t\t: fpu\n' > T/proc/cpuinfo; gmemctl doctor | grep -A1 guest-1g
bad   guest-1g        the CPU has neither VMX nor SVM
                      mend: allow virtualization in the firmware, or nested guests in the host

## IOMMUs
$ tree host
$ echo 1c0000440660462 > T/sys/class/iommu/dmar1/intel-iommu/cap; gmemctl doctor | grep iommu-1g
warn  iommu-1g        1 of 2 IOMMUs map 2 MiB at most
$ mkdir -p T/sys/class/iommu/ivhd0/amd-iommu; rm -r T/sys/class/iommu/dmar*; gmemctl doctor | grep iommu-1g
ok    iommu-1g        1 IOMMU maps 1 GiB
$ rm -r T/sys/class/iommu; gmemctl doctor | grep -A1 iommu-1g
note  iommu-1g        there is no IOMMU in use
                      mend: to give devices to guests, boot with intel_iommu=on or allow the IOMMU in the firmware

## memory
$ tree host
$ for n in 3 4 5 7; do echo Normal > T/sys/devices/system/memory/memory$n/valid_zones; done
$ printf 'MemTotal: 1 kB\nHugetlb:  2097152 kB\n' > T/proc/meminfo; echo online > T/sys/devices/system/memory/auto_online_blocks
$ gmemctl doctor | grep -A1 -e movable -e hugetlb
warn  movable         node 0: none of 512M is sure to be movable; 512M can be taken where nothing unmovable is
                      mend: boot with movablecore= or kernelcore=, or reserve the memory with gmem=
warn  movable         node 1: none of 896M is sure to be movable; 256M can be taken where nothing unmovable is
                      mend: boot with movablecore= or kernelcore=, or reserve the memory with gmem=
warn  hugetlb         2G are set aside as huge pages of hugetlbfs
                      mend: set fewer huge pages aside: hugepages=, vm.nr_hugepages
note  auto-online     memory that drivers add is set online; what pools give back is movable in any case
                      mend: to keep such memory movable: echo online_movable > /sys/devices/system/memory/auto_online_blocks
ok    poison          no pool has memory errors

## pools
$ tree numa
$ echo 1048576 > T/sys/class/gmem/vm10/largest_free
$ gmemctl doctor | grep -A1 -e poison -e fragmentation
warn  poison          pool vm2: 2M is out of use because of memory errors
                      mend: have the memory looked at: the kernel's log and rasdaemon name the module
warn  fragmentation   pool vm10: the largest free piece of 1G is 1M, too small for 1 GiB entries
                      mend: stop guests with small memory, or make the pool larger

## the configuration
$ tree numa
$ mkdir -p T/etc/gmem/pools.d; printf '[pool vm2]\nsize = 1G\nnode = 0\n[pool new]\nsize = 1G\n[pool vm10]\nsize = 1:1G\n' > T/etc/gmem/pools.d/a.conf
$ gmemctl doctor | grep -A1 -e ' configuration' -e ' service'
warn  configuration   pool vm2 is not as T/etc/gmem/pools.d/a.conf:1 says
                      mend: gmemctl restore vm2
warn  configuration   pool new is not as T/etc/gmem/pools.d/a.conf:4 says
                      mend: gmemctl restore new
warn  service         nothing makes the configured pools at boot
                      mend: systemctl enable gmem-restore.service
$ echo '[pool]' > T/etc/gmem/pools.d/a.conf
$ gmemctl doctor 2>&1 | grep -A1 -e ' configuration' -e ' service' -e a.conf
gmemctl doctor: T/etc/gmem/pools.d/a.conf:1: nothing is in this section
ok    kernel          the kernel has pools
--
bad   configuration   the configuration cannot be read
                      mend: correct what is said above; gmemctl restore -n tries it

## what no file has, and what pools leave to the host
$ tree dax
$ mkdir -p T/etc/gmem/pools.d; printf '[host]\nkeep_free = 8G\n' > T/etc/gmem/pools.d/host.conf; echo 0 > T/sys/class/gmem/keep_free
$ gmemctl doctor | grep -A1 -e ' configuration' -e ' service'
warn  configuration   pools leave 0 to the host, and not 8G as T/etc/gmem/pools.d/host.conf:1 says
                      mend: gmemctl restore
note  configuration   pool fast is not configured: the next boot does not make it
                      mend: gmemctl save fast -f /etc/gmem/pools.d/fast.conf
warn  service         nothing makes the configured pools at boot
                      mend: systemctl enable gmem-restore.service
$ echo 8589934592 > T/sys/class/gmem/keep_free; echo gmem.dax=dax1.0:fast > T/proc/cmdline
$ gmemctl doctor | grep -A1 -e ' configuration'
ok    configuration   the pools are as configured
warn  service         nothing makes the configured pools at boot
$ tree numa
$ echo 1073741824 > T/sys/class/gmem/empty/max
$ gmemctl doctor | grep -e ' configuration'
note  configuration   pool empty is not configured: the next boot does not make it
note  configuration   pool vm2 is not configured: the next boot does not make it
note  configuration   pool vm10 is not configured: the next boot does not make it

## JSON
$ tree host
$ gmemctl doctor -J | json '[[f["check"], f["status"]] for f in d["findings"]]'
["kernel", "ok"]
["kvm", "ok"]
["default-pool", "ok"]
["parameters", "ok"]
["user-1g", "ok"]
["guest-1g", "ok"]
["iommu-1g", "ok"]
["block-size", "ok"]
["movable", "ok"]
["movable", "ok"]
["hugetlb", "ok"]
["auto-online", "ok"]
["poison", "ok"]
["fragmentation", "ok"]
["configuration", "note"]
$ gmemctl doctor -J | json 'd["findings"][5]'
{"check": "guest-1g", "status": "ok", "found": "EPT maps 1 GiB for guests", "mend": null}

## operands
$ tree host
$ gmemctl doctor vm2
gmemctl doctor: 'vm2' is one operand too many; usage: gmemctl doctor
[2]
