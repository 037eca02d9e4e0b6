import type { Appliance } from '../domain/appliance.js';
import { serverTitle } from '../domain/appliance.js';
import { icepack, say } from '../domain/command.js';
import { printableLine } from '../domain/text.js';
import { formatLocal } from '../domain/zone.js';
import { unattendedLogins } from '../servers/unattended-logins.js';
import type { CaptureStore } from '../state/captures.js';
import type { Check } from './check.js';

const found: Pick<Check, 'check' | 'status' | 'place'> = { check: 'captures', status: 'warn', place: 'this machine' };

/** What keeps captures from being made, and what lies in their rings that is not ours. Nothing where none are wanted. */
export async function examineCaptures(
  appliances: readonly Appliance[],
  captures: CaptureStore,
  isConfigured: boolean,
  zone: string,
): Promise<Check[]> {
  const rings = await captures.servers();
  const strangers = [...(await captures.strangers())];
  for (const server of rings) strangers.push(...(await captures.ring(server)).strangers);
  const isWanted = isConfigured || rings.length > 0;
  const standing = await Promise.all(appliances.map((appliance) => standingCheck(appliance, captures, zone)));
  return [
    ...standing.flat(),
    ...(isWanted ? unattendedLogins(appliances).map(loginCheck) : []),
    ...strangers.map(
      (path): Check => ({
        ...found,
        text: `${printableLine(path, 400)} is not of icepack, or damaged: it is left alone`,
        hint: 'Move it away where nobody needs it there',
      }),
    ),
  ];
}

function loginCheck({ key, why }: ReturnType<typeof unattendedLogins>[number]): Check {
  const text = `captures by a timer: ${key} ${why}`;
  return { ...found, text, hint: `Write ${key}.password: { file: PATH }, or ${key}.privateKey` };
}

async function standingCheck({ name, id }: Appliance, captures: CaptureStore, zone: string): Promise<Check[]> {
  const { health, since, reason } = await captures.standings.read(name);
  if (health === 'well') return [];
  const from = since === undefined ? '' : ` since ${formatLocal(new Date(since), zone)}`;
  const text = `no capture of ${serverTitle(id)}${from}: ${printableLine(reason ?? '', 400)}`;
  return [{ ...found, server: name, text, hint: say`When it is mended: ${icepack('capture', name)}` }];
}
