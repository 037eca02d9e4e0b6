import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/domain/journal.ts';
import type { Route, Routes } from '../../src/domain/route.ts';
import { severities } from '../../src/domain/ticket.ts';
import { deskFor, routeOf } from '../../src/tickets/choose-desk.ts';

const at = '2026-11-20T10:00:00.000Z';
const [noon, midnight] = [new Date('2026-11-20T12:00:00Z'), new Date('2026-11-20T00:00:00Z')];

function route(name: string, given: Partial<Route> = {}): Route {
  return { name, when: 'always', severity: severities, place: `desk of ${name}`, hasPlace: true, ...given };
}

const day = route('day', { when: 'business', severity: ['low', 'medium'] });
const night = route('night', { when: 'after-hours', severity: ['high', 'emergency'], say: 'Call' });
const routes: Routes = {
  all: [day, night],
  hours: { zone: 'UTC', on: [{ days: [0, 1, 2, 3, 4, 5, 6], from: 480, until: 1020 }], except: [] },
  rest: 'desk of the rest',
};

const registering: JournalEntry = { type: 'registering', at, origin: 'o', reference: 'r' };
const registered: JournalEntry = {
  ...{ type: 'registered', at, origin: 'o', id: '1', key: 'TIC-1', url: '' },
  created: true,
};
const byHand = { type: 'drafted', at, origin: 'o', draft: {}, byHand: true } as JournalEntry;
const routed = (name: string | undefined, place: string): JournalEntry => ({
  ...{ type: 'routed', at, place },
  ...(name === undefined ? {} : { route: name }),
});
const journal = (...entries: JournalEntry[]) => ({ entries });
const nothing = journal();

describe('the route of a ticket', () => {
  it.each([
    ['low', noon, 'day'],
    ['high', noon, undefined],
    ['low', midnight, undefined],
    ['emergency', midnight, 'night'],
  ] as const)('of severity %s at %s is the first that fits', (severity, now, name) => {
    expect(routeOf(routes, { severity }, [nothing], now)?.name).toBe(name);
  });

  it('is the first of several that fit', () => {
    const always = { ...routes, all: [route('first'), night] };

    expect(routeOf(always, { severity: 'high' }, [nothing], midnight)?.name).toBe('first');
  });

  it('is none for a ticket that is there already, and the one that is named for any', () => {
    expect(routeOf(routes, { severity: 'high', ticket: 'TIC-1' }, [nothing], midnight)).toBeUndefined();
    expect(routeOf(routes, { severity: 'high', route: 'day' }, [nothing], midnight)).toBe(day);
    expect(routeOf(routes, { ticket: 'TIC-1', route: 'night' }, [nothing], noon)).toBe(night);
    expect(() => routeOf(routes, { route: 'nihgt' }, [nothing], noon)).toThrow('no route "nihgt"');
  });

  it('stays, whatever hour and severity it is by now, where a ticket may be: by none, too', () => {
    const began = fc.constantFrom(registering, registered, byHand);
    const where = fc.constantFrom<[string | undefined, string, Route | undefined]>(
      ['night', night.place, night],
      ['day', day.place, day],
      [undefined, routes.rest, undefined],
    );
    fc.assert(
      fc.property(
        began,
        where,
        fc.constantFrom(...severities),
        fc.date({ noInvalidDate: true }),
        (entry, to, ...now) => {
          const begun = journal(routed(to[0], to[1]), entry);
          expect(routeOf(routes, { severity: now[0] }, [begun], now[1])).toBe(to[2]);
          expect(routeOf(routes, { severity: now[0] }, [nothing, begun], now[1])).toBe(to[2]);
        },
      ),
    );
  });

  it('stays at the help desk as it is for a run that had begun before there were routes', () => {
    expect(routeOf(routes, { severity: 'high' }, [journal(registering)], midnight)).toBeUndefined();
  });

  it('is looked for anew where nothing was sent, or what was sent was refused', () => {
    const refused: JournalEntry = { type: 'not-registered', at, reason: 'no' };
    const [only, gone] = [journal(routed('day', day.place)), journal(routed('day', day.place), registering, refused)];

    expect(routeOf(routes, { severity: 'high' }, [only], midnight)).toBe(night);
    expect(routeOf(routes, { severity: 'high' }, [gone], midnight)).toBe(night);
  });

  it('is that of the attempt for a ticket that was named because of it', () => {
    const looked = journal(routed('night', night.place));

    expect(routeOf(routes, { severity: 'high', ticket: 'TIC-1' }, [looked], noon)).toBe(night);
  });

  it('is known by its place, also under another name', () => {
    const renamed = { ...routes, all: [route('night', { place: 'elsewhere' }), { ...night, name: 'on-call' }] };

    const found = routeOf(renamed, { severity: 'high' }, [journal(routed('night', night.place), registering)], noon);
    expect(found?.name).toBe('on-call');
  });

  it('is refused where its place is gone and a ticket may be there; a ticket that is known is found at its name', () => {
    const moved = { ...routes, all: [day, { ...night, place: 'elsewhere' }] };
    const before = routed('night', night.place);

    expect(() => routeOf(moved, { severity: 'high' }, [journal(before, registering)], noon)).toThrow(
      /begun at desk of night/,
    );
    expect(routeOf(moved, { severity: 'high' }, [journal(before, registered)], noon)?.place).toBe('elsewhere');
    expect(routeOf(moved, { ticket: 'TIC-1' }, [journal(before, registering)], noon)?.place).toBe('elsewhere');
  });

  it('that is named is refused where the ticket was begun elsewhere, unless the ticket is named, too', () => {
    const begun = [journal(routed('night', night.place), registering)];

    expect(() => routeOf(routes, { route: 'day' }, begun, noon)).toThrow(/begun at desk of night/);
    expect(routeOf(routes, { route: 'day', ticket: 'TIC-1' }, begun, noon)).toBe(day);
    expect(routeOf(routes, { route: 'night' }, begun, noon)).toBe(night);
  });
});

describe('the settings of a route', () => {
  const settings = {
    ...{ desk: undefined, organization: undefined, contact: undefined, place: routes.rest, attachmentLimit: 1 },
    ...{ licenses: {}, requester: undefined, fields: [] },
    ...{ product: undefined, version: undefined, license: undefined },
  };

  it('keep who the ticket is from, as it was asked, and the origin of which references are made', async () => {
    const desks = { ...routes, open: async (way?: Route) => ({ ...settings, product: way?.name }) };
    const first = { ...settings, desks, organization: 'Example AB', contact: { name: 'Kim' }, home: 'https://main' };

    const chosen = await deskFor(first, { severity: 'high' }, [nothing], midnight);

    expect(chosen).toMatchObject({ product: 'night', organization: 'Example AB', contact: { name: 'Kim' } });
    expect(chosen.home).toBe('https://main');
  });

  it('have the same desk when they are chosen once more: what it said of itself still holds', async () => {
    const opening = () => ({
      ...routes,
      open: async () => ({ ...settings, desks: opening(), desk: { origin: 'o' } as never }),
    });
    const opened = new Map<string | undefined, ReturnType<ReturnType<typeof opening>['open']>>();
    const desks = {
      ...routes,
      open(way?: Route) {
        const desk = opened.get(way?.name) ?? opening().open();
        opened.set(way?.name, desk);
        return desk;
      },
    };

    const chosen = await deskFor({ ...settings, desks }, { severity: 'high' }, [nothing], midnight);
    const again = await deskFor(chosen, { severity: 'high' }, [nothing], midnight);
    expect(again.desk).toBe(chosen.desk);
  });

  it('are those of the help desk where there are no routes', async () => {
    expect(await deskFor(settings, { severity: 'high' }, [nothing], midnight)).toBe(settings);
  });

  it('are refused where the routes are gone since a request left by one of them, and no ticket is named', async () => {
    const here = { ...settings, place: routes.rest };
    const lost = journal(routed('night', night.place), registering);
    const choose = (begun: typeof nothing, ticket?: string) =>
      deskFor(here, { severity: 'high', ...(ticket === undefined ? {} : { ticket }) }, [nothing, begun], noon);

    await expect(choose(lost)).rejects.toMatchObject({
      code: 'other-help-desk',
      message: expect.stringContaining(night.place),
    });
    expect(await choose(lost, 'TIC-1')).toBe(here);
    expect(await choose(journal(routed(undefined, routes.rest), registering))).toBe(here);
    expect(await choose(journal(routed('night', night.place)))).toBe(here);
    expect(await choose(journal(routed('night', night.place), registered))).toBe(here);
    expect(await choose(journal(registering))).toBe(here);
  });
});
