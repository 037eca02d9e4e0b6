import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bundleName, eventFolder, parseBundleName, safeName } from '../../src/domain/bundle-layout.ts';

const hostile = [
  '',
  '.',
  '..',
  '...',
  '/',
  '//',
  '../../etc/passwd',
  '..\\..\\windows\\system32\\config',
  '/etc/shadow',
  'C:\\boot.ini',
  'C:evil',
  '-rf',
  '--help',
  '.bashrc',
  '~root',
  'CON',
  'con.txt',
  'Aux.tar.gz',
  'NUL.',
  'com1',
  'LPT9.log',
  'PRN .txt',
  'name.',
  'name ',
  'name. . .',
  'a\0b',
  'a\nb',
  'a\x1b[31mred',
  'a\u202egpj.exe',
  'A',
  'a',
  '\u00e9',
  'e\u0301',
  '\u212a',
  'k',
  'ß',
  'ﬁ',
  '\ud800',
  '😀',
  '💥'.repeat(200),
  'a'.repeat(255),
  `${'a'.repeat(89)}.${'b'.repeat(50)}`,
  `${'a'.repeat(300)}.tar.gz`,
  'a:b|c?d*e"f<g>h',
  '$(reboot)',
  '`id`',
  'x;rm -rf ~',
  'a%2fb',
  '%',
  'file-',
  'file--2',
  'file-2',
];

const names = fc.array(
  fc.oneof(
    fc.constantFrom(...hostile),
    fc.string({ unit: 'binary', maxLength: 130 }),
    fc.constantFrom('x', 'X', 'x-2'),
  ),
  { maxLength: 40 },
);

describe('the local name of a remote file', () => {
  it('is harmless on every system and never taken twice, whatever the server calls its files (E08, E15)', () => {
    fc.assert(
      fc.property(names, (remoteNames) => {
        const used = new Set<string>();

        const local = remoteNames.map((name) => safeName(name, used));

        for (const name of local) {
          expect(name).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);
          expect(name).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
          expect(name).not.toMatch(/\.$/); // Windows drops it, so two names would become one
        }
        expect(new Set(local.map((name) => name.toLowerCase())).size).toBe(remoteNames.length);
      }),
      { numRuns: 2000 },
    );
  });

  it('is harmless for every name of the hostile corpus, also when all come again', () => {
    const used = new Set<string>();

    const local = [...hostile, ...hostile].map((remoteName) => safeName(remoteName, used));

    expect(local.filter((name) => !/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name))).toEqual([]);
    expect(local.filter((name) => /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|\.$/i.test(name))).toEqual([]);
    expect(new Set(local.map((name) => name.toLowerCase())).size).toBe(local.length);
  });

  it('is the same for the same names in the same order', () => {
    fc.assert(
      fc.property(names, (remoteNames) => {
        const name = () => {
          const used = new Set<string>();
          return remoteNames.map((each) => safeName(each, used));
        };

        expect(name()).toEqual(name());
      }),
    );
  });

  it.each([
    'system.log',
    'techsupport_20261120-1032.tsf',
    'icepack-20261120.tar.gz',
    'A.err',
    '0',
  ])('is %s itself where that is harmless', (remoteName) => {
    expect(safeName(remoteName, new Set())).toBe(remoteName);
  });

  it('keeps its ending when it is taken already', () => {
    const used = new Set<string>();

    const taken = ['backup.tar.gz', 'Backup.tar.gz', 'backup.tar.gz', 'core'].map((name) => safeName(name, used));

    expect(taken).toEqual(['backup.tar.gz', 'Backup-2.tar.gz', 'backup-3.tar.gz', 'core']);
  });

  it('is what follows the last separator of a path', () => {
    const taken = ['a/b/c.txt', 'a\\b\\d.txt'].map((name) => safeName(name, new Set()));

    expect(taken).toEqual(['c.txt', 'd.txt']);
  });
});

describe('the folder of an event', () => {
  const at = new Date('2026-11-20T09:32:59Z');

  it('shows the number, the server and the time of the event in the zone of the server', () => {
    const folder = eventFolder({ number: 1, at }, { id: 1, zone: 'Europe/Stockholm' });

    expect(folder).toBe('Event1_ICE01_20261120_1032');
  });

  it('pads the server but not the event', () => {
    const folders = [
      eventFolder({ number: 12, at }, { id: 7, zone: 'UTC' }),
      eventFolder({ number: 3, at }, { id: 123, zone: 'UTC' }),
    ];

    expect(folders).toEqual(['Event12_ICE07_20261120_0932', 'Event3_ICE123_20261120_0932']);
  });
});

describe('the name of a bundle', () => {
  const at = new Date('2026-11-20T09:32:00Z');

  it('shows ticket, event and time', () => {
    expect(bundleName('TIC-1234', { number: 1, at }, 'Europe/Stockholm', 1)).toBe('TIC-1234_Event1_20261120_1032.zip');
    expect(bundleName('TIC-1234', { number: 1, at }, 'Europe/Stockholm', 2)).toBe(
      'TIC-1234_Event1_20261120_1032_2.zip',
    );
  });

  it('is read back as it was made', () => {
    const tickets = fc.constantFrom('TIC-1', 'TIC-123456789012', 'SUP-7', 'TIC-pending');
    const times = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2099, 0, 1) });

    fc.assert(
      fc.property(
        tickets,
        fc.integer({ min: 1, max: 999_999 }),
        times,
        fc.integer({ min: 1, max: 9999 }),
        (ticket, number, ms, sequence) => {
          const name = bundleName(ticket, { number, at: new Date(ms) }, 'America/New_York', sequence);

          const found = parseBundleName(name);

          expect(found).toEqual({ number, sequence, time: name.match(/_(\d{8}_\d{4})[_.]/)?.[1] });
        },
      ),
    );
  });

  it.each([
    '',
    'report.zip',
    'TIC-1_Event1_20261120_1032.zip.exe',
    'TIC-1_Event_20261120_1032.zip',
    'TIC-1_Event1_20261120.zip',
    'TIC-1_Event1234567_20261120_1032.zip',
    'TIC-1_Event1_20261120_1032_.zip',
    'TIC-1_Event1_20261120_1032 (1).zip',
  ])('is not %j', (name) => {
    expect(parseBundleName(name)).toBeUndefined();
  });
});
