// Uses the search page of a running server in headless Chromium as people do, and fails on anything that does not work.
//   node use_page.mjs --modules NODE_MODULES --out FOLDER --url URL --token TOKEN --picture FILE
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOptions, withBrowser } from '../../support/browser.mjs';

const options = readOptions(['modules', 'out', 'url', 'token', 'picture']);

let failed = 0;
function check(holds, what) {
  if (holds) return;
  failed++;
  console.error(`search page: ${what}`);
}

async function open(browser, width, height, colorScheme = 'light') {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme, hasTouch: width < 500 });
  const page = await context.newPage();
  page.setDefaultTimeout(30000);
  page.on('request', (r) => check(r.url().startsWith(options.url) || /^(data|blob):/.test(r.url()), `request to ${r.url()}`));
  page.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') check(false, `console: ${m.text()}`); });
  page.on('pageerror', (e) => check(false, `script error: ${e.message}`));
  await page.goto(options.url, { waitUntil: 'load' });
  await page.waitForFunction(() => /items/.test(document.getElementById('about').textContent));
  return page;
}

const status = (page) => page.textContent('#status');
const settled = (page) => page.waitForFunction(() => /results for|Nothing found|did not work/.test(document.getElementById('status').textContent));
const shoot = (page, name) => page.screenshot({ path: join(options.out, `search-${name}.png`), fullPage: true });

// Waits for the answer that an action brings.
async function answered(page, path, act) {
  const [answer] = await Promise.all([page.waitForResponse((r) => r.url().includes(path)), act()]);
  check(answer.status() === 200, `${path} answered ${answer.status()}`);
  await settled(page);
  return answer.json();
}

async function layout(page, name) {
  await page.waitForFunction(() => [...document.images].filter((i) => i.getClientRects().length && i.loading !== 'lazy').every((i) => i.complete));
  const faults = await page.evaluate(() => {
    const out = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) out.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}`);
    for (const image of document.images) if (!image.alt && image.getClientRects().length) out.push('image without alt text');
    for (const e of document.querySelectorAll('input, select')) {
      const named = e.labels?.length || e.getAttribute('aria-label');
      if (!named && e.getClientRects().length) out.push(`${e.id || e.tagName} has no label`);
    }
    for (const b of document.querySelectorAll('button')) if (!b.textContent.trim() && !b.getAttribute('aria-label')) out.push('button without a name');
    return out;
  });
  for (const fault of faults) check(false, `${name}: ${fault}`);
}

async function mouse(browser) {
  const page = await open(browser, 1280, 900);
  const first = await answered(page, '/v1/search', () => page.setInputFiles('#file', options.picture));
  check(first.hits.length > 0, 'no hits for an uploaded picture');
  check((await status(page)).includes('results'), `status says "${await status(page)}"`);
  await layout(page, 'desktop');
  await shoot(page, 'desktop');

  const area = await page.locator('#canvas').boundingBox();
  await page.mouse.move(area.x + area.width * 0.3, area.y + area.height * 0.3);
  await page.mouse.down();
  await page.mouse.move(area.x + area.width * 0.8, area.y + area.height * 0.9, { steps: 4 });
  await page.mouse.up();
  check((await page.textContent('#crop-state')).includes('from 30 % to 80 %'), `crop: ${await page.textContent('#crop-state')}`);
  const cropped = await answered(page, '/v1/search', () => page.click('#search'));
  check(cropped.hits[0].score < first.hits[0].score, 'the crop box changed nothing');
  await shoot(page, 'crop');

  const filtered = await answered(page, '/v1/search', () => page.selectOption('#filter-label', 'class 4'));
  check(filtered.hits.length > 0 && filtered.hits.every((h) => h.label === 'class 4'), 'the filter lets others through');
  await answered(page, '/v1/search', () => page.selectOption('#filter-label', ''));

  await page.uncheck('#collapse');
  await settled(page);
  const more = await answered(page, '/v1/search', () => page.click('.hit .actions button >> nth=0'));
  check(more.hits.length > 0, 'more like this found nothing');
  check(page.url().includes('#id='), 'no link for an item');
  const shown = await page.locator('.hit').count();
  await page.click('#more');
  check((await page.locator('.hit').count()) > shown, 'show more shows no more');

  await answered(page, '/v1/why', () => page.click('.hit >> nth=1 >> text=Why this?')).catch(() => check(false, 'why gave no answer'));
  await page.waitForSelector('#why[open]');
  await page.waitForFunction(() => document.getElementById('why-item').naturalWidth > 0);
  await shoot(page, 'why');
  await page.click('#why-close');

  await page.click('.hit >> nth=0 >> text=Right');
  check((await status(page)).includes('token'), 'feedback without a token is not explained');
  await page.fill('#token', options.token);
  await page.locator('#token').blur();
  await Promise.all([page.waitForResponse((r) => r.url().includes('/v1/feedback')), page.click('.hit >> nth=0 >> text=Right')]);
  await page.waitForSelector('.said');
  await page.click('.hit >> nth=1 >> text=Wrong label');
  await page.fill('#relabel-label', 'class 5');
  await Promise.all([page.waitForResponse((r) => r.url().includes('/v1/feedback')), page.click('#relabel-form .primary')]);
  await page.waitForFunction(() => /Noted.*relabel/.test(document.getElementById('status').textContent));

  await answered(page, '/v1/search', () => page.check('#compare'));
  await page.waitForSelector('.sides');
  check((await page.locator('.sides .hits').count()) === 2, 'no two lists side by side');
  check((await page.textContent('.sides')).includes('same rank'), 'no rank changes');
  await layout(page, 'compare');
  await shoot(page, 'compare');

  const link = page.url();
  await page.goto('about:blank');
  await answered(page, '/v1/search', () => page.goto(link));
  check(await page.isChecked('#compare'), 'a link forgets the settings');
  await page.context().close();
}

// Tab, arrows, Enter and Space only.
async function keyboard(browser) {
  const page = await open(browser, 1280, 900, 'dark');
  await answered(page, '/v1/search', () => page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], 'pasted.jpg', { type: 'image/jpeg' }));
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true }));
  }, [...readFileSync(options.picture)]));
  const reach = async (selector, limit = 120) => {
    for (let i = 0; i < limit; i++) {
      await page.keyboard.press('Tab');
      if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return true;
    }
    check(false, `Tab does not reach ${selector}`);
    return false;
  };
  await page.evaluate(() => document.activeElement?.blur());
  if (await reach('#canvas')) {
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    check((await page.textContent('#crop-state')).includes('from 27 % to 77 %'), `keys: ${await page.textContent('#crop-state')}`);
    const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
    check(outline !== 'none', 'the focus cannot be seen');
  }
  if (await reach('#search')) await answered(page, '/v1/search', () => page.keyboard.press('Enter'));
  if (await reach('.hit .actions button')) {
    const answer = await answered(page, '/v1/search', () => page.keyboard.press('Space'));
    check(answer.hits.length > 0, 'more like this by keyboard found nothing');
    check(await page.evaluate(() => document.activeElement.id === 'results'), 'the focus is not at the results');
  }
  if (await reach('.hit .actions button:nth-child(2)')) {
    await page.keyboard.press('Enter');
    await page.waitForSelector('#why[open]');
    await page.keyboard.press('Escape');
    check(!(await page.locator('#why[open]').count()), 'Escape does not close the dialog');
  }
  await layout(page, 'keyboard');
  await shoot(page, 'keyboard-dark');
  await page.context().close();
}

async function phone(browser) {
  const page = await open(browser, 360, 740);
  await answered(page, '/v1/search', () => page.setInputFiles('#file', options.picture));
  await layout(page, 'phone');
  const small = await page.evaluate(() => [...document.querySelectorAll('#search, #file, .drop .button')]
    .filter((e) => e.getClientRects().length && e.id !== 'file' && e.getBoundingClientRect().height < 44).length);
  check(small === 0, `${small} targets lower than 44 px`);
  await shoot(page, 'phone');
  await page.context().close();
}

await withBrowser(options.modules, async (browser) => {
  for (const act of [mouse, keyboard, phone]) await act(browser).catch((e) => check(false, `${act.name}: ${e.message}`));
});
console.log(`search page: mouse, keyboard, phone: ${failed} faults; pictures in ${options.out}`);
process.exit(failed ? 1 : 0);
