import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import type { EventState, Seen, Sighting, Stamp } from '../../src/domain/watch-event.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { noLongerWatched, onlyWatched } from '../../src/watch/core/no-longer-watched.ts';
import { newsLine } from '../../src/watch/news.ts';
import { watchedIn } from '../../src/watch/watching.ts';

const at = (minutes: number): Stamp => ({ wallMs: minutes * 60_000, boot: 'a', upMs: minutes * 60_000 });
const event = (more: Partial<EventState> = {}): EventState => ({
  ...{ phase: 'firing', badSince: at(0), watchedMs: 0, looks: 1, seenAt: at(20) },
  ...more,
});
const bad = (check: string, more: Partial<Seen>): Seen => ({
  check,
  answer: { is: 'bad', text: 'x' },
  at: at(20),
  ...more,
});

const sighting: Sighting = {
  schema: 1,
  servers: {
    ice01: {
      refused: {},
      hung: {},
      seen: [
        bad('silent', { event: event({ told: true }) }),
        bad('dns', { event: event({ told: true }) }),
        bad('vms', { event: event({ suppressed: 'M7' }) }),
        bad('web', { blind: event({ told: true }) }),
        bad('ntp', { event: event({ phase: 'pending' }) }),
      ],
    },
    ice02: { refused: {}, hung: {}, seen: [bad('data', { instance: '/data', event: event({ told: true }) })] },
  },
};
const { appliances, watch } = parseConfig(
  'appliances: { ice01: { id: 1, address: 192.0.2.1 } }\n',
  'icepack.yaml',
  undefined,
  providers,
);
const watched = watchedIn(appliances, watch);

describe('what is watched no more', () => {
  it('is over, once, where it was told that it fires (W62)', () => {
    const told = noLongerWatched(sighting, watched).map((change) => newsLine(change, watched, 'UTC').text);

    expect(told).toEqual([
      'ICE01 dns: dns is over after 20 min: no longer watched',
      'ICE01 web: no longer watched',
      'ice02 data /data: data is over after 20 min: no longer watched',
    ]);
    expect(noLongerWatched(onlyWatched(sighting, watched), watched)).toEqual([]);
  });

  it('is forgotten, and the rest stays', () => {
    const { servers } = onlyWatched(sighting, watched);

    expect(Object.entries(servers).map(([name, { seen }]) => [name, seen.map(({ check }) => check)])).toEqual([
      ['ice01', ['silent']],
    ]);
  });
});
