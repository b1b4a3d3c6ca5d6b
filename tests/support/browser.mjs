// Headless Chromium for tests that use a page as people do.
import { createRequire } from 'node:module';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

// --name value pairs of the command line; the named ones are required.
export function readOptions(required) {
  const options = {};
  for (let i = 2; i < process.argv.length; i += 2) options[process.argv[i].slice(2)] = process.argv[i + 1];
  for (const name of required)
    if (!options[name]) { console.error(`--${name} is required`); process.exit(2); }
  return options;
}

// Calls use(browser) and closes the browser whatever happens. modules: the folder that holds playwright-core.
export async function withBrowser(modules, use) {
  const { chromium } = createRequire(join(resolve(modules), 'x.js'))('playwright-core');
  const profile = mkdtempSync(join(tmpdir(), 'winnow-chromium-'));
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', `--crash-dumps-dir=${profile}`],
  });
  try {
    await use(browser);
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
}
