import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { spelled } from '../../src/domain/command.ts';
import type { Answer, Seen, Sighting, Stamp } from '../../src/domain/watch-event.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { standings } from '../../src/watch/standing.ts';
import { writeStatusPage } from '../../src/watch/status-page.ts';
import { type StatusFacts, statusLines } from '../../src/watch/status-text.ts';
import { watchedIn } from '../../src/watch/watching.ts';

const minute = 60_000;
const start = Date.parse('2026-11-20T09:32:00Z');
const at = (minutes: number): Stamp => ({ wallMs: start + minutes * minute, boot: 'a', upMs: minutes * minute });
const hostile = '/data/<script>alert(1)</script>\u001b[31m\u202e';

const config = parseConfig(
  `organization: "Example <b>AB</b>"
appliances:
  ice01: { id: 1, address: 192.0.2.1, cluster: east }
  ice02: { id: 2, address: 192.0.2.2, cluster: east }
  ice03: { id: 3, address: 192.0.2.3 }
`,
  'icepack.yaml',
  undefined,
  providers,
);

function seen(check: string, answer: Answer, more: Partial<Seen> = {}): Seen {
  return { check, answer, at: at(20), ...more };
}

const firing = { phase: 'firing' as const, badSince: at(4), watchedMs: 0, looks: 1, seenAt: at(20) };
const silent: Answer = { is: 'unknown', text: 'not asked: the server is silent', explained: true };

const sighting: Sighting = {
  schema: 1,
  round: { at: at(20), tookMs: 8000 },
  servers: {
    ice01: {
      ...{ visitedAt: at(20), refused: {}, hung: {} },
      seen: [
        seen('silent', { is: 'bad', text: 'no answer within 10 s at 192.0.2.1' }, { event: firing }),
        seen('incenter', silent),
        seen('data', silent),
      ],
    },
    ice02: {
      ...{ visitedAt: at(20), refused: {}, hung: {} },
      seen: [
        seen('silent', { is: 'ok', text: 'answers' }),
        seen('data', { is: 'bad', text: '93.0 % used' }, { instance: hostile, event: { ...firing, phase: 'pending' } }),
        seen('incenter', { is: 'unknown', text: 'refused' }, { blind: firing }),
      ],
    },
  },
};

const replies: StatusFacts['replies'] = { refused: [], ignored: [], faults: [] };

function factsAt(minutes: number, more: Partial<StatusFacts> = {}): StatusFacts {
  const servers = standings(watchedIn(config.appliances, config.watch), sighting);
  const times = {
    everyMs: 2 * minute,
    self: config.watch.self,
    now: new Date(at(minutes).wallMs),
    zone: 'Europe/Stockholm',
  };
  return {
    servers,
    jumpHosts: [],
    incidents: [],
    damaged: [],
    untilWell: [],
    sighting,
    replies,
    atWork: undefined,
    ...times,
    ...more,
  };
}

const textOf = (facts: StatusFacts) => statusLines(facts).map(({ text }) => spelled(text));

describe('the status of all servers', () => {
  it('begins with what is wrong, and says since when, and what was seen', () => {
    expect(textOf(factsAt(21))).toEqual([
      '3 servers. Last round 2026-11-20 10:52:00, took 8.0 s.',
      expect.stringMatching(/^Without canaries /),
      '✗ ICE01  silent  FIRING server silent (emergency) since 2026-11-20 10:36, 17 min',
      '    no answer within 10 s at 192.0.2.1',
      '? ICE01  incenter, data  unknown',
      '    not asked: the server is silent',
      '! ICE02  incenter  no answer since 2026-11-20 10:36, 17 min',
      '    refused',
      expect.stringMatching(
        /^… ICE02 {2}data \/data\/<script>.*data volume over 90 %\? since 2026-11-20 10:36, 17 min$/,
      ),
      '    93.0 % used',
      '✓ ICE02  1 check is well',
      '? ICE03  not looked at yet',
    ]);
  });

  it('says of what nobody is told until it is well, for how long, and how that is ended (W41)', () => {
    const times = { since: new Date(at(-5000).wallMs), until: new Date(at(40_000).wallMs), servers: [] };
    const untilWell = [
      { id: 'M8', what: 'ICE03, vms dc01', why: 'its disk is ordered', by: 'lee', ...times },
      { what: `vms ${hostile} on ICE03`, why: 'stopped on purpose', ...times },
    ];

    expect(textOf(factsAt(21, { untilWell })).slice(-5)).toEqual([
      '– M8: nobody is told of ICE03, vms dc01 until it is well, for 3 days now',
      '    its disk is ordered (lee); since 2026-11-16 23:12, ends by itself 2026-12-18 05:12',
      '    End it: icepack maintenance end M8',
      expect.stringMatching(/^– nobody is told of vms \/data\/<script>[^\u001b\u202e]* on ICE03 until it is well/),
      '    stopped on purpose; since 2026-11-16 23:12, ends by itself 2026-12-18 05:12',
    ]);
  });

  it('says which answers to pages did not count, who is not heard, and what cannot be read (W31)', () => {
    const some: StatusFacts['replies'] = {
      refused: [
        { by: 'sms', why: 'wrong token of Kim Doe', count: 5 },
        { by: 'mail', why: 'nobody in people: is eve@example.com', count: 1 },
      ],
      ignored: [{ by: 'sms', sender: 'Kim Doe', until: new Date('2026-11-20T10:20:00Z') }],
      faults: [{ channel: 'modem', why: "EACCES: permission denied, open '/spool/inbox/x'" }],
    };

    expect(textOf(factsAt(21, { replies: some })).slice(2, 5)).toEqual([
      "answers over modem cannot be read: EACCES: permission denied, open '/spool/inbox/x'",
      'answers that did not count in the last hour: 5 by SMS (wrong token of Kim Doe), 1 by mail (nobody in people: is eve@example.com)',
      'answers of Kim Doe by SMS are ignored until 2026-11-20 11:20: too many wrong tokens',
    ]);
  });

  it('says when it is old, and who watches or how to (W56)', () => {
    const old = textOf(factsAt(40)).at(-1);
    const watched = { process: { pid: 4711 }, since: '2026-11-20T09:00:00Z' };

    expect(old).toBe('This is 20 min old, and nobody watches: icepack watch');
    expect(textOf(factsAt(40, { atWork: watched })).at(-1)).toBe('This is 20 min old; process 4711 watches.');
    expect(textOf(factsAt(40, { atWork: { ...watched, passing: true } })).at(-1)).toBe(
      'This is 20 min old; process 4711 is at work, and will soon end.',
    );
    expect(textOf(factsAt(25)).join('\n')).not.toContain('old');
  });

  it('warns where more than a few servers are visited too late (W77)', () => {
    const visited = (servers: number, late: number): Sighting => ({
      schema: 1,
      servers: Object.fromEntries(
        Array.from({ length: servers }, (_, index) => [
          `s${index}`,
          { seen: [], refused: {}, hung: {}, ...(index < late ? { late: true as const } : {}) },
        ]),
      ),
    });
    const shown = (servers: number, late: number) =>
      textOf(factsAt(21, { sighting: visited(servers, late) })).join('\n');

    expect(shown(40, 2)).not.toContain('less often');
    expect(shown(40, 3)).toContain('3 of 40 servers are visited less often than every 2 min');
  });

  it('lets nothing of a name reach a terminal (W72)', () => {
    expect(textOf(factsAt(21)).join('')).not.toMatch(/[\x00-\x1f\u202e]/);
  });
});

describe('the page of the status', () => {
  it('shows no addresses and no outputs, and what names say as text (W72)', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'icepack-page-'));
    const path = join(folder, 'watch.html');
    try {
      await writeStatusPage(path, factsAt(21), config.organization);
      const page = readFileSync(path, 'utf8');

      expect(page).toContain('server silent (emergency)');
      expect(page).toContain('not valid after 2026-11-20 10:58:00');
      expect(page).not.toMatch(/192\.0\.2|no answer within|93\.0|<script|<b>/);
      expect(page).not.toMatch(/[\x00-\x09\x0b-\x1f\u202e]/);
      expect(statSync(path).mode & 0o777).toBe(0o644);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
