import { printableLine } from '../../domain/text.js';
import type { TicketDraft } from '../../domain/ticket.js';
import { HelpDeskError } from '../help-desk.js';
import { assigneeKey, didNotAssign, didNotTake } from '../lacking.js';
import { type Issue, isNamed, type Named } from './answers.js';
import type { RedmineApi } from './api.js';

/** Who is to work on new issues, and where they are filed; each by its name or number. */
export type Placing = {
  /** A member of the project, or a group. */
  assignee?: string | undefined;
  category?: string | undefined;
  targetVersion?: string | undefined;
};

/** With who is to work on this one. */
export function withAssignee(placing: Placing, { assignee = placing.assignee }: TicketDraft): Placing {
  return { ...placing, assignee };
}

type PlacingIds = { assigned_to_id?: number; category_id?: number; fixed_version_id?: number };

/** The numbers of them; what is not there is left out, as Redmine would refuse the whole. */
export async function placingIds(api: RedmineApi, placing: Placing, signal: AbortSignal): Promise<PlacingIds> {
  const ids: PlacingIds = {};
  for (const { wanted, known, idKey } of placesOf(api, placing)) {
    const found = wanted === undefined ? undefined : (await unlessHidden(known(signal)))?.find(isNamed(wanted));
    if (found !== undefined) ids[idKey] = found.id;
  }
  return ids;
}

/** What is named in the configuration and not there. */
export async function placingProblems(
  api: RedmineApi,
  placing: Placing,
  assignees: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const problems: string[] = [];
  const named = assignees.map((wanted) => ({ wanted, known: api.members, what: 'member', key: assigneeKey }));
  for (const { wanted, known, what, key } of [...placesOf(api, placing), ...named]) {
    const all = wanted === undefined ? undefined : await unlessHidden(known(signal));
    if (wanted === undefined || all === undefined || all.some(isNamed(wanted))) continue;
    const names = all.map(({ name }) => name).join(', ') || 'none';
    problems.push(`the project has no ${what} ${wanted}, but ${names}: correct ${key}`);
  }
  return problems;
}

/** What an issue was to have and has not. */
export function notPlaced(issue: Issue, placing: Placing, draft: TicketDraft): string[] {
  const { assignee, category, targetVersion } = withAssignee(placing, draft);
  const places: [string, string, string | undefined, Named | undefined][] = [
    ['category', 'category', category, issue.category],
    ['target version', 'targetVersion', targetVersion, issue.fixed_version],
  ];
  const lacks = (wanted: string | undefined, has: Named | undefined): wanted is string =>
    wanted !== undefined && !(has !== undefined && isNamed(wanted)(has));
  return [
    ...(lacks(assignee, issue.assigned_to) ? [didNotAssign(draft, 'assignee', assignee, 'assignee')] : []),
    ...places.flatMap(([what, key, wanted, has]) => (lacks(wanted, has) ? [didNotTake(what, wanted, key)] : [])),
  ];
}

function placesOf(api: RedmineApi, { assignee, category, targetVersion }: Placing) {
  const categories = async (signal: AbortSignal) => (await api.aboutProject(signal)).issue_categories;
  return [
    { wanted: assignee, known: api.members, idKey: 'assigned_to_id', what: 'member', key: 'helpdesk.assignee' },
    { wanted: category, known: categories, idKey: 'category_id', what: 'category', key: 'helpdesk.category' },
    {
      wanted: targetVersion,
      known: api.versions,
      idKey: 'fixed_version_id',
      what: 'version',
      key: 'helpdesk.targetVersion',
    },
  ] as const;
}

async function unlessHidden<T>(asking: Promise<T>): Promise<T | undefined> {
  return asking.catch((error: unknown) => {
    if (error instanceof HelpDeskError && ['forbidden', 'not-found'].includes(error.kind)) return undefined;
    throw error;
  });
}

/** The custom fields that a refusal begins its sentences with, in whatever language they are. */
export function fieldsNamedIn(sentences: readonly string[], known: readonly Named[], sent: ReadonlySet<number>) {
  const named = known.filter(
    ({ id, name }) => !sent.has(id) && sentences.some((sentence) => sentence.startsWith(`${name} `)),
  );
  const names = [...new Set(named.map(({ name }) => printableLine(name, 200)))];
  return names.map((name) => ({ field: name, label: name }));
}
