import { describe, expect, it } from 'vitest';
import { layoutOf } from '../../src/reading/layout.ts';
import type { BundleFile } from '../../src/reading/open-bundle.ts';

const files = (...paths: string[]): BundleFile[] =>
  paths.map((path) => ({
    path,
    bytes: 1,
    async *read() {
      yield Buffer.from('x');
    },
  }));
const made = (...paths: string[]) => ({ manifest: undefined, top: 'TIC-1234', files: files(...paths) });
const stockholm = { assumed: 'Europe/Stockholm' };

describe('the layout of a bundle made by hand', () => {
  it('is that of the guide', () => {
    const layout = layoutOf(
      made('Event1_ICE02_20261120_1032/Logs/system.log', 'Event1_ICE01_20261120_1032/Config/backup.tar.gz'),
      stockholm,
    );

    expect(layout).toEqual({
      ticket: 'TIC-1234',
      zone: 'Europe/Stockholm',
      event: {
        number: 1,
        at: new Date('2026-11-20T09:32:00Z'),
        window: { since: new Date('2026-11-20T09:02:00Z'), until: new Date('2026-11-20T10:02:00Z') },
      },
      servers: ['ICE01', 'ICE02'].map((label) => ({
        folder: `Event1_${label}_20261120_1032`,
        label,
        name: undefined,
        cluster: undefined,
        zone: { name: 'Europe/Stockholm', source: 'assumed' },
      })),
    });
  });

  it.each([
    ['event 1 ICE1/Logs/system.log', 'ICE01', 1, undefined],
    ['event1_ice2_20261120_1032/logs/system.log', 'ICE02', 1, '09:32'],
    ['Event-3 ICE12 2026-11-20 10:32/Techsupport/x', 'ICE12', 3, '09:32'],
    ['Event1_20261120_1032/ICE04/Logs/a.log', 'ICE04', 1, '09:32'],
    ['ICE03/Config/backup.tar.gz', 'ICE03', undefined, undefined],
    ['Event2_ICE01_20261120_103259/x.log', 'ICE01', 2, '09:32'],
    ['Event9_ICE01_20269920_1032/Logs/x.log', 'ICE01', 9, undefined],
    ['Logs/system.log', 'the server', undefined, undefined],
  ])('is read of %s (V10)', (path, label, number, time) => {
    const layout = layoutOf(made(path), stockholm);

    expect(layout.servers.map((server) => server.label)).toEqual([label]);
    expect(layout.event?.at.toISOString().slice(11, 16)).toBe(time);
    if (time !== undefined) expect(layout.event?.number).toBe(number);
  });

  it('is told by whoever knows better', () => {
    const at = new Date('2026-11-20T01:00:00Z');

    const layout = layoutOf(made('Logs/system.log'), { event: at, zone: 'Asia/Tokyo' });

    expect(layout.event?.at).toBe(at);
    expect(layout.servers[0]?.zone).toEqual({ name: 'Asia/Tokyo', source: 'given' });
  });

  it('passes over what programs leave behind (V10)', () => {
    const layout = layoutOf(
      made('__MACOSX/Event1_ICE01_20261120_1032/Logs/._system.log', 'Event1_ICE01_20261120_1032/Logs/system.log'),
    );

    expect(layout.servers).toHaveLength(1);
  });

  it('names the events where there are several', () => {
    const layout = layoutOf(made('Event2_ICE01_20261121_1000/Logs/a', 'Event1_ICE01_20261120_1032/Logs/a'), stockholm);

    expect(layout.servers.map(({ label }) => label)).toEqual(['Event1 ICE01', 'Event2 ICE01']);
    expect(layout.event?.number).toBe(1);
  });

  it('is nothing where nothing looks like an event', () => {
    expect(layoutOf(made('notes.txt', 'a/b.txt'))).toMatchObject({ event: undefined, servers: [], zone: 'UTC' });
  });
});
