# SPDX-License-Identifier: Apache-2.0
#
# hits.awk FILE.dat...   What cover properties counted: `RUN LABEL COUNT` for each run and label, of the
# verification plan or of the coincidences (NAME_C). The run of build/coverage/RUN/.../FILE.dat is RUN, or for the directed tests their tag, RUN/TAG. A label of
# several instances or files is one: its counts are added.
BEGIN { FS = "\001" }
FNR == 1 {
    run = FILENAME
    sub(/\/[^\/]*$/, "", run)
    sub(/^.*coverage[^\/]*\//, "", run)
}
/^C '/ {
    label = ""
    for (i = 1; i <= NF; i++) if (substr($i, 1, 2) == "o\002") label = substr($i, 3)
    if (label ~ /_C$/) { # of which module
        split($0, page, "v_user/")
        sub(/(__.*)?\001.*/, "", page[2])
        label = page[2] "." label
    }
    if (label !~ /^(SATP|VM|TLB|SVV|FEN|INV|PMP|PMA|NAP|PBM|ACC)_[0-9]/ && label !~ /_C$/) next
    count = $NF
    sub(/^.*' /, "", count)
    sum[run " " label] += count
}
END { for (k in sum) print k, sum[k] }
