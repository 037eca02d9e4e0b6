import { expect, it } from 'vitest';
import { collectedLogs } from '../support/log-server.ts';
import { historyOf } from './histories.ts';

const count = Number(process.env['ICEPACK_HISTORIES'] ?? 1500);
const firstSeed = Number(process.env['ICEPACK_SEED'] ?? 1);

it(`of ${count} histories none is called complete with a line of the window missing, and few are handed over whole (field-A01 to field-A15)`, {
  timeout: count * 60 + 60_000,
}, async () => {
  const tally = { known: 0, whole: 0, plain: 0, plainComplete: 0, complete: 0, missing: 0 };
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const history = historyOf(seed);

    const { finding, text } = await collectedLogs(history);

    const isComplete = finding?.status === 'ok' && finding.coverage?.complete === true;
    const missing = history.inWindow.filter((id) => !text.includes(id));
    const what = `ICEPACK_SEED=${seed} ${history.traits.join(' ')}: ${finding?.reason}`;
    if (missing.length > 0) expect(isComplete, `${what}; missing ${missing.slice(0, 5).join(' ')}`).toBe(false);
    if (history.stoppedInWindow) expect(isComplete, `${what}; it had stopped`).toBe(false);
    if (isComplete) tally.complete++;
    if (missing.length > 0) tally.missing++;
    if (history.isPlain) {
      tally.plain++;
      if (isComplete || /window is not over|older lines|in the window/.test(finding?.reason ?? ''))
        tally.plainComplete++;
      else if (process.env['ICEPACK_VERBOSE']) process.stdout.write(`plain ${what}\n`);
    }
    const outside = history.bytes - text.length;
    if (history.isKnown) {
      tally.known++;
      if (history.bytes > 5000 && outside < history.bytes * 0.05 && history.inWindow.length < 20) {
        tally.whole++;
        if (process.env['ICEPACK_VERBOSE']) process.stdout.write(`whole ${what}\n`);
      }
    }
  }
  process.stdout.write(`histories: ${JSON.stringify(tally)}\n`);
  expect(tally.whole / tally.known, 'handed over whole').toBeLessThanOrEqual(0.02);
  expect(tally.plainComplete / tally.plain, 'complete of those with nothing unusual').toBeGreaterThanOrEqual(0.98);
});
