import { environmentNotes, oddLineNotes, zoneNotes } from '../config/environment.js';
import type { MachineFacts } from '../doctor/machine-facts.js';
import { holdsLocks } from '../state/lock.js';
import { inspectStateFolder } from '../state/machine.js';
import { knownHostsOf } from './make-workplace.js';
import { operatorZone } from './operator-zone.js';
import { type Surroundings, stateFolderOf } from './surroundings.js';

/** The facts about this machine for `icepack doctor`. */
export async function machineFacts(around: Surroundings): Promise<MachineFacts> {
  const { env, nodeVersion } = around;
  const known = knownHostsOf(env);
  return {
    node: nodeVersion,
    state: await inspectStateFolder(stateFolderOf(env), process.getuid?.()),
    holdsLocks: holdsLocks(),
    environment: [
      ...environmentNotes(env),
      ...zoneNotes(operatorZone(env, new Date())),
      ...oddLineNotes(await known.oddLines()),
    ],
  };
}
