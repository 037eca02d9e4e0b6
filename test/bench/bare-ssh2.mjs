// Downloads one file with ssh2 alone, without a check of what comes, and says what it cost: `node bare-ssh2.mjs '<json>'`.
import { createWriteStream, readFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';
import ssh2 from 'ssh2';

const { way, port, user, privateKey, from, to, bytes } = JSON.parse(process.argv[2]);
const client = new ssh2.Client();
const answered = (start) =>
  new Promise((resolve, reject) => {
    start((error, value) => (error ? reject(error) : resolve(value)));
  });
/** The fastest ways that ssh2 has. */
const ways = {
  fastGet: async () => {
    const sftp = await answered((done) => client.sftp(done));
    await answered((done) => sftp.fastGet(from, to, { concurrency: 16, chunkSize: 261_120 }, done));
  },
  cat: async () => {
    const channel = await answered((done) => client.exec(`cat ${from}`, done));
    channel.stderr.resume();
    await pipeline(channel, createWriteStream(to, { highWaterMark: 512 * 1024 }));
  },
};

const started = performance.now();
await new Promise((resolve, reject) => {
  const sock = connect({ host: '127.0.0.1', port, noDelay: true });
  client
    .on('ready', resolve)
    .on('error', reject)
    .connect({ sock, username: user, privateKey: readFileSync(privateKey) });
});
await ways[way]();
client.end();
const seconds = (performance.now() - started) / 1000;

const { size } = await stat(to);
if (size !== bytes) throw new Error(`${way}: ${size} of ${bytes} bytes`);
const { user: inUser, system } = process.cpuUsage();
const peakMb = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024;
process.stdout.write(JSON.stringify({ seconds, cpuSeconds: (inUser + system) / 1e6, peakMb }));
