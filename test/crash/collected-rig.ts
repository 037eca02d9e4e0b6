import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MockSwitches } from '../../src/mock/help-desk.ts';
import { type Rig, startRig } from '../support/rig.ts';

/** Help desks that a registration has to live with. */
export const modes = {
  'that is healthy': {},
  'that registers and then breaks the connection': { afterCommit: 'reset' },
  'that registers and then answers 502': { afterCommit: '502' },
  'that takes its time before it registers, and knows no keys': { preCommitMs: 400, idempotency: false },
  'whose search lags, and that knows no keys': { searchLagMs: 300, idempotency: false },
  'whose search lags, and that knows keys': { searchLagMs: 300 },
} satisfies Record<string, Partial<MockSwitches>>;

export type CollectedRig = {
  rig: Rig;
  /** Another run like the one that was collected, with a reference of its own. @returns its id */
  copy(reference: string): string;
  /** What submits a run. */
  submitting(id: string): string[];
  /** How many tickets and files the help desk has of each reference. */
  made(references: readonly string[]): string[];
};

/** What `made` says when there is one ticket and one bundle of each. */
export function oneOfEach(references: readonly string[]): string[] {
  return references.map((reference) => `${reference}: 1 tickets, 1 files`);
}

/**
 * A run that was collected and not submitted, to be copied for each ticket.
 * @param settle how long a help desk without keys may need for a request
 */
export async function collectedRig(switches: Partial<MockSwitches>, settle = '1500ms'): Promise<CollectedRig> {
  const rig = await startRig();
  const first = await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--only', 'cli', '--json']);
  const { run } = first.json();
  const runs = join(rig.folder, '.local', 'state', 'icepack', 'runs');
  await rig.configure((document) => {
    if (switches.idempotency === false) document.helpdesk = { ...document.helpdesk, idempotencyKeys: false, settle };
  });
  Object.assign(rig.mock.helpdesk?.switches ?? {}, switches);
  return {
    rig,
    copy(reference) {
      const id = `20260101-0000-${reference}`;
      cpSync(join(runs, run), join(runs, id), { recursive: true });
      const manifest = JSON.parse(readFileSync(join(runs, id, 'manifest.json'), 'utf8'));
      writeFileSync(join(runs, id, 'manifest.json'), JSON.stringify({ ...manifest, run: id, reference }), {
        mode: 0o600,
      });
      return id;
    },
    submitting: (id) => ['submit', id, '--batch', '--summary', 'x', '--severity', 'low'],
    made(references) {
      const tickets = rig.mock.helpdesk?.tickets ?? [];
      return references.map((reference) => {
        const mine = tickets.filter((ticket) => ticket.reference === reference);
        return `${reference}: ${mine.length} tickets, ${mine.map(({ files }) => files.length).join()} files`;
      });
    },
  };
}
