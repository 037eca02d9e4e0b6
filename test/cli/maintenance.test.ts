import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { madeIncident } from '../support/made-incident.ts';
import { type Rig, startRig } from '../support/rig.ts';

const add = ['maintenance', 'add'];
const why = ['--reason', 'InCenter 2.2.6'];

function folderOf(rig: Rig): string {
  return join(rig.folder, '.local', 'state', 'icepack', 'watch', 'maintenance');
}

describe('icepack maintenance', () => {
  it('says what was announced, in its zone and in UTC, and how to end it', async () => {
    const rig = await startRig({ appliances: 2, cluster: 'east' });

    const done = await rig.icepack(
      [...add, 'east', '--from', '2036-11-23 02:00', '--for', '2h', '--zone', 'Europe/Stockholm', '--downtime', ...why],
      {},
    );
    const list = await rig.icepack(['maintenance', 'list']);

    expect(done.code).toBe(0);
    expect(done.stdout.split('\n').slice(0, 2)).toEqual([
      'M1  cluster east (ICE01, ICE02), downtime expected',
      '    Sun 2036-11-23 02:00–04:00 Europe/Stockholm (01:00–03:00 UTC)',
    ]);
    expect(done.stdout).toContain('icepack maintenance end M1\n');
    expect(list.stdout).toContain(
      '  M1  cluster east (ICE01, ICE02), downtime expected\n    next: Sun 2036-11-23 02:00',
    );
    expect(list.stdout).toContain('InCenter 2.2.6 (');
  });

  it('shows the next three times of what comes again', async () => {
    const rig = await startRig();

    const { stdout } = await rig.icepack([...add, '--every', 'last Sun 01:00-03:00', '--zone', 'UTC', ...why]);

    expect(stdout).toMatch(/^M1 {2}all servers\n( {4}Sun \d{4}-\d\d-\d\d 01:00–03:00 UTC\n){3}Nobody/);
  });

  it('gives each its number, also where two are announced at once', async () => {
    const rig = await startRig();
    const one = () => rig.icepack([...add, 'ice01', '--for', '1h', '--json', ...why]);

    const done = await Promise.all([one(), one(), one()]);

    expect(done.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(done.map(({ json }) => json().maintenance.id).sort()).toEqual(['M1', 'M2', 'M3']);
    expect(readdirSync(folderOf(rig)).sort()).toEqual(['M1.json', 'M2.json', 'M3.json']);
  });

  it('ends when it is told to, once, and is listed no more', async () => {
    const rig = await startRig();
    await rig.icepack([...add, '--for', '1h', ...why]);

    const ended = await rig.icepack(['maintenance', 'end', 'm1']);
    const again = await rig.icepack(['maintenance', 'end', 'M1']);
    const list = await rig.icepack(['maintenance', 'list']);

    expect([ended.code, again.code]).toEqual([0, 2]);
    expect(again.stderr).toContain('no maintenance M1 goes on or is to come');
    expect(list.stdout).toBe('No maintenance is planned.\n');
  });

  it('of a zone that is unknown here is refused, or named and counts for nothing (W38)', async () => {
    const rig = await startRig();
    const refused = await rig.icepack([...add, '--every', 'Sun 02:00-04:00', '--zone', 'Mars/Olympus', ...why]);
    await rig.icepack([...add, '--every', 'Sun 02:00-04:00', '--zone', 'Europe/Stockholm', ...why]);
    const path = join(folderOf(rig), 'M1.json');
    const announced = readFileSync(path, 'utf8');
    writeFileSync(path, announced.replace('Europe/Stockholm', 'Mars/Olympus')); // on a machine that has it

    const list = await rig.icepack(['maintenance', 'list']);
    const watch = await rig.icepack(['watch', '--once', '--batch']);
    const status = await rig.icepack(['watch', 'status']);
    const end = await rig.icepack(['maintenance', 'end', 'M1']);

    expect([refused.code, list.code, watch.code, status.code, end.code]).toEqual([2, 0, 0, 0, 2]);
    expect(refused.stderr).toContain('Mars/Olympus');
    expect(list.stderr).toContain(`${path} is damaged, or its time zone is unknown here, and counts for nothing`);
    expect(status.stdout).toContain(`${path} is damaged, or its time zone is unknown here`);
    expect(readFileSync(path, 'utf8')).toContain('Mars/Olympus');
  });

  it('names a file that is damaged, and goes on without it', async () => {
    const rig = await startRig();
    await rig.icepack([...add, '--for', '1h', ...why]);
    writeFileSync(join(folderOf(rig), 'M7.json'), '{"schema":1', { mode: 0o600 });

    const list = await rig.icepack(['maintenance', 'list']);
    const next = await rig.icepack([...add, '--for', '1h', '--json', ...why]);

    expect(list.stderr).toContain('M7.json is damaged');
    expect(next.json().maintenance.id).toBe('M8'); // a number is not given twice
  });

  it.each([
    ['without an end', [], /--for or --until says when/],
    [
      'that ends before it begins',
      ['--from', '2036-01-02 10:00', '--until', '2036-01-01 10:00'],
      /ends before it begins/,
    ],
    ['longer than a week', ['--for', '8d'], /longer than 7 days.*\n.*--long/],
    ['longer than a month', ['--until', '2036-01-01 00:00', '--long'], /longer than 30 days/],
    ['at hours that are none', ['--every', 'Sunday night'], /"Sun 02:00-04:00"/],
    ['at a time that is none', ['--from', 'soon', '--for', '1h'], /"Sun 02:00"/],
    ['in the past', ['--from', '2020-01-01 00:00', '--for', '1h'], /is past/],
    ['at hours and for a time', ['--every', 'Sun 02:00-04:00', '--for', '1h'], /leave out --from/],
    ['until a check is well that is not named', ['--until-ok'], /--check names it/],
    ['of a server that is not there', ['ice09', '--for', '1h'], /no server or cluster is called "ice09"/],
  ])('refuses one %s', async (_, options, message) => {
    const rig = await startRig();

    const { code, stderr } = await rig.icepack([...add, ...options, ...why]);

    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('a server in maintenance', () => {
  const quick = {
    ...{ every: '3s', retry: '1s', tickets: false, bundles: false },
    checks: { data: { every: '3s', for: '1s', clearFor: '1s' } },
  };

  async function fullRig(change: (document: { appliances: Record<string, object> }) => void = () => undefined) {
    const rig = await startRig();
    await rig.configure((document) => {
      document.watch = quick;
      change(document);
    });
    await rig.mock.appliances[0]?.fail({ fullPercent: 93 });
    return rig;
  }

  const look = async (rig: Rig): Promise<string> => {
    const { stderr } = await rig.icepack(['watch', '--once', '--batch']);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return stderr;
  };

  /** Looks so often that it would be told, and gives what was said. */
  async function saidAt(rig: Rig, times = 9): Promise<string> {
    let said = '';
    for (let round = 0; round < times; round++) said += await look(rig);
    return said;
  }

  /** Looks until something is said, or is so. */
  async function lookUntil(rig: Rig, holds: (said: string) => boolean | Promise<boolean>): Promise<string> {
    for (;;) {
      const said = await look(rig);
      if (await holds(said)) return said;
    }
  }

  const isSaid = (said: string) => said !== '';

  it('is seen and shown, and nobody is told; what is bad when it ends is told then (W35)', async () => {
    const rig = await fullRig();
    await rig.icepack([...add, 'ice01', '--for', '1h', ...why]);

    expect(await saidAt(rig)).toBe('');
    expect((await rig.icepack(['watch', 'status'])).stdout).toContain('data volume over 90 %, suppressed by M1, since');

    await rig.icepack(['maintenance', 'end', 'M1']);
    expect(await lookUntil(rig, isSaid)).toMatch(
      /^ICE01 data \/data: data volume over 90 % since .*\nI1 opened: .*\n$/,
    );
  });

  it('is told of again as soon as it was well, where it was to last until then (W40)', async () => {
    const rig = await fullRig();
    await rig.icepack([...add, 'ice01', '--check', 'data:/data', '--until-ok', ...why]);
    expect(await saidAt(rig)).toBe('');

    await rig.mock.appliances[0]?.fail({});
    const isOver = async () => (await rig.icepack(['maintenance', 'list'])).stdout === 'No maintenance is planned.\n';
    expect(await lookUntil(rig, isOver)).toBe('');

    await rig.mock.appliances[0]?.fail({ fullPercent: 93 });
    expect(await lookUntil(rig, isSaid)).toContain('data volume over 90 %');
  });

  it('that is being set up is shown as that (W42)', async () => {
    const rig = await fullRig(({ appliances }) => {
      appliances['ice01'] = { ...appliances['ice01'], staging: true };
    });

    expect(await saidAt(rig)).toBe('');
    expect((await rig.icepack(['watch', 'status'])).stdout).toContain('data volume over 90 %, staging, since');
  });
});

describe('maintenance that would silence an open emergency (W34)', () => {
  it('is refused where nobody is asked, with the incident; --also-open says that it is meant', async () => {
    const rig = await startRig();
    await madeIncident(rig, 'I5');
    const silence = (...more: string[]) => rig.icepack([...add, 'ice01', '--for', '1h', '--batch', ...why, ...more]);

    const refused = await silence();
    const ofOther = await silence('--check', 'data');
    const meant = await silence('--also-open');
    const silent = await silence(); // nothing more is silenced by it

    expect([refused.code, ofOther.code, meant.code, silent.code]).toEqual([2, 0, 0, 0]);
    expect(refused.stderr).toContain(
      'I5 is an open emergency that nobody has, and would be silent; nothing was announced',
    );
    expect(refused.stderr).toContain('icepack ack I5');
    expect(readdirSync(folderOf(rig)).sort()).toEqual(['M1.json', 'M2.json', 'M3.json']);
  });

  it('is announced where somebody has it', async () => {
    const rig = await startRig();
    await madeIncident(rig, 'I5');
    await rig.icepack(['ack', 'I5']);

    expect((await rig.icepack([...add, '--for', '1h', '--batch', ...why])).code).toBe(0);
  });
});
