import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Liar, type Source, startLiar } from './scp-liar.ts';

/**
 * The manners of Apache MINA SSHD's SCP, imitated from what versions 1.7 to 2.17 were seen to do: a no is read and
 * ignored, and the bytes come all the same; quotes are taken off only around a whole path, nothing else is unescaped;
 * the reason comes before the path; what ends by an error ends with exit status 2.
 */
export function startMina(): Promise<Liar> {
  return startLiar(async (source) => {
    const { recursive, path } = parse(source.command);
    try {
      await answered(source);
      await send(source, path, recursive);
      source.exit(0);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      await source.say(Buffer.from(`\x02${error.message}\n`));
      source.exit(2);
    }
  });
}

class Refusal extends Error {}

function parse(command: string): { recursive: boolean; path: string } {
  const [, flags = '', word = ''] = /^scp ((?:-\w+ )*)(.*)$/s.exec(command) ?? [];
  const quote = word[0];
  const isQuoted = word.length > 1 && (quote === '"' || quote === "'") && word.endsWith(quote);
  return { recursive: flags.includes('-r'), path: isQuoted ? word.slice(1, -1) : word };
}

async function send(source: Source, path: string, recursive: boolean): Promise<void> {
  const stats = statSync(path, { throwIfNoEntry: false });
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (stats === undefined) throw new Refusal(`No such file or directory: ${path}`);
  if (stats.isDirectory() && !recursive) throw new Refusal(`${path} not a regular file`);
  if (!stats.isDirectory() && !stats.isFile()) throw new Refusal(`${path} unknown file type`);
  const seconds = Math.floor(stats.mtimeMs / 1000);
  await offer(source, `T${seconds} 0 ${seconds} 0\n`);
  if (stats.isFile()) return sendFile(source, path, name, stats.size);
  await offer(source, `D0755 0 ${name}\n`);
  for (const each of readdirSync(path)) await send(source, join(path, each), true);
  await offer(source, 'E\n');
}

async function sendFile(source: Source, path: string, name: string, size: number): Promise<void> {
  await offer(source, `C0644 ${size} ${name}\n`);
  const pieceBytes = 65_536;
  for (let at = 0; at < size; at += pieceBytes) {
    const piece = readFileSync(path).subarray(at, Math.min(at + pieceBytes, size));
    if (!(await source.say(Buffer.concat([piece], Math.min(pieceBytes, size - at))))) return;
  }
  await offer(source, readFileSync(path).length < size ? '\x01Unexpected EOF\n' : '\0');
}

async function offer(source: Source, record: string): Promise<void> {
  await source.say(Buffer.from(record));
  await answered(source);
}

/** Reads an answer; what it is does not matter. */
async function answered(source: Source): Promise<void> {
  let byte = await source.answer();
  if (byte === 0 || byte === undefined) return;
  while (byte !== undefined && byte !== 0x0a) byte = await source.answer();
}
