import { createHash } from 'node:crypto';
import { usageError } from '../../errors.js';
import type { UnattendedLogin } from '../../servers/unattended-logins.js';

/** What a timer is to start, how often and as whom. */
export type Timer = {
  /** Node and the script, both absolute. */
  program: readonly string[];
  config: string;
  /** Servers and clusters, or `--all`. */
  names: readonly string[];
  /** `$XDG_STATE_HOME`, where it is set. */
  stateHome: string | undefined;
  stateFolder: string;
  everyMs: number;
  jitterMs: number;
  machine: string;
  mailTo: string | undefined;
  asking: readonly UnattendedLogin[];
};

export function environmentOf({ config, stateHome }: Timer): [name: string, value: string][] {
  return [['ICEPACK_CONFIG', config], ...(stateHome ? [['XDG_STATE_HOME', stateHome] as [string, string]] : [])];
}

/** The minute in which it starts: not the same on all machines. */
export function offsetMinutes({ machine, everyMs }: Timer): number {
  return createHash('sha256').update(machine).digest().readUInt16BE(0) % Math.min(60, everyMs / 60_000);
}

/** Comments that say what cannot work there. */
export function warningsOf({ asking }: Timer): string[] {
  if (asking.length === 0) return [];
  return [
    '# Nobody can be asked there, and there is no SSH agent and no environment of yours:',
    ...asking.map(({ key, why }) => `#   ${key} ${why}`),
    '# Give these a password: { file: PATH } or a privateKey of its own.',
  ];
}

/** @throws UserError `bad-name` for what neither cron nor systemd can be told */
export function refuseUnprintable(...words: readonly string[]): void {
  const odd = words.find((word) => /[\x00-\x1f\x7f]/.test(word));
  if (odd !== undefined)
    throw usageError(
      'bad-name',
      `a timer cannot name ${JSON.stringify(odd)}`,
      'Move it to a path without such characters',
    );
}
