import type { Collector } from './collector.js';
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
    const cli = await openShellOrReason(tools);
    const whyNot = 'session' in cli ? await collectByCli(tools, cli) : cli.reason;
    if (whyNot !== undefined) await collectByScript(tools, whyNot);
  },
};
