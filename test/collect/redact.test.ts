import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { openStaging } from '../../src/bundle/staging.ts';
import { redactText } from '../../src/redaction/redact-text.ts';
import * as redactor from '../../src/redaction/redactor.ts';
import { redactingKeep } from '../../src/servers/job/redact.ts';
import { temporaryFolder } from '../support/rig.ts';

async function* chunks(...parts: (string | Error)[]): AsyncGenerator<Buffer> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield Buffer.from(part);
  }
}

async function keeper(known: string[] = []) {
  const root = await temporaryFolder();
  const told = new Map<string, object>();
  const keep = redactingKeep(await openStaging(join(root, 'staging')), known, (path, what) => told.set(path, what));
  return { keep, told, read: (path: string) => readFileSync(join(root, 'staging', path), 'utf8'), root };
}

describe('evidence that is kept', () => {
  it('is masked, whatever chunks it comes in', async () => {
    const { keep, told, read } = await keeper();

    const stored = await keep('Logs', 'system.log', chunks('one\npass', 'word=hun', 'ter2\nlast'));

    expect(read(stored.path)).toBe('one\npassword=<redacted:password>\nlast');
    expect(told.get(stored.path)).toEqual({ redactions: { password: 1 } });
  });

  it('is kept to its last byte when its source breaks off', async () => {
    const { keep, read } = await keeper();

    const stored = await keep('CLI', 'transcript.txt', chunks('first\nhalf a li', new Error('gone')));

    expect(stored.cutBy).toMatchObject({ message: 'gone' });
    expect(read(stored.path)).toBe('first\nhalf a li');
  });

  it('is withheld when its secrets cannot be masked, and nothing of it stays (I03)', async () => {
    const { keep, root, told } = await keeper();
    const broken = vi.spyOn(redactor, 'createRedactor').mockReturnValue({
      *push(chunk) {
        yield chunk;
        if (chunk.includes('boom')) throw new RangeError('too much');
      },
      *end() {},
      counts: () => ({}),
    });

    const kept = keep('Logs', 'system.log', chunks(`${'x'.repeat(5000)}\n`, 'password: boom\n'));

    await expect(kept).rejects.toMatchObject({ code: 'not-redacted', message: expect.stringContaining('withheld') });
    broken.mockRestore();
    expect(existsSync(join(root, 'staging', 'Logs', 'system.log'))).toBe(false);
    expect(told.size).toBe(0);
  });

  it('of the vendor’s own formats passes as it is and is declared (I04)', async () => {
    const { keep, told, read } = await keeper();

    const stored = await keep('Config', 'backup.tgz', chunks('password=x\n'));

    expect(read(stored.path)).toBe('password=x\n');
    expect(told.get(stored.path)).toEqual({ notRedactable: true });
  });

  it('with NULs that a crash left is a log all the same, and is masked', async () => {
    const { keep, read } = await keeper();

    const stored = await keep('Logs', 'system.log', chunks(`a\n${'\0'.repeat(4000)}\npassword=x1\n`), { isText: true });

    expect(read(stored.path)).toContain('password=<redacted:password>');
  });
});

describe('a message of a server', () => {
  it('is masked before it becomes a reason', () => {
    expect(redactText('login failed: password=hunter2 refused', [])).not.toContain('hunter2');
    expect(redactText('tried s3cr3t-canary', ['s3cr3t-canary'])).toBe('tried <redacted:known>');
  });
});
