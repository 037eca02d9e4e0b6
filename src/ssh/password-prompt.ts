import type { Prompt } from 'ssh2';
import { printableLine } from '../domain/text.js';

/** Words for one-time codes, other secrets, and a password that is yet to be chosen, in the languages of our users. */
const otherSecret =
  /(?<![\p{L}\p{N}])(?:code|kod|koden|código|codice|pin(?:-?(?:code|kod))?|otp|totp|tan|2fa|mfa|token|api[- ]?key|duo|authenticator|challenge|response|captcha)(?![\p{L}\p{N}])|(?<!pass)(?:code|kod)s?(?![\p{L}\p{N}])|verif|one[- ]?time|engångs|einmal|usage unique|un solo uso|usa e getta/iu;
const newSecret =
  /(?<![\p{L}])(?:new|re-?type|re-?enter|repeat|again|confirm|change|expired|ny|nytt|nya|upprepa|igen|bekräfta|byt|neu|neues|neue|wiederholen|bestätigen|erneut|abgelaufen|nouveau|confirmer|répéter|nueva|nuevo|repita|confirmar)(?![\p{L}])/iu;

/**
 * What a server asks for besides the password, in its words; undefined where its only question is for the password. The
 * server chooses the text, so only a single hidden question counts as the password's.
 */
export function askedBesidePassword(name: string, instructions: string, prompts: Prompt[]): string | undefined {
  const [prompt, ...more] = prompts;
  if (prompt === undefined) return undefined;
  const isPassword = more.length === 0 && !prompt.echo;
  if (isPassword && !isForSomethingElse(prompt.prompt, `${name}\n${instructions}`)) return undefined;
  const texts = [instructions, ...prompts.map((each) => each.prompt)].filter((text) => text.trim() !== '');
  const quoted = texts.map((text) => `"${printableLine(text)}"`).join(', ');
  return `the server asks for more than a password${quoted === '' ? '' : `: ${quoted}`}`;
}

/** Whether a question is for something else; a question without words is judged by the text above it. */
function isForSomethingElse(question: string, above: string): boolean {
  const words = (/\p{L}/u.test(question) ? question : above).replace(/\S*@\S*|[\w-]+(?:\.[\w-]+)+/g, ''); // names of hosts
  return otherSecret.test(words) || newSecret.test(words);
}
