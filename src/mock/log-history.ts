import { gzipSync } from 'node:zlib';
import { formatLocal } from '../domain/zone.js';
import { bufferFile, type MockTree } from './files.js';
import { type IncidentLine, incidentLines, type MockIncident } from './incident.js';

export type LogHistory = {
  /** The appliance's clock when the history ends. */
  endMs: number;
  historyMs: number;
  zone: string;
  /** The approximate size of each current log. */
  bytesEach: number;
  /** What the system log tells besides. */
  incident?: MockIncident | undefined;
};

const messages: Record<string, string[]> = {
  system: [
    'configuration activated',
    'node 7 committed version 113',
    'deploy to node 3 finished',
    'database checkpoint done',
    'heartbeat of node 12 late by 240 ms',
  ],
  audit: [
    'admin logged in from 192.0.2.77',
    'administrator opened the node list',
    'REST request GET /api/nodes',
    'file transfer of audit.log.0.gz finished',
  ],
};

const lineBytes = 80;
/** The share of the history that lies in the current file; the rest is rotated away. */
const currentShare = 0.6;

/** Fills `logs/` and `errors/` of an appliance: a current file and two rotated ones per log. */
export function writeLogs(tree: MockTree, history: LogHistory): void {
  for (const type of Object.keys(messages)) {
    const lines = linesOf(type, history);
    const cuts = [0, 0.2, 1 - currentShare, 1].map((share) => Math.floor(share * lines.length));
    const [oldest, older, current] = [0, 1, 2].map((part) =>
      Buffer.from(lines.slice(cuts[part], cuts[part + 1]).join('')),
    ) as [Buffer, Buffer, Buffer];
    const at = (share: number) => history.endMs - (1 - share) * history.historyMs;
    tree.files.set(`logs/${type}.log.1.gz`, bufferFile(gzipSync(oldest), at(0.2)));
    tree.files.set(`logs/${type}.log.0.gz`, bufferFile(gzipSync(older), at(1 - currentShare)));
    tree.files.set(`logs/${type}.log`, bufferFile(current, history.endMs));
  }
  tree.folders.add('errors').add('techsupport').add('logs');
}

function linesOf(type: string, { endMs, historyMs, zone, bytesEach, incident }: LogHistory): string[] {
  const texts = messages[type] ?? [''];
  const count = Math.max(20, Math.round(bytesEach / lineBytes / currentShare));
  const stepMs = historyMs / count;
  const usual = Array.from({ length: count }, (_, index): IncidentLine => {
    const ms = Math.floor(endMs - historyMs + (index + 1) * stepMs);
    return { ms, level: index % 17 === 0 ? 'WARNING' : 'INFO', text: texts[index % texts.length] ?? '' };
  });
  const special = type === 'system' && incident !== undefined ? incidentLines(incident) : [];
  const all = special.length === 0 ? usual : [...usual, ...special].sort((a, b) => a.ms - b.ms);
  let minute = '';
  let minuteMs = Number.NaN;
  return all.map(({ ms, level, text }, index) => {
    const wholeMinute = Math.floor(ms / 60_000) * 60_000;
    if (wholeMinute !== minuteMs) {
      minuteMs = wholeMinute;
      minute = formatLocal(new Date(wholeMinute), zone); // zones are slow: once a minute
    }
    const seconds = ((ms - wholeMinute) / 1000).toFixed(3).padStart(6, '0');
    return `${`${minute}:${seconds} ${level} ${type}[${index}]: ${text}`.padEnd(lineBytes - 1)}\n`;
  });
}
