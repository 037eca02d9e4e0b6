import type { SessionSource } from '../connection.js';
import { isPattern, spellingsOf } from './scp-command.js';
import { openScp, type ScpDialogue } from './scp-dialogue.js';
import type { ScpManners } from './scp-manners.js';

/** A server that speaks SCP; begins dialogues in the way this server understands. */
export class ScpServer {
  /** How messages name the place. */
  readonly title: string;
  /** Whether a POSIX shell runs the commands. */
  readonly shell: boolean;
  readonly manners: ScpManners;
  private readonly sessions: SessionSource;

  constructor(sessions: SessionSource, shell: boolean, manners: ScpManners) {
    this.title = sessions.title;
    this.shell = shell;
    this.manners = manners;
    this.sessions = shell ? sessions : (sessions.apart ?? sessions);
  }

  /** The ways to write a path in a command, in the order to try them. */
  spellingsOf(path: string): string[] {
    return spellingsOf(path, this.shell);
  }

  /** Whether the server may take the path for a pattern, and offer other files, too. */
  expands(path: string): boolean {
    return !this.shell && isPattern(path);
  }

  /** Sends the command plain, which some servers need; if nothing comes of that, sends it again after a mark. */
  async begin(command: string, signal: AbortSignal): Promise<ScpDialogue> {
    const { manners, shell } = this;
    const open = (marked: boolean) => openScp(this.sessions, { command, marked, shell, manners, signal });
    const first = await open(manners.wire === 'marked');
    if ((await begins(first)) || !shell || manners.wire !== undefined) {
      manners.wire ??= 'plain';
      return first;
    }
    first.leave();
    const marked = await open(true);
    if (await begins(marked)) manners.wire = 'marked';
    return marked;
  }

  /** Does the work in a dialogue, and leaves the dialogue afterwards. */
  async converse<T>(command: string, signal: AbortSignal, work: (dialogue: ScpDialogue) => Promise<T>): Promise<T> {
    const dialogue = await this.begin(command, signal);
    try {
      return await work(dialogue);
    } catch (error) {
      throw dialogue.explain(error);
    } finally {
      dialogue.leave();
    }
  }
}

async function begins(dialogue: ScpDialogue): Promise<boolean> {
  try {
    return await dialogue.begins();
  } catch (error) {
    dialogue.leave();
    throw dialogue.explain(error);
  }
}
