// SPDX-License-Identifier: Apache-2.0
// The page around the figures: facts, conclusions, filters, table, provenance, and figures as files.
'use strict';
const $ = (id) => document.getElementById(id);
function el(tag, attributes = {}, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) k in e && k !== 'list' ? (e[k] = v) : e.setAttribute(k, v);
  e.append(...children);
  return e;
}

// ---- Words -----------------------------------------------------------------------------------------------------
const silent = () => data.traces.filter((t) => !t.counts).map((t) => t.short);
function captionText() {
  const s = data.study;
  const quiet = silent();
  return (
    `Baseline: ${data.points[0].label} of ${s.base}. Warm-up: the first ${s.warmup} % of the records, run and not measured. ` +
    `${s.intervals} intervals; 95 % intervals by batch means. Seeds: ${s.seeds}. Method: ${s.method}. Program: pagewalk ${s.program}. ` +
    `mem.model = ${data.points[0].knobs['mem.model']}. Sample: ${s.sample}. ` +
    (quiet.length
      ? `Not exercised, and in no mean: ${quiet.join(', ')} (fewer than twice the pages that the largest swept structure maps). `
      : '') +
    (s.missing ? `Incomplete: ${s.missing} rows have no result yet. ` : '')
  );
}
function writeHead() {
  const accesses = data.traces.reduce((n, t) => n + t.accesses, 0);
  $('title').textContent = data.study.title;
  $('question').textContent = data.study.question;
  const facts = [
    ['points', data.points.length],
    ['traces', data.traces.length],
    ['accesses a point', thousands(accesses)],
    ['rows', data.rows.length],
    ['warm-up', `${data.study.warmup} %`],
    ['seeds', data.study.seeds],
    ['program', data.study.program],
  ];
  $('facts').append(...facts.map(([k, v]) => el('div', {}, el('dt', {}, k), el('dd', {}, String(v)))));
  $('conclusions')
    .querySelector('ol')
    .append(
      ...data.conclusions.map((c) =>
        el(
          'li',
          {},
          el('p', {}, c.text.replace(/\d{5,}/g, thousands)),
          el(
            'details',
            {},
            el('summary', {}, 'rule and numbers'),
            el('div', {}, c.rule + '. '),
            el(
              'div',
              {},
              el(
                'code',
                {},
                Object.entries(c.numbers)
                  .map(([k, v]) => `${k}: ${typeof v === 'number' ? digits(v, 5) : v}`)
                  .join('; '),
              ),
            ),
          ),
        ),
      ),
    );
  if (!data.conclusions.length) $('conclusions').hidden = true;
}
// Where gates are from: each synthesized configuration, what the law says of it, and what without it.
function lawDetails() {
  const cells = (tag, list) => el('tr', {}, ...list.map((c) => el(tag, {}, String(c))));
  const percent = (off, is) => (off === null ? '' : `${digits((100 * off) / is, 2)} %`);
  return el(
    'details',
    {},
    el('summary', {}, 'Gates: what was synthesized, and the law fitted to it'),
    el('p', {}, gatesFrom()),
    el(
      'table',
      { className: 'small' },
      cells('th', ['configuration', 'commit', 'flip-flops', 'kGE', 'the law', 'off by', 'left out, off by']),
      ...data.law.known.map((k) =>
        cells('td', [
          k.name,
          k.revision,
          thousands(k.is[1]),
          digits(k.is[0] / 1000, 4),
          k.fit[0] === null ? '' : digits(k.fit[0] / 1000, 4),
          k.fit[0] === null ? '' : percent(k.fit[0] - k.is[0], k.is[0]),
          percent(k.left_out[0], k.is[0]),
        ]),
      ),
    ),
    el(
      'ul',
      {},
      ...data.law.terms.map((t) =>
        el('li', {}, `${t.sentence}: ${digits(t.factor[0], 4)} gates and ${digits(t.factor[1], 4)} flip-flops each`),
      ),
    ),
  );
}
function writeSources() {
  const box = $('sources');
  $('caption').textContent = captionText();
  for (const [name, p] of Object.entries(data.presets)) {
    box.append(
      el(
        'details',
        {},
        el('summary', {}, `${name}: the geometry of a machine on this microarchitecture, not that machine`),
        el('ul', {}, ...p.knobs.map(([k, v, source]) => el('li', {}, `${k} = ${v}: ${source}`))),
        el('p', {}, 'The machine has, and the preset lacks:'),
        el('ul', {}, ...p.lacks.map((l) => el('li', {}, l))),
      ),
    );
  }
  box.append(
    ...(data.law ? [lawDetails()] : []),
    el('details', {}, el('summary', {}, 'The study file'), el('pre', {}, data.study.file)),
    el(
      'details',
      {},
      el('summary', {}, 'Traces'),
      el(
        'ul',
        {},
        ...data.traces.map((t) =>
          el('li', {}, `${t.name}: ${thousands(t.accesses)} accesses, ${thousands(t.pages)} pages, hash ${t.hash}`),
        ),
      ),
    ),
    el(
      'details',
      {},
      el('summary', {}, 'The baseline, every knob'),
      el(
        'pre',
        {},
        Object.entries(data.points[0].knobs)
          .map(([k, v]) => `${k} = ${v}`)
          .join('\n'),
      ),
    ),
  );
}

// ---- Filters ---------------------------------------------------------------------------------------------------
function choice(name, options, current, set) {
  const s = el('select', { name });
  s.append(...options.map(([v, text]) => el('option', { value: v, selected: String(v) === String(current) }, text)));
  s.addEventListener('change', () => {
    set(s.value);
    change();
  });
  return el('label', {}, name, s);
}
function change() {
  history.replaceState(null, '', writeView());
  draw();
}
function writeFilters() {
  const axes = data.axes.map((a, i) => [i, a.key]);
  const form = $('filters');
  form.append(
    choice(
      'metric',
      data.metrics.map((m) => [m.key, m.label]),
      state.metric,
      (v) => {
        state.metric = v;
      },
    ),
    choice(
      'core.deps',
      allDeps.map((d) => [d, d]),
      state.deps,
      (v) => {
        state.deps = v;
      },
    ),
    ...(hasGates
      ? [
          choice(
            'area axis',
            Object.entries(AREAS).map(([k, a]) => [k, a.name]),
            state.area,
            (v) => {
              state.area = v;
            },
          ),
        ]
      : []),
    choice('vary', axes, state.axis, (v) => {
      state.axis = +v;
    }),
    choice(
      'trace in focus',
      data.traces.map((t, i) => [i, t.short]),
      state.focus,
      (v) => {
        state.focus = +v;
      },
    ),
  );
  if (axes.length > 1)
    form.append(
      choice('heatmap', axes, state.y, (v) => {
        state.y = +v;
      }),
      choice('×', axes, state.x, (v) => {
        state.x = +v;
      }),
    );
  data.axes.forEach((a, i) =>
    form.append(
      choice(
        a.key,
        a.values.map((t, v) => [v, t]),
        state.fixed[i],
        (v) => {
          state.fixed[i] = +v;
        },
      ),
    ),
  );
  const traces = el('fieldset');
  data.traces.forEach((t, i) => {
    const box = el('input', { type: 'checkbox', checked: state.traces[i] });
    box.addEventListener('change', () => {
      state.traces[i] = box.checked;
      change();
    });
    traces.append(el('label', { title: t.name }, box, t.short));
  });
  form.append(traces);
}

// ---- Figures ---------------------------------------------------------------------------------------------------
const charts = new Map();
function save(name, type, text) {
  const a = el('a', {
    href: type.startsWith('data:') ? type : URL.createObjectURL(new Blob([text], { type })),
    download: `${data.study.name}-${name}`,
  });
  a.click();
}
const csv = (rows) =>
  rows
    .map((r) =>
      r
        .map((c) =>
          c === null || c === undefined ? '' : /[",\n]/.test(String(c)) ? `"${String(c).replace(/"/g, '""')}"` : c,
        )
        .join(),
    )
    .join('\n') + '\n';
// The figure once more with its caption in it, so that a file on its own says what it shows.
function picture(f, renderer) {
  const box = el('div', { style: `position:absolute;left:-9999px;width:${f.wide ? 1100 : 620}px;height:460px` });
  document.body.append(box);
  const c = echarts.init(box, null, { renderer });
  const o = f.option();
  const grid = { ...o.grid, top: o.grid.top + 58 };
  c.setOption({
    ...o,
    backgroundColor: css('--card'),
    grid,
    legend: { ...o.legend, top: 54 },
    title: {
      text: f.title(),
      subtext: f.sub(),
      left: 0,
      top: 0,
      textStyle: { color: css('--ink'), fontSize: 15 },
      subtextStyle: { color: css('--soft'), fontSize: 11.5 },
    },
  });
  const out = renderer === 'svg' ? c.renderToSVGString() : c.getDataURL({ pixelRatio: 2 });
  setTimeout(() => {
    c.dispose(); // the library may still have a frame to draw
    box.remove();
  }, 1000);
  return out;
}
function writeFigures() {
  for (const f of figures) {
    const tool = (name, act) => {
      const b = el('button', { type: 'button' }, name);
      b.addEventListener('click', act);
      return b;
    };
    const parts = {
      title: el('h3'),
      sub: el('p', { className: 'sub' }),
      caption: el('figcaption'),
      chart: el('div', { className: 'chart', id: `chart-${f.id}` }),
    };
    $('figures').append(
      el(
        'figure',
        { className: f.wide ? 'wide' : '' },
        el(
          'div',
          { className: 'tools' },
          tool('SVG', () => save(`${f.id}.svg`, 'image/svg+xml', picture(f, 'svg'))),
          tool('PNG', () => save(`${f.id}.png`, picture(f, 'canvas'))),
          tool('CSV', () => save(`${f.id}.csv`, 'text/csv', csv(f.rows()))),
        ),
        parts.title,
        parts.sub,
        parts.chart,
        parts.caption,
      ),
    );
    charts.set(f.id, { f, parts, chart: echarts.init(parts.chart, null, { renderer: 'svg' }) });
  }
  addEventListener('resize', () => charts.forEach((c) => c.chart.resize()));
  addEventListener('beforeprint', () => charts.forEach((c) => c.chart.resize()));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
}
function draw() {
  const shown = {};
  for (const [id, { f, parts, chart }] of charts) {
    parts.title.textContent = f.title();
    parts.sub.textContent = f.sub();
    parts.caption.textContent = f.caption();
    const drawn = f.rows().length > 1 && f.rows().some((r, i) => i && r.some((c) => typeof c === 'number'));
    chart.setOption(drawn ? f.option() : empty('nothing to draw: not exercised, or not run'), true);
    shown[id] = (chart.getOption().series ?? []).map((s) => ({ name: s.name, data: s.data })); // what the library was given
  }
  shown.state = { ...state, traces: ticked() };
  $('shown').textContent = JSON.stringify(shown);
  writeTable();
}

// ---- Table -----------------------------------------------------------------------------------------------------
const columns = () => [
  ...new Set([
    ...(state.metric === 'overhead' ? [] : [state.metric]),
    'cycles_per_access',
    'l2_mpka',
    'l1d_mpka',
    'reads_per_walk',
    'walk_latency',
    'os_cycles_per_access',
  ]),
];
// A gate that was not synthesized is not known to four digits.
const gatesCell = (g) =>
  g ? [`${{ synthesized: '', fit: '≈ ', extrapolated: '≈? ' }[g.method]}${digits(g.gates / 1000, 4)}`, g.gates] : ['', -1];
const sorted = { column: null, up: true };
function verdict(r) {
  const m = r.r[metricIndex.cycles_per_access];
  if (!m || r.p === 0) return ['', ''];
  if (Math.abs(m[0] - 1) <= m[1]) return ['none found', 0];
  return [`${m[0] > 1 ? '+' : '−'}${digits(100 * Math.abs(m[0] - 1))} % ± ${digits(100 * m[1], 2)}`, m[0] - 1];
}
function tableRows() {
  return data.rows
    .filter((r) => state.traces[r.t] && r.d === state.deps)
    .map((r) => {
      const v = verdict(r);
      return {
        r,
        cells: [
          [data.points[r.p].label, data.points[r.p].label],
          [data.traces[r.t].short, data.traces[r.t].short],
          [thousands(data.points[r.p].bits), data.points[r.p].bits],
          ...(hasGates ? [gatesCell(data.points[r.p].gates)] : []),
          ...allDeps.map((d) => {
            const m = value(r.p, r.t, d, 'overhead');
            return m ? [`${digits(m[0], 4)} ± ${digits(m[1], 2)}`, m[0]] : ['', -Infinity];
          }),
          ...columns().map((k) => {
            const m = r.m[metricIndex[k]];
            return m ? [`${digits(m[0], 4)} ± ${digits(m[1], 2)}`, m[0]] : ['', -Infinity];
          }),
          v,
        ],
      };
    });
}
function writeTable() {
  const heads = [
    'point',
    'trace',
    'bits',
    ...(hasGates ? ['kGE'] : []),
    ...allDeps.map((d) => `overhead %, ${d}`),
    ...columns().map((k) => data.metrics[metricIndex[k]].label),
    'cycles against the baseline',
  ];
  const rows = tableRows();
  if (sorted.column !== null) {
    const key = (x) => x.cells[sorted.column][1];
    rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0) * (sorted.up ? 1 : -1));
  }
  $('table').tHead.replaceChildren(
    el(
      'tr',
      {},
      ...heads.map((h, i) => {
        const th = el('th', { scope: 'col' }, h);
        if (i === sorted.column) th.setAttribute('aria-sort', sorted.up ? 'ascending' : 'descending');
        th.addEventListener('click', () => {
          sorted.up = sorted.column === i ? !sorted.up : true;
          sorted.column = i;
          writeTable();
        });
        return th;
      }),
    ),
  );
  $('table').tBodies[0].replaceChildren(
    ...rows.map(({ r, cells }) =>
      el('tr', { className: r.p === 0 ? 'base' : '' }, ...cells.map(([text]) => el('td', {}, text))),
    ),
  );
}

state.axis = axisOfMost();
state.focus = mostMoved();
readView(location.hash);
writeHead();
writeFilters();
writeFigures();
draw();
writeSources();
$('table-csv').addEventListener('click', () =>
  save(
    'rows.csv',
    'text/csv',
    csv([
      ['point', 'trace', 'bits', ...(hasGates ? ['gates'] : []), ...allDeps.map((d) => `overhead, ${d}`), ...columns(), 'cycles against the baseline'],
      ...tableRows().map(({ cells }) => cells.map((c) => c[1])),
    ]),
  ),
);
