import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { CaptureRecord } from '../../src/domain/capture.ts';
import type { Rig } from './rig.ts';

/** As a timer runs it, without its delay. */
export const timer = ['capture', '--all', '--batch', '--jitter', '0'];

export function ringOf(rig: Rig, server = 'ice01'): string {
  return join(rig.folder, '.local', 'state', 'icepack', 'captures', server);
}

/** Names of whole captures, oldest first. */
export function capturesIn(rig: Rig, server = 'ice01'): string[] {
  try {
    return readdirSync(ringOf(rig, server))
      .filter((name) => /^\d/.test(name))
      .sort();
  } catch {
    return []; // nothing was captured yet
  }
}

export function recordOf(rig: Rig, id: string, server = 'ice01'): CaptureRecord {
  return JSON.parse(readFileSync(join(ringOf(rig, server), id, 'capture.json'), 'utf8'));
}

/** Has the newest capture begin and end so long ago. */
export function age(rig: Rig, ms: number, server = 'ice01'): void {
  const id = capturesIn(rig, server).at(-1) ?? '';
  const record = recordOf(rig, id, server);
  const tookMs = Date.parse(record.ended) - Date.parse(record.started);
  const started = Date.now() - ms;
  const aged = {
    ...record,
    started: new Date(started).toISOString(),
    ended: new Date(started + tookMs).toISOString(),
  };
  writeFileSync(join(ringOf(rig, server), id, 'capture.json'), JSON.stringify(aged), { mode: 0o600 });
}

/** The techsupport files that lie on a server. */
export function techsupportOn(rig: Rig, server = 0): string[] {
  return [...(rig.mock.appliances[server]?.trees.cli.files.keys() ?? [])].filter((path) => path.endsWith('.tsf'));
}

/** The captures under a final name: each with every file as it was hashed. */
export function wholeCaptures(ring: string): string[] {
  const names = existsSync(ring) ? readdirSync(ring).filter((name) => /^\d/.test(name)) : [];
  for (const name of names) {
    const { items } = JSON.parse(readFileSync(join(ring, name, 'capture.json'), 'utf8'));
    expect(items).toHaveLength(3);
    for (const { path, sha256 } of items)
      expect(
        createHash('sha256')
          .update(readFileSync(join(ring, name, path)))
          .digest('hex'),
        path,
      ).toBe(sha256);
  }
  return names;
}
