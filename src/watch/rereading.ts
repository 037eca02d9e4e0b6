import { contentStamp, fileStamp } from '../config/stamp.js';
import { reasonOf, UserError } from '../errors.js';
import type { Access } from '../servers/access.js';
import { refuseTyped } from './refuse-typed.js';
import type { Watching } from './watching.js';

/** What became of a configuration that was changed. */
type Reread = { watching: Watching } | { fault: string };

/** Looks whether the configuration has changed while it is used. */
export class Rereading {
  private readonly path: string;
  private readonly reread: () => Promise<Watching>;
  private readonly access: Access;
  private used: string;
  private seen: string;
  private content: string;

  private constructor(path: string, reread: () => Promise<Watching>, access: Access, stamp: string, content: string) {
    this.path = path;
    this.reread = reread;
    this.access = access;
    this.used = stamp;
    this.seen = stamp;
    this.content = content;
  }

  static async of({ configPath }: Watching, reread: () => Promise<Watching>, access: Access): Promise<Rereading> {
    return new Rereading(configPath, reread, access, await fileStamp(configPath), await contentStamp(configPath));
  }

  /** What it says now, where it says something else than before and nobody is writing it. Each change is said once. */
  async changed(): Promise<Reread | undefined> {
    const stamp = await fileStamp(this.path);
    const isStill = stamp === this.seen;
    this.seen = stamp;
    if (stamp === this.used || !isStill) return undefined;
    this.used = stamp;
    const content = await contentStamp(this.path);
    if (content === this.content) return undefined;
    this.content = content;
    return this.take();
  }

  private async take(): Promise<Reread> {
    try {
      const watching = await this.reread();
      await refuseTyped(watching.watched, this.access);
      return { watching };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { fault: reasonOf(error) };
    }
  }
}
