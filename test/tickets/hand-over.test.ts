import { expect, it } from 'vitest';
import type { FormField, PortalHelpDesk } from '../../src/helpdesk/help-desk.ts';
import { usualKeys } from '../../src/helpdesk/ticket-key.ts';
import { handOver } from '../../src/tickets/portal/hand-over.ts';
import type { Operator } from '../../src/ui/operator.ts';
import type { Prompter } from '../../src/ui/prompter.ts';

it('a text that is too large for the clipboard of a terminal is left out of it, and its file named', async () => {
  const fields: FormField[] = ['Summary', 'Description', 'Severity'].map((field) => {
    return { page: 'ticket', field, label: field, text: field === 'Description' ? 'x'.repeat(60_000) : 'short' };
  });
  const texts = fields.map(({ field, text = '' }) => ({ field, text, path: `/run/portal/${field}.txt` }));
  const desk: PortalHelpDesk = {
    ...{ kind: 'portal', origin: 'portal', keys: usualKeys, url: undefined },
    ...{ browser: undefined, clipboard: true, form: () => fields },
  };
  const said: string[] = [];
  const asked: string[] = [];
  const unused = () => Promise.reject(new Error('nobody asked for that'));
  const ask: Prompter = {
    ...{ long: unused, secret: unused, choose: unused, confirm: unused, form: unused },
    text: async (question) => {
      asked.push(question.split(' ')[0] ?? '');
      return '';
    },
  };
  const operator: Operator = {
    ...{ ask, now: () => new Date(0), sleep: unused, zone: 'UTC' },
    emit: (event) => void said.push('text' in event ? String(event.text) : ''),
    handover: { clipboard: (text) => text.length < 50_000 },
  };

  await handOver({ desk, fields, texts, page: undefined }, operator, ask);

  expect(asked).toEqual(['Summary', 'Severity']);
  expect(said).toContain(
    'Description is too large for the clipboard of a terminal; it is in /run/portal/Description.txt',
  );
});
