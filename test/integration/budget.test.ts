import type { Session } from 'ssh2';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serveCliFace } from '../../src/mock/cli-face.ts';
import { serveHostOsFace } from '../../src/mock/host-os-face.ts';
import { startSshServer } from '../../src/mock/ssh-server.ts';
import { scriptByHand, sessionsIn } from '../bench/by-hand.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';
import { type SftpRequest, watchSession } from '../support/wire.ts';

const techsupportBytes = 3_000_000;
const zone = 'Europe/Stockholm';
const home = '/home/administrator';

type Face = { port: number; logins: string[]; sessions: string[]; requests: SftpRequest[] };

/** The mock's two faces, watched on the wire. */
async function startWatched(rig: Rig): Promise<Record<'cli' | 'hostOs', Face>> {
  const [mock] = rig.mock.appliances;
  if (mock === undefined) throw new Error('the rig has no server');
  const now = () => new Date();
  const block = Buffer.alloc(1 << 20, 'techsupport');
  const techsupport = { durationMs: 300, bytes: techsupportBytes, block };
  const backup = { bytes: 10_000, block, durationMs: 20 };
  const { trees } = mock;
  return {
    cli: await watched(rig, 'cli', (session) =>
      serveCliFace(session, { user: 'admin', tree: trees.cli, now, zone, techsupport, replies: {}, motd: 'Welcome' }),
    ),
    hostOs: await watched(rig, 'hostOs', (session) =>
      serveHostOsFace(session, { home, tree: trees.hostOs, now, zone, backup, techsupport }),
    ),
  };
}

async function watched(rig: Rig, face: 'cli' | 'hostOs', serve: (session: Session) => void): Promise<Face> {
  const sessions: string[] = [];
  const requests: SftpRequest[] = [];
  const server = await startSshServer({
    port: 0,
    user: face === 'cli' ? 'admin' : 'administrator',
    password: face === 'cli' ? 'cli-canary-pw-1' : 'host-canary-pw-2',
    onSession: (session) => {
      watchSession(session, sessions, requests);
      serve(session);
    },
  });
  onTestFinished(() => server.close());
  const { port, hostKey, logins } = server;
  await rig.configure((document) => Object.assign(document.appliances.ice01[face], { port, hostKey }));
  return { port, logins, sessions, requests };
}

describe('a usual collection of one server', () => {
  it('opens no more sessions than a script of ssh and scp, and asks for each thing once (IO-1)', async () => {
    const rig = await startRig();
    const { cli, hostOs } = await startWatched(rig);
    const login = { user: 'admin', privateKey: 'key' };
    const script = scriptByHand(
      'by-hand',
      [{ name: 'ice01', home, login, backupScript: 'backup.sh', cli, hostOs }],
      'step by step',
    );
    const byHand = sessionsIn(script, cli.port) + sessionsIn(script, hostOs.port);

    const done = await rig.icepack(['collect', ...batch, '--json']);

    expect(done.code).toBe(0);
    expect(cli.sessions.length + hostOs.sessions.length).toBeLessThanOrEqual(byHand);
    for (const { logins } of [cli, hostOs]) expect(logins.filter((method) => method === 'password')).toHaveLength(1);
    const ofTechsupport = cli.requests.filter(({ path }) => path.startsWith('techsupport/'));
    const chunk = Math.max(...ofTechsupport.map(({ bytes }) => bytes));
    expect(chunk).toBeGreaterThan(30_000);
    expect(ofTechsupport.length).toBeLessThanOrEqual(Math.ceil(techsupportBytes / chunk) + 10);
    for (const { requests } of [cli, hostOs])
      expect(Math.max(...timesListed(requests).values())).toBeLessThanOrEqual(2);
  });
});

function timesListed(requests: readonly SftpRequest[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { kind, path } of requests) if (kind === 'OPENDIR') times.set(path, (times.get(path) ?? 0) + 1);
  return times;
}
