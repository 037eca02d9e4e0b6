import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, describe as suite } from 'vitest';
import { type MockHelpDesk, startMockHelpDesk } from '../../src/mock/help-desk.ts';
import { lacks } from '../support/requirements.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';
import { openTerminal } from '../support/terminal.ts';

const say = 'Call the ITS help desk now: +1 319 384 4357 (24x7)';
const hourMs = 3_600_000;

/** Business hours that begin in three hours and last for two. */
function laterToday() {
  const clock = (hours: number) => new Date(Date.now() + hours * hourMs).toISOString().slice(11, 16);
  return { business: { zone: 'UTC', on: [`Mon-Sun ${clock(3)}-${clock(5)}`] } };
}

/** The clock of a machine that is so many hours ahead. */
function hoursLater(hours: number): { NODE_OPTIONS: string } {
  const ahead = `const Real = Date, now = () => Real.now() + ${hours * hourMs};
    globalThis.Date = new Proxy(Real, {
      construct: (target, given, as) => Reflect.construct(target, given.length === 0 ? [now()] : given, as),
      get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
    });`;
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(ahead)}` };
}
const inBusinessHours = hoursLater(4);

/** A rig in which it is after hours, with a second help desk for what cannot wait. */
async function nightRig({ maxFileBytes }: { maxFileBytes?: number } = {}) {
  const rig = await startRig();
  const token = (await readFile(join(rig.folder, 'mock', 'token.secret'), 'utf8')).trim();
  const onCall = await startMockHelpDesk({
    ...{ port: 0, token, maxFileBytes },
    folder: join(rig.folder, 'mock', 'on-call'),
  });
  onTestFinished(() => onCall.close());
  const main = rig.mock.helpdesk ?? expect.fail();
  await rig.configure((document) => {
    const { provider, token: secret } = document.helpdesk;
    document.helpdesk.product = 'Main';
    document.hours = laterToday();
    document.routes = [
      { name: 'day', when: 'business', helpdesk: { product: 'Day' } },
      {
        ...{ name: 'night', when: 'after-hours', severity: ['high', 'emergency'], say },
        helpdesk: { provider, url: onCall.url, token: secret, product: 'On-call' },
      },
    ];
  });
  return { rig, main, onCall };
}

const ticketsAt = ({ tickets }: MockHelpDesk) =>
  tickets.map(({ key, product, files }) => ({ key, product, files: files.length }));
const isRegistering = (request: string) => request.startsWith('POST') && request.endsWith('/tickets');

/** Collects, and is killed when a request of that kind has come to a help desk. */
async function killedAt(desk: MockHelpDesk, isIt: (request: string) => boolean, rig: Rig, args: string[]) {
  let strike = () => {};
  desk.onRequest = (request) => {
    if (isIt(request)) strike();
  };
  const onStart = (kill: (signal: NodeJS.Signals) => void) => {
    strike = () => kill('SIGKILL');
  };
  const killed = await rig.icepack(args, { onStart });
  delete desk.onRequest;
  return killed;
}

suite('a ticket', () => {
  it('goes to the first route that fits the hour and its severity; where none fits, to the help desk as it is', async () => {
    const { rig, main, onCall } = await nightRig();

    const high = await rig.icepack(['collect', ...batch, '--only', 'cli', '--json']);
    const low = await rig.icepack([
      'collect',
      ...batch,
      '--only',
      'cli',
      '--severity',
      'low',
      '--at',
      '-50m',
      '--json',
    ]);
    expect([high.code, low.code]).toEqual([0, 0]);
    expect(ticketsAt(onCall)).toEqual([{ key: 'TIC-1001', product: 'On-call', files: 1 }]);
    expect(ticketsAt(main)).toEqual([{ key: 'TIC-1001', product: 'Main', files: 1 }]);
    expect([high.json().say, low.json().say]).toEqual([say, undefined]);
  });

  it('goes where the hour of its registering says, not that of the event, nor that of the collecting', async () => {
    const { rig, main, onCall } = await nightRig();
    await rig.icepack(['collect', ...batch, '--only', 'cli', '--no-submit']);
    const [run = ''] = await rig.runs();

    const done = await rig.icepack(['submit', run, '--summary', 'x', '--severity', 'high', '--json'], {
      env: inBusinessHours,
    });

    expect(done.json()).toMatchObject({ exitCode: 0, ticket: { key: 'TIC-1001' } });
    expect(done.json().say).toBeUndefined();
    expect(ticketsAt(main)).toEqual([{ key: 'TIC-1001', product: 'Day', files: 1 }]);
    expect(ticketsAt(onCall)).toEqual([]);
  });

  it.each([
    'resume',
    'submit',
  ])('that was begun after hours is not made again because business hours began: %s', async (verb) => {
    const { rig, main, onCall } = await nightRig();
    await killedAt(onCall, isRegistering, rig, ['collect', ...batch, '--only', 'cli']);
    const [run = ''] = await rig.runs();

    const done = await rig.icepack([verb, run, '--batch', '--json'], { env: inBusinessHours });

    expect(done.json(), done.stderr).toMatchObject({ exitCode: 0, say, bundle: { attached: true } });
    expect(ticketsAt(onCall)).toEqual([{ key: 'TIC-1001', product: 'On-call', files: 1 }]);
    expect(ticketsAt(main)).toEqual([]);
  });

  it('that was not begun anywhere is routed anew', async () => {
    const { rig, main, onCall } = await nightRig();
    const looks = (request: string) => request.startsWith('GET') && request.endsWith('/tickets');
    await killedAt(onCall, looks, rig, ['collect', ...batch, '--only', 'cli']);

    const done = await rig.icepack(['resume', '--batch', '--json'], { env: inBusinessHours });

    expect(done.json(), done.stderr).toMatchObject({ exitCode: 0 });
    expect(ticketsAt(main)).toEqual([{ key: 'TIC-1001', product: 'Day', files: 1 }]);
    expect(ticketsAt(onCall)).toEqual([]);
  });

  it('is found again where it was begun when the same incident is collected once more at another hour', async () => {
    const { rig, main, onCall } = await nightRig();
    const at = new Date(Date.now() - 45 * 60_000).toISOString();
    const again = ['collect', ...batch, '--only', 'cli', '--at', at, '--json'];
    await rig.icepack(again);

    const done = await rig.icepack(again, { env: inBusinessHours });

    expect(done.json().ticket).toMatchObject({ key: 'TIC-1001', created: false });
    expect(ticketsAt(onCall)).toEqual([{ key: 'TIC-1001', product: 'On-call', files: 2 }]);
    expect(ticketsAt(main)).toEqual([]);
  });

  it('is found again also when routes were put before its own meanwhile', async () => {
    const { rig, main, onCall } = await nightRig();
    await rig.configure((document) => {
      for (const route of document.routes) delete route.name;
    });
    await killedAt(onCall, isRegistering, rig, ['collect', ...batch, '--only', 'cli']);
    await rig.configure((document) => {
      document.routes.unshift({ severity: ['low'], helpdesk: { product: 'Slow' } });
    });

    const done = await rig.icepack(['resume', '--batch', '--json']);

    expect(done.json(), done.stderr).toMatchObject({ exitCode: 0 });
    expect([ticketsAt(onCall).length, ticketsAt(main).length]).toEqual([1, 0]);
  });

  it('whose place is gone from the configuration is not made elsewhere while it may be there', async () => {
    const { rig, main, onCall } = await nightRig();
    await killedAt(onCall, isRegistering, rig, ['collect', ...batch, '--only', 'cli']);
    await rig.configure((document) => {
      document.routes.pop();
    });

    const done = await rig.icepack(['resume', '--batch', '--json']);

    expect(done.json()).toMatchObject({ exitCode: 2, error: { code: 'other-help-desk' } });
    expect(done.json().error.message).toContain(`${onCall.url}, product On-call`);
    expect(ticketsAt(main)).toEqual([]);
  });

  it('that is named is one of the main help desk, unless a route is named, too', async () => {
    const { rig, main, onCall } = await nightRig();
    await rig.icepack(['collect', ...batch, '--only', 'cli']); // TIC-1001 on call
    await rig.icepack(['collect', ...batch, '--only', 'cli', '--severity', 'low', '--at', '-50m']);

    const there = ['collect', '--batch', '--at', '-40m', '--only', 'cli', '--ticket', '1001', '--json'];
    const plain = await rig.icepack(there);
    const night = await rig.icepack([...there, '--route', 'night']);

    expect([plain.json().exitCode, night.json().exitCode]).toEqual([0, 0]);
    expect([plain.json().say, night.json().say]).toEqual([undefined, say]);
    expect([ticketsAt(main), ticketsAt(onCall)].map(([ticket]) => ticket?.files)).toEqual([2, 2]);
  });

  it('whose help desk lies in another route is looked at with --route, and so are the commands that are printed', async () => {
    const { rig } = await nightRig();
    await rig.icepack(['collect', ...batch, '--only', 'cli']);

    const main = await rig.icepack(['ticket', 'list', '--json']);
    const night = await rig.icepack(['ticket', 'list', '--route', 'night', '--json']);
    const shown = await rig.icepack(['ticket', 'show', '1001', '--route', 'night', '--json']);
    const none = await rig.icepack(['ticket', 'list', '--route', 'nihgt', '--json']);

    expect(main.json().tickets).toEqual([]);
    expect(night.json().tickets).toMatchObject([{ key: 'TIC-1001' }]);
    for (const next of [...night.json().next, ...shown.json().next]) expect(next).toMatch(/ --route night$/);
    expect(none.json()).toMatchObject({ exitCode: 2, error: { code: 'no-such-route', hint: 'They are: day, night' } });
  });
});

suite('whom to call', () => {
  it('is the first thing to do in the summary, with the number of the ticket; --quiet says it, too', async () => {
    const { rig } = await nightRig();

    const done = await rig.icepack(['collect', ...batch, '--only', 'cli']);
    const quiet = await rig.icepack(['collect', ...batch, '--only', 'cli', '--at', '-50m', '--quiet']);

    expect(done.stdout).toContain(`Next: ${say} (TIC-1001)\nSupport has what there is. Follow TIC-1001.\n`);
    expect(done.code).toBe(0);
    expect(quiet.stderr).toContain(`→ ${say} (TIC-1002)\n`);
  });

  it('is told also when the help desk is down', async () => {
    const { rig, onCall } = await nightRig();
    const args = ['collect', ...batch, '--only', 'cli'];
    onCall.faults.push({ route: 'GET /tickets', fault: 'status-before', status: 403 });
    const quiet = await rig.icepack([...args, '--quiet']);
    await onCall.close();
    const done = await rig.icepack([...args, '--at', '-50m', '--json']);

    expect(done.json()).toMatchObject({ exitCode: 6, say, ticket: null });
    expect(quiet.stderr).toContain(`→ ${say}\n`);
    expect(quiet.stderr).toMatch(/→ icepack (submit|resume) /);
  });

  it.skipIf(lacks('tmux'))('is told at a terminal while evidence is collected, before the end', async () => {
    const { rig } = await nightRig();
    const terminal = openTerminal(['collect', ...batch.slice(1), '--only', 'cli', '--yes'], rig.env);

    await terminal.shows('More for support?');
    terminal.press('Enter');
    await terminal.shows('Follow TIC-1001');

    expect(terminal.screen()).toMatch(
      /Now, while evidence is collected: Call the ITS[\s\S]*collecting from ice01[\s\S]*Next: Call/,
    );
  });
});

suite('a help desk of a route', () => {
  it('is asked how large a file may be, and gets none that is larger', async () => {
    const { rig, onCall } = await nightRig({ maxFileBytes: 1000 });

    const done = await rig.icepack(['collect', ...batch, '--only', 'cli', '--json']);

    expect(done.json()).toMatchObject({ exitCode: 7, error: { code: 'over-limit' }, say });
    expect(onCall.requests.filter((request) => request.startsWith('PUT'))).toEqual([]);
  });
});

suite('an earlier ticket of the same incident at the desk of a route', () => {
  const later = ['--at', '-43m', '--summary', 'VPN down', '--severity', 'low', '--only', 'cli', '--yes'];

  it('is named with its route, by which it is added to', async () => {
    const { rig, main, onCall } = await nightRig();
    await rig.icepack(['collect', ...batch, '--only', 'cli']);

    const alone = await rig.icepack(['collect', '--batch', ...later]);
    await rig.icepack(['collect', '--batch', ...later, '--ticket', 'TIC-1001', '--route', 'night']);

    expect(alone.stderr).toContain('TIC-1001 by route night');
    expect(alone.stderr).toContain('To add it to that one: --ticket TIC-1001 --route night');
    expect(ticketsAt(onCall)).toEqual([{ key: 'TIC-1001', product: 'On-call', files: 2 }]);
    expect(ticketsAt(main)).toHaveLength(1);
  });

  it('is not made again by another route; the way on that is printed works', async () => {
    const { rig, main, onCall } = await nightRig();
    await rig.icepack(['collect', ...batch, '--only', 'cli']);

    const refused = await rig.icepack(['collect', ...batch, '--only', 'cli', '--route', 'day']);
    const run = /run (\S+)/.exec(refused.stderr)?.[1] ?? '';
    const submitted = await rig.icepack(['submit', run, '--route', 'night', '--batch', '--yes']);

    expect(refused.code).toBe(2);
    expect(refused.stdout).toContain('icepack submit RUN --route NAME');
    expect(submitted.code, submitted.stderr).toBe(0);
    expect(ticketsAt(main)).toEqual([]);
    expect(ticketsAt(onCall)).toEqual([{ key: 'TIC-1001', product: 'On-call', files: 2 }]);
  });

  it.skipIf(lacks('tmux'))('is offered at a terminal, and is where the bundle goes', async () => {
    const { rig, main, onCall } = await nightRig();
    await rig.icepack(['collect', ...batch, '--only', 'cli']);
    const terminal = openTerminal(['collect', ...later], rig.env);

    await terminal.shows('the same incident: add to TIC-1001');
    terminal.press('Enter');
    await terminal.shows('Follow TIC-1001');

    expect(ticketsAt(onCall)).toMatchObject([{ key: 'TIC-1001', files: 2 }]);
    expect(ticketsAt(main)).toEqual([]);
  });
});

suite('which route would be taken', () => {
  it('is said by --dry-run, and why: for all severities where none is given', async () => {
    const { rig, main, onCall } = await nightRig();

    const high = await rig.icepack(['collect', ...batch, '--dry-run']);
    const open = await rig.icepack(['collect', '--batch', '--dry-run']);

    const night = `Route night, after hours, high or emergency (after hours in UTC, severity`;
    expect(high.stdout).toContain(`${night} high): rest at ${onCall.url}, product On-call\n  ${say}\n`);
    expect(high.stdout).toContain(`Register a ticket at ${onCall.url}, attach`);
    expect(open.stdout).toContain(`No route fits (after hours in UTC, severity low or medium): rest at ${main.url}`);
    expect(open.stdout).toContain(`${night} high or emergency): rest at ${onCall.url}`);
    expect([...main.requests, ...onCall.requests]).toEqual([]);
  });

  it('is what doctor says of each, when it has asked all their help desks', async () => {
    const { rig, onCall } = await nightRig();

    const ready = await rig.icepack(['doctor']);
    await onCall.close();
    const down = await rig.icepack(['doctor', '--json']);

    expect(ready.stdout).toMatch(
      /day: in business hours → rest at \S+, product Day; does not apply now: after hours in UTC/,
    );
    expect(ready.stdout).toMatch(/night: after hours, high or emergency → rest at \S+, product On-call; applies now/);
    expect(down.code).toBe(6);
    const failed = down.json().checks.filter(({ status }: { status: string }) => status === 'fail');
    expect(failed).toMatchObject([{ check: 'help-desk', place: expect.stringMatching(/, route night$/) }]);
  });

  it('a help desk that is not needed now needs no credential now', async () => {
    const { rig } = await nightRig();
    await rig.configure((document) => {
      document.helpdesk.token = { env: 'NOT_THERE' };
      document.routes[1].helpdesk.token = { file: join(rig.folder, 'mock', 'token.secret') };
    });

    expect((await rig.icepack(['collect', ...batch, '--only', 'cli'])).code).toBe(0);
  });
});
