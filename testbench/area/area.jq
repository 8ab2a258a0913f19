# One configuration: what `stat -json` counts of it by module and flat, the longest path, and where it comes from.
$cells[0] as $area | $ram[0] as $ram
| def kinds($m): .[$m].num_cells_by_type // {} | to_entries[];
  # every instance below a module, with how often it is there
  def instances($m; $n): {m: $m, n: $n}, (. as $all | kinds($m) | select($all[.key] or (.key | test("mmu_sram")))
      | . as $kind | $all | instances($kind.key; $n * $kind.value));
  def counted($m; $n): {
      cells: ([kinds($m) | select($area[.key]) | .value] | add // 0 | . * $n),
      flip_flops: ([kinds($m) | select(.key | startswith("DFF")) | .value] | add // 0 | . * $n),
      area: ([kinds($m) | select($area[.key]) | .value * $area[.key]] | add // 0 | . * $n)};
  def base: [scan("mmu[a-z0-9_]*")][0];
$tree[0].modules as $tree
| ($tree | [instances("\\mmu"; 1) as $i | {m: $i.m, module: ($i.m | base), instances: $i.n} + counted($i.m; $i.n)]) as $all
| {config: $config, hash: $hash, commit: $commit, sources: $sources, rtl: $rtl, yosys: $yosys, library: "osu018_stdcells",
   by_module: ($all | {cells: (map(.cells) | add), flip_flops: (map(.flip_flops) | add), area: (map(.area) | add)}
       | .gate_equivalents = (.area / $area.NAND2X1 | round)),
   sram_bits: ([$all[] | select(.module == "mmu_sram") | .instances * ($ram[.m] // 0)] | add // 0)}
  # by the flat design: its totals, its longest path, and the modules beside them
  + if $flat[0] == {} then {} else
      ($flat[0].modules | counted("\\mmu"; 1)) as $whole
      | $whole + {gate_equivalents: ($whole.area / $area.NAND2X1 | round)} + $path[0]
      + {modules: ($all | group_by(.module) | map({module: .[0].module, instances: (map(.instances) | add),
          cells: (map(.cells) | add), flip_flops: (map(.flip_flops) | add), area: (map(.area) | add)})
          | sort_by(-.area))} end
  + {parameters: $parameters[0]}
