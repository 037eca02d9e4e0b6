import { printable, printableLine } from '../domain/text.js';
import { NotifyError, type Page, phoneOf } from './channel.js';
import { oneSms } from './gsm7.js';

/** The value of a word; some are only made where they are wanted, as they may be missing. */
export type Words = (word: string) => string;

/** JSON whose texts are templates. */
export type JsonTemplate = string | number | boolean | null | JsonTemplate[] | { [key: string]: JsonTemplate };

export function wordsOf(page: Page, given: Readonly<Record<string, string>>): Words {
  const making: Record<string, () => string> = {
    phone: () => phoneOf(page),
    email: () => page.to?.email ?? missing(page, 'mail address'),
    name: () => printableLine(page.to?.name ?? ''),
    id: () => page.id,
    reference: () => page.incident.reference,
    severity: () => page.severity,
    status: () => page.status,
    subject: () => printableLine(page.subject),
    text: () => printable(page.text),
    short: () => printableLine(page.short, 500),
    sms: () => oneSms(page.short),
    twiml: () => twiml(page.short),
    ack: () => page.ackToken ?? '',
  };
  return (word) => given[word] ?? making[word]?.() ?? '';
}

function missing({ to }: Page, what: string): never {
  throw new NotifyError('invalid', `${to?.name ?? 'nobody'} has no ${what}`);
}

/** @param encode makes of a value what may stand at its place */
export function fill(template: string, words: Words, encode: (value: string) => string = (value) => value): string {
  return template.replace(/\{([a-z]+)\}/g, (_, word: string) => encode(words(word)));
}

/** Values are put into texts that are texts already: nothing of them can become a part of the JSON around. */
export function fillJson(template: JsonTemplate, words: Words): JsonTemplate {
  if (typeof template === 'string') return fill(template, words);
  if (Array.isArray(template)) return template.map((each) => fillJson(each, words));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(Object.entries(template).map(([key, value]) => [key, fillJson(value, words)]));
}

/** A header carries one line of printable ASCII. */
export function headerValue(value: string): string {
  return printableLine(value, 500).replace(/[^\x20-\x7e]/g, '?');
}

/** What a voice says, twice; without an address that the gateway would have to fetch it from. */
function twiml(text: string): string {
  const said = printableLine(text, 500).replace(/[<>&"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
  return `<Response><Say loop="2">${said}</Say></Response>`;
}
