import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Appliance } from '../../src/domain/appliance.ts';
import type { Maintenance } from '../../src/domain/maintenance.ts';
import { type Reported, saidAgain, thingOf } from '../../src/domain/reported.ts';
import type { Sighting } from '../../src/domain/watch-event.ts';
import type { Watched } from '../../src/domain/watch-policy.ts';
import { heardOf } from '../../src/watch/core/heard.ts';
import { overIn, troublesIn } from '../../src/watch/incident/troubles.ts';
import { endWhatIsSaidWell } from '../../src/watch/maintenance/end-what-is-well.ts';
import { freshIn } from '../../src/watch/reported/fresh.ts';
import { standings, thingName } from '../../src/watch/standing.ts';
import { stampAt } from '../support/made-incident.ts';

const at = (minute: number) => new Date(Date.parse('2026-11-20T10:00:00.000Z') + minute * 60_000).toISOString();
const said = (more: Partial<Reported> = {}): Reported => ({
  ...{ schema: 1, server: 'ice01', event: 'VM outage', key: 'dc01', is: 'bad', severity: 'high' },
  ...{ text: 'shut off (crashed)', since: at(0), at: at(0), by: 'zabbix', ...more },
});
const watched = (name: string, more: Partial<Watched> = {}): Watched => ({
  appliance: { name, id: 1, address: '192.0.2.1', cluster: 'east', via: [] } as unknown as Appliance,
  ...{ checks: [], isStaging: false, ...more },
});
const maintenance: Maintenance = {
  ...{ schema: 1, id: 'M7', targets: ['ice01'], reason: 'new disk', by: 'kim', created: at(-60), zone: 'UTC' },
  when: { kind: 'once', from: at(-60), until: at(60) },
};
const nothingSeen: Sighting = { schema: 1, servers: {} };
const grouping = { blind: { forMs: 0, severity: 'low' as const }, groupBy: 'cluster' as const };
const now = new Date(at(1));
const heard = (reports: Reported[], servers = [watched('ice01')], maintenances: Maintenance[] = []) =>
  heardOf(servers, reports, maintenances, now);

describe('what another monitor says', () => {
  it('is bad since it was said to be first, however often that is repeated; ok ends it, and bad begins anew', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('bad' as const, 'ok' as const), { minLength: 1 }), (words) => {
        let known: Reported | undefined;
        words.forEach((is, index) => {
          known = saidAgain(known, { ...said({ is }), since: at(index), at: at(index) });
        });

        const lastOk = words.lastIndexOf('ok');
        const first = words.indexOf('bad', words.at(-1) === 'bad' ? lastOk + 1 : 0);
        expect([known?.is, known?.at]).toEqual([words.at(-1), at(words.length - 1)]);
        if (words.at(-1) === 'bad' || !words.includes('bad'))
          expect(known?.since).toBe(first === -1 ? undefined : at(first));
      }),
    );
  });

  it('is an incident of its cluster and its event, the same as that of what was seen; for nothing it is waited', () => {
    expect(troublesIn([watched('ice01')], nothingSeen, grouping, heard([said()]))).toEqual([
      {
        ...{ kind: 'ticket', group: 'east|VM outage', place: 'cluster east', event: 'VM outage', severity: 'high' },
        thing: { server: 'ice01', check: 'VM outage', instance: 'dc01', reported: true },
        ...{ since: at(0), text: 'shut off (crashed)' },
      },
    ]);
  });

  it('makes no incident where it is ok, suppressed, or of a server that is not watched', () => {
    const troubles = (reports: Reported[], servers = [watched('ice01')], maintenances: Maintenance[] = []) =>
      troublesIn(servers, nothingSeen, grouping, heard(reports, servers, maintenances));

    expect(troubles([said({ is: 'ok' })])).toEqual([]);
    expect(troubles([said({ server: 'ice09' })])).toEqual([]);
    expect(troubles([said()], [watched('ice01', { isStaging: true })])).toEqual([]);
    expect(troubles([said()], undefined, [maintenance])).toEqual([]);
    expect(troubles([said()], undefined, [{ ...maintenance, check: 'VM outage', instance: 'dc01' }])).toEqual([]);
    expect(troubles([said()], undefined, [{ ...maintenance, check: 'VM outage', instance: 'dc02' }])).toHaveLength(1);
    expect(troubles([said()], undefined, [{ ...maintenance, ended: { at: at(0), by: 'kim' } }])).toHaveLength(1);
  });

  it('ends by ok alone: not by silence, by other things, or by a configuration without checks', () => {
    const over = (reports: Reported[], servers = [watched('ice01')], maintenances: Maintenance[] = []) =>
      overIn(servers, nothingSeen, heard(reports, servers, maintenances))(thingOf(said()));

    expect(over([])).toBeUndefined();
    expect(over([said()])).toBeUndefined();
    expect(over([said({ key: 'dc02', is: 'ok' }), said({ event: 'Fan', is: 'ok' })])).toBeUndefined();
    expect(over([said({ is: 'ok', text: 'it runs' })])).toBe('it runs');
    expect(over([said({ is: 'ok', text: 'it runs' })], undefined, [maintenance])).toBe('it runs');
    expect(over([said()], [watched('ice02')])).toBe('it is watched no longer');
  });

  it('is another thing than a check of that name', () => {
    const reports = [said({ event: 'data', key: '/data', is: 'ok' })];
    const thing = { server: 'ice01', check: 'data', instance: '/data' };

    expect(overIn([watched('ice01')], nothingSeen, heard(reports))(thing)).toBe('it is watched no longer');
  });

  it('is shown with when it was said last, also where it is suppressed; what is ok is not', () => {
    const reports = [said({ at: at(1) }), said({ event: 'Fan', is: 'ok' })];
    const shown = (maintenances: Maintenance[]) =>
      standings([watched('ice01')], nothingSeen, heard(reports, undefined, maintenances))[0]?.things;

    expect(shown([])).toMatchObject([
      { state: 'firing', since: new Date(at(0)), reported: { at: new Date(at(1)), by: 'zabbix' } },
    ]);
    expect(shown([maintenance])).toMatchObject([{ state: 'suppressed', suppressed: 'M7' }]);
    expect(thingName(thingOf(said()))).toBe('dc01');
    expect(thingName({ check: 'VM outage', reported: true })).toBe('reported');
  });
});

describe('maintenance until something is well', () => {
  const untilOk: Maintenance = {
    ...{ ...maintenance, check: 'VM outage' },
    when: { kind: 'until-ok', from: at(-1), until: at(60) },
  };
  async function endedBy(...reports: Reported[]): Promise<string[]> {
    const ended: string[] = [];
    const end = async (each: Maintenance) => {
      ended.push(each.id);
      return each;
    };
    await endWhatIsSaidWell([watched('ice01')], reports, [untilOk], { end }, now);
    return ended;
  }
  const well = said({ is: 'ok' });

  it('ends when all that it means is said to be well, that was bad', async () => {
    expect(await endedBy(well, said({ key: 'dc02', is: 'ok' }), said({ event: 'Fan' }))).toEqual(['M7']);
  });

  it.each([
    ['while something is bad', well, said({ key: 'dc02' })],
    ['by what was well before it began', said({ is: 'ok', at: at(-30) })],
    ['by what was never bad', { ...well, since: undefined }],
    ['by something else', said({ event: 'Fan', is: 'ok' })],
  ])('does not end %s', async (_, ...reports) => {
    expect(await endedBy(...(reports as Reported[]))).toEqual([]);
  });
});

describe('what was seen when an event comes', () => {
  it('counts for three times the distance of looks; of other servers nothing is known', () => {
    const seen = { seen: [{ check: 'data', answer: { is: 'ok', text: '' } as const, at: stampAt(0) }] };
    const known = (minute: number) => ({ ...seen, visitedAt: stampAt(minute), refused: {}, hung: {} });
    const sighting: Sighting = { schema: 1, servers: { ice01: known(95), ice02: known(0), ice09: known(99) } };
    const request = { watched: ['ice01', 'ice02', 'ice03'].map((name) => watched(name)), policy: { everyMs: 120_000 } };

    const { servers } = freshIn(sighting, request as never, stampAt(100));

    expect(Object.entries(servers).map(([name, { seen: looks }]) => [name, looks.length])).toEqual([
      ['ice01', 1],
      ['ice02', 0],
      ['ice03', 0],
    ]);
  });
});
