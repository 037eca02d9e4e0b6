import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { NewIncidentEntry } from '../../src/domain/incident.ts';
import { openIncidents, type StoredIncident } from '../../src/state/incidents.ts';
import type { Rig } from './rig.ts';

export const stampAt = (minutes: number, boot = 'a') => ({
  wallMs: Date.parse('2026-11-20T10:00:00Z') + minutes * 60_000,
  boot,
  upMs: minutes * 60_000 + 1_000_000,
});

export function joined(server: string, minutes = 0, more: object = {}): NewIncidentEntry {
  return {
    ...{ type: 'joined', stamp: stampAt(minutes), thing: { server, check: 'silent' }, event: 'server silent' },
    ...{ severity: 'emergency', since: new Date(stampAt(minutes).wallMs).toISOString(), text: 'timed out', ...more },
  } as NewIncidentEntry;
}

export const opened = {
  ...{ stamp: stampAt(0), kind: 'ticket' as const, group: 'east|server silent', place: 'cluster east' },
  ...{ event: 'server silent', reference: 'icepack-w-0123456789ab-202611201000' },
};

/** An open incident of ice01 in the state folder of a rig, under a number of the test's choice. */
export async function madeIncident(rig: Rig, id: string): Promise<StoredIncident> {
  const state = join(rig.folder, '.local', 'state', 'icepack');
  mkdirSync(state, { recursive: true, mode: 0o700 });
  // One of the number before it is there, so that it gets its own.
  const before = join(state, 'watch', 'closed', '2026-11', `I${Number(id.slice(1)) - 1}`);
  mkdirSync(before, { recursive: true, mode: 0o700 });
  return openIncidents(state, () => new Date()).create(opened, [joined('ice01')]);
}
