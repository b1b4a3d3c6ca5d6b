// Opens report files in headless Chromium as a desktop and as a phone, light and dark, and fails on anything that a
// reader would trip over. Writes a picture of every view.
//   node check_page.mjs --modules NODE_MODULES --out FOLDER REPORT.html...
import { basename, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withBrowser } from '../../support/browser.mjs';

const views = [
  { name: 'desktop-light', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'desktop-dark', width: 1280, height: 900, colorScheme: 'dark' },
  { name: 'phone-light', width: 390, height: 844, colorScheme: 'light' },
  { name: 'phone-dark', width: 390, height: 844, colorScheme: 'dark' },
];

function readArguments(words) {
  const options = { reports: [] };
  for (let i = 0; i < words.length; i++) {
    if (words[i] === '--modules') options.modules = words[++i];
    else if (words[i] === '--out') options.out = words[++i];
    else options.reports.push(words[i]);
  }
  if (!options.modules || !options.out || options.reports.length === 0) {
    console.error('usage: node check_page.mjs --modules NODE_MODULES --out FOLDER REPORT.html...');
    process.exit(2);
  }
  return options;
}

// Runs inside the page: text whose contrast with what lies behind it is below WCAG AA.
function paleTexts() {
  const parse = (text) => (text.match(/[\d.]+/g) || []).map(Number);
  const channel = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || (c.length === 4 && c[3] > 0.99)) return c;
    }
    return [255, 255, 255];
  };
  const faults = new Map();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || /^(SCRIPT|STYLE|title)$/i.test(element.tagName)) continue;
    if (!element.getClientRects().length) continue;
    const style = getComputedStyle(element);
    const ink = parse(element.namespaceURI.endsWith('svg') ? style.fill : style.color);
    const [a, b] = [luminance(ink), luminance(behind(element))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5))
      faults.set(element.tagName + '.' + element.className, `contrast ${ratio.toFixed(2)}: "${walker.currentNode.textContent.trim().slice(0, 40)}"`);
  }
  return [...faults.values()];
}

// Runs inside the page: what the layout gets wrong.
function layoutFaults() {
  const faults = [];
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.push(`the page scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
  for (const image of document.images)
    if (!image.complete || image.naturalWidth === 0) faults.push(`image not loaded: ${image.src.slice(0, 60)}`);
  for (const image of document.images) if (!image.alt) faults.push('image without alt text');
  for (const e of document.querySelectorAll('.card, .lead, nav, .strip, figure'))
    if (e.scrollWidth > e.clientWidth + 1) faults.push(`${e.className || e.tagName}: content is wider than its box`);
  for (const text of document.querySelectorAll('.chart text')) {
    const box = text.getBoundingClientRect(), chart = text.ownerSVGElement.getBoundingClientRect();
    if (box.left < chart.left - 1 || box.right > chart.right + 1 || box.top < chart.top - 1 || box.bottom > chart.bottom + 1) faults.push(`chart text cut off: "${text.textContent}"`);
    const scale = chart.width / text.ownerSVGElement.viewBox.baseVal.width;
    if (parseFloat(getComputedStyle(text).fontSize) * scale < 9) faults.push(`chart text below 9 px: "${text.textContent}"`);
  }
  if (!document.title) faults.push('no title');
  return faults;
}

// Runs inside the page: a click on a numeric heading sorts its column.
function sortFaults() {
  for (const table of document.querySelectorAll('table')) {
    const rows = table.tBodies[0].rows;
    const column = [...table.tHead.rows[0].cells].findIndex((h) => h.classList.contains('n'));
    if (column < 0 || rows.length < 3) continue;
    const button = table.tHead.rows[0].cells[column].querySelector('button');
    if (!button) return ['a table heading has no sort button'];
    button.click();
    const values = [...rows].map((r) => parseFloat(r.cells[column].textContent.replace(/,/g, '').replace('\u2212', '-')));
    const ordered = values.filter((v) => !isNaN(v)).every((v, i, all) => i === 0 || all[i - 1] <= v);
    if (!ordered) return [`sorting a table left ${values.slice(0, 5)}`];
  }
  return [];
}

// Runs inside the page: moving a threshold changes every sentence under it and moves its line in the figure.
function sliderFaults() {
  const faults = [];
  for (const box of document.querySelectorAll('.slider')) {
    const range = box.querySelector('input'), mark = box.querySelector('.mark');
    const state = () => [...box.querySelectorAll('li.says')].map((e) => e.textContent);
    const move = (to) => { range.value = to; range.dispatchEvent(new Event('input')); return state(); };
    const start = range.value, written = state(), again = move(start), at = mark.getAttribute('x1');
    const rates = (text) => text.replace(/.*accepted/, '').match(/[\d.]+(?= %)/g) || [];
    written.forEach((text, i) => { if (text !== again[i]) faults.push(`slider: "${text}" is written, "${again[i]}" computed`); });
    const low = move(range.min), high = move(range.max);
    low.forEach((text, i) => {
      if (text === high[i]) faults.push(`slider: moving it leaves "${text}"`);
      rates(text).forEach((r) => { if (Number(r) < 99.999) faults.push(`slider: "${text}" at its lowest place`); });
    });
    if (mark.getAttribute('x1') === at && range.max !== start) faults.push('slider: its line stays where it was');
    move(start);
  }
  return faults;
}

async function checkView(browser, report, view, out) {
  const faults = [];
  const context = await browser.newContext({
    viewport: { width: view.width, height: view.height }, colorScheme: view.colorScheme, deviceScaleFactor: 1,
  });
  const page = await context.newPage();
  const url = pathToFileURL(resolve(report)).href;
  page.on('request', (r) => { if (r.url() !== url && !r.url().startsWith('data:')) faults.push(`request to ${r.url()}`); });
  page.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') faults.push(`console: ${m.text()}`); });
  page.on('pageerror', (e) => faults.push(`script error: ${e.message}`));
  await page.goto(url, { waitUntil: 'load' });
  faults.push(...(await page.evaluate(layoutFaults)), ...(await page.evaluate(paleTexts)));
  await page.screenshot({ path: join(out, `${basename(report, '.html')}-${view.name}.png`), fullPage: true });
  faults.push(...(await page.evaluate(sortFaults)), ...(await page.evaluate(sliderFaults)));
  await context.close();
  return faults;
}

const options = readArguments(process.argv.slice(2));
let failed = 0;
await withBrowser(options.modules, async (browser) => {
  for (const report of options.reports)
    for (const view of views)
      for (const fault of await checkView(browser, report, view, options.out)) {
        console.error(`${basename(report)} ${view.name}: ${fault}`);
        failed++;
      }
});
console.log(`${options.reports.length} reports, ${views.length} views each, ${failed} faults; pictures in ${options.out}`);
process.exit(failed ? 1 : 0);
