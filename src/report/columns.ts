import type { Density, Lines } from '../reading/reading.js';
import { deflate } from './deflate.js';
import type { ColumnName } from './page-data.js';
import { Varints } from './varints.js';

export type Columns = readonly (readonly [name: ColumnName, deflated: Buffer])[];

/** @param keep which lines; all of them where it is undefined */
export async function columnsOf(lines: Lines, density: Density, keep: Uint8Array | undefined): Promise<Columns> {
  const columns = { ...lineColumns(lines, keep), density: densityColumn(density) };
  const deflated = Object.entries(columns).map(
    async ([name, values]) => [name as ColumnName, await deflate(values.bytes())] as const,
  );
  return Promise.all(deflated);
}

function lineColumns(lines: Lines, keep: Uint8Array | undefined): Record<Exclude<ColumnName, 'density'>, Varints> {
  const [at, log, kind] = [new Varints(), new Varints(), new Varints()];
  const [number, raw, place] = [new Varints(), new Varints(), new Varints()];
  const numberBefore = new Map<number, number>();
  const rawBefore = new Map<number, number>();
  let [atBefore, placeBefore] = [0, 0];
  for (let line = 0; line < lines.count; line++) {
    if (keep?.[line] === 0) continue;
    const ofLog = lines.log[line] ?? 0;
    const atHere = Math.round(lines.at[line] ?? 0);
    const numberHere = lines.number[line] ?? 0;
    // So that both together are the millisecond that the file has.
    const rawHere = Math.round((lines.at[line] ?? 0) + (lines.rawOffset[line] ?? 0)) - atHere;
    at.addSigned(atHere - atBefore);
    log.add(ofLog);
    kind.add((lines.severity[line] ?? 0) + (lines.isContinued[line] ? 8 : 0));
    number.addSigned(numberHere - (numberBefore.get(ofLog) ?? 0));
    raw.addSigned(rawHere - (rawBefore.get(ofLog) ?? 0));
    place.add(line - placeBefore);
    atBefore = atHere;
    placeBefore = line;
    numberBefore.set(ofLog, numberHere);
    rawBefore.set(ofLog, rawHere);
  }
  return { at, log, kind, number, raw, place };
}

function densityColumn({ counts }: Density): Varints {
  const column = new Varints();
  for (const ofServer of counts) for (const ofSeverity of ofServer) for (const count of ofSeverity) column.add(count);
  return column;
}
