import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { bufferFile } from '../../src/mock/files.ts';
import { programPath } from '../support/requirements.ts';
import { type Rig, startRig } from '../support/rig.ts';

const said = ['--batch', '--summary', 'now', '--severity', 'emergency', '--json'];
const now = ['collect', ...said, '--wait'];

/** A rig whose log window is over some seconds after the event. */
async function shortRig(after = '8s', options = {}): Promise<Rig> {
  const rig = await startRig(options);
  await rig.configure((document) => {
    document.window = { before: '30m', after };
  });
  return rig;
}

/** Writes a line into the system log that belongs to the second half. */
function writeLate(rig: Rig): void {
  const files = rig.mock.appliances[0]?.trees.cli.files;
  const before = files?.get('logs/system.log');
  if (before === undefined) throw new Error('there is no system.log');
  const line = Buffer.from(`${new Date(Date.now() - 500).toISOString()} a late line\n`);
  files?.set('logs/system.log', bufferFile(Buffer.concat([before.read(0, before.bytes), line]), Date.now()));
}

function systemLog(zip: string): string {
  return execFileSync(programPath('unzip'), ['-p', zip, '*/Logs/system.log']).toString();
}

function attached(rig: Rig): string[] {
  return rig.mock.helpdesk?.tickets.flatMap(({ files }) => files.map(({ name }) => name)) ?? [];
}

/** Calls once, when something was said. */
function once(pattern: RegExp, work: (kill: (signal: NodeJS.Signals) => void) => void) {
  let isDone = false;
  return (text: string, kill: (signal: NodeJS.Signals) => void) => {
    if (isDone || !pattern.test(text)) return;
    isDone = true;
    work(kill);
  };
}

const waiting = /"step":"wait"/;

describe('collect --wait', () => {
  it('registers and attaches at once; the second half is the next bundle of the event (field-F01)', async () => {
    const rig = await shortRig();
    let before: string[] = [];

    const done = await rig.icepack(now, {
      onStderr: once(waiting, () => {
        before = attached(rig);
        writeLate(rig);
      }),
    });

    const { exitCode, bundle, bundles, ticket, event } = done.json();
    const stem = bundles[0].name.replace(/\.zip$/, '');
    expect(exitCode).toBe(0);
    expect(before).toEqual([`${stem}.zip`]);
    expect(attached(rig)).toEqual([`${stem}.zip`, `${stem}_2.zip`]);
    expect(bundles).toMatchObject([{ name: `${stem}.zip`, attached: true }, bundle]);
    expect(bundle).toMatchObject({ name: `${stem}_2.zip`, attached: true });
    expect([ticket.key, event.number]).toEqual(['TIC-1001', 1]);
    expect(systemLog(bundle.path)).toContain('a late line');
    expect(systemLog(bundles[0].path)).not.toContain('a late line');
    const comments = rig.mock.helpdesk?.tickets[0]?.comments.map(({ body }) => body) ?? [];
    expect(comments.map((body) => body.includes('The rest of the logs follows'))).toEqual([true, false]);
  });

  it('makes one bundle, in the end, with --wait-once or without a ticket (field-F01)', async () => {
    const rig = await shortRig();
    let before: string[] | undefined;
    const onStderr = once(waiting, () => {
      before = attached(rig);
    });

    const once1 = (await rig.icepack(['collect', ...said, '--wait-once'], { onStderr })).json();
    const kept = (await rig.icepack([...now, '--no-submit'])).json();

    expect(before).toEqual([]);
    expect(attached(rig)).toEqual([once1.bundle.name]);
    expect(once1).toMatchObject({ exitCode: 0, bundles: [once1.bundle] });
    expect(kept).toMatchObject({ exitCode: 0, ticket: null, bundles: [kept.bundle] });
  });

  it('that is killed at any step ends with one ticket and the second half, by resume (field-F01)', async () => {
    const steps = {
      'registering at': 1,
      'attaching \\S+\\d{4}\\.zip': 1,
      '"step":"wait"': 1,
      'the window is over': 1,
      'writing \\S+_2\\.zip': 2,
      'attaching \\S+_2\\.zip': 2,
    };
    const struck = async ([step]: [string, number]) => {
      const rig = await shortRig('6s');
      const cut = await rig.icepack(now, {
        onStderr: (text, kill) => {
          if (new RegExp(step).test(text)) kill('SIGKILL');
        },
      });
      await delay(7000 + 5000); // the window and its late lines are over
      const shown = (await rig.icepack(['runs', '--json'])).json().runs;
      const listed = attached(rig);
      const resumed = (await rig.icepack(['resume', '--batch', '--json'])).json();
      const again = await rig.icepack(['resume', '--batch', '--json']);
      return { step, cut, shown, listed, resumed, again, rig };
    };

    const results = await Promise.all(Object.entries(steps).map(struck));

    for (const { step, cut, shown, listed, resumed, again, rig } of results) {
      expect(cut.code, step).toBeNull();
      expect(shown, step).toMatchObject([{ owes: true }]);
      expect(resumed, step).toMatchObject({ exitCode: 0, bundle: { attached: true } });
      expect(again.json().error.code, step).toBe('nothing-owed');
      expect(rig.mock.helpdesk?.tickets, step).toHaveLength(1);
      expect(attached(rig).at(-1), step).toBe(resumed.bundle.name);
      expect(new Set(attached(rig)).size, step).toBe(attached(rig).length);
      if (step === '"step":"wait"') {
        expect(listed).toHaveLength(1);
        expect(shown[0].state).toBe('second half owed');
        expect(resumed.bundle.name).toMatch(/_2\.zip$/);
      }
    }
  });

  it('says at once that the help desk is down, and tries again after the window (field-F01)', async () => {
    const rig = await shortRig();
    rig.mock.helpdesk?.faults.push({ route: 'GET /tickets', fault: 'status-before', status: 401 });

    const done = await rig.icepack(now);

    expect(done.stderr).toContain('tries again when the window is over');
    expect(done.json()).toMatchObject({ exitCode: 0, bundle: { attached: true } });
    expect(attached(rig)).toEqual([done.json().bundle.name]);
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
  });

  it('asks for upload instructions at once where the first half is over the limit, then for the whole (field-F01)', async () => {
    const rig = await shortRig();
    await rig.configure((document) => {
      document.attachmentLimit = '10kB';
    });

    const done = await rig.icepack(now, { onStderr: once(waiting, () => writeLate(rig)) });

    const { exitCode, bundles, run } = done.json();
    const comments = rig.mock.helpdesk?.tickets[0]?.comments.map(({ body }) => body) ?? [];
    expect(exitCode).toBe(7);
    expect(comments).toHaveLength(2);
    expect(comments[1]).toContain(`File: ${bundles[1].name}\nIt takes the place of ${bundles[0].name}.`);
    expect(done.json().error.hint).toContain(`icepack upload ${run}`);
  });

  it('names the ticket text at once at a help desk without an API (field-F01)', async () => {
    const rig = await shortRig();
    await rig.configure((document) => {
      document.helpdesk = { provider: 'portal', url: 'https://portal.example.com/' };
    });

    const done = await rig.icepack(now);
    const [run] = await rig.runs();
    const later = await rig.icepack(['submit', `${run}`, '--ticket', '7', '--batch', '--json']);

    expect(done.stderr.indexOf('the ticket can be registered now')).toBeGreaterThan(0);
    expect(done.stderr.indexOf('the ticket can be registered now')).toBeLessThan(done.stderr.search(waiting));
    expect(done.json()).toMatchObject({ exitCode: 0, next: [`icepack submit ${run} --ticket NUMBER`] });
    expect(later.json()).toMatchObject({
      ticket: { key: 'TIC-7' },
      bundle: { name: expect.stringMatching(/_Event1_\d+_\d{4}\.zip/) },
    });
  });
});
