import { CropPicture, describeBox } from './picture.js';

const at = (id) => document.getElementById(id);
const kPage = 12, kAll = 60, kCollapse = 0.97;
const kWords = { same: 'same', similar: 'similar', unlikely: 'unlikely' };
let info = null, query = null, shown = kPage, last = null, running = 0;

const picture = new CropPicture(at('canvas'), (box) => {
  at('crop-state').textContent = describeBox(box);
  at('clear-crop').hidden = !box;
  if (query && query.blob) query.box = box;
});

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function say(text) { at('status').textContent = text; }

async function call(path, options = {}) {
  const headers = { ...options.headers };
  const token = at('token').value.trim();
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, { ...options, headers });
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(body.error ? body.error.message : `the server answered ${answer.status}`);
  return body;
}

// --- settings ---------------------------------------------------------------------------------------------------------

function settings() {
  const filter = {};
  for (const select of at('filters').querySelectorAll('select')) if (select.value !== '') filter[select.name] = select.value;
  const lowest = Number(at('min-score').value);
  return { k: kAll, filter, ...(lowest >= 0 && { min_score: lowest }), ...(at('collapse').checked && { collapse: kCollapse }) };
}

// The address after # holds the item and the settings, so that a link shows the same results.
function remember() {
  if (!query || query.blob) { history.replaceState(null, '', location.pathname); return; }
  const { filter, min_score: lowest, collapse } = settings();
  const state = new URLSearchParams({ id: query.id });
  for (const [name, value] of Object.entries(filter)) state.set(`filter.${name}`, value);
  if (lowest !== undefined) state.set('min', lowest);
  if (!collapse) state.set('all', 1);
  if (at('compare').checked) state.set('compare', 1);
  history.replaceState(null, '', `#${state}`);
}

function recall() {
  const state = new URLSearchParams(location.hash.slice(1));
  for (const select of at('filters').querySelectorAll('select')) select.value = state.get(`filter.${select.name}`) || '';
  if (state.has('min')) at('min-score').value = state.get('min');
  at('collapse').checked = !state.has('all');
  at('compare').checked = state.has('compare') && Boolean(info.compare);
  showLowest();
  const id = Number(state.get('id'));
  if (state.has('id') && Number.isSafeInteger(id)) { query = { id, name: `item ${id}` }; search(); }
}

function showLowest() {
  const lowest = Number(at('min-score').value);
  at('min-score-value').textContent = lowest < 0 ? 'any' : lowest.toFixed(2);
}

function showInfo() {
  const words = info.words ? '' : ' Scores have no words: the items carry no labels to learn them from.';
  at('about').textContent = `${info.items.toLocaleString('en')} items.${info.pictures ? '' : ' This index knows no model: search by item only.'}${words}`;
  at('compare-row').hidden = !info.compare;
  at('token-box').hidden = !info.feedback;
  for (const facet of info.facets) {
    const select = make('select', { name: facet.column, id: `filter-${facet.column}` }, make('option', { value: '', textContent: 'any' }));
    for (const { value, count } of facet.values) select.append(make('option', { value, textContent: `${value || '(empty)'} (${count})` }));
    select.addEventListener('change', search);
    at('filters').append(make('label', { htmlFor: select.id, textContent: facet.column }), select);
    if (facet.column === 'label') for (const { value } of facet.values) at('labels').append(make('option', { value }));
  }
  at('filters').hidden = info.facets.length === 0;
}

// --- search -----------------------------------------------------------------------------------------------------------

function request(path, fields) {
  const document_ = { ...fields, ...(query.blob ? {} : { id: query.id }), ...(query.box && { box: query.box }) };
  if (!query.blob) return call(path, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(document_) });
  const form = new FormData();
  form.append('image', query.blob);
  form.append('query', JSON.stringify(document_));
  return call(path, { method: 'POST', body: form });
}

async function search() {
  if (!query) return;
  const mine = ++running;
  say('Searching…');
  const start = performance.now();
  remember();
  try {
    const wanted = settings();
    const both = at('compare').checked && info.compare;
    const answers = await Promise.all([request('/v1/search', wanted), ...(both ? [request('/v1/search', { ...wanted, compare: true })] : [])]);
    if (mine !== running) return;
    last = answers;
    shown = kPage;
    render();
    const steps = Object.entries(answers[0].steps_ms).map(([name, ms]) => `${name} ${ms.toFixed(1)}`).join(', ');
    at('cost').textContent = `${Math.round(performance.now() - start)} ms in all; server: ${steps} ms. ${answers[0].plan}`;
  } catch (error) {
    if (mine !== running) return;
    at('results').replaceChildren();
    at('more').hidden = true;
    say(`That did not work: ${error.message}`);
  }
}

function summary() {
  const { hits, confident } = last[0];
  if (hits.length === 0) return `Nothing found for ${query.name} with these settings.`;
  const lead = confident ? '' : 'No confident match. The closest: ';
  const folded = hits.reduce((sum, hit) => sum + hit.duplicates.length, 0);
  return `${lead}${hits.length} results for ${query.name}${folded ? `, ${folded} near-duplicates folded` : ''}.`;
}

function render() {
  say(summary());
  const lists = last.map((answer, side) => resultList(answer, side));
  if (lists.length === 1) at('results').replaceChildren(lists[0]);
  else at('results').replaceChildren(make('div', { className: 'sides' },
    make('section', {}, make('h3', { textContent: `This index (model ${info.model})` }), lists[0]),
    make('section', {}, make('h3', { textContent: `Second index (model ${info.compare.model})` }), lists[1])));
  at('more').hidden = last.every((answer) => answer.hits.length <= shown);
}

function resultList(answer, side) {
  const list = make('ol', { className: 'hits' });
  for (const hit of answer.hits.slice(0, shown)) list.append(card(hit, side));
  return list;
}

function rankChange(hit, side) {
  if (last.length < 2) return '';
  const other = last[1 - side].hits.find((h) => h.id === hit.id);
  if (!other) return 'only here';
  const moved = other.rank - hit.rank;
  return moved === 0 ? 'same rank' : `${moved > 0 ? 'higher' : 'lower'} by ${Math.abs(moved)} here`;
}

function card(hit, side) {
  const name = hit.label || `item ${hit.id}`;
  const image = make('img', { src: `/v1/items/${hit.id}/picture?side=320${side ? '&compare' : ''}`, alt: `${name}, result ${hit.rank}`, loading: 'lazy' });
  image.addEventListener('error', () => image.replaceWith(make('p', { className: 'meta', textContent: 'no picture' })));
  const score = make('p', { className: 'meta', title: `cosine ${hit.score.toFixed(4)}` });
  if (hit.word) score.append(make('span', { className: `word ${hit.word}`, textContent: kWords[hit.word] }), ' ');
  score.append(hit.score.toFixed(3));
  const text = make('div', { className: 'text' }, make('p', { className: 'label', textContent: `${hit.rank}. ${name}` }), score);
  if (hit.duplicates.length) text.append(make('p', { className: 'meta', textContent: `and ${hit.duplicates.length} near-duplicates` }));
  const change = rankChange(hit, side);
  if (change) text.append(make('p', { className: 'meta', textContent: change }));
  const item = make('li', { className: 'hit' }, image, text);
  if (side === 0) item.append(actions(hit, name, item));
  return item;
}

function actions(hit, name, item) {
  const button = (label, act, wide) => {
    const b = make('button', { type: 'button', textContent: label, className: wide ? 'wide' : '' });
    b.setAttribute('aria-label', `${label}: ${name}, result ${hit.rank}`);
    b.addEventListener('click', act);
    return b;
  };
  const box = make('div', { className: 'actions' }, button('More like this', () => moreLike(hit, name), true));
  if (info.pictures) box.append(button('Why this?', () => explain(hit, name), true));
  if (info.feedback) {
    box.append(button('Right', () => feedback(hit, 'right', item)), button('Wrong', () => feedback(hit, 'wrong', item)),
      button('Wrong label', () => askLabel(hit, name, item), true));
  }
  return box;
}

function moreLike(hit, name) {
  query = { id: hit.id, name };
  at('chosen').hidden = true;
  search().then(() => at('results').focus());
}

async function explain(hit, name) {
  say('Looking for what agrees…');
  try {
    const why = await request('/v1/why', { item: hit.id });
    at('why-query').src = why.query;
    at('why-item').src = why.item;
    at('why-text').textContent = `${name}: cosine ${why.score.toFixed(3)}. Bright parts activate the network in the same way in both pictures.`;
    at('why').showModal();
    say(summary());
  } catch (error) { say(`That did not work: ${error.message}`); }
}

// --- feedback ---------------------------------------------------------------------------------------------------------

async function feedback(hit, verdict, item, label = '') {
  if (!at('token').value.trim()) {
    at('token-box').open = true;
    at('token').focus();
    say('Feedback needs the token.');
    return;
  }
  try {
    const kept = await call('/v1/feedback', {
      method: 'POST', headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ item: hit.id, verdict, score: hit.score, query: query.name, ...(label && { label }) }),
    });
    item.querySelector('.said')?.remove();
    item.append(make('p', { className: 'said', textContent: `Noted: ${kept.decision}` }));
    say(`Noted for item ${hit.id}: ${kept.decision}. ${kept.decisions} decisions so far.`);
  } catch (error) { say(`That was not kept: ${error.message}`); }
}

function askLabel(hit, name, item) {
  at('relabel-text').textContent = `Item ${hit.id} carries the label “${name}”.`;
  at('relabel-label').value = '';
  at('relabel').addEventListener('close', () => {
    if (at('relabel').returnValue === 'ok') feedback(hit, 'wrong_label', item, at('relabel-label').value.trim());
  }, { once: true });
  at('relabel').returnValue = 'cancel';
  at('relabel').showModal();
}

// --- the picture ------------------------------------------------------------------------------------------------------

async function choose(file, name) {
  if (!file) return;
  try {
    at('chosen').hidden = false;
    query = { blob: file, name: name || 'your picture', box: null };
    await picture.show(file);
  } catch {
    query = null;
    at('chosen').hidden = true;
    say('That is no picture this browser can read.');
    return;
  }
  search();
}

at('file').addEventListener('change', (e) => choose(e.target.files[0], e.target.files[0]?.name));
for (const kind of ['dragover', 'dragleave', 'drop']) {
  document.addEventListener(kind, (e) => {
    e.preventDefault();
    at('drop').classList.toggle('over', kind === 'dragover');
    if (kind === 'drop') choose([...e.dataTransfer.files].find((f) => f.type.startsWith('image/')), 'your picture');
  });
}
document.addEventListener('paste', (e) => {
  const file = [...e.clipboardData.files].find((f) => f.type.startsWith('image/'));
  if (file) choose(file, 'the pasted picture');
});
at('search').addEventListener('click', search);
at('clear-crop').addEventListener('click', () => { picture.setBox(null); at('canvas').focus(); });
at('min-score').addEventListener('input', showLowest);
for (const id of ['min-score', 'collapse', 'compare']) at(id).addEventListener('change', search);
at('settings').addEventListener('submit', (e) => e.preventDefault());
at('more').addEventListener('click', () => { shown += kPage; render(); });
at('why-close').addEventListener('click', () => at('why').close());
at('token').value = sessionStorage.getItem('winnow-token') || '';
at('token').addEventListener('change', () => sessionStorage.setItem('winnow-token', at('token').value.trim()));

call('/v1/info').then((got) => { info = got; showInfo(); recall(); }).catch((error) => { at('about').textContent = error.message; });
