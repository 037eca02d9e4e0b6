import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createRedactor } from '../../src/redaction/redactor.ts';
import { measure, median } from './measure.ts';
import { ordinaryLogs } from './ordinary-logs.ts';

const lineCount = 600_000;
const chunkBytes = 64 * 1024;
const goalMbPerSecond = 100;
const substitutions = [
  's/((password|passwd|pwd|passphrase|secret|psk|token)[A-Za-z_]*"? ?[:=] ?"?)[^" &,;]+/\\1<redacted>/gI',
  's/((api|private|shared)[_-]?key"? ?[:=] ?"?)[^" &,;]+/\\1<redacted>/gI',
  's/(community )[^ ]+/\\1<redacted>/gI',
  's/(authorization: [a-z]+ ).*/\\1<redacted>/gI',
  's#(://[^/ :@]+:)[^/ @]+@#\\1<redacted>@#gI',
];

function logText(secretEvery: number): string {
  return Array.from({ length: lineCount }, (_, index) => {
    const time = `2026-11-20 10:${String(index % 60).padStart(2, '0')}:00.123 INFO [worker-${index % 17}]`;
    return index % secretEvery === 7
      ? `${time} login user=bob password=hunter${index} from 10.2.2.${index % 250}\n`
      : `${time} com.example.Handler request ${index} to https://h${index % 9}.example.com/items?id=${index} took ${index % 977} ms\n`;
  }).join('');
}

function redact(log: Buffer, known: readonly string[] = []): number {
  const redactor = createRedactor({ known });
  let bytes = 0;
  for (let at = 0; at < log.length; at += chunkBytes) {
    for (const part of redactor.push(log.subarray(at, at + chunkBytes))) bytes += part.length;
  }
  for (const part of redactor.end()) bytes += part.length;
  expect(redactor.counts()['password']).toBeGreaterThan(0);
  return bytes;
}

function mbPerSecond(log: Buffer, known: readonly string[] = []): number {
  const rates = Array.from({ length: 7 }, () => {
    const started = performance.now();
    redact(log, known);
    return log.length / 1000 / (performance.now() - started);
  });
  return median(rates);
}

function report(what: string, rate: number, goal?: number): void {
  const verdict = goal === undefined ? '' : ` (goal ≥ ${goal}) ${rate >= goal ? 'met' : 'MISSED'}`;
  process.stdout.write(`${what}: ${rate.toFixed(0)} MB/s${verdict}\n`);
}

it('redaction: an ordinary log against sed -E', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'icepack-redaction-'));
  const file = join(folder, 'server.log');
  writeFileSync(file, logText(200));
  const log = readFileSync(file);
  const sed = substitutions.flatMap((each) => ['-e', each]);

  report('redaction, a secret in 1 line of 200', mbPerSecond(log), goalMbPerSecond);
  report(
    'redaction, the same with 3 known secrets',
    mbPerSecond(log, ['Tr0ub4dor&3', 'icepack-api-0815', 'correct horse']),
  );
  report('redaction, a secret in 1 line of 8', mbPerSecond(Buffer.from(logText(8))));
  for (const locale of ['C', 'C.UTF-8']) {
    const { seconds } = await measure('sed', ['-E', ...sed, file], { LC_ALL: locale });
    report(`sed -E with ${substitutions.length} substitutions, ${locale}`, log.length / 1e6 / seconds);
  }

  rmSync(folder, { recursive: true });
});

it('redaction: false alarms in 100 MB of ordinary logs', () => {
  const logs = ordinaryLogs(100_000_000);
  const redactor = createRedactor({ known: [] });
  for (let at = 0; at < logs.length; at += chunkBytes) {
    for (const part of redactor.push(logs.subarray(at, at + chunkBytes))) expect(part.length).toBeGreaterThan(0);
  }
  const alarms = Object.values(redactor.counts()).reduce((sum, each) => sum + each, 0);
  process.stdout.write(`redaction, false alarms: ${alarms} in ${(logs.length / 1e6).toFixed(0)} MB\n`);
});
