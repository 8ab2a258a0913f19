#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The page of `pagewalk explain` in headless Chromium: it opens without a word on the console and needs no network, and
# what it draws at each step is what `run --trace` has of that record: every PTE with its bits, hits and misses, the
# cause, what the kernel half did. Steps go on by keys and buttons; dark, printed.
set -eu
cd "$(dirname "$0")/.."
PAGEWALK=$PWD/${PAGEWALK:-build/pagewalk}
OUT=$PWD/build/test-explain-page
rm -rf "$OUT"
mkdir -p "$OUT"
. testbench/tap.sh

chrome() { # OUT PAGE OPTION...; what the console says goes to $OUT/console
    out=$1 page=$2
    shift 2
    timeout 100 chromium --headless=new --no-sandbox --disable-gpu --user-data-dir="$OUT/profile" \
        --host-resolver-rules='MAP * ~NOTFOUND' --window-size=1480,980 --virtual-time-budget=9000 \
        --enable-logging=stderr "$@" "file://$page" >"$out" 2>"$OUT/log" || echo "chromium: exit $?" >>"$OUT/log"
    grep -E 'CONSOLE|chromium: exit' "$OUT/log" >"$OUT/console" || true
    cat "$OUT/console"
    [ ! -s "$OUT/console" ]
}

# One page for all cases: each case's own page in turn, read step by step by the words and bits that stand in its SVG.
cat >"$OUT/reader.js" <<'JS'
const seen = [];
const words = (g) => [...g.querySelectorAll('text')].map((t) => t.textContent);
for (let n = 1; n <= steps.length; n++) {
  if (n > 1) dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
  const e = steps[n - 1], stage = document.getElementById('stage');
  const at = document.querySelector('#steps [aria-current]').dataset.step;
  const table = e.level === undefined ? null : stage.querySelector(`.table[data-level="${e.level}"]`);
  const pte = table?.querySelector('.pte');
  const bits = pte ? [...pte.querySelectorAll('text.c')].map((t) => t.textContent).join(' ') : '';
  const ppn = pte ? /PPN (0x[0-9a-f]+)/.exec(words(pte).join(' '))?.[1] : '';
  const fails = [...stage.querySelectorAll('.pte text.fails')].map((t) => t.textContent).join(' ');
  const tlb = e.tlb ? words(stage.querySelector(`.tlb[data-tlb="${e.tlb}"]`)).join(' ') : '';
  seen.push([at, e.kind, e.cycle, bits, ppn, tlb, fails, words(stage.querySelector('.answer')).join(' '),
    words(stage.querySelector('.half')).join(' '), stage.querySelector('.now') ? 'now' : '',
    document.getElementById('caption').textContent].join('|'));
}
const back = [];
for (const id of ['first', 'next', 'last', 'back', 'play', 'play']) {
  document.getElementById(id).click();
  back.push(document.querySelector('#steps [aria-current]').dataset.step);
}
document.body.innerHTML = '<pre id="seen"></pre>';
document.getElementById('seen').textContent = `${seen.join('\n')}\nbuttons ${back.join(' ')} of ${steps.length}`;
JS

read_page() { # NAME: opens it with the reader; what it saw goes to NAME.seen
    sed 's,</body>,,; s,</html>,,' "$OUT/$1.html" >"$OUT/$1.read.html"
    { echo '<script>' && cat "$OUT/reader.js" && echo '</script></body></html>'; } >>"$OUT/$1.read.html"
    chrome "$OUT/$1.dom" "$OUT/$1.read.html" --dump-dom || return 1
    sed -n '/<pre id="seen">/,/<\/pre>/p' "$OUT/$1.dom" | sed 's/.*<pre id="seen">//; s,</pre>.*,,' |
        sed 's/&gt;/>/g; s/&lt;/</g; s/&amp;/\&/g' >"$OUT/$1.seen"
    [ -s "$OUT/$1.seen" ]
}

# D1 A1 G0 ... of a PTE, from the number that --trace prints.
bits_of() { awk '
    function value(hex,   i, v) { for (i = 3; i <= length(hex); i++)
        v = v * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1; return v }
    { low = value("0x" substr($1, length($1) > 4 ? length($1) - 1 : 3)); text = ""
      split("D A G U X W R V", name, " ")
      for (i = 1; i <= 8; i++) text = text (i > 1 ? " " : "") name[i] int(low / 2 ^ (8 - i)) % 2
      print text }'; }

# What --trace says: a line for each PTE, fault and deed of the record, beside what stands on the page at that cycle.
agrees() { # NAME TRACE OPTIONS: against $OUT/NAME.seen
    name=$1 trace=$2
    shift 2
    record=$(sed -n 's/.*id="data">{.*"record":\([0-9]*\),"line".*/\1/p' "$OUT/$name.html" | head -n 1)
    $PAGEWALK run "$@" --trace walk,fault,kernel --trace-file "$OUT/events" "$trace" >"$OUT/run" || return 1
    n=0
    while read -r cycle _ word rest; do
        case $word in
        answer)
            case $rest in *" cas "* | *" error"*) continue ;; esac
            pte=$(echo "$rest" | sed 's/.* pte \(0x[0-9a-f]*\) .*/\1/')
            want=$(echo "$pte" | bits_of)
            grep -E "^[0-9]+\|pte\|$cycle\|$want\|" "$OUT/$name.seen" >"$OUT/line" ||
                { echo "cycle $cycle: PTE $pte, $want" && return 1; } ;;
        merge | share | hold)
            grep -E "^[0-9]+\|wait\|$cycle\|" "$OUT/$name.seen" >"$OUT/line" ||
                { echo "cycle $cycle: $word" && return 1; } ;;
        *_page | *_page+k)
            grep -E "^[0-9]+\|fault\|$cycle\|.*exception ${word%+k}, tval " "$OUT/$name.seen" >"$OUT/line" ||
                { echo "cycle $cycle: fault $word" && return 1; } ;;
        *) continue ;;
        esac
        n=$((n + 1))
    done <<EVENTS
$(grep " record $record\( \|\$\)" "$OUT/events")
EVENTS
    [ $n -gt 0 ] || { echo "no event of record $record" && return 1; }
}

page() { # NAME WHICH TRACE WORDS [OPTION...]: its page; WORDS stand in the kernel half's box, unless -
    name=$1 which=$2 trace=traces/$3.trace words=$4
    shift 4
    $PAGEWALK explain "$which" "$@" "$trace" --html "$OUT/$name.html" >"$OUT/$name.out"
    [ ! -s "$OUT/$name.out" ] && [ "$(wc -c <"$OUT/$name.html")" -lt 300000 ] || return 1
    ! grep -nE '(src|href)="?(https?:)?//' "$OUT/$name.html" || return 1
    read_page "$name" || return 1
    cat "$OUT/$name.seen"
    grep -q "buttons 1 2 \([0-9]*\) [0-9]* .* of \1\$" "$OUT/$name.seen" || return 1
    agrees "$name" "$trace" "$@" || return 1
    awk -F'|' '!/^buttons/ && ($1 != NR || $10 != "now") { print "step", NR; bad = 1 } END { exit bad }' \
        "$OUT/$name.seen" || return 1
    [ "$words" = - ] || grep -E '^[0-9]+\|kernel\|' "$OUT/$name.seen" | grep -qE -- "$words"
}

shows() { # NAME WORDS: a line of what was seen
    cat "$OUT/$1.seen"
    grep -qE -- "$2" "$OUT/$1.seen"
}

check "copy on write" page cow --fault=cow_copy cow_after_fork 'cow_copy.*before: frame .*, anonymous, mapped by 2 PTEs'
check "its check: W=0 in the L1 TLB" shows cow '\|check\|.*\|W0\|'
check "its PTE cleared, then written" shows cow '\|store\|[0-9]+\|D0 A0 G0 U0 X0 W0 R0 V0\|'
check "with W and D" shows cow '\|store\|[0-9]+\|D1 A1 G0 U1 X0 W1 R1 V1\|'
check "L1 hits, then misses" shows cow '\|lookup\|.*\|L1 data TLB miss'
check "a huge page" page thp --fault=thp_alloc thp_always 'thp_alloc.*of a 2 MiB page'
check "its leaf" shows thp '\|pte\|[0-9]+\|D1 A1 G0 U1 X0 W1 R1 V1\|0x80200\|'
check "a NAPOT leaf, one page copied" page napot --fault=cow_copy napot_cow_after_fork 'cow_copy.*napot_unfold 1'
check "swap" page swap --fault=swap_in swap_fork 'swap_in.*major.*before: in swap'
check "SIGSEGV" page segv --fault=sigsegv unmapped_segv 'sigsegv maperr'
check "SIGBUS" page bus --fault=sigbus past_eof_sigbus 'sigbus adrerr'
check "the zero page" page zero --fault=zero_page zero_then_write 'zero_page.*the zero page'
check "a page of a file, its neighbours" page file --fault=file_map file_fault_around 'file_map.*of the page cache'
check "Sv32" page sv32 --fault=1 same_va_two_frames 'anon_alloc' --config sv32
check "a walk of another" page merge --at=7 truncate_grow -
check "which it joins" shows merge '\|wait\|.*it joins that walk.*record 5'
check "Sv57" page sv57 --fault=swap_in swap_fork 'swap_in' --config sv57

differs() { # the events of another record are not on the page
    sed 's/"record":13,/"record":3,/' "$OUT/cow.html" >"$OUT/other.html"
    cp "$OUT/cow.seen" "$OUT/other.seen"
    ! agrees other traces/cow_after_fork.trace
}
check "and the comparison notices another record" differs
check "dark" chrome "$OUT/null" "$OUT/cow.html#9" --blink-settings=preferredColorScheme=0 --force-dark-mode \
    --force-prefers-reduced-motion --screenshot="$OUT/dark.png"
check "printed" chrome "$OUT/null" "$OUT/cow.html" --print-to-pdf="$OUT/print.pdf" --no-pdf-header-footer
check "both drawn" sh -c "[ $(wc -c <"$OUT/dark.png") -gt 40000 ] && [ $(wc -c <"$OUT/print.pdf") -gt 20000 ]"

refused() { # EXIT WORDS ARGUMENT...
    want=$1 words=$2 got=0
    shift 2
    $PAGEWALK explain "$@" >"$OUT/out" 2>"$OUT/err" || got=$?
    cat "$OUT/err"
    [ $got = "$want" ] && grep -qF -- "$words" "$OUT/err"
}
check "a folder that is not there" refused 3 "nowhere/x.html" traces/null_guard.trace --html nowhere/x.html
exit $code
