import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { EvidenceTools, Finding } from '../../src/collectors/collector.ts';
import { exportedLogs } from '../../src/collectors/exported-logs.ts';
import { forms } from '../../src/logs/forms.ts';
import { emptyStamp } from '../../src/logs/stamp-fields.ts';
import { StampReader } from '../../src/logs/timestamp.ts';
import { toolsWith } from '../support/collector-tools.ts';
import { collectedLogs, type LogFile } from '../support/log-server.ts';
import { wallMs } from './generator.ts';

const stockholm = 'Europe/Stockholm';
const eventAt = new Date('2026-11-28T12:00:00Z'); // 13:00 in Stockholm
const window = { since: new Date('2026-11-28T11:30:00Z'), until: new Date('2026-11-28T12:30:00Z') };
const readAt = new Date('2026-11-28T14:00:00Z');
const minuteMs = 60_000;

type Write = (wall: string, at: Date) => string;

/** A line a minute from 10:00 to 14:00 UTC, with the wall clock of a zone. */
function minutes(write: Write, zone = stockholm, from = -120, to = 119): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const at = new Date(eventAt.getTime() + (from + index) * minuteMs);
    return write(new Date(wallMs(at, zone)).toISOString().slice(0, 19).replace('T', ' '), at);
  });
}

function file(lines: readonly string[] | Buffer, name = 'system.log', modifiedAt = '2026-11-28T13:59:00Z'): LogFile {
  const content = Buffer.isBuffer(lines) ? lines : Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return { name, content, modifiedAt: new Date(modifiedAt) };
}

async function collected(files: readonly LogFile[], serverZone = stockholm) {
  return collectedLogs({ files, serverZone, window, eventAt, readAt });
}

const ids = (text: string) => text.match(/#\d+/g) ?? [];
/** The lines of the window: from 30 minutes before to 30 after. */
const wanted = Array.from({ length: 61 }, (_, index) => `#${index + 90}`);
const numbered =
  (write: Write): Write =>
  (wall, at) =>
    `${write(wall, at)} #${Math.round((at.getTime() - eventAt.getTime()) / minuteMs) + 120} text`;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const part = (wall: string) => ({
  Y: wall.slice(0, 4),
  M: wall.slice(5, 7),
  D: wall.slice(8, 10),
  B: months[Number(wall.slice(5, 7)) - 1] ?? '',
  time: wall.slice(11),
  half: `${Number(wall.slice(11, 13)) % 12 || 12}${wall.slice(13)} ${Number(wall.slice(11, 13)) < 12 ? 'AM' : 'PM'}`,
});

describe('the table of forms', () => {
  it.each(
    forms.map((form) => [form.name, form] as const),
  )('has an example that is read by its own form: %s', (_name, form) => {
    const line = Buffer.from(`${form.example}\n`);
    const stamp = emptyStamp();

    const found = new StampReader({ latestLocalMs: Date.UTC(2026, 10, 21), offsetMinutes: 0 }).read(
      line,
      0,
      line.length,
      stamp,
    );

    const readings = [stamp.ms, ...stamp.others].map(
      (ms) => new Date(ms + (/\+0100|CET/.test(form.example) ? 3_600_000 : 0)),
    );
    const isOctober = form.example.includes('okt');
    expect(found).toBe(true);
    expect(readings.map((at) => at.toISOString())).toContain(`2026-1${isOctober ? 0 : 1}-20T10:32:05.000Z`);
  });
});

describe('the zone of a line', () => {
  it.each([
    ['UTC behind it (field-A01)', 'UTC', (wall: string) => `${wall}.000 UTC INFO`],
    ['UTC in brackets (field-A01)', 'UTC', (wall: string) => `${wall} (UTC)`],
    ['Z apart (field-A01)', 'UTC', (wall: string) => `${wall} Z`],
    ['UTC with an offset (field-A01)', 'UTC', (wall: string) => `${wall} UTC+00:00`],
    ['GMT before the level (field-A01)', 'UTC', (wall: string) => `${wall},000 [GMT] WARN`],
    ['EST on a server in Stockholm (field-A01)', 'America/New_York', (wall: string) => `${wall} EST INFO`],
  ])('counts where it is named: %s', async (_name, zone, write) => {
    const { finding, text } = await collected([file(minutes(numbered(write), zone))]);

    expect(ids(text)).toEqual(wanted);
    expect(finding).toMatchObject({ status: 'ok', coverage: { complete: true } });
  });

  it.each(['XYZT INFO', '(QQT)'])('that is a word nobody knows makes the log partial: %s (field-A01)', async (word) => {
    const { finding } = await collected([file(minutes(numbered((wall) => `${wall} ${word}`)))]);

    expect(finding).toMatchObject({ status: 'partial', coverage: { complete: false, gaps: ['zone-unknown'] } });
  });

  it.each([
    'UTC',
    'America/New_York',
    'Asia/Kolkata',
  ])('is found out from the time of the file: times of %s on a server in Stockholm (field-A06)', async (zone) => {
    const { finding, text } = await collected([
      file(
        minutes(
          numbered((wall) => wall),
          zone,
        ),
      ),
    ]);

    expect(ids(text)).toEqual(wanted);
    expect(finding).toMatchObject({ status: 'ok', reason: expect.stringContaining("not of the server's zone") });
  });

  it('that the files do not show makes the log partial, with the lines of each zone that may be (field-A06)', async () => {
    const touched = file(
      minutes(
        numbered((wall) => wall),
        'UTC',
      ),
      'system.log',
      '2026-11-28T13:59:58.000Z',
    );
    const later = { ...touched, modifiedAt: new Date('2026-11-28T17:23:11Z') };

    const { finding, text } = await collectedLogs({
      ...{ files: [later], serverZone: stockholm, window, eventAt },
      readAt: new Date('2026-11-28T18:00:00Z'),
    });

    expect(ids(text)).toEqual(expect.arrayContaining(wanted));
    expect(finding).toMatchObject({ status: 'partial', coverage: { complete: false } });
  });
});

describe('a form of time', () => {
  const zoned = numbered((_wall, at) => at.toISOString());
  it.each<[string, Write, string?]>([
    ['12-hour clock (field-A02)', (wall) => `${wall.slice(0, 10)} ${part(wall).half}`],
    ['12-hour clock without a year (field-A02)', (wall) => `${part(wall).B} ${part(wall).D} ${part(wall).half}`],
    ['US, 12-hour clock (field-A02)', (wall) => `${part(wall).M}/${part(wall).D}/${part(wall).Y} ${part(wall).half}`],
    [
      'java.util.logging of new Java (field-A02)',
      (wall) =>
        `${part(wall).B} ${Number(part(wall).D)}, ${part(wall).Y} ${part(wall).half.replace(' ', '\u202f')} com.example.Main run`,
    ],
    ['Swedish month (field-A09)', (wall) => `${part(wall).D} nov ${part(wall).time}`],
    [
      'Swedish month, whole (field-A09)',
      (wall) => `den ${part(wall).D} november ${part(wall).Y} kl. ${part(wall).time}`,
    ],
    ['cOS Core, in UTC (field-A10)', (wall) => `<134>[${wall}] EFW: SYSTEM: prio=2 id=03200021`, 'UTC'],
    ['RFC 5424 without priority (field-A10)', (wall) => `1 ${wall.replace(' ', 'T')}Z fw EFW - - - CONN:`, 'UTC'],
    [
      'Clavister with the year (field-A10)',
      (wall) => `${part(wall).B} ${part(wall).D} ${part(wall).Y} ${part(wall).time} gw EFW: DROP:`,
    ],
    ['Kiwi (field-A11)', (wall) => `${part(wall).D}-${part(wall).M}-${part(wall).Y}\t${part(wall).time}\tLocal7.Debug`],
    ['CSV (field-A11)', (wall) => `"${wall.slice(0, 10)}","${wall.slice(11)}","info"`],
    [
      'access log (field-A11)',
      (wall) => `192.0.2.1 - - [${part(wall).D}/${part(wall).B}/${part(wall).Y}:${part(wall).time} +0100] "GET /"`,
    ],
    [
      'date of an access log alone (field-A11)',
      (wall) => `${part(wall).D}/${part(wall).B}/${part(wall).Y}:${part(wall).time} +0100`,
    ],
    ['German (field-A11)', (wall) => `${part(wall).D}.${part(wall).M}.${part(wall).Y} ${part(wall).time}`],
    ['BIND (field-A11)', (wall) => `${part(wall).D}-${part(wall).B}-${part(wall).Y} ${part(wall).time}.000`],
    ['JSON (field-A11)', (wall) => `{"time":"${wall.replace(' ', 'T')}+01:00","msg":"x"}`],
    ['level first (field-A11)', (wall) => `INFO  ${wall},000`],
    [
      'Snare (field-A11)',
      (wall) =>
        `host\tMSWinEventLog\t1\tSecurity\t12\tSat ${part(wall).B} ${part(wall).D} ${part(wall).time} ${part(wall).Y}\t4624`,
    ],
  ])('is cut: %s', async (_name, write, zone = stockholm) => {
    const { finding, text } = await collected([file(minutes(numbered(write), zone))]);

    expect(ids(text)).toEqual(wanted);
    expect(finding).toMatchObject({ status: 'ok', coverage: { complete: true } });
  });

  it('of Docker stands behind the message, however long that is (field-A11)', async () => {
    const lines = minutes((wall, at) => {
      const id = numbered(() => '')(wall, at).trim();
      return `{"log":"${id} ${'x'.repeat(900)}\\n","stream":"stdout","time":"${at.toISOString()}"}`;
    });

    const { finding, text } = await collected([file(lines)]);

    expect(ids(text)).toEqual(wanted);
    expect(finding?.status).toBe('ok');
  });

  it.each<[string, Write]>([
    ['BIND', (wall) => `${part(wall).D}-${part(wall).B}-${part(wall).Y} ${part(wall).time}.000`],
    ['US', (wall) => `${part(wall).M}/${part(wall).D}/${part(wall).Y} ${part(wall).half}`],
    ['cOS Core', (_wall, at) => `<134>[${at.toISOString().slice(0, 19).replace('T', ' ')}] EFW: X:`],
    ['Unix time', (_wall, at) => String(at.getTime() / 1000)],
  ])('may change in the middle of a file, to %s (field-A04)', async (_name, write) => {
    const lines = [
      ...minutes(
        numbered((wall) => wall),
        stockholm,
        -120,
        -60,
      ),
      ...minutes(numbered(write), stockholm, -59),
    ];

    const { finding, text } = await collected([file(lines)]);

    expect(ids(text)).toEqual(wanted);
    expect(finding).toMatchObject({ status: 'ok', coverage: { complete: true } });
  });

  it('may change to one that nobody knows: those lines are handed over, counted and said (field-A04)', async () => {
    const strange = numbered((wall) => `y${part(wall).Y} m${part(wall).M} d${part(wall).D} ${part(wall).time}`);
    const lines = [
      ...minutes(
        numbered((wall) => wall),
        stockholm,
        -120,
        -60,
      ),
      ...minutes(strange, stockholm, -59),
    ];

    const { finding, text } = await collected([file(lines)]);

    expect(ids(text)).toEqual(expect.arrayContaining(wanted));
    expect(finding).toMatchObject({
      status: 'partial',
      reason: expect.stringMatching(/179 lines (was not understood|bear no time)/),
    });
  });

  it('may be one that nobody knows, with a few other times far apart in it (field-A04)', async () => {
    const { finding, text } = await collected([
      file(
        ['2009-02-13 23:31:30 is when it began', '1795800000 up', '12:15:00.1 [main] a', '12:50:00.2 [main] b'].concat(
          '2026-11-28 13:02:00 INFO c',
        ),
      ),
    ]);

    expect(text).toContain('12:50:00.2 [main] b');
    expect(finding).toMatchObject({ status: 'partial', reason: expect.stringContaining('was not understood') });
  });

  it('may be one that nobody knows, between times of messages that are all of one day (field-A04)', async () => {
    const told = '20190101 12:00:00 rows';
    const lines = minutes(numbered((wall) => `y${part(wall).Y} m${part(wall).M} d${part(wall).D} ${part(wall).time}`));

    const { finding, text } = await collected([file(lines.flatMap((line) => [line, told]))]);

    expect(ids(text)).toEqual(expect.arrayContaining(wanted));
    expect(finding).toMatchObject({ status: 'partial' });
  });

  it('may have been set back by little more than it is silent between two lines', async () => {
    const before = minutes(
      numbered((wall) => wall),
      stockholm,
      -120,
      89,
    );
    const after = minutes(
      numbered((wall) => wall),
      stockholm,
      91,
      119,
    ).map((line, index) => `${line} of ${index}`);
    const setBack = before
      .with(-2, (before.at(-1) ?? '').replace('#209', '#208'))
      .with(-1, (before.at(-3) ?? '').replace('#207', '#209'));

    const { finding } = await collected([file([...setBack, ...after])]);

    expect(finding).toMatchObject({ status: 'partial', reason: expect.stringContaining('go back once') });
  });

  it('gives the same whatever was read before it (field-A08, field-A15)', async () => {
    const nuls = Buffer.concat([
      Buffer.alloc(400),
      Buffer.from(
        minutes(zoned)
          .map((line) => `${line}\n`)
          .join(''),
      ),
    ]);

    const before = await collected([file(nuls)]);
    await collected([file(minutes(numbered((wall) => `${wall},5`)))]);
    const again = await collected([file(nuls)]);

    expect(again).toEqual(before);
    expect(ids(again.text)).toEqual(wanted);
  });
});

describe('what looks like a time and is none', () => {
  it.each([
    '1234567890 bytes free on /data',
    '2009-02-13 23:31:30 is when it was installed',
    'Feb 30 10:32:00 absurd',
    '20190101 12:00:00 rows',
  ])('stays with its entry: %s (field-A03)', async (text) => {
    const lines = minutes(numbered((wall) => wall)).flatMap((line, index) =>
      index % 3 === 0 ? [line, text, '  more'] : [line],
    );

    const { finding, text: got } = await collected([file(lines)]);

    expect(ids(got)).toEqual(wanted);
    expect(got.split(text)).toHaveLength((wanted.length / 3 + 1.666_666_666_666_668) | 0);
    expect(finding).toMatchObject({ status: 'ok', coverage: { complete: true, first: '2026-11-28T10:00:00.000Z' } });
  });

  it('does not hide that older lines are gone (field-A03)', async () => {
    const lines = minutes(
      numbered((wall) => wall),
      stockholm,
      -10,
    ).flatMap((line) => [line, '1234567890 bytes free']);

    const { finding } = await collected([file(lines)]);

    expect(finding).toMatchObject({ status: 'partial', coverage: { gaps: ['rotated-away'] } });
  });
});

describe('a log that had stopped', () => {
  it('before the window is a finding: when, and how long before the event (field-A05)', async () => {
    const lines = minutes(
      numbered((wall) => wall),
      stockholm,
      -480,
      -360,
    );

    const { finding } = await collected([file(lines, 'system.log', '2026-11-28T06:00:00Z')]);

    expect(finding).toMatchObject({
      status: 'partial',
      coverage: { complete: false, gaps: ['silent'] },
      reason: expect.stringMatching(/logging had stopped at 2026-11-28 07:00:00 \+01:00, 6 h before the event/),
    });
  });

  it('and went on after the window is one, too (field-A05)', async () => {
    const lines = [
      ...minutes(
        numbered((wall) => wall),
        stockholm,
        -240,
        -40,
      ),
      ...minutes(
        numbered((wall) => wall),
        stockholm,
        50,
      ),
    ];

    const { finding } = await collected([file(lines)]);

    expect(finding).toMatchObject({ status: 'partial', coverage: { gaps: ['silent'] } });
  });

  it('is not one of three lines a day: its newest line is named, and the file agrees (field-A05)', async () => {
    const lines = minutes(
      numbered((wall) => wall),
      stockholm,
      -9600,
      -300,
    ).filter((_line, index) => index % 480 === 0);
    const newest = '2026-11-28T04:00:00Z';

    const { finding } = await collected([file(lines, 'system.log', newest)]);

    expect(finding).toMatchObject({
      status: 'ok',
      reason: expect.stringContaining('its newest line is of 2026-11-28 05:00:00 +01:00'),
    });
  });

  it('is not called complete when its file was written to in the window and holds no line of it', async () => {
    const lines = minutes(
      numbered((wall) => wall),
      stockholm,
      -300,
      -250,
    ).filter((_line, index) => index % 10 === 0);

    const { finding } = await collected([file(lines, 'system.log', '2026-11-28T12:10:00Z')]);

    expect(finding?.status).toBe('partial');
  });
});

describe('the bytes of a log', () => {
  const whole = minutes(numbered((wall) => wall));

  it('may end lines with CR alone (field-A08)', async () => {
    const { finding, text } = await collected([file(Buffer.from(`${whole.join('\r')}\r`))]);

    expect(ids(text)).toEqual(wanted);
    expect(finding?.status).toBe('ok');
  });

  it.each([16, 13_000, 3_000_000])('may begin with %d NULs, which are no line (field-A08)', async (count) => {
    const content = Buffer.concat([Buffer.alloc(count), Buffer.from(`${whole.join('\n')}\n`)]);

    const { finding, text } = await collected([file(content)]);

    expect(ids(text)).toEqual(wanted);
    expect(text).not.toContain('\0');
    expect(finding).toMatchObject({ status: 'ok', reason: expect.stringContaining(`${count} bytes of nothing`) });
  });
});

describe('rotated files', () => {
  const older = minutes(
    numbered((wall) => wall),
    stockholm,
    -120,
    0,
  );
  const newer = minutes(
    numbered((wall) => wall),
    stockholm,
    1,
  );
  const at = '2026-11-28T12:00:00Z';

  it.each([
    'system.log-20261128',
    'system.log.1',
    'system.log.2026-11-28',
    'system-2026-11-28-1.log',
    'system.log.old',
    'system.2026-11-28.log',
  ])('are taken by the name of %s, packed or not (field-A12)', async (name) => {
    const plain = await collected([file(older, name, at), file(newer)]);
    const packed = await collected([file(gzipSync(file(older).content), `${name}.gz`, at), file(newer)]);

    expect(ids(plain.text)).toEqual(wanted);
    expect(ids(packed.text)).toEqual(wanted);
    expect([plain.finding?.status, packed.finding?.status]).toEqual(['ok', 'ok']);
  });

  it.each(['xz', 'bz2', 'zst'])('packed with %s are handed over as they are, and said (field-A12)', async (packing) => {
    const { finding, kept } = await collected([
      file(Buffer.from('packed'), `system.log.1.${packing}`, at),
      file(newer),
    ]);

    expect(finding).toMatchObject({
      status: 'partial',
      reason: expect.stringContaining(`${packing} is not unpacked here`),
    });
    expect(finding?.coverage?.gaps).toContain('passed-over');
    expect(kept.get(`Logs/system.log.1.${packing}`)).toBe('packed');
  });

  it('with a name that is not understood are named (field-A12)', async () => {
    const { finding } = await collected([
      file(older, 'system.log.before-upgrade', at),
      file(minutes(numbered((wall) => wall))),
    ]);

    expect(finding).toMatchObject({ status: 'partial', reason: expect.stringContaining('system.log.before-upgrade') });
  });

  it('of which one between two others is gone make the log partial (field-A12)', async () => {
    const oldest = minutes(
      numbered((wall) => wall),
      stockholm,
      -300,
      -130,
    );

    const { finding } = await collected([file(oldest, 'system.log.2', '2026-11-28T09:50:00Z'), file(newer)]);

    expect(finding).toMatchObject({ status: 'partial', reason: expect.stringContaining('is not on the server') });
  });

  it('may have the newest under the highest number, as their times show (field-A12)', async () => {
    const oldest = minutes(
      numbered((wall) => wall),
      stockholm,
      -120,
      -60,
    );
    const middle = minutes(
      numbered((wall) => wall),
      stockholm,
      -59,
      0,
    );

    const { finding, text } = await collected([
      file(oldest, 'system.log.1', '2026-11-28T11:00:00Z'),
      file(middle, 'system.log.2', at),
      file(newer),
    ]);

    expect(ids(text)).toEqual(wanted);
    expect(finding?.status).toBe('ok');
  });
});

describe('evidence of a zone', () => {
  it('is not that a file was packed some hours after its newest line (field-A06)', async () => {
    const hourly = minutes(
      numbered((wall) => wall),
      stockholm,
      -3000,
      -60,
    ).filter((_line, index) => index % 60 === 0);

    const { finding } = await collected([file(hourly, 'system.log', '2026-11-28T12:00:00Z')]);

    expect(finding?.reason).not.toContain("not of the server's zone");
    expect(finding?.status).toBe('partial');
  });

  it('is not that of a message that names a time to come (field-A06)', async () => {
    const lines = minutes(
      numbered((wall) => wall),
      'America/St_Johns',
      -120,
      0,
    );
    const next = '2026-11-28 13:00:00 is the next run';

    const { finding } = await collected([file([...lines, next], 'system.log', '2026-11-28T12:00:00Z')], 'UTC');

    expect(finding?.coverage?.zones).not.toEqual(['+01:00']);
    expect(finding?.status).toBe('partial');
  });

  it('that names another hour than the file was written in is doubted (field-A06)', async () => {
    const { finding } = await collected([file(minutes(numbered((wall) => `${wall.replace(' ', 'T')}Z`)))]);

    expect(finding).toMatchObject({ status: 'partial', coverage: { gaps: expect.arrayContaining(['zone-unknown']) } });
  });

  it.each([
    'UTC +01:00',
    'GMT+1',
    '[UTC+01:00]',
    ', +0100',
    '\t+01:00',
    'CET',
    '| CET |',
  ])('may be %j behind the time (field-A01)', async (word) => {
    const { finding, text } = await collected(
      [file(minutes(numbered((wall) => `${wall}${/^[,\t]/.test(word) ? '' : ' '}${word}`)))],
      'America/New_York',
    );

    expect(ids(text)).toEqual(wanted);
    expect(finding?.status).toBe('ok');
  });
});

describe('a log that was exported to this machine', () => {
  /** What becomes of it, on a server in Stockholm. */
  async function exported(lines: readonly string[], modifiedAt: string, zone?: string) {
    const findings: Finding[] = [];
    let text = '';
    const openFile = async () => ({
      chunks: (async function* () {
        yield file(lines).content;
      })(),
      modifiedAt: new Date(modifiedAt),
    });
    const evidence: Partial<EvidenceTools> = {
      record: (finding) => findings.push(finding),
      async keep(folder, name, source) {
        text = '';
        for await (const chunk of source) text += chunk;
        return { path: `${folder}/exported/${name}`, bytes: text.length, sha256: '' };
      },
    };
    const collector = exportedLogs({ files: ['/tmp/fw.log'], ...(zone === undefined ? {} : { zone }) });
    const server = {
      ourWindow: window,
      window: async () => ({
        window,
        eventAt,
        zone: stockholm,
        isClockKnown: true,
        isZoneKnown: true,
        now: () => readAt,
      }),
    };
    await collector.collect(toolsWith({ server, evidence, local: { openFile } }));
    return { finding: findings[0], text };
  }

  it('in UTC, without a zone in the configuration, has the lines of both and is partial (field-A14)', async () => {
    const { finding, text } = await exported(
      minutes(
        numbered((wall) => wall),
        'UTC',
      ),
      '2026-11-28T15:41:00Z',
    );

    expect(ids(text)).toEqual(expect.arrayContaining(wanted));
    expect(finding).toMatchObject({ status: 'partial', coverage: { gaps: expect.arrayContaining(['zone-unknown']) } });
  });

  it('is taken as of the zone that the configuration names, which is said (field-A14)', async () => {
    const { finding, text } = await exported(
      minutes(
        numbered((wall) => wall),
        'UTC',
      ),
      '2026-11-28T15:41:00Z',
      'UTC',
    );

    expect(ids(text)).toEqual(wanted);
    expect(finding?.reason).toContain('taken as of UTC, as the configuration says');
  });
});
