import type { ClientChannel } from 'ssh2';
import { printableLine } from '../../domain/text.js';
import { abortable } from '../abort.js';
import { type ByteReader, readBytes } from './byte-reader.js';
import { maxRecordBytes } from './scp-protocol.js';
import { chunksOf } from './stream-limits.js';

/** How long a source may take to end once it has nothing more to say. */
const endGraceMs = 1000;

/** Thrown when the source ended in the middle; its reason is on its standard error. */
export class EndedEarly extends Error {}

/** A running `scp -f` program: its channel, its end, and the state of the exchange, which decides how it is left. */
export class ScpSource {
  /** How messages name the place. */
  readonly title: string;
  readonly channel: ClientChannel;
  readonly lost: AbortSignal;
  readonly bytes: ByteReader;
  /** A file is offered or sent, and not answered yet. */
  isOffered = false;
  /** The bytes of a file that are still to come, including its status byte. */
  bytesLeft = 0;
  private readonly signal: AbortSignal;
  private readonly stderr: () => string;
  private status: number | null | undefined;
  private closed = false;

  constructor(title: string, channel: ClientChannel, lost: AbortSignal, signal: AbortSignal) {
    this.title = title;
    this.channel = channel;
    this.lost = lost;
    this.signal = signal;
    channel.once('exit', (code: number | null) => {
      this.status = code;
    });
    channel.once('close', () => {
      this.closed = true;
    });
    channel.on('error', () => undefined); // told by the bytes that do not come
    this.stderr = textOf(channel.stderr);
    this.bytes = readBytes(chunksOf(channel, AbortSignal.any([signal, lost]), title));
  }

  answer(text: string): void {
    this.isOffered = false;
    this.channel.write(Buffer.from(text, 'latin1'));
  }

  /** What it has printed on its standard error. */
  complaint(): string {
    return printableLine(this.stderr());
  }

  /**
   * Waits until the source has ended, and checks that it ended by itself, not in the middle.
   * @param anyStatus whether its exit status may be any
   * @throws `EndedEarly`
   */
  async assertEnded(anyStatus: boolean): Promise<void> {
    const { signal, lost, channel } = this;
    const patience = AbortSignal.any([signal, lost, AbortSignal.timeout(endGraceMs)]);
    const close = abortable<void>(patience, (resolve) =>
      this.closed ? resolve() : channel.once('close', () => resolve()),
    );
    await close.catch(() => undefined); // looked at below
    signal.throwIfAborted();
    lost.throwIfAborted();
    if (anyStatus) return;
    if (this.status === undefined || this.status === null || this.status > 1) throw new EndedEarly();
  }
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    if (text.length < maxRecordBytes) text += chunk.toString('utf8');
  });
  return () => text;
}
