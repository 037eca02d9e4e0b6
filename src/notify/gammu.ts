import { type Page, phoneOf } from './channel.js';
import { oneSms } from './gsm7.js';
import type { ReadSms } from './inbox.js';
import { Spool } from './spool.js';

/** The name of what came: its time, its place among those of that time, who sent it, which part of it. */
const received = /^IN\d{8}_\d{6}_\d+_(\+?\d{3,20})_00\.txt$/;

/** The folders of gammu-smsd (gammu-smsd-files(7)): `A` is sent first, `d` asks for a delivery report. */
export class Gammu extends Spool {
  readonly kind = 'gammu';

  protected fileOf(page: Page, time: string, marker: string): { name: string; content: Buffer } {
    const text = `\ufeff${oneSms(page.short)}`; // with its mark, whatever the locale of the daemon
    return { name: `OUTA${time}_00_${phoneOf(page)}_${marker}.txtd`, content: Buffer.from(text, 'utf16le') };
  }

  protected readonly readSms: ReadSms = (name, content) => {
    const from = received.exec(name)?.[1];
    return from === undefined ? undefined : { from, text: textOf(content) };
  };
}

/** `inboxformat` of the daemon decides: UTF-16 with its mark, else what is nearly ASCII. */
function textOf(content: Buffer): string {
  const mark = content.subarray(0, 2).toString('hex');
  const encoding = { fffe: 'utf-16le', feff: 'utf-16be' }[mark] ?? 'utf-8';
  return new TextDecoder(encoding).decode(content);
}
