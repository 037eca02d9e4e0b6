import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeWorkplace } from '../../src/context/make-workplace.ts';
import type { Endpoint } from '../../src/domain/endpoint.ts';
import type { Ui } from '../../src/ui/ui.ts';
import { temporaryFolder } from '../support/rig.ts';

/** A place whose password a command gives: another one each time. */
async function startAccess() {
  const folder = await temporaryFolder();
  const count = join(folder, 'count');
  const around = { env: { HOME: folder, PATH: process.env['PATH'] }, argv: [], cwd: folder, stdin: {}, stderr: {} };
  const ui = { emit: () => undefined } as unknown as Ui;
  const signal = new AbortController().signal;
  const { access } = await makeWorkplace({ batch: true }, around as never, ui, signal, () => undefined);
  const command = ['sh', '-c', `echo x >> '${count}'; wc -l < '${count}'`];
  const login = { user: 'admin', port: 22, password: { command } };
  const endpoint = { title: 'ICE01', server: 'ice01', key: 'appliances.ice01.cli', address: '192.0.2.1', login };
  const passwordOf = async () => (await access.loginSecrets(endpoint as unknown as Endpoint)).password?.trim();
  return { access, endpoint: endpoint as unknown as Endpoint, passwordOf };
}

it('a password that a command gave is kept until it was refused', async () => {
  const { access, endpoint, passwordOf } = await startAccess();

  expect([await passwordOf(), await passwordOf()]).toEqual(['1', '1']);
  access.forgetSecrets(endpoint.key);
  expect([await passwordOf(), await passwordOf()]).toEqual(['2', '2']);
});

it('a password that was typed is kept whatever becomes of it', async () => {
  const { access, endpoint, passwordOf } = await startAccess();

  access.setTypedPassword(endpoint, 'typed');
  access.forgetSecrets(endpoint.key);

  expect(await passwordOf()).toBe('typed');
});
