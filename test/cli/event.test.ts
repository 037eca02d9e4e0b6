import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mailChannel, mailLogin, startMailServer } from '../support/mail-server.ts';
import { type Rig, startRig, startRun, until } from '../support/rig.ts';

const outage = ['event', 'ice01', '--event', 'VM outage', '--key', 'dc01'];
const bad = [...outage, '--is', 'bad', '--message', 'shut off (crashed)'];
const ok = [...outage, '--is', 'ok', '--message', 'it runs'];

/** Servers at which nothing is looked at by icepack itself. */
async function eventRig(watch: object = {}, options: Parameters<typeof startRig>[0] = {}): Promise<Rig> {
  const rig = await startRig({ cluster: 'east', ...options });
  await rig.configure((document) => {
    const checks = { silent: false, key: false, incenter: false, data: false, share: false };
    document.watch = { bundles: false, checks, ...watch };
    document.timeouts = { connect: '3s' };
  });
  return rig;
}

const tickets = (rig: Rig) => rig.mock.helpdesk?.tickets ?? [];
const stateOf = (rig: Rig) => join(rig.folder, '.local', 'state', 'icepack', 'watch');
const statusOf = async (rig: Rig) => (await rig.icepack(['watch', 'status', '--json'])).json();
const commentsOf = (rig: Rig) => tickets(rig)[0]?.comments.map(({ body }) => body) ?? [];

function breakDesk(rig: Rig): () => void {
  const faults = rig.mock.helpdesk?.faults;
  for (let count = 0; count < 500; count++)
    faults?.push({ route: 'GET /tickets', fault: 'status-before', status: 401 });
  return () => void faults?.splice(0);
}

async function watching<T>(rig: Rig, work: (watch: ReturnType<typeof startRun>) => Promise<T>): Promise<T> {
  const watch = startRun(rig, ['watch', '--batch']);
  try {
    await until(() => existsSync(join(stateOf(rig), 'at-work.json')) && existsSync(join(stateOf(rig), 'seen.json')));
    return await work(watch);
  } finally {
    watch.kill('SIGTERM');
    await watch.ended;
  }
}

describe('icepack event, where no watch is at work', () => {
  it('has its ticket when it ends, which is told when it is ok again', async () => {
    const rig = await eventRig();

    const first = await rig.icepack(bad);
    const over = await rig.icepack(ok);

    expect([first.code, over.code]).toEqual([0, 0]);
    expect(first.stdout).toMatch(/^ICE01 dc01: VM outage: I1, ticket TIC-1001 {2}http:\S+\n$/);
    expect(over.stdout).toBe('ICE01 dc01: VM outage is over: all of I1 (TIC-1001) is well again\n');
    expect(tickets(rig)[0]).toMatchObject({
      subject: 'Example AB, cluster east: VM outage (ICE01)',
      severity: 'high',
      body: expect.stringMatching(/^ICE01 dc01: VM outage since .*: shut off \(crashed\)\n/),
    });
    expect(commentsOf(rig).join('\n')).toMatch(/Well again: ICE01 dc01 at .*: it runs\nAll of it is well again\./);
  });

  it('makes one ticket of one thing, however often and in whatever order it is said at once (W85)', {
    timeout: 240_000,
  }, async () => {
    const rig = await eventRig();

    const done = await Promise.all(Array.from({ length: 50 }, () => rig.icepack(bad)));
    const mixed = await Promise.all(Array.from({ length: 10 }, (_, n) => rig.icepack(n % 2 === 0 ? bad : ok)));
    const last = await rig.icepack(bad);

    expect(done.map(({ code }) => code)).toEqual(Array(50).fill(0));
    expect(done.every(({ stdout }) => stdout.includes('I1, ticket TIC-1001'))).toBe(true);
    expect(mixed.map(({ code }) => code)).toEqual(Array(10).fill(0));
    expect(tickets(rig).map(({ key }) => key)).toEqual(['TIC-1001']);
    expect((await statusOf(rig)).incidents).toMatchObject([{ id: 'I1', state: 'firing', bad: 1 }]);
    expect(last.stdout).toContain('I1, ticket TIC-1001');
    expect(readdirSync(join(stateOf(rig), 'reported'))).toHaveLength(1);
  });

  it('joins things of one kind in one cluster to one incident; another kind has its own', async () => {
    const rig = await eventRig({}, { appliances: 2 });

    await rig.icepack(bad);
    const second = await rig.icepack(['event', 'ice02', '--event', 'VM outage', '--key', 'dc02', '--is', 'bad']);
    const other = await rig.icepack(['event', 'ice02', '--event', 'Fan', '--is', 'bad', '--severity', 'low']);

    expect(second.stdout).toContain('I1, ticket TIC-1001');
    expect(other.stdout).toContain('ICE02 reported: Fan: I2, ticket TIC-1002');
    expect(tickets(rig).map(({ severity }) => severity)).toEqual(['high', 'low']);
    expect(commentsOf(rig).join()).toMatch(/Bad: ICE02 dc02: VM outage since .*: \S+ says that it is bad, and no more/);
    expect((await rig.icepack(ok)).stdout).toContain('1 thing of I1 (TIC-1001) is bad still');
  });

  it('has the evidence collected into its ticket, of a server that nobody looks at', async () => {
    const rig = await eventRig({ bundles: true });

    await rig.icepack(bad);
    await until(() => (tickets(rig)[0]?.files.length ?? 0) > 0);

    expect(tickets(rig)[0]?.files[0]?.name).toMatch(/^TIC-1001_Event1_\d{8}_\d{4}\.zip$/);
    const journal = join(stateOf(rig), 'open', 'I1', 'journal.jsonl');
    while (!readFileSync(journal, 'utf8').includes('"type":"collected"')) await rig.icepack(bad);
    expect(tickets(rig)).toHaveLength(1);
  });

  it('ends with 6 while the help desk is down, and the next one registers; it is kept meanwhile', async () => {
    const rig = await eventRig();
    const mend = breakDesk(rig);

    const down = await rig.icepack(bad);
    const quiet = await rig.icepack([...bad, '--quiet']);
    mend();
    const other = await rig.icepack(['event', 'ice01', '--event', 'Fan', '--is', 'bad']);

    expect([down.code, quiet.code, other.code]).toEqual([6, 6, 0]);
    expect(down.stdout).toMatch(/I1, no ticket yet.*icepack watch --once/);
    expect(down.stderr).toMatch(/I1: no ticket yet: /);
    expect(quiet.stderr + quiet.stdout).toContain('I1 has no ticket yet');
    expect(tickets(rig).map(({ subject }) => subject)).toHaveLength(2);
  });

  it('tells nobody in maintenance, shows it in the status, and makes an incident of it when that is over', async () => {
    const rig = await eventRig();
    await rig.icepack(['maintenance', 'add', 'ice01', '--for', '1h', '--reason', 'new disk']);

    const hidden = await rig.icepack(bad);
    const [server] = (await statusOf(rig)).servers;
    const shown = await rig.icepack(['watch', 'status']);
    const before = tickets(rig).length;
    await rig.icepack(['maintenance', 'end', 'M1']);
    const once = await rig.icepack(['watch', '--once', '--batch']);

    expect([hidden.code, before]).toEqual([0, 0]);
    expect(hidden.stdout).toContain('ICE01 dc01: VM outage: kept, and nobody is told: suppressed by M1');
    expect(hidden.stderr).toMatch(/Nobody watches: what is bad when that is over .* icepack watch --once/);
    expect(server.things).toMatchObject([{ state: 'suppressed', suppressed: 'M1', instance: 'dc01' }]);
    expect(shown.stdout).toMatch(
      /– ICE01 {2}dc01 {2}VM outage, suppressed by M1, since .*\n.*crashed\)\n {4}said last .* by /,
    );
    expect(once.code).toBe(0);
    expect(tickets(rig)).toHaveLength(1);
  });

  it('is not told of a server that is being set up', async () => {
    const rig = await eventRig();
    await rig.configure((document) => {
      document.appliances.ice01.staging = true;
    });

    const { code, stdout } = await rig.icepack(bad);

    expect([code, tickets(rig).length]).toEqual([0, 0]);
    expect(stdout).toContain('kept, and nobody is told: staging');
  });

  it('ends what was told of a server that is configured no longer', async () => {
    const rig = await eventRig({}, { appliances: 2 });
    await rig.icepack(bad);
    await rig.configure((document) => {
      delete document.appliances.ice01;
    });

    await rig.icepack(['event', 'ice02', '--event', 'Fan', '--is', 'ok']);

    expect((await statusOf(rig)).incidents).toMatchObject([{ id: 'I1', state: 'well again', bad: 0 }]);
    expect(commentsOf(rig).join()).toContain('it is watched no longer');
  });

  it('masks what a stranger says, and prints nothing that a terminal takes for more than text (W72, W73)', async () => {
    const rig = await eventRig();
    const hostile = 'crashed\u001b[31m\r\nSubject: x\u202e password=hunter2-canary';

    const done = await rig.icepack([...outage, '--is', 'bad', '--message', hostile]);
    const status = await rig.icepack(['watch', 'status']);

    const [ticket] = tickets(rig);
    const kept = readdirSync(join(stateOf(rig), 'reported')).map((name) =>
      readFileSync(join(stateOf(rig), 'reported', name), 'utf8'),
    );
    const all = [done.stdout, done.stderr, status.stdout, ticket?.body, ticket?.subject, ...kept].join('\n');
    expect(all).toContain('crashed');
    expect(all).not.toMatch(/hunter2|\u001b\[31m|\u202e|^Subject:/m);
  });

  it('tells people of each incident, also where the last one was a moment ago', async () => {
    const mail = await startMailServer();
    const rig = await eventRig();
    Object.assign(rig.env, { SMTP_PW: mailLogin.password });
    await rig.configure((document) => {
      document.people = { kim: { name: 'Kim', email: 'kim@example.com' } };
      document.roles = { primary: 'kim' };
      document.channels = { mail: mailChannel(mail) };
      document.escalation = {
        routes: [{ policy: 'all' }],
        policies: { all: { steps: [{ at: '0m', to: ['primary'], by: ['mail'] }] } },
      };
    });

    const done = [await rig.icepack(bad), await rig.icepack(['event', 'ice01', '--event', 'Fan', '--is', 'bad'])];
    await rig.icepack(bad);

    expect(done.map(({ code }) => code)).toEqual([0, 0]);
    expect(mail.mails.map((each) => /^Subject: .*/m.exec(each)?.[0])).toEqual([
      'Subject: [I1] Example AB, cluster east: VM outage (ICE01)',
      'Subject: [I2] Example AB, cluster east: Fan (ICE01)',
    ]);
  });

  it('says once that nobody does the later steps where somebody would be told', async () => {
    const rig = await eventRig();
    await rig.configure((document) => {
      document.people = { kim: { name: 'Kim', email: 'kim@example.com', phone: '+46701740605' } };
      document.roles = { primary: 'kim' };
      document.channels = { push: { kind: 'ntfy', url: 'http://127.0.0.1:9', topic: 'oncall' } };
      document.escalation = {
        routes: [{ policy: 'all' }],
        policies: { all: { steps: [{ at: '0m', to: ['primary'], by: ['push'] }] } },
      };
    });

    const { code, stderr } = await rig.icepack(bad);
    await rig.icepack(['watch', '--once', '--batch']);
    const watched = await rig.icepack(bad);

    expect(code).toBe(0);
    expect(stderr.match(/Nobody watches: the later steps of escalation: come .* icepack watch --once/g)).toHaveLength(
      1,
    );
    expect(watched.stderr).not.toContain('Nobody watches');
  });
});

describe('icepack event beside a watch', () => {
  it('is taken up by that within moments, and names its incident', async () => {
    const rig = await eventRig({ flood: { wait: '1s' } });

    const done = await watching(rig, async (watch) => {
      const first = await rig.icepack([...bad, '--json']);
      await until(() => watch.said().includes('I1: ticket TIC-1001'));
      const again = await rig.icepack(bad);
      const over = await rig.icepack(ok);
      await until(() => commentsOf(rig).join().includes('Well again'));
      return [first, again, over];
    });

    expect(done.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect(done[0]?.json()).toMatchObject({
      ...{ verb: 'event', exitCode: 0, notTaken: [] },
      reported: [{ server: 'ice01', event: 'VM outage', key: 'dc01', taken: true, incident: { id: 'I1' } }],
    });
    expect(done[1]?.stdout).toContain('I1, ticket TIC-1001');
    expect(done[2]?.stdout).toContain('all of I1 (TIC-1001) is well again');
    expect(done[1]?.stderr).not.toContain('Nobody watches');
    expect(tickets(rig)).toHaveLength(1);
  });

  it('is told when maintenance is over that held it back', async () => {
    const rig = await eventRig({ flood: { wait: '1s' } });
    await rig.icepack(['maintenance', 'add', '--for', '1h', '--reason', 'new disk']);

    await watching(rig, async () => {
      const { stdout } = await rig.icepack(bad);
      expect(stdout).toContain('suppressed by M1');
      await rig.icepack(['maintenance', 'end', 'M1']);
      await until(() => tickets(rig).length > 0);
    });

    expect(tickets(rig)).toHaveLength(1);
  });

  it('that hangs says so, and what was said is taken up by whoever comes next', async () => {
    const rig = await eventRig();

    const { code, stdout } = await watching(rig, async (watch) => {
      watch.kill('SIGSTOP');
      const done = await rig.icepack(bad);
      watch.kill('SIGCONT');
      return done;
    });
    await rig.icepack(['watch', '--once', '--batch']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/kept\. Process \d+ is at work, and has not taken it up yet.*icepack watch status/);
    expect(tickets(rig)).toHaveLength(1);
  });
});

describe('icepack event --alertmanager', () => {
  const alert = (instance: string, status = 'firing') => ({
    ...{ status, labels: { alertname: 'VMDown', instance, severity: 'critical' } },
    ...{ annotations: { summary: 'dc01 is down' }, startsAt: new Date().toISOString() },
  });
  const payload = (...alerts: object[]) => JSON.stringify({ version: '4', alerts });
  const send = (rig: Rig, input: string, ...more: string[]) =>
    rig.icepack(['event', '--alertmanager', '-', ...more], { input });

  it('takes each alert of a server that is known, names the others with their labels, and ends with 3', async () => {
    const rig = await eventRig();
    const both = payload(alert('ice01:9100'), alert('web1:9100'));

    const done = await send(rig, both);
    const json = (await send(rig, both, '--json')).json();
    const whole = await send(rig, payload(alert('ice01:9100', 'resolved')), '--severity', 'low');

    expect([done.code, json.exitCode, whole.code]).toEqual([3, 3, 0]);
    expect(done.stderr).toContain(
      'not taken: instance="web1:9100" is no server of appliances:. Alert: alertname="VMDown"',
    );
    expect(json.notTaken).toMatchObject([{ labels: { instance: 'web1:9100' } }]);
    expect(tickets(rig).map(({ subject }) => subject)).toEqual(['Example AB, cluster east: VMDown (ICE01)']);
    expect((await statusOf(rig)).incidents).toMatchObject([{ state: 'well again' }]);
  });

  it('takes nothing of what it does not understand whole, or of more than 1 MB', async () => {
    const rig = await eventRig();

    const half = await send(rig, payload(alert('ice01'), { status: 'firing' }));
    const large = await send(rig, payload(alert('ice01')) + ' '.repeat(1_000_001));

    expect([half.code, large.code]).toEqual([2, 2]);
    expect(half.stderr).toContain('standard input: alerts.1.labels: ');
    expect(large.stderr).toContain('standard input: it is longer than 1 MB');
    expect(existsSync(join(stateOf(rig), 'reported'))).toBe(false);
  });
});

describe('icepack event with what it cannot use', () => {
  it.each([
    [[], /an event needs its server, --event, --is\n.*icepack event SERVER --event NAME --is bad\|ok/],
    [['ice01', '--event', 'x'], /an event needs --is\n.*icepack event ice01 --event x --is/],
    [['ice09', '--event', 'x', '--is', 'bad'], /no server is called "ice09"\n.*There are: ice01/],
    [['ICE01', '--event', 'x', '--is', 'bad'], /no server is called "ICE01"/],
    [['ice01', '--event', 'x', '--is', 'up'], /It is bad or ok\./],
    [['ice01', '--event', 'x', '--is', 'bad', '--severity', 'urgent'], /low, medium, high, emergency/],
    [['ice01', '--event', 'a\nb', '--is', 'bad'], /One line/],
    [['ice01', '--alertmanager', '-'], /all comes from its alerts/],
    [['ice01', '--event', 'x', '--is', 'bad', '--server-label', 'host'], /goes with --alertmanager/],
    [['--alertmanager', 'none.json'], /there is no file/],
  ])('refuses %j before anything happens', async (words, message) => {
    const rig = await eventRig();

    const { code, stderr } = await rig.icepack(['event', ...words]);

    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(existsSync(stateOf(rig))).toBe(false);
  });
});
