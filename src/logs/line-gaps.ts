import { formatDuration } from '../domain/quantities.js';
import { at, goesOnUntimed, type LogReading, type Told } from './log-reading.js';

/** Gaps for lines that may or may not be in the window. */
export function lineGaps(reading: LogReading): Told[] {
  return [...untimedGaps(reading), ...untimedEnd(reading), ...orderGaps(reading)];
}

/** Gaps for lines whose time was not understood. */
function untimedGaps({ result, zone, window }: LogReading): Told[] {
  const { bytesIn, holeBytes, stampedLines, unreadLines, leftLines } = result;
  const told: string[] = [];
  if (stampedLines === 0 && bytesIn > holeBytes)
    told.push(
      `no time was recognised in it, so it is here whole; whether it reaches back to ${at(window.since, zone)} is not known`,
    );
  if (stampedLines > 0 && unreadLines > 0)
    told.push(`the time of ${unreadLines} lines was not understood; they may be of the window, and are here`);
  if (leftLines > 0) told.push(`${leftLines} lines without a time may be of the window, and are not here`);
  return told.map((text): Told => ['not-understood', text]);
}

function untimedEnd(reading: LogReading): Told[] {
  const { result, zone, window } = reading;
  const { last } = result.agreed;
  if (result.unreadLines > 0 || !goesOnUntimed(reading) || last === undefined || last >= window.until) return [];
  return [
    [
      'not-understood',
      `its last ${result.untimedAtEnd} lines bear no time that is understood, the newest that does is of ${at(last, zone)}`,
    ],
  ];
}

/** Gaps for times that go back. */
function orderGaps({ result: { strayTimes, setBackMs } }: LogReading): Told[] {
  if (setBackMs > 0)
    return [
      ['clock-set', `the clock was set back ${formatDuration(setBackMs)}: lines of the window may bear a later time`],
    ];
  if (strayTimes === 0) return [];
  const often = strayTimes === 1 ? 'once' : `${strayTimes} times`;
  return [
    ['out-of-order', `its times go back ${often} in the window or behind it: lines there may belong to other entries`],
  ];
}
