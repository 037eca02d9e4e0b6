import { createHash } from 'node:crypto';
import { serverTitle } from '../domain/appliance.js';
import type { Manifest, ServerRecord } from '../domain/manifest.js';
import type { Program } from '../domain/program.js';
import { windowAround } from '../domain/window.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Run } from '../state/runs.js';
import { nameManifest } from '../tickets/zip-run.js';
import type { Operator } from '../ui/operator.js';
import type { CollectRequest } from './collect-request.js';

export function manifestOf(
  request: CollectRequest,
  run: Run,
  reference: string,
  servers: ServerRecord[],
  operator: Operator,
  program: Program,
): Manifest {
  const { since, until } = windowAround(request.at, request.selection.window);
  const manifest: Manifest = {
    schema: 1,
    tool: program,
    run: run.id,
    argv: program.argv,
    created: operator.now().toISOString(),
    reference,
    ticket: null,
    event: {
      number: request.intent.event ?? 1,
      at: request.at.toISOString(),
      window: { since: since.toISOString(), until: until.toISOString() },
      zone: operator.zone,
    },
    ...(request.redact ? {} : { unredacted: true as const }),
    servers,
  };
  return nameManifest(manifest, null, manifest.event.number, request.intent);
}

/** `--new-ticket` sets the reference apart by the run's own letters. */
export function referenceOf(
  { reference, newTicket, appliances, at }: CollectRequest,
  run: Run,
  { home, desk }: DeskSettings,
): string {
  const addresses = appliances.map(({ address }) => address).sort();
  const base = reference ?? defaultReference(home ?? desk?.origin ?? addresses.join(' '), appliances, at);
  return newTicket ? `${base.slice(0, 59)}-${run.id.slice(-4)}` : base;
}

/** The same incident has the same reference on every machine: help desk, servers, minute. */
export function defaultReference(origin: string, appliances: readonly { id: number }[], at: Date): string {
  const ids = appliances.map(({ id }) => serverTitle(id)).sort();
  const minute = at.toISOString().slice(0, 16);
  return `icepack-${createHash('sha256')
    .update([origin, ...ids, minute].join('\n'))
    .digest('hex')
    .slice(0, 12)}`;
}
