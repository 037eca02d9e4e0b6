/** @returns the first field of a kind among the extra fields of an entry */
export function extraField(extra: Buffer, kind: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (end > extra.length) return undefined;
    if (extra.readUInt16LE(at) === kind) return extra.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

const zip64 = 1;
const inZip64 = 0xffffffff;

/**
 * Sizes and places of more than 4 GiB, which stand in a field of their own, in this order, where the usual place is full
 * of ones. @returns the true values; undefined where the field does not hold what it should
 */
export function trueValues(values: readonly number[], extra: Buffer): number[] | undefined {
  const field = extraField(extra, zip64);
  const wanted = values.filter((value) => value === inZip64).length;
  if (field === undefined) return wanted === 0 ? [...values] : undefined;
  if (wanted === 0) return repeats(field, values) ? [...values] : undefined;
  if (field.length < wanted * 8) return undefined;
  let at = 0;
  return values.map((value) => {
    if (value !== inZip64) return value;
    at += 8;
    return Number(field.readBigUInt64LE(at - 8));
  });
}

/** Some writers say everything twice; then it must be the same. */
function repeats(field: Buffer, values: readonly number[]): boolean {
  const said = values
    .slice(0, Math.floor(field.length / 8))
    .map((_, index) => Number(field.readBigUInt64LE(index * 8)));
  return said.every((value, index) => value === values[index] || value === 0);
}
