import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWatchNotes } from '../../src/state/watch-notes.ts';
import { type Rig, startRig, startRun, until } from '../support/rig.ts';

/** Times that a test can wait for. */
const quick = {
  every: '3s', // a busy machine may look later: what is not looked at for three times as long begins from the start
  retry: '1s',
  tickets: false,
  bundles: false,
  checks: {
    silent: { for: '2s', clearFor: '1s' },
    key: { for: '2s' },
    incenter: { for: '2s' },
    data: { every: '3s', for: '2s', clearFor: '1s' },
  },
};
const untilDue = () => new Promise((resolve) => setTimeout(resolve, 3000));

async function quickRig(options: Parameters<typeof startRig>[0] = {}, watch: object = quick): Promise<Rig> {
  const rig = await startRig(options);
  await rig.configure((document) => {
    document.watch = watch;
    document.timeouts = { connect: '3s' };
  });
  return rig;
}

/** Starts a watch that goes on until the test ends it. */
function startWatch(rig: Rig) {
  return startRun(rig, ['watch', '--batch']);
}

async function endOf({ kill, ended }: ReturnType<typeof startWatch>) {
  kill('SIGTERM');
  return ended;
}

type Thing = { check: string; instance?: string; state: string; text: string };

/** How the first server stands, by the names of its checks. */
async function statusOf(rig: Rig): Promise<Record<string, Thing>> {
  const { servers } = (await rig.icepack(['watch', 'status', '--json'])).json();
  return byName(servers[0].things);
}

function byName(things: Thing[]): Record<string, Thing> {
  return Object.fromEntries(things.map((thing) => [`${thing.check} ${thing.instance ?? ''}`.trim(), thing]));
}

describe('on a system that has no locks', () => {
  it('the watch refuses to start, and the status works (W87)', async () => {
    const rig = await quickRig();
    const elsewhere = join(rig.folder, 'elsewhere.cjs');
    writeFileSync(elsewhere, `Object.defineProperty(process, 'platform', { value: 'darwin' });`);
    const env = { NODE_OPTIONS: `--require ${elsewhere}` };

    const ended = await Promise.all([['watch'], ['watch', '--once']].map((args) => rig.icepack(args, { env })));
    const status = await rig.icepack(['watch', 'status'], { env });

    for (const { code, stderr } of ended)
      expect([code, stderr]).toEqual([2, 'icepack watches on Linux only\n  → Run it on a Linux machine\n']);
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/^1 server, not looked at yet/);
  });
});

describe('icepack watch --once', () => {
  it('says nothing to cron where all is well, and status shows it', async () => {
    const rig = await startRig();

    const once = await rig.icepack(['watch', '--once', '--batch']);
    const status = await rig.icepack(['watch', 'status']);

    expect([once.code, once.stdout, once.stderr]).toEqual([0, '', '']);
    expect(status.stdout).toMatch(/^1 server\. Last round .*\nWithout canaries .*\n✓ ICE01 {2}6 checks are well\n$/);
  });

  it('logs in to each face once, and runs one command on the host OS', async () => {
    const rig = await quickRig();

    await rig.icepack(['watch', '--once', '--batch']);

    const [{ logins }] = rig.mock.appliances as [Rig['mock']['appliances'][number]];
    expect([logins.cli, logins.hostOs].map((tried) => tried.filter((method) => method === 'password').length)).toEqual([
      1, 1,
    ]);
  });

  it('asks nothing of a server that is silent, and calls nothing else an event (W68)', async () => {
    const rig = await quickRig();
    await rig.icepack(['watch', '--once', '--batch']);
    await rig.mock.appliances[0]?.fail({ silent: true });
    await untilDue();

    const { code, stderr } = await rig.icepack(['watch', '--once', '--batch']);

    expect([code, stderr]).toEqual([0, '']);
    const things = await statusOf(rig);
    expect(things['silent']).toMatchObject({ state: 'pending', text: expect.stringContaining('connection refused') });
    expect(things['incenter']).toMatchObject({ state: 'unknown', text: 'not asked: the server is silent' });
    expect(things['data /data']).toMatchObject({ state: 'unknown', text: 'not asked: the server is silent' });
  });

  it('tries a refused password once, and sees all the same that the server answers (W65)', async () => {
    const rig = await quickRig();
    writeFileSync(join(rig.folder, 'mock', 'hostOs.secret'), 'wrong\n', { mode: 0o600 });
    const tried = () => rig.mock.appliances[0]?.logins.hostOs.filter((method) => method === 'password').length;
    const looked: unknown[] = [];
    for (let round = 0; round < 3; round++) {
      const { code } = await rig.icepack(['watch', '--once', '--batch']);
      looked.push([code, tried()]);
      await untilDue();
    }

    expect(looked).toEqual(Array(3).fill([3, 1]));
    const things = await statusOf(rig);
    expect(things['silent']?.state).toBe('ok');
    expect(things['data']).toMatchObject({ state: 'unknown', text: expect.stringContaining('refused the login') });
  });

  it('ends with 9 while another one is at work, and names it (W03, W04)', async () => {
    const rig = await quickRig();
    const watch = startWatch(rig);
    const note = join(rig.folder, '.local', 'state', 'icepack', 'watch', 'at-work.json');
    await until(() => existsSync(note));
    const { pid } = JSON.parse(readFileSync(note, 'utf8')).process;

    const second = await rig.icepack(['watch', '--once', '--batch']);
    const daemon = await rig.icepack(['watch', '--batch']);

    expect([second.code, daemon.code]).toEqual([9, 9]);
    expect(second.stderr).toContain(`another icepack watches already: process ${pid}, since `);
    expect((await endOf(watch)).code).toBe(0);
  });

  it('waits for one that takes an event or looks once, and says so (W03)', async () => {
    const rig = await quickRig();
    const state = join(rig.folder, '.local', 'state', 'icepack');
    const release = await openWatchNotes(state, () => new Date()).lock(new Date(), true);
    const watch = startWatch(rig);
    await until(() => watch.said().includes('another icepack is at work and will soon end: waiting for it'));

    release();
    await until(() => existsSync(join(state, 'watch', 'seen.json')));

    expect((await endOf(watch)).code).toBe(0);
    expect(watch.said().match(/waiting for it/g)).toHaveLength(1);
  });

  it('ends as any watch where it is stopped while it waits for one', async () => {
    const rig = await quickRig();
    const state = join(rig.folder, '.local', 'state', 'icepack');
    const release = await openWatchNotes(state, () => new Date()).lock(new Date(), true);
    const watch = startWatch(rig);
    await until(() => watch.said().includes('waiting for it'));

    const { code, stderr } = await endOf(watch);
    release();

    expect([code, stderr.match(/icepack/g)]).toEqual([0, ['icepack']]); // nothing but that it waits
  });

  it('asks a server that is being collected from for its greeting alone (W67)', async () => {
    const rig = await quickRig({ techsupport: { durationMs: 4000, bytes: 1000 } });
    const run = startRun(rig, ['collect', '--batch', '--no-submit', '--at', '-20m', '--only', 'techsupport']);
    const tried = () => rig.mock.appliances[0]?.logins.cli.filter((method) => method === 'password').length;
    await until(() => tried() === 1);

    const once = await rig.icepack(['watch', '--once', '--batch']);

    const things = await statusOf(rig);
    expect([once.code, tried()]).toEqual([0, 1]);
    expect(things['silent']?.state).toBe('ok');
    expect(things['incenter']?.text).toMatch(/^not asked: run \S+ collects from it$/);
    expect((await run.ended).code).toBe(0);
  });

  it('sends nothing secret to a server that shows another host key (W66)', async () => {
    const rig = await quickRig();
    await rig.configure((document) => {
      document.appliances.ice01.cli.hostKey = document.appliances.ice01.hostOs.hostKey;
    });

    const { code } = await rig.icepack(['watch', '--once', '--batch']);

    expect(code).toBe(3);
    expect(rig.mock.appliances[0]?.logins.cli).toEqual([]);
    const things = await statusOf(rig);
    expect(things['key']).toMatchObject({ state: 'pending', text: expect.stringContaining('another host key') });
    expect(things['silent']?.state).toBe('ok');
  });

  it('knows nothing of a face whose password a command does not give, and goes on (W64)', async () => {
    const rig = await quickRig();
    await rig.configure((document) => {
      document.appliances.ice01.hostOs.password = { command: ['false'] };
    });

    const { code } = await rig.icepack(['watch', '--once', '--batch']);

    const things = await statusOf(rig);
    expect(code).toBe(3);
    expect(things['data']?.state).toBe('unknown');
    expect(things['incenter']?.state).toBe('ok');
  });

  it('begins anew where what it had seen cannot be read any more', async () => {
    const rig = await quickRig();
    await rig.icepack(['watch', '--once', '--batch']);
    writeFileSync(join(rig.folder, '.local', 'state', 'icepack', 'watch', 'seen.json'), '{"schema":1,"ser');

    const { code, stderr } = await rig.icepack(['watch', '--once', '--batch']);

    expect([code, stderr]).toEqual([0, '']);
  });
});

describe('icepack watch', () => {
  it('does not begin where a password would have to be typed, and names the place (W88)', async () => {
    const rig = await quickRig();
    await rig.configure((document) => {
      delete document.appliances.ice01.hostOs.password;
    });

    const { code, stderr } = await rig.icepack(['watch', '--batch']);

    expect(code).toBe(2);
    expect(stderr).toMatch(/ICE01 host OS \(127\.0\.0\.1:\d+\)/);
    expect(stderr).toContain('appliances.ice01.hostOs.password');
    expect(rig.mock.appliances[0]?.logins.hostOs).toEqual([]);
  });

  it('tells of an event when it has lasted, and when it is over', async () => {
    const rig = await quickRig();
    const watch = startWatch(rig);

    await rig.mock.appliances[0]?.fail({ fullPercent: 93 });
    await until(() => watch.said().includes('opened'));
    await rig.mock.appliances[0]?.fail({});
    await until(() => watch.said().includes('is over'));

    const { code, stderr, stdout } = await endOf(watch);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(
      /^ICE01 data \/data: data volume over 90 % since [\d -:]+: 93\.0 % used\nI1 opened: .*data volume over 90 % \(ICE01\)\nICE01 data \/data: data volume over 90 % is over after [\d.]+ s: 41\.0 % used\n$/,
    );
  });

  it('tells of a CLI without a prompt, while the host OS answers, as an outage of the VM', async () => {
    const rig = await quickRig();
    await rig.configure((document) => {
      document.timeouts = { connect: '1s' }; // so long each look waits for the prompt
    });
    await rig.mock.appliances[0]?.fail({ deadCli: true });
    const watch = startWatch(rig);

    await until(() => watch.said().includes('\n'));

    const { stderr } = await endOf(watch);
    expect(stderr).toContain('ICE01 incenter: VM outage since ');
    expect(stderr).toContain('the login works, and no prompt comes');
    expect((await statusOf(rig))['silent']?.state).toBe('ok');
  });

  it('tells of a server that is silent, and of nothing else there', async () => {
    const rig = await quickRig();
    const watch = startWatch(rig);
    const seen = join(rig.folder, '.local', 'state', 'icepack', 'watch', 'at-work.json');
    await until(() => existsSync(seen));
    await rig.mock.appliances[0]?.fail({ silent: true });

    await until(() => watch.said().includes('\n'));

    const { stderr } = await endOf(watch);
    expect(stderr).toMatch(/^ICE01 silent: server silent since .*: .*connection refused\n(?:I1 opened: .*\n)?$/);
  });

  it('goes on with what it knew when it is started again (I8)', async () => {
    const rig = await quickRig();
    await rig.mock.appliances[0]?.fail({ fullPercent: 93 });
    const first = startWatch(rig);
    await until(() => first.said().includes('opened'));
    await endOf(first);

    const second = startWatch(rig);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const { stderr } = await endOf(second);

    expect(stderr).toBe(''); // it is told once
    expect((await statusOf(rig))['data /data']).toMatchObject({ state: 'firing' });
  });
});

describe('what is to be watched', () => {
  it.each([
    [
      'a key that no check has',
      { checks: { data: { abov: '95%' } } },
      /unknown key "watch\.checks\.data\.abov"; did you mean "above"\?/,
    ],
    ['a check without a kind', { checks: { dns: { command: 'x' } } }, /"watch\.checks\.dns": "kind" is missing/],
    ['a service without a pattern', { checks: { dns: { kind: 'service', command: 'x' } } }, /needs "command" and "ok"/],
    ['a percentage that is none', { checks: { data: { above: '190%' } } }, /a percentage such as 90%/],
    ['a pattern that is none', { checks: { dns: { kind: 'service', command: 'x', ok: '(' } } }, /a regular expression/],
    ['limits the wrong way round', { checks: { data: { above: '80%' } } }, /"clear" is above "above"/],
    ['a time that is too short', { every: '100ms' }, /"watch\.every": a duration from 1s to 1h/],
  ])('is refused with its line: %s', async (_, watch, message) => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.watch = watch;
    });

    const { code, stderr } = await rig.icepack(['watch', '--once', '--batch']);

    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/icepack\.yaml:\d+: /);
  });

  it('is changed for one server', async () => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.appliances.ice01.watch = {
        checks: { incenter: false, share: false, data: { above: '40%', clear: '30%' } },
      };
    });

    await rig.icepack(['watch', '--once', '--batch']);

    const things = await statusOf(rig);
    expect(Object.keys(things).sort()).toEqual(['data', 'data /data', 'key', 'silent']);
    expect(things['data /data']?.state).toBe('pending');
  });
});
