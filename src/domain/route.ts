import { usageError } from '../errors.js';
import { type BusinessHours, isBusiness } from './business-hours.js';
import { type Severity, severities } from './ticket.js';

export const routeTimes = ['business', 'after-hours', 'always'] as const;
export type RouteTime = (typeof routeTimes)[number];

/** Which tickets go where, and what a person is to do besides. */
export type Route = {
  /** Its name; its number in the configuration where it has none. */
  name: string;
  when: RouteTime;
  severity: readonly Severity[];
  /** For the person who has the incident: whom to call. */
  say?: string;
  /** Where its tickets go: help desk, address, queue. It tells one place from another. */
  place: string;
  /** Whether it names anything of a help desk; else its tickets go where the others do. */
  hasPlace: boolean;
};

/** The routes of a configuration, in their order. */
export type Routes = {
  all: readonly Route[];
  hours: BusinessHours | undefined;
  /** Where a ticket goes that no route fits. */
  rest: string;
};

/** The first route that fits. */
export function routeFor({ all, hours }: Routes, severity: Severity, now: Date): Route | undefined {
  return all.find((route) => route.severity.includes(severity) && isItsTime(route, hours, now));
}

/** @throws UserError `no-such-route` */
export function routeNamed(all: readonly Route[], name: string): Route {
  const found = all.find((route) => route.name === name);
  if (found !== undefined) return found;
  const names = all.map((route) => route.name);
  const there = names.length === 0 ? 'It has none' : `They are: ${names.join(', ')}`;
  throw usageError('no-such-route', `the configuration has no route "${name}"`, there);
}

export function isItsTime({ when }: Pick<Route, 'when'>, hours: BusinessHours | undefined, now: Date): boolean {
  if (when === 'always' || hours === undefined) return when === 'always';
  return isBusiness(now, hours) === (when === 'business');
}

const timeTitle: Record<RouteTime, string> = {
  business: 'in business hours',
  'after-hours': 'after hours',
  always: 'at any time',
};

/** What a route is for, e.g. `after hours, high or emergency`. */
export function routeTitle({ when, severity }: Pick<Route, 'when' | 'severity'>): string {
  return severity.length === severities.length ? timeTitle[when] : `${timeTitle[when]}, ${severity.join(' or ')}`;
}

/** What the hours of the configuration make of a moment. */
export function hoursTitle(hours: BusinessHours | undefined, now: Date): string {
  if (hours === undefined) return 'no business hours are configured';
  return `${isBusiness(now, hours) ? 'business hours' : 'after hours'} in ${hours.zone}`;
}
