// Decides on the review page of `winnow noise rank --report` in headless Chromium as a person does, and fails on anything
// that does not work. Leaves OUT/suspects.decisions.csv as the browser saved it, with the decisions on the first eight rows:
// keep, relabel, drop, unsure, relabel to OTHER, relabel (button), drop (button), relabel to OTHER.
//   node use_review.mjs --modules NODE_MODULES --page FILE --other LABEL --out FOLDER --pictures FOLDER
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readOptions, withBrowser } from '../../support/browser.mjs';

const options = readOptions(['modules', 'page', 'other', 'out', 'pictures']);
const url = pathToFileURL(resolve(options.page)).href;

let failed = 0;
function check(holds, what) {
  if (holds) return;
  failed++;
  console.error(`review page: ${what}`);
}
const same = (got, wanted, what) => check(got === wanted, `${what}: '${wanted}' is expected, it is '${got}'`);

async function open(context) {
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.on('request', (r) => check(r.url() === url || /^(data|blob):/.test(r.url()), `request to ${r.url()}`));
  page.on('console', (m) => check(!/error|warning/.test(m.type()), `console: ${m.text()}`));
  page.on('pageerror', (e) => check(false, `script error: ${e.message}`));
  await page.goto(url, { waitUntil: 'load' });
  return page;
}

// What the page shows: the card in turn, what was said about each, progress, and the yield left.
const state = (page) => page.evaluate(() => {
  const cards = [...document.querySelectorAll('.rv')];
  return {
    now: cards.findIndex((c) => c.classList.contains('now')),
    said: cards.map((c) => c.querySelector('.rv-done').textContent),
    expected: cards.map((c) => Number(c.dataset.expected)),
    suggested: cards.map((c) => c.dataset.suggested),
    progress: document.getElementById('rv-progress').textContent,
    meter: document.getElementById('rv-meter').value,
    yield: document.getElementById('rv-yield').textContent,
  };
});

// The counts and the yield must be those of the cards without a decision.
async function consistent(page, decided, when) {
  const s = await state(page);
  same(s.progress, `${decided} of ${s.said.length} decided`, when);
  same(s.meter, decided, `${when}, meter`);
  const left = s.expected.reduce((sum, e, i) => sum + (s.said[i] ? 0 : e), 0);
  same(s.yield, `about ${left.toFixed(0)} wrong labels left in this list`, when);
  return s;
}

async function layout(page, when) {
  for (const fault of await page.evaluate(() => {
    const out = [], root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) out.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
    for (const image of document.images) if (!image.alt) out.push('image without alt text');
    for (const input of document.querySelectorAll('input')) if (!input.getAttribute('aria-label')) out.push('a field without a label');
    const bar = document.querySelector('.rv-bar').getBoundingClientRect();
    const card = document.querySelector('.rv.now').getBoundingClientRect();
    if (card.top < bar.bottom - 1 && card.bottom > bar.top) out.push('the bar covers the card in turn');
    return out;
  })) check(false, `${when}: ${fault}`);
}

async function keys(page) {
  const start = await consistent(page, 0, 'at the start');
  same(start.now, 0, 'first card');
  check(start.expected.slice(0, 8).some((e) => e > 0.5), 'no row of the first eight is likely to be wrong');
  await layout(page, 'at the start');

  await page.keyboard.press('k');
  same((await consistent(page, 1, 'after k')).said[0], 'keep', 'k');
  await page.keyboard.press('r');
  same((await consistent(page, 2, 'after r')).said[1], `relabel to ${start.suggested[1]}`, 'r');
  await page.keyboard.press('d');
  same((await consistent(page, 3, 'after d')).said[2], 'drop', 'd');
  await page.keyboard.press('u');
  const four = await consistent(page, 4, 'after u');
  same(four.said[3], 'unsure', 'u');
  same(four.now, 4, 'the next card is in turn');

  await page.keyboard.press('z');
  const back = await consistent(page, 3, 'after z');
  same(back.said[3], '', 'z takes the last decision back');
  same(back.now, 3, 'z goes to its card');
  await page.keyboard.press('Shift+U');
  same((await consistent(page, 4, 'after U')).said[3], 'unsure', 'a capital key');
  for (const key of ['Control+d', 'x', '1']) await page.keyboard.press(key);
  await consistent(page, 4, 'after keys that mean nothing');
}

async function arrows(page) {
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  same((await state(page)).now, 2, 'two up');
  await page.keyboard.press('u');
  same((await consistent(page, 4, 'another decision about the same row')).said[2], 'unsure', 'changed mind');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('d');
  same((await consistent(page, 4, 'and back')).said[2], 'drop', 'changed mind again');
  for (const key of ['ArrowDown', 'j', 'ArrowUp']) await page.keyboard.press(key);
  same((await state(page)).now, 4, 'arrows and j');
}

async function fields(page) {
  const field = page.locator('.rv >> nth=4 >> .rv-other');
  await field.click();
  await page.keyboard.type(options.other);  // holds k, r, d, u and z
  await consistent(page, 4, 'typing into the field decides nothing');
  await page.keyboard.press('Enter');
  const typed = await consistent(page, 5, 'after Enter');
  same(typed.said[4], `relabel to ${options.other}`, 'another label');
  same(typed.now, 5, 'the card after the field');
  check(await page.evaluate(() => !document.activeElement.matches('input')), 'the field keeps the keyboard after Enter');

  await page.click('.rv >> nth=5 >> button[data-key=r]');
  same((await consistent(page, 6, 'relabel button')).said[5], `relabel to ${typed.suggested[5]}`, 'relabel button');
  await page.click('.rv >> nth=6 >> button[data-key=d]');
  same((await consistent(page, 7, 'drop button')).said[6], 'drop', 'drop button');
  await page.click('.rv-bar button[data-key=z]');
  await consistent(page, 6, 'undo button');
  await page.click('.rv >> nth=6 >> button[data-key=d]');

  // A row without a suggestion: r asks for a label and decides nothing, and the letter does not land in the field.
  await page.evaluate(() => { document.querySelectorAll('.rv')[7].dataset.suggested = ''; });
  await page.click('.rv >> nth=7 >> .rv-labels');
  await page.keyboard.press('r');
  await consistent(page, 7, 'r without a suggestion');
  const seventh = page.locator('.rv >> nth=7 >> .rv-other');
  check(await seventh.evaluate((e) => e === document.activeElement), 'r without a suggestion does not lead to the field');
  same(await seventh.inputValue(), '', 'the letter r in the field');
  await page.keyboard.type(options.other);
  await page.keyboard.press('Enter');
  same((await consistent(page, 8, 'label of a row without a suggestion')).said[7], `relabel to ${options.other}`, 'its label');
}

async function stored(page, context) {
  const before = await state(page);
  await page.close();
  const again = await open(context);
  const after = await consistent(again, 8, 'after the page was closed and opened');
  same(JSON.stringify(after.said), JSON.stringify(before.said), 'stored decisions');
  await layout(again, 'half done');
  await again.screenshot({ path: join(options.pictures, 'review-desktop.png') });
  const [download] = await Promise.all([again.waitForEvent('download'), again.click('#rv-export')]);
  same(download.suggestedFilename(), 'suspects.decisions.csv', 'name of the file');
  await download.saveAs(join(options.out, 'suspects.decisions.csv'));
  const csv = readFileSync(join(options.out, 'suspects.decisions.csv'), 'utf8');
  same(csv.split('\n')[0], 'row,path,decision,new_label', 'heading of the file');

  const last = after.said.length - 1;
  await again.click(`.rv >> nth=${last} >> .rv-labels`);
  await again.keyboard.press('k');
  same((await consistent(again, 9, 'the last row')).now, last, 'nothing comes after the last card');
  for (let i = 0; i < 12; ++i) await again.keyboard.press('z');
  same((await consistent(again, 0, 'everything taken back')).said.join(''), '', 'undo to the start');
  await again.close();
}

async function phone(browser) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true });
  const page = await open(context);
  await page.tap('.rv >> nth=0 >> button[data-key=k]');
  await consistent(page, 1, 'a tap');
  await layout(page, 'phone');
  await page.screenshot({ path: join(options.pictures, 'review-phone-dark.png') });
  await context.close();
}

await withBrowser(options.modules, async (browser) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
  const page = await open(context);
  for (const act of [keys, arrows, fields, stored]) await act(page, context).catch((e) => check(false, `${act.name}: ${e.message}`));
  await context.close();
  await phone(browser).catch((e) => check(false, `phone: ${e.message}`));
});
console.log(`review page: keys, fields, storage, phone: ${failed} faults; pictures in ${options.pictures}`);
process.exit(failed ? 1 : 0);
