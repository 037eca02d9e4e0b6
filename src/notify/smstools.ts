import { type Page, phoneOf } from './channel.js';
import { oneSms } from './gsm7.js';
import type { ReadSms } from './inbox.js';
import { Spool } from './spool.js';

/** The folders of smsd of SMS Server Tools 3: it passes over hidden files, so that none is sent half. */
export class Smstools extends Spool {
  readonly kind = 'smstools';

  protected fileOf(page: Page, time: string, marker: string): { name: string; content: Buffer } {
    const head = [`To: ${phoneOf(page).slice(1)}`, 'Alphabet: UTF-8', 'Autosplit: 0', 'Priority: HIGH', 'Report: yes'];
    const content = Buffer.from(`${head.join('\n')}\n\n${oneSms(page.short)}`);
    return { name: `icepack_${time}_${marker}`, content };
  }

  protected readonly readSms: ReadSms = (_name, content) => {
    const end = content.indexOf('\n\n');
    const head = content.subarray(0, Math.max(0, end)).toString('latin1');
    const from = /^From: (\+?\d{3,20})$/m.exec(head)?.[1];
    const alphabet = /^Alphabet: (.*)$/m.exec(head)?.[1] ?? '';
    return from === undefined ? undefined : { from, text: textIn(content.subarray(end + 2), alphabet) };
  };
}

/** UTF-8 where the daemon is told to write that, else as its head says. */
function textIn(body: Buffer, alphabet: string): string {
  const encoding = /^UCS/i.test(alphabet) ? 'utf-16be' : /^UTF/i.test(alphabet) ? 'utf-8' : 'latin1';
  return new TextDecoder(encoding).decode(body);
}
