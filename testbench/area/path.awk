# path.awk NETLIST REPORT   The longest path of an OpenSTA report as JSON: its delay, its cells between the ends, and the
# registers or pins at its ends. A flip-flop is known to the report by a number; the netlist has the register it drives.
FNR == NR {
    if ($1 ~ /^DFF/) flop = $2
    if (flop != "" && sub(/^ *\.Q\(/, "")) {
        gsub(/\\|\)[,;]*$| /, "")
        register[flop] = $0
        flop = ""
    }
    next
}
/^Startpoint:/ { from = $2 }
/^Endpoint:/ { to = $2 }
/ [v^] .*\/.* \([A-Z0-9]+\)$/ { cells++ }
/data arrival time/ && delay == "" { delay = $1 }
END {
    if (from in register) { # its clock pin and its output have a line each
        from = register[from]
        cells -= 2
    }
    if (to in register) {
        to = register[to]
        cells -= 1
    }
    sub(/\[[0-9]+\]$/, "", from)
    sub(/\[[0-9]+\]$/, "", to)
    printf "{\"delay_ns\":%s,\"path_cells\":%d,\"from\":\"%s\",\"to\":\"%s\"}\n", delay, cells, from, to
}
