// Downloads one file the way collectors do, and says what it cost: `node download.mjs '<json>'`.
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { gatheringWriter } from '../../dist/fs/durable.js';
import { connect } from '../../dist/ssh/connect.js';
import { openScpFiles } from '../../dist/ssh/files/scp-files.js';
import { openSftpFiles } from '../../dist/ssh/files/sftp-files.js';
import { steadyFiles } from '../../dist/ssh/files/steady-files.js';
import { openSessions } from '../../dist/ssh/sessions.js';

const { way, port, user, privateKey, hostKey, from, to, bytes } = JSON.parse(process.argv[2]);
const { signal } = new AbortController();
const target = {
  title: 'bench',
  server: 'bench',
  key: 'bench',
  address: '127.0.0.1',
  port,
  user,
  secrets: { privateKey: { content: readFileSync(privateKey) } },
  pins: [{ source: 'bench', fingerprint: hostKey }],
};
/** A place with files, in the way that is measured. */
const ways = {
  sftp: (sessions) => openSftpFiles(sessions, signal),
  scp: async (sessions) => openScpFiles(sessions, true),
  'steady sftp': async (sessions) => steadyFiles('bench', (wanted) => openSftpFiles(sessions, wanted), sessions),
  'steady scp': async (sessions) => steadyFiles('bench', async () => openScpFiles(sessions, true), sessions),
};

const started = performance.now();
const connection = await connect(target, signal);
const sessions = openSessions(connection, () => connect(target, signal), 2);
const files = await ways[way](sessions);
const download = files.read(from, { signal, maxBytes: 2 ** 40 });
const file = await open(to, 'w');
const writer = gatheringWriter(file);
for await (const chunk of download.chunks) await writer.write(chunk);
await writer.flush();
const { size } = await file.stat();
await file.close();
sessions.close();
const seconds = (performance.now() - started) / 1000;

if (download.verdict().kind !== 'whole' || size !== bytes) throw new Error(`${way}: ${size} of ${bytes} bytes`);
const { user: inUser, system } = process.cpuUsage();
const peakMb = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
process.stdout.write(JSON.stringify({ seconds, cpuSeconds: (inUser + system) / 1e6, peakMb }));
