import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContextOptions } from 'playwright-core';
import { afterAll, describe, expect, it } from 'vitest';
import type { Reading } from '../../src/reading/reading.ts';
import { closeChromium } from '../support/chromium.ts';
import { madeReading } from '../support/made-reading.ts';
import { cursorText, openReport, type ReportPage, reportHtml } from '../support/report-page.ts';
import { lacks } from '../support/requirements.ts';
import { projectRoot } from '../support/rig.ts';

const reading = madeReading();
const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
const hostileText = (text: string) => `${text} <script>alert(1)</script> "&' ⟨U+202E⟩ ${'x'.repeat(60)}`;

/** Pictures for a person to look at; nothing compares them. */
const screens = join(projectRoot, '.cache', 'screens');

async function picture({ page }: ReportPage, name: string, fullPage = true): Promise<void> {
  mkdirSync(screens, { recursive: true });
  await page.waitForTimeout(150);
  writeFileSync(join(screens, `${name}.png`), await page.screenshot({ fullPage }));
}

/** How far anything reaches beyond the right edge. */
const overflow = `Math.max(document.documentElement.scrollWidth - document.documentElement.clientWidth, ...[...document.querySelectorAll('main *, header, header *, nav *')]
  .filter((each) => each.closest('.wide, #list, .excerpt, svg, .offscreen, .chip > *, dialog') === null && each.getClientRects().length > 0)
  .map((each) => each.getBoundingClientRect().right - document.documentElement.clientWidth))`;

/** Sections and their headings that lie over each other. */
const overlaps = `[...document.querySelectorAll('main > section')].filter((each) => each.getClientRects().length > 0)
  .filter((each, at, all) => at > 0 && each.getBoundingClientRect().top < all[at - 1].getBoundingClientRect().bottom - 1).length`;

type Violation = { id: string; nodes: { html: string; failureSummary: string }[] };

/** By an isolated world: the policy of the page keeps out every script but its own. */
async function violations({ page }: ReportPage): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const { executionContextId: contextId } = await session.send('Page.createIsolatedWorld', {
    frameId: frameTree.frame.id,
  });
  const axe = readFileSync(join(projectRoot, 'node_modules/axe-core/axe.min.js'), 'utf8');
  await session.send('Runtime.evaluate', { expression: axe, contextId });
  const { result } = await session.send('Runtime.evaluate', {
    expression: 'axe.run().then(({ violations }) => JSON.stringify(violations))',
    ...{ contextId, awaitPromise: true, returnByValue: true },
  });
  const found = JSON.parse(result.value as string) as Violation[];
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
  );
}

describe.skipIf(lacks('chromium'))('how the report looks, in Chromium', () => {
  afterAll(closeChromium);

  it.each<[string, Reading, BrowserContextOptions]>([
    ['light', reading, {}],
    ['dark', reading, { colorScheme: 'dark' }],
    ['phone', reading, phone],
    ['empty', madeReading({ linesEach: 0, servers: 1 }), {}],
    ['partial', madeReading({ manifest: false, linesEach: 400, offsets: [0, null, null, 0] }), {}],
    ['hostile', madeReading({ linesEach: 400, spelled: hostileText }), {}],
    ['20-servers', madeReading({ servers: 20, clusters: 4, linesEach: 400 }), {}],
    ['hostile-phone', madeReading({ linesEach: 400, spelled: hostileText }), phone],
  ])('nothing overflows or overlaps: %s', async (name, shown, context) => {
    const page = await openReport(shown, { context });
    await picture(page, name);

    expect(await page.value('innerWidth')).toBe(context.viewport?.width ?? 1366);
    expect(await page.value(overflow)).toBeLessThanOrEqual(1);
    expect(await page.value(overlaps)).toBe(0);
    expect(page.troubles).toEqual([]);
  });

  it('zoomed in, and with large text, all of it can still be reached (R17)', async () => {
    const page = await openReport(reading);
    await page.page.locator('#zoom-event').click();
    await page.page.locator('#query').fill('exception');
    await expect.poll(() => page.page.locator('#found').innerText()).toMatch(/^14 lines$/);
    await page.page.locator('#timeline').scrollIntoViewIfNeeded();
    await picture(page, 'zoomed', false);

    await page.value(`document.documentElement.style.fontSize = '200%'; document.body.style.fontSize = '30px'`);

    expect(await page.value(overflow)).toBeLessThanOrEqual(1);
  });

  it.each([
    ['no-script', { javaScriptEnabled: false }, (html: string) => html],
    ['no-style', {}, (html: string) => html.replace(/<style>.*?<\/style>/s, '').replace(/<script>.*?<\/script>/s, '')],
  ] as const)('reads in the order of the questions: %s (R09)', async (name, context, changed) => {
    const page = await openReport(changed(await reportHtml(reading)), { context, isLive: false });
    await picture(page, name);

    const texts = await page.page.locator('h1, h2').allInnerTexts();
    expect(texts.slice(0, 4)).toEqual(['VPN tunnels of site 3 dropped', 'Is it whole?', 'What stands out', 'Timeline']);
    expect(await page.page.locator('.excerpt .line').first().isVisible()).toBe(true);
    expect(await page.page.locator('#viewer').isVisible()).toBe(false);
  });

  it.each<[string, BrowserContextOptions]>([
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['a phone', phone],
    ['forced colours', { forcedColors: 'active' }],
  ])('axe finds nothing, with the list at its hostile lines: %s (R17)', { timeout: 120_000 }, async (_, context) => {
    const page = await openReport(madeReading({ linesEach: 300, spelled: hostileText }), { context, hash: 'l=200' });
    await expect.poll(() => cursorText(page)).toContain('<script>');
    await page.value(`document.querySelectorAll('details').forEach((each) => { each.open = true; })`);

    expect(await violations(page)).toEqual([]);
  });

  it('the keys and settings have no fault either, and change the colours (R17)', { timeout: 120_000 }, async () => {
    const page = await openReport(madeReading({ linesEach: 100 }));
    await page.page.keyboard.press('?');
    await page.page.locator('#theme').selectOption('dark');

    expect(await violations(page)).toEqual([]);
    expect(await page.value('getComputedStyle(document.body).backgroundColor')).toBe('rgb(20, 23, 27)');
    await page.page.keyboard.press('Escape');
  });

  it('a reader hears the sections in the order of the questions, and a line as a row (R17)', async () => {
    const page = await openReport(reading);
    const session = await page.page.context().newCDPSession(page.page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const names = (role: string) =>
      nodes.filter((node) => node.role?.value === role).map((node) => String(node.name?.value ?? ''));

    expect(
      names('heading').filter((name) => /\?$|stands|Timeline|^Lines|Servers|Before|Everything/.test(name)),
    ).toEqual([
      ...['Is it whole?', 'What stands out', 'Timeline', 'Lines', 'Servers side by side', 'Before and now'],
      'Everything in the bundle',
    ]);
    expect(names('row').some((name) => /^ICE0\d .*10:3\d:\d\d\.\d{3}/.test(name))).toBe(true);
    expect(names('grid')).toEqual(['Lines']);
    expect(names('slider')).toEqual(['From', 'To']);
  });

  it('prints at most 40 pages, with the picture and the lines round what stands out, without the list (R14)', async () => {
    const page = await openReport(reading);
    const pdf = await page.page.pdf({ format: 'A4', printBackground: false });
    mkdirSync(screens, { recursive: true });
    writeFileSync(join(screens, 'print.pdf'), pdf);
    await page.page.emulateMedia({ media: 'print' });
    await picture(page, 'print');

    const pages = pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(1);
    expect(pages).toBeLessThanOrEqual(40);
    expect(await page.page.locator('svg.overview').isVisible()).toBe(true);
    expect(await page.page.locator('.excerpts').isVisible()).toBe(true);
    expect(await page.page.locator('#list').isVisible()).toBe(false);
    expect(await page.page.locator('footer').innerText()).toContain('the list of them is not printed');
  });
});
