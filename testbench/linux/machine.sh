# SPDX-License-Identifier: Apache-2.0
#
# What check.sh and random.sh ask of this machine while they run, and give back at their end: the disk of build/ reads
# ahead what each trace has as os.ra_pages (files.c sets it); a zram device of its own serves as swap, if one can be
# had: done at once, nothing read ahead (vm.page-cluster 0), as the kernel half has it; khugepaged sleeps.
# shellcheck shell=sh
khugepaged=/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs

swap_on() {
    cluster=$(cat /proc/sys/vm/page-cluster) zram=
    [ -e /sys/class/zram-control/hot_add ] || modprobe zram 2>/dev/null || return 0
    zram=$(cat /sys/class/zram-control/hot_add 2>/dev/null) || return 0
    if echo 64M >/sys/block/zram$zram/disksize && mkswap /dev/zram$zram >/dev/null && swapon -p 100 /dev/zram$zram &&
        echo 0 >/proc/sys/vm/page-cluster; then return 0; fi 2>/dev/null
    swap_off
}

swap_off() {
    [ -n "$zram" ] || return 0
    echo "$cluster" >/proc/sys/vm/page-cluster
    swapoff /dev/zram$zram 2>/dev/null || true
    echo "$zram" >/sys/class/zram-control/hot_remove 2>/dev/null || true
    zram=
}

machine_take() {
    swap_on
    ahead=/sys/class/bdi/$(stat -c %Hd:%Ld $OUT/files)/read_ahead_kb
    was=$(cat "$ahead")
    sleeps=$(cat $khugepaged 2>/dev/null || true)
    trap 'machine_give' EXIT
    trap 'exit 1' INT TERM HUP
    [ -z "$sleeps" ] || echo 100000000 >$khugepaged
}

machine_give() {
    echo "$was" >"$ahead"
    [ -z "$sleeps" ] || echo "$sleeps" >$khugepaged
    swap_off
}
