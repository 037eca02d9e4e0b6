import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programPath } from './requirements.ts';
import { startDaemon } from './sshd.ts';

const modemScript = fileURLToPath(new URL('servers/modem.py', import.meta.url));

/** What a modem does with what it is given. */
type Manner = 'sending' | 'refusing' | 'silent';

/** smsd of SMS Server Tools, with a modem of ours. @returns what the modem sent, as PDUs */
export async function startSmstools(folder: string, manner: Manner): Promise<{ pdus(): Promise<string[]> }> {
  const at = (name: string) => join(folder, name);
  mkdirSync(at('incoming'));
  const modem = [programPath('python3'), modemScript, at('modem'), at('pdus'), manner];
  await startDaemon(modem, 'ready');
  const lines = [
    ...['devices = GSM1', `outgoing = ${at('outgoing')}`, `checked = ${at('checked')}`, `sent = ${at('sent')}`],
    ...[`failed = ${at('failed')}`, `incoming = ${at('incoming')}`, 'logfile = 1', `pidfile = ${at('pid')}`],
    ...[`infofile = ${at('info')}`, 'delaytime = 1', 'errorsleeptime = 1', 'loglevel = 7'],
    ...['[GSM1]', `device = ${at('modem')}`, 'incoming = no', 'check_network = 0', 'init = AT', 'report = no'],
  ];
  writeFileSync(at('smsd.conf'), `${lines.join('\n')}\n`);
  const command = [programPath('smsd'), '-t', '-c', at('smsd.conf')];
  await startDaemon(['/bin/sh', '-c', 'exec "$@" >&2', 'sh', ...command], 'Modem handler 0 has started');
  return { pdus: async () => (await readFile(at('pdus'), 'utf8')).split('\n').filter((line) => line !== '') };
}
