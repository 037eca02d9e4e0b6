import { describe, expect, it } from 'vitest';
import { draftOf, failureOf } from './contract.ts';
import { startZendeskRig } from './zendesk-rig.ts';

const never = new AbortController().signal;
const site = { id: 32, title: 'Site', options: ['lund', 'malmoe'] };
const contract = { id: 33, title: 'Contract' };

describe('a ticket field that must be filled at Zendesk', () => {
  it('and nobody gives is told with its values, not what a portal asks its requesters for', async () => {
    const { zendesk, desk, open } = await startZendeskRig();
    zendesk.store.faults.required = [site, contract, { id: 34, title: 'Phone', inPortal: true }];

    const { required } = await desk.check(never);
    const given = await open({ form: 22 }).check(never);

    expect(required).toEqual([
      { field: '32', label: 'Site', choices: ['lund', 'malmoe'] },
      { field: '33', label: 'Contract' },
    ]);
    expect(given.required).toEqual([{ field: '32', label: 'Site', choices: ['lund', 'malmoe'] }]); // of that form
  });

  it('is found behind hundreds of others, and by its title', async () => {
    const { zendesk, open } = await startZendeskRig();
    const others = Array.from({ length: 250 }, (_, at) => ({
      id: 1000 + at,
      title: `T${at}`,
      inPortal: true as const,
    }));
    zendesk.store.faults.required = [...others, site];
    const draft = { ...draftOf('REF-1'), fields: { site: 'lund' } };

    const { required } = await open().check(never);
    await open().create(draft, never);

    expect(required).toMatchObject([{ field: '32' }]);
    expect(zendesk.store.tickets[0]?.sent).toMatchObject({ custom_fields: [{ id: 32, value: 'lund' }] });
  });

  it('is not looked for without an end where the pages have none', async () => {
    const { zendesk, desk } = await startZendeskRig();
    zendesk.store.faults.endlessFields = true;

    const error = await failureOf(desk.check(never));

    expect(error).toMatchObject({ kind: 'invalid', message: expect.stringContaining('all ticket fields') });
  });

  it('is known by the refusal, too', async () => {
    const { zendesk, desk } = await startZendeskRig();
    Object.assign(zendesk.store.faults, { required: [site], refusesBlank: true });

    const error = await failureOf(desk.create(draftOf('REF-1'), never));

    expect(error).toMatchObject({ kind: 'invalid', required: [{ field: '32', label: 'Site' }] });
  });

  it('can be given for one ticket by its title', async () => {
    const { zendesk, open } = await startZendeskRig();
    zendesk.store.faults.required = [site];
    const desk = open({ fields: { 32: 'lund', 31: '{severity}' } });
    const draft = { ...draftOf('REF-1'), fields: { site: 'malmoe' } };

    const { id } = await desk.create(draft, never);

    expect(zendesk.store.tickets[0]?.sent).toMatchObject({
      custom_fields: [
        { id: 31, value: 'high' },
        { id: 32, value: 'malmoe' },
      ],
    });
    expect(await desk.notTaken(id, draft, never)).toEqual([]);
  });
});

describe('a new ticket', () => {
  const config = { group: 21, assignee: 7, tags: ['icepack'] };

  it('is of its group, its agent and its tags', async () => {
    const { zendesk, desk } = await startZendeskRig(config);

    const { id } = await desk.create(draftOf('REF-1'), never);

    const sent = { group_id: 21, assignee_id: 7, tags: ['icepack'] };
    expect(zendesk.store.tickets[0]?.sent).toMatchObject(sent);
    expect(await desk.notTaken(id, draftOf('REF-1'), never)).toEqual([]);
  });

  it.each([
    ['9', { assignee_id: 9 }],
    ['kim@example.com', { assignee_email: 'kim@example.com' }],
  ])('is of the agent %s that it names itself', async (assignee, sent) => {
    const { zendesk, desk } = await startZendeskRig(config);
    const draft = { ...draftOf('REF-1'), assignee };

    const { id } = await desk.create(draft, never);

    expect(zendesk.store.tickets[0]?.sent).toMatchObject(sent);
    expect(await desk.notTaken(id, draft, never)).toEqual([]);
  });

  it('of an agent that is not taken is said to be', async () => {
    const { zendesk, desk } = await startZendeskRig({});
    zendesk.store.faults.ignored = ['assignee_email'];
    const draft = { ...draftOf('REF-1'), assignee: 'kim@example.com' };

    const { id } = await desk.create(draft, never);

    expect(await desk.notTaken(id, draft, never)).toEqual([
      'it did not take the assignee kim@example.com (people: atDesk)',
    ]);
  });

  it('without them is a ticket all the same, and that is said', async () => {
    const { zendesk, desk } = await startZendeskRig({ ...config, fields: { 31: 'x' } });
    zendesk.store.faults.ignored = ['group_id', 'assignee_id', 'tags', 'custom_fields'];

    const { id } = await desk.create(draftOf('REF-1'), never);

    expect(await desk.notTaken(id, draftOf('REF-1'), never)).toEqual([
      'it did not take the group 21 (helpdesk.group)',
      'it did not take the assignee 7 (helpdesk.assignee)',
      'it did not take the tag icepack (helpdesk.tags)',
      'it did not take the field 31',
    ]);
  });
});
