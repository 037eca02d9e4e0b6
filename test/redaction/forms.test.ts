import { describe, expect, it } from 'vitest';
import { forms, lineForms } from './forms.ts';
import { redact } from './redact.ts';

/** What a server writes before such a line. */
const heads = [
  '',
  '2026-11-28 13:00:00 INFO ',
  'Nov 28 13:00:00 fw1 cmdlog[812]: ',
  '2026-11-28T13:00:00.123Z [main] DEBUG com.example.Shell - ',
];

function expectMasked(text: string): void {
  const line = Buffer.from(text).toString('latin1');

  const clean = redact(`${line.replace(/\xc2[\xab\xbb]/g, '')}\n`);

  expect(clean.replace(/<redacted:[a-z-]+>/g, '*')).toBe(`${line.replace(/\xc2\xab.*?\xc2\xbb/g, '*')}\n`);
}

const rows = Object.entries(forms).flatMap(([source, lines]) => lines.map((line): [string, string] => [source, line]));

describe('a secret in a text', () => {
  it.each(rows)('is masked in every form it is written in, and nothing else is (field-E02): %s, %s', (_, form) => {
    for (const head of heads) expectMasked(head + form);
  });

  it.each(lineForms)('is masked where the whole line shows it (field-E02): %s', expectMasked);

  it('has been tried in more than 200 forms', () => {
    expect(rows.length).toBeGreaterThan(200);
  });
});
