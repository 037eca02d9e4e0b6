import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPrivateFile, resolveSecret } from '../../src/config/secrets.ts';
import type { SecretReference } from '../../src/domain/appliance.ts';
import { UserError } from '../../src/errors.ts';
import { hintOf } from '../support/hint.ts';
import { temporaryFolder } from '../support/rig.ts';

const what = 'the password of ice01 (cli)';
const canary = 'hunter2-canary';

function resolve(reference: SecretReference, home = '/nowhere', env: Record<string, string> = {}): Promise<string> {
  return resolveSecret(reference, what, { env, home });
}

async function refusal(resolving: Promise<unknown>): Promise<UserError> {
  const error = await resolving.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof UserError) return error;
  throw new Error(`no UserError: ${error}`);
}

function node(script: string): SecretReference {
  return { command: [process.execPath, '-e', script] };
}

describe('a secret from the environment', () => {
  it('is the value of its variable, spaces included', async () => {
    expect(await resolve({ env: 'PW' }, undefined, { PW: ` ${canary} ` })).toBe(` ${canary} `);
  });

  it.each([{}, { PW: '' }])('is missing when the variable is not set or empty', async (env) => {
    const error = await refusal(resolve({ env: 'PW' }, undefined, env));

    expect(error).toMatchObject({ code: 'secret-missing', exit: 2, hint: expect.stringContaining('PW') });
    expect(error.message).toContain(what);
  });
});

describe('a secret from a file', () => {
  it.each([
    [canary, canary],
    [`${canary}\n`, canary],
    [`${canary}\r\n`, canary],
    [`${canary}\n\n`, canary],
    [`${canary}\r`, canary],
    [`${canary}\r\r\n`, canary],
    [`\ufeff${canary}\r\n`, canary],
    [`\ufeffpässwörd\n`, 'pässwörd'],
    [` ${canary} \n`, ` ${canary} `],
    ['pässwörd 🔑\n', 'pässwörd 🔑'],
  ])('is its content without the last line end: %j', async (content, secret) => {
    const home = await temporaryFolder();
    await writeFile(join(home, 'pw'), content, { mode: 0o600 });

    expect(await resolve({ file: '~/pw' }, home)).toBe(secret);
    expect(await resolve({ file: join(home, 'pw') })).toBe(secret);
  });

  it.each([0o644, 0o640, 0o604, 0o620, 0o601])('is refused when others may touch it: mode %o', async (mode) => {
    const path = join(await temporaryFolder(), 'pw');
    await writeFile(path, canary);
    await chmod(path, mode);

    const error = await refusal(resolve({ file: path }));

    expect(error).toMatchObject({
      code: 'secret-exposed',
      exit: 2,
      hint: expect.stringContaining(`chmod 600 ${path}`),
    });
    expect(error.message).toContain(path);
    expect(everythingIn(error)).not.toContain('hunter2');
  });

  it.each([0o600, 0o400])('is read when it is the owner’s alone: mode %o', async (mode) => {
    const path = join(await temporaryFolder(), 'pw');
    await writeFile(path, canary);
    await chmod(path, mode);

    expect(await resolve({ file: path })).toBe(canary);
  });

  it('is missing when there is no file, or one too large, or a folder', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'large'), canary.repeat(10_000), { mode: 0o600 });
    await mkdir(join(folder, 'folder'), { mode: 0o700 });

    for (const name of ['missing', 'large', 'folder', 'large/below']) {
      const error = await refusal(resolve({ file: join(folder, name) }));

      expect(error).toMatchObject({ code: 'secret-missing', exit: 2 });
      expect(error.message).toContain(what);
      expect(everythingIn(error)).not.toContain('hunter2');
    }
  });

  it('is refused when it is empty, as an empty variable is', async () => {
    const path = join(await temporaryFolder(), 'pw');
    await writeFile(path, '\n', { mode: 0o600 });

    const error = await refusal(resolve({ file: path }));

    expect(error).toMatchObject({ code: 'secret-missing' });
  });
});

describe('what editors and shells leave around a secret', () => {
  const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

  it.each([
    ['UTF-16 with a mark', Buffer.from(`\ufeff${canary}\r\n`, 'utf16le')],
    ['UTF-16 with a mark, the other way round', utf16be(`\ufeff${canary}\r\n`)],
    ['UTF-16 without a mark', Buffer.from(`${canary}\r\n`, 'utf16le')],
    ['UTF-16 without a mark, the other way round', utf16be(`${canary}\n`)],
    ['UTF-8 with a mark and two line ends', Buffer.from(`\ufeff${canary}\r\n\r\n`)],
  ])('is taken off in a file and in what a command prints: %s (field-C06)', async (_what, content) => {
    const path = join(await temporaryFolder(), 'pw');
    await writeFile(path, content, { mode: 0o600 });

    expect(await resolve({ file: path })).toBe(canary);
    expect(await resolve(node(`process.stdout.write(require('fs').readFileSync(${JSON.stringify(path)}))`))).toBe(
      canary,
    );
  });

  it.each([
    `\ufeff${canary}`,
    `${canary}\n`,
    `${canary}\r\n`,
    `${canary}\r`,
    `\ufeff${canary}\n\n`,
  ])('is taken off in a variable: %j (field-C06)', async (value) => {
    expect(await resolve({ env: 'PW' }, undefined, { PW: value })).toBe(canary);
  });

  it.each([
    ['a second line', Buffer.from(`${canary}\nuser: admin\n`), 'more than one line'],
    ['a CR in the middle', Buffer.from(`hunter2\r-canary`), 'more than one line'],
    ['a tab', Buffer.from(`${canary}\t`), 'control character'],
    ['a NUL', Buffer.from(`hunter2\0-canary`), 'control character'],
    ['Latin-1', Buffer.from(`${canary}\xe4`, 'latin1'), 'not text in UTF-8'],
  ])('but %s is refused before anything is sent, and the value not repeated (field-C06)', async (_what, content, why) => {
    const path = join(await temporaryFolder(), 'pw');
    await writeFile(path, content, { mode: 0o600 });

    const error = await refusal(resolve({ file: path }));

    expect(error).toMatchObject({ code: 'secret-odd', exit: 2, message: expect.stringContaining(why) });
    expect(error.message).toContain(path);
    expect(error.message).toContain(what);
    expect(everythingIn(error)).not.toContain('hunter2');
  });

  it.each(['\ufeff', '\n\n', '\ufeff\r\n'])('may be all there is: %j is no secret (field-C06)', async (value) => {
    const error = await refusal(resolve({ env: 'PW' }, undefined, { PW: value }));

    expect(error).toMatchObject({ code: 'secret-missing', message: expect.stringContaining('PW') });
  });

  it.each([
    [` ${canary}`, 'begins or ends with a blank'],
    [`${canary} \n`, 'begins or ends with a blank'],
    [`hunter2\u200b-canary`, 'is not seen'],
    [`hunter2\u00a0-canary`, 'is not seen'],
  ])('is told where it may be meant: %j (field-C06)', async (value, oddity) => {
    const told: string[] = [];

    const secret = await resolveSecret({ env: 'PW' }, what, {
      env: { PW: value },
      home: '/',
      warn: (text) => told.push(text),
    });

    expect(secret).toBe(value.replace('\n', ''));
    expect(told).toEqual([expect.stringContaining(oddity)]);
    expect(told[0]).toContain('PW');
    expect(told[0]).not.toContain('hunter2');
  });

  it.each([
    ` ${canary}`,
    `hunter2 canary`,
    `${canary}ä`,
    `hunter2\u200b`,
  ])('is refused in a token, which no header could carry: %j (field-C06)', async (value) => {
    const resolving = resolveSecret({ env: 'TOKEN' }, what, { env: { TOKEN: value }, home: '/', use: 'token' });

    const error = await refusal(resolving);

    expect(error).toMatchObject({ code: 'secret-odd', exit: 2, message: expect.stringContaining('TOKEN') });
    expect(everythingIn(error)).not.toContain('hunter2');
  });
});

describe('a private key', () => {
  it('is read byte for byte', async () => {
    const path = join(await temporaryFolder(), 'key');
    const bytes = Buffer.from([0, 255, 10, 13, 10]);
    await writeFile(path, bytes, { mode: 0o600 });

    expect(await readPrivateFile(path, 'the key')).toEqual(bytes);
  });
});

describe('a secret from a command', () => {
  it('is what the command prints, without the last line end', async () => {
    expect(await resolve(node(`console.log('${canary}')`))).toBe(canary);
  });

  it('is asked without a shell', async () => {
    const secret = await resolve({ command: [process.execPath, '-e', 'console.log(process.argv[1])', '$(id); `id`'] });

    expect(secret).toBe('$(id); `id`');
  });

  it.each([
    ['fails', `console.log('${canary}'); process.exitCode = 1`],
    ['fails and complains', `console.log('${canary}'); console.error('${canary}'); process.exitCode = 1`],
    ['prints nothing', ''],
    ['prints an empty line', 'console.log()'],
    ['prints too much', `console.log('${canary}'.repeat(10000))`],
    ['is killed', `console.log('${canary}'); process.kill(process.pid, 'SIGKILL')`],
  ])('is missing when the command %s, and nothing it printed is repeated', async (_how, script) => {
    const path = join(await temporaryFolder(), 'script.cjs');
    await writeFile(path, script);

    const error = await refusal(resolve({ command: [process.execPath, path] }));

    expect(error).toMatchObject({ code: 'secret-missing', exit: 2 });
    expect(error.message).toContain(what);
    expect(everythingIn(error)).not.toContain('hunter2');
  });

  it('is missing when there is no such command', async () => {
    const error = await refusal(resolve({ command: ['/nowhere/pass', 'show'] }));

    expect(error).toMatchObject({ code: 'secret-missing' });
    expect(error.message).toContain('/nowhere/pass');
  });
});

function everythingIn(error: UserError): string {
  return `${error.stack} ${hintOf(error)} ${JSON.stringify(error)} ${String(error.cause)} ${JSON.stringify(error.cause)}`;
}
