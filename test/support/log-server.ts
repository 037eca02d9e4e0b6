import type { EvidenceTools, Finding } from '../../src/collectors/collector.ts';
import { logs } from '../../src/collectors/logs.ts';
import { itemError } from '../../src/errors.ts';
import type { RemoteEntry, RemoteFiles } from '../../src/ssh/files/remote-files.ts';
import { toolsWith } from './collector-tools.ts';

/** A file of `logs/`. */
export type LogFile = { name: string; content: Buffer; modifiedAt: Date | undefined };

export type LogServer = {
  files: readonly LogFile[];
  serverZone: string;
  window: { since: Date; until: Date };
  eventAt: Date;
  readAt: Date;
};

/** What the tool makes of the logs of a server, in memory. */
export async function collectedLogs(
  server: LogServer,
): Promise<{ finding: Finding | undefined; text: string; findings: Finding[]; kept: Map<string, string> }> {
  const findings: Finding[] = [];
  const kept = new Map<string, string>();
  const evidence: Partial<EvidenceTools> = {
    record: (finding) => findings.push(finding),
    async keep(folder, name, source) {
      const chunks: Buffer[] = [];
      for await (const chunk of source) chunks.push(Buffer.from(chunk));
      const content = Buffer.concat(chunks);
      kept.set(`${folder}/${name}`, content.toString('latin1'));
      return { path: `${folder}/${name}`, bytes: content.length, sha256: '' };
    },
  };
  const window = async () => ({
    ...{
      window: server.window,
      eventAt: server.eventAt,
      zone: server.serverZone,
      isClockKnown: true,
      isZoneKnown: true,
    },
    now: () => server.readAt,
  });
  await logs.collect(toolsWith({ server: { window }, cli: { files: async () => filesOf(server) }, evidence }));
  const finding = findings.find(({ path }) => path === 'Logs/system.log');
  return { finding, text: kept.get('Logs/system.log') ?? '', findings, kept };
}

function filesOf({ files }: LogServer): RemoteFiles {
  const fileAt = (path: string) => files.find(({ name }) => path === `logs/${name}`);
  const entryOf = ({ name, content, modifiedAt }: LogFile): RemoteEntry => ({
    ...{ name, kind: 'file', sizeBytes: content.length },
    ...(modifiedAt === undefined ? {} : { modifiedAt }),
  });
  return {
    title: 'the server',
    abilities: async () => ({ peeks: true, skips: true }),
    list: async () => files.map(entryOf),
    find: async (path) => {
      const file = fileAt(path);
      return file && entryOf(file);
    },
    remove: async () => undefined,
    close: () => undefined,
    read(path, { maxBytes }) {
      async function* chunks() {
        const file = fileAt(path);
        if (file === undefined) throw itemError('no-such-file', `"${path}" is not there`);
        const { content } = file;
        for (let at = 0; at < Math.min(content.length, maxBytes); at += 5000)
          yield content.subarray(at, Math.min(at + 5000, maxBytes));
      }
      return { chunks: chunks(), verdict: () => ({ kind: 'whole' }) };
    },
  };
}
