import { describe, expect, it } from 'vitest';
import type { Access } from '../../src/servers/access.ts';
import { cautiousAccess } from '../../src/servers/cautious-access.ts';
import type { ConnectTarget } from '../../src/ssh/connect-target.ts';

const bastion = { title: 'bastion (192.0.2.9:22)', key: 'jumpHosts.bastion' } as ConnectTarget;
const cli = { title: 'ICE01 CLI (192.0.2.1:22)', key: 'appliances.ice01.cli', via: bastion } as ConnectTarget;
const hostOs = {
  title: 'ICE01 host OS (192.0.2.1:2222)',
  key: 'appliances.ice01.hostOs',
  via: bastion,
} as ConnectTarget;
const signal = new AbortController().signal;

/** Access to servers where so the login fails, and what was dialled. */
function accessWhere(message: string, passwordRefused: boolean) {
  const dialled: string[] = [];
  const dial = async (target: ConnectTarget) => {
    dialled.push(target.key);
    throw Object.assign(new Error(message), { probe: { passwordRefused } });
  };
  return { access: { dialer: { dial } } as unknown as Access, dialled };
}

const tried = (access: Access, target: ConnectTarget) =>
  access.dialer.dial(target, signal).then(
    () => 'let in',
    (error: Error) => error.message,
  );

describe('a password that was refused to a timer', () => {
  it('is tried once in a run, by whichever face it goes; one of a jump host closes all that is behind it (Q05)', async () => {
    const { access, dialled } = accessWhere(`${bastion.title} refused the password`, true);
    const noted: string[] = [];
    const cautious = cautiousAccess(access, {}, 'now', (key) => noted.push(key));

    await tried(cautious, cli);
    const second = await tried(cautious, hostOs);

    expect(dialled).toEqual([cli.key]);
    expect(noted).toEqual([bastion.key]);
    expect(second).toContain('not tried again until the configuration or the file with the password changes');
  });

  it('is not tried in the next run, until the configuration changes; another login is', async () => {
    const refused = { [cli.key]: { reason: 'refused', under: 'as it was' } };
    const { access, dialled } = accessWhere('connection refused', false);

    await tried(
      cautiousAccess(access, refused, 'as it was', () => undefined),
      cli,
    );
    await tried(
      cautiousAccess(access, refused, 'as it was', () => undefined),
      hostOs,
    );
    await tried(
      cautiousAccess(access, refused, 'changed', () => undefined),
      cli,
    );

    expect(dialled).toEqual([hostOs.key, cli.key]);
  });

  it('is not what a server that is down is taken for: that is tried again', async () => {
    const { access, dialled } = accessWhere('connection refused', false);
    const cautious = cautiousAccess(access, {}, 'now', () => expect.unreachable());

    await tried(cautious, cli);
    await tried(cautious, cli);

    expect(dialled).toHaveLength(2);
  });
});
