import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { deskFactsOf, openNamed } from '../../src/context/open-desk.ts';
import type { RequiredField } from '../../src/domain/required-field.ts';
import { type ApiHelpDesk, HelpDeskError } from '../../src/helpdesk/help-desk.ts';
import type { Provider } from '../../src/helpdesk/provider.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { knownMissing } from '../../src/tickets/missing-fields.ts';
import { draftOf, failureOf } from '../helpdesk/contract.ts';
import { temporaryFolder } from '../support/rig.ts';

const never = new AbortController().signal;
const site = { field: 'cf_60', label: 'Site' };
const contract = { field: 'cf_61', label: 'Contract' };

const text = `appliances:
  ice01: { id: 1, address: 192.0.2.10 }
helpdesk:
  provider: request-tracker
  url: https://rt.example.com
  token: { env: RT_TOKEN }
  queue: Day
routes:
  - { name: day, when: always, helpdesk: { queue: Day } }
  - { name: night, when: always, helpdesk: { queue: Night } }
`;

/** What a queue says that it asks for, and what it refuses tickets for the lack of. */
type Queue = { says: RequiredField[]; refuses: RequiredField[] };

function deskOf(queue: Queue): ApiHelpDesk {
  const desk: Pick<ApiHelpDesk, 'kind' | 'origin' | 'check' | 'create' | 'notTaken'> = {
    kind: 'api',
    origin: 'https://rt.example.com',
    check: async () => ({ account: 'bot', problems: [], required: queue.says }),
    async create() {
      if (queue.refuses.length > 0) throw new HelpDeskError('invalid', 'refused', { required: queue.refuses });
      return { id: '1', key: '1', url: '' };
    },
    notTaken: async () => [],
  };
  return desk as ApiHelpDesk;
}

/** Two routes to two queues of one help desk. */
async function open() {
  const state = await temporaryFolder();
  const { argv, execPath, stdin, stdout, stderr } = process;
  const env = { HOME: state, XDG_STATE_HOME: state };
  const around = { env, argv, cwd: '/', stdin, stdout, stderr, execPath, nodeVersion: '20.0.0' };
  const queues = { Day: { says: [], refuses: [] } as Queue, Night: { says: [], refuses: [] } as Queue };
  const config = parseConfig(text, '/etc/icepack.yaml', undefined, providers);
  const fakes = providers.map((provider): Provider => {
    const open: Provider['open'] = async ({ queue }) => deskOf(queues[queue as keyof typeof queues]);
    return { ...provider, open };
  });
  const [first = providers[0], ...others] = fakes;
  const at = async (route: string) => {
    const opening = { config, around, maskSecret: () => undefined, providers: [first, ...others] as const };
    const settings = await openNamed(opening, true, route);
    const known = async () => (await knownMissing(settings, {}, deskFactsOf(env))).map(({ label }) => label);
    return { desk: settings.desk as ApiHelpDesk, known };
  };
  return { queues, day: await at('day'), night: await at('night') };
}

async function register({ desk }: { desk: ApiHelpDesk }): Promise<void> {
  const { id } = await desk.create(draftOf('REF-1'), never);
  await desk.notTaken?.(id, draftOf('REF-1'), never);
}

describe('a field that a help desk asks for', () => {
  it('stays known where it says so, also when it takes a ticket without', async () => {
    const { queues, day } = await open();
    queues.Day.says = [site];
    await day.desk.check(never);

    await register(day);

    expect(await day.known()).toEqual(['Site']);
  });

  it('is forgotten where only a refusal taught it, when it takes a ticket without', async () => {
    const { queues, day } = await open();
    queues.Day.says = [site];
    queues.Day.refuses = [contract];
    await day.desk.check(never);
    await failureOf(register(day));
    const taught = await day.known();
    queues.Day.refuses = [];

    await register(day);

    expect(taught).toEqual(['Site', 'Contract']);
    expect(await day.known()).toEqual(['Site']);
  });

  it('is known of the queue that asks for it, whatever another one there says or refuses', async () => {
    const { queues, day, night } = await open();
    queues.Day.says = [site];
    queues.Night.refuses = [contract];

    await day.desk.check(never);
    await failureOf(register(night));
    await night.desk.check(never);
    await day.desk.check(never);

    expect(await day.known()).toEqual(['Site']);
    expect(await night.known()).toEqual(['Contract']);
  });
});
