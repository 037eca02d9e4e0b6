import { createHash } from 'node:crypto';
import { access, constants, readdir, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { formatDuration } from '../domain/quantities.js';
import { reasonOf } from '../errors.js';
import { createPartial, isCode } from '../fs/durable.js';
import { sweepPartials } from '../fs/partials.js';
import { type Channel, type Delivery, NotifyError, type Page, type Replies, type ReplyWay } from './channel.js';
import { type ReadSms, readInbox } from './inbox.js';

/** Where a daemon that has a modem takes its messages from, and where it puts them then. */
export type SpoolFolders = {
  outbox: string;
  /** Where it has them until they are sent; absent where they stay in the outbox for so long. */
  taken?: string;
  sent: string;
  error: string;
  /** Where it puts what came; absent where nobody is to read that. */
  inbox?: string;
};

export type SpoolSettings = { name: string; folders: SpoolFolders; now?: () => Date };

/** So long a message may lie there: else the modem sends nothing. */
const staleMs = 3 * 60_000;

/** SMS by way of a folder. The name of a file tells which page it is, so that none is sent twice by a crash in between. */
export abstract class Spool implements Channel {
  abstract readonly kind: 'gammu' | 'smstools';
  readonly needs = 'phone';
  readonly name: string;
  readonly answeredBy?: ReplyWay;
  readonly #folders: SpoolFolders;
  readonly #now: () => Date;

  constructor({ name, folders, now = () => new Date() }: SpoolSettings) {
    this.name = name;
    this.#folders = folders;
    this.#now = now;
    if (folders.inbox !== undefined) this.answeredBy = 'sms';
  }

  /** @param time `20261130_104900`, of UTC @param marker what tells the page */
  protected abstract fileOf(page: Page, time: string, marker: string): { name: string; content: Buffer };

  /** Reads what the daemon has put into the inbox. */
  protected abstract readonly readSms: ReadSms;

  async send(page: Page, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    const marker = markerOf(page);
    const { outbox, sent } = this.#folders;
    const time = this.#now().toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '_');
    const file = this.fileOf(page, time, marker);
    return locally(async () => {
      for (const folder of [...this.#before, sent]) {
        const there = (await namesIn(folder)).find((name) => name.includes(marker));
        if (there !== undefined) return there;
      }
      await write(join(outbox, file.name), file.content);
      return file.name;
    });
  }

  /** Where a message lies that is not sent yet, in the order in which it comes there. */
  get #before(): string[] {
    const { outbox, taken } = this.#folders;
    return taken === undefined ? [outbox] : [outbox, taken];
  }

  /** In the order of its way: what is no longer in one folder has come to another by then. */
  async delivery(receipt: string): Promise<Delivery> {
    const name = basename(receipt);
    const lies = (folder: string) => locally(async () => (await namesIn(folder)).includes(name));
    for (const folder of this.#before) if (name === '' || (await lies(folder))) return 'waiting';
    if (await lies(this.#folders.sent)) return 'sent';
    return (await lies(this.#folders.error)) ? 'failed' : 'waiting';
  }

  async withdraw(receipt: string): Promise<boolean> {
    const name = basename(receipt);
    if (name === '') return false;
    return locally(async () => {
      for (const folder of this.#before) if (await withdrawn(folder, name)) return true;
      return false;
    });
  }

  async replies(marks: readonly string[]): Promise<Replies> {
    const { inbox } = this.#folders;
    if (inbox === undefined) return { replies: [], marks: [] };
    return locally(() => readInbox(inbox, marks, this.readSms, this.#now()));
  }

  async check(): Promise<string> {
    const { outbox, sent, error, inbox } = this.#folders;
    return locally(async () => {
      await access(outbox, constants.W_OK | constants.X_OK);
      for (const folder of [...this.#before, sent, error, ...(inbox === undefined ? [] : [inbox])])
        await readdir(folder);
      const [oldest] = await this.#waiting();
      if (oldest === undefined || oldest.ageMs < staleMs)
        return `${outbox} takes messages; not proven until a page is sent${inbox === undefined ? '' : `; answers are read from ${inbox}`}`;
      const since = formatDuration(oldest.ageMs);
      throw new NotifyError('unavailable', `${oldest.path} lies there for ${since}: the modem does not send`);
    });
  }

  /** What waits, the oldest first. */
  async #waiting(): Promise<{ path: string; ageMs: number }[]> {
    const lists = await Promise.all(
      this.#before.map(async (folder) => (await namesIn(folder)).map((name) => join(folder, name))),
    );
    const files = await Promise.all(
      lists.flat().map(async (path) => {
        const found = await stat(path).catch(() => undefined); // it was sent meanwhile
        return found?.isFile() ? [{ path, ageMs: this.#now().getTime() - found.mtimeMs }] : [];
      }),
    );
    return files.flat().toSorted((a, b) => b.ageMs - a.ageMs);
  }
}

const lockEnd = '.LOCK';

/** The messages in a folder, without what is half written, and what marks another one as being sent. */
async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => !name.startsWith('.') && !name.endsWith(lockEnd));
}

/** @returns whether a message was taken out of a folder before anybody sent it */
async function withdrawn(folder: string, name: string): Promise<boolean> {
  if ((await readdir(folder)).includes(`${name}${lockEnd}`)) return false;
  try {
    await unlink(join(folder, name));
    return true;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/** The incident and the number of a page, in what a file name takes, and what tells them from all others. */
function markerOf({ id, incident, to }: Page): string {
  const told = id
    .replaceAll('.', 'n')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 40);
  const whole = JSON.stringify([incident.reference, id, to?.key]);
  return `${told}-${createHash('sha256').update(whole).digest('hex').slice(0, 8)}`;
}

/** Under its name it is whole, and the daemon, which may be somebody else of the same group, may move it. */
async function write(path: string, content: Buffer): Promise<void> {
  await sweepPartials(dirname(path));
  const partial = await createPartial(path, 0o660);
  try {
    await partial.handle.writeFile(content);
    await partial.handle.chmod(0o660);
    await partial.commit();
  } finally {
    await partial.discard();
  }
}

async function locally<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof NotifyError ? error : asFailure(error);
  }
}

function asFailure(cause: unknown): NotifyError {
  return new NotifyError('unavailable', reasonOf(cause), { cause });
}
