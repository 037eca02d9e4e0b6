import { describe, expect, it } from 'vitest';
import { markerRules } from '../../src/reading/marker-rules.ts';
import { MessageMask } from '../../src/reading/message-mask.ts';
import { readBundle } from '../../src/reading/read-bundle.ts';
import { severities } from '../../src/reading/reading.ts';
import { SeverityReader } from '../../src/reading/severity-reader.ts';
import { memoryBundle, oneServer, system } from './memory-bundle.ts';

function severityOf(line: string, reader = new SeverityReader()): string | undefined {
  const bytes = Buffer.from(line);
  reader.read(bytes, 0, bytes.length);
  return severities[reader.severity];
}

describe('the severity of a line', () => {
  it.each([
    ['<131>Nov 20 10:32:05 ice01 app[1]: INFO of a message', 'error'],
    ['<12>1 2026-11-20T10:32:05Z host app - - - text', 'warning'],
    ['2026-11-20 10:32:05.000 ERROR system[1]: text', 'error'],
    ['2026-11-20 10:32:05,000 [main] WARN  com.x - text', 'warning'],
    ['[2026-11-20 10:32:05] [crit] text', 'critical'],
    ['[Fri Nov 20 10:32:05.0 2026] [core:notice] [pid 1] text', 'info'],
    ['Nov 20 10:32:05 host app[1]: error: text', 'error'],
    ['2026-11-20T10:32:05Z | DEBUG | text', 'debug'],
    ['SEVERE: 2026-11-20 10:32:05 text', 'error'],
    ['E1120 10:32:05.000000 12 main.go:1] text', 'error'],
    ['I, [2026-11-20T10:32:05 #12]  INFO -- : text', 'info'],
    ['{"time":"2026-11-20T10:32:05Z","level":"fatal","msg":"x"}', 'critical'],
    ['{"level":30,"time":1795170725000,"msg":"x"}', 'info'],
    ['{"t":{"$date":"2026-11-20T10:32:05.000+00:00"},"s":"W","msg":"x"}', 'warning'],
    ['time="2026-11-20T10:32:05" level=warn msg="x"', 'warning'],
    ['[2026-11-20 10:32:05] EFW: SYSTEM: prio=2 id=03200021', 'critical'],
    ['2026-11-20 10:32:05 app: an error of no level', 'none'],
    ['2026-11-20 10:32:05 one two three four five six ERROR', 'none'],
    ['2026-11-20 10:32:05 NO_ERROR ERRORS terror', 'none'],
  ])('of %j is %s', (line, severity) => {
    expect(severityOf(line)).toBe(severity);
  });

  it.each([
    ['java.lang.IllegalStateException: exception in thread', 'error'],
    ['write: I/O error', 'error'],
    ['login failed', 'warning'],
    ['connection refused', 'warning'],
    ['0 failed, 12 passed', 'none'],
    ['finished, no exception', 'none'],
    ['all is well', 'none'],
  ])('is guessed of the words of %j only where a log names no level: %s', (line, severity) => {
    expect(severityOf(line, new SeverityReader([]))).toBe(severity);
    expect(severityOf(line)).toBe('none');
  });

  it('is found per file: one with levels is never guessed, one without is, and says so', async () => {
    const levels = '2026-11-20 10:32:05 INFO it failed\n'.repeat(30);
    const noLevels = '2026-11-20 10:32:05 it failed\n'.repeat(30);
    const reading = await readBundle(memoryBundle({ [system]: levels, 'Logs/plain.log': noLevels }), {
      layout: oneServer,
    });

    expect(reading.logs.map(({ name, isGuessed }) => [name, isGuessed])).toEqual([
      ['plain.log', true],
      ['system.log', false],
    ]);
    expect(new Set(reading.lines.severity)).toEqual(new Set([2, 3]));
  });
});

function templateOf(message: string): string {
  const mask = new MessageMask();
  const bytes = Buffer.from(message);
  mask.read(bytes, 0, bytes.length, true);
  return mask.bytes.toString('utf8', 0, mask.length);
}

describe('the template of a message', () => {
  it.each([
    ['report 4711.err of peer ICE01', 'report #.err of peer #'],
    ['from 192.0.2.9:8080 to [2001:db8::10]:22', 'from # to [#]:#'],
    ['at 2026-11-20T10:32:05.123+01:00 done', 'at # done'],
    ['id deadbeefcafe but not added', 'id # but not added'],
    ["user \"anna b\" and 'bo' can't", "user \"#\" and '#' can't"],
    ['took 12ms, 3.5 %', 'took #, # %'],
    ['system[1624]: behind a process', 'behind a process'],
    ['åäö 1', 'åäö #'],
  ])('of %j is %j', (message, template) => {
    expect(templateOf(message)).toBe(template);
  });

  it('is one for all that differs in numbers only, and another one for other words', () => {
    const mask = new MessageMask();
    const code = (text: string) => mask.read(Buffer.from(text), 0, Buffer.byteLength(text), true);

    expect(code('peer 1 lost')).toBe(code('peer 22 lost'));
    expect(code('peer 1 lost')).not.toBe(code('peer 1 last'));
  });
});

describe('the table of markers', () => {
  it.each(markerRules().map((rule) => [rule.line, rule] as const))('knows %j by its own rule first', (line, rule) => {
    expect(markerRules().find(({ pattern }) => pattern.test(line))?.kind).toBe(rule.kind);
    expect(rule.pattern.test(line)).toBe(true);
  });

  it('takes no usual line for one', () => {
    const usual = [
      'heartbeat of node 12 late by 240 ms',
      'administrator opened the node list',
      'REST request GET /api/nodes',
    ];
    for (const line of usual) expect(markerRules().filter(({ pattern }) => pattern.test(line))).toEqual([]);
  });
});
