import { printableLine } from '../../domain/text.js';
import { itemError } from '../../errors.js';
import type { SessionSource } from '../connection.js';
import { exec, shellQuote } from '../exec.js';
import {
  type Download,
  downloadOf,
  type FileAbilities,
  type ReadOptions,
  type RemoteEntry,
  type RemoteFiles,
} from './remote-files.js';
import { baseName } from './scp-command.js';
import type { ScpDialogue } from './scp-dialogue.js';
import { ScpDownload } from './scp-download.js';
import { IgnoresNo, listFolder, offers } from './scp-listing.js';
import type { ScpManners } from './scp-manners.js';
import { broken } from './scp-protocol.js';
import { isMissing, isSpecial, troubleOf } from './scp-reasons.js';
import { ScpServer } from './scp-server.js';

/**
 * Opens files over the old SCP protocol (`scp -f`), for servers without SFTP. SCP knows no links: they are read as what
 * they lead to.
 * @param shell whether a POSIX shell runs the commands: then files can be removed, too
 * @param manners what was found out about the face before
 */
export function openScpFiles(sessions: SessionSource, shell: boolean, manners: ScpManners = {}): RemoteFiles {
  return new ScpFiles(sessions, new ScpServer(sessions, shell, manners));
}

class ScpFiles implements RemoteFiles {
  readonly title: string;
  private readonly sessions: SessionSource;
  private readonly server: ScpServer;

  constructor(sessions: SessionSource, server: ScpServer) {
    this.title = server.title;
    this.sessions = sessions;
    this.server = server;
  }

  async abilities(): Promise<FileAbilities> {
    return { peeks: this.server.shell, skips: false };
  }

  async list(folder: string, signal: AbortSignal): Promise<RemoteEntry[]> {
    try {
      return await this.listOnce(folder, signal);
    } catch (error) {
      if (!(error instanceof IgnoresNo)) throw error;
      this.server.manners.ignoresNo = true;
      return this.listOnce(folder, signal);
    }
  }

  async find(path: string, signal: AbortSignal): Promise<RemoteEntry | undefined> {
    for (const spelling of this.server.spellingsOf(path)) {
      const found = await this.server.converse(`scp -r -p -f ${spelling}`, signal, (dialogue) =>
        this.findOffered(dialogue, path),
      );
      if (found !== undefined) return found;
    }
    return undefined;
  }

  read(path: string, options: ReadOptions): Download {
    const download = new ScpDownload(this.server, path, options);
    return downloadOf(path, (judge) => download.chunks(judge));
  }

  async remove(path: string, signal: AbortSignal): Promise<void> {
    if (!this.server.shell)
      throw itemError('transfer-failed', `${this.title} has no SFTP, without which nothing can be removed`);
    const { code, stderr } = await exec(this.sessions, `rm -- ${shellQuote(path)}`, signal);
    if (code !== 0) throw troubleOf(printableLine(stderr), this.title, path);
  }

  close(): void {} // every dialogue has a session of its own

  private listOnce(folder: string, signal: AbortSignal): Promise<RemoteEntry[]> {
    const { title, server } = this;
    return server.converse(`scp -r -p -f ${server.spellingsOf(folder)[0]}`, signal, (dialogue) =>
      listFolder(dialogue, { folder, title, ignoresNo: server.manners.ignoresNo === true }),
    );
  }

  private async findOffered(dialogue: ScpDialogue, path: string): Promise<RemoteEntry | undefined> {
    const { title, server } = this;
    let special = false;
    let missing = false;
    const note = (text: string) => {
      special ||= isSpecial(text);
      missing ||= isMissing(text);
      if (!isMissing(text) && !isSpecial(text)) throw troubleOf(text, title, path);
    };
    for await (const { entry, record } of offers(dialogue, path, title, note)) {
      if (!server.expands(path) || record.name === baseName(path)) return { ...entry, name: baseName(path) };
      dialogue.decline();
      missing = true; // unless it comes yet
    }
    await dialogue.assertEnded();
    if (!special && !missing) throw broken('nothing at all');
    return missing ? undefined : { name: baseName(path), kind: 'other' };
  }
}
