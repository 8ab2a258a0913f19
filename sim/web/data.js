// SPDX-License-Identifier: Apache-2.0
// The data of the page, and what is looked up in it: points by their values, rows, means over traces.
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const metricIndex = Object.fromEntries(data.metrics.map((m, i) => [m.key, i]));
const countNames = [
  'accesses',
  'cycles',
  'ideal',
  'os',
  'walks',
  'l1d',
  'l2',
  'llc',
  'dram',
  'minor',
  'major',
  'lookups',
  'misses',
];
for (const r of data.rows) for (const all of [r.m, r.r]) all.forEach((m, i) => m === 0 && (all[i] = [0, 0, 0]));
const rowMap = new Map(data.rows.map((r) => [`${r.p}/${r.t}/${r.d}`, r]));
const rowOf = (p, t, d) => rowMap.get(`${p}/${t}/${d}`);
const pointMap = new Map(data.points.map((p, i) => [p.values.join(), i]).reverse());
const pointAt = (values) => pointMap.get(values.join());
const allDeps = ['serial', 'none'].filter((d) => data.rows.some((r) => r.d === d));
const count = (row, name) => row.c[countNames.indexOf(name)];

// A point's knob: its own where it differs from the baseline, else the baseline's.
const knob = (p, key) => (key in data.points[p].knobs ? data.points[p].knobs[key] : data.points[0].knobs[key]);

// What a point costs: two axes that are never added. Gates are known by synthesis or by a law fitted to it.
const hasGates = data.points.some((p) => p.gates);
const AREAS = {
  bits: { name: 'storage bits', of: (p) => data.points[p].bits },
  gates: { name: 'gates, SRAM apart', of: (p) => data.points[p].gates?.gates ?? null },
};
const areaOf = (p) => AREAS[state.area].of(p);

const firstAxis = (suffix) =>
  Math.max(
    0,
    data.axes.findIndex((a) => a.key.endsWith(suffix)),
  );

// Where the page begins: the baseline's values where the axes hold them, else those of the middle point.
function startValues() {
  const base = data.points[0].values;
  if (base.every((v) => v >= 0)) return [...base];
  const whole = data.points.map((p) => p.values).filter((v) => v.every((x) => x >= 0));
  return [...(whole[Math.floor(whole.length / 2)] ?? base)];
}

const wanted = data.shown.split(' ').filter((k) => k in metricIndex);
const state = {
  metric: wanted[0] ?? (allDeps.length && 'overhead'),
  deps: allDeps[0],
  axis: firstAxis('.sets'),
  x: firstAxis('.ways'),
  y: firstAxis('.sets'),
  focus: 0,
  traces: data.traces.map(() => true),
  fixed: startValues(),
  area: 'bits',
};
if (state.x === state.y && data.axes.length > 1) state.x = state.y ? 0 : 1;

// The axis that has most to show: sets of a structure, else the one over which the cycles of some trace move most.
function axisOfMost() {
  const swing = (axis) =>
    Math.max(
      ...data.traces.map((_, t) => {
        const all = series(axis)
          .map((s) => value(s.point, t, state.deps, 'cycles_per_access')?.[0])
          .filter((c) => c);
        return all.length ? Math.max(...all) / Math.min(...all) : 1;
      }),
    );
  const axes = data.axes.map((_, a) => a);
  const sets = data.axes.findIndex((a) => a.key.endsWith('.sets'));
  return sets >= 0 ? sets : axes.reduce((a, b) => (swing(b) > swing(a) ? b : a));
}

// The trace that has most to show: of those that count, the one whose cycles move most over the varied axis.
function mostMoved() {
  const swing = (t) => {
    const all = series().map((s) => value(s.point, t, state.deps, 'cycles_per_access')?.[0] ?? 0);
    return Math.max(...all) / Math.min(...all);
  };
  const counting = data.traces.map((_, t) => t).filter((t) => data.traces[t].counts);
  return counting.length ? counting.reduce((a, b) => (swing(b) > swing(a) ? b : a)) : 0;
}

// The view as the part of the address behind #, so that a view can be cited: metric, deps, vary, x, y, trace, axes.
function readView(hash) {
  const axis = (key) => data.axes.findIndex((a) => a.key === key);
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ''))) {
    if (key === 'metric' && text in metricIndex) state.metric = text;
    if (key === 'area' && text in AREAS && hasGates) state.area = text;
    if (key === 'deps' && allDeps.includes(text)) state.deps = text;
    if (key === 'trace' && data.traces.some((t) => t.name === text))
      state.focus = data.traces.findIndex((t) => t.name === text);
    if (key === 'without')
      data.traces.forEach((t, i) => {
        if (t.name === text) state.traces[i] = false;
      });
    if (key === 'vary' && axis(text) >= 0) state.axis = axis(text);
    if ((key === 'x' || key === 'y') && axis(text) >= 0) state[key] = axis(text);
    const v = axis(key) >= 0 ? data.axes[axis(key)].values.indexOf(text) : -1;
    if (v >= 0) state.fixed[axis(key)] = v;
  }
}
function writeView() {
  const view = new URLSearchParams({
    metric: state.metric,
    deps: state.deps,
    area: state.area,
    vary: data.axes[state.axis].key,
    x: data.axes[state.x].key,
    y: data.axes[state.y].key,
    trace: data.traces[state.focus].name,
  });
  data.axes.forEach((a, i) => {
    if (a.values[state.fixed[i]] !== undefined) view.set(a.key, a.values[state.fixed[i]]);
  });
  data.traces.forEach((t, i) => {
    if (!state.traces[i]) view.append('without', t.name);
  });
  return `#${view}`;
}

// The points of the varied axis, the others as fixed: [{point, text}].
function series(axis = state.axis) {
  return data.axes[axis].values
    .map((text, v) => {
      const values = [...state.fixed];
      values[axis] = v;
      return {
        point: pointAt(values),
        text: data.axes[axis].key === 'machine' ? text : `${data.axes[axis].key} = ${text}`,
        v,
      };
    })
    .filter((s) => s.point !== undefined);
}

// Traces that are ticked; those among them that exercise all of these axes, and so speak in means.
const ticked = () => data.traces.map((_, t) => t).filter((t) => state.traces[t]);
const speaks = (t, axes) => axes.every((a) => data.traces[t].exercised[a]);
const voices = (axes) => ticked().filter((t) => speaks(t, axes));

const value = (p, t, d, metric = state.metric) => rowOf(p, t, d)?.m[metricIndex[metric]] ?? null;
const against = (p, t, d, metric = state.metric) => rowOf(p, t, d)?.r[metricIndex[metric]] ?? null;
const FEW = 1000; // events below which a ratio is hollow and in no mean

// The metric of a point over traces: ratios of cycles to the baseline's by geometric mean, all else arithmetically.
function mean(p, d, axes, metric = state.metric) {
  const ratio = data.metrics[metricIndex[metric]].ratio;
  let sum = 0;
  let n = 0;
  for (const t of voices(axes)) {
    const m = ratio ? against(p, t, d, metric) : value(p, t, d, metric);
    if (!m || (ratio && m[2] < FEW)) continue;
    sum += ratio ? Math.log(m[0]) : m[0];
    n++;
  }
  if (!n) return null;
  return ratio ? Math.exp(sum / n) : sum / n;
}

// The same against the baseline, for bars.
function meanRatio(p, d, axes) {
  const metric = data.metrics[metricIndex[state.metric]];
  const a = mean(p, d, axes);
  if (metric.ratio || a === null) return a;
  const b = mean(0, d, axes);
  return b > 0 ? a / b : null;
}

const digits = (x, n = 3) => (x === null || x === undefined ? '' : Number(x.toPrecision(n)).toString());
const thousands = (n) =>
  Math.round(n)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, '\u202f');
