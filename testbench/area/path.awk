# path.awk NETLIST REPORT   The longest path of an OpenSTA report as JSON: its delay, its cells between the ends, and the
# registers or pins at its ends. A flip-flop is known to the report by a number; the netlist has the register it drives,
# or an inverter or buffer behind it, if the mapping keeps the register's complement.
function net(line) {
    sub(/^ *\.[A-Z]*\(/, "", line)
    gsub(/\\|\)[,;]*$| /, "", line)
    return line
}
function named(register, k) {
    for (k = 0; k < 4 && register ~ /^_[0-9]+_/ && register in behind; k++) register = behind[register]
    return register
}
FNR == NR {
    if ($2 ~ /^_[0-9]+_$/) cell = $1 " " $2
    if (cell ~ /^DFF/ && /^ *\.Q\(/) register[substr(cell, index(cell, " ") + 1)] = net($0)
    if (cell ~ /^(INV|BUF|CLKBUF)/ && /^ *\.A\(/) input = net($0)
    if (cell ~ /^(INV|BUF|CLKBUF)/ && /^ *\.Y\(/) {
        output = net($0)
        if (!(input in behind) || output !~ /^_[0-9]+_/) behind[input] = output
    }
    next
}
/^Startpoint:/ { from = $2 }
/^Endpoint:/ { to = $2 }
/ [v^] .*\/.* \([A-Z0-9]+\)$/ { cells++ }
/data arrival time/ && delay == "" { delay = $1 }
END {
    if (from in register) { # its clock pin and its output have a line each
        from = named(register[from])
        cells -= 2
    }
    if (to in register) {
        to = named(register[to])
        cells -= 1
    }
    sub(/\[[0-9]+\]$/, "", from)
    sub(/\[[0-9]+\]$/, "", to)
    printf "{\"delay_ns\":%s,\"path_cells\":%d,\"from\":\"%s\",\"to\":\"%s\"}\n", delay, cells, from, to
}
