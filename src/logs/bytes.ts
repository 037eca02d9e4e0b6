const [blank, comma] = [32, 44];

/** @returns the digit; -1 where there is none */
export function digitAt(line: Buffer, at: number): number {
  const digit = (line[at] ?? 0) - 48;
  return digit >= 0 && digit <= 9 ? digit : -1;
}

/** @returns the number of two digits; -1 where there are none */
export function twoDigitsAt(line: Buffer, at: number): number {
  const tens = digitAt(line, at);
  const ones = digitAt(line, at + 1);
  return tens < 0 || ones < 0 ? -1 : tens * 10 + ones;
}

export function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 48 && code <= 57;
}

export function isCapital(code: number | undefined): boolean {
  return code !== undefined && code >= 65 && code <= 90;
}

export function isLetter(code: number | undefined): boolean {
  return isCapital(code === undefined ? code : code & ~32);
}

export function isWord(code: number | undefined): boolean {
  return isDigit(code) || isLetter(code);
}

export function isSign(code: number | undefined): boolean {
  return code === 43 || code === 45;
}

export function isSeparator(code: number | undefined): boolean {
  return code === blank || code === 9 || code === comma || code === 124 || code === 40 || code === 91;
}

export function isOpening(code: number | undefined): boolean {
  return code === 40 || code === 91;
}
