import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Rig, startRig, startRun, until } from '../support/rig.ts';

export const watch = {
  ...{ every: '3s', retry: '1s', tickets: false, bundles: false, flood: { wait: '1h' } },
  checks: { data: { every: '3s', for: '2s' } },
};
export const once = ['watch', '--once', '--batch'];

/** A rig whose state can be made what it was again and again. */
export type PreparedRig = { rig: Rig; keep(): void; again(): void };

/** A server whose volume was seen full for long enough: the next round makes an incident of it. */
export async function firingRig(): Promise<PreparedRig> {
  const rig = await startRig({ cluster: 'east' });
  await rig.configure((document) => void Object.assign(document, { watch }));
  await rig.mock.appliances[0]?.fail({ fullPercent: 93 });
  const watching = startRun(rig, ['watch', '--batch']);
  await until(() => watching.said().includes('I1 opened'));
  watching.kill('SIGTERM');
  await watching.ended;
  const state = join(rig.folder, '.local', 'state', 'icepack');
  const prepared = join(rig.folder, 'prepared');
  rmSync(join(state, 'watch', 'open'), { recursive: true });
  const keep = () => {
    rmSync(prepared, { recursive: true, force: true });
    cpSync(state, prepared, { recursive: true });
  };
  const again = () => {
    rmSync(state, { recursive: true });
    mkdirSync(state, { recursive: true, mode: 0o700 });
    cpSync(prepared, state, { recursive: true });
  };
  keep();
  return { rig, keep, again };
}

export const incidentsOf = async (rig: Rig) => (await rig.icepack(['watch', 'status', '--json'])).json().incidents;

/** A person who is told by a modem that nobody reads: what is in its spool, was sent. */
export async function withPages(
  { rig }: PreparedRig,
  more: object = {},
): Promise<{ sent(): string[]; forget(): void }> {
  const spool = Object.fromEntries(['outbox', 'sent', 'error'].map((name) => [name, join(rig.folder, 'sms', name)]));
  const outbox = spool['outbox'] ?? '';
  const forget = () => {
    rmSync(join(rig.folder, 'sms'), { recursive: true, force: true });
    for (const folder of Object.values(spool)) mkdirSync(folder, { recursive: true });
  };
  forget();
  await rig.configure((document) => {
    Object.assign(document, {
      watch: { ...watch, ...more },
      people: { kim: { name: 'Kim Doe', phone: '+46 660 29 92 00' } },
      channels: { sms: { kind: 'gammu', ...spool } },
      escalation: {
        routes: [{ policy: 'all' }],
        policies: { all: { steps: [{ at: '0m', to: ['kim'], by: ['sms'] }] } },
      },
    });
  });
  return { sent: () => readdirSync(outbox).filter((name) => name.startsWith('OUT')), forget };
}

/** Goes on until nothing is wrong any more, and not for longer than a watch may take. */
export async function rounds(rig: Rig, wrong: () => Promise<string | undefined>): Promise<string | undefined> {
  for (let left = 2; ; left--) {
    const { stderr } = await rig.icepack(once);
    const what = await wrong();
    if (what === undefined || left === 1) return what && `${what}; ${stderr}`;
  }
}
