import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it, onTestFinished } from 'vitest';
import { RedmineDesk } from '../../src/helpdesk/redmine/desk.ts';
import { RequestTrackerDesk } from '../../src/helpdesk/request-tracker/desk.ts';
import { RestDesk } from '../../src/helpdesk/rest/desk.ts';
import { startMockHelpDesk } from '../../src/mock/help-desk.ts';
import { sharedRedmine } from '../support/desks/redmine-rig.ts';
import { closeDeskFolder, openDeskFolder, sharedDesk } from '../support/desks/shared-desk.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';
import { measure, median, reportFigure, reportRatio } from './measure.ts';

const rounds = 5;
const bytes = 20_000_000;
const never = new AbortController().signal;
const program = join(projectRoot, 'test', 'bench', 'attach.mjs');

type Bench = {
  settings: Record<string, unknown>;
  newTicket(): Promise<string>;
  /** What sends the same file to the same ticket, and no more than that. */
  curl(id: string, path: string, name: string): string[];
};

const draft = () => ({
  reference: `b-${randomBytes(6).toString('hex')}`,
  subject: 'x',
  body: 'y',
  severity: 'low' as const,
});

async function rest(): Promise<Bench> {
  const token = 'tok-bench-0123456789';
  const mock = await startMockHelpDesk({ port: 0, token, folder: await temporaryFolder(), maxFileBytes: undefined });
  onTestFinished(() => mock.close());
  const settings = { url: mock.url, token };
  return {
    settings,
    newTicket: async () => (await new RestDesk({ ...settings, env: {} }).create(draft(), never)).id,
    curl: (id, path, name) => [
      ...['-sSf', '-T', path, '-H', `Authorization: Bearer ${token}`, '-H', 'Content-Type: application/zip'],
      `${mock.url}/tickets/${id}/files/${name}`,
    ],
  };
}

async function requestTracker(): Promise<Bench> {
  const { url, token } = await sharedDesk('request-tracker');
  const settings = { url, token, queue: 'Support' };
  return {
    settings,
    newTicket: async () => (await new RequestTrackerDesk({ ...settings, env: {} }).create(draft(), never)).id,
    curl: (id, path, name) => [
      ...['-sSf', '-A', 'bench', '-H', `Authorization: token ${token}`],
      ...['-F', 'JSON={"Content":"x","ContentType":"text/plain"}'],
      ...['-F', `Attachments=@${path};filename=${name};type=application/zip`, `${url}/REST/2.0/ticket/${id}/comment`],
    ],
  };
}

async function redmine(): Promise<Bench> {
  const { shared, ids } = await sharedRedmine();
  const settings = {
    url: shared.url,
    token: shared.token,
    project: 'support',
    tracker: 'Support ticket',
    referenceField: String(ids.cf_id),
    priorities: { low: 'Low', medium: 'Normal', high: 'High', emergency: 'Urgent' },
  };
  return {
    settings,
    newTicket: async () => (await new RedmineDesk({ ...settings, env: {} }).create(draft(), never)).id,
    curl: (_id, path, name) => [
      ...['-sSf', '-H', `X-Redmine-API-Key: ${shared.token}`, '-H', 'Content-Type: application/octet-stream'],
      ...['--data-binary', `@${path}`, `${shared.url}/uploads.json?filename=${name}`],
    ],
  };
}

describe('a bundle of 20 MB, attached, commented and read back, against curl that sends it and looks at nothing', () => {
  beforeAll(openDeskFolder);
  afterAll(closeDeskFolder);

  it.each([
    ['rest', rest, 8],
    ['request-tracker', requestTracker, 4.5], // it takes 0.2 s to check the token of a request, and six are made
    ['redmine', redmine, 6],
  ] as const)('%s', async (desk, start, goal) => {
    const { settings, newTicket, curl } = await start();
    const path = join(await temporaryFolder(), 'bundle.zip');
    await writeFile(path, randomBytes(bytes));
    const ours: { seconds: number; peakMb: number }[] = [];
    const theirs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const id = await newTicket();
      const given = { desk, settings, id, path, name: `ours-${round}.zip` };
      ours.push(await measure(process.execPath, [program, JSON.stringify(given)]));
      theirs.push((await measure('curl', curl(id, path, `theirs-${round}.zip`))).seconds);
    }
    reportRatio(`${desk}, 20 MB`, median(ours.map(({ seconds }) => seconds)), median(theirs), goal);
    reportFigure(`${desk}, memory while attaching`, median(ours.map(({ peakMb }) => peakMb)), 150, 'MB');
  });
});
