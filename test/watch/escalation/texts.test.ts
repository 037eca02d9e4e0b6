import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DuePage } from '../../../src/watch/escalation/due.ts';
import { incidentStanding } from '../../../src/watch/escalation/incident-standing.ts';
import { nextPageText, outlookOf } from '../../../src/watch/escalation/outlook.ts';
import type { IncidentFacts, PageParts } from '../../../src/watch/escalation/page-facts.ts';
import { pageOf } from '../../../src/watch/escalation/page-of.ts';
import { escalation, minute, Simulated } from './simulated.ts';

const facts: IncidentFacts = {
  ...{ organization: 'Example AB', titleOf: (server) => server.toUpperCase(), zone: 'Europe/Stockholm' },
  ticket: { key: 'TIC-1290', url: 'https://desk.example.com/TIC-1290' },
};
const step: DuePage = { why: '1', kind: 'step', person: 'kim', channel: 'sms', lateMs: 0, severity: 'emergency' };
const gsmCharacters = /^[\^{}\\[~\]|€@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*$/;

function caseOf(incident: Simulated) {
  const standing = incidentStanding(incident.log);
  if (standing === undefined) throw new Error('it was not opened');
  return { log: incident.log, standing, setting: incident.setting, now: incident.stamp };
}

function page(
  incident: Simulated,
  due: Partial<DuePage> = {},
  given: Partial<IncidentFacts> = {},
  bundled: string[] = [],
) {
  const { opened } = caseOf(incident).standing;
  opened.place = 'cluster east';
  return pageOf({ one: caseOf(incident), due: { ...step, ...due }, n: 1, facts: { ...facts, ...given }, bundled });
}

describe('an SMS', () => {
  it('says where, what, since when, which ticket, and what to type', () => {
    expect(page(new Simulated().until(1)).short).toBe(
      'I42 Example AB east: server silent ICE01 since 10:18. TIC-1290. icepack ack I42 (1)',
    );
  });

  it('says how to answer it where that is possible, and only then', () => {
    const parts = { one: caseOf(new Simulated().until(1)), due: step, n: 1, facts, bundled: [] };

    const short = (answer: PageParts['answer']) => pageOf({ ...parts, ...(answer === undefined ? {} : { answer }) });
    expect(short({ by: 'sms', token: 'q7mx' }).short).toBe(
      'I42 Example AB east: server silent ICE01 since 10:18. TIC-1290. Reply: ack I42 q7mx (1)',
    );
    expect(short({ by: 'sms', token: 'q7mx' }).ackToken).toBe('q7mx');
    expect(short(undefined)).not.toHaveProperty('ackToken');
    expect(short({ by: 'mail', token: 'q7mx' }).short).not.toContain('q7mx');
    expect(short({ by: 'sms', token: 'q7mx' }).text).not.toContain('q7mx');
  });

  it('says where there is no ticket, what was held back, and that it is late', () => {
    const { ticket: _ticket, ...without } = facts;
    const late = pageOf({
      ...{ one: caseOf(new Simulated().until(1)), due: { ...step, lateMs: minute }, n: 3 },
      ...{ facts: without, bundled: ['I43', 'I44'] },
    });

    expect(late.short).toMatch(
      /since 10:18\. Late: watch was off\. \+2: I43, I44\. No ticket yet\. icepack ack I42 \(3\)$/,
    );
  });

  it('says what is wrong, however long the names are', () => {
    expect(page(new Simulated().until(1), {}, { organization: 'Example '.repeat(40) }).short).toBe(
      'I42 Example Example Examp... east: server silent ICE01 since 10:18. TIC-1290. icepack ack I42 (1)',
    );
  });

  it('names no place where it has none, as what is bad in many clusters', () => {
    const one = caseOf(new Simulated().until(1));
    one.standing.opened.place = '';
    const nowhere = pageOf({ one, due: step, n: 1, facts, bundled: [] });

    expect(nowhere.short).toMatch(/^I42 Example AB: server silent/);
    expect(nowhere.subject).toContain('Example AB: server silent (ICE01)');
  });

  it('asks for nothing when it is over', () => {
    const incident = new Simulated().until(1);
    incident.end('cleared');

    expect(page(incident, { kind: 'over' }).short).toBe(
      'I42 Example AB east: OVER: server silent ICE01 since 10:18. TIC-1290. (1)',
    );
  });

  it('has a date where it began on another day', () => {
    const incident = new Simulated();
    incident.pass(24 * 60 * minute);

    expect(page(incident).short).toContain('since 2026-11-20 10:18.');
  });

  it('is never longer than one, in its own characters, whatever the names are, and never without what to type', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.string({ unit: 'grapheme', maxLength: 60 }),
        (name, key) => {
          const { short, subject } = page(
            new Simulated().until(1),
            {},
            { organization: name, ticket: { key, url: '' } },
          );

          expect(short.length + (short.match(/[\^{}\\[~\]|€]/g)?.length ?? 0)).toBeLessThanOrEqual(160);
          expect(short).toMatch(gsmCharacters);
          expect(short).toMatch(/^I42.* icepack ack I42 \(1\)$/);
          const one = caseOf(new Simulated().until(1));
          const named = { ...facts, organization: name, ticket: { key, url: '' } };
          const answered = pageOf({
            one,
            due: step,
            n: 1,
            facts: named,
            bundled: [],
            answer: { by: 'sms', token: 'q7mx' },
          });
          expect(answered.short.length + (answered.short.match(/[\^{}\\[~\]|€]/g)?.length ?? 0)).toBeLessThanOrEqual(
            160,
          );
          expect(answered.short).toMatch(/^I42.* Reply: ack I42 q7mx \(1\)$/);
          expect(subject).not.toMatch(/[\r\n\x1b]/);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a mail', () => {
  it('says what is wrong, its ticket, who else is told, what is next, and what to type', () => {
    const { subject, text } = page(new Simulated().until(6), { why: '2', channel: 'mail' });

    expect(subject).toBe('[I42] Example AB, cluster east: server silent (ICE01)');
    expect(text).toBe(`Example AB, cluster east: server silent (ICE01)
Incident I42, emergency, since 2026-11-20 10:18 Europe/Stockholm. Page 1.

  ICE01 silent: server silent since 2026-11-20 10:18
      timed out

Ticket: TIC-1290  https://desk.example.com/TIC-1290

Told, too: Desk
Next: 10:29 page lee doe (secondary) unless I42 is acknowledged

You have it? Then nobody else is told: icepack ack I42
`);
  });

  it('says how to answer it by mail where somebody reads that', () => {
    const parts = { one: caseOf(new Simulated().until(6)), due: step, n: 1, facts, bundled: [] };

    expect(pageOf({ ...parts, answer: { by: 'mail', token: 'q7mx' } }).text).toMatch(
      /\n\nYou have it\? Then nobody else is told:\nAnswer with "ack I42 q7mx" in the first line, or type: icepack ack I42\n$/,
    );
  });

  it('says why there is no ticket, and how late it is', () => {
    const { ticket: _ticket, ...without } = facts;
    const parts = { one: caseOf(new Simulated().until(1)), n: 1, bundled: ['I43'] };
    const due = { ...step, lateMs: 200 * minute };

    const { text } = pageOf({ ...parts, due, facts: { ...without, ticketTrouble: 'desk.example.com: refused' } });

    expect(text).toContain('No ticket yet: desk.example.com: refused');
    expect(text).toContain('This page is late by 3 h 20 min: the watch was off.');
    expect(text).toContain('1 more: I43. See: icepack watch status');
  });

  it('shows nothing as its sender wanted it', () => {
    const incident = new Simulated().until(1);
    const [, joined] = incident.log.entries;
    if (joined?.type === 'joined') joined.text = '\x1b[31mred\r\nSubject: buy\u202e';

    expect(page(incident).text).toContain('      red Subject: buy\u{fffd}\n');
  });

  it('tells of the end, and asks for nothing', () => {
    const incident = new Simulated().until(2);
    incident.end('cleared');

    const { subject, text, status } = page(incident, { kind: 'over', why: 'over' });

    expect([subject, status]).toEqual(['[I42] Over: Example AB, cluster east: server silent (ICE01)', 'resolved']);
    expect(text).toContain('All of it is well again.');
    expect(text).not.toContain('icepack ack');
  });

  it.each([
    ['reminder', 45, 'Nobody has answered; 15 min are left.'],
    ['missed', 61, 'Nobody has answered within 1 h.'],
  ] as const)('that is a %s says so', (kind, minutes, said) => {
    expect(page(new Simulated().until(minutes), { kind, why: kind }).text).toContain(said);
  });

  it('to a customer has their servers and nobody elses, and no command (W74)', () => {
    const customers = new Map([
      ['ice01', { email: 'it@example.org' }],
      ['ice02', { email: 'ops@example.net' }],
    ]);
    const incident = new Simulated({ customers }).until(2);
    incident.join('emergency', 'ice02');

    const copy: Partial<DuePage> = { kind: 'copy', why: 'copy opened', person: 'customer of ice02', channel: 'mail' };
    const { to, subject, text } = page(incident, copy);

    expect(to?.email).toBe('ops@example.net');
    expect(`${subject}${text}`).toContain('ICE02');
    expect(`${subject}${text}`).not.toMatch(/ICE01|icepack|lee|kim/);
  });
});

describe('what comes next', () => {
  it.each([
    [2, '10:24 page kim doe (primary), Desk unless I42 is acknowledged'],
    [22, '10:54 page everybody again unless I42 is acknowledged'],
  ])('after %d minutes is said with its time and who it is', (minutes, said) => {
    const incident = new Simulated().until(minutes);

    expect(nextPageText(incident.log, incident.setting, incident.stamp, 'Europe/Stockholm')).toBe(said);
  });

  it('is to ask who has it, when that is over', () => {
    const incident = new Simulated().until(2);
    incident.acknowledge();

    expect(outlookOf(caseOf(incident.until(10)))).toMatchObject({ who: 'kim doe again', unless: 'over' });
  });

  it('is nothing where it is over, or nobody is to be told', () => {
    const incident = new Simulated({ escalation: escalation({ policies: new Map() }) }).until(2);

    expect(outlookOf(caseOf(incident))).toBeUndefined();
  });
});
