import { deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { closeChromium } from '../support/chromium.ts';
import { madeReading } from '../support/made-reading.ts';
import { cursorText, openReport, type ReportPage, reportHtml, rowsSeen } from '../support/report-page.ts';
import { lacks } from '../support/requirements.ts';

const reading = madeReading();
const lines = reading.lines.count;
const shown = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, '\u202f');

const found = (page: ReportPage) => page.page.locator('#found');

async function settle({ value }: ReportPage): Promise<void> {
  await value('new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))');
}

describe.skipIf(lacks('chromium'))('the report, in Chromium', () => {
  afterAll(closeChromium);

  it('opens from a file with a space and # in its name, at the event, without a complaint', async () => {
    const page = await openReport(reading);

    await expect.poll(() => cursorText(page)).toContain('10:32:0');
    expect(await page.page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual([
      ...['Is it whole?', 'What stands out', 'Timeline', 'Lines', 'Servers side by side', 'Before and now'],
      'Everything in the bundle',
    ]);
    expect((await rowsSeen(page)).length).toBeGreaterThan(20);
    expect(page.troubles).toEqual([]);
  });

  it('finds a text in all lines, counts them, and goes through them with n and N', async () => {
    const page = await openReport(reading);

    await page.page.keyboard.press('/');
    await page.page.keyboard.type('txn 399)');
    await expect.poll(() => found(page).innerText()).toBe('1 line');
    await page.page.keyboard.press('Enter');
    await expect.poll(() => cursorText(page)).toContain('(txn 399)');
    await page.page.locator('#query').fill('System exception occurred');
    await expect.poll(() => found(page).innerText()).toBe('14 lines');
    await page.page.locator('#list').focus();
    await page.page.keyboard.press('n');
    await expect.poll(() => cursorText(page)).toContain('System exception occurred');
    const first = await cursorText(page);
    await page.page.keyboard.press('n');
    await expect.poll(() => cursorText(page)).not.toBe(first);
    await page.page.keyboard.press('Shift+N');
    await expect.poll(() => cursorText(page)).toBe(first);
    await page.page.getByRole('button', { name: 'only what was found' }).click();
    await expect.poll(() => page.page.locator('#shown').innerText()).toBe(`14 of ${shown(lines)} lines`);
    expect(page.troubles).toEqual([]);
  });

  it('takes a text as it is typed, a regular expression only where one is asked for, and stops one that hangs (R18)', async () => {
    const bomb = madeReading({
      servers: 1,
      linesEach: 60,
      spelled: (text) => (/heartbeat|committed/.test(text) ? `${'a'.repeat(40)}!` : text),
    });
    const page = await openReport(bomb, {
      script: `const real = setTimeout; window.setTimeout = (work, ms, ...more) => real(work, ms === 10_000 ? 300 : ms, ...more);
        const end = Worker.prototype.terminate; window.ended = 0; Worker.prototype.terminate = function () { window.ended++; end.call(this); };`,
    });

    await page.page.locator('#query').fill('(a+)+b');
    await expect.poll(() => found(page).innerText()).toBe('0 lines');
    await page.page.locator('#is-regex').check();
    await expect.poll(() => found(page).innerText()).toContain('stopped after 10 s');
    expect(await page.value('window.ended')).toBe(2);
    await page.page.locator('#query').fill('(');
    await expect.poll(() => found(page).innerText()).toBe('not a regular expression');
    await page.page.locator('#query').fill('^a+!$');
    await expect.poll(() => found(page).innerText()).toMatch(/^\d+ lines$/);
    expect(page.troubles).toEqual([]);
  });

  it('a search that hangs can be stopped by hand, and its worker ends (R18)', async () => {
    const bomb = madeReading({ servers: 1, linesEach: 60, spelled: (text) => `${'a'.repeat(40)}! ${text}` });
    const script = `const end = Worker.prototype.terminate; window.ended = 0; Worker.prototype.terminate = function () { window.ended++; end.call(this); };`;
    const page = await openReport(bomb, { script });
    await page.page.locator('#is-regex').check();
    await page.page.locator('#query').fill('(a+)+b');

    await page.page.locator('#stop-find').click();

    await expect.poll(() => found(page).innerText()).toContain('stopped at 0 %');
    expect(await page.value('window.ended')).toBe(1);
    expect(await page.page.locator('#stop-find').isVisible()).toBe(false);
  });

  it('a reader is told how many rows there are, which one it is at, and what is chosen (R17)', async () => {
    const page = await openReport(reading, { hash: `l=${(reading.findings[1]?.line ?? 0) + 1}` });
    const list = page.page.locator('#list');
    const active = () =>
      page.value(`(() => {
        const row = document.getElementById(document.getElementById('list').getAttribute('aria-activedescendant'));
        return [row.getAttribute('aria-rowindex'), row.textContent].join(' ');
      })()`);
    const chip = page.page.locator('.chip', { hasText: 'debug.log' });

    await expect.poll(active).toMatch(new RegExp(`^${(reading.findings[1]?.line ?? 0) + 1} .*System exception`));
    expect(await list.getAttribute('aria-rowcount')).toBe(String(lines));
    expect(await chip.getAttribute('aria-pressed')).toBe('true');
    await chip.click();

    expect(await chip.getAttribute('aria-pressed')).toBe('false');
    const others = [...reading.lines.log].filter((log) => log % 3 !== 2).length;
    await expect.poll(() => list.getAttribute('aria-rowcount')).toBe(String(others));
  });

  it('folds continued lines into the ones they belong to, on request', async () => {
    const page = await openReport(reading);
    const continued = [...reading.lines.isContinued].filter((is) => is === 1).length;

    await page.page.getByRole('button', { name: 'fold continued lines' }).click();

    expect(continued).toBeGreaterThan(50);
    await expect
      .poll(() => page.page.locator('#shown').innerText())
      .toBe(`${shown(lines - continued)} of ${shown(lines)} lines`);
  });

  it('where only some lines are on the page, the timeline counts all there are', async () => {
    const page = await openReport(await reportHtml(reading, { lines: 'near' }));
    await page.page.locator('#canvas').scrollIntoViewIfNeeded();
    const box = await page.page.locator('#canvas').boundingBox();
    if (box === null) throw new Error('no canvas');

    await page.page.mouse.move(box.x + 92 + (box.width - 96) * 0.9, box.y + 60);

    await expect.poll(() => page.page.locator('#pointed').innerText()).toMatch(/ 0 errors, \d warnings, \d+ lines$/);
    const [, warnings, all] = /(\d) warnings, (\d+) lines/.exec(await page.page.locator('#pointed').innerText()) ?? [];
    expect(Number(all)).toBeGreaterThan(Number(warnings));
  });

  it('shows only chosen severities, servers and logs, and says how many lines those are', async () => {
    const page = await openReport(reading);
    const chip = (name: string) => page.page.locator('.chip', { hasText: name });
    const errors = [...reading.lines.severity].filter((severity) => severity === 4).length;

    await chip('error').click({ modifiers: ['Alt'] });
    await expect.poll(() => page.page.locator('#shown').innerText()).toBe(`${shown(errors)} of ${shown(lines)} lines`);
    await page.page.locator('#list').focus();
    await page.page.keyboard.press('2');
    await expect.poll(async () => (await rowsSeen(page)).filter((row) => row.startsWith('ICE02'))).toEqual([]);
    expect((await rowsSeen(page)).every((row) => row.includes('ERROR'))).toBe(true);
    await chip('ICE01').click();
    await chip('ICE03').click();
    await chip('ICE04').click();
    await expect.poll(() => page.page.locator('#shown').innerText()).toContain('nothing passes these filters');
    await page.page.getByRole('button', { name: 'all', exact: true }).click();
    await expect.poll(() => page.page.locator('#shown').innerText()).toBe(`all ${shown(lines)} lines`);
    await chip('system.log').click();
    await expect.poll(async () => (await rowsSeen(page)).some((row) => row.includes('system.log'))).toBe(false);
    expect(page.troubles).toEqual([]);
  });

  it('goes with its keys to the event, to errors, to marks, to a time, and to both ends', async () => {
    const page = await openReport(reading);
    const { keyboard } = page.page;
    await page.page.locator('#list').focus();

    await keyboard.press('Home');
    await expect.poll(() => cursorText(page)).toContain('10:02:');
    await keyboard.press('x');
    await expect.poll(() => cursorText(page)).toContain('ERROR');
    const first = await cursorText(page);
    await keyboard.press('x');
    await keyboard.press('Shift+X');
    await expect.poll(() => cursorText(page)).toBe(first);
    await keyboard.press('e');
    await expect.poll(() => cursorText(page)).toContain('10:32:0');
    await keyboard.press('[');
    await expect.poll(() => cursorText(page)).toContain('InCenter starting');
    await keyboard.press('[');
    await expect.poll(() => cursorText(page)).toContain('System exception occurred');
    await keyboard.press(']');
    await expect.poll(() => cursorText(page)).toContain('InCenter starting');
    await keyboard.press('g');
    await keyboard.type('nonsense');
    await keyboard.press('Enter');
    expect(await page.page.locator('#go-fault').innerText()).toContain('HH:MM');
    await page.page.locator('#go-time').fill('10:40:30');
    await keyboard.press('Enter');
    await expect.poll(() => cursorText(page)).toContain('10:40:3');
    await keyboard.press('End');
    await expect.poll(() => cursorText(page)).toContain('11:01:5');
    expect(page.troubles).toEqual([]);
  });

  it('takes no single letter for a key where that was turned off, or while somebody types', async () => {
    const page = await openReport(reading);
    await page.page.locator('#list').focus();
    await page.page.keyboard.press('Home');
    const first = await cursorText(page);

    await page.page.keyboard.press('?');
    await page.page.getByLabel('single letters are keys').uncheck();
    await page.page.getByRole('button', { name: 'close' }).click();
    await page.page.locator('#list').focus();
    await page.page.keyboard.press('e');
    await settle(page);

    expect(await cursorText(page)).toBe(first);
  });

  it('copies selected lines with server, file, number and both times', async () => {
    const page = await openReport(reading);
    const line = reading.findings[1]?.line ?? 0;
    await page.value(`location.hash = 'l=${line + 1}'`);
    await expect.poll(() => cursorText(page)).toContain('System exception');
    await page.page.locator('#list').focus();

    await page.page.keyboard.press('Shift+ArrowDown');
    await page.page.keyboard.press('c');
    await expect.poll(() => page.page.locator('#said').innerText()).toBe('2 lines copied');
    const copied = await page.clipboard();

    expect(copied.split('\n')).toHaveLength(2);
    expect(copied).toMatch(
      /^ICE02 system\.log:\d+ {2}10:32:25\.000 by its clock = 10:31:12\.000 {2}CRITICAL system\[1624\]: System exception/,
    );
  });

  it.each([
    ['t=10:31:58.5', '10:31:58.'],
    [`l=${(reading.findings[0]?.line ?? 0) + 1}`, '(txn 0)'],
    ['s=ICE02&q=System%20exception', 'ICE02'],
  ])('opens at %s', async (hash, text) => {
    const page = await openReport(reading, { hash });

    await expect.poll(() => cursorText(page)).toContain(text);
    expect(page.troubles).toEqual([]);
  });

  it('a link of a finding leads to its line, and a copied link leads back to it', async () => {
    const page = await openReport(reading);

    await page.page.locator('.findings a').nth(1).click();
    await expect.poll(() => cursorText(page)).toContain('System exception occurred');
    await page.page.getByRole('button', { name: 'copy link' }).click();
    await expect.poll(() => page.page.locator('#said').innerText()).toBe('copied');

    expect(await page.clipboard()).toMatch(new RegExp(`#l=${(reading.findings[1]?.line ?? 0) + 1}$`));
  });

  it('a link that was followed leads to its line again', async () => {
    const page = await openReport(reading);
    const link = page.page.locator('.findings a').first();
    await link.click();
    await expect.poll(() => cursorText(page)).toContain('(txn 0)');
    await page.page.locator('#list').focus();
    await page.page.keyboard.press('End');
    await expect.poll(() => cursorText(page)).not.toContain('(txn 0)');

    await link.click();

    await expect.poll(() => cursorText(page)).toContain('(txn 0)');
    await page.page.goBack();
    expect(await page.value('location.hash')).toBe('');
    expect(page.troubles).toEqual([]);
  });

  it('a line of a log that is not on the common clock is labelled, whatever its server knows (R05)', async () => {
    const logs = reading.logs.map((log, place) => ({ ...log, isOnCommonClock: place !== 3 }));
    const page = await openReport({ ...reading, logs }, { hash: `l=${(reading.findings[1]?.line ?? 0) + 1}` });

    await expect.poll(() => page.page.locator('#detail').innerText()).toContain('10:32:25.000 by its own clock');
  });

  it('says where what was found is not among the lines that are shown', async () => {
    const page = await openReport(reading);
    await page.page.locator('#query').fill('System exception occurred');
    await expect.poll(() => found(page).innerText()).toBe('14 lines');
    await page.page.locator('.chip', { hasText: 'ICE02' }).click();
    await page.page.locator('#list').focus();

    await page.page.keyboard.press('n');

    await expect.poll(() => page.page.locator('#said').innerText()).toBe('not in the lines that are shown');
  });

  it('shows the times of the files on request: what its server wrote (R05)', async () => {
    const page = await openReport(reading, { hash: `l=${(reading.findings[1]?.line ?? 0) + 1}` });
    await expect.poll(() => cursorText(page)).toContain('10:31:12.000');

    await page.page.locator('#clock').selectOption('own');

    await expect.poll(() => cursorText(page)).toContain('10:32:25.000');
  });

  it('a server whose clock was never measured is labelled, in the lanes and on its lines (R05)', async () => {
    const page = await openReport(madeReading({ offsets: [0, null, 0, 0] }), { hash: 's=ICE02' });

    expect(await page.page.locator('.words').innerText()).toContain('ICE02 clock was never measured');
    await page.page.locator('#list').focus();
    await page.page.keyboard.press('ArrowDown');
    await expect.poll(() => page.page.locator('#detail').innerText()).toContain('by its own clock');
  });

  it('zooms, moves and comes back by keys and buttons, and the list can follow', async () => {
    const page = await openReport(reading);
    const zoomed = page.page.locator('#zoomed');

    await page.page.locator('#zoom-event').click();
    await expect.poll(() => zoomed.innerText()).toBe('10:30:00.000 – 10:34:00.000');
    await page.page.locator('#only-zoomed').check();
    await expect.poll(() => page.page.locator('#shown').innerText()).toMatch(/^[\d\u202f]+ of /);
    await page.page.locator('#lanes').focus();
    await page.page.keyboard.press('+');
    await expect.poll(() => zoomed.innerText()).toBe('10:30:45.000 – 10:33:15.000');
    await page.page.keyboard.press('ArrowLeft');
    await expect.poll(() => zoomed.innerText()).toBe('10:30:15.000 – 10:32:45.000');
    await page.page.locator('#grip-since').focus();
    await page.page.keyboard.press('ArrowLeft');
    await expect.poll(() => zoomed.innerText()).toBe('10:30:12.000 – 10:32:45.000');
    expect(await page.page.locator('#grip-since').getAttribute('aria-valuetext')).toMatch(/10:30:12.*errors on ICE02/);
    await page.page.locator('#lanes').focus();
    await page.page.keyboard.press('0');
    await expect.poll(() => zoomed.innerText()).toBe('');
    expect(page.troubles).toEqual([]);
  });

  it('a click in the timeline shows the lines of that time', async () => {
    const page = await openReport(reading);
    await page.page.locator('#canvas').scrollIntoViewIfNeeded();
    const box = await page.page.locator('#canvas').boundingBox();
    if (box === null) throw new Error('no canvas');

    await page.page.mouse.click(box.x + 92 + (box.width - 96) * 0.75, box.y + 60);

    await expect.poll(() => cursorText(page)).toMatch(/10:4[67]:/);
  });

  it('a damaged block costs its own lines, and says so (R12)', async () => {
    const html = await reportHtml(reading);
    const damaged = html.replace(/(id="b1">)[A-Za-z0-9+/]{200}/, `$1${'A'.repeat(200)}`);
    expect(damaged).not.toBe(html);
    const page = await openReport(damaged, { hash: 'l=2100' });

    await expect.poll(() => cursorText(page)).toContain('these 2048 lines cannot be read');
    await page.value(`location.hash = 'l=5000'`);
    await expect.poll(() => cursorText(page)).toMatch(/ICE0\d10:.*\[/);
    await page.page.locator('#query').fill('txn');
    await expect.poll(() => found(page).innerText()).toContain('1 blocks unreadable');
    expect(page.troubles).toEqual([]);
  });

  it('a block that became far more than it was is not unpacked to its end (R12)', async () => {
    const much = deflateRawSync(Buffer.alloc(64 * 1024 * 1024, 10)).toString('base64');
    const html = (await reportHtml(reading)).replace(/(id="b1">)[^<]*/, `$1${much}`);
    const script = `const read = ReadableStreamDefaultReader.prototype.read; window.unpacked = 0;
      ReadableStreamDefaultReader.prototype.read = async function () { const part = await read.call(this); window.unpacked += part.value?.length ?? 0; return part; };`;
    const page = await openReport(html, { hash: 'l=2100', script });

    await expect.poll(() => cursorText(page)).toContain('these 2048 lines cannot be read');
    expect(await page.value('window.unpacked')).toBeLessThan(16 * 1024 * 1024);
  });

  it('a block with another number of lines than its index says is not shown as those lines (R12)', async () => {
    const other = deflateRawSync(Buffer.from('another line\n'.repeat(2046))).toString('base64');
    const page = await openReport((await reportHtml(reading)).replace(/(id="b1">)[^<]*/, `$1${other}`), {
      hash: 'l=2100',
    });

    await expect.poll(() => cursorText(page)).toContain('these 2048 lines cannot be read');
  });

  it.each([
    ['a column', (html: string) => html.replace(/(id="c-at">)[^<]*/, '$1AAAA')],
    ['its data', (html: string) => html.replace(/(id="data">)[^<]*/, '$1{')],
    ['the counts', (html: string) => html.replace(/(id="c-density">)[^<]*/, '$1AAAA')],
  ])('where %s is damaged, all that reads without script is there, and it is said (R12)', async (_, damage) => {
    const page = await openReport(damage(await reportHtml(reading)), { isLive: false });

    await expect.poll(() => page.page.locator('#no-lines').innerText()).toContain('damaged on its way');
    expect(await page.page.locator('svg.overview').isVisible()).toBe(true);
    expect(await page.page.locator('.excerpts').isVisible()).toBe(true);
    for (const id of ['#viewer', '#lanes', '#find']) expect(await page.page.locator(id).isVisible()).toBe(false);
  });

  it('without any line in its list, the lines round what stands out are there, and links lead to them', async () => {
    const page = await openReport(await reportHtml(reading, { lines: 'none' }), { isLive: false });
    await expect.poll(() => page.page.locator('#no-lines').innerText()).toContain('is not on this page');

    await page.page.locator('.findings a').first().click();

    expect(await page.page.locator(':target').innerText()).toContain('(txn 0)');
    expect(page.troubles).toEqual([]);
  });

  it('failed logins are not drawn as silence, though they last', async () => {
    const failures = { kind: 'failed-login' as const, server: 1, log: 3, at: reading.span.since + 600_000 };
    const script = `const clip = CanvasRenderingContext2D.prototype.clip; window.holes = 0;
      CanvasRenderingContext2D.prototype.clip = function (...all) { window.holes++; return clip.apply(this, all); };`;
    const silence = reading.markers.filter(({ kind }) => kind === 'silence');
    const login = { ...failures, until: failures.at + 20_000, text: '6 failed logins' };
    const withSilence = await openReport({ ...reading, markers: silence }, { script });
    await expect.poll(() => withSilence.value('window.holes')).toBeGreaterThan(0);

    const withLogins = await openReport({ ...reading, markers: [login] }, { script });
    await settle(withLogins);

    expect(await withLogins.value('window.holes')).toBe(0);
  });

  it('an old browser has everything but the list, and is told why (R10)', async () => {
    const script = `const Old = DecompressionStream; window.DecompressionStream = function (format) { if (format === 'deflate-raw') throw new TypeError('unsupported'); return new Old(format); };`;
    const page = await openReport(reading, { script, isLive: false });

    expect(await page.page.locator('#no-lines').innerText()).toContain('too old to unpack the lines');
    expect(await page.page.locator('svg.overview').isVisible()).toBe(true);
    expect(await page.page.locator('.excerpts').isVisible()).toBe(true);
    expect(page.troubles).toEqual([]);
  });

  it('works without fromBase64 and without Trusted Types, as other browsers do (R10)', async () => {
    const script = 'delete Uint8Array.fromBase64; delete window.trustedTypes;';
    const page = await openReport(reading, { script });

    await expect.poll(() => cursorText(page)).toContain('10:32:0');
    expect(page.troubles).toEqual([]);
  });

  it('reads without script: findings, tables, picture and lines are there (R09)', async () => {
    const page = await openReport(reading, { context: { javaScriptEnabled: false }, isLive: false });

    expect(await page.page.getByText('No script runs here').isVisible()).toBe(true);
    expect(await page.page.locator('svg.overview').isVisible()).toBe(true);
    expect(await page.page.locator('.excerpt .line').count()).toBeGreaterThan(20);
    expect(await page.page.locator('#viewer').isVisible()).toBe(false);
    await page.page.locator('.findings a').first().click();
    expect(await page.page.locator(':target').innerText()).toContain('(txn 0)');
    expect(page.troubles).toEqual([]);
  });
});
