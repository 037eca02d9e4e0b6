import type { Maintenance } from '../domain/maintenance.js';
import type { Span } from '../domain/recurrence.js';
import type { Week } from '../domain/week.js';

/** A ticket of the week, or an incident that has none. Texts of others are made fit to show already. */
export type TicketRow = {
  /** As its help desk calls it; null where there is no ticket. */
  key: string | null;
  url: string | null;
  /** The incident it was opened for; null for one of somebody else. */
  incident: string | null;
  state: string;
  isOpen: boolean;
  what: string;
  /** When it was seen bad first; null where only the ticket is known. */
  since: Date | null;
  /** When it was repaired, else when all was well again. */
  until: Date | null;
  /** When the ticket changed last, where only that is known. */
  changed: Date | null;
  /** So long after it was opened somebody had it. */
  answeredMs: number | null;
  hours: number | null;
};

export type Tickets = {
  rows: TicketRow[];
  /** So many are not among the rows. */
  more: number;
  /** There are perhaps more than were counted. */
  isCut: boolean;
  /** Of our incidents. */
  began: number;
  resolved: number;
  /** So many are open, of all. */
  open: number;
  /** Why a help desk was not asked, each in words. */
  notAsked: string[];
};

/** How long a server was down. */
export type Down = { server: string; ms: number };

export type DoneMaintenance = {
  maintenance: Maintenance;
  what: string;
  reason: string;
  planned: Span;
  real: Span;
  goesOn: boolean;
  down: Down[];
  /** So much of it nobody looked at the servers; null: they are not looked at. */
  unseenMs: number | null;
};

export type PlannedMaintenance = { maintenance: Maintenance; what: string; reason: string; span: Span };

export type Goals = {
  /** Undefined where none was set. */
  answer?: { met: number; of: number; goalMs: number | null /** Over before anybody had to answer. */; over: number };
  summary?: { met: number; of: number; withinMs: number /** The tickets without one. */; missing: string[] };
};

export type SuppressedRow = {
  what: string;
  /** `staging`, `stopped on purpose`, … */
  why: string;
  since: Date;
  until: Date | null;
  by: string | null;
};

export type WatchItself = {
  whole: number;
  others: number;
  blind: { from: Date; until: Date | null }[];
  /** When the watch was not at work, as far as what it wrote can be read. */
  gaps: Span[];
  /** What cannot be read of what it wrote. */
  unread: string[];
};

/** A week that got no status of its own. */
export type MissedWeek = { week: Week; began: number; resolved: number; maintenance: string[] };

/** What there is to tell of a week, as far as it is known. */
export type WeeklyStatus = {
  organization: string | null;
  week: Week;
  zone: string;
  asOf: Date;
  /** It has not ended. */
  isRunning: boolean;
  isLate: boolean;
  tickets: Tickets;
  done: DoneMaintenance[];
  next: PlannedMaintenance[];
  goals: Goals;
  suppressed: SuppressedRow[];
  watch: WatchItself;
  missed: MissedWeek[];
};
