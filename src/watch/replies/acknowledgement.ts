import { tokenLength } from './token.js';

/** What a person answers to a page: that they have this incident, and the token of the page. */
export type Acknowledgement = { incident: string; token: string };

const written = new RegExp(`^ack\\s+(I[1-9]\\d{0,8})\\s+([0-9a-z]{${tokenLength}})$`, 'i');
/** What telephones and people put around it. */
const around = /^["'“”„«»‘’`\s]+|["'“”„«»‘’`\s.!]+$/g;

/** @returns what a line says that says nothing else */
export function parseAcknowledgement(line: string): Acknowledgement | undefined {
  if (line.length > 200) return undefined;
  const [, incident, token] = written.exec(line.replace(around, '')) ?? [];
  if (incident === undefined || token === undefined) return undefined;
  return { incident: incident.toUpperCase(), token: token.toLowerCase() };
}

/** What is to be answered, as a page says it. */
export function answerText(incident: string, token: string): string {
  return `ack ${incident} ${token}`;
}
