/* The stage: address, mapping, TLBs, page tables, frames, kernel half. Drawn anew for each step from its state; what
 * the step itself changed has class `now`. */
'use strict';
const esc = (t) => String(t).replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]);
const text = (x, y, t, cls = '') => `<text x="${x}" y="${y}" class="${cls}">${esc(t)}</text>`;
const box = (x, y, w, h, cls = 'box') => `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="7" class="${cls}"/>`;
const group = (cls, body, attributes = '') => `<g class="${cls}" ${attributes}>${body}</g>`;
const kB = (n) => `${n} byte${n === 1 ? '' : 's'}`;
const rv32 = data.config.xlen === 32;
const rootLevel = () => Math.max(...steps.filter((e) => e.kind === 'request').map((e) => e.vpn.length), 1) - 1;
const hexBytes = (t, gap) => t.slice(0, 16).match(/../g).join(gap) + (t.length > 16 ? ' ...' : '');

/* The bits of a PTE: D A G U X W R V, what is set filled, what fails red; below, what else it holds. */
function bits(pte, x, y, w, fails) {
  const names = ['d', 'a', 'g', 'u', 'x', 'w', 'r', 'v'], cell = w / 8;
  const chips = names.map((b, i) => {
    const cls = b === fails ? 'bit fails' : pte[b] ? 'bit one' : 'bit';
    const name = `${b.toUpperCase()}${pte[b]}`;
    return box(x + i * cell + 1, y, cell - 2, 24, cls) + text(x + (i + .5) * cell, y + 17, name, b === fails ? 'c m fails' : 'c m');
  });
  const high = (rv32 ? '' : `N${pte.n} PBMT ${pte.pbmt}`) + (pte.rsw ? ` RSW ${pte.rsw}` : ''), narrow = w < 200;
  const rest = narrow ? text(x + 2, y + 55, high, 'm') : '';
  return group('pte', chips.join('') + text(x + 2, y + 40, `PPN ${pte.ppn}${narrow ? '' : ` ${high}`}`, 'm') + rest,
    `data-pte="${pte.value}" data-fails="${fails ?? ''}"`);
}

/* ---- The address, satp, the mapping */
function address(s) {
  const r = s.request, fields = r ? [...r.vpn].reverse() : [], x0 = 20, w = Math.min(120, 600 / (fields.length + 1));
  let out = text(x0, 26, 'virtual address', 's') + text(x0 + 105, 26, data.va, 'm');
  fields.forEach((v, i) => {
    const level = fields.length - 1 - i;
    const now = s.now.level === level && ['read', 'pte', 'start'].includes(s.now.kind);
    out += group(now ? 'now' : '', box(x0 + i * w, 34, w, 44) + text(x0 + (i + .5) * w, 51, `VPN[${level}]`, 'c s') +
      text(x0 + (i + .5) * w, 70, v, 'c m'));
  });
  const x = x0 + fields.length * w;
  const offset = BigInt(r?.va ?? data.va) & 0xfffn;
  out += box(x, 34, w, 44) + text(x + w / 2, 51, 'offset', 'c s') + text(x + w / 2, 70, '0x' + offset.toString(16).padStart(3, '0'), 'c m');
  if (r) {
    out += group(s.now.kind === 'request' ? 'now' : '', box(770, 34, 410, 44) +
      text(785, 51, `${data.access} of ${kB(r.bytes)}, ${r.port} port, ${data.kernel ? 'S-mode, SUM' : 'U-mode'}`, 't') +
      text(785, 70, `satp ${r.mode}  ASID ${r.asid}  root ${r.root}`, 'm')) + text(770, 26, `attempt ${s.attempt}` +
      (s.page > 1 ? `, page ${s.page} of the access` : ''), 't');
  }
  return out;
}

function mapping(s) {
  const v = s.vma;
  if (!v) return '';
  const needs = { load: 'r', store: 'w', amo: 'w', fetch: 'x' }[data.access];
  let out = box(20, 110, 330, 104) + text(34, 132, 'VMA', 't');
  if (!v.there) return group(s.now.kind === 'vma' ? 'now vma' : 'vma', out + text(34, 166, 'none: nothing is mapped there', 'bad'));
  out += text(80, 132, v.range, 'm') + text(34, 158, 'permits', 's');
  [...v.perm].forEach((p, i) => {
    const on = p !== '-', bad = i < 3 && 'rwx'[i] === needs && !on;
    out += box(92 + i * 30, 142, 26, 24, bad ? 'bit fails' : on ? 'bit one' : 'bit') + text(105 + i * 30, 159, p, bad ? 'c m fails' : 'c m');
  });
  out += text(226, 159, v.class, 's') + text(34, 186, v.name || 'no file', 's') + (v.name ? text(34, 204, `offset ${v.offset}`, 's') : '');
  return group(s.now.kind === 'vma' ? 'now vma' : 'vma', out, `data-vma="${v.range} ${v.perm}"`);
}

/* ---- TLBs */
const beside = ['share', 'hold', 'deny']; // waits of a walk; the others are told with the L2 TLB
const joining = { merge: 'joins the walk', line: 'a kept line of PTEs answers', line_wait: 'waits for its line of PTEs', rides: 'rides on a fetch' };

function tlb(s, name, title, x) {
  const l = s.tlb[name], fill = s.fills.find((f) => f.unit === name), joins = s.wait && !beside.includes(s.wait.why) && name[1] === '2';
  const now = (s.now.kind === 'lookup' && s.now.tlb === name) || (s.now.kind === 'fill' && s.now.unit === name) ||
    (s.now.kind === 'wait' && joins);
  let out = box(x, 110, 262, 104) + text(x + 12, 132, title, 't');
  if (l) {
    const way = l.way === undefined ? '' : ` way ${l.way}`;
    out += text(x + 250, 132, l.hit ? 'hit' : 'miss', l.hit ? 'e hit' : 'e miss');
    out += text(x + 12, 152, `${l.large ? 'large pages' : `set ${l.set}`}${way}${l.by ? `, filled by record ${l.by}` : ''}`, 's');
    if (l.pte) out += bits(l.pte, x + 10, 159, 242, l.fails);
  }
  if (joins) out += text(x + 12, 174, joining[s.wait.why] + (s.wait.by ? ` of record ${s.wait.by}` : ''), 'miss');
  if (fill) out += text(x + 12, 196, `filled: ${fill.large ? 'large pages' : `set ${fill.set}`}, way ${fill.way}`, 'hit');
  if (s.now.kind === 'fence') out += text(x + 12, 178, `${s.now.op} passes`, 'kernel');
  return group(`${now ? 'now ' : ''}${l || fill || s.now.kind === 'fence' ? '' : 'idle '}tlb`, out,
    `data-tlb="${name}" data-hit="${l ? l.hit : ''}"`);
}

function walkCaches(s) {
  const now = s.now.kind === 'start' || (s.now.kind === 'fill' && s.now.unit === 'pwc');
  let out = box(918, 110, 262, 104) + text(930, 132, 'page-walk caches', 't');
  if (s.pwc) {
    const root = s.pwc.level === s.pwc.root;
    out += text(1168, 132, root ? 'none helps' : 'hit', root ? 'e miss' : 'e hit');
    out += text(930, 154, root ? 'the walk begins at the root' : `a pointer of level ${s.pwc.level + 1} is cached:`, 's') +
      text(930, 172, root ? '' : `the walk begins at level ${s.pwc.level}`, 's');
  }
  const fills = s.fills.filter((f) => f.unit === 'pwc');
  if (fills.length) out += text(930, 198, `filled: ${fills.map((f) => `level ${f.level}`).join(', ')}`, 'hit');
  return group(`${now ? 'now ' : ''}${s.pwc ? '' : 'idle '}pwc`, out);
}

/* ---- Page tables and frames */
function columns() {
  const levels = rootLevel() + 1, w = 1160 / (levels + 1);
  return { levels, w, x: (level) => 20 + (rootLevel() - level) * w, frame: 20 + levels * w };
}

function pageTable(s, level, c) {
  const t = s.table[level], x = c.x(level), w = c.w - 26;
  const waits = s.now.kind === 'wait' && beside.includes(s.now.why) && s.level === level;
  const now = waits || (s.now.level === level && ['read', 'pte', 'update', 'updated', 'store'].includes(s.now.kind));
  const skipped = s.pwc && level > s.pwc.level && !t?.read;
  let out = box(x, 244, w, 190) + text(x + 12, 264, `level ${level}${w < 200 ? '' : ' table'}`, 't');
  if (!t) {
    if (waits) return group('now table', out + text(x + 12, 290, s.now.why, 'miss'), `data-level="${level}"`);
    out += text(x + 12, 290, skipped ? 'not read: its pointer is cached' : '', 's');
    return group(`idle table`, out, `data-level="${level}"`);
  }
  const bytes = rv32 ? 4n : 8n, base = BigInt(t.at) & ~0xfffn, index = (BigInt(t.at) & 0xfffn) / bytes;
  out += text(x + w - 10, 264, '0x' + base.toString(16), 'e m') + text(x + 12, 286, '⋮', 's') +
    box(x + 6, 292, w - 12, 104, 'slot') + text(x + 14, 310, `PTE ${index}`, 's') + text(x + w - 14, 310, t.pte ? t.pte.value : '?', 'e m');
  if (t.pte) out += bits(t.pte, x + 8, 318, w - 16, t.fails);
  if (t.pte) out += text(x + 14, 390, means(t.pte, level), t.pte.v ? 's' : 'bad');
  if (t.asked) out += text(x + 14, 420, 'read is under way', 'miss');
  else if (t.writer && t.pte) out += text(x + 14, 420, `by the ${t.writer}`, t.writer === 'walker' ? 'hit' : 'kernel');
  else out += text(x + 12, 414, '⋮', 's');
  return group(`${now ? 'now ' : ''}${t.read || t.asked ? '' : 'idle '}table`, out, `data-level="${level}" data-at="${t.at}"`);
}

function means(pte, level) {
  if (!pte.v) return pte.value === '0x0' ? 'not valid' : 'not valid: the kernel half\'s note';
  return pte.r || pte.x ? `leaf: ${['4 KiB', rv32 ? '4 MiB' : '2 MiB', '1 GiB', '512 GiB', '256 TiB'][level]} page` : 'pointer to a table';
}

/* From a PTE to what it points to. */
function arrows(s, c) {
  let out = '';
  const line = (x1, y1, x2, y2, on) => `<path d="M${x1} ${y1} C ${x1 + 20} ${y1}, ${x2 - 22} ${y2}, ${x2 - 3} ${y2}" class="way ${on ? 'on now' : ''}"/>`;
  for (let level = rootLevel(); level >= 0; level--) {
    const t = s.table[level];
    if (!t?.pte?.v || !t.read) continue;
    const on = s.now.level === level && s.now.kind === 'pte', leaf = t.pte.r || t.pte.x, x = c.x(level) + c.w - 26;
    if (!leaf) { out += line(x, 338, c.x(level - 1), 258, on); continue; }
    const i = s.frames.findIndex((f) => BigInt(f.frame) >> BigInt((rv32 ? 10 : 9) * level) === BigInt(t.pte.ppn) >> BigInt((rv32 ? 10 : 9) * level));
    if (i >= 0) out += line(x, 338, c.frame, 262 + i * 98, on || s.now.kind === 'answer');
  }
  return out;
}

function frames(s, c) {
  const w = c.w - 4, word = { zero: 'the zero page', anonymous: 'anonymous', cache: 'of the page cache' };
  return s.frames.map((f, i) => {
    const now = (s.now.kind === 'kernel' && f.when === 'after') || (s.now.kind === 'value' && f.bytes);
    const y = 244 + i * 98, b = f.bytes;
    let out = box(c.frame, y, w, 92) + text(c.frame + 12, y + 20, `frame ${f.frame}`, 't');
    const then = f.when === 'before' ? 'before: ' : '';
    if (f.page) out += text(c.frame + 12, y + 40, then + word[f.page] + (f.huge ? ', of a 2 MiB page' : ''), 's');
    if (f.mapped) out += text(c.frame + 12, y + 57, `${then}mapped by ${f.mapped} PTE${f.mapped > 1 ? 's' : ''}`, 's');
    if (i && s.kernel?.did.startsWith('cow_') && s.frames[0].when === 'before') out += text(c.frame + w - 10, y + 20, '↑ its copy', 'e kernel');
    if (b) out += text(c.frame + 12, y + 80, hexBytes(b.stored ?? b.loaded, c.w < 220 ? '' : ' '), 'm');
    return group(`${now ? 'now ' : ''}frame`, out, `data-frame="${f.frame}"`);
  }).join('') + (s.kernel?.before.page === 'swap' ? text(c.frame + 12, 236, 'the page was in swap', 'kernel') : '');
}

/* ---- The kernel half */
function kernel(s) {
  const f = s.fault, k = s.kernel, a = s.answer, c = s.check;
  let out = box(20, 462, 350, 178) + text(34, 484, 'the MMU answers', 't');
  if (a) {
    out += a.cause === 'none' ? text(34, 510, `physical address ${a.pa}`, 'hit') + text(34, 530, `from ${a.source}, ${a.size} page, ${a.memory}`, 's') +
      text(34, 548, `after ${a.cycles} cycles`, 's') : text(34, 510, `${a.cause}: refused`, 'bad') + text(34, 530, `from ${a.source}, after ${a.cycles} cycles`, 's');
  }
  if (c) out += text(34, 556, c.tag ? `because of ${c.tag}` : 'a cache holds an older PTE', 'bad') + wrapped(34, 576, c.text[0].replace(/ \[.*/, ''), 46);
  if (s.value) out += text(34, 584, s.value.stored ? 'the store is done' : 'the load is done', 'hit');
  out = group(['answer', 'check', 'value'].includes(s.now.kind) ? 'now answer' : `${a ? '' : 'idle '}answer`, out, `data-cause="${a?.cause ?? ''}"`);
  const live = k || f;
  let half = box(390, 462, 790, 178) + text(404, 484, 'the kernel half', 't');
  if (f) half += text(404, 510, `exception ${f.cause}, tval ${f.tval}`, 'bad');
  if (k) {
    half += text(404, 538, `${k.did}${k.code ? ` ${k.code}` : ''}`, 'kernel') + text(404 + 10 * (k.did.length + (k.code?.length ?? 0)) + 24, 538,
      k.code ? '' : `${k.major ? 'major' : 'minor'}, ${k.cost} cycles`, 's');
    half += k.code ? wrapped(404, 560, k.text.slice(1).join(' '), 62) : text(404, 558, k.text[1] ?? '', 's');
    k.text.filter((t) => /^(before|after): /.test(t)).forEach((t, i) => { half += text(404, 580 + 18 * i, t, 's'); });
    if (s.others.length) half += text(404, 616, `and ${s.others.length} PTE${s.others.length > 1 ? 's' : ''} beside it: ` +
      s.others.slice(-1).map((o) => `${o.of ? `page ${o.of}` : o.at}`).join(''), 's');
    if (s.past) half += text(404, 634, 'done; the access begins anew', 's');
  }
  if (s.signal) half += text(404, 634, s.signal.text[0], 'bad');
  if (s.fences.length) half += text(1166, 510, 'then the hart', 'e s') + s.fences.map((e, i) => text(1166, 530 + 20 * i,
    `${e.op}${e.va ? ` va ${e.va}` : ''}${e.asid === undefined ? '' : ` asid ${e.asid}`}`, 'e m')).join('');
  return out + group(`${['fault', 'kernel', 'store', 'fence', 'signal', 'kill'].includes(s.now.kind) ? 'now ' : ''}${live ? '' : 'idle '}half`, half,
    `data-did="${k?.did ?? ''}"`);
}

function wrapped(x, y, t, columns) {
  const lines = [''];
  for (const word of t.split(' ')) {
    if ((lines.at(-1) + ' ' + word).length > columns) lines.push('');
    lines[lines.length - 1] += (lines.at(-1) ? ' ' : '') + word;
  }
  return lines.slice(0, 4).map((l, i) => text(x, y + 18 * i, l, 's')).join('');
}

function draw(s) {
  const c = columns(), l1 = data.access === 'fetch' ? 'l1i' : 'l1d', l2 = steps.some((e) => e.tlb === 'l2i') ? 'l2i' : 'l2';
  let out = `<defs>${['', '-on'].map((n) => `<marker id="tip${n}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
    <path d="M0 0 L8 4 L0 8 z" fill="var(${n ? '--accent' : '--soft'})"/></marker>`).join('')}</defs>`;
  out += address(s) + mapping(s) + tlb(s, l1, l1 === 'l1i' ? 'L1 instruction TLB' : 'L1 data TLB', 368) + tlb(s, l2, 'L2 TLB', 643) + walkCaches(s);
  for (let level = rootLevel(); level >= 0; level--) out += pageTable(s, level, c);
  return out + frames(s, c) + arrows(s, c) + kernel(s);
}
