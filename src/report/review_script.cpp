#include "src/report/review_script.h"

namespace winnow {

std::string_view review_css() {
  return R"css(
.rv{display:flex;gap:1rem;padding:.8rem;margin:.6rem 0;border:1px solid color-mix(in srgb,currentColor 25%,transparent);border-radius:.5rem;scroll-margin:5rem}
.rv.now{outline:3px solid #0072b2}
.rv[data-decision]{opacity:.65}
.rv.now[data-decision]{opacity:1}
.rv-pic{flex:0 0 192px;text-align:center}
.rv-say{flex:1;min-width:0}
.rv-say p{margin:.2rem 0;overflow-wrap:anywhere}
.rv-labels{font-size:1.15em}
.rv-small{font-size:.85em;opacity:.75}
.rv-strip{display:flex;flex-wrap:wrap;gap:.3rem;align-items:center;margin:.3rem 0;font-size:.85em}
.rv-strip span:first-child{flex:0 0 8rem}
.rv-none{display:inline-flex;align-items:center;justify-content:center;font-size:.75em;border:1px dashed currentColor;opacity:.6}
.rv-keys{display:flex;flex-wrap:wrap;gap:.4rem;align-items:center}
.rv-keys button,.rv-bar button{font:inherit;padding:.15rem .5rem;cursor:pointer}
.rv-done{font-weight:600}
.rv-bar{position:sticky;top:0;z-index:2;display:flex;flex-wrap:wrap;gap:.8rem;align-items:center;padding:.5rem;background:var(--panel);color:var(--fg);border-bottom:1px solid var(--line)}
@media(max-width:40rem){.rv{flex-direction:column}.rv-pic{flex-basis:auto}.rv-strip span:first-child{flex-basis:100%}}
@media print{.rv-bar,.rv-keys button,.rv-other{display:none}}
)css";
}

std::string_view review_script() {
  return R"js(
(() => {
  const bar = document.querySelector('.rv-bar'), cards = [...document.querySelectorAll('.rv')];
  const words = {k: 'keep', r: 'relabel', d: 'drop', u: 'unsure'}, blind = bar.dataset.blind === '1';
  const store = 'winnow-review-' + bar.dataset.key;
  let done = [], now = 0;  // done: [index, decision, label], in order
  const read = () => { try { return JSON.parse(localStorage.getItem(store)) || []; } catch { return []; } };
  const keep = () => { try { localStorage.setItem(store, JSON.stringify(done)); } catch {} };
  const show = (i, scroll) => {
    if (cards[now]) cards[now].classList.remove('now');
    now = Math.max(0, Math.min(i, cards.length - 1));
    if (!cards[now]) return;
    cards[now].classList.add('now');
    if (scroll) cards[now].scrollIntoView({block: 'nearest'});
  };
  const paint = () => {
    const state = new Map(done.map(d => [d[0], d]));
    let left = 0;
    cards.forEach((card, i) => {
      const d = state.get(i), out = card.querySelector('.rv-done');
      if (d) card.dataset.decision = d[1]; else delete card.dataset.decision;
      out.textContent = d ? (blind ? {keep: 'right', relabel: 'wrong', unsure: 'unsure'}[d[1]] : d[1] + (d[1] === 'relabel' ? ' to ' + d[2] : '')) : '';
      if (!d) left += +card.dataset.expected;
    });
    document.getElementById('rv-progress').textContent = state.size + ' of ' + cards.length + ' decided';
    document.getElementById('rv-meter').value = state.size;
    document.getElementById('rv-yield').textContent = blind ? '' : 'about ' + left.toFixed(0) + ' wrong labels left in this list';
  };
  const decide = (key, i) => {
    if (key === 'z') {
      const last = done.pop();
      if (last) show(last[0], true);
    } else if (words[key] && !(blind && key === 'd')) {
      const card = cards[i];
      const field = card.querySelector('.rv-other'), label = key !== 'r' ? '' : (field && field.value) || card.dataset.suggested;
      if (key === 'r' && !label && !blind) { if (field) field.focus(); return; }
      done = done.filter(d => d[0] !== i);
      done.push([i, words[key], label]);
      show(i + 1, true);
    } else return;
    keep();
    paint();
  };
  const field = v => /[",\r\n]|^ | $/.test(v) ? '"' + v.replace(/"/g, '""') + '"' : v;
  const csv = () => 'row,path,decision,new_label\n' + done.slice().sort((a, b) => a[0] - b[0]).map(([i, what, label]) =>
    [cards[i].dataset.row, cards[i].dataset.path, what, label].map(field).join(',')).join('\n') + (done.length ? '\n' : '');
  document.addEventListener('keydown', e => {
    if (e.target.matches('input') || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.key === 'ArrowDown' || e.key === 'j') { show(now + 1, true); e.preventDefault(); }
    else if (e.key === 'ArrowUp') { show(now - 1, true); e.preventDefault(); }
    else {
      const key = e.key.toLowerCase();
      if (words[key]) e.preventDefault();  // r may move into the field, where its letter would land
      decide(key, now);
    }
  });
  document.addEventListener('click', e => {
    const button = e.target.closest('button[data-key]'), card = e.target.closest('.rv');
    if (card) show(cards.indexOf(card), false);
    if (button) decide(button.dataset.key, now);
  });
  document.querySelectorAll('.rv-other').forEach(input => input.addEventListener('keydown', e => {
    if (e.key === 'Enter' && input.value) { decide('r', cards.indexOf(input.closest('.rv'))); input.blur(); }
  }));
  document.getElementById('rv-export').addEventListener('click', () => {
    const a = document.createElement('a');
    a.href = URL.createObjectURL(new Blob([csv()], {type: 'text/csv'}));
    a.download = blind ? 'audit.answers.csv' : 'suspects.decisions.csv';
    a.click();
  });
  window.winnowDecisions = csv;
  done = read().filter(d => cards[d[0]]);
  paint();
  show(0, false);
})();
)js";
}

}  // namespace winnow
