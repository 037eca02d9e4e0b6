import { reasonOf } from '../errors.js';
import type { CliOutput } from '../ssh/cli-session.js';
import type { Collector } from './collector.js';

/** What the configured commands print on the InCenter CLI, as a person would have seen it (guide, chapter 3, The CLI Folder). */
export const cliOutput: Collector = {
  id: 'cli',
  expects: ['CLI/transcript.txt'],
  timeoutMs: 15 * 60_000,

  async collect(tools) {
    const session = await tools.openCli();
    const seen: string[] = [];
    let problem: string | undefined;
    try {
      for (const command of tools.cliCommands) seen.push(transcriptOf(await session.run(command, tools.signal)));
    } catch (error) {
      problem = reasonOf(error);
      seen.push(`${session.printed()}\n### cut here: ${problem}\n`);
    } finally {
      session.close();
    }
    const { path, bytes, sha256 } = await tools.keep('CLI', 'transcript.txt', bytesOf(seen.join('\n')));
    const command = tools.cliCommands.join('; ');
    tools.record({
      path,
      status: problem === undefined ? 'ok' : 'partial',
      ...(problem === undefined ? {} : { reason: problem }),
      bytes,
      sha256,
      command,
    });
  },
};

function transcriptOf({ prompt, command, text, started, ended }: CliOutput): string {
  const seconds = ((ended.getTime() - started.getTime()) / 1000).toFixed(1);
  return `### ${started.toISOString()}, ${seconds} s\n${prompt}${prompt.endsWith(' ') ? '' : ' '}${command}\n${text}`;
}

async function* bytesOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
