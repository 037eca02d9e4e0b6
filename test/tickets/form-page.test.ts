import { afterAll, describe, expect, it } from 'vitest';
import type { FormField } from '../../src/helpdesk/help-desk.ts';
import { formPage } from '../../src/tickets/portal/form-page.ts';
import type { PageFacts } from '../../src/tickets/portal/page-facts.ts';
import { closeChromium, openPage } from '../support/chromium.ts';
import { lacks } from '../support/requirements.ts';

const hostile = `</div><script>document.title='taken'</script> "quoted" 'and' &amp; <img src=x onerror=alert(1)>`;
const description = `\n  What happened: the VPN "east" is down 🧊 since 10:32.\n\t<b>Not bold</b> & ${'x'.repeat(300)}\n\nSystem: InCenter 2.2.5\n`;

const fields: FormField[] = [
  { page: 'product', field: 'Product', label: 'Product', text: 'InCenter' },
  { page: 'product', field: 'Version', label: 'Version', text: undefined },
  { page: 'product', field: 'License', label: 'License', text: '1234-5678-9012' },
  { page: 'ticket', field: 'Summary', label: 'Summary', text: hostile },
  { page: 'ticket', field: 'Description', label: 'Description', text: description },
  { page: 'ticket', field: 'Severity', label: 'Priority', text: 'High' },
  { page: 'ticket', field: 'Reference', label: 'Own reference', text: 'icepack-k3f9' },
];
const zip = {
  name: 'TIC-7_Event1_20261120_1032.zip',
  path: '/home/op/.local/state/icepack/runs/20261120-1032-east-k3f9/TIC-7_Event1_20261120_1032.zip',
  bytes: 12_400_000,
  sha256: 'ab'.repeat(32),
};
const asked: PageFacts = {
  run: '20261120-1032-east-k3f9',
  url: 'https://portal.example.com/',
  fields,
  ticket: undefined,
  zip: undefined,
  collectedBytes: 20_000_000,
  limitBytes: 25_000_000,
  mayFit: true,
  fetch: undefined,
};
const large = { ...asked, ticket: 'TIC-7', zip: { ...zip, bytes: 31_200_000 } };

describe.skipIf(lacks('chromium'))('the page for a web form, in Chromium', () => {
  afterAll(closeChromium);

  it('has the steps of the form in its order, complains about nothing, and asks no network for anything', async () => {
    const { page, troubles } = await openPage(formPage({ ...asked, ticket: 'TIC-7', zip }));

    expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual([
      '1Product',
      '2Ticket',
      '3Confirm',
      '4Attach',
    ]);
    expect(await page.locator('.label').allInnerTexts()).toEqual([
      ...fields.map(({ label }) => label),
      ...['ZIP', 'Size', 'Path', 'SHA-256'],
    ]);
    expect(await page.title()).toContain('TIC-7: </div><script>');
    expect(troubles).toEqual([]);
  });

  it.each([
    ['as browsers do it today', ''],
    ['by the command of older ones', 'delete Navigator.prototype.clipboard'],
  ])('copies exactly the text of each field, %s', async (_way, script) => {
    const { page, clipboard } = await openPage(formPage(asked), {}, script);
    const reader = script === '' ? clipboard : (await openPage('<title>reader</title>')).clipboard;

    for (const { label, text } of fields) {
      if (text === undefined) continue;
      await page.bringToFront();
      await page.getByRole('button', { name: `Copy: ${label}`, exact: true }).click();
      await page.getByText(`${label} copied`).waitFor({ state: 'attached' });

      expect(await reader()).toBe(text);
    }
  });

  it('is used with the keyboard, and tells a screen reader what was copied', async () => {
    const { page, clipboard } = await openPage(formPage(asked));
    const focused = () => page.evaluate('document.activeElement.getAttribute("aria-label")');

    await page.keyboard.press('Tab'); // the address of the help desk
    await page.keyboard.press('Tab');
    const first = await focused();
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('Product copied').waitFor({ state: 'attached' });
    const after = await focused();
    await page.keyboard.press('Tab');

    expect([first, after, await focused()]).toEqual(['Copy: Product', 'Copy: Product', 'Copy: License']);
    expect(await clipboard()).toBe('InCenter');
  });

  it('selects a text that it may not copy', async () => {
    const script = 'delete Navigator.prototype.clipboard; Document.prototype.execCommand = () => false';
    const { page } = await openPage(formPage(asked), {}, script);

    await page.getByRole('button', { name: 'Copy: License' }).click();
    await page.getByText('License is selected; copy it with the keyboard').waitFor({ state: 'attached' });

    expect(await page.evaluate('getSelection().toString()')).toBe('1234-5678-9012');
  });

  it('is read without scripts, and has no buttons then', async () => {
    const { page } = await openPage(formPage(large), { javaScriptEnabled: false });

    for (const { field, text } of fields) {
      if (text === undefined) continue;
      expect(await page.locator(`#${field.toLowerCase()}`).isVisible()).toBe(true);
      expect(await page.locator(`#${field.toLowerCase()}`).textContent()).toBe(text);
    }
    expect(await page.locator('button:visible').count()).toBe(0);
    expect(await page.getByText(large.zip.path, { exact: true }).isVisible()).toBe(true);
  });

  it.each([360, 768, 1280])('fits a screen of %i pixels', async (width) => {
    const { page } = await openPage(formPage({ ...large, fetch: `scp op@192.0.2.7:${zip.path} .` }), {
      viewport: { width, height: 740 },
    });

    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it.each(['light', 'dark'] as const)('can be read in %s colours', async (colorScheme) => {
    const { page } = await openPage(formPage(large), { colorScheme });

    const contrasts = await page.evaluate(contrastOfTexts);

    expect(contrasts).not.toEqual([]);
    expect((contrasts as [string, number][]).filter(([, contrast]) => contrast < 4.5)).toEqual([]);
  });
});

/** Each text with how its colour stands out from what is behind it, as WCAG reckons it; runs in the page. */
const contrastOfTexts = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = channels(color).map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    return channels(color)[3] === 0 ? behind(element.parentElement) : color;
  };
  return [...document.querySelectorAll('h1, h2, .number, p, a, .label, .value, button')].map((element) => {
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    return [element.textContent.slice(0, 20), (a + 0.05) / (b + 0.05)];
  });
})()`;

describe('the page for a web form', () => {
  it('says what to do with a ZIP over the limit, and not to drop it', () => {
    const page = formPage(large);

    expect(page).toContain('Do not attach it: it has 31.2 MB, over the limit of 25.0 MB');
    expect(page).toContain('icepack upload 20261120-1032-east-k3f9 --to URL');
    expect(page).toContain('icepack submit 20261120-1032-east-k3f9 --fit');
    expect(page).toContain('in a comment of TIC-7');
    expect(page).not.toContain('drop the ZIP');
    expect(formPage({ ...large, mayFit: false })).not.toContain('--fit');
  });

  it('names the ZIP only when it is written, and warns before where it may be too large', () => {
    const before = formPage({ ...asked, collectedBytes: 40_000_000 });
    const pending = formPage({ ...asked, zip: { ...zip, name: 'TIC-pending_Event1_20261120_1032.zip' } });

    expect(before).toContain('40.0 MB were collected: the ZIP may be over the limit');
    expect(before).not.toContain('zip-name');
    expect(pending).toContain('Not this ZIP yet');
    expect(pending).toContain('icepack submit 20261120-1032-east-k3f9 --ticket NUMBER');
  });

  it('is about the ZIP alone where the ticket was there already', () => {
    const page = formPage({ ...asked, fields: [], ticket: 'TIC-7', zip });

    expect(page).toContain('Open TIC-7 and drop the ZIP into its attachment box');
    expect(page).not.toContain('Confirm');
  });
});
