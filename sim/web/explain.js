/* One step after the other: buttons, keys, a slider, a link to each step (#7). */
'use strict';
const $ = (id) => document.getElementById(id);
const colors = { check: 'bad', fault: 'bad', signal: 'bad', kernel: 'kernel', store: 'kernel' };
let current = 1, timer = null;

function tone(e) {
  if (e.kind === 'answer') return e.cause === 'none' ? 'good' : 'bad';
  return e.kind === 'lookup' && e.hit ? 'good' : colors[e.kind] ?? '';
}

function show(n) {
  current = Math.max(1, Math.min(steps.length, n));
  const e = steps[current - 1];
  $('stage').innerHTML = draw(stateAt(current));
  $('caption').innerHTML = e.text.map((t, i) => `<p class="${i ? (/\bD\d A\d G\d/.test(t) ? 'bits' : '') : `head ${tone(e)}`}">${esc(t)}</p>`).join('');
  $('at').value = current;
  $('count').textContent = `step ${current} of ${steps.length}, cycle ${e.cycle}`;
  for (const b of document.querySelectorAll('#steps button')) {
    const at = Number(b.dataset.step);
    b.classList.toggle('later', at > current);
    if (at === current) b.setAttribute('aria-current', 'step');
    else b.removeAttribute('aria-current');
  }
  const b = document.querySelector('#steps [aria-current]'), list = $('steps');
  if (b.offsetTop < list.scrollTop || b.offsetTop > list.scrollTop + list.clientHeight - 60) list.scrollTop = b.offsetTop - 80;
  history.replaceState(null, '', `#${current}`);
}

function stop() {
  clearInterval(timer);
  timer = null;
  $('play').textContent = 'play';
}

function play() {
  if (timer) return stop();
  if (current === steps.length) show(1);
  timer = setInterval(() => (current < steps.length ? show(current + 1) : stop()), 1800);
  $('play').textContent = 'pause';
}

const go = { first: () => show(1), back: () => show(current - 1), next: () => show(current + 1), last: () => show(steps.length) };
for (const [id, act] of Object.entries(go)) $(id).addEventListener('click', () => { stop(); act(); });
$('play').addEventListener('click', play);
$('at').addEventListener('input', () => { stop(); show(Number($('at').value)); });
addEventListener('hashchange', () => show(Number(location.hash.slice(1)) || 1));
addEventListener('keydown', (e) => {
  const keys = { ArrowRight: go.next, ArrowLeft: go.back, PageDown: go.next, PageUp: go.back, Home: go.first, End: go.last };
  if (e.altKey || e.ctrlKey || e.metaKey) return;
  if (e.key === ' ') { e.preventDefault(); play(); }
  if (keys[e.key]) { e.preventDefault(); stop(); keys[e.key](); }
});

const label = (e) => ({ lookup: `${e.tlb} ${e.hit ? 'hit' : 'miss'}`, read: `read level ${e.level}`, pte: `PTE level ${e.level}`, wait: e.why,
  fill: `fill ${e.unit}`, kernel: e.did, store: e.level === null ? 'store beside it' : `store PTE level ${e.level}`, fence: e.op,
  value: e.stored ? 'bytes stored' : 'bytes loaded' })[e.kind] ?? e.kind;
$('about').textContent = `${data.trace}, record ${data.record}: ${data.text}; process ${data.pid}, ${data.engine}, configuration ${data.config.name}`;
$('chain').innerHTML = (data.chain ?? []).map((l) => `<dt>${esc(l.link)}</dt><dd>${esc((l.record ? `record ${l.record}: ` : '') + l.text)}</dd>`).join('');
$('at').max = steps.length;
let list = '', attempt = 0;
for (const e of steps) {
  if (e.attempt !== attempt) list += `<li class="attempt">attempt ${e.attempt}</li>`;
  attempt = e.attempt;
  list += `<li><button type="button" data-step="${e.step}"><i>${e.cycle}</i>${esc(label(e))}</button></li>`;
}
$('steps').innerHTML = list;
$('steps').addEventListener('click', (e) => {
  const b = e.target.closest('button');
  if (b) { stop(); show(Number(b.dataset.step)); }
});
document.querySelector('#text tbody').innerHTML = steps.map((e) => `<tr><td>${e.cycle}</td><td>${esc(e.kind)}</td><td>${
  e.text.map((t) => `<div>${esc(t)}</div>`).join('')}</td></tr>`).join('');
$('made').textContent = `pagewalk explain --at ${data.record} ${data.trace}; configuration ${data.config.hash}. Numbers are those of the run.`;
show(Number(location.hash.slice(1)) || 1);
