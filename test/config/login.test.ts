import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { resolveLogin } from '../../src/config/login.ts';
import { endpointOf } from '../../src/domain/endpoint.ts';
import type { LoginSecrets } from '../../src/domain/login.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';

const agent = { SSH_AUTH_SOCK: '/run/agent' };

/** What the CLI face of a configuration logs in with. */
async function resolved(lines: string, home: string, env: Record<string, string> = agent): Promise<LoginSecrets> {
  const text = `appliances:\n  ice01: { id: 1, address: 192.0.2.10, cli: { ${lines} } }\n`;
  const [appliance] = parseConfig(text, '/etc/icepack.yaml', home, providers).appliances;
  if (appliance === undefined) throw new Error('there is no appliance');
  return resolveLogin(endpointOf(appliance, 'cli'), { env, home, canAsk: false });
}

async function homeWithKey(): Promise<{ home: string; key: string }> {
  const home = await temporaryFolder();
  execFileSync(programPath('ssh-keygen'), ['-q', '-t', 'ed25519', '-N', '', '-f', join(home, 'key')]);
  return { home, key: readFileSync(join(home, 'key.pub'), 'utf8').split(' ')[1] ?? '' };
}

describe.skipIf(lacks('ssh-keygen'))('the identity of a login', () => {
  it.each([
    'identity: ~/key.pub',
    'agent: true, identity: ~/key.pub',
  ])('chooses a key of the agent by its public half: %s (field-C05)', async (lines) => {
    const { home, key } = await homeWithKey();

    expect(await resolved(lines, home)).toEqual({
      agentSocket: '/run/agent',
      agentKey: { key, path: join(home, 'key.pub') },
    });
  });

  it('is read with a mark, a comment and the line ends of others (field-C05)', async () => {
    const { home, key } = await homeWithKey();
    writeFileSync(join(home, 'odd.pub'), `\ufeff# mine\r\n\r\nssh-ed25519 ${key} kim@here\r\n`);

    expect((await resolved('identity: ~/odd.pub', home)).agentKey?.key).toBe(key);
  });

  it.each([
    ['key', 'it is a private key'],
    ['none.pub', 'no such file'],
    ['garbage.pub', 'it is no public key'],
  ])('is refused where it is none, before anybody is contacted: %s (field-C05)', async (name, why) => {
    const { home } = await homeWithKey();
    writeFileSync(join(home, 'garbage.pub'), 'ssh-ed25519 AAAA kim\n');

    const resolving = resolved(`identity: ~/${name}`, home);

    await expect(resolving).rejects.toMatchObject({
      code: 'key-unusable',
      exit: 2,
      message: expect.stringContaining(why),
    });
  });

  it('needs an agent, and says so (field-C05)', async () => {
    const { home } = await homeWithKey();

    const resolving = resolved('identity: ~/key.pub', home, {});

    await expect(resolving).rejects.toMatchObject({ code: 'no-agent', exit: 2 });
  });
});
