import { describe, expect, it } from 'vitest';
import { newId } from '../support/desks/servicenow-data.ts';
import { draftOf, failureOf } from './contract.ts';
import { byPassword, start } from './servicenow-rig.ts';

const never = new AbortController().signal;

function mandatory(fake: Awaited<ReturnType<typeof start>>['fake'], ...labels: string[]): void {
  for (const row of fake.tables['sys_dictionary'] ?? [])
    if (labels.includes(row['column_label'] ?? '')) row['mandatory'] = 'true';
}

describe('a field that is mandatory at ServiceNow', () => {
  it('and nobody gives is told with its values, what every ticket has is not', async () => {
    const { fake, desk } = await start(`${byPassword}, fields: { u_contract: C-7 }`);
    mandatory(fake, 'Site', 'Contract');
    const choice = { sys_id: newId(), name: 'incident', element: 'u_site', label: 'Lund', inactive: 'false' };
    fake.tables['sys_choice']?.push({ ...choice, value: 'lund' });

    const { required, problems } = await desk.check(never);

    expect(required).toEqual([{ field: 'u_site', label: 'Site', choices: ['lund'] }]);
    expect(problems).toEqual([]);
  });

  it.each([
    'empty',
    'forbidden',
  ] as const)('is not said to be none where the dictionary is %s to the account', async (how) => {
    const { fake, desk } = await start();
    mandatory(fake, 'Site');
    fake.faults.closedTables.set('sys_dictionary', how);

    const { required, problems } = await desk.check(never);

    expect(required).toBeUndefined();
    expect(problems).toEqual([]);
  });

  it('by a policy is known by its refusal, by the name of its field', async () => {
    const { desk, faults, incident } = await start();
    faults.rule = () => 'Data Policy Exception: The following fields are mandatory: Site, Contract';

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({
      kind: 'invalid',
      required: [
        { field: 'u_site', label: 'Site' },
        { field: 'u_contract', label: 'Contract' },
      ],
    });
    expect(incident).toEqual([]);
  });
});

describe('a new incident', () => {
  it('is for its group and the user who works on it', async () => {
    const { fake, incident } = await start();
    const [group, user] = [fake.tables['sys_user_group']?.[0]?.['sys_id'], fake.tables['sys_user']?.[0]?.['sys_id']];
    const { deskAt } = await import('./servicenow-rig.ts');
    const settings = `${byPassword}, assignmentGroup: "${group}", assignedTo: "${user}"`;
    const desk = await deskAt(fake.url, undefined, settings);
    const draft = { ...draftOf('REF-1'), fields: { u_site: 'lund' } };

    const { id } = await desk.create(draft, never);

    expect((await desk.check(never)).problems).toEqual([]);
    expect(incident).toMatchObject([{ assignment_group: group, assigned_to: user, u_site: 'lund' }]);
    expect(await desk.notTaken?.(id, draft, never)).toEqual([]);
  });

  it('is for the user that it names itself; one that is not there is said before', async () => {
    const [user, nobody] = [newId(), newId()];
    const { fake, desk, incident } = await start(`${byPassword}, assignedTo: "${newId()}"`);
    const known = fake.tables['sys_user']?.[0]?.['sys_id'] ?? user;
    const draft = { ...draftOf('REF-1'), assignee: known };

    const { id } = await desk.create(draft, never);

    expect(incident).toMatchObject([{ assigned_to: known }]);
    expect(await desk.notTaken?.(id, draft, never)).toEqual([]);
    const { problems } = await desk.check(never, [known, nobody]);
    expect(problems.filter((each) => each.includes('atDesk'))).toEqual([
      `people: atDesk: sys_user has no ${nobody}, or this account may not see it`,
    ]);
  });

  it('whose people and fields it dropped with 201 is an incident all the same, and that is said', async () => {
    const [group, user] = [newId(), newId()];
    const { desk, faults } = await start(`${byPassword}, assignmentGroup: "${group}", assignedTo: "${user}"`);
    for (const field of ['assignment_group', 'assigned_to']) faults.unwritable.add(field);
    const draft = { ...draftOf('REF-1'), fields: { u_nothing: 'x' } };

    const { id } = await desk.create(draft, never);

    expect(await desk.notTaken?.(id, draft, never)).toEqual([
      `it did not take the assignment_group ${group} (helpdesk.assignmentGroup)`,
      `it did not take the assigned_to ${user} (helpdesk.assignedTo)`,
      'it did not take the field u_nothing',
    ]);
  });
});
