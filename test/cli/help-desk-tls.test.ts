import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lacks, programPath } from '../support/requirements.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';

type Made = { key: Buffer; cert: Buffer; authority: string };

/** A certificate by an authority of its own, or by itself. */
function certificate(rig: Rig, { name = 'localhost', from = '', until = '', selfSigned = false } = {}): Made {
  const folder = join(rig.folder, 'mock', 'tls');
  mkdirSync(folder);
  const openssl = (...args: string[]) => execFileSync(programPath('openssl'), args, { cwd: folder, stdio: 'pipe' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const valid = from === '' ? ['-days', '2'] : ['-startdate', from, '-enddate', until];
  writeFileSync(join(folder, 'ext'), `subjectAltName=DNS:${name}\n`);
  openssl('req', '-x509', ...key, '-days', '2', '-keyout', 'ca.key', '-out', 'ca.pem', '-subj', '/CN=test authority');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', `/CN=${name}`);
  writeFileSync(join(folder, 'index'), '');
  const signer = selfSigned ? ['-selfsign', '-keyfile', 'server.key'] : ['-cert', 'ca.pem', '-keyfile', 'ca.key'];
  writeFileSync(join(folder, 'ca.conf'), authorityRules);
  openssl(
    'ca',
    '-batch',
    '-config',
    'ca.conf',
    ...signer,
    ...valid,
    '-extfile',
    'ext',
    '-in',
    'server.csr',
    '-out',
    'server.pem',
  );
  const read = (file: string) => readFileSync(join(folder, file));
  return { key: read('server.key'), cert: read('server.pem'), authority: join(folder, 'ca.pem') };
}

const authorityRules = `
[ca]
default_ca = own
[own]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
[any]
commonName = supplied
`;

/** The help desk of a rig behind TLS, and whatever reached it. */
async function overTls(options: Parameters<typeof certificate>[1] = {}, tls: object = {}) {
  const rig = await startRig();
  const { authority, ...made } = certificate(rig, options);
  const desk = rig.mock.helpdesk;
  const requests: string[] = [];
  const server = createServer({ ...made, ...tls }, (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const { pathname, search } = new URL(request.url ?? '', desk?.url);
    const target = `${new URL(desk?.url ?? '').origin}${pathname}${search}`;
    const { authorization = '', 'content-type': type = '', 'idempotency-key': key = '' } = request.headers;
    const headers = { authorization, 'content-type': type, 'idempotency-key': String(key) };
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body = request.method === 'GET' ? {} : { body: Buffer.concat(chunks) };
      const answer = await fetch(target, { method: request.method ?? 'GET', headers, ...body });
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await rig.configure((document) => {
    document.helpdesk.url = `https://localhost:${(server.address() as AddressInfo).port}/api/v1`;
  });
  return { rig, requests, authority };
}

describe.skipIf(lacks('openssl'))('a help desk over TLS', () => {
  it('whose authority is named is used like any other (F19)', async () => {
    const { rig, authority } = await overTls();

    const done = await rig.icepack(['collect', ...batch, '--only', 'vm', '--json'], {
      env: { NODE_EXTRA_CA_CERTS: authority },
    });

    expect(done.json()).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1001' }, bundle: { attached: true } });
  });

  it.each([
    ['an authority nobody knows', {}, {}, false, /not to be trusted: unable to verify the first certificate/],
    ['itself alone', { selfSigned: true }, {}, false, /not to be trusted: self-signed certificate/],
    ['another name', { name: 'elsewhere.example.com' }, {}, true, /not to be trusted: Hostname/],
    [
      'a time that is over',
      { from: '200101000000Z', until: '200201000000Z' },
      {},
      true,
      /not to be trusted: certificate has expired/,
    ],
    [
      'a protocol of 1999',
      {},
      { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' },
      true,
      /cannot be reached/,
    ],
  ])('with %s is refused: nothing is sent, neither to register nor by doctor (F19)', async (_what, options, tls, known, said) => {
    const { rig, requests, authority } = await overTls(options, tls);
    const env = known ? { NODE_EXTRA_CA_CERTS: authority } : {};

    const doctor = await rig.icepack(['doctor', '--batch', '--json'], { env });
    const texts: string[] = doctor.json().checks.map(({ text }: { text: string }) => text);

    expect(doctor.code).not.toBe(0);
    expect(texts).toContainEqual(expect.stringMatching(said));
    expect(requests).toEqual([]);
  });

  it('that is not to be trusted is tried once by collect; what was collected is kept, and the way out is told (F19)', async () => {
    const { rig, requests } = await overTls();

    const done = await rig.icepack(['collect', ...batch, '--only', 'vm', '--json']);

    expect(done.json()).toMatchObject({ exitCode: 6, ticket: null, error: { code: 'helpdesk-untrusted' } });
    expect(done.json().error.hint).toContain('NODE_EXTRA_CA_CERTS=FILE');
    expect(done.stderr).not.toContain('again in');
    expect(requests).toEqual([]);
  });
});

describe('a way to the help desk that protects nothing', () => {
  it.each([
    ['plain http to another machine', 'http://helpdesk.example.com/api/v1', {}, 'insecure-url'],
    ['TLS that nobody checks', 'https://localhost:1/api/v1', { NODE_TLS_REJECT_UNAUTHORIZED: '0' }, 'insecure-tls'],
    ['something that is no web', 'file:///etc/passwd', {}, undefined],
  ])('ends the run before it begins: %s (F17, F18, F19)', async (_what, url, env, code) => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.helpdesk.url = url;
    });

    const done = await rig.icepack(['collect', ...batch, '--json'], { env });

    expect(done.code).toBe(2);
    if (code !== undefined) expect(done.json().error.code).toBe(code);
    await expect(rig.runs()).rejects.toThrow('ENOENT');
  });
});
