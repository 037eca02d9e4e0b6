import type { ClientChannel } from 'ssh2';
import { printableLine } from '../../domain/text.js';
import { itemError, UserError } from '../../errors.js';
import { abortable } from '../abort.js';
import type { SessionSource } from '../connection.js';
import { beginning } from '../exec.js';
import { type ByteReader, readBytes } from './byte-reader.js';
import { leaveSource } from './scp-leave.js';
import type { ScpManners } from './scp-manners.js';
import {
  beginsRecord,
  broken,
  maxRecordBytes,
  parseScpRecord,
  recordAfterNoise,
  type ScpRecord,
} from './scp-protocol.js';
import { chunksOf } from './stream-limits.js';

/** A running `scp -f`: it offers files, we accept or decline. */
export interface ScpDialogue {
  /** Waits for the first record, over what a login script prints. @returns whether there is one */
  begins(): Promise<boolean>;
  accept(): void;
  /** The file or folder is not wanted; the source goes on with the next one, or takes no notice. */
  decline(): void;
  /** @throws `EndedEarly`, UserError `scp-broken` */
  record(): Promise<ScpRecord>;
  /** As `record`; undefined where the source has ended. */
  recordOrEnd(): Promise<ScpRecord | undefined>;
  /** The bytes of a file, up to `atMost`. @throws `EndedEarly` */
  content(bytes: number, atMost?: number): AsyncGenerator<Buffer>;
  /** What the source says after the bytes of a file: undefined when all is well. */
  trouble(): Promise<string | undefined>;
  /** @throws UserError `scp-broken` when the source sends more than was asked for */
  assertOver(): Promise<void>;
  /** Whether the source has ended of itself, not in the middle. @throws `EndedEarly` */
  assertEnded(): Promise<void>;
  /** Makes an error of ours of what was thrown. */
  explain(error: unknown): unknown;
  /** Ends it, in a way that the source takes without harm. */
  leave(): void;
}

/** The source has gone in the middle; what it said of it is on its standard error. */
class EndedEarly extends Error {}

/** What is between a source and us just now; decides on how it is left. */
export type Standing = {
  /** Offered or sent, and not answered yet. */
  isOffered: boolean;
  /** Bytes of a file that are still to come, and its status. */
  bytesLeft: number;
};

export type Running = { channel: ClientChannel; lost: AbortSignal; bytes: ByteReader; standing: Standing };

const maxNoiseLines = 10_000;
/** How long a source may take to end once it has nothing more to say. */
const endGraceMs = 1000;
/** What begins like a record and goes no further is none. */
const recordMs = 5000;

type Options = { command: string; marked: boolean; shell: boolean; manners: ScpManners; signal: AbortSignal };

/** @param marked behind a mark, which a POSIX shell prints: what comes before it is none of the protocol */
export async function openScp(sessions: SessionSource, options: Options): Promise<ScpDialogue> {
  const { command, marked, signal, shell, manners } = options;
  const wire = marked ? `echo ${beginning}; exec ${command}` : command;
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
  const standing: Standing = { isOffered: false, bytesLeft: 0 };
  let first: ScpRecord | undefined;
  let isBegun = false;
  /** It has said what went wrong: then its exit status may be any. */
  let hasExplained = false;
  const say = (answer: string) => {
    standing.isOffered = false;
    channel.write(Buffer.from(answer, 'latin1'));
  };

  async function firstAfterNoise(): Promise<ScpRecord | undefined> {
    for (let lines = 0; lines < maxNoiseLines; lines++) {
      const start = await bytes.some(1);
      if (start === undefined) return undefined;
      const line = start[0] === 0x0a ? Buffer.alloc(0) : await bytes.line(maxRecordBytes);
      if (line === undefined) throw broken(`${start.toString('latin1')}… without an end`);
      const record = recordAfterNoise(start[0] === 0x0a ? line : Buffer.concat([start, line]));
      if (record !== undefined) return record;
    }
    throw broken('endless text before it begins');
  }

  async function nextRecord(): Promise<ScpRecord | undefined> {
    const start = await bytes.some(1);
    if (start === undefined) return undefined;
    if (!beginsRecord(start[0])) throw broken(start.toString('latin1'));
    const rest = await inTime(bytes.line(maxRecordBytes), recordMs);
    if (rest === undefined) throw broken(`${start.toString('latin1')}… without an end`);
    return parseScpRecord(Buffer.concat([start, rest]));
  }

  const dialogue: ScpDialogue = {
    async begins() {
      if (marked) await skipMark(bytes);
      dialogue.accept();
      first = await firstAfterNoise();
      return first !== undefined;
    },
    accept: () => say('\0'),
    decline: () => say('\x01not now\n'),
    async record() {
      const record = await dialogue.recordOrEnd();
      if (record === undefined) throw new EndedEarly();
      return record;
    },
    async recordOrEnd() {
      const record = first ?? (await nextRecord());
      first = undefined;
      isBegun ||= record !== undefined;
      standing.isOffered = record !== undefined && record.kind !== 'trouble';
      hasExplained ||= record?.kind === 'trouble';
      return record;
    },
    async *content(size, atMost = size) {
      standing.bytesLeft = size;
      standing.isOffered = true; // its status wants an answer
      for (let left = Math.min(size, atMost); left > 0; ) {
        const chunk = await bytes.some(left);
        if (chunk === undefined) throw new EndedEarly();
        left -= chunk.length;
        standing.bytesLeft -= chunk.length;
        yield chunk;
      }
    },
    async trouble() {
      const said = await bytes.some(1);
      if (said === undefined) throw new EndedEarly();
      if (said[0] === 0) return undefined;
      if (said[0] !== 1 && said[0] !== 2) throw broken('more bytes than were announced');
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
      if (hasExplained) return;
      if (status === undefined || status === null || status > 1) throw new EndedEarly();
    },
    explain(error) {
      const { title } = sessions;
      const said = printableLine(stderr());
      if (error instanceof EndedEarly) {
        const what = isBegun || said !== '' ? 'ended early' : 'offered nothing and gave no reason';
        return itemError('transfer-failed', `SCP on ${title} ${what}${said && `: ${said}`}`, error);
      }
      if (error instanceof UserError && error.code === 'scp-broken')
        return itemError('transfer-failed', `SCP on ${title} failed: ${error.message}`, error);
      return error;
    },
    leave: () => leaveSource({ channel, lost, bytes, standing }, { shell, manners, signal }),
  };
  return dialogue;
}

async function skipMark(bytes: ByteReader): Promise<void> {
  for (let lines = 0; lines < maxNoiseLines; lines++) {
    const line = await bytes.line(maxRecordBytes);
    if (line === undefined) throw new EndedEarly();
    if (line.toString('latin1').trimEnd().endsWith(beginning)) return;
  }
  throw broken('endless text before it begins');
}

/** @returns undefined when it takes longer */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    if (text.length < maxRecordBytes) text += chunk.toString('utf8');
  });
  return () => text;
}
