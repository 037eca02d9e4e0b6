import { usageError } from '../errors.js';
import type { Prompter } from '../ui/prompter.js';
import { askUser, askWay } from './ask-login.js';
import type { GivenAnswers } from './given-answers.js';
import type { InitAnswers } from './init-answers.js';
import { readServerPlace } from './typed-server.js';

/** Asks for the jump host that the servers are reached through, if there is one. */
export async function askJumpHost(given: GivenAnswers, ask: Prompter): Promise<InitAnswers['jumpHost']> {
  if (given.jumpHost === undefined && !(await ask.confirm('Are the servers reached through a jump host?', false)))
    return undefined;
  const { address, port, user: named } = given.jumpHost ?? (await askJumpPlace(ask));
  const user = named ?? (await askUser('User at the jump host', ask));
  const way = given.jumpLogin ?? (await askWay(ask, user, 'jump host', 'ICEPACK_JUMP_PASSWORD'));
  return { address, port, user, way };
}

/** Asks for a jump host in the form that `ssh` takes: with or without a user and a port. */
async function askJumpPlace(ask: Prompter): Promise<{ address: string; port: number; user?: string }> {
  const read = (text: string) => {
    const [, user, place = ''] = /^(?:([^\s@]{1,64})@)?(.*)$/.exec(text.trim()) ?? [];
    return { ...readServerPlace(place), ...(user === undefined ? {} : { user }) };
  };
  const validate = (text: string) => {
    const place = read(text);
    if ('fault' in place) return place.fault;
    return place.hostOsPort === undefined ? undefined : 'It has one port';
  };
  const place = read(await ask.text('Address of the jump host', { validate }));
  if ('fault' in place) throw usageError('setup-incomplete', place.fault); // it was looked at before
  const { address, cliPort: port = 22, user } = place;
  return { address, port, ...(user === undefined ? {} : { user }) };
}
