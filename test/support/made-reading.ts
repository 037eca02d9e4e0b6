import type { Finding, Lines, Marker, Missing, Reading } from '../../src/reading/reading.ts';

export type MadeLine = {
  at: number;
  /** Its place among the logs. */
  log: number;
  severity: number;
  text: string;
  isContinued?: boolean;
};

export const eventAt = Date.parse('2026-11-20T09:32:00Z');
const minute = 60_000;
const [info, warning, error, critical] = [2, 3, 4, 5];

/** Always the same numbers from 0 to 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

export type MadeOptions = {
  servers?: number;
  clusters?: number;
  /** Lines of each server, spread over the hour round the event. */
  linesEach?: number;
  /** Clocks that were ahead, in ms; null where it was not measured. */
  offsets?: readonly (number | null)[];
  /** Every text goes through it. */
  spelled?: (text: string) => string;
  manifest?: boolean;
  unredacted?: boolean;
};

/** A reading as of an incident at ICE02, whose lines are made up; nothing of it comes from a bundle. */
export function madeReading(options: MadeOptions = {}): Reading {
  const { servers = 4, linesEach = 2500, spelled = (text: string) => text, clusters = 1 } = options;
  const offsets = options.offsets ?? [0, 73_000, -4200, 1500];
  const labels = Array.from({ length: servers }, (_, server) => spelled(`ICE${String(server + 1).padStart(2, '0')}`));
  const logNames = ['system.log', 'audit.log', 'debug.log'];
  const logs = labels.flatMap((_, server) => logNames.map((name) => ({ server, name: spelled(name) })));
  const made = incidentLines(servers, linesEach).map((line) => ({ ...line, text: spelled(line.text) }));
  const lines = columns(made, (log) => offsets[logs[log]?.server ?? 0] ?? 0);
  const find = (text: string) => made.findIndex((line) => line.text.includes(spelled(text)));
  return {
    ...frame(options, labels),
    clocks: labels.map((_, server) => {
      const offsetMs = server < offsets.length ? offsets[server] : 0;
      return offsetMs === null || offsetMs === undefined ? null : { offsetMs, errorMs: 30 };
    }),
    layout: layoutOf(labels, clusters, spelled),
    logs: logs.map(({ server, name }, log) => ({
      ...{ server, name, path: `Event1_${labels[server]}_20261120_1032/Logs/${name}` },
      bytes: made.reduce((sum, line) => sum + (line.log === log ? line.text.length + 1 : 0), 0),
      lines: made.reduce((sum, line) => sum + (line.log === log ? 1 : 0), 0),
      ...{ cutLines: 0, escapes: 0, zone: 'Europe/Stockholm', isGuessed: false },
      isOnCommonClock: offsets[server] !== null,
    })),
    lines,
    density: densityOf(made, logs, servers),
    findings: servers < 2 ? [] : findingsOf(made, find, spelled),
    markers: markersOf(made, find, spelled),
  };
}

function layoutOf(labels: readonly string[], clusters: number, spelled: (text: string) => string): Reading['layout'] {
  return {
    ticket: 'TIC-1234',
    event: {
      number: 1,
      at: new Date(eventAt),
      window: { since: new Date(eventAt - 30 * minute), until: new Date(eventAt + 30 * minute) },
    },
    zone: 'Europe/Stockholm',
    servers: labels.map((label, server) => ({
      ...{ folder: `Event1_${label}_20261120_1032`, label, name: label },
      cluster: spelled(clusters === 1 ? 'east' : `site ${(server % clusters) + 1}`),
      zone: { name: 'Europe/Stockholm', source: 'config' },
    })),
  };
}

function incidentLines(servers: number, linesEach: number): MadeLine[] {
  const random = seeded(7);
  const since = eventAt - 30 * minute;
  const found: MadeLine[] = [];
  const add = (at: number, server: number, log: number, severity: number, text: string) =>
    found.push({ at, log: server * 3 + log, severity, text });
  for (let server = 0; server < servers; server++) {
    for (let index = 0; index < linesEach; index++) {
      const at = since + ((index + random()) / linesEach) * 60 * minute;
      if (server === 2 && at > eventAt + 2 * minute && at < eventAt + 6 * minute) continue;
      add(at, server, ...usualLine(random, index));
    }
    for (let at = since + 5 * minute; at < since + 60 * minute; at += 10 * minute)
      add(at, server, 1, info, 'user=auditor src=192.0.2.175 login accepted');
  }
  if (servers > 1) incident(found, random);
  return found.sort((a, b) => a.at - b.at || a.log - b.log);
}

function usualLine(random: () => number, index: number): [log: number, severity: number, text: string] {
  const hex = Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  const dice = random();
  if (dice < 0.6)
    return [
      2,
      1,
      `DEBUG debug[${index}]: [pool-${index % 16}] txn ${hex} read set ${index % 900} took ${Math.floor(random() * 60_000)} us`,
    ];
  if (dice < 0.92)
    return [
      0,
      info,
      `INFO system[${index}]: node ${index % 40} committed version ${index % 200} in ${Math.floor(random() * 900)} ms`,
    ];
  if (dice < 0.997)
    return [
      0,
      warning,
      `WARNING system[${index}]: heartbeat of node ${index % 40} late by ${Math.floor(random() * 3000)} ms`,
    ];
  return [0, error, `ERROR system[${index}]: disk ${index % 4} answered after ${Math.floor(random() * 900)} ms`];
}

function incident(found: MadeLine[], random: () => number): void {
  const log = 3;
  found.push({
    at: eventAt - 8 * minute,
    log: 1,
    severity: info,
    text: 'INFO audit: configuration activated by admin from 192.0.2.9',
  });
  for (let index = 0; index < 400; index++) {
    const at = eventAt - 2 * minute + index * 520 + random() * 300;
    const ms = 900 + Math.floor(random() * 500);
    found.push({
      at,
      log,
      severity: error,
      text: `ERROR system[1624]: connection to peer ICE01 lost: timeout after ${ms} ms (txn ${index})`,
    });
  }
  for (let index = 0; index < 14; index++) {
    const at = eventAt - 48_000 + index * 9000;
    found.push({
      at,
      log,
      severity: critical,
      text: `CRITICAL system[1624]: System exception occurred, report 20261120_10${31 + Math.floor(index / 7)}.err`,
    });
    for (let depth = 0; depth < 6; depth++)
      found.push({
        at,
        log,
        severity: critical,
        text: `    at com.example.peer.Session.read(Session.java:${300 + depth})`,
        isContinued: true,
      });
    found.push({ at: at + 300, log, severity: info, text: 'INFO system[1702]: InCenter starting, version 2.2.5' });
  }
}

function columns(made: readonly MadeLine[], offsetOf: (log: number) => number | null): Lines {
  const numbers = new Map<number, number>();
  const number = Uint32Array.from(made, ({ log }) => {
    numbers.set(log, (numbers.get(log) ?? 0) + 1);
    return numbers.get(log) ?? 0;
  });
  return {
    count: made.length,
    at: Float64Array.from(made, ({ at }) => at),
    log: Uint16Array.from(made, ({ log }) => log),
    number,
    severity: Uint8Array.from(made, ({ severity }) => severity),
    isContinued: Uint8Array.from(made, ({ isContinued }) => (isContinued ? 1 : 0)),
    rawOffset: Float64Array.from(made, ({ log }) => offsetOf(log) ?? 0),
    async *texts() {
      for (let from = 0; from < made.length; from += 1000) yield made.slice(from, from + 1000).map(({ text }) => text);
    },
  };
}

function densityOf(
  made: readonly MadeLine[],
  logs: readonly { server: number }[],
  servers: number,
): Reading['density'] {
  const [since, stepMs, steps] = [eventAt - 30 * minute, 1000, 3600];
  const counts = Array.from({ length: servers }, () => Array.from({ length: 6 }, () => new Uint32Array(steps)));
  for (const { at, log, severity } of made) {
    const of = counts[logs[log]?.server ?? 0]?.[severity];
    const step = Math.min(steps - 1, Math.floor((at - since) / stepMs));
    if (of !== undefined) of[step] = (of[step] ?? 0) + 1;
  }
  return { since, stepMs, steps, counts };
}

type Spelled = (text: string) => string;

function findingsOf(made: readonly MadeLine[], find: (text: string) => number, spelled: Spelled): Finding[] {
  const finding = (text: string, template: string, severity: number, round: number): Finding => {
    const line = find(text);
    return {
      ...{ kind: 'new', template: spelled(template), severity, server: 1, also: [{ server: 0, count: 3 }] },
      ...{ before: 0, round, after: 2, line, at: made[line]?.at ?? eventAt },
      counting: `${round} times from 10:30 to 10:37, never in the 28 min before`,
    };
  };
  return [
    finding('connection to peer', 'ERROR system[#]: connection to peer # lost: timeout after # ms (txn #)', error, 400),
    finding('System exception', 'CRITICAL system[#]: System exception occurred, report #.err', critical, 14),
    { ...finding('InCenter starting', 'INFO system[#]: InCenter starting, version #', info, 14), kind: 'frequent' },
  ];
}

function markersOf(made: readonly MadeLine[], find: (text: string) => number, spelled: Spelled): Marker[] {
  const marker = (kind: Marker['kind'], server: number, text: string, line = find(text)): Marker => ({
    ...{ kind, server, log: made[line]?.log, at: made[line]?.at ?? eventAt, line, text: spelled(text) },
  });
  const logins = made.flatMap(({ text, log, at }, line): Marker[] =>
    text.includes(spelled('login accepted'))
      ? [{ kind: 'login', server: Math.floor(log / 3), log, at, line, text }]
      : [],
  );
  const hole = { server: 2, log: undefined, at: eventAt + 2 * minute, until: eventAt + 6 * minute };
  const isIncident = find('System exception') >= 0;
  return [
    ...logins,
    ...(isIncident
      ? [
          marker('change', 0, 'configuration activated by admin from 192.0.2.9'),
          marker('exception', 1, 'System exception occurred'),
          marker('restart', 1, 'InCenter starting, version 2.2.5'),
          { kind: 'silence' as const, ...hole, text: spelled('no line of any log from 10:34:00 to 10:38:00') },
        ]
      : []),
    {
      kind: 'not-collected',
      server: 0,
      log: undefined,
      at: eventAt - 30 * minute,
      until: eventAt - 27 * minute,
      text: spelled('debug.log begins 10:05'),
    },
  ];
}

function missing(state: Missing['state'], server: number | undefined, what: string, text: string): Missing {
  return { state, server, what, text };
}

function factsOf(labels: readonly string[], servers: number, spelled: Spelled): Pick<Reading, 'facts' | 'before'> {
  const fact = (group: string, name: string, cells: string[], differs: number[] = []) => ({
    ...{
      group,
      name: spelled(name),
      cells: labels.map((_, server) => cells[server] ?? cells[0]).map((cell) => cell && spelled(cell)),
      differs,
    },
  });
  return {
    facts: [
      fact('version', 'InCenter', ['2.2.5', '2.2.5', '2.2.5', '2.2.4'], servers > 3 ? [3] : []),
      fact('clock', 'offset', ['+0.0 s', '+73.0 s', '−4.2 s', '+1.5 s'], servers > 1 ? [1] : []),
      fact('vm', 'memory', ['16 GB']),
      fact('cli', 'license -status', ['valid until 2027-03-01']),
      fact('logs', 'lines per minute', ['41', '48', '38', '41'], []),
    ],
    before:
      servers < 2
        ? []
        : [
            {
              server: 1,
              captured: { id: 'capture-17', at: eventAt - 30 * minute, beforeEventMs: 30 * minute },
              same: 1,
              rows: [
                {
                  name: spelled('cli: peers'),
                  before: spelled('3 up'),
                  now: spelled('2 up, 1 lost'),
                  comparable: true,
                },
                { name: 'config: files', before: '211', now: undefined, comparable: false },
              ],
            },
          ],
  };
}

/** What is not of the lines. */
function frame(
  { spelled = (text) => text, manifest = true, unredacted, servers = 4, offsets = [] }: MadeOptions,
  labels: readonly string[],
) {
  const contents = labels.flatMap((label) =>
    [
      'Config/backup.bak',
      'Techsupport/techsupport_20261120111004.tsf',
      'Logs/system.log',
      'Logs/audit.log',
      'Logs/debug.log',
    ].map((path, place) => ({
      ...{
        path: `Event1_${label}_20261120_1032/${path}`,
        server: labels.indexOf(label),
        bytes: 12_000_000 / (place + 1),
      },
      status: label === labels[3] && place === 1 ? 'failed' : 'ok',
      reason: label === labels[3] && place === 1 ? spelled('timed out after 20 min') : undefined,
      ...{
        source: place > 1 ? spelled(`/var/log/${path}`) : undefined,
        command: place < 2 ? spelled('techsupport') : undefined,
      },
      ...{ sha256: '4b357478c61f0a'.repeat(5).slice(0, 64), masked: place },
    })),
  );
  return {
    bundle: {
      given: spelled('TIC-1234_Event1_20261120_1032.zip'),
      name: spelled('TIC-1234_Event1_20261120_1032.zip'),
      bytes: 13_400_000,
      sha256: 'ab'.repeat(32),
      kind: 'zip' as const,
    },
    manifest: manifest ? madeManifest(spelled, unredacted === true) : undefined,
    span: { since: eventAt - 30 * minute, until: eventAt + 30 * minute },
    missing: [
      ...(unredacted ? [missing('note', undefined, 'secrets', 'were not masked in the texts')] : []),
      ...(servers < 4 ? [] : [missing('missing', 3, 'Techsupport', spelled('timed out after 20 min'))]),
      ...(servers < 4 ? [] : [missing('partial', 2, 'Logs/system.log', spelled('no line from 10:34:00 to 10:38:00'))]),
      ...offsets
        .slice(0, servers)
        .map((offset, server) =>
          missing('note', server, 'clock', offset === null ? 'was never measured' : `was ${offset} ms ahead`),
        ),
    ],
    moreFindings: 3,
    messages: [],
    ...factsOf(labels, servers, spelled),
    contents,
  };
}

function madeManifest(spelled: Spelled, unredacted: boolean): NonNullable<Reading['manifest']> {
  const at = new Date(eventAt).toISOString();
  return {
    schema: 1,
    tool: { name: 'icepack', version: '0.2.0', node: '20' },
    ...{ run: '20261120-1110-east-k3f9', argv: [], created: at, reference: 'icepack-4b357478c61f', ticket: 'TIC-1234' },
    event: { number: 1, at, window: { since: at, until: at } },
    incident: {
      summary: spelled('VPN tunnels of site 3 dropped'),
      severity: 'high',
      description: spelled('All nodes of site 3 went offline for two minutes.\nThe operator noticed at 10:32.'),
    },
    ...(unredacted ? { unredacted: true as const } : {}),
    servers: [],
  };
}
