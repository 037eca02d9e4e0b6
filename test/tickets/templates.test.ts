import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LocalTools } from '../../src/collectors/collector.ts';
import { factsCommand, vm, vmCommands } from '../../src/collectors/vm.ts';
import type { Appliance } from '../../src/domain/appliance.ts';
import type { Manifest } from '../../src/domain/manifest.ts';
import { questionKeys, questions } from '../../src/domain/questions.ts';
import { placeholdersOf, renderTemplate } from '../../src/domain/render.ts';
import { ticketDescription } from '../../src/tickets/ticket-text.ts';
import { toolsWith } from '../support/collector-tools.ts';
import { projectRoot } from '../support/rig.ts';

function template(name: 'ticket-description.txt' | 'virtual-machine.txt'): Promise<string> {
  return readFile(join(projectRoot, 'templates', name), 'utf8');
}

describe('a template', () => {
  it('is filled with values, each wherever it is asked for', () => {
    expect(renderTemplate('{{a}} and {{b}}, {{a}}', { a: '1', b: '2' })).toBe('1 and 2, 1');
  });

  it('takes a value as it is, whatever is in it', () => {
    expect(renderTemplate('{{a}}|{{b}}', { a: '{{b}} $& $1', b: '$$' })).toBe('{{b}} $& $1|$$');
  });

  it('leaves out a line whose values are all empty, and a block of which nothing is left', () => {
    const template = 'A\n{{a}}\nb: {{b}}\n\nB\n{{b}}\n\nC\nd: {{b}} {{a}}\n\nE';

    expect(renderTemplate(template, { a: '1', b: '' })).toBe('A\n1\n\nC\nd:  1\n\nE');
  });

  it('keeps the empty lines of a value', () => {
    expect(renderTemplate('A\n{{a}}\n\nB', { a: '1\n\n2' })).toBe('A\n1\n\n2\n\nB');
  });

  it('that asks for what nobody knows is our bug', () => {
    expect(() => renderTemplate('{{a}} {{other}}', { a: '1' })).toThrow('{{other}}');
  });

  it('names its placeholders, each once', () => {
    expect(placeholdersOf('{{a}} {{b}} {{a}} { {c}}')).toEqual(['a', 'b']);
  });

  it.each(['ticket-description.txt', 'virtual-machine.txt'] as const)('%s has no half placeholder', async (name) => {
    const text = await template(name);

    expect(text.replace(/\{\{[A-Za-z]+\}\}/g, '')).not.toMatch(/[{}]/);
    expect(text).toMatch(/[^\n]\n$/);
  });
});

describe('the template of a ticket', () => {
  /** Every fact is a word of its own, so that each can be looked for. */
  const facts = {
    description: 'the-description',
    summary: undefined,
    answers: Object.fromEntries(questionKeys.map((question) => [question, `answer-${question}`])),
    organization: 'the-organization',
    contact: { name: 'the-name', email: 'the-email', phone: 'the-phone' },
    product: 'the-product',
    version: 'the-version',
    license: 'the-license',
  };
  const manifest: Manifest = {
    schema: 1,
    tool: { name: 'icepack', version: 'the-tool-version', node: 'v20' },
    run: 'run',
    argv: [],
    created: '2026-11-20T10:00:00.000Z',
    reference: 'the-reference',
    ticket: null,
    event: {
      number: 1,
      at: '2026-11-20T09:32:00.000Z',
      window: { since: '2026-11-20T09:01:00.000Z', until: '2026-11-20T10:03:00.000Z' },
    },
    servers: [
      {
        name: 'the-server',
        id: 1,
        address: '192.0.2.10',
        cluster: 'the-cluster',
        folder: '',
        zone: { name: 'UTC', source: 'host OS' },
        faces: {
          cli: { address: '192.0.2.10', port: 22, status: 'up' },
          hostOs: { address: '192.0.2.10', port: 2222, status: 'up' },
        },
        clock: null,
        versions: { kernel: 'the-kernel' },
        items: [{ path: 'Logs/the-item.log', collector: 'logs', status: 'ok' }],
      },
    ],
  };

  it('has a value for every placeholder', async () => {
    const text = ticketDescription(await template('ticket-description.txt'), { manifest, ...facts });

    expect(text).not.toMatch(/[{}]/);
  });

  it('uses every value', async () => {
    const text = ticketDescription(await template('ticket-description.txt'), { manifest, ...facts });

    for (const fact of [
      'the-description',
      ...Object.values(facts.answers),
      'the-organization',
      'the-name, the-email, the-phone',
      'the-product',
      'the-version',
      'the-license',
      'the-tool-version',
      'the-reference',
      '2026-11-20 09:32',
      '09:01 to 10:03',
      'the-server, 192.0.2.10, cluster the-cluster',
      'the-kernel',
      'Logs/the-item.log',
    ]) {
      expect(text).toContain(fact);
    }
  });

  it('has what was answered with its question, and nothing of what was not', async () => {
    const some = { ...facts, answers: { frequency: 'daily' } };
    const text = ticketDescription(await template('ticket-description.txt'), { manifest, ...some });

    expect(text).toContain(`GUIDE\n${questions.frequency.question}\n  daily\n\n`);
    expect(text).not.toContain(questions.activity.question);
    for (const heading of ['AFFECTED', 'Began:', 'Last worked:', 'Platform']) expect(text).not.toContain(heading);
  });

  it('has no heading of what nobody said', async () => {
    const nobody = { ...facts, answers: {}, contact: undefined, organization: undefined };
    const text = ticketDescription(await template('ticket-description.txt'), { manifest, ...nobody });

    expect(text).not.toMatch(/CONTACT|QUESTIONS|AFFECTED|not stated|\n\n\n/);
    expect(text).toContain('\nWHEN\n');
  });

  it('says what is missing before what is there (field-F12)', async () => {
    const text = ticketDescription(await template('ticket-description.txt'), { manifest, ...facts });

    const order = [
      'the-description',
      '\nWHEN',
      '\nAFFECTED',
      '\nMISSING',
      '\nQUESTIONS',
      '\nCONTACT',
      '\nSYSTEM',
      '\nCOLLECTED',
    ];
    const places = order.map((heading) => text.indexOf(heading));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });
});

describe('the template of a virtual machine', () => {
  const appliance: Appliance = {
    name: 'ice01',
    id: 1,
    address: '192.0.2.10',
    via: [],
    legacyAlgorithms: false,
    sessions: 2,
    timeouts: {
      connectMs: 1000,
      commandMs: 1000,
      collectorMs: { config: 1000, techsupport: 1000, logs: 1000, cli: 1000, vm: 1000, recipe: 1000 },
    },
    maxOutputBytes: 1000,
    cli: { port: 22, user: 'admin' },
    hostOs: { port: 2222, user: 'administrator', home: '/home/administrator', minFreeBytes: 0 },
  };

  /** Runs the collector on a host OS that answers as told. @returns what it rendered */
  async function rendered(answer: (command: string) => string): Promise<Record<string, string>> {
    let given: Record<string, string> = {};
    const render: LocalTools['render'] = (_template, values) => {
      given = values;
      return '';
    };
    const tools = toolsWith({
      server: { appliance },
      hostOs: {
        facts: async () => answer(factsCommand),
        exec: async (command) => ({ stdout: answer(command), stderr: '', code: 0 }),
      },
      evidence: {
        keep: async (folder, name) => ({ path: `${folder}/${name}`, bytes: 1, sha256: '' }),
        record: () => undefined,
        version: () => undefined,
      },
      local: { render },
    });
    await vm.collect(tools);
    return given;
  }

  it('has a value for every placeholder, and uses every value', async () => {
    const placeholders = placeholdersOf(await template('virtual-machine.txt'));

    const values = await rendered((command) => `out of ${command}`);

    expect(Object.keys(values).sort()).toEqual(placeholders.sort());
  });

  it('shows what every command printed', async () => {
    const values = await rendered((command) => `out of ${command}\n`);

    const text = renderTemplate(await template('virtual-machine.txt'), values);

    for (const command of Object.values(vmCommands)) expect(text).toContain(`out of ${command}`);
    expect(text).not.toContain('{{');
  });

  it('has a value for every placeholder also where the server gives nothing', async () => {
    const values = await rendered(() => '');

    const text = renderTemplate(await template('virtual-machine.txt'), values);

    for (const command of Object.values(vmCommands)) expect(text).toContain(`not known: "${command}" gave nothing`);
  });
});
