import { type Page, phoneOf } from './channel.js';
import { oneSms } from './gsm7.js';
import { Spool } from './spool.js';

/** The folders of smsd of SMS Server Tools 3: it passes over hidden files, so that none is sent half. */
export class Smstools extends Spool {
  readonly kind = 'smstools';

  protected fileOf(page: Page, time: string, marker: string): { name: string; content: Buffer } {
    const head = [`To: ${phoneOf(page).slice(1)}`, 'Alphabet: UTF-8', 'Autosplit: 0', 'Priority: HIGH', 'Report: yes'];
    const content = Buffer.from(`${head.join('\n')}\n\n${oneSms(page.short)}`);
    return { name: `icepack_${time}_${marker}`, content };
  }
}
