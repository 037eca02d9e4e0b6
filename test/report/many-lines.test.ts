import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { closeChromium } from '../support/chromium.ts';
import { makeIncident } from '../support/incident-maker.ts';
import { madeReading } from '../support/made-reading.ts';
import { openReport, type ReportPage, reportHtml, rowsSeen } from '../support/report-page.ts';
import { lacks } from '../support/requirements.ts';
import { binary, temporaryFolder } from '../support/rig.ts';

/** More lines than a scrollbar has pixels for: the room of the list is capped at 8 million of them. */
const manyEach = 200_000;

/** How often texts of rows must be there: rows are filled when their block has been inflated. */
async function filledRows(page: ReportPage): Promise<string[]> {
  await expect.poll(async () => (await rowsSeen(page)).filter((row) => /^\s*$/.test(row)).length).toBe(0);
  return rowsSeen(page);
}

describe.skipIf(lacks('chromium'))('a report of more lines than a scrollbar has pixels', { timeout: 180_000 }, () => {
  afterAll(closeChromium);

  const reading = madeReading({ servers: 2, linesEach: manyEach });
  const page = reportHtml(reading);
  const sizes = [0.5, 1, 4].map((zoom) => ({ zoom, width: Math.round(1366 / zoom), height: Math.round(900 / zoom) }));

  it.each(sizes)('is scrolled to its last line and back at a zoom of $zoom (R12)', async ({ zoom, width, height }) => {
    const context = { viewport: { width, height }, deviceScaleFactor: zoom };
    const opened = await openReport(await page, { context });
    const list = opened.page.locator('#list');

    await list.focus();
    await opened.page.keyboard.press('End');
    await expect
      .poll(() => opened.value(`document.querySelector('.row.cursor')?.getAttribute('aria-rowindex')`))
      .toBe(String(reading.lines.count));
    const last = await filledRows(opened);
    await opened.page.keyboard.press('Home');
    await expect
      .poll(() => opened.value(`document.querySelector('.row.cursor')?.getAttribute('aria-rowindex')`))
      .toBe('1');

    expect(last.length).toBeGreaterThan(2);
    expect((await filledRows(opened)).length).toBeGreaterThan(2);
    expect(opened.troubles).toEqual([]);
  });

  it('has no empty rows wherever its scrollbar is dragged to (R12)', async () => {
    const opened = await openReport(await page);

    for (const share of [0, 0.13, 0.5, 0.87, 1]) {
      await opened.value(`{ const list = document.getElementById('list');
        list.scrollTop = (list.scrollHeight - list.clientHeight) * ${share}; undefined }`);
      expect((await filledRows(opened)).length).toBeGreaterThan(10);
    }
    expect(opened.troubles).toEqual([]);
  });
});

describe.skipIf(lacks('chromium'))('a report of 20 servers over a day', { timeout: 180_000 }, () => {
  afterAll(closeChromium);

  it('has all their logs, a lane for each, and the lines of the last one (R13)', async () => {
    const folder = await temporaryFolder();
    const { zip } = await makeIncident(folder, { servers: 20, lines: 40_000, halfMinutes: 720, isWhole: true });

    const said = execFileSync(process.execPath, [binary, 'report', zip, '-o', 'page.html', '--json'], { cwd: folder });
    const { logs, lines } = JSON.parse(said.toString());
    const opened = await openReport(readFileSync(join(folder, 'page.html'), 'utf8'));
    await opened.page
      .getByRole('button', { name: /^ICE20/ })
      .first()
      .click();

    expect(logs.length).toBeGreaterThan(32);
    expect(lines).toBeGreaterThan(35_000);
    await expect.poll(() => opened.page.locator('.list-head').innerText()).toMatch(/[\d\u202f]+ of [\d\u202f]+ lines/);
    expect(opened.troubles).toEqual([]);
  });
});
