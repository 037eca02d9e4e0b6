import { defined } from '../../domain/defined.js';
import { type RequiredField, unfilled } from '../../domain/required-field.js';
import { printableLine } from '../../domain/text.js';
import type { Severity, TicketDraft } from '../../domain/ticket.js';
import { type CustomFields, fieldsOf } from '../custom-fields.js';
import { HelpDeskError } from '../help-desk.js';
import { didNotAssign, didNotTake, lackingFields } from '../lacking.js';
import { accountSchema, type FieldMeta, type ScreenField, screenPageSchema, typePageSchema } from './answers.js';
import type { JiraApi } from './api.js';
import { labelOf, preformatted, summaryOf } from './text.js';

/** What issues are made of, beside what is known of the ticket. */
export type IssueSettings = {
  project: string;
  /** Its name or id. */
  issueType: string;
  priority: { readonly [severity in Severity]?: string | undefined };
  labels: readonly string[];
  components: readonly string[];
  fields: CustomFields;
  /** Accounts: by their ids in Cloud, by their names in Data Center. */
  assignee?: string | undefined;
  requester?: string | undefined;
  isCloud: boolean;
};

/** The screen on which issues are created: a field that is not on it makes Jira refuse the whole. */
export type CreateScreen = { issueType: string; fields: readonly ScreenField[] };

/** @throws HelpDeskError `invalid` where the project has no such type */
export async function readScreen(
  api: JiraApi,
  { project, issueType }: IssueSettings,
  signal: AbortSignal,
): Promise<CreateScreen> {
  const path = `2/issue/createmeta/${encodeURIComponent(project)}/issuetypes`;
  const types = await api.pages(typePageSchema, path, signal);
  const wanted = issueType.toLowerCase();
  const id = types.find((type) => type.id === issueType || type.name.toLowerCase() === wanted)?.id;
  if (id === undefined) throw noSuchType(project, issueType, types);
  return { issueType: id, fields: await api.pages(screenPageSchema, `${path}/${encodeURIComponent(id)}`, signal) };
}

function noSuchType(project: string, issueType: string, types: readonly { name: string }[]): HelpDeskError {
  const names = types.map(({ name }) => `"${printableLine(name, 60)}"`).join(', ') || 'nothing';
  const message = `"${issueType}" cannot be created in ${project}, but ${names}: see helpdesk.issueType`;
  return new HelpDeskError('invalid', message);
}

/** The fields of a new issue, as far as they are on the screen. */
export function issueOf(draft: TicketDraft, settings: IssueSettings, screen: CreateScreen): Record<string, unknown> {
  const { project } = settings;
  const always = { project: { key: project }, issuetype: { id: screen.issueType }, summary: summaryOf(draft.subject) };
  const { usual, own, ours } = optionalFields(draft, settings);
  const shaped = (wanted: Record<string, string | readonly string[]>) => {
    const known = Object.entries(wanted).flatMap(([name, text]) => {
      const field = fieldCalled(name, screen.fields);
      return field !== undefined && takes(field, text) ? [[field.fieldId, shapeOf(field, text, settings)]] : [];
    });
    return Object.fromEntries(known);
  };
  // Ours last: no field of the configuration takes the reference away.
  return { ...always, ...shaped(usual), ...shaped(own), ...shaped(ours) };
}

/** By its id, or by the name that people see. */
export function fieldCalled(name: string, fields: readonly ScreenField[]): ScreenField | undefined {
  const byId = fields.find(({ fieldId }) => fieldId === name);
  return byId ?? fields.find((field) => field.name.toLowerCase() === name.toLowerCase());
}

/** By id, as text; Jira calls most things by their names. */
function optionalFields(draft: TicketDraft, settings: IssueSettings) {
  const { priority, labels, components, fields, requester } = settings;
  const assignee = draft.assignee ?? settings.assignee;
  return {
    usual: {
      priority: { ...usualPriority, ...priority }[draft.severity] ?? usualPriority[draft.severity],
      ...(components.length === 0 ? {} : { components }),
      ...defined({ assignee, reporter: requester }),
    },
    own: fieldsOf(fields, draft),
    ours: { description: preformatted(draft.body), labels: [labelOf(draft.reference), ...labels] },
  };
}

const usualPriority: Record<Severity, string> = { emergency: 'Highest', high: 'High', medium: 'Medium', low: 'Low' };

/** Whether a field takes such a value; where it says nothing of that, it takes any. */
export function takes({ allowedValues, schema }: FieldMeta, text: string | readonly string[]): boolean {
  const texts = [text].flat();
  if (schema?.type === 'number') return texts.every((each) => Number.isFinite(Number(each)));
  if (allowedValues === undefined || schema?.items === 'string') return true;
  return texts.every((each) => allowedValues.includes(each));
}

/** A text in the shape that a field wants. */
function shapeOf({ schema }: FieldMeta, text: string | readonly string[], { isCloud }: IssueSettings): unknown {
  if (schema?.type === 'array') return [text].flat().map((each) => single(schema.items, each, isCloud));
  return single(schema?.type, String(text), isCloud);
}

function single(type: string | undefined, text: string, isCloud: boolean): unknown {
  if (type === 'number') return Number(text);
  if (type === 'option') return { value: text };
  if (type === 'user') return isCloud ? { id: text } : { name: text };
  if (type !== undefined && byName.has(type)) return { name: text };
  return text;
}

/** Types whose values are called by their names. */
const byName = new Set(['priority', 'component', 'version', 'resolution', 'group', 'securitylevel']);

/** What the screen lacks, and what it asks for that nobody gives; each with what to do. */
export function screenProblems(settings: IssueSettings, { fields }: CreateScreen): string[] {
  const { priority, components, issueType, labels } = settings;
  const known = {
    get: (id: string) => fieldCalled(id, fields),
    has: (id: string) => fieldCalled(id, fields) !== undefined,
  };
  const screen = `the create screen of "${issueType}"`;
  const missing = (id: string, key: string) =>
    known.has(id) ? [] : [`${screen} has no field ${id}: it is left out; see helpdesk.${key}`];
  const refused = (id: string, key: string, texts: readonly string[]) => {
    const field = known.get(id);
    const lacking = field === undefined ? [] : texts.filter((text) => !takes(field, text));
    return lacking.map((text) => `${screen} has no "${text}" in ${id}: it is left out; see helpdesk.${key}`);
  };
  const priorities = Object.values(priority).filter((name) => name !== undefined);
  return [
    ...(known.has('labels')
      ? []
      : [`${screen} has no labels: the reference is written after the ticket is made; put Labels on it`]),
    ...(known.has('description') ? [] : [`${screen} has no description: tickets would say nothing; put it on it`]),
    ...(priorities.length === 0 ? [] : missing('priority', 'priority')),
    ...refused('priority', 'priority', priorities),
    ...(components.length === 0 ? [] : missing('components', 'components')),
    ...refused('components', 'components', components),
    ...Object.entries(settings.fields).flatMap(([id, text]) => [
      ...missing(id, 'fields'),
      ...refused(id, 'fields', text.includes('{') ? [] : [text]),
    ]),
    ...(settings.assignee === undefined ? [] : missing('assignee', 'assignee')),
    ...(settings.requester === undefined ? [] : missing('reporter', 'requester')),
    ...(labels.some((label) => label.startsWith(labelOf('')))
      ? [`a label of helpdesk.labels begins with "${labelOf('')}", as references do: call it something else`]
      : []),
  ];
}

const given = ['project', 'issuetype', 'summary', 'description', 'labels', 'priority', 'reporter'];

/** What the screen asks for and nobody gives, with what it may be. */
export function requiredOf({ fields }: CreateScreen, settings: IssueSettings): RequiredField[] {
  const { components, assignee } = settings;
  const ours = [...given, ...(components.length > 0 ? ['components'] : []), ...(assignee ? ['assignee'] : [])];
  const open = fields.filter(
    ({ required, hasDefaultValue, fieldId }) => required && !hasDefaultValue && !ours.includes(fieldId),
  );
  return unfilled(open.map(requiredField), Object.keys(settings.fields));
}

function requiredField({ fieldId, name, allowedValues = [] }: ScreenField): RequiredField {
  const choices = allowedValues.filter((value) => value !== '').map((value) => printableLine(value, 200));
  return { field: fieldId, label: name || fieldId, ...(choices.length === 0 ? {} : { choices }) };
}

/** The fields that a refusal names and that were not sent. @param named by the ids that Jira calls them by */
export function missingOf(named: readonly RequiredField[], sent: object, { fields }: CreateScreen): RequiredField[] {
  const unsent = named.filter(({ field }) => !(field in sent));
  return unsent.flatMap(({ field: id }) => fields.filter(({ fieldId }) => fieldId === id).map(requiredField));
}

/** What an issue was to have and has not. */
export function lackingOf(
  values: Readonly<Record<string, unknown>>,
  draft: TicketDraft,
  settings: IssueSettings,
  screen: CreateScreen,
): string[] {
  const { requester, components } = settings;
  const assignee = draft.assignee ?? settings.assignee;
  const isSet = (name: string) => {
    const value = values[fieldCalled(name, screen.fields)?.fieldId ?? name];
    return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== '';
  };
  const isAccount = (value: unknown, wanted: string) => accountSchema.safeParse(value).data?.includes(wanted) === true;
  return [
    ...(assignee && !isAccount(values['assignee'], assignee)
      ? [didNotAssign(draft, 'assignee', assignee, 'assignee')]
      : []),
    ...(requester && !isAccount(values['reporter'], requester) ? [didNotTake('reporter', requester, 'requester')] : []),
    ...lackingFields(
      [...(components.length > 0 ? ['components'] : []), ...Object.keys(fieldsOf(settings.fields, draft))],
      isSet,
    ),
  ];
}
