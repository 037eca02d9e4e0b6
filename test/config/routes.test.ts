import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/load.ts';
import { UserError } from '../../src/errors.ts';
import { providers } from '../../src/helpdesk/providers.ts';
import { projectRoot } from '../support/rig.ts';

const servers = 'appliances:\n  ice01:\n    id: 1\n    address: 192.0.2.10\n';
const desk = `helpdesk:
  provider: request-tracker
  url: https://rt.example.com
  token: { env: RT_TOKEN }
  queue: Support
  settle: 30s
`;
const hours =
  'hours:\n  business: { zone: Europe/Stockholm, on: ["Mon-Fri 08:00-17:00"], except: [2026-12-24..2026-12-26, 2027-01-01] }\n';

function parse(text: string) {
  return parseConfig(`${servers}${text}`, '/etc/icepack.yaml', undefined, providers);
}

function faultsOf(text: string): string[] {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof UserError) return error.message.split('\n');
    throw error;
  }
  throw new Error('the configuration was taken');
}

/** The line of a fault, as the file has it. */
function lineIn(text: string, fault: string | undefined): string | undefined {
  return `${servers}${text}`.split('\n')[Number(/:(\d+):/.exec(fault ?? '')?.[1]) - 1];
}

describe('routes of a configuration', () => {
  it('are valid as the example shows them, and explain every key', async () => {
    const example = await readFile(join(projectRoot, 'templates/icepack.example.yaml'), 'utf8');
    const block = /^# hours:[\s\S]*?(?=\n\n)/m.exec(example)?.[0].replace(/^# /gm, '') ?? '';

    const { routes, hours: read } = parse(`${desk}${block}\n`);
    expect(routes.map(({ name, when, place }) => [name, when, place.split(', ')[1]])).toEqual([
      ['day', 'business', 'queue Day'],
      ['2', 'after-hours', 'queue On-call'],
    ]);
    expect(read.business?.except).toHaveLength(2);
    expect(Object.keys(routes[1] ?? {})).toContain('say');
  });

  it('are none where none are named', () => {
    expect(parse(desk)).toMatchObject({ routes: [], hours: {} });
  });

  it('take their hours, their severities and what is to be said from the file', () => {
    const { routes, hours: read } = parse(
      `${desk}${hours}routes:\n  - { when: after-hours, severity: [high, emergency], say: "Call +1 319 384 4357" }\n  - { name: rest }\n`,
    );

    expect(read.business).toEqual({
      zone: 'Europe/Stockholm',
      on: [{ days: [1, 2, 3, 4, 5], from: 480, until: 1020 }],
      except: [
        { first: '2026-12-24', last: '2026-12-26' },
        { first: '2027-01-01', last: '2027-01-01' },
      ],
    });
    const place = 'request-tracker at https://rt.example.com, queue Support';
    expect(routes).toEqual([
      {
        ...{ name: '1', when: 'after-hours', severity: ['high', 'emergency'], say: 'Call +1 319 384 4357' },
        ...{ place, hasPlace: false },
      },
      { name: 'rest', when: 'always', severity: ['low', 'medium', 'high', 'emergency'], place, hasPlace: false },
    ]);
  });

  it('change keys of the help desk, and leave the others as they are', () => {
    const [route] = parse(`${desk}routes:\n  - helpdesk: { queue: On-call, product: InCenter }\n`).routes;

    expect(route?.helpdesk).toEqual({ ...parse(desk).helpdesk, queue: 'On-call', product: 'InCenter' });
    expect(route?.place).toBe('request-tracker at https://rt.example.com, queue On-call, product InCenter');
  });

  it('name another help desk altogether where they name its provider: nothing of the first is in it', () => {
    const [route] = parse(
      `${desk}routes:\n  - helpdesk: { provider: rest, url: "https://desk.example.com", token: { env: T } }\n`,
    ).routes;

    const alone = parse('helpdesk: { provider: rest, url: "https://desk.example.com", token: { env: T } }\n');
    expect(route?.helpdesk).toEqual(alone.helpdesk);
  });

  it.each([
    [
      'a key that its help desk does not have',
      '  - helpdesk: { queu: On-call }',
      /unknown key "routes\.0\.helpdesk\.queu"; did you mean "queue"\?/,
    ],
    ['a value that is none', '  - when: always\n    helpdesk:\n      queue: 7', /"routes\.0\.helpdesk\.queue": /],
    [
      'another help desk that is not whole',
      '  - helpdesk: { provider: rest, url: "https://x.example" }',
      /"routes\.0\.helpdesk\.token": a secret is a reference/,
    ],
    ['a key that routes do not have', '  - { whenn: always }', /unknown key "routes\.0\.whenn"; did you mean "when"\?/],
    ['a severity that there is not', '  - { severity: [urgent] }', /"routes\.0\.severity\.0": /],
    [
      'hours that are nowhere',
      '  - { say: x }\n  - { when: business, say: y }',
      /"routes\.1\.when": what business hours are stands in hours\.business, which is missing/,
    ],
    ['a name twice', '  - { name: "2" }\n  - { say: y }', /"routes\.1\.name": another route is called so/],
  ])('with %s are refused, naming the line', (_what, routes, fault) => {
    const text = `${desk}routes:\n${routes}\n`;
    const [found, ...others] = faultsOf(text);

    expect(found).toMatch(fault);
    expect(others).toEqual([]);
    const named = fault.source.includes('1\\.') ? routes.split('\n')[1] : routes.split('\n').at(-1);
    expect(lineIn(text, found)).toBe(named);
  });

  it('without a help desk to change say which there are', () => {
    const [found] = faultsOf('routes:\n  - helpdesk: { queue: On-call }\n');

    expect(found).toMatch(/"routes\.0\.helpdesk\.provider": one of: portal, rest/);
  });

  it.each([
    ['on: ["Mo-Fr 08:00-17:00"]', /"hours\.business\.on\.0": hours such as "Mon-Fri 08:00-17:00"/],
    ['on: ["Mon 08:00-17:00"], except: [2026-02-30]', /"hours\.business\.except\.0": a date such as/],
    ['on: []', /"hours\.business\.on": /],
  ])('refuse hours that are none: %s', (wrong, fault) => {
    expect(faultsOf(`${desk}hours:\n  business: { zone: UTC, ${wrong} }\n`)[0]).toMatch(fault);
  });
});
