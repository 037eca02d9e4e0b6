import type { Appliance } from '../domain/appliance.js';
import { printableLine } from '../domain/text.js';
import { itemError } from '../errors.js';
import type { ExecResult } from '../ssh/exec.js';
import type { CollectorTools } from './collector.js';

/** Scripts that are never run; this one changes the management address of the server. */
const neverRun = /^staticip/i;

export type ScriptRule = {
  /** The purpose of the script, for messages. */
  purpose: string;
  /** The name in the configuration. */
  configured: string | undefined;
  /** The key of the configuration that sets the script. */
  key: 'backupScript' | 'techsupportScript';
  pattern: RegExp;
};

export function backupRule({ backupScript }: Appliance): ScriptRule {
  return { purpose: 'backup', configured: backupScript, key: 'backupScript', pattern: /backup/i };
}

export function techsupportRule({ techsupportScript }: Appliance): ScriptRule {
  return {
    purpose: 'techsupport',
    configured: techsupportScript,
    key: 'techsupportScript',
    pattern: /techsupport/i,
  };
}

/** Chooses among the scripts of the appliance. @throws the errors of `matchScript` */
export async function chooseScript(
  { server, hostOs, signal }: Pick<CollectorTools, 'server' | 'hostOs' | 'signal'>,
  rule: ScriptRule,
): Promise<string> {
  const folder = scriptsFolder(server.appliance);
  const files = await hostOs.files();
  const names = (await files.list(folder, signal)).filter((entry) => entry.kind === 'file').map((entry) => entry.name);
  return matchScript(names, rule, folder);
}

/**
 * The configured script, or else the only one that matches. The vendor's names are not public; among several none is
 * guessed.
 * @throws UserError `no-script`, `ambiguous-script`, both listing what is there
 */
export function matchScript(inFolder: readonly string[], rule: ScriptRule, folder: string): string {
  const names = inFolder.filter((name) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)).sort();
  if (rule.configured !== undefined && neverRun.test(rule.configured)) {
    throw itemError('no-script', `"${rule.configured}" changes the management address and is never run`);
  }
  if (rule.configured !== undefined) {
    if (names.includes(rule.configured)) return rule.configured;
    throw itemError('no-script', `"${rule.configured}" (${rule.key}) is not in ${folder}; there are: ${listed(names)}`);
  }
  const matches = names.filter((name) => rule.pattern.test(name) && !neverRun.test(name));
  const [only, ...others] = matches;
  if (only === undefined) {
    throw itemError(
      'no-script',
      `no ${rule.purpose} script is in ${folder}; name it as ${rule.key} in the configuration. There are: ${listed(names)}`,
    );
  }
  if (others.length > 0) {
    throw itemError(
      'ambiguous-script',
      `several scripts in ${folder} could be the ${rule.purpose} script: ${listed(matches)}; name the right one as ${rule.key} in the configuration`,
    );
  }
  return only;
}

export function scriptsFolder({ hostOs }: Appliance): string {
  return `${hostOs.home}/scripts`;
}

/** @throws UserError `script-failed` with what the script said */
export function assertSuccess(result: ExecResult, command: string): void {
  const failure = failureOf(result, command);
  if (failure !== undefined) throw itemError('script-failed', failure);
}

/** The words of a script that failed; undefined where it succeeded. */
export function failureOf(result: ExecResult, command: string): string | undefined {
  if (result.code === 0) return undefined;
  const said = printableLine(result.stderr.trim() || result.stdout.trim() || 'it printed nothing');
  return `"${command}" ended with exit status ${result.code}: ${said}`;
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
