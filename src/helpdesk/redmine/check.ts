import { defined } from '../../domain/defined.js';
import type { RequiredField } from '../../domain/required-field.js';
import { printableLine } from '../../domain/text.js';
import type { Severity } from '../../domain/ticket.js';
import { ticketStates } from '../../domain/ticket.js';
import type { CustomFields } from '../custom-fields.js';
import { type Account, HelpDeskError } from '../help-desk.js';
import type { NativeStates } from '../native-states.js';
import { fieldValue, isNamed, type Named, type RedmineUser } from './answers.js';
import type { RedmineApi } from './api.js';
import { unknownField } from './fields.js';
import { type Placing, placingProblems } from './placing.js';

export type CheckedConfig = Placing & {
  tracker?: string;
  referenceField: string;
  states: NativeStates;
  priorities: Record<Severity, string>;
  fields?: CustomFields;
  timeActivity?: string;
};

/** What the account must be allowed to do, in Redmine's words. */
const neededRights = {
  view_issues: 'View issues',
  add_issues: 'Add issues',
  edit_issues: 'Edit issues',
  add_issue_notes: 'Add notes',
};

/** Who we are, and what will go wrong; the largest file is shown to administrators only. */
export async function checkRedmine(
  api: RedmineApi,
  config: CheckedConfig,
  assignees: readonly string[],
  signal: AbortSignal,
): Promise<Account> {
  const { user, clock } = await api.user(signal);
  const account = user.login ?? `${user.firstname} ${user.lastname}`;
  const project = await api.aboutProject(signal).catch(noProject);
  if (project === undefined) {
    const problem = `${account} sees no project ${api.project}: correct helpdesk.project, or have the account made a member`;
    return { account, problems: [problem, ...clock] };
  }
  const problems = [
    ...missing('the project has no tracker', config.tracker, project.trackers, 'helpdesk.tracker'),
    ...missing(
      'the project has no activity',
      config.timeActivity,
      project.time_entry_activities,
      'helpdesk.timeActivity',
    ),
    ...(await referenceProblems(api, config.referenceField, signal)),
    ...(await fieldProblems(api, config.fields ?? {}, signal)),
    ...(await stateProblems(api, config.states, signal)),
    ...(await priorityProblems(api, config.priorities, signal)),
    ...(await placingProblems(api, config, assignees, signal)),
    ...(await rightProblems(api, user, project.id, signal)),
  ];
  const required = user.admin ? await requiredFields(api, config, signal) : undefined;
  return { account, problems: [...problems, ...clock], ...defined({ required }) };
}

/** Of the fields that issues of the project have. */
async function requiredFields(
  api: RedmineApi,
  { fields = {}, referenceField }: CheckedConfig,
  signal: AbortSignal,
): Promise<RequiredField[]> {
  const here = await api.fields(signal);
  const given = [...Object.keys(fields), referenceField];
  const open = (await api.requiredFields(signal)).filter((field) => !given.some((name) => isNamed(name)(field)));
  return open
    .filter(({ id }) => here.some((field) => field.id === id))
    .map(({ name, possible_values: values }) => ({
      ...{ field: name, label: name },
      ...(values.length === 0 ? {} : { choices: values.map(({ value }) => printableLine(value, 200)) }),
    }));
}

function noProject(error: unknown): undefined {
  const isHidden = error instanceof HelpDeskError && ['not-found', 'forbidden'].includes(error.kind);
  if (!isHidden) throw error;
}

function missing(what: string, given: string | undefined, known: readonly Named[], key: string): string[] {
  if (given === undefined || known.some(isNamed(given))) return [];
  return [`${what} ${given}, but ${known.map(({ name }) => name).join(', ') || 'none'}: correct ${key}`];
}

/** An unknown filter is ignored: then issues without the reference come. */
async function referenceProblems(api: RedmineApi, given: string, signal: AbortSignal): Promise<string[]> {
  const known = await api.fields(signal);
  const found = known.find(isNamed(given));
  if (found === undefined && !/^\d+$/.test(given)) return [unknownField(api, given)];
  const field = String(found?.id ?? given);
  const nowhere = 'icepack-check';
  const { issues } = await api.issues({ [`cf_${field}`]: nowhere, limit: '1' }, signal);
  if (issues.every((issue) => fieldValue(issue, field) === nowhere)) return [];
  if (found === undefined) return [unknownField(api, given)];
  return [`tickets cannot be searched by ${found.name}: have the administrator mark the field "used as a filter"`];
}

async function fieldProblems(api: RedmineApi, given: CustomFields, signal: AbortSignal): Promise<string[]> {
  const names = Object.keys(given);
  if (names.length === 0) return [];
  const known = await api.fields(signal);
  return names.flatMap((name) => missing('the project shows no custom field', name, known, 'helpdesk.fields'));
}

async function stateProblems(api: RedmineApi, states: NativeStates, signal: AbortSignal): Promise<string[]> {
  const known = await api.statuses(signal);
  const lacking = ticketStates.filter((state) => !states[state].some((name) => known.some(isNamed(name))));
  const names = known.map(({ name }) => name).join(', ');
  return lacking.map(
    (state) => `no status is called ${states[state].join(' or ')}, but ${names}: name one in helpdesk.states.${state}`,
  );
}

async function priorityProblems(
  api: RedmineApi,
  priorities: CheckedConfig['priorities'],
  signal: AbortSignal,
): Promise<string[]> {
  const known = await api.priorities(signal);
  return Object.entries(priorities).flatMap(([severity, name]) =>
    missing('there is no priority', name, known, `helpdesk.priorities.${severity}; such tickets get the usual one`),
  );
}

/** Of members of the project; what others may do is not shown. */
async function rightProblems(
  api: RedmineApi,
  { admin, memberships }: RedmineUser,
  project: number,
  signal: AbortSignal,
): Promise<string[]> {
  const roles = memberships.filter((each) => each.project.id === project).flatMap((each) => each.roles);
  if (admin || roles.length === 0) return [];
  const rights = new Set((await Promise.all(roles.map(({ id }) => api.permissions(id, signal)))).flat());
  const lacking = Object.entries(neededRights).filter(([right]) => !rights.has(right));
  if (lacking.length === 0) return [];
  const names = lacking.map(([, name]) => `"${name}"`).join(', ');
  return [`the role ${roles.map(({ name }) => name).join(', ')} lacks ${names}: have the administrator add it`];
}
