/** Months as programs write them in the language of their machine: English, Swedish, German and their neighbours. */
const months: readonly string[] = [
  'january januari januar jan jän gen gennaio janv janvier ene enero janeiro',
  'february februari februar feb févr février febbraio febrero fev fevereiro',
  'march mars märz mar mär mrz maart mrt marzo março',
  'april apr avr avril aprile abr abril',
  'may maj mai mei mag maggio mayo maio',
  'june juni jun juin giu giugno junio junho',
  'july juli jul juil juillet lug luglio julio julho',
  'august augusti aug août ago agosto augustus',
  'september sept sep septembre set settembre septiembre setembro',
  'october oktober okt oct octobre ott ottobre octubre out outubro',
  'november nov novembre noviembre novembro',
  'december dezember desember dec dez des déc décembre dic dicembre diciembre dezembro',
];

const numbers = new Map<string, number>();
for (const [index, names] of months.entries()) {
  for (const name of names.split(' ')) {
    numbers.set(name, index + 1); // as Latin-1
    numbers.set(Buffer.from(name).toString('latin1').toLowerCase(), index + 1); // as UTF-8, whose bytes are read as Latin-1
  }
}

/** The longest first, so that a regular expression takes the whole word. */
export const monthNames: readonly string[] = [...numbers.keys()].sort((a, b) => b.length - a.length);

/** @param name in any letters, with or without its point @returns 1 to 12 */
export function monthNumber(name: string): number | undefined {
  return numbers.get(name.toLowerCase());
}
