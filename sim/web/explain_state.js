/* What is known at a step: all steps before it, folded. Nothing is decided here that the run did not say. */
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const steps = data.steps;
const failing = { 'VM-3.1': 'v', 'VM-3.2': 'w', 'VM-6.1': 'u', 'VM-6.2': 'u', 'VM-6.4': 'u', 'VM-8.1': 'x', 'VM-8.2': 'r',
  'VM-8.4': 'w', 'VM-9.1': 'a', 'VM-9.2': 'd', 'VM-4.1': 'a', 'VM-4.2': 'd', 'VM-4.3': 'u' };

function fresh() {
  return { attempt: 1, page: 1, tlb: {}, fills: [], table: {}, frames: [], others: [], fences: [], pwc: null, level: null };
}

/* A new attempt: what was looked up and read is past, what the kernel half stored is still known. */
function again(s, step) {
  for (const t of Object.values(s.table)) { t.read = false; t.fails = null; }
  Object.assign(s, { attempt: step.attempt, page: step.page, tlb: {}, fills: [], pwc: null, level: null, answer: null,
    check: null, wait: null, past: s.kernel });
}

function table(s, level) {
  return (s.table[level] ??= { level, at: null, pte: null });
}

function frame(s, page, when) {
  if (!page.frame) return;
  const known = s.frames.find((f) => f.frame === page.frame);
  const f = { frame: page.frame, page: page.page, mapped: page.mapped, huge: page.huge, when, bytes: known?.bytes };
  s.frames = s.frames.filter((o) => o.frame !== page.frame).map((o) => ({ ...o, when: o.when && 'before' })).concat(f).slice(-2);
}

const apply = {
  vma(s, e) { s.vma = e; },
  request(s, e) {
    if (s.request && (e.attempt !== s.attempt || e.page !== s.page)) again(s, e);
    s.request = e;
  },
  lookup(s, e) { s.tlb[e.tlb] = e; },
  wait(s, e) { s.wait = e; },
  start(s, e) { s.pwc = e; s.level = e.level; },
  read(s, e) { Object.assign(table(s, e.level), { at: e.at, asked: true, read: false }); s.level = e.level; },
  pte(s, e) { Object.assign(table(s, e.level), { at: e.at, pte: e.pte, read: true, asked: false }); s.level = e.level; },
  update(s, e) { Object.assign(table(s, e.level), { at: e.at, pte: e.to, read: true, writer: 'walker' }); },
  updated() {},
  fill(s, e) { s.fills.push(e); },
  answer(s, e) {
    s.answer = e;
    if (e.cause === 'none' && e.size !== 'none') s.hit = e;
  },
  check(s, e) {
    s.check = e;
    const place = e.source === 'l1' || e.source === 'l2' ? Object.values(s.tlb).find((t) => t.hit) : s.table[s.level];
    if (place) place.fails = failing[e.tag];
  },
  kill(s, e) { s.kill = e; },
  fault(s, e) { s.fault = e; },
  kernel(s, e) { s.kernel = e; s.others = []; s.fences = []; frame(s, e.before, 'before'); frame(s, e.after, 'after'); },
  store(s, e) {
    if (e.level === null) s.others.push(e);
    else Object.assign(table(s, e.level), { at: e.at, pte: e.to, read: true, fails: null, writer: 'kernel half' });
  },
  fence(s, e) { s.fences.push(e); },
  value(s, e) {
    const ppn = '0x' + (BigInt(e.pa) >> 12n).toString(16);
    const f = s.frames.find((o) => o.frame === ppn) ?? { frame: ppn };
    f.bytes = e;
    if (!s.frames.includes(f)) s.frames = s.frames.concat(f).slice(-2);
    s.value = e;
  },
  signal(s, e) { s.signal = e; },
};

/* The state when step n (from 1) has just happened. */
function stateAt(n) {
  const s = fresh();
  for (const e of steps.slice(0, n)) apply[e.kind](s, structuredClone(e));
  s.now = steps[n - 1];
  return s;
}
