import type { MockFault, MockHelpDesk } from '../../src/mock/help-desk.ts';
import { batch, type Finished, type Rig, type RunOptions, startRig } from './rig.ts';

export const find = 'GET /tickets';
export const create = 'POST /tickets';
export const get = 'GET /tickets/{id}';
export const put = 'PUT /tickets/{id}/files/{name}';

export type Collected = {
  rig: Rig;
  desk: MockHelpDesk;
  reference: string;
  run: string;
  /** Submits the run, or does what an earlier one told to do next. */
  submit(more?: string[], options?: RunOptions): Promise<Finished>;
  resume(): Promise<Finished>;
  fails(route: string, fault: MockFault['fault'], status?: number, more?: Partial<MockFault>, times?: number): void;
  /** How many requests of a method there were. */
  count(method: string): number;
};

/** A run that was collected and has no ticket yet. */
export async function collected(options: Parameters<typeof startRig>[0] = {}): Promise<Collected> {
  const rig = await startRig(options);
  const only = options.techsupport === undefined ? 'vm' : 'techsupport';
  const { run, reference } = (
    await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--only', only, '--json'])
  ).json();
  const desk = rig.mock.helpdesk;
  if (desk === undefined) throw new Error('the rig has no help desk');
  const said = ['--batch', '--json', '--summary', 'VPN down', '--severity', 'high'];
  return {
    rig,
    desk,
    run,
    reference,
    submit: (more = [], run_ = {}) => rig.icepack(['submit', run, ...said, ...more], run_),
    resume: () => rig.icepack(['resume', run, '--batch', '--json']),
    fails(route, fault, status, more = {}, times = 1) {
      for (let time = 0; time < times; time++)
        desk.faults.push({ route, fault, ...(status === undefined ? {} : { status }), ...more });
    },
    count: (method) => desk.requests.filter((request) => request.startsWith(`${method} `)).length,
  };
}

/** How many files each ticket has. */
export function filesOf(desk: MockHelpDesk | undefined): number[] {
  return desk?.tickets.map(({ files }) => files.length) ?? [];
}

/** A ticket of another incident, as the help desk shows it. */
export async function foreignTicket({ rig, desk }: Pick<Collected, 'rig' | 'desk'>): Promise<unknown> {
  await rig.icepack(['collect', ...batch, '--at', '-5h', '--only', 'vm', '--json']);
  const [{ comments: _comments, body: _body, ...ticket } = { comments: 0, body: 0 }] = desk.tickets;
  return { ...ticket, files: [] };
}
