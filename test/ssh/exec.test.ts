import { createServer } from 'node:http';
import net from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { UserError } from '../../src/errors.ts';
import { askHostKey, connect } from '../../src/ssh/connect.ts';
import { exec, shellQuote } from '../../src/ssh/exec.ts';
import { probeOf } from '../../src/ssh/probe.ts';
import { connected, targetOf } from '../support/connect-target.ts';
import { hintOf } from '../support/hint.ts';
import { type ServerScript, type Step, startScriptedServer, startTcpServer } from '../support/scripted-server.ts';

const never = new AbortController().signal;
/** Long enough for a handshake on a busy machine, short enough to wait for. */
const shortMs = 300;

const target = (port: number, hostKey?: string) => targetOf('hostOs', { port, hostKey });

async function connectedTo(script: ServerScript) {
  const server = await startScriptedServer(script);
  return { server, connection: await connected(target(server.port, server.hostKey)) };
}

const running = (...steps: Step[]) => connectedTo({ exec: { job: steps } });

describe('a command on the host OS', () => {
  it('gives its output and its exit status', async () => {
    const { connection } = await running('out\n', { stderr: 'err\n' }, { exit: 0 }, 'close-channel');

    const result = await exec(connection, 'job', never);

    expect(result).toEqual({ code: 0, stdout: 'out\n', stderr: 'err\n' });
  });

  it('is not missed when its exit status comes together with the consent', async () => {
    const { connection } = await running({ exit: 0 }, 'close-channel');

    const results = [await exec(connection, 'job', never), await exec(connection, 'job', never)];

    expect(results).toEqual(Array(2).fill({ code: 0, stdout: '', stderr: '' }));
  });

  it('that fails gives its exit status and what it said (B02)', async () => {
    const { connection } = await running({ stderr: 'no such script\n' }, { exit: 1 }, 'close-channel');

    const result = await exec(connection, 'job', never);

    expect(result).toEqual({ code: 1, stdout: '', stderr: 'no such script\n' });
  });

  it('that was killed by a signal has failed, and the signal is named (B02)', async () => {
    const { connection } = await running('half of', { killedBy: 'KILL' }, 'close-channel');

    const failure = exec(connection, 'job', never);

    await expect(failure).rejects.toMatchObject({ code: 'command-killed', message: expect.stringContaining('KILL') });
  });

  it('whose channel closes without an exit status was cut (B02)', async () => {
    const { connection } = await running('half of', 'close-channel');

    const failure = exec(connection, 'job', never);

    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'command-cut' });
  });

  it.each([
    'fin',
    'rst',
  ] as const)('has no result when the connection ends in mid-output by %s (B01, B02)', async (end) => {
    const { connection } = await running('half of', { pauseMs: 20 }, end);

    const failure = exec(connection, 'job', never);

    await expect(failure).rejects.toMatchObject({
      name: 'UserError',
      code: expect.stringMatching(/^(connection-lost|command-cut)$/),
    });
    await expect(exec(connection, 'job', never)).rejects.toMatchObject({ code: 'connection-lost' });
  });

  it('ends with the reason of the signal, and is told to end', async () => {
    const { connection, server } = await running('working\n', 'hang');
    const patience = new AbortController();
    const reason = new Error('no end within 30 s');
    const started = connection.openExec;
    const opened = new Promise<void>((resolve) => {
      connection.openExec = async (command, signal, onOpen) => {
        const channel = await started(command, signal, onOpen);
        resolve();
        return channel;
      };
    });

    const failure = exec(connection, 'job', patience.signal);
    const ended = expect(failure).rejects.toBe(reason);
    await opened;
    patience.abort(reason);

    await ended;
    while (server.signals.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(server.signals).toEqual(['TERM']);
  });

  it('is not sent when the signal has gone already', async () => {
    const { connection } = await running({ exit: 0 }, 'close-channel');
    const reason = new Error('Ctrl-C');

    const failure = exec(connection, 'job', AbortSignal.abort(reason));

    await expect(failure).rejects.toBe(reason);
  });

  it('that the server refuses is refused, and the connection goes on (B17)', async () => {
    const { connection } = await running('out\n', { exit: 0 }, 'close-channel');

    const failure = exec(connection, 'another job', never);

    await expect(failure).rejects.toMatchObject({ code: 'request-refused' });
    expect((await exec(connection, 'job', never)).stdout).toBe('out\n');
  });

  it('keeps letters whole that come in two pieces', async () => {
    const { connection } = await running(
      Buffer.from([0xc3]),
      { pauseMs: 10 },
      Buffer.from([0xa4]),
      { exit: 0 },
      'close-channel',
    );

    const { stdout } = await exec(connection, 'job', never);

    expect(stdout).toBe('ä');
  });

  it('with endless output does not fill the memory (B09)', async () => {
    const block = Buffer.alloc(1024 * 1024, 'y\n');
    const { connection } = await running(...Array<Step>(12).fill(block), { exit: 0 }, 'close-channel');

    const { stdout, code } = await exec(connection, 'job', never);

    expect(code).toBe(0);
    expect(stdout.length).toBeLessThanOrEqual(8 * 1024 * 1024);
    expect(stdout.length).toBeGreaterThan(7 * 1024 * 1024);
  });
});

describe('a word for a remote shell', () => {
  it.each([
    ['plain-name_1.log', 'plain-name_1.log'],
    ['a b', "'a b'"],
    ['$(reboot)', "'$(reboot)'"],
    ["it's", "'it'\\''s'"],
    ['a;b`c`|d&', "'a;b`c`|d&'"],
    ['', "''"],
    ['*?[~]', "'*?[~]'"],
  ])('%j is quoted as %j (B11)', (word, quoted) => {
    expect(shellQuote(word)).toBe(quoted);
  });

  it.each(['a\nb', 'a\rb', 'a\0b', '\x1b[2J', '\x03'])('%j is refused (B11)', (word) => {
    expect(() => shellQuote(word)).toThrow(expect.objectContaining({ code: 'unsafe-name' }));
  });
});

describe('connecting', () => {
  it('sends no credential to a server whose key is not pinned, and shows the key (A01)', async () => {
    const server = await startScriptedServer({});

    const error = await connect(target(server.port), never).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'host-key-unknown', message: expect.stringContaining(server.hostKey) });
    expect(hintOf(error as UserError)).toContain(`--fingerprint ${server.hostKey}`);
    expect(server.logins).toEqual([]);
  });

  it('sends no credential to a server with another key than the pinned one, and shows both (A02)', async () => {
    const [server, other] = [await startScriptedServer({}), await startScriptedServer({})];

    const error = await connect(target(server.port, other.hostKey), never).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'host-key-changed' });
    expect(String(error)).toContain(server.hostKey);
    expect(String(error)).toContain(other.hostKey);
    expect(server.logins).toEqual([]);
  });

  it('can ask for the host key without logging in', async () => {
    const server = await startScriptedServer({});

    const shown = await askHostKey(target(server.port), never);

    expect(shown).toMatchObject({ type: 'ssh-ed25519', fingerprint: server.hostKey });
    expect(server.logins).toEqual([]);
  });

  it('tries a wrong password once (A16)', async () => {
    const server = await startScriptedServer({ password: 'another' });

    const failure = connect(target(server.port, server.hostKey), never);

    await expect(failure).rejects.toMatchObject({
      code: 'login-refused',
      message: expect.stringContaining('administrator'),
    });
    expect(server.logins).toEqual(['none', 'password']);
  });

  it('gives the password to the one hidden question of a server (A17)', async () => {
    const { server } = await connectedTo({ questions: [{ prompt: 'Password: ', echo: false }] });

    expect(server.answers).toEqual([['secret']]);
    expect(server.logins).toEqual(['none', 'keyboard-interactive']);
  });

  it('gives nothing to a server that asks for more, and says why (A17)', async () => {
    const questions = [
      { prompt: 'Password: ', echo: false },
      { prompt: 'Code: ', echo: false },
    ];
    const server = await startScriptedServer({ questions });

    const failure = connect(target(server.port, server.hostKey), never);

    await expect(failure).rejects.toMatchObject({
      code: 'login-refused',
      message: expect.stringContaining('more than a password'),
    });
    expect(JSON.stringify(server.answers)).not.toContain('secret');
  });

  it('leaves no secret in the error of a refused login', async () => {
    const server = await startScriptedServer({ password: 'another' });

    const error = await connect(target(server.port, server.hostKey), never).catch((reason: unknown) => reason);

    expect(everythingIn(error)).not.toContain('secret');
  });

  it('gives up a server that never greets (A10)', async () => {
    const { port } = await startTcpServer(() => undefined);

    const error = await connect({ ...target(port), timeoutMs: shortMs }, never).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('no SSH greeting') });
    expect(probeOf(error)).toMatchObject({ reached: 'tcp' });
  });

  it('gives up a server that greets and then says nothing (A12)', async () => {
    const { port } = await startTcpServer((socket) => socket.write('SSH-2.0-Silent\r\n'));

    const error = await connect({ ...target(port), timeoutMs: shortMs }, never).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'unreachable' });
    expect(probeOf(error)).toMatchObject({ reached: 'ssh', banner: 'SSH-2.0-Silent' });
  });

  it('gives up a server that talks without end before its greeting (A11)', async () => {
    const { port } = await startTcpServer((socket) => {
      const talk = setInterval(() => socket.write('not yet\r\n'), 5);
      socket.on('close', () => clearInterval(talk));
    });

    const failure = connect({ ...target(port), timeoutMs: shortMs }, never);

    await expect(failure).rejects.toMatchObject({ code: 'unreachable' });
  });

  it('gives a server that has greeted more time for the login', async () => {
    const server = await startScriptedServer({});
    const { port } = await startTcpServer((near) => {
      const far = net.connect(server.port, '127.0.0.1');
      far.on('error', () => undefined);
      near.on('close', () => far.destroy());
      near.on('data', (data: Buffer) => far.write(data));
      far.once('data', (greeting: Buffer) => {
        near.write(greeting);
        far.pause();
        setTimeout(() => far.pipe(near), 2 * shortMs);
      });
    });

    const connection = await connect({ ...target(port, server.hostKey), timeoutMs: shortMs }, never);

    onTestFinished(() => connection.close());
    expect(connection.probe).toMatchObject({ reached: 'login', banner: 'SSH-2.0-Scripted' });
  });

  it('says what an HTTP server answered instead of SSH (A11)', async () => {
    const web = createServer((_request, response) => response.end());
    await new Promise<void>((resolve) => {
      web.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => void web.close());

    const error = await connect(
      { ...target((web.address() as net.AddressInfo).port), timeoutMs: shortMs },
      never,
    ).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'unreachable' });
    expect(probeOf(error)).toMatchObject({ reached: 'tcp', banner: expect.stringMatching(/^HTTP\/1.1 400/) });
  });

  it('takes the escapes out of what a server calls itself (A20)', async () => {
    const { port } = await startTcpServer((socket) => socket.end('\x1b[2J\x1b]0;owned\x07SSH-2.0-\x1b[31mred\r\n'));

    const error = await connect({ ...target(port), timeoutMs: shortMs }, never).catch((reason: unknown) => reason);

    expect(probeOf(error)?.banner).toBe('SSH-2.0-red');
    expect(everythingIn(error)).not.toMatch(/\x1b|\\u001b|\x07/);
  });

  it('logs in to a server whose banner has escapes in it (A20)', async () => {
    const banner = `\x1b[2J\x1b]0;owned\x07${'Authorized use only. '.repeat(1000)}`;

    const { connection } = await connectedTo({ banner, exec: { job: [{ exit: 0 }, 'close-channel'] } });

    expect(await exec(connection, 'job', never)).toMatchObject({ code: 0 });
  });

  it.each([
    1, 4, 20, 60, 200, 700,
  ])('ends in an error when the handshake is cut after %i bytes (A13)', async (bytes) => {
    const server = await startScriptedServer({});
    const { port } = await startTcpServer((near) => {
      const far = net.connect(server.port, '127.0.0.1');
      let left = bytes;
      far.on('error', () => undefined);
      far.on('data', (data: Buffer) => {
        near.write(data.subarray(0, left));
        left -= data.length;
        if (left > 0) return;
        near.end();
        far.destroy();
      });
      near.on('data', (data: Buffer) => far.write(data));
      near.on('close', () => far.destroy());
    });

    const failure = connect({ ...target(port, server.hostKey), timeoutMs: 2000 }, never);

    await expect(failure).rejects.toMatchObject({ name: 'UserError', code: 'unreachable' });
  });

  it('says that a connection was refused (A09)', async () => {
    const free = net.createServer();
    const port = await new Promise<number>((resolve) => {
      free.listen(0, '127.0.0.1', () => {
        const { port: found } = free.address() as net.AddressInfo;
        free.close(() => resolve(found));
      });
    });

    const error = await connect(target(port), never).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringContaining('connection refused') });
    expect(probeOf(error)).toMatchObject({
      reached: expect.stringMatching(/nothing|dns/),
      elapsedMs: expect.any(Number),
    });
  });

  it('says that a host name is not known (A09)', async () => {
    const error = await connect({ ...target(22), address: 'ice01.invalid' }, never).catch((reason: unknown) => reason);

    expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/DNS/) });
    expect(probeOf(error)).toMatchObject({ reached: 'nothing', addresses: [] });
  });

  it('ends with the reason of the signal while it waits', async () => {
    const patience = new AbortController();
    const reason = new Error('Ctrl-C');
    const { port } = await startTcpServer(() => patience.abort(reason));

    const failure = connect(target(port), patience.signal);

    await expect(failure).rejects.toBe(reason);
  });

  it('offers no ChaCha20 and no CBC, as servers without strict key exchange need (A15)', async () => {
    const offer = new Promise<string>((resolve) => {
      void startTcpServer((socket) => {
        let seen = '';
        socket.write('SSH-2.0-Looking\r\n');
        socket.on('data', (data: Buffer) => {
          seen += data.toString('latin1');
          if (seen.includes('aes256-ctr')) resolve(seen);
        });
      }).then(({ port }) =>
        connect({ ...target(port), timeoutMs: 2000 }, AbortSignal.timeout(2000)).catch(() => undefined),
      );
    });

    const seen = await offer;

    expect(seen).toContain('aes128-gcm@openssh.com');
    expect(seen).not.toMatch(/chacha20|-cbc/);
  });
});

function everythingIn(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack} ${JSON.stringify(error)} ${error.cause === undefined ? '' : everythingIn(error.cause)}`;
}
