import { icepack, say } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import type { NextStep } from '../domain/next-step.js';

/** What is recommended, and why; other ways are shown by `icepack runs RUN`. */
export function nextLines(run: string, [recommended, ...others]: readonly NextStep[], word = 'Next'): OutputLine[] {
  if (recommended === undefined) return [];
  const { command, why } = recommended;
  return [
    { text: say`${word}: ${command}`, tone: 'strong' },
    { text: `      ${why}` },
    ...(others.length === 0 ? [] : [{ text: say`Other ways: ${icepack('runs', run)}`, tone: 'dim' } as const]),
  ];
}
