import { printableLine } from '../../domain/text.js';
import { itemError, UserError } from '../../errors.js';
import { abortable } from '../abort.js';
import type { SessionSource } from '../connection.js';
import { beginning } from '../exec.js';
import { type ByteReader, readBytes } from './byte-reader.js';
import { broken, maxRecordBytes, parseScpRecord, type ScpRecord } from './scp-protocol.js';
import { chunksOf } from './stream-limits.js';

/** A running `scp -f`: it offers files, we accept or decline. */
export interface ScpDialogue {
  accept(): void;
  /** The file is not wanted; the source goes on with the next one. */
  decline(): void;
  /** @throws `EndedEarly`, UserError `scp-broken` */
  record(): Promise<ScpRecord>;
  /** As `record`; undefined where the source has ended. */
  recordOrEnd(): Promise<ScpRecord | undefined>;
  /** The bytes of a file. @throws `EndedEarly` */
  content(bytes: number): AsyncGenerator<Buffer>;
  /** What the source says after the bytes of a file: undefined when all is well. */
  trouble(): Promise<string | undefined>;
  /** @throws UserError `scp-broken` when the source sends more than was asked for */
  assertOver(): Promise<void>;
  /** Whether the source has ended of itself, not in the middle. @throws `EndedEarly` */
  assertEnded(): Promise<void>;
  /** Ends it, and makes an error of ours of what was thrown. */
  explain(error: unknown): unknown;
  hangUp(): void;
}

/** The source has gone in the middle; what it said of it is on its standard error. */
class EndedEarly extends Error {}

const maxNoiseLines = 10_000;
/** How long a source may take to end once it was told to. */
const endGraceMs = 1000;

/** @param shell whether a POSIX shell runs the command: then what a login script prints is told from the protocol */
export async function openScp(
  sessions: SessionSource,
  command: string,
  shell: boolean,
  signal: AbortSignal,
): Promise<ScpDialogue> {
  const wire = shell ? `echo ${beginning}; exec ${command}` : command;
  const { channel, lost } = await sessions.openExec(wire, signal, (opened, gone) => ({ channel: opened, lost: gone }));
  let status: number | null | undefined;
  let closed = false;
  channel.once('exit', (code: number | null) => {
    status = code;
  });
  channel.once('close', () => {
    closed = true;
  });
  channel.on('error', () => undefined); // told by the bytes that do not come
  const stderr = textOf(channel.stderr);
  const bytes = readBytes(chunksOf(channel, AbortSignal.any([signal, lost]), sessions.title));
  const say = (answer: string) => void channel.write(Buffer.from(answer, 'latin1'));

  const dialogue: ScpDialogue = {
    accept: () => say('\0'),
    decline: () => say('\x01not now\n'),
    async record() {
      const record = await dialogue.recordOrEnd();
      if (record === undefined) throw new EndedEarly();
      return record;
    },
    async recordOrEnd() {
      const first = await bytes.some(1);
      if (first === undefined) return undefined;
      const rest = await bytes.line(maxRecordBytes);
      if (rest === undefined) throw broken(`${first.toString('latin1')}… without an end`);
      return parseScpRecord(Buffer.concat([first, rest]));
    },
    async *content(size) {
      for (let left = size; left > 0; ) {
        const chunk = await bytes.some(left);
        if (chunk === undefined) throw new EndedEarly();
        left -= chunk.length;
        yield chunk;
      }
    },
    async trouble() {
      const status = await bytes.some(1);
      if (status === undefined) throw new EndedEarly();
      if (status[0] === 0) return undefined;
      if (status[0] !== 1 && status[0] !== 2) throw broken('more bytes than were announced');
      return printableLine((await bytes.line(maxRecordBytes))?.toString('utf8') ?? '') || 'it does not say why';
    },
    async assertOver() {
      if ((await bytes.some(1)) !== undefined) throw broken('more than what was asked for');
    },
    async assertEnded() {
      const patience = AbortSignal.any([signal, lost, AbortSignal.timeout(endGraceMs)]);
      const close = abortable<void>(patience, (resolve) =>
        closed ? resolve() : channel.once('close', () => resolve()),
      );
      await close.catch(() => undefined); // looked at below
      signal.throwIfAborted();
      lost.throwIfAborted();
      if (status === undefined || status === null || status > 1) throw new EndedEarly();
    },
    explain(error) {
      const said = printableLine(stderr());
      if (error instanceof EndedEarly)
        return itemError('transfer-failed', `SCP on ${sessions.title} ended early${said && `: ${said}`}`, error);
      if (error instanceof UserError && error.code === 'scp-broken')
        return itemError('transfer-failed', `SCP on ${sessions.title} failed: ${error.message}`, error);
      return error;
    },
    hangUp: () => {
      // A source that is closed in the middle of its bytes upsets dropbear: it is ended, and closed if it does not end.
      channel.signal('TERM');
      channel.end();
      const tooLong = setTimeout(() => {
        channel.close();
        channel.pause(); // whatever it goes on to send, no more is asked for
      }, endGraceMs);
      tooLong.unref(); // nobody has to wait for it
      channel.once('close', () => clearTimeout(tooLong));
      bytes.stop();
      channel.resume(); // what still comes passes by
    },
  };
  try {
    if (shell) await skipLoginNoise(bytes);
    dialogue.accept();
    return dialogue;
  } catch (error) {
    dialogue.hangUp();
    throw dialogue.explain(error);
  }
}

async function skipLoginNoise(bytes: ByteReader): Promise<void> {
  for (let lines = 0; lines < maxNoiseLines; lines++) {
    const line = await bytes.line(maxRecordBytes);
    if (line === undefined) throw new EndedEarly();
    if (line.toString('latin1').trimEnd().endsWith(beginning)) return;
  }
  throw broken('endless text before it begins');
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    if (text.length < maxRecordBytes) text += chunk.toString('utf8');
  });
  return () => text;
}
