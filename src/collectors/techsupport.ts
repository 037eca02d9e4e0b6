import type { Collector, CollectorTools } from './collector.js';
import { isMissing } from './remove-file.js';
import { collectByCli } from './techsupport-by-cli.js';
import { collectByScript } from './techsupport-by-script.js';
import { openShellOrReason } from './techsupport-shell.js';

/**
 * Collects the file that support calls TSF. It comes first, because it shows the state right after the incident. When the
 * CLI is not available, a script on the host OS writes the same file to the same folder (guide, chapter 3, The
 * Techsupport Folder).
 */
export const techsupport: Collector = {
  id: 'techsupport',
  expects: ['Techsupport/'],

  async collect(tools) {
    const whyNot = await byCli(tools).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
      // Files are named by the second: another machine that ran it in the same second takes this one, too.
      tools.warn('the techsupport file was taken by somebody else: techsupport is run once more');
      return byCli(tools);
    });
    if (whyNot !== undefined) await collectByScript(tools, whyNot);
  },
};

/** @returns the reason if the CLI did not make the file */
async function byCli(tools: CollectorTools): Promise<string | undefined> {
  const cli = await openShellOrReason(tools);
  return 'session' in cli ? collectByCli(tools, cli) : cli.reason;
}
