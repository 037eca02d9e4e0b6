import { InvalidArgumentError } from 'commander';
import type { GivenAnswers } from '../init/given-answers.js';
import { type LoginWay, parseLoginWay, type SecretWay } from '../init/init-answers.js';
import { readServerPlace, usualPorts } from '../init/typed-server.js';
import { faultOfEmail, faultOfLine, faultOfName, faultOfPhone, faultOfUrl } from '../init/typed-text.js';

export const ways = 'ask, agent, env:NAME, file:PATH or key:PATH';

export function server(value: string, before: GivenAnswers['servers'] = []): GivenAnswers['servers'] {
  const [, name, place = ''] = /^([A-Za-z0-9][A-Za-z0-9._-]{0,62})=(.+)$/.exec(value) ?? [];
  if (name === undefined) throw new InvalidArgumentError('Write it like ice01=192.0.2.10 or ice01=192.0.2.10:22,2222.');
  if (before.some((other) => other.name === name)) throw new InvalidArgumentError(`"${name}" is given twice.`);
  const read = readServerPlace(place);
  if ('fault' in read) throw new InvalidArgumentError(`${read.fault}.`);
  if (read.hostOsPort === undefined && read.cliPort === usualPorts.hostOs)
    throw new InvalidArgumentError(`${read.cliPort} is the port of the host OS: write both, the InCenter CLI first.`);
  return [...before, { name, ...read }];
}

export function jumpHost(value: string): NonNullable<GivenAnswers['jumpHost']> {
  const match = /^([^\x00-\x20\x7f@]{1,64})@([A-Za-z0-9.%_-]{1,253})(?::(\d{1,5}))?$/.exec(value);
  if (match?.[1] === undefined || match[2] === undefined)
    throw new InvalidArgumentError('Write it like kim@bastion.example.com or kim@203.0.113.7:2200.');
  return { user: match[1], address: match[2], port: Number(match[3] ?? 22) };
}

export function port(value: string): number {
  if (!/^\d{1,5}$/.test(value) || Number(value) < 1 || Number(value) > 65_535)
    throw new InvalidArgumentError('It is a number from 1 to 65535.');
  return Number(value);
}

export function loginWay(value: string): LoginWay {
  const way = parseLoginWay(value);
  if (way === undefined) throw new InvalidArgumentError(`It is one of: ${ways}; never the secret itself.`);
  return way;
}

export function secretWay(value: string): SecretWay {
  const way = loginWay(value);
  if (way.kind !== 'env' && way.kind !== 'file') throw new InvalidArgumentError('It is env:NAME or file:PATH.');
  return way;
}

/** What is wrong with a text is said as at a question. */
function checked(value: string, faultOf: (text: string) => string | undefined): string {
  const fault = faultOf(value);
  if (fault !== undefined) throw new InvalidArgumentError(`${fault}.`);
  return value;
}

export const url = (value: string) => checked(value, (text) => faultOfUrl(text, false));
export const plainName = (value: string) => checked(value, faultOfName);
export const oneLine = (value: string) => checked(value, faultOfLine);
export const email = (value: string) => checked(value, faultOfEmail);
export const phone = (value: string) => checked(value, faultOfPhone);
