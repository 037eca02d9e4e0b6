import type { Gap } from './manifest.js';

/** Why a log does not cover its window, as a person says it. */
export const gapTexts: Readonly<Record<Gap, string>> = {
  'rotated-away': 'its older lines are gone from the server',
  'not-over': 'the window was not over when it was collected',
  unreadable: 'not all of it could be read',
  cut: 'it was cut short',
  'zone-unknown': 'the zone of its times is not known',
  'passed-over': 'a file of it was not read',
  silent: 'logging had stopped',
  unproven: 'whether it goes on to the end of the window is not known',
  'not-understood': 'the times of some lines were not understood',
  'clock-unknown': 'the clock of the server is not known',
  'clock-set': 'the clock of the server was set',
  'out-of-order': 'its times are out of order',
};
