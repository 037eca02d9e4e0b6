import { agreementMs, at, type LogReading, type Told } from './log-reading.js';

/** Gaps where the times may not be in the zone that they were taken to be in. */
export function zoneGaps(reading: LogReading): Told[] {
  const { result, zone, finding } = reading;
  const [word] = result.unknownZones;
  if (word !== undefined)
    return [['zone-unknown', `"${word}" behind its times is no zone that is known: they were taken as of ${zone}`]];
  if (result.localLines === 0) return instantGaps(reading);
  if (result.missesChange)
    return [
      ['zone-unknown', `its times do not follow the change of the clocks in ${zone}: they may be of another zone`],
    ];
  if (finding.kind !== 'unknown') return [];
  const others = finding.zones.filter((name) => name !== zone);
  const taken =
    others.length === 0 ? `taken as ${zone}` : `lines of the window in ${[zone, ...others].join(' or ')} are here`;
  return [['zone-unknown', `its times name no zone, and the files do not show which it is: ${taken}`]];
}

/** Compares times that name their zone with the file's own time, because some programs write a Z after local time. */
function instantGaps({ result, writtenAt, readAt, isCurrentRead, zone }: LogReading): Told[] {
  const { last } = result.agreed;
  if (last === undefined) return [];
  const written = writtenAt ?? readAt;
  const isAhead = last.getTime() - written.getTime() > agreementMs;
  const isBehind =
    isCurrentRead && writtenAt !== undefined && result.rhythm.isStop(written.getTime() - last.getTime(), false);
  if (!isAhead && !isBehind) return [];
  const where = isAhead ? 'after' : 'long before';
  return [
    [
      'zone-unknown',
      `its newest time, ${at(last, zone)}, is ${where} its file was written at ${at(written, zone)}: the zone that its times name may not be theirs`,
    ],
  ];
}
