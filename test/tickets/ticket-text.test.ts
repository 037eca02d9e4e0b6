import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Item, Manifest, ServerRecord } from '../../src/domain/manifest.ts';
import { questionKeys } from '../../src/domain/questions.ts';
import {
  attachedComment,
  clockText,
  type DescriptionFacts,
  ticketDescription,
  uploadRequest,
} from '../../src/tickets/ticket-text.ts';

import { projectRoot } from '../support/rig.ts';

const stockholm = 'Europe/Stockholm';
const bundle = { name: 'TIC-1_Event1_20261120_1032.zip', bytes: 12_400_000, sha256: 'a'.repeat(64) };

function server(id: number, change: Partial<ServerRecord> = {}): ServerRecord {
  return {
    name: `ice0${id}`,
    id,
    address: `192.0.2.1${id}`,
    folder: '',
    zone: { name: stockholm, source: 'host OS' },
    faces: {
      cli: { address: `192.0.2.1${id}`, port: 22, status: 'up' },
      hostOs: { address: `192.0.2.1${id}`, port: 2222, status: 'up' },
    },
    clock: { offsetMs: 0, errorMs: 20, zone: stockholm },
    versions: {},
    items: [],
    ...change,
  };
}

function manifestOf(...servers: ServerRecord[]): Manifest {
  return {
    schema: 1,
    tool: { name: 'icepack', version: '0.1.0', node: 'v20' },
    run: 'run',
    argv: [],
    created: '2026-11-20T10:00:00.000Z',
    reference: 'ref-1',
    ticket: null,
    event: {
      number: 1,
      at: '2026-11-20T09:32:00.000Z',
      window: { since: '2026-11-20T09:02:00.000Z', until: '2026-11-20T10:02:00.000Z' },
    },
    servers,
  };
}

function facts(change: Partial<DescriptionFacts> = {}): DescriptionFacts {
  return {
    manifest: manifestOf(server(1)),
    summary: undefined,
    description: 'VPN down',
    answers: {},
    organization: undefined,
    contact: undefined,
    product: undefined,
    version: undefined,
    license: undefined,
    ...change,
  };
}

const everyAnswer = (text: string) => Object.fromEntries(questionKeys.map((key) => [key, text]));
const who = (text: string) => ({ organization: text, contact: { name: text, email: text, phone: text } });

/** Lines that begin a section: nothing else stands at the left edge without a word of ours before it. */
function headingsOf(text: string): string[] {
  const ours = /^(VPN down|Began: |Last worked: |Log window: |Impact: |Product: |Platform and software: |x)/;
  return text.split(/[\n\r\u2028\u2029]/).filter((line) => /^\S/.test(line) && !ours.test(line));
}

function item(path: string, status: Item['status'], more: Partial<Item> = {}): Item {
  return { path, collector: 'logs', status, ...more };
}

describe('the description of a ticket', () => {
  it('says nothing of what nobody said, but that there is no description', () => {
    const text = ticketDescription(
      '{{description}}|{{organization}}|{{product}}|{{contact}}|{{answers}}',
      facts({ description: '  ', answers: { frequency: ' \n' } }),
    );

    expect(text).toBe('No description was given.||InCenter||');
  });

  it('has each answer once: those a template asks for by themselves are not among the others', () => {
    const answers = { frequency: 'daily', impact: 'No work', networkLoad: 'twice as much' };
    const text = ticketDescription('Impact: {{impact}}\n{{answers}}', facts({ answers }));

    expect(text).toBe(
      'Impact: No work\nHow often does it happen?\n  daily\nHas the load of the system changed significantly?\n  twice as much',
    );
  });

  it('indents the lines of an answer, so that none of them is a heading', () => {
    const text = ticketDescription('Impact: {{impact}}', facts({ answers: { impact: 'one\r\n\rCONTACT\u2028me' } }));

    expect(text.split(/[\n\u2028]/)).toEqual(['Impact: one', '  ', '  CONTACT', '  me']);
  });

  it('forges no section, whatever is answered', () => {
    const template = readFileSync(join(projectRoot, 'templates', 'ticket-description.txt'), 'utf8');
    const honest = headingsOf(ticketDescription(template, facts({ answers: everyAnswer('x'), ...who('x') })));
    const hostile = fc.array(
      fc.oneof(
        fc.constantFrom('\r', '\n', '\r\n', '\u2028', '\u2029', '\x85', '\x0b', '\u202e', '\x1b[2J', '{{answers}}'),
        fc.constantFrom('CONTACT', 'WHEN', '@everyone', '=cmd|calc', 'SYSTEM', 'x'.repeat(20_000)),
        fc.string(),
      ),
      { minLength: 1 },
    );
    fc.assert(
      fc.property(hostile, (parts) => {
        const answer = `x${parts.join('')}`;
        const text = ticketDescription(template, facts({ answers: everyAnswer(answer), ...who(answer) }));
        expect(headingsOf(text)).toEqual(honest);
        expect(text).not.toMatch(/(?![\t\n])\p{Cc}|\p{Bidi_Control}/u);
      }),
      { numRuns: 100 },
    );
  });

  it('is whole also where answers have a megabyte each', () => {
    const text = ticketDescription('{{answers}}\nEND', facts({ answers: everyAnswer('=x@y '.repeat(200_000)) }));

    expect(text.length).toBeLessThan(60_000);
    expect(text).toMatch(/\nEND$/);
  });

  it('names product, version and license', () => {
    const text = ticketDescription('{{product}}', facts({ product: 'InCenter', version: '2.2.5', license: '1234' }));

    expect(text).toBe('InCenter, 2.2.5, license 1234');
  });

  it.each([
    [{ ice01: 'A', ice02: 'A' }, 'license A'],
    [{ ice02: 'B' }, 'license 1234 (ice01), B (ice02)'],
  ])('names the licenses %j of its servers: one where they agree, else each with its servers', (licenses, said) => {
    const manifest = manifestOf(server(1), server(2));

    const text = ticketDescription('{{product}}', facts({ manifest, license: '1234', licenses }));

    expect(text).toBe(`InCenter, ${said}`);
  });

  it('names what is known of the contact', () => {
    const contact = { name: 'Kim', phone: '+46 1' };

    expect(ticketDescription('{{contact}}', facts({ contact }))).toBe('Kim, +46 1');
  });

  it('says when it happened in the zone of each server and in UTC, each zone once (D02)', () => {
    const york = server(3, { zone: { name: 'America/New_York', source: 'config' } });

    const text = ticketDescription('{{when}}', facts({ manifest: manifestOf(server(1), server(2), york) }));

    expect(text.split('\n')).toEqual([
      '2026-11-20 10:32 Europe/Stockholm (+01:00), 04:32 America/New_York (-05:00), 09:32 UTC',
    ]);
  });

  it('says which log lines there are', () => {
    expect(ticketDescription('{{window}}', facts())).toBe(
      '2026-11-20 10:02 to 11:02 Europe/Stockholm (09:02 to 10:02 UTC)',
    );
  });

  it('shows the servers with what is known of them', () => {
    const first = server(1, { cluster: 'east', versions: { 'host OS': 'Debian 12', kernel: '6.1' } });

    const text = ticketDescription('{{servers}}', facts({ manifest: manifestOf(first, server(2)) }));

    expect(text.split('\n')).toEqual([
      'ICE01 (ice01, 192.0.2.11, cluster east)',
      '  host OS Debian 12',
      '  kernel 6.1',
      '  clock in step, zone Europe/Stockholm',
      'ICE02 (ice02, 192.0.2.12)',
      '  clock in step, zone Europe/Stockholm',
    ]);
  });

  it('shows what was collected, why something is missing, and what was not asked for', () => {
    const first = server(1, {
      items: [
        item('Logs/system.log', 'ok', { bytes: 12_600 }),
        item('Logs/audit.log', 'failed', { reason: 'no such file' }),
        item('CLI/transcript.txt', 'skipped', { reason: '--skip cli' }),
      ],
    });
    const down = { address: '192.0.2.12', port: 22, status: 'down' } as const;

    const text = ticketDescription(
      '{{collected}}',
      facts({ manifest: manifestOf(first, server(2, { faces: { cli: down, hostOs: down } })) }),
    );

    expect(text.split('\n')).toEqual([
      'ICE01',
      '  Logs/system.log (13 kB)',
      '  not taken: CLI/transcript.txt (--skip cli)',
      'ICE02',
      '  nothing',
      'The logs do not cover the whole window: ICE01 audit.log (it could not be had).',
    ]);
  });

  it('says when the event was by a clock that is wrong, which is the clock of its logs (field-F11)', () => {
    const ahead = server(1, { clock: { offsetMs: 420_000, errorMs: 20, zone: stockholm } });

    const text = ticketDescription('{{servers}}', facts({ manifest: manifestOf(ahead) }));

    expect(text).toContain('  in its logs the event is at 2026-11-20 10:39:00, by that clock');
  });

  it('passes on no escape, control or bidi character of a server', () => {
    const hostile = server(1, {
      versions: { kernel: '\x1b[2J6.1\x07\u202e' },
      items: [item('Logs/system.log', 'failed', { reason: 'a\r\nb\0\x1b]0;x\x07' })],
    });

    const text = ticketDescription('{{servers}}{{collected}}', facts({ manifest: manifestOf(hostile) }));

    expect(text).not.toMatch(/(?![\t\n])\p{Cc}|\p{Bidi_Control}/u);
    expect(text).toContain('6.1');
  });

  it('fills nothing in that a person or a server wrote like a placeholder', () => {
    expect(ticketDescription('{{description}}', facts({ description: '{{reference}} {{nobody}}' }))).toBe(
      '{{reference}} {{nobody}}',
    );
  });

  it('is bounded, and never cut in the middle of a character', () => {
    const text = ticketDescription('x{{description}}', facts({ description: '😀'.repeat(40_000) }));

    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text.length).toBeGreaterThan(59_000);
    expect(text).not.toMatch(/\p{Surrogate}/u);
  });
});

describe('the clock of a server', () => {
  const zone = { name: stockholm, source: 'host OS' } as const;

  it.each([
    [{ offsetMs: 420_000, errorMs: 20 }, 'clock 7 min ahead of the collecting machine, zone Europe/Stockholm'],
    [{ offsetMs: -420_000, errorMs: 20 }, 'clock 7 min behind the collecting machine, zone Europe/Stockholm'],
    [{ offsetMs: 1000, errorMs: 20 }, 'clock in step, zone Europe/Stockholm'],
    [{ offsetMs: -1001, errorMs: 20 }, 'clock 1.0 s behind the collecting machine, zone Europe/Stockholm'],
    [{ offsetMs: 3000, errorMs: 3000 }, 'clock in step, zone Europe/Stockholm'],
  ])('is described: %j', (clock, text) => {
    expect(clockText({ clock: { ...clock, zone: stockholm }, zone })).toBe(text);
  });

  it('is said to be unknown when it could not be measured, and so is an assumed zone', () => {
    expect(clockText({ clock: null, zone: { name: 'UTC', source: 'assumed' } })).toBe(
      'clock not measured, zone UTC (assumed)',
    );
  });
});

describe('the comment with a bundle', () => {
  it('names the bundle, its hash and its mark', () => {
    const text = attachedComment(manifestOf(server(1)), bundle, '[bundle aaaaaaaaaaaaaaaa]');

    expect(text.split('\n')).toEqual([
      'TIC-1_Event1_20261120_1032.zip attached (12.4 MB).',
      'Event 1, log window 2026-11-20 10:02 to 11:02 Europe/Stockholm (09:02 to 10:02 UTC). README.txt in it says what is there.',
      'Everything that was asked for is in it.',
      `SHA-256 ${bundle.sha256}`,
      '[bundle aaaaaaaaaaaaaaaa]',
    ]);
  });

  it('names what is missing or not whole, of every server', () => {
    const grew = { reason: 'it grew', bytes: 1 };
    const first = server(1, { items: [item('Logs/system.log', 'partial', grew), item('a', 'ok')] });
    const second = server(2, {
      items: [item('Config/', 'failed', { reason: 'down\x1b[2J' }), item('CLI/', 'skipped', { reason: '--skip cli' })],
    });

    const text = attachedComment(manifestOf(first, second), bundle, '[m]');

    expect(text).toContain(
      [
        'Missing or not whole:',
        '  ICE01 (ice01): partial',
        '    it grew',
        '      not whole: Logs/system.log',
        '  ICE02 (ice02): partial',
        '    down',
        '      missing: Config/',
        'Not taken:',
        '  ICE02 CLI/ (--skip cli)',
        'SHA-256',
      ].join('\n'),
    );
    expect(text).not.toContain('Everything');
  });
});

describe('the comment at a ticket that somebody else registered', () => {
  it('has what was said of the event', () => {
    const said = {
      summary: 'VPN down',
      severity: 'high',
      description: 'Again.',
      answers: { frequency: 'daily' },
    } as const;

    const text = attachedComment(manifestOf(server(1)), bundle, '[m]', said);

    expect(text).toContain('\n\nVPN down\nAgain.\nSeverity: high\nHow often does it happen?\n  daily\n\nEverything');
  });
});

describe('the request for upload instructions', () => {
  it('says how large the bundle is, what the limit is, and which file it is about', () => {
    const large = { ...bundle, bytes: 25_000_001 };

    const text = uploadRequest(manifestOf(server(1)), large, 25_000_000, '[m]');

    expect(text).toContain('event 1 is 25.0 MB (25000001 bytes), over the limit of 25.0 MB');
    expect(text).toContain('FTP');
    expect(text).toContain(`File: ${large.name}\nSHA-256 ${large.sha256}\n[m]`);
  });
});
