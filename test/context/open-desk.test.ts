import { expect, it } from 'vitest';
import type { CollectRequest } from '../../src/collect/collect-request.ts';
import { defaultReference, referenceOf } from '../../src/collect/incident-manifest.ts';
import { parseConfig } from '../../src/config/load.ts';
import { openNamed } from '../../src/context/open-desk.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import type { Run } from '../../src/state/runs.ts';
import { deskFor } from '../../src/tickets/choose-desk.ts';
import { temporaryFolder } from '../support/rig.ts';

const [noon, midnight] = [new Date('2026-11-20T12:00:00Z'), new Date('2026-11-20T00:00:00Z')];
const main = 'helpdesk: { provider: rest, url: "https://main.example.com", token: { env: TOKEN } }';
const routes = `
appliances: { ice01: { id: 1, address: 192.0.2.10 } }
hours: { business: { zone: UTC, on: [Mon-Sun 08:00-17:00] } }
routes:
  - { name: call, severity: [emergency], say: Call }
  - { name: day, when: business, helpdesk: { provider: rest, url: "https://day.example.com", token: { env: TOKEN } } }
  - { name: night, when: after-hours, helpdesk: { provider: rest, url: "https://night.example.com", token: { env: TOKEN } } }
`;

/** The settings of a configuration, as commands have them. */
async function opened(text: string) {
  const folder = await temporaryFolder();
  const config = parseConfig(text, `${folder}/icepack.yaml`, folder, providers);
  const around = { env: { HOME: folder, TOKEN: 'tok-canary' } } as unknown as Parameters<typeof openNamed>[0]['around'];
  return (route?: string) => openNamed({ config, around, providers, maskSecret: () => {} }, false, route);
}

const request = { appliances: [{ id: 1, address: '192.0.2.10' }], at: noon, newTicket: false } as CollectRequest;
const run = { id: '20261120-1200-ice01-k3f9' } as Run;

it('a reference is the same whatever hour it is, also where only routes have help desks', async () => {
  const open = await opened(routes);
  const first = await open();
  const byDay = await deskFor(first, { severity: 'high' }, [], noon);
  const byNight = await deskFor(first, { severity: 'high' }, [], midnight);
  const named = await open('night');

  expect([byDay, byNight].map(({ desk }) => desk?.origin)).toEqual([
    'https://day.example.com',
    'https://night.example.com',
  ]);
  const references = [first, byDay, byNight, named].map((settings) => referenceOf(request, run, settings));
  expect(new Set(references).size).toBe(1);
});

it('a reference is made of the origin of helpdesk: where there is one, by routes and without', async () => {
  const first = await (await opened(`${main}${routes}`))();
  const byNight = await deskFor(first, { severity: 'high' }, [], midnight);

  for (const settings of [first, byNight])
    expect(referenceOf(request, run, settings)).toBe(
      defaultReference('https://main.example.com', request.appliances, noon),
    );
});
