import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLogParts } from '../../src/collectors/log-parts.ts';
import { connect } from '../../src/ssh/connect.ts';
import { openSftpFiles } from '../../src/ssh/files/sftp-files.ts';
import { steadyFiles } from '../../src/ssh/files/steady-files.ts';
import { openSessions } from '../../src/ssh/sessions.ts';
import { targetOf } from '../support/connect-target.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { makeLogin, startSshd } from '../support/sshd.ts';

const never = new AbortController().signal;
/** Some chunks of SFTP in each file. */
const linesEach = 15_000;

/** A log in a real folder, and the server's own way with it: gzip and rename, 0 is the newest. */
class RealLog {
  lines = 0;
  private seconds = 1_700_000_000;
  constructor(readonly folder: string) {
    mkdirSync(folder);
    this.write(0);
  }

  path(name = 'system.log'): string {
    return join(this.folder, name);
  }

  write(count: number): void {
    const numbers = Array.from({ length: count }, () => `${this.lines++}`.padStart(9, '0'));
    appendFileSync(this.path(), numbers.map((number) => `${number} the server did what it always does\n`).join(''));
    this.seconds += 60;
    utimesSync(this.path(), this.seconds, this.seconds);
  }

  rotate(): void {
    for (let number = 20; number >= 0; number--) {
      if (existsSync(this.path(`system.log.${number}.gz`)))
        renameSync(this.path(`system.log.${number}.gz`), this.path(`system.log.${number + 1}.gz`));
    }
    renameSync(this.path(), this.path('rotating'));
    this.write(0);
    execFileSync('gzip', ['-1', this.path('rotating')]);
    renameSync(this.path('rotating.gz'), this.path('system.log.0.gz'));
  }

  copyTruncate(): void {
    copyFileSync(this.path(), this.path('system.log.0'));
    truncateSync(this.path(), 0);
  }
}

async function startLog() {
  const own = await temporaryFolder();
  const log = new RealLog(join(own, 'logs'));
  const login = makeLogin(own);
  const server = await startSshd(own, 'sshd', login.authorizedKeys, []);
  const dial = () => connect(targetOf('cli', { ...server, login }), never);
  const sessions = openSessions(await dial(), dial, 4);
  onTestFinished(() => sessions.close());
  const files = steadyFiles('ICE01 CLI', (signal) => openSftpFiles(sessions, signal), sessions);

  /** Collects the log; something happens on the server before each part, and in the middle of it. */
  const collect = async (meanwhile: (moment: 'listed' | 'before' | 'inside', part: number) => void) => {
    const listing = await files.list(log.folder, never);
    meanwhile('listed', 0);
    const tools = { signal: never, pause: async () => undefined };
    const text: Buffer[] = [];
    const gaps: string[] = [];
    let parts = 0;
    for await (const part of openLogParts(
      { tools, files, folder: log.folder, type: 'system' },
      listing,
      { rotated: new Set(), current: false },
      (gap) => gaps.push(gap),
    )) {
      meanwhile('before', parts);
      try {
        let chunks = 0;
        for await (const chunk of part.content) {
          text.push(Buffer.from(chunk));
          if (++chunks === 1) meanwhile('inside', parts);
        }
        const verdict = part.download.verdict();
        if (verdict.kind === 'short') gaps.push(`${part.name}: short`);
      } catch (error) {
        gaps.push(`${part.name}: ${error instanceof Error ? error.message : error}`);
      }
      parts++;
    }
    const lines = Buffer.concat(text).toString().split('\n');
    const numbers = lines.filter((line) => line.length > 40).map((line) => Number(line.slice(0, 9)));
    return { numbers, gaps, parts };
  };
  return { log, collect };
}

function fill(log: RealLog): void {
  for (let part = 0; part < 3; part++) {
    log.write(linesEach);
    log.rotate();
  }
  log.write(linesEach);
}

/** From 0 on, each once and in order. */
function expectRun(numbers: readonly number[], lines: number): void {
  expect(numbers.findIndex((number, index) => number !== index)).toBe(-1);
  expect(numbers.length).toBeGreaterThanOrEqual(lines);
}

describe.skipIf(lacks('sshd', 'ssh-keygen'))('a log on a real server', () => {
  it.each([
    ['between the listing and the first part', (moment: string) => moment === 'listed', 1],
    ['between two parts', (moment: string, part: number) => moment === 'before' && part === 1, 1],
    ['while a rotated part is read', (moment: string, part: number) => moment === 'inside' && part === 1, 1],
    ['while the current one is read', (moment: string, part: number) => moment === 'inside' && part === 3, 1],
    ['before each part', (moment: string, part: number) => moment === 'before' && part < 6, 1],
    ['twice while each part is read', (moment: string, part: number) => moment === 'inside' && part < 5, 2],
  ])('has every line of before once and in order when it is rotated %s (C02)', async (_when, isThen, times) => {
    const { log, collect } = await startLog();
    fill(log);
    const before = log.lines;

    const { numbers, gaps, parts } = await collect((moment, part) => {
      if (!isThen(moment, part)) return;
      for (let time = 0; time < times; time++) {
        log.rotate();
        log.write(50);
      }
    });

    expectRun(numbers, before);
    expect(gaps).toEqual([]);
    expect(parts).toBeGreaterThanOrEqual(4);
    expect(log.lines).toBeGreaterThan(before);
  });

  it('has what was written to it while it was read, up to its end (C03)', async () => {
    const { log, collect } = await startLog();
    fill(log);
    const before = log.lines;

    const { numbers, gaps } = await collect((moment, part) => {
      if (moment === 'inside' && part === 3) {
        log.write(5000);
        appendFileSync(log.path(), '999'); // a line that is being written
      }
    });

    expectRun(numbers, before);
    expect(gaps).toEqual([]);
  });

  it('that is copied away and emptied while it is read has a gap that is told, and no line twice (C04)', async () => {
    const { log, collect } = await startLog();
    for (let part = 0; part < 2; part++) log.write(linesEach);
    log.write(20 * linesEach);

    const { numbers, gaps } = await collect((moment) => {
      if (moment === 'inside') log.copyTruncate();
    });

    expect(gaps).toEqual([expect.stringMatching(/^system\.log: .*(short|another file)/)]);
    expectRun(numbers, 5000);
    expect(numbers.length).toBeLessThan(log.lines);
  });

  it('that is copied away and emptied before it is opened is whole (C04)', async () => {
    const { log, collect } = await startLog();
    log.write(linesEach);

    const { numbers, gaps } = await collect((moment) => {
      if (moment === 'listed') log.copyTruncate();
    });

    expectRun(numbers, linesEach);
    expect(gaps).toEqual([]);
  });

  it('of which a part is removed before it is read has that gap told, and the rest (C01)', async () => {
    const { log, collect } = await startLog();
    fill(log);

    const { numbers, gaps } = await collect((moment) => {
      if (moment === 'listed') rmSync(log.path('system.log.1.gz'));
    });

    expect(gaps).toEqual([expect.stringMatching(/^system\.log\.1\.gz: vanished/)]);
    expect(numbers).toHaveLength(3 * linesEach);
  });

  it('of which a part is removed while it is read has it whole (C01)', async () => {
    const { log, collect } = await startLog();
    fill(log);

    const { numbers, gaps } = await collect((moment, part) => {
      if (moment === 'inside' && part === 1) rmSync(log.path('system.log.1.gz'));
    });

    expectRun(numbers, 4 * linesEach);
    expect(gaps).toEqual([]);
  });

  it('whose rotated part is replaced by another file while it is listed is told, not mixed (C01)', async () => {
    const { log, collect } = await startLog();
    fill(log);

    const { numbers, gaps } = await collect((moment) => {
      if (moment === 'listed') writeFileSync(log.path('system.log.2.gz'), 'no gzip');
    });

    expect(gaps.join('; ')).toMatch(/system\.log\.2\.gz/);
    expect(numbers).toEqual(Array.from({ length: 3 * linesEach }, (_, index) => linesEach + index));
  });
});
