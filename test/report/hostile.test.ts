import { afterAll, describe, expect, it } from 'vitest';
import { closeChromium } from '../support/chromium.ts';
import { madeReading } from '../support/made-reading.ts';
import { openReport, type ReportPage, reportHtml, rowsSeen } from '../support/report-page.ts';
import { lacks } from '../support/requirements.ts';

const attacks = [
  '<script>document.title="taken"</script>',
  '</script><script>document.title="taken"</script>',
  '<img src=x onerror=document.title="taken">',
  '--><!-- ]]> &amp; &lt;',
  '"\' onmouseover="document.title=1" x=\'',
  'javascript:document.title=1',
  '<style>*{display:none}</style></style></title></textarea>',
  '<svg/onload=document.title=1>{{7*7}}',
];

/** Every text becomes an attack; which one hangs on the text alone. */
function hostile(text: string): string {
  const sum = [...text].reduce((all, character) => all + character.charCodeAt(0), 0);
  return `${text} ${attacks[sum % attacks.length]}`;
}

/** The same, of letters alone. */
function harmless(text: string): string {
  return hostile(text).replace(/[^ A-Za-z0-9#_.:-]/g, 'x');
}

/** Elements and the names of their attributes, without texts. */
const skeleton = `(function walk(node) {
  const names = [...node.attributes].map(({ name }) => name).sort().join(' ');
  return '<' + node.tagName + ' ' + names + '>' + [...node.children].map(walk).join('');
})(document.documentElement)`;

async function walkThrough({ page, value }: ReportPage): Promise<void> {
  await page.locator('#query').fill('<script>');
  await expect.poll(() => page.locator('#found').innerText()).toMatch(/lines?$/);
  await page.locator('#list').focus();
  for (const key of ['n', 'x', 'e', ']', 'PageDown', 'Shift+ArrowDown', 'End', 'Home']) await page.keyboard.press(key);
  await expect.poll(() => value(`document.querySelector('.row.cursor')?.getAttribute('aria-rowindex')`)).toBe('1');
}

describe.skipIf(lacks('chromium'))('a report of hostile texts, in Chromium', () => {
  afterAll(closeChromium);

  it('shows them as they were typed: no node, request or dialog is made of them (R01)', async () => {
    const options = { linesEach: 300 };
    const attacked = await openReport(madeReading({ ...options, spelled: hostile }));
    const twin = await openReport(madeReading({ ...options, spelled: harmless }));
    expect(await attacked.value(skeleton)).toBe(await twin.value(skeleton));

    await walkThrough(attacked);

    expect(attacked.troubles).toEqual([]);
    expect(await attacked.page.title()).toContain('VPN tunnels');
    expect(await attacked.page.title()).not.toBe('taken');
    expect(await attacked.page.locator('h1').innerText()).toBe(hostile('VPN tunnels of site 3 dropped'));
    await attacked.value(`location.hash = 'l=100'`);
    await expect
      .poll(async () => (await rowsSeen(attacked)).some((row) => row.includes('<script>document')))
      .toBe(true);
  });

  it.each([
    [
      'an inline script',
      `document.body.append(Object.assign(document.createElement('script'), { textContent: 'window.taken = 1' }))`,
    ],
    ['markup', `document.body.innerHTML = '<b>taken</b>'`],
    ['a handler', `document.body.setAttribute('onclick', 'window.taken = 1'); document.body.click()`],
    ['eval', `eval('window.taken = 1')`],
    ['an image', `new Image().src = 'https://attacker.example/x.png'`],
    ['fetch', `fetch('https://attacker.example/').catch(() => undefined)`],
    ['a style', `document.body.setAttribute('style', 'display:none')`],
    [
      'a base',
      `document.head.append(Object.assign(document.createElement('base'), { href: 'https://attacker.example/' }))`,
    ],
    [
      'a form',
      `(() => { const form = document.createElement('form'); form.action = 'https://attacker.example/'; document.body.append(form); form.submit(); })()`,
    ],
    [
      'a frame',
      `document.body.append(Object.assign(document.createElement('iframe'), { src: 'https://attacker.example/' }))`,
    ],
    ['a worker of a text', `new Worker('data:text/javascript,1')`],
  ])('its policy stops %s, and the browser says so (R02)', async (_, attack) => {
    const report = await openReport(madeReading({ servers: 1, linesEach: 50 }));

    // As the script of the page would: `value` itself is above its policy.
    await report.value(
      `new Promise((resolve) => { setTimeout(() => { try { ${attack} } catch (error) { console.error(String(error)); } resolve(); }, 0); })`,
    );

    await expect.poll(() => report.troubles.join('\n')).toMatch(/Content Security Policy|TrustedHTML|Trusted|violates/);
    expect(await report.value('window.taken ?? document.body.dataset.taken ?? null')).toBeNull();
    expect(await report.value('document.baseURI.startsWith("file:") && document.querySelector("h1") !== null')).toBe(
      true,
    );
  });
});

describe('the policy of a report', () => {
  it('stands within the first 1 024 bytes, before any text of the bundle (R02)', async () => {
    const source = await reportHtml(madeReading({ servers: 2, linesEach: 50 }));
    const head = Buffer.from(source).subarray(0, 1024).toString();

    expect(head).toMatch(/Content-Security-Policy" content="default-src &#39;none&#39;; script-src &#39;sha256-/);
    expect(head).toContain('trusted-types icepack">');
    expect(source.indexOf('TIC-1234')).toBeGreaterThan(source.indexOf('trusted-types icepack">'));
  });

  it('no text leaves its place in the source: tags are ours alone (R01)', async () => {
    const tagsOf = (source: string) => source.match(/<\/?[a-z!][^\s>]*/gi)?.filter((tag) => !tag.startsWith('<path'));
    const options = { linesEach: 100 };
    const attacked = await reportHtml(madeReading({ ...options, spelled: hostile }));
    const twin = await reportHtml(madeReading({ ...options, spelled: harmless }));

    expect(tagsOf(attacked)).toEqual(tagsOf(twin));
  });
});
