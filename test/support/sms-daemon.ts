import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programPath } from './requirements.ts';
import { startDaemon } from './sshd.ts';

const modemScript = fileURLToPath(new URL('servers/modem.py', import.meta.url));

/** What a modem does with what it is given. */
type Manner = 'sending' | 'refusing' | 'silent';

/** smsd of SMS Server Tools, with a modem of ours. @param came SMS that it got, as PDUs @returns what the modem sent, as PDUs */
export async function startSmstools(
  folder: string,
  manner: Manner,
  came: readonly string[] = [],
): Promise<{ pdus(): Promise<string[]> }> {
  const at = (name: string) => join(folder, name);
  mkdirSync(at('incoming'));
  const modem = [programPath('python3'), modemScript, at('modem'), at('pdus'), manner, ...came];
  await startDaemon(modem, 'ready');
  const lines = [
    ...['devices = GSM1', `outgoing = ${at('outgoing')}`, `checked = ${at('checked')}`, `sent = ${at('sent')}`],
    ...[`failed = ${at('failed')}`, `incoming = ${at('incoming')}`, 'logfile = 1', `pidfile = ${at('pid')}`],
    ...[`infofile = ${at('info')}`, 'delaytime = 1', 'errorsleeptime = 1', 'loglevel = 7'],
    ...[
      '[GSM1]',
      `device = ${at('modem')}`,
      `incoming = ${came.length > 0 ? 'yes' : 'no'}`,
      'check_network = 0',
      'init = AT',
      'report = no',
    ],
  ];
  writeFileSync(at('smsd.conf'), `${lines.join('\n')}\n`);
  const command = [programPath('smsd'), '-t', '-c', at('smsd.conf')];
  await startDaemon(['/bin/sh', '-c', 'exec "$@" >&2', 'sh', ...command], 'Modem handler 0 has started');
  return { pdus: async () => (await readFile(at('pdus'), 'utf8')).split('\n').filter((line) => line !== '') };
}

/** An SMS as it comes from a network, in GSM-7. @param from a number without its plus */
export function receivedPdu(from: string, text: string): string {
  const bits = [...text]
    .map((letter) => letter.charCodeAt(0).toString(2).padStart(7, '0'))
    .reverse()
    .join('');
  const septets = bits.padStart(Math.ceil(bits.length / 8) * 8, '0').match(/.{8}/g) ?? [];
  const body = Buffer.from(septets.map((byte) => Number.parseInt(byte, 2)).reverse());
  const number = (from.length % 2 === 0 ? from : `${from}F`).replace(/(.)(.)/g, '$2$1');
  const hex = (value: number) => value.toString(16).padStart(2, '0').toUpperCase();
  const head = `07916407058099F904${hex(from.length)}91${number}000062110301948000${hex(text.length)}`;
  return `${head}${body.toString('hex').toUpperCase()}`;
}
