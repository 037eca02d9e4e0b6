import { defined } from '../../domain/defined.js';
import { ticketStates } from '../../domain/ticket.js';
import { type Account, HelpDeskError } from '../help-desk.js';
import { agreed, clockProblem } from '../http/answer.js';
import type { HttpAnswer } from '../http/call.js';
import { isNamed, type NativeStates } from '../native-states.js';
import {
  attachmentMetaSchema,
  keySchema,
  meSchema,
  permissionsSchema,
  projectSchema,
  statusesSchema,
} from './answers.js';
import type { JiraApi } from './api.js';
import { type IssueSettings, readScreen, requiredOf, screenProblems } from './screen.js';
import { labelOf, quoted } from './text.js';

type Checked = IssueSettings & { states: NativeStates };

/** Proves who we are, and asks for everything that a ticket will need. */
export async function checkJira(api: JiraApi, settings: Checked, signal: AbortSignal): Promise<Account> {
  const { me, moved } = await identity(api, signal);
  const { displayName, emailAddress } = agreed(meSchema, api.read('2/myself'), me);
  const account = emailAddress === undefined ? displayName : `${displayName} (${emailAddress})`;
  const project = await projectProblems(api, settings.project, signal);
  await proveSearch(api, settings.project, signal);
  const [files, screen, states, rights] = await Promise.all([
    attachments(api, signal),
    readScreen(api, settings, signal).then(
      (read) => ({ problems: screenProblems(settings, read), required: requiredOf(read, settings) }),
      (error: unknown) => ({ problems: [unusable(error)], required: undefined }),
    ),
    stateProblems(api, settings, signal),
    rightsProblems(api, settings.project, signal),
  ]);
  const problems = [
    ...moved,
    ...project,
    ...screen.problems,
    ...states,
    ...rights,
    ...files.problems,
    ...clockProblem(me),
  ];
  return { account, ...defined({ maxFileBytes: files.maxFileBytes, required: screen.required }), problems };
}

/** A token with scopes is refused at the site, and nothing in it tells that it is one: the gateway is tried. */
async function identity(api: JiraApi, signal: AbortSignal): Promise<{ me: HttpAnswer; moved: string[] }> {
  try {
    return { me: await api.send(api.read('2/myself'), signal), moved: [] };
  } catch (error) {
    if (!(error instanceof HelpDeskError && error.status === 401)) throw error;
    const answers: HttpAnswer[] = [];
    const again = async () => void answers.push(await api.send(api.read('2/myself'), signal));
    const cloudId = await api.movedToGateway(again, signal);
    const [me] = answers;
    if (cloudId === undefined || me === undefined) throw error;
    return { me, moved: [`this token works at Atlassian's gateway only: write helpdesk.cloudId: ${cloudId}`] };
  }
}

async function projectProblems(api: JiraApi, project: string, signal: AbortSignal): Promise<string[]> {
  const { archived, key } = await api.ask(projectSchema, api.read(`2/project/${encodeURIComponent(project)}`), signal);
  return [
    ...(archived ? [`the project ${key} is archived: nothing can be registered in it`] : []),
    ...(key === project ? [] : [`the project ${project} is called ${key} now: write that as helpdesk.project`]),
  ];
}

/** A reference is found again by its label: the question is asked once, of a label that nobody has. */
async function proveSearch(api: JiraApi, project: string, signal: AbortSignal): Promise<void> {
  const jql = `project = ${quoted(project)} AND labels = ${quoted(labelOf('icepack-doctor'))}`;
  await api.search(keySchema, { jql, fields: ['labels'], limit: 1 }, signal);
}

/** What will refuse a ticket is said as a problem: that the account is known is worth telling, too. */
function unusable(error: unknown): string {
  if (error instanceof HelpDeskError && error.kind === 'invalid' && error.status === undefined) return error.message;
  throw error;
}

async function attachments(
  api: JiraApi,
  signal: AbortSignal,
): Promise<{ maxFileBytes: number | undefined; problems: string[] }> {
  const { enabled, uploadLimit } = await api.ask(attachmentMetaSchema, api.read('2/attachment/meta'), signal);
  const off = 'attachments are switched off in this Jira: bundles cannot be attached; its administrator can';
  const maxFileBytes = uploadLimit !== undefined && uploadLimit > 0 ? Math.floor(uploadLimit) : undefined;
  return { maxFileBytes, problems: enabled ? [] : [off] };
}

async function stateProblems(
  api: JiraApi,
  { project, issueType, states }: Checked,
  signal: AbortSignal,
): Promise<string[]> {
  const call = api.read(`2/project/${encodeURIComponent(project)}/statuses`);
  const types = await api.ask(statusesSchema, call, signal);
  const isOurs = (type: { id: string; name: string }) =>
    type.id === issueType || type.name.toLowerCase() === issueType.toLowerCase();
  const found = types.find(isOurs)?.statuses;
  if (found === undefined) return []; // that the type is not there is said already
  const missing = ticketStates.filter((state) => !found.some(({ name }) => isNamed(name, state, states)));
  const names = found.map(({ name }) => `"${name}"`).join(', ');
  return missing.map((state) => `no status is "${state}": name one of ${names} in helpdesk.states`);
}

const needed = [
  'BROWSE_PROJECTS',
  'CREATE_ISSUES',
  'EDIT_ISSUES',
  'ADD_COMMENTS',
  'CREATE_ATTACHMENTS',
  'TRANSITION_ISSUES',
];

async function rightsProblems(api: JiraApi, project: string, signal: AbortSignal): Promise<string[]> {
  const call = api.read('2/mypermissions', { projectKey: project, permissions: needed.join(',') });
  const { permissions } = await api.ask(permissionsSchema, call, signal);
  return needed
    .filter((right) => permissions[right]?.havePermission === false)
    .map((right) => `the account has no right to "${permissions[right]?.name ?? right}" in ${project}`);
}
