import { printableLine } from '../../domain/text.js';
import type { Severity, TicketDraft } from '../../domain/ticket.js';
import { type CustomFields, fieldsOf } from '../custom-fields.js';
import { HelpDeskError } from '../help-desk.js';
import { type FieldMeta, type ScreenField, screenPageSchema, typePageSchema } from './answers.js';
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
  const wanted = Object.entries(optionalFields(draft, settings));
  const shaped = wanted.flatMap(([id, text]) => {
    const field = screen.fields.find(({ fieldId }) => fieldId === id);
    return field !== undefined && takes(field, text) ? [[id, shapeOf(field, text)]] : [];
  });
  return { ...always, ...Object.fromEntries(shaped) };
}

/** By id, as text; Jira calls most things by their names. */
function optionalFields(draft: TicketDraft, settings: IssueSettings): Record<string, string | readonly string[]> {
  const { priority, labels, components, fields } = settings;
  return {
    description: preformatted(draft.body),
    labels: [labelOf(draft.reference), ...labels],
    priority: { ...usualPriority, ...priority }[draft.severity] ?? usualPriority[draft.severity],
    ...(components.length === 0 ? {} : { components }),
    ...fieldsOf(fields, draft),
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
function shapeOf({ schema }: FieldMeta, text: string | readonly string[]): unknown {
  if (schema?.type === 'array') return [text].flat().map((each) => single(schema.items, each));
  return single(schema?.type, String(text));
}

function single(type: string | undefined, text: string): unknown {
  if (type === 'number') return Number(text);
  if (type === 'option') return { value: text };
  if (type === 'user') return { id: text };
  if (type !== undefined && byName.has(type)) return { name: text };
  return text;
}

/** Types whose values are called by their names. */
const byName = new Set(['priority', 'component', 'version', 'resolution', 'group', 'securitylevel']);

/** What the screen lacks, and what it asks for that nobody gives; each with what to do. */
export function screenProblems(settings: IssueSettings, { fields }: CreateScreen): string[] {
  const { priority, components, issueType, labels } = settings;
  const known = new Map(fields.map((field) => [field.fieldId, field]));
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
    ...requiredOf(fields, settings).map(
      ({ name, fieldId }) => `${screen} asks for ${name || fieldId}: give it in helpdesk.fields, as ${fieldId}`,
    ),
    ...(labels.some((label) => label.startsWith(labelOf('')))
      ? [`a label of helpdesk.labels begins with "${labelOf('')}", as references do: call it something else`]
      : []),
  ];
}

const given = ['project', 'issuetype', 'summary', 'description', 'labels', 'priority', 'reporter'];

function requiredOf(fields: readonly ScreenField[], settings: IssueSettings): ScreenField[] {
  const ours = [...given, ...(settings.components.length > 0 ? ['components'] : []), ...Object.keys(settings.fields)];
  return fields.filter(
    ({ required, hasDefaultValue, fieldId }) => required && !hasDefaultValue && !ours.includes(fieldId),
  );
}
