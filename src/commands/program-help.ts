import type { Command } from 'commander';
import { exitCodeMeaning } from '../errors.js';

/** Descriptions are wrapped also where the names of the verbs leave them little room. */
export const helpLook = { showGlobalOptions: true, minWidthToWrap: 20 };

const environment: ReadonlyArray<readonly [variable: string, meaning: string]> = [
  ['ICEPACK_CONFIG=FILE', 'the configuration, where --config names none'],
  ['ICEPACK_DEBUG=FILE', 'add a trace of what is done and answered, without secrets, to FILE'],
  ['NO_COLOR=1', 'no colours'],
  ['TZ=ZONE', 'your time zone'],
  ['XDG_CONFIG_HOME=DIR', 'where icepack/icepack.yaml is looked for (default: ~/.config)'],
  ['XDG_STATE_HOME=DIR', 'where icepack/ with all runs is kept (default: ~/.local/state)'],
];

const beginnings: ReadonlyArray<readonly [command: string, what: string]> = [
  ['icepack demo', 'see it work, without any server'],
  ['icepack init', 'write a configuration, pin host keys, check everything'],
  ['icepack collect --at 10:32', 'collect everything around 10:32 and register the ticket'],
];

/** What the help of the program says behind its options and verbs, at most `width` wide. */
export function closingHelp(program: Command, width: number): string {
  const helper = program.createHelp();
  helper.prepareContext({ helpWidth: width });
  const list = (title: string, rows: ReadonlyArray<readonly [term: string, meaning: string]>) => {
    const termWidth = Math.max(...rows.map(([term]) => term.length));
    const items = rows.map(([term, meaning]) => helper.formatItem(term, termWidth, meaning, helper));
    return `\n${title}\n${items.join('\n')}`;
  };
  return [
    list('Environment:', environment),
    list('Exit codes:', exitCodeMeaning),
    list('Start here:', beginnings),
  ].join('\n');
}
