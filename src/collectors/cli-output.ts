import { reasonOf } from '../errors.js';
import type { CliOutput, CliSession } from '../ssh/cli/cli.js';
import type { Collector } from './collector.js';
import { productVersionIn } from './product-version.js';
import { refusalIn } from './refusal.js';

/**
 * The output of the configured commands on the InCenter CLI, as a person would have seen it (guide, chapter 3, The CLI
 * Folder).
 */
export const cliOutput: Collector = {
  id: 'cli',
  expects: ['CLI/transcript.txt'],

  async collect({ cli, evidence, signal }) {
    const seen: string[] = [];
    const problems: string[] = [];
    let session: CliSession | undefined = await cli.open();
    for (const command of cli.commands) {
      try {
        signal.throwIfAborted();
        const open: CliSession = session ?? (await cli.open()); // after a failure the next command gets a session of its own
        session = open;
        const output = await cli.withLimit((limited) => open.run(command, limited));
        seen.push(transcriptOf(output));
        const version = productVersionIn(command, output.text);
        if (version !== undefined) evidence.version('InCenter', version);
        const refusal = refusalIn(output.text);
        if (refusal !== undefined) problems.push(`"${command}" was refused: ${refusal}`);
        if (output.promptAfter !== undefined) {
          // Whatever mode that is: nothing more is typed there.
          session.close();
          session = undefined;
        }
      } catch (error) {
        const problem = `"${command}": ${reasonOf(error)}`;
        problems.push(problem);
        seen.push(`${session?.printed() ?? ''}\n### cut here: ${problem}\n`);
        session?.close();
        session = undefined;
      }
    }
    session?.close();
    const { path, bytes, sha256 } = await evidence.keep('CLI', 'transcript.txt', bytesOf(seen.join('\n')), {
      isText: true,
    });
    const status = problems.length === 0 ? 'ok' : 'partial';
    const reason = problems.length === 0 ? {} : { reason: problems.join('; ') };
    evidence.record({ path, status, ...reason, bytes, sha256, command: cli.commands.join('; ') });
  },
};

function transcriptOf({ prompt, command, text, promptAfter, started, ended }: CliOutput): string {
  const seconds = ((ended.getTime() - started.getTime()) / 1000).toFixed(1);
  const typed = prompt === '' ? command : `${prompt}${prompt.endsWith(' ') ? '' : ' '}${command}`;
  return `### ${started.toISOString()}, ${seconds} s\n${typed}\n${text}${promptAfter === undefined ? '' : `${promptAfter}\n`}`;
}

async function* bytesOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
