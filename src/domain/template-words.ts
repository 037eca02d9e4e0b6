import { questionKeys } from './questions.js';

/** What `templates/ticket-description.txt` may have in double braces; `README.md` says what each of them is. */
export const descriptionWords = [
  'description',
  'when',
  'window',
  'missing',
  'answers',
  'contact',
  'organization',
  'product',
  'servers',
  'collected',
  'toolVersion',
  'reference',
  ...questionKeys,
] as const;
export type DescriptionWord = (typeof descriptionWords)[number];

/** What `templates/bundle-readme.txt` may have. */
export const readmeWords = [...descriptionWords, 'title', 'folders', 'run'] as const;
