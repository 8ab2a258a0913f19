# SPDX-License-Identifier: Apache-2.0
#
# What check.sh and random.sh ask of this machine while they run, and give back at their end: the disk of build/ reads
# ahead what each trace has as os.ra_pages (files.c sets it); a zram device of its own serves as swap, if one can be
# had: done at once, nothing read ahead (vm.page-cluster 0), as the kernel half has it; khugepaged sleeps; folios of
# 64 KiB are where the trace has os.thp64.
# shellcheck shell=sh
khugepaged=/sys/kernel/mm/transparent_hugepage/khugepaged/scan_sleep_millisecs

folios=/sys/kernel/mm/transparent_hugepage/hugepages-64kB/enabled

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
    sizes=$(sed 's/.*\[\(.*\)\].*/\1/' $folios 2>/dev/null || true)
    trap 'machine_give' EXIT
    trap 'exit 1' INT TERM HUP
    [ -z "$sleeps" ] || echo 100000000 >$khugepaged
}

machine_give() {
    echo "$was" >"$ahead"
    [ -z "$sleeps" ] || echo "$sleeps" >$khugepaged
    [ -z "$sizes" ] || echo "$sizes" >$folios
    swap_off
}

folios_take() { # TRACE
    [ -z "$sizes" ] || awk '$1 == "set" && $2 == "os.thp64" { asked = $3 } END { print asked ? asked : "never" }' \
        "$1" >$folios
}

# Where the files of a trace lie: $OUT/files, or a store that is as full as the trace says, mounted for it. A disk is an
# ext4 on a loop device, filled up but for what the trace's files and os.store_free need; nothing is kept back.
room_take() { # TRACE
    ROOM=$OUT/files
    tmpfs=$(awk '$1 == "set" && $2 == "os.tmpfs_pages" { print $3 }' "$1")
    free=$(awk '$1 == "set" && $2 == "os.store_free" { free = $3 }
        $1 == "ioerror" && !free { free = 1000 }
        $1 == "file" && $6 != "tmpfs" { pages += int(($5 + 4095) / 4096) } END { if (free) print free + pages }' "$1")
    [ -n "$tmpfs$free" ] || return 0
    ROOM=$OUT/room
    mkdir -p $ROOM
    if [ -n "$tmpfs" ]; then
        mount -t tmpfs -o "size=$((4 * tmpfs))k" none $ROOM
        return
    fi
    truncate -s 32M $OUT/room.img
    mke2fs -q -F -t ext4 -b 4096 -m 0 -O ^has_journal $OUT/room.img
    mount -o loop $OUT/room.img $ROOM
    echo 0 >"/sys/fs/ext4/$(basename "$(findmnt -n -o SOURCE $ROOM)")/reserved_clusters"
    fallocate -l "$((4 * ($(stat -f -c %f $ROOM) - free)))k" $ROOM/filler
    sync -f $ROOM
    [ "$(stat -f -c %f $ROOM)" = "$free" ] || echo "# $1: $(stat -f -c %f $ROOM) pages are free, not $free"
}

room_give() {
    [ "$ROOM" = $OUT/room ] || return 0
    umount $ROOM
    rm -rf $ROOM $OUT/room.img
}
