import { formatSize } from '../domain/quantities.js';
import { fieldText, lineToFill, type RequiredField, unfilled } from '../domain/required-field.js';
import { hoursTitle, isItsTime, type Route, type Routes, routeTitle } from '../domain/route.js';
import { reasonOf, UserError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import type { Account } from '../helpdesk/help-desk.js';
import type { Check } from './check.js';
import { examineContact } from './examine-contact.js';

/** Of the configuration itself. */
export const configured = { check: 'config', place: 'this machine' } as const;

/**
 * Checks the help desk and those of the routes, and says of each route when it applies, and where its tickets go.
 * @param assignees to whom tickets are assigned, as help desks call them
 */
export async function examineDesks(
  deskSettings: (contacted: boolean) => Promise<DeskSettings>,
  assignees: readonly string[],
  now: Date,
  signal: AbortSignal,
): Promise<Check[]> {
  const examine = async (settings: DeskSettings) => examineDesk(settings, assignees, signal);
  const main = await examined(async () => examine(await deskSettings(true)));
  const { desks, contact } = await deskSettings(false).catch(notOpened);
  const about = [...(await examineContact(contact)), ...main];
  if (desks === undefined) return about;
  const own = desks.all.filter(({ hasPlace }) => hasPlace);
  const checks = await Promise.all(own.map((route) => examined(async () => examine(await desks.open(route)), route)));
  return [...about, ...checks.flat(), ...desks.all.map((route) => routeCheck(route, desks, now))];
}

/** What keeps it from being opened is told by the check of the help desk. */
function notOpened(error: unknown): Pick<DeskSettings, 'desks' | 'contact'> {
  if (error instanceof UserError) return { contact: undefined };
  throw error;
}

function routeCheck(route: Route, { hours }: Routes, now: Date): Check {
  const applies = isItsTime(route, hours, now) ? 'applies now' : `does not apply now: ${hoursTitle(hours, now)}`;
  const text = `${route.name}: ${routeTitle(route)} → ${route.place}; ${applies}`;
  return { check: 'route', status: 'ok', place: 'routes, the first that fits is taken', text, hint: null };
}

async function examined(examine: () => Promise<Check[]>, route?: Route): Promise<Check[]> {
  try {
    return await examine();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const place = `help desk${route === undefined ? '' : `, route ${route.name}`}`;
    const where = error.code === 'bad-template' ? configured : ({ check: 'help-desk', place } as const);
    return [{ ...where, status: 'fail', text: reasonOf(error), hint: error.hint ?? null }];
  }
}

/** Checks the help desk: whether it knows us and would accept a ticket. */
async function examineDesk(
  { desk, route, fields }: DeskSettings,
  assignees: readonly string[],
  signal: AbortSignal,
): Promise<Check[]> {
  if (desk === undefined)
    return [{ check: 'help-desk', status: 'ok', place: 'help desk', text: 'none is configured', hint: null }];
  const place = `help desk ${desk.origin}${route === undefined ? '' : `, route ${route.name}`}`;
  if (desk.kind === 'portal')
    return [{ check: 'help-desk', status: 'ok', place, text: 'a web form: texts for it are prepared', hint: null }];
  try {
    const account = await desk.check(signal, assignees);
    return [...accountChecks(account, place), ...fieldChecks(unfilled(account.required ?? [], fields), place)];
  } catch (error) {
    signal.throwIfAborted();
    const hint =
      error instanceof UserError && error.hint !== undefined ? error.hint : 'Check helpdesk.url and its token';
    return [{ check: 'help-desk', status: 'fail', place, text: reasonOf(error), hint }];
  }
}

/** A line for each field that is missing, with what to write. */
function fieldChecks(missing: readonly RequiredField[], place: string): Check[] {
  return missing.map((field) => ({
    check: 'help-desk',
    status: 'warn',
    place,
    text: `asks in every ticket for ${fieldText(field)}`,
    hint: `Nobody gives it, and tickets may be refused: add below helpdesk: ${lineToFill([field])}`,
  }));
}

function accountChecks({ account, maxFileBytes, problems }: Account, place: string): Check[] {
  const line = (status: 'ok' | 'warn', text: string): Check => ({
    check: 'help-desk',
    status,
    place,
    text,
    hint: null,
  });
  return [
    line('ok', `knows us as ${account}`),
    ...(maxFileBytes === undefined ? [] : [line('ok', `takes files of up to ${formatSize(maxFileBytes)}`)]),
    ...problems.map((problem) => line('warn', problem)),
  ];
}
