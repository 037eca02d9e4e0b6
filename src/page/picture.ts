import type { PageData, PageMarker } from '../report/page-data.js';
import type { Bins, View } from './bins.js';
import type { Clock } from './clock.js';
import type { Lane, LaneShape } from './lanes.js';

/** Where the lanes begin, behind their labels; how wide a step of time is drawn. */
export const [left, binPx] = [92, 2];

/** What was counted for the picture that is shown. */
export type Picture = {
  view: View;
  lanes: readonly Lane[];
  shape: LaneShape;
  bins: readonly Bins[];
  markers: readonly PageMarker[];
  width: number;
};

/** What is drawn, and where. */
export type Scene = {
  readonly canvas: HTMLCanvasElement;
  readonly clock: Clock;
  readonly data: PageData;
  readonly picture: Picture;
  readonly view: View;
  /** Seen by the list. */
  readonly listed: View | undefined;
  /** When the lines were that were found. */
  readonly hitTimes: readonly number[];
  readonly xOf: (at: number) => number;
};
