/** @returns whether the runtime knows this IANA zone */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false; // RangeError is how Intl says "unknown zone"
  }
}
