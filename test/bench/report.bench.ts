import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Page } from 'playwright-core';
import { expect, it, onTestFinished } from 'vitest';
import { makeIncident } from '../support/incident-maker.ts';
import { programPath } from '../support/requirements.ts';
import { binary, projectRoot, temporaryFolder } from '../support/rig.ts';
import { measure, median, reportFigure, reportRatio } from './measure.ts';

const lines = 1_000_000;

it('a million lines of four servers become a page, and it opens', { timeout: 900_000 }, async () => {
  const folder = await temporaryFolder();
  const { zip, logs } = await makeIncident(folder, { lines, level: 1 });
  const page = join(folder, 'report.html');
  const raw = join(folder, 'all.txt');
  execFileSync('bash', ['-c', 'unzip -p "$1" "*.log" >"$2"', 'bash', zip, raw]);
  const gzipped = await measure('bash', ['-c', 'gzip -6 -c "$1" | base64 -w0 >"$2"', 'bash', raw, `${raw}.gz`]);

  const built = await measure(process.execPath, [binary, 'report', zip, '-o', page, '--max', '1GB']);

  expect(logs.length).toBeGreaterThan(3);
  process.stdout.write(`${(statSync(raw).size / 1e6).toFixed(0)} MB of logs\n`);
  reportRatio('making the page, to gzip and base64 of the same lines', built.seconds, gzipped.seconds, 8);
  reportFigure('  peak memory', built.peakMb, 350, 'MB');
  reportRatio('  its size, to theirs', statSync(page).size / 1e6, statSync(`${raw}.gz`).size / 1e6, 1.5, 'MB');
  const shell = ['page.js', 'worker.js', 'page.css'].map(
    (name) => statSync(join(projectRoot, 'dist', 'page', name)).size,
  );
  reportFigure('  script and styles', shell.reduce((sum, bytes) => sum + bytes, 0) / 1000, 60, 'kB');
  await opens(page, raw);
});

/** The same lines as a text file is what the browser itself can do with them. */
async function opens(report: string, raw: string): Promise<void> {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const browser = await chromium.launch({ executablePath: programPath('chromium'), args });
  onTestFinished(() => browser.close());
  const usable: number[] = [];
  const busy: number[] = [];
  for (let round = 0; round < 3; round++) {
    const page = await browser.newPage({ viewport: { width: 1366, height: 900 } });
    const mainThread = await mainThreadOf(page);
    const began = performance.now();
    await page.goto(pathToFileURL(report).href, { waitUntil: 'commit' });
    await page.locator('html[data-ready=true]').waitFor({ state: 'attached', timeout: 120_000 });
    usable.push((performance.now() - began) / 1000);
    busy.push(await mainThread());
    if (round === 2) await reportFrames(page);
    await page.close();
  }
  reportFigure('main thread until it is usable', median(busy) * 1000, 1200, 'ms');
  const text = await browser.newPage();
  const began = performance.now();
  await text.goto(pathToFileURL(raw).href, { timeout: 240_000 });
  reportRatio(
    'usable, to the logs as a text in the same browser',
    median(usable),
    (performance.now() - began) / 1000,
    1,
  );
}

/** Its CPU time from now on. */
async function mainThreadOf(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const seconds = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
  };
  const before = await seconds();
  return async () => (await seconds()) - before;
}

/** How long frames take while the list is scrolled and the timeline zoomed. */
async function reportFrames(page: Page): Promise<void> {
  for (const [what, step] of [
    ['scrolling', `document.getElementById('list').scrollTop += 400`],
    ['zooming', `document.getElementById(at % 12 < 6 ? 'zoom-in' : 'zoom-out').click()`],
  ] as const) {
    const session = await page.context().newCDPSession(page);
    const { result } = await session.send('Runtime.evaluate', {
      awaitPromise: true,
      returnByValue: true,
      expression: `new Promise((resolve) => { const times = []; let before = performance.now(); let at = 0; const frame = () => { const now = performance.now(); times.push(now - before); before = now; ${step}; if (++at < 120) requestAnimationFrame(frame); else resolve(times.slice(1)); }; requestAnimationFrame(frame); })`,
    });
    const times = (result.value as number[]).sort((a, b) => a - b);
    reportFigure(`  a frame while ${what}, 95 of 100`, times[Math.floor(times.length * 0.95)] ?? Number.NaN, 50, 'ms');
  }
}
