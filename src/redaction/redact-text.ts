import { createRedactor } from './redactor.js';

/** Masks the secrets in one line, e.g. in a server's message for the manifest and the ticket. */
export function redactText(text: string, known: readonly string[]): string {
  const redactor = createRedactor({ known });
  return Buffer.concat([...redactor.push(Buffer.from(text)), ...redactor.end()]).toString();
}
