import type { FakeIssue, FakeProject } from './jira-project.ts';

/** What search knows of an issue: a copy, made when the index was last written. */
export type Indexed = Pick<FakeIssue, 'key' | 'status' | 'updated'> & { labels: string[]; number: number };
type Condition = (issue: Indexed) => boolean;

/** The issues of a query, in its order; an unknown name in it is an error, as there. */
export function searched(jql: string, projects: readonly FakeProject[], index: readonly Indexed[]): Indexed[] | string {
  const [, where = '', order = 'created ASC'] = /^(.*?)(?: ?ORDER BY (.*))?$/.exec(jql) ?? [];
  if (where === '') return 'Unbounded JQL queries are not allowed here. Please add a search restriction to your query.';
  const conditions = where.split(' AND ').map((text) => conditionOf(text, projects));
  const wrong = conditions.find((each): each is string => typeof each === 'string');
  if (wrong !== undefined) return wrong;
  const found = index.filter((issue) => conditions.every((fits) => typeof fits === 'function' && fits(issue)));
  if (order === 'key DESC') return found.sort((a, b) => b.number - a.number);
  if (order === 'updated DESC') return found.sort((a, b) => b.updated.getTime() - a.updated.getTime());
  return found.sort((a, b) => a.number - b.number);
}

function conditionOf(text: string, projects: readonly FakeProject[]): Condition | string {
  const [, project] = /^project = "(\w+)"$/.exec(text) ?? [];
  if (project !== undefined) {
    const isThere = projects.some(({ key }) => key === project);
    if (!isThere) return `The value '${project}' does not exist for the field 'project'.`;
    return ({ key }) => key.startsWith(`${project}-`);
  }
  const [, label] = /^labels = "([^"]+)"$/.exec(text) ?? [];
  // More than equal ones, so that hits are compared: case, and what begins alike.
  if (label !== undefined)
    return ({ labels }) => labels.some((each) => each.toLowerCase().startsWith(label.toLowerCase()));
  const [, names] = /^status in \((.*)\)$/.exec(text) ?? [];
  if (names !== undefined)
    return ofStatus(
      [...names.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name),
      projects,
    );
  const [, minutes] = /^updated >= "-(\d+)m"$/.exec(text) ?? [];
  if (minutes !== undefined) return ({ updated }) => updated.getTime() >= Date.now() - Number(minutes) * 60_000;
  if (text === 'creator = currentUser()') return () => true;
  return `Error in the JQL Query: ${text}`;
}

function ofStatus(names: readonly string[], projects: readonly FakeProject[]): Condition | string {
  const known = projects.flatMap(({ statuses }) => statuses.map(({ name }) => name));
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) return `The value '${unknown}' does not exist for the field 'status'.`;
  return ({ status }) => names.includes(status);
}
