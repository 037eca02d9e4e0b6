import type { Endpoint } from '../domain/endpoint.js';
import type { Prompter } from '../ui/prompter.js';
import type { Access } from './access.js';

/**
 * Asks for a password that stands nowhere; once more where nothing was typed, for a key pressed too early must not cost a
 * face.
 * @returns undefined where whoever is there wants to go on without it
 */
export async function askPassword(endpoint: Endpoint, ask: Prompter, access: Access): Promise<string | undefined> {
  const of = `of "${endpoint.login.user}" at ${endpoint.title}`;
  const typed =
    (await ask.secret(`Password ${of}`)) ||
    (await ask.secret(`Nothing was typed. Password ${of} (Enter again: go on without)`));
  if (typed === '') access.withholdPassword(endpoint);
  else access.setTypedPassword(endpoint, typed);
  return typed || undefined;
}

/** As `askPassword`, where one is needed and somebody is there. */
export async function askMissingPassword(endpoint: Endpoint, ask: Prompter | undefined, access: Access): Promise<void> {
  const { toBeTyped } = await access.loginSecrets(endpoint);
  if (toBeTyped && ask !== undefined) await askPassword(endpoint, ask, access);
}
