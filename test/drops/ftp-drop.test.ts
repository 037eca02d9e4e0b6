import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { traceTo } from '../../src/domain/trace.ts';
import { openFtpDrop } from '../../src/drops/ftp-drop.ts';
import { type FtpdOptions, type FtpServer, ftpLogin, startFtpd } from '../support/ftpd.ts';
import { lacks } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';

const never = new AbortController().signal;
const call = { signal: never, onProgress: () => undefined };

async function facing(options: FtpdOptions = {}) {
  const folder = await temporaryFolder();
  const server = await startFtpd(folder, options);
  const file = join(folder, 'bundle.zip');
  const content = randomBytes(3_000_000);
  await writeFile(file, content);
  const open = async (changes: Partial<Parameters<typeof openFtpDrop>[0]> = {}) => {
    const drop = await openFtpDrop({ ...targetOf(server, options), ...changes }, never);
    onTestFinished(() => drop.close());
    return drop;
  };
  return { server, file, content, open, there: (name: string) => readFileSync(join(server.files, 'in', name)) };
}

function targetOf({ port, ca }: FtpServer, { tls = 'none' }: FtpdOptions) {
  const trusted = tls === 'none' ? undefined : readFileSync(ca, 'utf8');
  return { title: 'the upload server', host: '127.0.0.1', port, tls, ca: trusted, login: ftpLogin, folder: 'in' };
}

describe.skipIf(lacks('proftpd', 'openssl')).each(['none', 'explicit', 'implicit'] as const)(
  'a folder of a real FTP server, TLS %s',
  (tls) => {
    it('takes a file, goes on with its beginning, reads it back and renames it', async () => {
      const { file, content, open, there, server } = await facing({ tls });
      const drop = await open();

      const before = await drop.sizeOf('a.part', never);
      await writeFile(`${file}.beginning`, content.subarray(0, 1_000_001));
      await drop.send(`${file}.beginning`, 'a.part', 0, call);
      const begun = await drop.sizeOf('a.part', never);
      const tail = await drop.readFrom('a.part', 1_000_000, never);
      await drop.send(file, 'a.part', begun ?? 0, call);
      const renamed = await drop.rename('a.part', 'a.zip', never);

      expect([before, begun, renamed]).toEqual([undefined, 1_000_001, true]);
      expect(tail).toEqual(content.subarray(1_000_000, 1_000_001));
      expect(there('a.zip').equals(content)).toBe(true);
      expect(await drop.sizeOf('a.part', never)).toBeUndefined();
      expect(await drop.sizeOf('a.zip', never)).toBe(content.length);
      expect(server.log(), 'what the tests below look for').toContain(ftpLogin.user);
    });
  },
);

describe.skipIf(lacks('proftpd', 'openssl'))('the trace', () => {
  it('has what was asked of the server and what it said, without the password', async () => {
    const { open } = await facing();
    const lines: string[] = [];
    traceTo((entry) => 'text' in entry && lines.push(entry.text));
    onTestFinished(() => traceTo(undefined));

    await (await open()).sizeOf('a.part', never);

    const text = lines.join('\n');
    expect(text).toContain(`the upload server: > USER ${ftpLogin.user}`);
    expect(text).toContain('the upload server: > PASS ###');
    expect(text).toMatch(/the upload server: < 230 /);
    expect(text).not.toContain(ftpLogin.password);
  });
});

describe.skipIf(lacks('proftpd', 'openssl'))('who it talks to', () => {
  it.each([
    'explicit',
    'implicit',
  ] as const)('a certificate nobody vouches for gets no password, TLS %s', async (tls) => {
    const { open, server } = await facing({ tls });

    await expect(open({ ca: undefined })).rejects.toMatchObject({ code: 'certificate-refused', exit: 5 });

    expect(server.log()).not.toContain(ftpLogin.user);
  });

  it('a certificate of another name is refused', async () => {
    const { open } = await facing({ tls: 'explicit', host: '127.0.0.3' });

    await expect(open({ host: '127.0.0.3' })).rejects.toMatchObject({ code: 'certificate-refused' });
  });

  it('a server without TLS gets nothing where TLS was asked for', async () => {
    const { open, server } = await facing();

    await expect(open({ tls: 'explicit' })).rejects.toMatchObject({ code: 'no-tls', exit: 5 });

    expect(server.log()).not.toContain(ftpLogin.user);
  });

  it('a folder that is not there is said', async () => {
    const { open } = await facing();

    await expect(open({ folder: 'nowhere' })).rejects.toMatchObject({ code: 'upload-refused', exit: 5 });
  });
});
