import type { BusinessHours } from './business-hours.js';
import type { Person } from './person.js';
import type { RouteTime } from './route.js';
import type { Severity } from './ticket.js';
import type { LocalTime } from './zone.js';

/** What somebody must have to be told over a channel. */
export type Needs = 'email' | 'phone' | 'nothing';

/** People who take turns: the first begins at `from`, by the clocks of the zone, and the next follows after `everyMs`. */
export type Rota = { turns: readonly string[]; from: LocalTime; everyMs: number; zone: string };

/** Who has a role, by the keys of people: always the same ones, or those whose turn it is. */
export type Role = { people: readonly string[] } | Rota;

/** Whom to tell, by the names of roles or people, when nobody has answered for so long. */
export type Step = { atMs: number; to: readonly string[]; by: readonly string[] };

export type Policy = {
  name: string;
  /** In the order of their times. */
  steps: readonly Step[];
  /** After the last step all are told again, each time after so long; without it they are not. */
  againMs?: number;
};

/** Which policy an incident has. */
export type EscalationRoute = {
  when: RouteTime;
  severity: readonly Severity[];
  policy: string;
  /** So soon somebody is to answer. */
  answerMs?: number;
};

/** What the customer of a server is told. */
export type Copies = { on: readonly ('opened' | 'resolved')[]; by: readonly string[] };

/** Who is told of incidents, when, and over which channels. */
export type Escalation = {
  people: ReadonlyMap<string, Person>;
  roles: ReadonlyMap<string, Role>;
  hours?: BusinessHours;
  routes: readonly EscalationRoute[];
  policies: ReadonlyMap<string, Policy>;
  copies: readonly Copies[];
  /** An acknowledgement holds for so long where it does not say. */
  ackForMs: number;
  /** After it is resolved, so soon a summary is to be there; else these are told. */
  summary?: { withinMs: number; to: readonly string[] };
};
