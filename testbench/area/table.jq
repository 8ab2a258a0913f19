# The tables of docs/area.md.
def k: . / 100 | round / 10;
"", "| configuration | cells | flip-flops | SRAM bits | kGE | longest path, ns | its cells | from | to | commit |",
"|---|---|---|---|---|---|---|---|---|---|",
(.[] | select(.delay_ns) | "| \(.config) | \(.cells) | \(.flip_flops) | \(.sram_bits) | \(.gate_equivalents | k) | \(.delay_ns) | \(.path_cells
    ) | `\(.from)` | `\(.to)` | \(.commit) |"),
(.[] | select(.delay_ns) | (.gate_equivalents / .area) as $ge | (.modules | map(.area) | add) as $all
    | "", "Modules of `\(.config)`, each without those inside it, mapped one by one without buffers:", "",
    "| module | instances | cells | flip-flops | kGE | of all |", "|---|---|---|---|---|---|",
    (.modules[] | select(.area > 0) | "| `\(.module)` | \(.instances) | \(.cells) | \(.flip_flops) | \(.area * $ge | k) | \(
        1000 * .area / $all | round / 10) % |")),
"", "Module by module, without buffers and sizes (`make gates`):", "",
"| configuration | flip-flops | SRAM bits | kGE | commit |", "|---|---|---|---|---|",
(.[] | "| \(.config) | \(.by_module.flip_flops) | \(.sram_bits) | \(.by_module.gate_equivalents | k) | \(.commit) |"),
""
