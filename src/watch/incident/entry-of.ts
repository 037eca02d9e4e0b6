import { defined } from '../../domain/defined.js';
import type { NewIncidentEntry } from '../../domain/incident.js';
import type { Stamp } from '../../domain/watch-event.js';
import type { Decision } from '../core/incidents.js';

/** What is written of a decision about an incident that is open. */
export function entryOf(decision: Exclude<Decision, { do: 'open' }>, stamp: Stamp): NewIncidentEntry {
  switch (decision.do) {
    case 'join':
      return { type: 'joined', stamp, ...decision.member };
    case 'leave':
      return { type: 'left', stamp, thing: decision.thing, text: decision.text };
    case 'clear':
      return { type: 'cleared', stamp };
    case 'flap':
      return { type: 'flapping', stamp, thing: decision.thing };
    case 'calm':
      return { type: 'calm', stamp, thing: decision.thing, ...(decision.isBad ? { bad: true as const } : {}) };
    case 'suppress':
      return { type: 'suppressed', stamp, by: decision.by, ...defined({ until: decision.until?.toISOString() }) };
    case 'release':
      return { type: 'released', stamp };
  }
}
