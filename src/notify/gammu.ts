import { type Page, phoneOf } from './channel.js';
import { oneSms } from './gsm7.js';
import { Spool } from './spool.js';

/** The folders of gammu-smsd (gammu-smsd-files(7)): `A` is sent first, `d` asks for a delivery report. */
export class Gammu extends Spool {
  readonly kind = 'gammu';

  protected fileOf(page: Page, time: string, marker: string): { name: string; content: Buffer } {
    const text = `\ufeff${oneSms(page.short)}`; // with its mark, whatever the locale of the daemon
    return { name: `OUTA${time}_00_${phoneOf(page)}_${marker}.txtd`, content: Buffer.from(text, 'utf16le') };
  }
}
