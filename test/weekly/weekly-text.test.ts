import { describe, expect, it } from 'vitest';
import { weeklyPage } from '../../src/weekly/weekly-page.ts';
import { weeklyLines } from '../../src/weekly/weekly-text.ts';
import { closeChromium, openPage } from '../support/chromium.ts';
import { at, hostile, madeWeek, maintenanceOf, weekOf } from './made-week.ts';

const textOf = (...status: Parameters<typeof madeWeek>) => weeklyLines(madeWeek(...status)).join('\n');

describe('the text of a week', () => {
  it('says what there is to tell, in lines that fit a mail and a terminal', () => {
    const text = textOf();

    expect(text.split('\n').filter((line) => [...line].length > 78)).toEqual([]);
    expect(text).toMatch(
      /^Example AB – weekly status, week 47 \(16–22 November 2026\)\nAs of Mon 23 Nov 08:00; times of Europe\/Stockholm\.\n/,
    );
    expect(text).toContain('3 incidents began, 1 was resolved; 2 tickets are open.');
    expect(text).toContain(
      '  TIC-1290  open, acknowledged\n      cluster east: server silent (ICE01)\n      since Fri 20 Nov 10:18, answered after 21 min\n',
    );
    expect(text).toContain('Thu 19 Nov 22:10 – Fri 20 Nov 09:30, answered after 4 min, 1.5 h of work');
    expect(text).toContain('  I43, no ticket  open\n');
    expect(text).toContain('  M9  Sun 22 Nov 02:00–03:10\n');
    expect(text).toContain('planned Sun 22 Nov 02:00–04:00\n      ICE01 down 14 min\n');
    expect(text).toMatch(/M10 {2}Sun 29 Nov 02:00–04:00\n.*\n {6}DOWNTIME EXPECTED\n/);
    expect(text).toContain('Answered within 1 h: 2 of 2; 1 more was over before that.');
    expect(text).toContain('Summaries within 24 h: 1 of 2 (missing: TIC-1276).');
    expect(text).toContain('99.97 % of rounds were whole.');
    expect(text).toContain('Blind Tue 17 Nov 03:12–03:19: the own network was down.');
    expect(text).toContain('Not at work Tue 17 Nov 11:00–12:00: what happened then is not known.');
  });

  it('says what is not known, and that it is late', () => {
    const { tickets, done } = madeWeek();
    const text = textOf({
      isLate: true,
      tickets: { ...tickets, more: 1800, isCut: true, notAsked: ['the help desk does not list its tickets'] },
      done: done.map((row) => ({ ...row, down: [], unseenMs: 20 * 60_000 })),
      watch: { whole: 0, others: 0, blind: [], gaps: [], unread: ['/state/2026-11.jsonl.damaged-1 is damaged'] },
      missed: [{ week: weekOf('2026-W45'), began: 2, resolved: 1, maintenance: ['M4'] }],
      goals: {},
    }).replaceAll(/\s+/g, ' ');

    expect(text).toContain('This status is late');
    expect(text).toContain(
      'These are the first 4 of at least 1804. Only tickets of incidents that the watch knows are here: the help desk',
    );
    expect(text).toContain('not known for 20 min of it');
    expect(text).not.toContain('no server was down');
    expect(text).toContain('No round is known of this time.');
    expect(text).toContain('1 file of what the watch wrote cannot be read: what was in there is missing here.');
    expect(text).toContain('week 45 (2–8 November 2026) 2 incidents began, 1 resolved maintenance M4');
    expect(text).toContain('Nothing had to be answered.');
  });

  it('tells two times apart that clocks show twice, and says the year where it is another one', () => {
    const next = [
      {
        maintenance: maintenanceOf(),
        what: 'ICE01',
        reason: 'x',
        span: { from: at('2026-10-25T00:30Z'), until: at('2026-10-25T01:30Z') },
      },
    ];

    expect(textOf({ next })).toContain('Sun 25 Oct 02:30 (+02:00)–02:30 (+01:00)');
    expect(textOf({ next, zone: 'America/St_Johns' })).toContain('Sat 24 Oct 22:00–23:00');
    expect(textOf({ asOf: at('2027-01-04T07:00Z'), week: weekOf('2026-W53') })).toContain(
      'since Fri 20 Nov 2026 10:18',
    );
  });
});

describe('the page of a week', { timeout: 120_000 }, () => {
  const [row] = madeWeek().tickets.rows;
  const tickets = {
    ...madeWeek().tickets,
    rows: row === undefined ? [] : [{ ...row, what: hostile, url: 'javascript:alert(1)' }],
  };

  it('escapes what others wrote, runs nothing, asks no network, and links to nothing but pages', async () => {
    const source = weeklyPage(madeWeek({ tickets, organization: hostile }), ['2026-W46']);
    const { page, troubles } = await openPage(source);

    expect(source).not.toMatch(/<script|javascript:|\son\w+=[^x]|https?:\/\/(?!desk\.example)/);
    expect(await page.locator('a').evaluateAll((links) => links.map((link) => link.getAttribute('href')))).toEqual([
      '2026-W46.html',
    ]);
    expect(troubles).toEqual([]);
  });

  it.each([390, 1000])('reads without scrolling sideways at %d pixels, in light and dark', async (width) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page } = await openPage(weeklyPage(madeWeek()), { viewport: { width, height: 900 }, colorScheme });
      const shots = process.env['ICEPACK_SHOTS'];
      if (shots !== undefined) await page.screenshot({ path: `${shots}/${width}-${colorScheme}.png`, fullPage: true });

      expect(await page.evaluate('document.documentElement.scrollWidth <= window.innerWidth')).toBe(true);
    }
    await closeChromium();
  });
});
