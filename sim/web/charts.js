// SPDX-License-Identifier: Apache-2.0
// The figures. Each is {id, title, sub, wide, option(), rows(), caption()}; `rows` is what CSV gets: a heading and
// the numbers that are drawn.
'use strict';
const VIRIDIS = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [226, 205, 36],
];
function shade(i, n) {
  // an order of colours for an order of values, told apart in grey and by most eyes
  const from = matchMedia('(prefers-color-scheme: dark)').matches ? 0.9 : 0.35; // no dark lines on a dark page
  const at = n < 2 ? 1.5 : from + ((3.65 - from) * i) / (n - 1);
  const k = Math.min(3, Math.floor(at));
  const mix = VIRIDIS[k].map((c, j) => Math.round(c + (VIRIDIS[k + 1][j] - c) * (at - k)));
  return `rgb(${mix.join()})`;
}
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const inks = () => ({
  ink: css('--ink'),
  soft: css('--soft'),
  line: css('--line'),
  card: css('--card'),
  accent: css('--accent'),
});
const metric = () => data.metrics[metricIndex[state.metric]];
const metricName = () => `${metric().label} (${metric().unit})`;
const traceName = (t, axes = [state.axis]) => data.traces[t].short + (speaks(t, axes) ? '' : ' (not exercised)');
const allAxes = data.axes.map((_, i) => i);
const heatAxes = () => [state.x, state.y];
const empty = (what) => ({
  title: { text: what, left: 'center', top: '42%', textStyle: { color: css('--soft'), fontSize: 13, fontWeight: 400 } },
});
const others = () =>
  data.axes
    .map((a, i) => [a.key, a.values[state.fixed[i]], i])
    .filter(([, v, i]) => i !== state.axis && v !== undefined)
    .map(([k, v]) => `${k} = ${v}`)
    .join(', ');

function tooltip() {
  const k = inks();
  return {
    backgroundColor: k.card,
    borderColor: k.line,
    textStyle: { color: k.ink, fontSize: 12.5 },
    extraCssText: 'max-width:420px;white-space:normal',
  };
}
function frame(extra) {
  const k = inks();
  const axis = {
    axisLine: { lineStyle: { color: k.soft } },
    axisTick: { show: false },
    axisLabel: { color: k.soft, fontSize: 11.5 },
    nameTextStyle: { color: k.soft, fontSize: 11.5 },
    splitLine: { lineStyle: { color: k.line } },
    nameLocation: 'middle',
  };
  const merge = (a = {}) => ({
    ...axis,
    ...a,
    splitLine: { ...axis.splitLine, ...(a.splitLine ?? {}) },
    axisLabel: { ...axis.axisLabel, ...(a.axisLabel ?? {}) },
  });
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: css('--sans') || 'sans-serif', color: k.ink },
    grid: { left: 64, right: 18, top: 42, bottom: 52 },
    legend: {
      type: 'scroll',
      top: 2,
      left: 0,
      right: 0,
      itemWidth: 13,
      itemHeight: 9,
      textStyle: { color: k.ink, fontSize: 12 },
      pageTextStyle: { color: k.soft },
      pageIconColor: k.soft,
    },
    tooltip: tooltip(),
    ...extra,
    xAxis: [].concat(extra.xAxis).map(merge),
    yAxis: [].concat(extra.yAxis).map(merge),
  };
}

// ---- Bars ------------------------------------------------------------------------------------------------------
function barCells() {
  const cells = series().map((s) => ({ ...s, cells: ticked().map((t) => against(s.point, t, state.deps)) }));
  for (const s of cells) s.mean = meanRatio(s.point, state.deps, [state.axis]);
  return cells;
}
function errorBars(cells, colours) {
  return {
    type: 'custom',
    name: '95 %',
    z: 5,
    silent: true,
    tooltip: { show: false },
    itemStyle: { color: inks().ink },
    data: cells.flatMap((s, i) => s.cells.map((m, c) => m && [c, m[0] - m[1], m[0] + m[1], i])).filter(Boolean),
    renderItem(_, api) {
      const box = api.barLayout({ barGap: '8%', barCategoryGap: '28%', count: cells.length })[api.value(3)];
      const [x0, low] = api.coord([api.value(0), api.value(1)]);
      const high = api.coord([api.value(0), api.value(2)])[1];
      const x = x0 + box.offsetCenter;
      const w = Math.min(4, box.width / 3);
      const line = (a, b, c, d) => ({
        type: 'line',
        shape: { x1: a, y1: b, x2: c, y2: d },
        style: { stroke: colours, lineWidth: 1.1 },
      });
      return {
        type: 'group',
        children: [line(x, low, x, high), line(x - w, low, x + w, low), line(x - w, high, x + w, high)],
      };
    },
  };
}
const bars = {
  id: 'bars',
  title: () => `${metric().label}, against the baseline`,
  wide: true,
  sub: () => `${data.axes[state.axis].key} varied; ${others() || 'nothing else'} fixed; core.deps = ${state.deps}`,
  option() {
    const k = inks();
    const cells = barCells();
    const names = [...ticked().map((t) => traceName(t)), metric().ratio ? 'geometric mean' : 'mean'];
    return frame({
      tooltip: { ...tooltip(), trigger: 'item', formatter: (p) => p.data.tip },
      legend: { ...frame({}).legend, data: cells.map((s) => s.text) },
      xAxis: {
        type: 'category',
        data: names,
        axisLabel: {
          interval: 0,
          width: Math.floor(1000 / names.length),
          overflow: 'break',
          lineHeight: 14,
          formatter: (name) => name.replaceAll(', ', ',\n'),
        },
      },
      yAxis: { type: 'value', name: 'over the baseline', nameGap: 44, scale: false },
      series: [
        ...cells.map((s, i) => ({
          type: 'bar',
          name: s.text,
          barGap: '8%',
          barCategoryGap: '28%',
          color: shade(i, cells.length),
          markLine: i
            ? undefined
            : {
                silent: true,
                symbol: 'none',
                label: { show: false },
                lineStyle: { color: k.soft, type: 'dashed' },
                data: [{ yAxis: 1 }],
              },
          data: [...s.cells, s.mean === null ? null : [s.mean]].map((m, c) =>
            m
              ? {
                  value: m[0],
                  itemStyle: {
                    ...(m[2] < FEW
                      ? { color: 'transparent', borderColor: shade(i, cells.length), borderWidth: 1.5 }
                      : {}),
                    opacity: c < ticked().length && !speaks(ticked()[c], [state.axis]) ? 0.35 : 1,
                  },
                  tip: `<b>${s.text}</b><br>${names[c]}: ${digits(m[0], 4)}${m[1] === undefined ? '' : ` ± ${digits(m[1], 2)}${Math.abs(m[0] - 1) <= m[1] ? ', none found' : ''}<br>${thousands(m[2])} events`}`,
                }
              : null,
          ),
        })),
        errorBars(cells, k.ink),
      ],
    });
  },
  rows: () => [
    ['axis value', 'trace', 'ratio to the baseline', 'half of the 95 % interval', 'events', 'drawn'],
    ...barCells().flatMap((s) => [
      ...s.cells.map((m, i) => [
        s.text,
        traceName(ticked()[i]),
        m?.[0],
        m?.[1],
        m?.[2],
        !m ? '' : m[2] < FEW ? 'hollow' : 'full',
      ]),
      [s.text, metric().ratio ? 'geometric mean' : 'mean', s.mean, '', '', ''],
    ]),
  ],
  caption: () =>
    `${metric().label}: ${metric().sentence}. Hollow: fewer than ${thousands(FEW)} events, faint: not exercised; both in no mean. Whiskers: 95 % by batch means, interval by interval.` +
    (state.metric === 'overhead' && allDeps.length > 1
      ? ` Mean overhead, serial and none: ${series()
          .map(
            (s) =>
              `${data.axes[state.axis].values[s.v]}: ${allDeps.map((d) => `${digits(mean(s.point, d, [state.axis]))} %`).join(' and ')}`,
          )
          .join('; ')}.`
      : ''),
};

// ---- Heatmap ---------------------------------------------------------------------------------------------------
function heatCells() {
  const [ax, ay] = [data.axes[state.x], data.axes[state.y]];
  const cells = [];
  ax.values.forEach((_, x) =>
    ay.values.forEach((__, y) => {
      const values = [...state.fixed];
      values[state.x] = x;
      values[state.y] = y;
      const p = pointAt(values);
      const m = p === undefined ? null : mean(p, state.deps, heatAxes());
      if (m !== null) cells.push([x, y, m, p]);
    }),
  );
  return cells;
}
const heat = {
  id: 'heat',
  title: () => `${data.axes[state.y].key} × ${data.axes[state.x].key}`,
  sub: () =>
    `${metric().ratio ? `${metric().label} over the baseline, geometric mean` : `${metricName()}, mean`} of ${voices(heatAxes()).length} traces; core.deps = ${state.deps}`,
  option() {
    const k = inks();
    const cells = heatCells();
    const all = cells.map((c) => c[2]);
    const middle = Math.min(...all) + 0.4 * (Math.max(...all) - Math.min(...all));
    return frame({
      legend: { show: false },
      grid: { left: 84, right: 74, top: 14, bottom: 52 },
      tooltip: {
        ...tooltip(),
        formatter: (p) =>
          `<b>${data.points[p.value[3]].label}</b><br>${digits(p.value[2], 4)}<br>${thousands(data.points[p.value[3]].bits)} bits`,
      },
      xAxis: {
        type: 'category',
        data: data.axes[state.x].values,
        name: data.axes[state.x].key,
        nameGap: 28,
        splitLine: { show: false },
      },
      yAxis: {
        type: 'category',
        data: data.axes[state.y].values,
        name: data.axes[state.y].key,
        nameGap: 50,
        splitLine: { show: false },
      },
      visualMap: {
        min: Math.min(...all),
        max: Math.max(...all),
        right: 0,
        top: 'middle',
        itemHeight: 190,
        itemWidth: 12,
        precision: 3,
        dimension: 2,
        textStyle: { color: k.soft, fontSize: 11 },
        text: [digits(Math.max(...all)), digits(Math.min(...all))],
        inRange: { color: ['#f4efda', '#c9d9a9', '#6fb59a', '#2f7f8c', '#2a4a7c', '#2b1d4f'] },
      },
      series: [
        {
          type: 'heatmap',
          name: 'mean',
          data: cells.map((c) => ({ value: c, label: { color: c[2] < middle ? '#23303a' : '#fff' } })),
          itemStyle: { borderColor: k.card, borderWidth: 2 },
          label: { show: true, fontSize: data.axes[state.x].values.length > 8 ? 9.5 : 11, formatter: (p) => digits(p.value[2]) },
        },
      ],
    });
  },
  rows: () => [
    [data.axes[state.x].key, data.axes[state.y].key, metric().key, 'point'],
    ...heatCells().map(([x, y, m, p]) => [
      data.axes[state.x].values[x],
      data.axes[state.y].values[y],
      m,
      data.points[p].label,
    ]),
  ],
  caption: () => 'Empty cells were not run: excluded by a constraint or not sampled.',
};

// ---- Gates -----------------------------------------------------------------------------------------------------
const byMethod = (m) => data.points.filter((p) => p.gates?.method === m).length;
const gatesFrom = () =>
  `Full: synthesized (${byMethod('synthesized')} points). ` +
  (data.law.terms.length
    ? `Hollow: by a law in ${data.law.terms.length} terms, fitted to ${data.law.known.filter((k) => k.fit[0] !== null).length} synthesized configurations: ` +
      `${byMethod('fit')} points among these, ${byMethod('extrapolated')} extrapolated; a configuration left out of the fit is off by ${digits(data.law.error[0], 2)} % (root mean square).`
    : 'The others are not known: too few configurations have been synthesized for a law.');
function gatesText(x) {
  if (!x.gates) return '';
  const by = { synthesized: 'synthesized', fit: 'by the fit', extrapolated: 'by the fit, extrapolated' }[x.gates.method];
  return `<br>${thousands(x.gates.gates)} gates and ${thousands(x.gates.flip_flops)} flip-flops (${by}), ${thousands(x.gates.sram_bits)} bits of SRAM apart`;
}

// ---- Pareto ----------------------------------------------------------------------------------------------------
const paretoMetric = () => (state.metric === 'overhead' ? 'overhead' : 'stalls_pka');
function paretoPoints() {
  const all = data.points
    .map((p, i) => ({ i, area: areaOf(i), y: mean(i, state.deps, allAxes, paretoMetric()) }))
    .filter((p) => p.y !== null && p.area !== null);
  const order = [...all].sort((a, b) => a.area - b.area || a.y - b.y);
  let best = Infinity;
  for (const p of order) {
    p.front = p.y < best;
    best = Math.min(best, p.y);
  }
  return order;
}
const pareto = {
  id: 'pareto',
  title: () => (state.area === 'bits' ? 'What storage buys' : 'What gates buy'),
  sub: () =>
    `${AREAS[state.area].name} against ${data.metrics[metricIndex[paretoMetric()]].label.toLowerCase()}, mean of ${voices(allAxes).length} traces; core.deps = ${state.deps}`,
  option() {
    const k = inks();
    const all = paretoPoints();
    const wide = all.length && all.at(-1).area >= 10 * all[0].area;
    const m = data.metrics[metricIndex[paretoMetric()]];
    const tip = (p) => {
      const at = p.data.value;
      const x = data.points[at[2]];
      const parts = ['L1 I', 'L1 D', 'L2', 'walk caches', 'contexts']
        .map((n, i) => `${n} ${thousands(x.parts[i])}`)
        .join(', ');
      const diff = Object.entries(at[2] ? x.knobs : {})
        .map(([a, b]) => `${a} = ${b}`)
        .join(', ');
      return `<b>${x.label}</b>${at[2] ? '' : ' (baseline)'}<br>${digits(at[1], 4)} ${m.unit}<br>${thousands(x.bits)} bits: ${parts}${gatesText(x)}${diff ? `<br>against the baseline: ${diff}` : ''}`;
    };
    const dot = (p) => ({
      value: [p.area, p.y, p.i],
      itemStyle: state.area === 'gates' && data.points[p.i].gates.method !== 'synthesized' ? hollow(p) : {},
    });
    const hollow = (p) => ({ color: k.card, borderWidth: 1.8, borderColor: !p.i ? '#d55e00' : p.front ? k.accent : k.soft });
    return frame({
      tooltip: { ...tooltip(), formatter: tip },
      xAxis: {
        type: wide ? 'log' : 'value', // a decade or more is needed for ticks
        name: AREAS[state.area].name,
        nameGap: 30,
        min: (v) => (wide ? v.min * 0.8 : 5000 * Math.floor(v.min / 5000)),
        max: (v) => (wide ? v.max * 1.2 : 5000 * Math.ceil(v.max / 5000)),
        splitLine: { show: false },
        axisLabel: { showMinLabel: false, showMaxLabel: false, formatter: (v) => (v >= 1000 ? `${v / 1000}k` : v) },
      },
      yAxis: { type: 'value', name: m.unit, nameGap: 48, min: 0 },
      series: [
        {
          type: 'line',
          name: 'front',
          step: 'end',
          symbol: 'none',
          color: k.accent,
          lineStyle: { width: 1.6 },
          data: all.filter((p) => p.front).map(dot),
          silent: true,
        },
        {
          type: 'scatter',
          name: 'dominated',
          symbolSize: 9,
          color: k.soft,
          itemStyle: { opacity: 0.55 },
          data: all.filter((p) => !p.front && p.i).map(dot),
        },
        {
          type: 'scatter',
          name: 'on the front',
          symbolSize: 11,
          color: k.accent,
          data: all.filter((p) => p.front && p.i).map(dot),
        },
        {
          type: 'scatter',
          name: 'baseline',
          symbol: 'diamond',
          symbolSize: 15,
          z: 5,
          color: '#d55e00',
          data: all.filter((p) => !p.i).map(dot),
        },
      ],
    });
  },
  rows: () => [
    ['point', AREAS[state.area].name, 'known by', paretoMetric(), 'front'],
    ...paretoPoints().map((p) => [
      data.points[p.i].label,
      p.area,
      state.area === 'bits' ? 'counted' : data.points[p.i].gates.method,
      p.y,
      p.front ? 1 : 0,
    ]),
  ],
  caption: () =>
    state.area === 'bits'
      ? 'Storage: every bit of state that the RTL declares for TLBs, walk caches, lines of PTEs and context numbers. It is counted, the stalls are modelled; the two are never added.'
      : `Gates: the smallest NANDs of ${data.law.library} that Yosys ${data.law.yosys} needs for the whole MMU, module by module, without buffers, wires and SRAM, which is counted in bits and never added. ` +
        gatesFrom(),
};
