import { createHash } from 'node:crypto';
import type { Item, Manifest } from '../../../src/domain/manifest.ts';
import type { IncidentOptions, IncidentServer, OtherFile } from '../incident-maker.ts';
import type { Story } from './story.ts';
import type { LogTruth } from './truth.ts';

type Ground = {
  at: Date;
  window: { since: number; until: number };
  servers: readonly IncidentServer[];
  logs: readonly LogTruth[];
  others: readonly OtherFile[];
  story: Story;
  options: IncidentOptions;
};

const iso = (ms: number) => new Date(ms).toISOString();

/** What icepack would have written of it. */
export function manifestOf(ground: Ground): Manifest {
  const { at, window, servers } = ground;
  const face = { address: '192.0.2.10', port: 22, status: 'up' as const };
  return {
    schema: 1,
    tool: { name: 'icepack', version: '0.3.0', node: '20.20.0' },
    run: '20261120-1110-east-k3f9',
    argv: ['collect', 'east', '--at', '10:32'],
    created: iso(window.until + 600_000),
    reference: 'icepack-4b357478c61f',
    ticket: 'TIC-1234',
    event: {
      number: 1,
      at: iso(at.getTime()),
      window: { since: iso(window.since), until: iso(window.until) },
      zone: 'Europe/Stockholm',
    },
    incident: { summary: 'VPN tunnels of site 3 dropped', severity: 'high' },
    servers: servers.map((server, index) => ({
      ...{ name: server.name, id: server.id, address: '192.0.2.10', cluster: 'east', folder: server.folder },
      zone: { name: server.zone, source: 'host OS' as const },
      faces: { cli: face, hostOs: { ...face, port: 2222 } },
      clock: server.isMeasured ? { offsetMs: server.offsetMs, errorMs: 30, zone: server.zone } : null,
      icepackSessions: [
        {
          user: 'icepack-user',
          from: '192.0.2.77',
          since: iso(ground.story.ownSessions.since),
          until: iso(ground.story.ownSessions.until),
        },
      ],
      versions: { InCenter: index === 2 ? '2.2.4' : '2.2.5', kernel: index === 1 ? '6.1.0-25' : '6.1.0-28' },
      items: itemsOf(server, index, ground),
    })),
  };
}

function itemsOf(server: IncidentServer, index: number, ground: Ground): Item[] {
  const { window, logs, others, story, options } = ground;
  const started = iso(window.until + 60_000);
  const ended = iso(window.until + 300_000);
  const below = (path: string) => path.slice(server.folder.length + 1);
  const logItems = logs
    .filter((log) => log.server === index)
    .map((log): Item => {
      const lost = story.breaks.find((each) => each.isLost && each.server === index && `${each.log}.log` === log.name);
      const own = { since: iso(window.since + server.offsetMs), until: iso(window.until + server.offsetMs) };
      return {
        ...{ path: below(log.path), collector: 'logs', status: lost ? 'partial' : 'ok', source: `logs/${log.name}` },
        ...(lost ? { reason: 'its older lines are gone from the server' } : {}),
        ...{ bytes: log.bytes, sha256: log.sha256, started, ended, redactions: { password: 1 } },
        coverage: {
          first: lost ? iso(lost.until + server.offsetMs) : iso(window.since - 60_000),
          last: own.until,
          window: own,
          complete: lost === undefined,
          ...(lost ? { gaps: ['rotated-away' as const] } : {}),
        },
      };
    });
  const otherItems = others
    .filter((file) => file.server === index)
    .map((file): Item => {
      const path = below(file.path);
      const sha256 = createHash('sha256').update(file.content).digest('hex');
      const at = {
        id: '20261120T0902Z',
        started: iso(window.since),
        ended: iso(window.since + 60_000),
        beforeEventMs: 1_800_000,
      };
      return {
        ...{ path, collector: collectorOf(path), status: 'ok', bytes: file.bytes, sha256, started, ended },
        ...(path.includes('precapture') ? { capture: at } : {}),
      };
    });
  if (options.isWhole === true || index !== 3) return [...logItems, ...otherItems];
  const reason = 'timed out after 20 min';
  return [
    ...logItems,
    ...otherItems,
    { path: 'Techsupport/', collector: 'techsupport', status: 'failed', reason, started, ended },
  ];
}

function collectorOf(path: string): Item['collector'] {
  if (path.startsWith('Config/')) return 'config';
  if (path.startsWith('Techsupport/')) return 'techsupport';
  if (path.startsWith('CLI/')) return 'cli';
  return path.startsWith('VM/') ? 'vm' : 'logs';
}
