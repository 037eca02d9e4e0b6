import type { Appliance } from '../../domain/appliance.js';
import { defined } from '../../domain/defined.js';
import type { Escalation } from '../../domain/escalation.js';
import type { ConfiguredChannel } from '../../notify/channel.js';
import type { Setting } from './targets.js';

/** What of the configuration decides about pages. @param waitMs others may join an incident for so long before anybody is told */
export function settingOf(
  escalation: Escalation,
  appliances: readonly Pick<Appliance, 'name' | 'customer' | 'primaryContact'>[],
  channels: ReadonlyMap<string, ConfiguredChannel>,
  waitMs: number,
): Setting {
  const terms = [...channels].map(([name, { channel, orElse, withinMs }]) => {
    const within = channel.delivery === undefined ? undefined : withinMs;
    return [name, { needs: channel.needs, orElse, ...defined({ withinMs: within }) }] as const;
  });
  return {
    ...{ escalation, channels: new Map(terms), waitMs },
    customers: new Map(appliances.flatMap(({ name, customer }) => (customer === undefined ? [] : [[name, customer]]))),
    primaryContacts: new Map(
      appliances.flatMap(({ name, primaryContact: key }) => (key === undefined ? [] : [[name, key]])),
    ),
  };
}
