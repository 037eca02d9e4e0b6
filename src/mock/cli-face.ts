import type { ServerChannel, Session } from 'ssh2';
import { formatLocal } from '../domain/zone.js';
import { techsupportFile } from './evidence-files.js';
import type { MockTree } from './files.js';
import { serveSftp } from './sftp-server.js';

export type CliFace = {
  user: string;
  tree: MockTree;
  now(): Date;
  zone: string;
  techsupport: { durationMs: number; bytes: number; block: Buffer };
  /** What a command prints instead of its own text; `hang` never ends, `cut` ends the session. */
  replies: Record<string, string | 'hang' | 'cut'>;
  motd: string;
  /** Whether a shell gives no prompt, nor anything else. */
  isDead?(): boolean;
};

/** The InCenter CLI: an interactive shell with echo and a prompt, and the private file root over SFTP. */
export function serveCliFace(session: Session, face: CliFace): void {
  session.on('pty', (accept) => accept?.());
  session.on('window-change', (accept) => accept?.());
  session.on('exec', (_accept, reject) => reject?.());
  session.on('shell', (accept) => {
    const channel = accept();
    if (face.isDead?.() !== true) dialogue(channel, face);
  });
  serveSftp(session, face.tree);
}

function dialogue(channel: ServerChannel, face: CliFace): void {
  const prompt = `${face.user}@InCenter:/> `;
  let line = '';
  let queue: Promise<void> = Promise.resolve();
  let open = true;
  channel.on('close', () => {
    open = false;
  });
  const say = (text: string) => {
    if (open) channel.write(text.replaceAll('\n', '\r\n'));
  };
  const enter = async (typed: string) => {
    const ended = await answer(typed.trim(), face, say);
    if (ended) {
      channel.exit(0);
      channel.end();
    } else {
      say(prompt);
    }
  };
  channel.on('data', (data: Buffer) => {
    for (const key of data.toString('utf8')) {
      if (key === '\r' || key === '\n') {
        const typed = line;
        line = '';
        queue = queue.then(() => {
          say('\n');
          return enter(typed);
        });
      } else if (key === '\x03') {
        line = '';
      } else if (key >= ' ') {
        line += key;
        say(key);
      }
    }
  });
  say(`${face.motd}\n${prompt}`);
}

/** @returns whether the session ends */
async function answer(command: string, face: CliFace, say: (text: string) => void): Promise<boolean> {
  const reply = face.replies[command];
  if (reply === 'hang') return new Promise<boolean>(() => undefined);
  if (reply === 'cut') {
    say('Collecting and st');
    return true;
  }
  if (reply !== undefined) {
    say(reply);
    return false;
  }
  switch (command) {
    case '':
      return false;
    case 'exit':
    case 'quit':
      return true;
    case 'techsupport':
      await makeTechsupport(face, say);
      return false;
    case 'log -status':
      say(
        'Log type   File              Size limit   Rotated files\nsystem     logs/system.log   10 MB        2\naudit      logs/audit.log    10 MB        2\ndebug      (off)             10 MB        0\n',
      );
      return false;
    default:
      say(`Unknown command: ${command}\n`);
      return false;
  }
}

async function makeTechsupport({ tree, now, zone, techsupport }: CliFace, say: (text: string) => void): Promise<void> {
  say('Collecting and storing Technical Support Information...\n');
  await new Promise((resolve) => setTimeout(resolve, techsupport.durationMs));
  const name = `techsupport_${formatLocal(now(), zone, true).replace(/[^0-9]/g, '')}.tsf`;
  tree.files.set(`techsupport/${name}`, techsupportFile({ ...techsupport, modifiedMs: now().getTime() }));
  say(`\nTechnical Support file created:\n${name}\n`);
}
