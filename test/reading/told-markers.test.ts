import { describe, expect, it } from 'vitest';
import type { Marker } from '../../src/reading/reading.ts';
import { toldMarkers } from '../../src/reading/told-markers.ts';

const event = new Date('2026-11-20T09:32:00Z');
const at = (seconds: number) => event.getTime() + seconds * 1000;
const marker = (kind: Marker['kind'], seconds: number, text: string, server = 0): Marker => ({
  ...{ kind, server, log: undefined, at: at(seconds), text },
});
const layout = {
  ...{ ticket: undefined, zone: 'UTC', servers: [] },
  event: { number: 1, at: event, window: { since: event, until: event } },
};
const span = { since: at(-1800), until: at(1800) };
const kinds = ['restart', 'change'] as const;

describe('what happened', () => {
  const routine = Array.from({ length: 60 }, (_, index) => marker('change', index - 29.5, `node ${index} committed`));

  it('over and over is told once, by its nearest time, and does not hide what happened once', () => {
    const markers = [...routine, marker('restart', 90, 'InCenter starting'), marker('change', -500, 'deploy')];

    const { told, more } = toldMarkers({ markers, layout, span }, { kinds, most: 3 });

    expect(told.map(({ text, times }) => [text, times])).toEqual([
      ['deploy', 1],
      [expect.stringMatching(/^node (29|30) committed$/), 60],
      ['InCenter starting', 1],
    ]);
    expect(more).toBe(0);
  });

  it('on two servers is told of each; what is too far from the event is not', () => {
    const markers = [marker('change', 5, 'a', 1), marker('change', 5, 'a', 0), marker('change', 700, 'b')];

    const { told, more } = toldMarkers({ markers, layout, span }, { kinds, within: 600_000, most: 9 });

    expect(told.map(({ server, text }) => `${server} ${text}`)).toEqual(['0 a', '1 a']);
    expect(more).toBe(0);
  });

  it('counts what is left out', () => {
    const markers = Array.from({ length: 5 }, (_, index) => marker('restart', index, `start by ${'x'.repeat(index)}`));

    expect(toldMarkers({ markers, layout, span }, { kinds, most: 2 })).toMatchObject({ more: 3, told: { length: 2 } });
  });
});
