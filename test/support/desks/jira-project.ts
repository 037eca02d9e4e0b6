import { createHash } from 'node:crypto';

/** An issue as the fake has it. */
export type FakeIssue = {
  id: string;
  key: string;
  fields: Record<string, unknown>;
  labels: string[];
  status: string;
  resolution?: string;
  created: Date;
  updated: Date;
  attachments: { id: string; filename: string; content: Buffer }[];
  comments: { id: string; body: string; internal: boolean; created: Date }[];
  worklogs: { id: string; comment: string; timeSpentSeconds: number }[];
};

export type FakeStatus = { id: string; name: string; category: 'new' | 'indeterminate' | 'done' };
export type FakeTransition = { id: string; from: string; to: string; asks?: string[] };
export type FakeField = {
  fieldId: string;
  name: string;
  type: string;
  items?: string;
  required?: boolean;
  values?: { name?: string; value?: string }[];
};

/** A project with its workflow and its create screen; both may be changed by a test. */
export type FakeProject = {
  key: string;
  statuses: FakeStatus[];
  transitions: FakeTransition[];
  screen: FakeField[];
  resolutions: string[];
};

const priorities = ['Highest', 'High', 'Medium', 'Low', 'Lowest'].map((name) => ({ name }));

/** A service project: each status leads to each other one. @param firstId of its transitions: they differ by project */
export function serviceProject(key: string, firstId: number): FakeProject {
  const statuses: FakeStatus[] = [
    { id: '1', name: 'Waiting for support', category: 'new' },
    { id: '2', name: 'Waiting for customer', category: 'indeterminate' },
    { id: '3', name: 'Resolved', category: 'done' },
    { id: '4', name: 'Closed', category: 'done' },
  ];
  const pairs = statuses.flatMap((from) => statuses.filter((to) => to !== from).map((to) => ({ from, to })));
  return {
    key,
    statuses,
    transitions: pairs.map(({ from, to }, n) => ({ id: String(firstId + n), from: from.name, to: to.name })),
    screen: [
      { fieldId: 'project', name: 'Project', type: 'project', required: true },
      { fieldId: 'issuetype', name: 'Issue Type', type: 'issuetype', required: true },
      { fieldId: 'summary', name: 'Summary', type: 'string', required: true },
      { fieldId: 'description', name: 'Description', type: 'string' },
      { fieldId: 'labels', name: 'Labels', type: 'array', items: 'string' },
      { fieldId: 'priority', name: 'Priority', type: 'priority', values: priorities },
      { fieldId: 'components', name: 'Components', type: 'array', items: 'component', values: [{ name: 'VPN' }] },
      { fieldId: 'customfield_10050', name: 'License', type: 'string' },
      { fieldId: 'customfield_10051', name: 'Product', type: 'option', values: [{ value: 'InCenter' }] },
    ],
    resolutions: ['Done', "Won't Do"],
  };
}

/** Jira's way to write a time. */
export function jiraTime(time: Date): string {
  return time.toISOString().replace('Z', '+0000');
}

export function statusBean({ statuses }: FakeProject, name: string) {
  const status = statuses.find((each) => each.name === name);
  if (status === undefined) throw new Error(`the project has no status ${name}`);
  return { id: status.id, name, statusCategory: { id: 2, key: status.category, name: status.category } };
}

export function attachmentBean(url: string, { id, filename, content }: FakeIssue['attachments'][number]) {
  return {
    ...{ self: `${url}/rest/api/2/attachment/${id}`, id, filename, size: content.length },
    mimeType: 'application/zip',
    content: `${url}/rest/api/2/attachment/content/${id}`,
  };
}

export function fieldBean({ fieldId, name, type, items, required = false, values }: FakeField) {
  return {
    ...{ fieldId, key: fieldId, name, required, hasDefaultValue: false, operations: ['set'] },
    schema: items === undefined ? { type } : { type, items },
    ...(values === undefined ? {} : { allowedValues: values }),
  };
}

export function digest(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
