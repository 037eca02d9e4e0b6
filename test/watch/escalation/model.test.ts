import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IncidentEntry } from '../../../src/domain/incident.ts';
import type { Setting } from '../../../src/watch/escalation/targets.ts';
import { escalation, minute, night, Simulated, start } from './simulated.ts';

type Deed =
  | { do: 'pass'; seconds: number }
  | { do: 'off'; minutes: number; newBoot: boolean }
  | { do: 'ack'; minutes: number }
  | { do: 'unack' | 'rise' | 'clear' | 'again' | 'suppress' | 'release' };

const deeds = fc.array(
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.record({ do: fc.constant('pass' as const), seconds: fc.integer({ min: 1, max: 400 }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('off' as const),
        minutes: fc.integer({ min: 1, max: 300 }),
        newBoot: fc.boolean(),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('ack' as const), minutes: fc.integer({ min: 1, max: 120 }) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constantFrom('unack', 'rise', 'clear', 'again', 'suppress', 'release') }),
    },
  ),
  { maxLength: 60 },
) as fc.Arbitrary<Deed[]>;

/** What comes of the pages, in their order. */
const outcomes = fc.array(fc.constantFrom('sent' as const, 'sent' as const, 'failed' as const), {
  minLength: 1,
  maxLength: 20,
});

type Play = { incident: Simulated; looks: { atMs: number; upTo: number }[] };

/** Plays it, with the clock on the wall as far off as `wall` says at each deed. */
function play(
  all: readonly Deed[],
  results: readonly ('sent' | 'failed')[],
  wall = (_index: number) => 0,
  given: Partial<Setting> = {},
): Play {
  let page = 0;
  const incident = new Simulated(given, () => results[page++ % results.length] ?? 'sent');
  incident.log.entries.pop();
  incident.join('high');
  const looks: Play['looks'] = [];
  let boots = 0;
  for (const [index, deed] of all.entries()) {
    carryOut(deed, incident, () => `boot ${++boots}`, wall(index));
    incident.look();
    looks.push({ atMs: incident.elapsedMs, upTo: incident.log.entries.length });
  }
  return { incident, looks };
}

function carryOut(deed: Deed, incident: Simulated, newBoot: () => string, offMs: number): void {
  const isClear =
    incident.log.entries.findLast(({ type }) => type === 'cleared' || type === 'joined')?.type === 'cleared';
  const pass = (ms: number, boot = incident.stamp.boot) =>
    incident.pass(ms, { boot, wallMs: start + incident.elapsedMs + ms + offMs });
  if (deed.do === 'pass') pass(deed.seconds * 1000);
  else if (deed.do === 'off') pass(deed.minutes * minute, deed.newBoot ? newBoot() : undefined);
  else if (deed.do === 'ack') incident.acknowledge('kim', deed.minutes * minute);
  else if (deed.do === 'unack') incident.end('unacknowledged');
  else if (deed.do === 'clear' && !isClear) incident.end('cleared');
  else if (deed.do === 'rise') incident.join('emergency', 'ice02');
  else if (deed.do === 'again' && isClear) incident.join('high', 'ice03');
  else if (deed.do === 'suppress' && !isClear) incident.write({ type: 'suppressed', stamp: incident.stamp, by: 'M7' });
  else if (deed.do === 'release' && isPaused(incident)) incident.write({ type: 'released', stamp: incident.stamp });
}

function isPaused({ log }: Simulated): boolean {
  const turns = ['suppressed', 'released', 'cleared'];
  return log.entries.findLast(({ type }) => turns.includes(type))?.type === 'suppressed';
}

/** When somebody is to be asked, found slowly: each entry is looked at on its own, with the real time beside it. */
class SlowReference {
  private acknowledgedMs: number | undefined;
  private untilMs = 0;
  private isClear = false;
  private isWorse = false;
  private isSilent = false;

  take(entry: IncidentEntry, atMs: number): void {
    if (entry.type === 'acknowledged') [this.acknowledgedMs, this.untilMs] = [atMs, atMs + entry.forMs];
    if (entry.type === 'unacknowledged') this.acknowledgedMs = undefined;
    if (entry.type === 'cleared') this.isClear = true;
    if (entry.type === 'suppressed') this.isSilent = true;
    if (entry.type === 'released' || entry.type === 'cleared') this.isSilent = false;
    if (entry.type === 'joined') {
      const isRise = entry.severity === 'emergency' && !this.isWorse;
      if (this.isClear || isRise) this.acknowledgedMs = undefined;
      this.isWorse = this.isClear ? entry.severity === 'emergency' : this.isWorse || isRise;
      this.isClear = false;
    }
  }

  mayAsk(atMs: number): boolean {
    return !this.isClear && !this.isSilent && (this.acknowledgedMs === undefined || atMs >= this.untilMs);
  }
}

const again = (night.againMs ?? 0) / minute;
const lastStep = night.steps.at(-1)?.atMs ?? 0;

/** So many minutes at most nobody is asked: rounds come at their time, also where the last step came early as those before failed. */
function longestRest(entries: readonly IncidentEntry[]): number {
  const whys = entries
    .slice(entries.findLastIndex(({ type }) => type === 'routed'))
    .flatMap((entry) => (entry.type === 'paging' ? [entry.why] : []));
  if (entries.some((entry) => entry.type === 'paging' && /again/.test(entry.why))) return 60;
  return whys.includes(String(night.steps.length)) ? lastStep / minute + again : again;
}
const numRuns = Number(process.env['ICEPACK_HISTORIES'] ?? 300);

describe('whatever happens to an incident', { timeout: numRuns * 30 + 60_000 }, () => {
  it('nobody is asked while somebody has it, while it is suppressed, or when it is over (I4)', () => {
    fc.assert(
      fc.property(deeds, outcomes, (all, results) => {
        const { incident, looks } = play(all, results);
        const slow = new SlowReference();
        let from = 0;
        for (const { atMs, upTo } of looks) {
          for (const entry of incident.log.entries.slice(from, upTo)) {
            slow.take(entry, atMs);
            const isAsking =
              entry.type === 'paging' && /^(\d+|again \d+|expired|reminder|goal-missed)$/.test(entry.why);
            if (isAsking && !slow.mayAsk(atMs)) throw new Error(`${entry.why} at ${atMs / minute} min`);
          }
          from = upTo;
        }
      }),
      { numRuns },
    );
  });

  it('somebody is asked again in time, while nobody has it (I3)', () => {
    fc.assert(
      fc.property(deeds, outcomes, (all, results) => {
        const { incident } = play(all, results);
        const slow = new SlowReference();
        for (const entry of incident.log.entries) slow.take(entry, Date.parse(entry.at) - start);
        const before = incident.log.entries.length;
        const isOpen = slow.mayAsk(incident.elapsedMs);

        incident.until(incident.elapsedMs / minute + longestRest(incident.log.entries) + 1, minute);

        const asked = incident.log.entries.slice(before).some(({ type }) => type === 'paging');
        if (isOpen && !asked) throw new Error('nobody was asked');
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });

  it('an engine that was told hears the end, whatever was suppressed then (I5)', () => {
    const steps = night.steps.map((step) => ({ ...step, by: ['pd', ...step.by] }));
    const withEngine = { escalation: escalation({ policies: new Map([['night', { ...night, steps }]]) }) };
    fc.assert(
      fc.property(deeds, outcomes, fc.constantFrom('cleared' as const, 'resolved' as const), (all, results, end) => {
        const { incident } = play(all, results, undefined, withEngine);
        incident.end(end);
        incident.outcome = () => 'sent';
        incident.until(incident.elapsedMs / minute + 90, minute);

        const told = incident.sent.filter(({ channel }) => channel === 'pd');
        if (told.length > 0) expect(told.at(-1)?.why).toBe('over');
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });

  it('the clock on the wall decides nothing within a boot (I7)', () => {
    const inOneBoot = deeds.map((all) => all.map((deed) => (deed.do === 'off' ? { ...deed, newBoot: false } : deed)));
    const jumps = fc.array(fc.integer({ min: -4e11, max: 4e12 }), { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(inOneBoot, outcomes, jumps, (all, results, offMs) => {
        const told = ({ incident }: Play) =>
          incident.sent.map(({ atMs, why, person, channel }) => [atMs, why, person, channel]);

        expect(told(play(all, results, (index) => offMs[index] ?? 0))).toEqual(told(play(all, results)));
      }),
      { numRuns },
    );
  });

  it('the same journal gives the same pages (I8)', () => {
    fc.assert(
      fc.property(deeds, outcomes, (all, results) => {
        const { incident } = play(all, results);
        const copy = new Simulated();
        copy.log.entries.splice(0, 99, ...(JSON.parse(JSON.stringify(incident.log.entries)) as IncidentEntry[]));
        [copy.stamp, copy.elapsedMs] = [incident.stamp, incident.elapsedMs];
        const before = incident.sent.length;

        copy.until(copy.elapsedMs / minute + 10, minute);
        incident.outcome = () => 'sent';
        incident.until(incident.elapsedMs / minute + 10, minute);

        expect(copy.told()).toEqual(incident.told(before));
      }),
      { numRuns: Math.ceil(numRuns / 3) },
    );
  });
});
