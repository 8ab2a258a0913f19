// SPDX-License-Identifier: Apache-2.0
// Figures of one trace: the one in focus.
'use strict';
const focusName = () => `${traceName(state.focus)}; ${others() ? `${others()} fixed; ` : ''}core.deps = ${state.deps}`;
const focusRows = () =>
  series()
    .map((s, i, all) => ({ ...s, row: rowOf(s.point, state.focus, state.deps), colour: shade(i, all.length) }))
    .filter((s) => s.row);

// ---- Miss curve ------------------------------------------------------------------------------------------------
// The structure of the varied axis; its capacity is sets x ways, and its ways tell the lines apart.
const structure = () => ['l1i', 'l1d', 'l2'].find((s) => data.axes[state.axis].key.startsWith(`${s}.`)) ?? 'l2';
const missMetric = () => ({ l1i: 'l1i_miss_ratio', l1d: 'l1d_mpka', l2: 'l2_mpka' })[structure()];
function missLines() {
  const s = structure();
  const lines = new Map();
  data.points.forEach((p, i) => {
    const same = p.values.every((v, a) => data.axes[a].key.startsWith(`${s}.`) || v === state.fixed[a]);
    const m = value(i, state.focus, state.deps, missMetric());
    if (!same || !m) return;
    const ways = knob(i, `${s}.ways`);
    if (!lines.has(ways)) lines.set(ways, []);
    lines.get(ways).push([knob(i, `${s}.sets`) * ways, m[0], m[1], i]);
  });
  const places = new Set([...lines.values()].flat().map((l) => l[0]));
  if (places.size < 2) return []; // no curve
  return [...lines].sort((a, b) => a[0] - b[0]).map(([ways, line]) => [ways, line.sort((a, b) => a[0] - b[0])]);
}
const misses = {
  id: 'misses',
  title: () => 'Misses against capacity',
  sub: () => `${structure().toUpperCase()} TLB, ${traceName(state.focus)}; core.deps = ${state.deps}`,
  option() {
    const lines = missLines();
    const m = data.metrics[metricIndex[missMetric()]];
    return frame({
      tooltip: {
        ...tooltip(),
        formatter: (p) =>
          `<b>${data.points[p.data[3]].label}</b><br>${p.data[0]} entries: ${digits(p.data[1], 4)} ± ${digits(p.data[2], 2)} ${m.unit}`,
      },
      xAxis: {
        type: 'log',
        logBase: 2,
        name: 'entries (4 KiB pages reached)',
        nameGap: 30,
        splitLine: { show: false },
      },
      yAxis: { type: 'value', name: `misses ${m.unit === '%' ? '(% of lookups)' : m.unit}`, nameGap: 48, min: 0 },
      series: lines.map(([ways, line], i) => ({
        type: 'line',
        name: `${ways} ways`,
        color: shade(i, lines.length),
        symbolSize: 7,
        lineStyle: { width: 1.8 },
        data: line,
      })),
    });
  },
  rows: () => [
    ['ways', 'entries', missMetric(), 'half of the 95 % interval', 'point'],
    ...missLines().flatMap(([ways, line]) => line.map((l) => [ways, l[0], l[1], l[2], data.points[l[3]].label])),
  ],
  caption: () => `${data.metrics[metricIndex[missMetric()]].label}; one line a number of ways.`,
};

// ---- Walk latencies --------------------------------------------------------------------------------------------
function cdf(row) {
  const total = row.latency.reduce((s, n, i) => s + (i % 2 ? n : 0), 0);
  const line = [];
  let sum = 0;
  for (let i = 0; i < row.latency.length; i += 2) {
    sum += row.latency[i + 1];
    line.push([row.latency[i], (100 * sum) / total]);
  }
  return line;
}
const latency = {
  id: 'latency',
  title: () => 'How long a walk takes',
  sub: () => `cumulative; ${focusName()}`,
  option: () =>
    frame({
      tooltip: { ...tooltip(), trigger: 'axis', valueFormatter: (v) => `${digits(v, 4)} %` },
      xAxis: {
        type: 'log',
        name: 'cycles from start to end of a walk',
        nameGap: 30,
        splitLine: { show: false },
        min: (v) => Math.max(1, v.min * 0.9),
        axisLabel: { showMinLabel: false },
      },
      yAxis: { type: 'value', name: '% of walks', nameGap: 40, min: 0, max: 100 },
      series: focusRows().map((s) => ({
        type: 'line',
        step: 'end',
        symbol: 'none',
        name: s.text,
        color: s.colour,
        lineStyle: { width: 1.8 },
        data: cdf(s.row),
      })),
    }),
  rows: () => [
    ['axis value', 'cycles', '% of walks'],
    ...focusRows().flatMap((s) => cdf(s.row).map(([c, p]) => [s.text, c, p])),
  ],
  caption: () => 'Walks of the measured region; from 32 cycles on in steps of a sixteenth.',
};

// ---- Phases ----------------------------------------------------------------------------------------------------
const phaseOf = (s, name) => s.row.phase[name].map((n, i) => (1000 * n) / Math.max(1, s.row.phase.accesses[i]));
const phaseX = (i) => data.study.warmup + ((100 - data.study.warmup) * (i + 0.5)) / data.study.intervals;
const phases = {
  id: 'phases',
  title: () => 'Phases of the trace',
  wide: true,
  sub: () => `L2 misses and page faults over the measured region; ${focusName()}`,
  option() {
    const rows = focusRows();
    const line = (s, name) => phaseOf(s, name).map((y, i) => [phaseX(i), y]);
    return frame({
      grid: { left: 64, right: 64, top: 42, bottom: 52 },
      tooltip: { ...tooltip(), trigger: 'axis', valueFormatter: (v) => `${digits(v)} per 1000 accesses` },
      xAxis: {
        type: 'value',
        name: '% of the trace’s records',
        nameGap: 30,
        min: data.study.warmup,
        max: 100,
        splitLine: { show: false },
      },
      yAxis: [
        { type: 'value', name: 'L2 misses per 1000 accesses', nameGap: 48, min: 0 },
        { type: 'value', name: 'faults per 1000 accesses', nameGap: 44, min: 0, splitLine: { show: false } },
      ],
      series: [
        ...rows.slice(0, 1).map((s) => ({
          type: 'bar',
          name: 'page faults',
          yAxisIndex: 1,
          color: inks().line,
          barWidth: '80%',
          data: line(s, 'faults'),
        })),
        ...rows.map((s) => ({
          type: 'line',
          name: s.text,
          color: s.colour,
          symbol: 'none',
          lineStyle: { width: 1.7 },
          data: line(s, 'l2'),
        })),
      ],
    });
  },
  rows: () => [
    ['axis value', 'interval', 'accesses', 'L1 data misses', 'L2 misses', 'walks', 'page faults'],
    ...focusRows().flatMap((s) =>
      s.row.phase.l2.map((n, i) => [
        s.text,
        i,
        s.row.phase.accesses[i],
        s.row.phase.l1d[i],
        n,
        s.row.phase.walks[i],
        s.row.phase.faults[i],
      ]),
    ),
  ],
  caption: () =>
    `${data.study.intervals} intervals of equally many records: those of the error bars. Faults are the kernel half's, alike for all.`,
};

// The values of the axis in focus, side by side; long ones break.
const valueAxis = (rows) => ({
  type: 'category',
  data: rows.map((s) => data.axes[state.axis].values[s.v]),
  name: data.axes[state.axis].key,
  nameGap: 32,
  axisLabel: {
    interval: 0,
    width: Math.floor(480 / Math.max(1, rows.length)),
    overflow: 'break',
    lineHeight: 12,
  },
});

// ---- Cycles by cause -------------------------------------------------------------------------------------------
const CAUSES = [
  ['core and data', '#8fa6b5', (r) => count(r, 'ideal')],
  ['translation', '#d55e00', (r) => count(r, 'cycles') - count(r, 'ideal')],
];
const perAccess = (row, n) => n / Math.max(1, count(row, 'accesses'));
const causes = {
  id: 'causes',
  title: () => 'Cycles by cause',
  sub: () => `per access; ${focusName()}`,
  option() {
    const rows = focusRows();
    return frame({
      tooltip: { ...tooltip(), trigger: 'axis', valueFormatter: (v) => digits(v, 4) },
      xAxis: valueAxis(rows),
      yAxis: { type: 'value', name: 'cycles per access', nameGap: 44 },
      series: [
        ...CAUSES.map(([name, color, f]) => ({
          type: 'bar',
          stack: 'run',
          name,
          color,
          barMaxWidth: 34,
          data: rows.map((s) => perAccess(s.row, f(s.row))),
        })),
        {
          type: 'bar',
          stack: 'kernel',
          name: 'kernel (assumed)',
          color: inks().line,
          barMaxWidth: 34,
          itemStyle: {
            decal: {
              symbol: 'rect',
              dashArrayX: [1, 0],
              dashArrayY: [2, 4],
              rotation: 0.8,
              color: 'rgba(120,120,120,.6)',
            },
          },
          data: rows.map((s) => perAccess(s.row, count(s.row, 'os'))),
        },
      ],
    });
  },
  rows: () => [
    ['axis value', 'core and data', 'translation', 'kernel (assumed)'],
    ...focusRows().map((s) => [
      s.text,
      ...CAUSES.map(([, , f]) => perAccess(s.row, f(s.row))),
      perAccess(s.row, count(s.row, 'os')),
    ]),
  ],
  caption: () =>
    'Core and data: cycles of the same run with an ideal MMU. Translation: what the run takes beyond. The kernel half’s time is assumed, has its own bar and is in no overhead.',
};

// ---- Where PTE reads hit ---------------------------------------------------------------------------------------
const LEVELS = [
  ['l1d', 'L1 data cache', '#cfe3d4'],
  ['l2', 'L2 cache', '#7fbf9b'],
  ['llc', 'last-level cache', '#2f7f8c'],
  ['dram', 'DRAM', '#2a3f6f'],
];
const levelShare = (row, name) =>
  (100 * count(row, name)) /
  Math.max(
    1,
    LEVELS.reduce((s, [n]) => s + count(row, n), 0),
  );
const levels = {
  id: 'levels',
  title: () => 'Where table reads hit',
  sub: () => focusName(),
  option() {
    const rows = focusRows();
    return frame({
      tooltip: { ...tooltip(), trigger: 'axis', valueFormatter: (v) => `${digits(v)} %` },
      xAxis: valueAxis(rows),
      yAxis: { type: 'value', name: '% of PTE requests', nameGap: 40, min: 0, max: 100 },
      series: LEVELS.map(([key, name, color]) => ({
        type: 'bar',
        stack: 'all',
        name,
        color,
        barMaxWidth: 34,
        data: rows.map((s) => levelShare(s.row, key)),
      })),
    });
  },
  rows: () => [
    ['axis value', ...LEVELS.map(([, n]) => n)],
    ...focusRows().map((s) => [s.text, ...LEVELS.map(([k]) => levelShare(s.row, k))]),
  ],
  caption: () =>
    'PTE reads and A/D updates by the level of the memory hierarchy that had the line; nothing with another mem.model.',
};

const figures = [bars, heat, pareto, misses, latency, phases, causes, levels].filter(
  (f) => f !== heat || data.axes.length > 1,
);
