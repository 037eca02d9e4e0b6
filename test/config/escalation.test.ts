import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { channelNeeds, refuseUnreachable } from '../../src/config/escalation-faults.ts';
import { loadConfig, parseConfig } from '../../src/config/load.ts';
import { severities } from '../../src/domain/ticket.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';

const servers = 'appliances: { ice01: { id: 1, address: 192.0.2.10 } }\n';
const people =
  'people:\n  kim: { name: Kim Doe, email: kim@example.com, phone: +46 660 29 92 00 }\n  lee: { name: Lee Roe }\n';
const smallest = `${people}escalation:\n  routes: [{ policy: p }]\n  policies: { p: { steps: [{ at: 0m, to: [kim], by: [mail] }] } }\n`;

const mail = 'mail: { kind: smtp, url: "smtp://mail.example.com", from: icepack@example.com }';
const spool = (name: string) => `${name}: { kind: gammu, outbox: /spool/o, sent: /spool/s, error: /spool/e }`;
const push = 'push: { kind: ntfy, url: "https://ntfy.example.com", topic: oncall }';

/** @param channels behind the text, so that its lines stay what they are */
function parse(text: string, channels = mail) {
  return parseConfig(`${servers}${text}\nchannels: { ${channels} }\n`, '/icepack.yaml', undefined, providers);
}

/** The example with everything of the escalation that it has commented out. */
async function exampleBlock(): Promise<string> {
  const example = await readFile(join(projectRoot, 'templates/icepack.example.yaml'), 'utf8');
  const found = [/^# hours:[\s\S]*?(?=\n# routes)/m, /^# people:[\s\S]*?(?=\n# below a server)/m];
  return found.map((block) => (block.exec(example)?.[0] ?? '').replace(/^# /gm, '')).join('\n');
}

const channels = channelNeeds({ mail: { kind: 'smtp' }, sms: { kind: 'gammu' }, pd: { kind: 'pagerduty' } });

/** What is refused where the channels are known. */
function faults(text: string, known = channels): string[] {
  const issues: { path: PropertyKey[]; message: string }[] = [];
  const written = writtenOf(text);
  refuseUnreachable(written, { issues } as unknown as z.core.$RefinementCtx, known);
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

type Written = Parameters<typeof refuseUnreachable>[0];

function writtenOf(policies: string): Written {
  const escalation = parseYaml(policies) as Pick<NonNullable<Written['escalation']>, 'routes' | 'policies'>;
  const routes = escalation.routes.map((route) => ({ ...route, when: 'always' as const, severity: [...severities] }));
  return {
    people: parseYaml(people).people,
    escalation: { ...escalation, routes, copies: [], ackFor: 1 },
    hours: {},
    appliances: {},
  };
}

describe('who is told of incidents', () => {
  it('is nobody where the configuration names nobody', () => {
    expect(parse('')).not.toHaveProperty('escalation');
  });

  it('is read as the example shows it', async () => {
    const { escalation } = parse(await exampleBlock(), [mail, push, spool('sms'), spool('call')].join(', '));

    expect([...(escalation?.people.keys() ?? [])]).toEqual(['kim', 'lee', 'mo', 'desk']);
    expect(escalation?.people.get('kim')).toEqual({
      ...{ key: 'kim', name: 'Kim Doe', email: 'kim@example.com', phone: '+46660299200', atDesk: 'kdoe' },
    });
    expect(escalation?.roles.get('primary')).toEqual({
      ...{ turns: ['kim', 'lee'], everyMs: 7 * 86_400_000, zone: 'Europe/Stockholm' },
      from: { year: 2026, month: 11, day: 2, hour: 8, minute: 0, second: 0 },
    });
    expect(escalation?.policies.get('night')?.steps.map(({ atMs }) => atMs / 60_000)).toEqual([0, 5, 10, 20]);
    expect(escalation?.summary).toEqual({ withinMs: 86_400_000, to: ['management'] });
    expect(escalation?.hours?.zone).toBe('Europe/Stockholm');
  });

  it('needs no more than a policy and a route to it', () => {
    expect(parse(smallest).escalation).toMatchObject({ ackForMs: 4 * 3_600_000, copies: [] });
  });

  it('keeps the customer and the primary contact of a server', () => {
    const server =
      'appliances:\n  ice01:\n    id: 1\n    address: a\n    primaryContact: lee\n    customer: { email: it@example.org }\n';

    const [appliance] = parseConfig(server + people, '/icepack.yaml', undefined, providers).appliances;

    expect(appliance).toMatchObject({ primaryContact: 'lee', customer: { email: 'it@example.org' } });
  });

  it.each([
    ['roles: { primary: kam }', /:5: "roles.primary": "kam" is not in people; did you mean "kim"\?/],
    ['roles: { primary: [] }', /nobody has this role/],
    ['roles: { kim: lee }', /a person is called so, too/],
    [
      'roles: { primary: { rota: [kim], from: "2026-11-02", every: 7d, zone: UTC } }',
      /"roles.primary": a person, a list/,
    ],
  ])('%s is refused at its line', (text, fault) => {
    expect(() => parse(`${people}${text}\n`)).toThrow(fault);
  });

  it.each([
    ['to: [kim]', 'to: [kam]', /:7: "escalation.policies.p.steps.0.to": "kam" is not in roles and people/],
    ['at: 0m, to: [kim]', 'at: 0m, to: []', /:7: .*steps.0.to/],
    ['policy: p', 'policy: night', /:6: "escalation.routes.0.policy": "night" is not in policies; there are: p/],
    ['policy: p', 'policy: p, when: business', /:6: .*hours.business, which is missing/],
    ['policy: p', 'policy: p, severity: [low]', /no route for emergencies at any time/],
    ['by: [mail] }', 'by: [mail] }, { at: 0m, to: [lee], by: [mail] }', /each step later than the one before/],
    ['phone: +46', 'phone: 0046x', /:3: "people.kim.phone": a telephone number with its country code/],
    ['email: kim@', 'email: kim', /:3: "people.kim.email": Write the e-mail/],
  ])('"%s" as "%s" is refused at its line', (before, after, fault) => {
    expect(() => parse(smallest.replace(before, after))).toThrow(fault);
  });

  it('is refused where people are missing', () => {
    expect(() => parse(smallest.replace(people, ''))).toThrow(/:2: "escalation": whom to tell stands in people/);
  });

  it('is refused where a number cannot be one of its country', async () => {
    const path = join(await temporaryFolder(), 'icepack.yaml');
    const text = `${servers}${smallest.replace('660 29 92 00', '1234567890123')}\nchannels: { ${mail} }\n`;
    await writeFile(path, text);
    const searchPath = { given: path, cwd: '/', configHome: undefined, home: undefined, uid: undefined, example: '' };

    const reading = loadConfig(searchPath, providers);

    await expect(reading).rejects.toThrow(/:3: "people.kim.phone": That is no telephone number/);
  });

  it('is refused where a channel is not there, or somebody has no address for it', () => {
    const route =
      '  routes: [{ policy: p }]\n  policies: { p: { steps: [{ at: 0m, to: [kim, lee], by: [sms, mial] }] } }\n';

    expect(faults(route)).toEqual([
      'escalation.policies.p.steps.0.by: "mial" is not in channels; did you mean "mail"?',
      'escalation.policies.p.steps.0: lee has no phone, which sms needs',
    ]);
  });

  it('is refused where an emergency never reaches a phone, though there are channels that do', () => {
    const route = '  routes: [{ policy: p }]\n  policies: { p: { steps: [{ at: 0m, to: [kim], by: [mail, pd] }] } }\n';
    const withoutPhones = new Map([...channels].filter(([, needs]) => needs !== 'phone'));

    expect(faults(route)).toEqual(['escalation.routes.0.policy: it is for emergencies, and never reaches a phone']);
    expect(faults(route, withoutPhones)).toEqual([]);
  });
});
