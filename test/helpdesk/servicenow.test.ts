import { describe, expect, it } from 'vitest';
import { bundleOf, draftOf, failureOf, testHelpDesk, withHours } from './contract.ts';
import { testFaults } from './faults.ts';
import { byPassword, note, start, startRig } from './servicenow-rig.ts';

const never = new AbortController().signal;
const rule =
  "Operation against file 'incident' was aborted by Business Rule 'No friday^0e5b9945'. Business Rule Stack:No friday";

testHelpDesk('the servicenow provider', startRig);
testFaults('the servicenow provider', startRig);

describe('a ticket at ServiceNow', () => {
  it('is made of the draft and of what is configured', async () => {
    const caller = '0123456789abcdef0123456789abcdef';
    const settings = `callerId: ${caller}, severities: { high: 3/1 }, fields: { u_license: "{license}", category: net, nosuch: x }`;
    const { desk, incident } = await start(`${byPassword}, ${settings}`);

    await desk.create({ ...draftOf('REF-1'), license: '1234', subject: `Down\n${'x'.repeat(300)}` }, never);

    const [row] = incident;
    expect(row).toMatchObject({
      ...{ correlation_id: 'REF-1', correlation_display: 'icepack', description: 'All tunnels are down.' },
      ...{ impact: '3', urgency: '1', caller_id: caller, category: 'net', u_license: '1234' },
    });
    expect(row?.['short_description']).toMatch(/^Down x{154}…$/);
  });

  it.each([
    ['emergency', '1', '1'],
    ['high', '1', '2'],
    ['medium', '2', '2'],
    ['low', '3', '3'],
  ] as const)('that is %s has impact %s and urgency %s', async (severity, impact, urgency) => {
    const { desk, incident } = await start();

    await desk.create({ ...draftOf('REF-1'), severity }, never);

    expect(incident[0]).toMatchObject({ impact, urgency });
  });

  it('that did not keep the reference says so at once, and after it was given again (trap 3)', async () => {
    const { desk, faults } = await start();
    faults.unwritable.add('correlation_id');

    const created = await desk.create(draftOf('REF-1'), never);
    await desk.setReference?.(created.id, 'REF-1', never);

    expect(created).not.toHaveProperty('reference');
    expect(await desk.get(created.id, never)).not.toHaveProperty('reference');
  });

  it('whose state may not be read is in no state that is known (trap 3)', async () => {
    const { desk, faults } = await start();
    faults.unreadable.add('state');
    const { id } = await desk.create(draftOf('REF-1'), never);

    const ticket = await desk.get(id, never);

    expect(ticket).toMatchObject({ state: 'other', nativeState: 'not shown to this account' });
  });

  it('has what a rule made of it (trap 4)', async () => {
    const { desk, faults } = await start();
    faults.rule = (change) => {
      Object.assign(change, { correlation_id: 'SAP-7', impact: '3', short_description: 'Renamed' });
      return undefined;
    };

    const created = await desk.create(draftOf('REF-1'), never);

    expect(created.reference).toBe('SAP-7');
    expect(await desk.get(created.id, never)).toMatchObject({ subject: 'Renamed', reference: 'SAP-7' });
  });

  it.each([
    [rule, 'invalid', 'No friday'],
    ['Data Policy Exception: The following fields are mandatory: Category', 'invalid', 'mandatory: Category'],
    ['ACL Exception Insert Failed due to security constraints', 'forbidden', 'security constraints'],
  ])('that is refused with "%s" is %s, in its words (trap 5)', async (words, kind, said) => {
    const { desk, faults, incident } = await start();
    faults.rule = () => words;

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind, maybeApplied: false, message: expect.stringContaining(said) });
    expect(incident).toEqual([]);
  });

  it('that is there already where the reference is unique is a conflict, to be looked for (F11)', async () => {
    const { desk, faults } = await start();
    await desk.create(draftOf('REF-1'), never);
    faults.uniqueReference = true;

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error.kind).toBe('conflict');
  });

  it('has a link that a person can follow, and a time that says its zone', async () => {
    const { desk, fake } = await start();
    const { id, url } = await desk.create(draftOf('REF-1'), never);

    const { updatedAt } = await desk.get(id, never);

    expect(url).toBe(`${fake.url}/nav_to.do?uri=incident.do%3Fsys_id%3D${id}`);
    expect(updatedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  it.each([
    ['INC0010023', 'INC0010023'],
    [' cs0001234 ', 'CS0001234'],
    ['1234', undefined],
    ['COM1', undefined],
    ['../INC0010023', undefined],
    ['INC0010023^x', undefined],
  ])('is named as people name it: %j', async (typed, key) => {
    const { desk } = await start();

    expect(desk.keys.parse(typed)).toBe(key);
  });
});

describe('a state at ServiceNow', () => {
  it.each([
    ['1', '', 'open', 'New'],
    ['2', '', 'open', 'In Progress'],
    ['3', '1', 'awaiting-information', 'On Hold'],
    ['3', '4', 'open', 'On Hold'],
    ['6', '', 'fixed', 'Resolved'],
    ['7', '', 'closed', 'Closed'],
    ['8', '', 'closed', 'Canceled'],
    ['99', '', 'other', '99'],
  ])('%s with reason %j is %s, and is shown as people see it', async (raw, hold, state, nativeState) => {
    const { desk, incident } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    Object.assign(incident[0] ?? {}, { state: raw, hold_reason: hold });

    const ticket = await desk.get(id, never);

    expect(ticket).toMatchObject({ state, nativeState });
  });

  it('is not believed when a rule makes another one of it (trap 4)', async () => {
    const { desk, faults } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    faults.rule = (change) => {
      if (change['state'] === '6') change['state'] = '2';
      return undefined;
    };

    const error = await failureOf(desk.setState(id, 'fixed', {}, never));

    expect(error).toMatchObject({ kind: 'refused-transition', message: 'INC0010001 stays In Progress' });
  });

  it('that a rule refuses is a refused transition, with its words (trap 5)', async () => {
    const { desk, faults } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    faults.rule = () => rule;

    const error = await failureOf(desk.setState(id, 'fixed', {}, never));

    expect(error).toMatchObject({ kind: 'refused-transition', message: expect.stringContaining('No friday') });
  });

  it('that needs the right to close says who closes, and leaves the ticket as it is (trap 5)', async () => {
    const { desk, faults, incident } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    faults.mayClose = false;

    const error = await failureOf(desk.setState(id, 'closed', {}, never));

    expect(error).toMatchObject({ kind: 'refused-transition', message: expect.stringContaining('itil_admin') });
    expect(error.message).toContain('is closed by the help desk itself');
    expect(incident[0]?.['state']).toBe('1');
  });

  it('of a closed ticket is the last one', async () => {
    const { desk } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    await desk.setState(id, 'closed', {}, never);

    const error = await failureOf(desk.setState(id, 'open', {}, never));

    expect(error.kind).toBe('refused-transition');
    expect(desk.caps.reopenFrom).toEqual(['fixed']);
  });

  it('has the codes that are configured (trap 6)', async () => {
    const { desk, incident } = await start(`${byPassword}, closeCode: Workaround provided, closeNotes: Restarted.`);
    const { id } = await desk.create(draftOf('REF-1'), never);

    await desk.setState(id, 'fixed', {}, never);

    expect(incident[0]).toMatchObject({ close_code: 'Workaround provided', close_notes: 'Restarted.' });
  });
});

describe('a comment at ServiceNow', () => {
  it('is found again in what people see, also where its table is closed (trap 7)', async () => {
    const { desk, faults, journal } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    faults.closedTables.set('sys_journal_field', 'empty');

    for (let time = 0; time < 2; time++) await desk.comment(id, note, never);

    expect(journal).toHaveLength(1);
  });

  it('is not written where it could not be found again (trap 7)', async () => {
    const { desk, faults, journal } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    faults.unreadable.add('comments');

    const error = await failureOf(desk.comment(id, note, never));

    expect(error).toMatchObject({ kind: 'forbidden', maybeApplied: false });
    expect(journal).toEqual([]);
  });

  it('that was answered with 200 and dropped is not done (trap 3)', async () => {
    const { desk, faults } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    faults.unwritable.add('comments');

    const error = await failureOf(desk.comment(id, note, never));

    expect(error).toMatchObject({ kind: 'forbidden', message: expect.stringContaining('did not keep it') });
  });

  it('goes to the caller, or stays inside', async () => {
    const { desk, journal } = await start();
    const { key } = await desk.create(draftOf('REF-1'), never);

    await desk.comment(key, note, never);
    await desk.comment(key, { ...note, public: false, marker: '[note 2]' }, never);

    expect(journal.map(({ element, value }) => [element, value])).toEqual([
      ['comments', 'Seen again.\n[note 1]'],
      ['work_notes', 'Seen again.\n[note 2]'],
    ]);
    expect(await desk.comments?.(key, never)).toMatchObject([
      { author: 'icepack', body: 'Seen again.\n[note 1]', public: true },
      { author: 'icepack', body: 'Seen again.\n[note 2]', public: false },
    ]);
  });

  it('that may not be read one by one does not mean that nothing was written (trap 7)', async () => {
    const { desk, faults } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    const before = await desk.comments?.(id, never);
    await desk.comment(id, note, never);
    faults.closedTables.set('sys_journal_field', 'empty');

    const error = await failureOf(desk.comments?.(id, never) ?? Promise.resolve());

    expect(before).toEqual([]);
    expect(error.kind).toBe('forbidden');
  });

  it('makes no markup of what a device said (F26)', async () => {
    const { desk, journal } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);

    await desk.comment(id, { ...note, body: '[CODE]<img src=x onerror=y>[/code] [note 1]' }, never);

    expect(journal[0]?.['value']).toBe('(CODE)<img src=x onerror=y>(/code) [note 1]');
  });
});

describe('a file at ServiceNow', () => {
  it.each([
    [400, 'The file type zip is not allowed', 'invalid', false],
    [400, 'Attachment exceeds the maximum size', 'too-large', false],
    [404, 'ACL', 'not-found', false],
    [500, 'Error', 'outcome-unknown', true],
  ])('that is refused with %i "%s" is %s (trap 11)', async (status, detail, kind, maybeApplied) => {
    const { desk, faults, journal } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    const bundle = await bundleOf(1000);
    faults.refuseFile = { status, detail };

    const error = await failureOf(desk.attach(id, bundle, note, never));

    expect(error).toMatchObject({ kind, maybeApplied, message: expect.stringContaining(detail) });
    expect(journal).toEqual([]);
  });

  it('that a virus scanner locked away is not attached, and is not sent again (trap 11)', async () => {
    const { desk, faults, files, journal } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    const bundle = await bundleOf(1000);
    faults.scan = 'not_available';

    const errors = [await failureOf(desk.attach(id, bundle, note, never))];
    errors.push(await failureOf(desk.attach(id, bundle, note, never)));

    for (const error of errors)
      expect(error).toMatchObject({
        kind: 'invalid',
        maybeApplied: false,
        message: expect.stringContaining('virus scanner'),
      });
    expect((await desk.get(id, never)).files).toEqual([]);
    expect(files).toHaveLength(1);
    expect(journal).toEqual([]);
  });

  it.each([
    'pending',
    'available',
    undefined,
  ] as const)('that is %s for the scanner is attached (trap 11)', async (scan) => {
    const { desk, faults } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    const bundle = await bundleOf(1000);
    faults.scan = scan;

    await desk.attach(id, bundle, note, never);

    expect((await desk.get(id, never)).files).toMatchObject([{ name: bundle.name, sha256: bundle.sha256 }]);
  });

  it('that was cut is not attached', async () => {
    const { desk, faults, journal } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    const bundle = await bundleOf(1000);
    faults.keptBytes = 600;

    const error = await failureOf(desk.attach(id, bundle, note, never));

    expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining('600 bytes') });
    expect(journal).toEqual([]);
  });

  it('that is not shown after it was taken is in doubt, and has no comment (trap 3)', async () => {
    const { desk, faults, journal } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    const bundle = await bundleOf(1000);
    faults.dropFile = true;

    const error = await failureOf(desk.attach(id, bundle, note, never));

    expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
    expect(journal).toEqual([]);
  });

  it.each([
    ['is told from another one of that name and size by its hash', false, 2],
    ['is told by name and size where there is no hash', true, 1],
  ])('%s (trap 12)', async (_what, withoutHash, count) => {
    const { desk, faults, files } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    faults.withoutHash = withoutHash;

    for (const bundle of [await bundleOf(1000), await bundleOf(1000)]) await desk.attach(id, bundle, note, never);

    expect(files).toHaveLength(count);
  });

  it('is sent as it is, with its length, below its own name', async () => {
    const { desk, fake } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    const bundle = await bundleOf(1000);

    await desk.attach(id, bundle, note, never);

    const upload = fake.sent.find(({ line }) => line.startsWith('POST /api/now/attachment/file'));
    expect(upload?.line).toContain(`file_name=${bundle.name}`);
    expect(upload?.headers).toMatchObject({ 'content-type': 'application/zip', 'content-length': '1000' });
  });
});

describe('hours at ServiceNow', () => {
  it('are added to those of others: the field holds the sum, also of more than a day', async () => {
    const { desk, incident } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    Object.assign(incident[0] ?? {}, { time_worked: '1970-01-01 22:00:00' });

    await desk.comment(id, withHours().comment, never);

    expect(incident[0]).toMatchObject({ time_worked: '1970-01-02 01:30:00' });
  });

  it.each([
    ['read', 'unreadable', 'may not read the field time_worked'],
    ['write', 'unwritable', 'did not become what was written'],
  ] as const)('stay in the comment where the account may not %s the field, and that is told', async (_may, fault, why) => {
    const { desk, faults, incident, journal } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    faults[fault].add('time_worked');
    const { comment, told } = withHours();

    await desk.comment(id, comment, never);

    expect(told).toEqual([expect.stringContaining(why)]);
    expect(incident[0]?.['time_worked']).toBeUndefined();
    expect(journal[0]?.['value']).toContain('Hours: 3.5');
  });

  it.each([
    '22:00:00',
    '1 Day 2 Hours',
    '1970-13-41 99:00:00',
  ])('stay in the comment where the field holds %s, which nobody can add them to', async (odd) => {
    const { desk, incident, journal } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    Object.assign(incident[0] ?? {}, { time_worked: odd });
    const { comment, told } = withHours();

    await desk.comment(id, comment, never);

    expect(told).toEqual([expect.stringContaining('or what it holds is no time')]);
    expect(incident[0]).toMatchObject({ time_worked: odd });
    expect(journal[0]?.['value']).toContain('Hours: 3.5');
  });
});

describe('hours of a comment that is at ServiceNow already', () => {
  it.each([
    ['is not known where the field has others, too', '1970-01-01 22:00:00', ['1320 minutes in all']],
    ['is not where it has none', '', ['0 minutes in all']],
    ['is not known where the field has no time', 'gone', ['may not read the field time_worked, or']],
    ['is known where the field has nothing else', '1970-01-01 03:30:00', []],
  ])('whether they were entered %s', async (_what, time, why) => {
    const { desk, incident } = await start();
    const { id } = await desk.create(draftOf('REF-1'), never);
    const { comment, told } = withHours();
    await desk.comment(id, comment, never);
    Object.assign(incident[0] ?? {}, { time_worked: time });

    await desk.comment(id, comment, never);

    expect(told).toEqual(why.map((part) => expect.stringContaining(part)));
  });
});

describe('a ticket that only an import may make', () => {
  const settings = `${byPassword}, importTable: u_icepack`;

  it('is the row that the staging table was transformed into', async () => {
    const { desk, fake, incident } = await start(settings);

    const made = await desk.create(draftOf('REF-1'), never);

    expect(made).toMatchObject({ id: incident[0]?.['sys_id'], key: incident[0]?.['number'] });
    expect(fake.requests.filter((line) => line.startsWith('POST'))).toEqual(['POST /api/now/import/u_icepack']);
    expect(await desk.get(made.id, never)).toMatchObject({ url: made.url, reference: 'REF-1', subject: 'VPN down' });
  });

  it.each(['error', 'ignored'] as const)('is none where the import ends as %s, with its words', async (end) => {
    const { desk, faults, incident } = await start(settings);
    faults.imports = end;

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'invalid', maybeApplied: false });
    expect(error.message).toContain(`the import by u_icepack ended as "${end}": the row was ${end}`);
    expect(incident).toEqual([]);
  });

  it('may be there where the import does not name it, and is found by its reference', async () => {
    const { desk, faults } = await start(settings);
    faults.imports = 'unnamed';

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'outcome-unknown', maybeApplied: true });
    expect(await desk.findByReference('REF-1', never)).toHaveLength(1);
  });
});
