import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openLogParts } from '../../src/collectors/log-parts.ts';
import { itemError } from '../../src/errors.ts';
import { assertExpected, type RemoteEntry, type RemoteFiles } from '../../src/ssh/files/remote-files.ts';

const never = new AbortController().signal;

type Inode = { content: Buffer; seconds: number; kind?: RemoteEntry['kind'] };

type DiskOptions = {
  /** Whether `.0` is packed when the log is rotated, or one rotation later. */
  packing?: 'at once' | 'later' | 'never';
  /** How many rotated files are kept. */
  keeps?: number;
  /** What each new file begins with. */
  header?: string;
  /** What happens on the server before each step of ours; `step` counts them. */
  before?: (step: string, disk: Disk) => void;
};

/** A folder with one log as a server has it: names lead to inodes, and what is open stays what it is. */
class Disk {
  readonly names = new Map<string, Inode>();
  lines = 0;
  rotations = 0;
  steps: string[] = [];
  private seconds = 1_000;
  constructor(private readonly options: DiskOptions = {}) {
    this.create();
  }

  create(): void {
    this.names.set('system.log', { content: Buffer.from(this.options.header ?? ''), seconds: this.seconds });
  }

  write(count: number): this {
    const log = this.names.get('system.log');
    if (log === undefined) return this;
    const text = Array.from({ length: count }, () => `${this.lines++}`.padStart(9, '0').concat(' '.repeat(40), '\n'));
    log.content = Buffer.concat([log.content, Buffer.from(text.join(''))]);
    log.seconds = ++this.seconds;
    return this;
  }

  rotate(): this {
    this.take();
    this.create();
    return this;
  }

  /** The first half of a rotation: everything has a new number, and there is no current log yet. */
  take(): void {
    const { packing = 'at once', keeps = 30 } = this.options;
    const log = this.names.get('system.log');
    if (log === undefined) return;
    this.rotations++;
    for (let number = keeps; number >= 0; number--) {
      for (const ending of ['', '.gz']) {
        const inode = this.names.get(`system.log.${number}${ending}`);
        if (inode === undefined) continue;
        this.names.delete(`system.log.${number}${ending}`);
        if (number + 1 >= keeps) continue;
        if (packing === 'later' && ending === '') this.names.set(`system.log.${number + 1}.gz`, packed(inode));
        else this.names.set(`system.log.${number + 1}${ending}`, inode);
      }
    }
    this.names.delete('system.log');
    if (packing === 'at once') this.names.set('system.log.0.gz', packed(log));
    else this.names.set('system.log.0', log);
  }

  /** Copies the log away and empties it, as `copytruncate` does. */
  copyTruncate(): void {
    const log = this.names.get('system.log');
    if (log === undefined) return;
    const copy = { ...log };
    this.take();
    this.names.set('system.log.0.gz', packed(copy));
    log.content = Buffer.alloc(0);
    this.names.set('system.log', log);
  }

  step(what: string): void {
    this.steps.push(what);
    this.options.before?.(what, this);
  }

  entries(): RemoteEntry[] {
    return [...this.names].map(([name, { content, seconds, kind = 'file' }]) => ({
      name,
      kind,
      sizeBytes: content.length,
      modifiedAt: new Date(seconds * 1000),
    }));
  }

  files(chunkBytes = 200): RemoteFiles {
    const inode = (path: string): Inode => {
      const found = this.names.get(path.slice('logs/'.length));
      if (found === undefined) throw itemError('no-such-file', `"${path}" is not on the disk`);
      return found;
    };
    return {
      title: 'the disk',
      abilities: async () => ({ peeks: true, skips: true }),
      list: async () => {
        this.step('list');
        return this.entries();
      },
      find: async () => undefined,
      remove: async () => undefined,
      close: () => undefined,
      read: (path, { expect: expected }) => {
        let verdict: ReturnType<ReturnType<RemoteFiles['read']>['verdict']> | undefined;
        const chunks = async function* (this: Disk) {
          this.step(`open ${path}`);
          const opened = inode(path);
          const { content, seconds } = opened;
          assertExpected({ sizeBytes: content.length, modifiedAt: new Date(seconds * 1000) }, expected, path);
          let at = 0;
          for (;;) {
            this.step(`read ${path}`);
            if (this.vanishing.has(path.slice('logs/'.length))) inode(path);
            const chunk = opened.content.subarray(at, at + chunkBytes);
            if (chunk.length === 0) break;
            at += chunk.length;
            yield chunk;
          }
          verdict =
            at < content.length ? { kind: 'short', expectedBytes: content.length, bytes: at } : { kind: 'whole' };
        };
        return {
          chunks: chunks.call(this),
          verdict: () => {
            if (verdict === undefined) throw new Error('it has not ended');
            return verdict;
          },
        };
      },
    };
  }

  /** Names that cannot be read on once they are gone, as on a network file system. */
  readonly vanishing = new Set<string>();
}

function packed({ content, seconds }: Inode): Inode {
  return { content: gzipSync(content), seconds };
}

async function collected(disk: Disk, listing = disk.entries()) {
  const tools = { signal: never, pause: async () => disk.step('pause') };
  const gaps: string[] = [];
  const names: string[] = [];
  const text: Buffer[] = [];
  const place = { tools, files: disk.files(), folder: 'logs', type: 'system' };
  for await (const part of openLogParts(place, listing, { rotated: new Set(), current: false }, (problem) =>
    gaps.push(problem),
  )) {
    names.push(part.name);
    try {
      for await (const chunk of part.content) text.push(chunk);
      const verdict = part.download.verdict();
      if (verdict.kind !== 'whole') gaps.push(`${part.name}: ${verdict.kind}`);
    } catch (error) {
      gaps.push(`${part.name}: ${error instanceof Error ? error.message : error}`);
    }
    text.push(Buffer.from('\n'));
  }
  const numbers = [
    ...Buffer.concat(text)
      .toString()
      .matchAll(/^(\d{9}) /gm),
  ].map((match) => Number(match[1]));
  return { gaps, names, numbers };
}

/** From one number to another, each once and in order. */
function expectRun(numbers: readonly number[], first: number, last: number): void {
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => first + index));
  expect(numbers.length, 'lines').toBeGreaterThanOrEqual(last - first + 1);
}

/** Three rotated parts and a current one of ten lines each. */
function filled(options: DiskOptions = {}): Disk {
  const disk = new Disk(options);
  for (let part = 0; part < 3; part++) disk.write(10).rotate();
  return disk.write(10);
}

/** Does something at one step of ours, once. */
function at(step: string, act: (disk: Disk) => void, occurrence = 1): NonNullable<DiskOptions['before']> {
  let seen = 0;
  return (what, disk) => {
    if (what === step && ++seen === occurrence) act(disk);
  };
}

describe('the parts of a log', () => {
  it('are read oldest first, the current one last (D21)', async () => {
    const { names, numbers, gaps } = await collected(filled());

    expect(names).toEqual(['system.log.2.gz', 'system.log.1.gz', 'system.log.0.gz', 'system.log']);
    expectRun(numbers, 0, 39);
    expect(gaps).toEqual([]);
  });

  it.each([
    'at once',
    'later',
    'never',
  ] as const)('give every line once and in order, however often the server rotates (packing %s) (C02, D13)', async (packing) => {
    const schedule = fc.array(fc.constantFrom('', '', '', 'write', 'rotate', 'write and rotate'), { maxLength: 30 });
    let rotatedMeanwhile = 0;

    await fc.assert(
      fc.asyncProperty(schedule, async (actions) => {
        const todo = running(actions);
        const disk = filled({
          packing,
          before: (_step, own) => {
            const action = own.rotations < 10 ? todo.next() : '';
            if (action.startsWith('write')) own.write(3);
            if (action.endsWith('rotate')) own.rotate();
          },
        });
        const listing = disk.entries();
        todo.start();

        const { numbers, gaps } = await collected(disk, listing);

        if (disk.rotations > 3) rotatedMeanwhile++;
        expectRun(numbers, 0, 39);
        expect(gaps).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(rotatedMeanwhile).toBeGreaterThan(50);
  });

  const moments = [
    ['before the first part is opened', 'open logs/system.log.2.gz', 1],
    ['while a part is read', 'read logs/system.log.1.gz', 1],
    ['between two parts', 'open logs/system.log.0.gz', 1],
    ['before the current one is opened', 'open logs/system.log', 1],
    ['while the current one is read', 'read logs/system.log', 2],
    ['before the last look', 'list', 1],
  ] as const;

  it.each(moments)('are each read once when the server rotates %s (C02)', async (_when, step, occurrence) => {
    const disk = filled({ before: at(step, (own) => own.rotate().write(10), occurrence) });

    const { numbers, gaps } = await collected(disk);

    expect(disk.rotations).toBe(4);
    expectRun(numbers, 0, 39);
    expect(gaps).toEqual([]);
  });

  it('are each read once when the server rotates before the current one is opened and again after the last look (C02)', async () => {
    let rotated = false;
    const disk = filled({
      before: (step, own) => {
        if (step === 'open logs/system.log' && !rotated) {
          rotated = true;
          own.rotate().write(10);
        } else if (rotated && step === 'open logs/system.log.0.gz' && own.rotations === 4) own.rotate().write(10);
      },
    });

    const { numbers, gaps } = await collected(disk);

    expectRun(numbers, 0, 39);
    expect(gaps).toEqual([]);
  });

  it('are each read once when the current one is short, grows and is rotated (C02)', async () => {
    const disk = new Disk({ before: at('list', (own) => own.write(20).rotate()) });
    disk.write(10).rotate().write(2);

    const { numbers } = await collected(disk);

    expectRun(numbers, 0, 11);
  });

  it('are told apart when all of them begin with the same long header (C02)', async () => {
    const header = `${'# InCenter system log, all times are local\n'.repeat(20)}`;
    const disk = filled({ header, before: at('open logs/system.log', (own) => own.rotate().write(10)) });

    const { numbers, gaps } = await collected(disk);

    expectRun(numbers, 0, 39);
    expect(gaps).toEqual([]);
  });

  it('are told apart when two of them have the same size and time (C02, D13)', async () => {
    const disk = filled({ packing: 'never' });
    for (const inode of disk.names.values()) inode.seconds = 1_000;

    const { numbers, gaps } = await collected(disk);

    expectRun(numbers, 0, 39);
    expect(gaps).toEqual([]);
  });

  it('are each read once when one lies there packed and not yet removed unpacked (C02, D13)', async () => {
    const disk = filled({ packing: 'later' });
    const plain = disk.names.get('system.log.0');
    if (plain !== undefined) disk.names.set('system.log.0.gz', packed(plain));

    const { numbers, gaps } = await collected(disk);

    expectRun(numbers, 0, 39);
    expect(gaps).toEqual([]);
  });

  it.each([
    ['lists its files', 1],
    ['packs them', 4],
  ])('are not taken for all when the server is in the middle of a rotation while it %s (C02)', async (_what, pauses) => {
    const disk = filled({
      before: (step, own) => {
        if (step !== 'pause' || ++paused < pauses) return;
        own.names.set('system.log.0.gz', packed(taken));
        own.create();
      },
    });
    let paused = 0;
    disk.take();
    const taken: Inode = { content: gunzip(disk, 'system.log.0.gz'), seconds: 2_000 };
    disk.names.delete('system.log.0.gz');

    const { numbers, gaps } = await collected(disk);

    if (gaps.length === 0) expectRun(numbers, 0, 39);
    else expectRun(numbers, 0, 29);
  });

  it('that are gone before they were opened are a gap, and the others are read (C01)', async () => {
    const disk = filled({ keeps: 3, before: at('open logs/system.log.2.gz', (own) => own.rotate()) });

    const { numbers, gaps } = await collected(disk);

    expect(gaps).toEqual([expect.stringMatching(/^system\.log\.2\.gz: vanished/)]);
    expectRun(numbers, 10, 39);
    expect(disk.steps.filter((step) => step === 'list').length).toBeGreaterThanOrEqual(1);
  });

  it('that are listed and never there are given up after a few looks (C01)', async () => {
    const disk = filled();
    const listing = disk.entries();
    disk.names.delete('system.log.1.gz');
    const ghost = listing.filter(({ name }) => name === 'system.log.1.gz');
    const entries = disk.entries.bind(disk);
    disk.entries = () => [...entries(), ...ghost];

    const { numbers, gaps } = await collected(disk, listing);

    expect(gaps).toEqual([expect.stringMatching(/^system\.log\.1\.gz: /)]);
    expect(numbers).toEqual([...Array(10).keys(), ...Array.from({ length: 20 }, (_, index) => 20 + index)]);
    expect(disk.steps.filter((step) => step === 'list').length).toBeLessThan(15);
  });

  it('that vanish while they are read are kept as far as they came, with the gap (C01)', async () => {
    const disk = filled({
      packing: 'never',
      before: at('read logs/system.log.1', (own) => void own.names.delete('system.log.1'), 2),
    });
    disk.vanishing.add('system.log.1');

    const { numbers, gaps } = await collected(disk);

    expect(gaps).toEqual([expect.stringMatching(/^system\.log\.1: .*vanished/)]);
    expect(numbers.slice(-20)).toEqual(Array.from({ length: 20 }, (_, index) => 20 + index));
    expect(numbers.length).toBeGreaterThan(30);
  });

  it('include what is written to the current one while it is read (C03)', async () => {
    const disk = filled({
      before: (step, own) => {
        if (step === 'read logs/system.log' && own.lines < 60) own.write(5);
      },
    });

    const { numbers, gaps } = await collected(disk);

    expectRun(numbers, 0, 59);
    expect(gaps).toEqual([]);
  });

  it.each([
    ['before it is opened', 'open logs/system.log', 1],
    ['at the last look', 'list', 1],
  ] as const)('are whole, or the gap is told, when the log is copied away and emptied %s (C04)', async (_when, step, occurrence) => {
    const disk = filled({ before: at(step, (own) => own.copyTruncate(), occurrence) });

    const { numbers, gaps } = await collected(disk);

    expect(new Set(numbers).size).toBe(numbers.length);
    if (gaps.length === 0) expectRun(numbers, 0, 39);
    else expect(gaps).toEqual([expect.stringContaining('short')]);
  });

  it.each([
    1, 2, 3, 4, 5,
  ])('that are emptied at step %i of their reading end with a gap or whole, and no line comes twice (C04)', async (step) => {
    const disk = filled({ before: at('read logs/system.log', (own) => own.copyTruncate(), step) });

    const { numbers, gaps } = await collected(disk);

    if (gaps.length > 0) expect(gaps).toEqual(['system.log: short']);
    expectRun(numbers, 0, gaps.length > 0 ? 30 : 39);
  });

  it('that one cannot be unpacked cost only that one (C24, D12)', async () => {
    const disk = filled();
    const inode = disk.names.get('system.log.1.gz');
    if (inode !== undefined) inode.content = inode.content.subarray(0, -20);

    const { numbers, gaps } = await collected(disk);

    expect(gaps).toEqual([expect.stringMatching(/^system\.log\.1\.gz: unexpected end of file/)]);
    expect(numbers.filter((number) => number < 10 || number >= 20)).toHaveLength(30);
  });
});

/** One action after the other, from the start on. */
function running(actions: readonly string[]) {
  let next = Number.NEGATIVE_INFINITY;
  return {
    start: () => {
      next = 0;
    },
    next: () => actions[next++] ?? '',
  };
}

function gunzip(disk: Disk, name: string): Buffer {
  return gunzipSync(disk.names.get(name)?.content ?? Buffer.alloc(0));
}
