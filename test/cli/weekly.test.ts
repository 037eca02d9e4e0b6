import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { weekAfter, weekAt, weekName } from '../../src/domain/week.ts';
import { openWeeklyJournal } from '../../src/state/weekly-journal.ts';
import { mailChannel, mailLogin, startMailServer } from '../support/mail-server.ts';
import { type Rig, startRig, startRun, until } from '../support/rig.ts';
import { hostile } from '../weekly/made-week.ts';

const dayMs = 86_400_000;
const running = () => weekName(weekAt(new Date(), 'UTC'));
const ended = () => weekName(weekAfter(weekAt(new Date(), 'UTC'), -1));
const stateOf = (rig: Rig) => join(rig.folder, '.local', 'state', 'icepack');
const journalOf = (rig: Rig) => readFileSync(join(stateOf(rig), 'watch', 'weekly.jsonl'), 'utf8');
const idOf = (mail: string) => /^Message-ID: (<.*>)/im.exec(mail)?.[1];
/** What a mail says, without what its way of writing adds. */
const bodyOf = (mail: string) => {
  const whole = mail.replaceAll(/=\r?\n/g, '');
  return Buffer.from(
    whole.replaceAll(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString();
};

/** A server whose volume gets full, and a weekly status that is due since midnight. */
async function weeklyRig(mail: Awaited<ReturnType<typeof startMailServer>>) {
  const rig = await startRig({ cluster: 'east' });
  Object.assign(rig.env, { SMTP_PW: mailLogin.password, TZ: 'UTC' });
  const html = join(rig.folder, 'pages');
  mkdirSync(html);
  await rig.configure((document) => {
    document.watch = {
      ...{ every: '3s', retry: '1s', bundles: false, flood: { wait: '1s' } },
      checks: { data: { every: '3s', for: '2s', clearFor: '1s' } },
    };
    document.channels = { mail: mailChannel(mail) };
    const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][new Date().getUTCDay()];
    document.weekly = { on: `${day} 00:00`, zone: 'UTC', to: ['it@example.org'], cc: ['mo@example.com'], html };
  });
  return { rig, html };
}

/** As after a watch that sent it before. */
async function begunEarlier(rig: Rig): Promise<void> {
  await openWeeklyJournal(stateOf(rig), () => new Date(Date.now() - 10 * dayMs)).begin();
}

async function fullUntilTicket(rig: Rig): Promise<void> {
  await rig.mock.appliances[0]?.fail({ fullPercent: 93 });
  const watch = startRun(rig, ['watch', '--batch']);
  const ticket = join(stateOf(rig), 'watch', 'open', 'I1', 'ticket.jsonl');
  await until(() => existsSync(ticket) && readFileSync(ticket, 'utf8').includes('"registered"'));
  watch.kill('SIGTERM');
  await watch.ended;
}

describe('icepack weekly', { timeout: 180_000 }, () => {
  it('tells of the incident, the maintenance and the staging of the week, as text, as a page and as JSON', async () => {
    const { rig, html } = await weeklyRig(await startMailServer());
    await fullUntilTicket(rig);
    rig.mock.helpdesk?.tickets.push({
      ...rig.mock.helpdesk.tickets[0],
      id: '77',
      key: 'TIC-77',
      subject: hostile,
      reference: 'theirs',
    } as never);
    await rig.icepack(['ack', 'I1']);
    await rig.icepack([
      'maintenance',
      'add',
      'ice01',
      '--from',
      'now',
      '--for',
      '2h',
      '--reason',
      'disk\u202eexchange',
    ]);

    const text = await rig.icepack(['weekly']);
    const page = await rig.icepack(['weekly', '--html', html]);
    const json = (await rig.icepack(['weekly', '--json'])).json();

    expect([text.code, page.code]).toEqual([0, 0]);
    expect(text.stdout).toMatch(
      /TIC-\d+ {2}Open.*, acknowledged\n {6}cluster east: data volume over 90 % \(ICE01\)\n {6}since .*answered after/,
    );
    expect(text.stdout).toContain('TIC-77  Open');
    expect(text.stdout).not.toMatch(/[\x1b\r\u202e]/);
    expect(text.stdout).toMatch(/M1 {2}since .*goes on\n {6}ICE01: disk.exchange\n/);
    expect(text.stdout).toContain('100 % of rounds were whole.');
    expect(text.stdout.replaceAll(/\s+/g, ' ')).toMatch(/Not at work [^.]*: what happened then is not known\./);
    expect(readdirSync(html).toSorted()).toEqual([`${running()}.html`, 'index.html']);
    expect(readFileSync(join(html, 'index.html'), 'utf8')).toContain(`href="${running()}.html"`);
    expect(readFileSync(join(html, 'index.html'), 'utf8')).not.toContain('<script');
    expect(json.weekly).toMatchObject({ week: running(), isRunning: true, tickets: { began: 1, open: 2 } });
  });

  it('is told from journals alone where the help desk does not list, and says so (W83)', async () => {
    const { rig } = await weeklyRig(await startMailServer());
    await fullUntilTicket(rig);
    for (let count = 0; count < 20; count++)
      rig.mock.helpdesk?.faults.push({ route: 'GET /tickets', fault: 'status-before', status: 403 });

    const { code, stdout, stderr } = await rig.icepack(['weekly']);

    expect(code).toBe(0);
    expect(stdout).toMatch(/TIC-\d+ {2}open\n/);
    expect(stderr).toContain('told to fail');
    expect(stdout).not.toContain('told to fail'); // it may go to a customer
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Only tickets of incidents that the watch knows are here: the help desk does not list',
    );
  });

  it('is sent when somebody wants that: as text and HTML, in one mail to all, and nothing in it is a header', async () => {
    const mail = await startMailServer();
    const { rig } = await weeklyRig(mail);
    await rig.configure((document) => {
      document.organization = 'Example AB Subject: x <script>';
    });

    const sent = await rig.icepack(['weekly', '--send']);
    const again = await rig.icepack(['weekly', '--send', '--week', ended()]);
    const more = await rig.icepack(['weekly', '--send', '--week', ended()]);

    expect([sent.code, again.code, more.code]).toEqual([0, 0, 0]);
    expect(sent.stdout).toContain('Sent to it@example.org, mo@example.com');
    expect(mail.mails[0]).toMatch(/^To: it@example\.org\r\nCc: mo@example\.com\r\n/im);
    expect(mail.mails[0]).toMatch(/^Content-Type: multipart\/alternative/im);
    expect(mail.mails[0]?.match(/^Subject:/gim)).toHaveLength(1);
    expect(bodyOf(mail.mails[0] ?? '')).toContain('&lt;script&gt;');
    expect(bodyOf(mail.mails[0] ?? '')).not.toContain('<script>\n');
    expect(new Set(mail.mails.map(idOf)).size).toBe(3); // each was wanted: no mail program is to drop one
  });

  it('is not sent where there is no mail server, with a word and exit code 5', async () => {
    const { rig } = await weeklyRig(await startMailServer());
    await rig.configure((document) => {
      document.channels.mail.url = 'smtp://127.0.0.2:1';
    });

    const { code, stderr } = await rig.icepack(['weekly', '--send']);

    expect(code).toBe(5);
    expect(stderr).toContain('the weekly status was not sent');
    expect(stderr).toContain('channels.mail');
  });

  it('is sent by the watch when it is due, once, also over rounds, with its page (W82)', async () => {
    const mail = await startMailServer();
    const { rig, html } = await weeklyRig(mail);
    await rig.icepack(['watch', '--once', '--batch']);
    const none = mail.mails.length; // what was due before anybody wanted it is not owed
    const other = await weeklyRig(mail);
    await begunEarlier(other.rig);
    const first = await other.rig.icepack(['watch', '--once', '--batch']);
    await other.rig.icepack(['watch', '--once', '--batch']);

    expect(none).toBe(0);
    expect(first.stderr).toContain(`the weekly status of ${ended()} was sent to it@example.org`);
    expect(mail.mails).toHaveLength(1);
    expect(idOf(mail.mails[0] ?? '')).toContain(`weekly.${ended()}.`);
    expect(journalOf(other.rig).match(/weekly-sen[a-z]+/g)).toEqual(['weekly-sending', 'weekly-sent']);
    expect(existsSync(join(other.html, `${ended()}.html`))).toBe(true);
    expect(readdirSync(html)).toEqual([]);
  });

  it('is sent again under the same number where the watch was killed while sending (W82)', async () => {
    const got: string[] = [];
    const hanging = await startMailServer({
      onData(stream) {
        let text = '';
        stream.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        stream.on('end', () => got.push(text)); // it has it, and never says so
      },
    });
    const { rig } = await weeklyRig(hanging);
    await begunEarlier(rig);
    const watch = startRun(rig, ['watch', '--batch']);
    await until(() => got.length > 0);
    watch.kill('SIGKILL');
    await watch.ended;
    const mail = await startMailServer();
    await rig.configure((document) => {
      document.channels.mail = mailChannel(mail);
    });

    await rig.icepack(['watch', '--once', '--batch']);
    await rig.icepack(['watch', '--once', '--batch']);

    expect(mail.mails).toHaveLength(1);
    expect(idOf(mail.mails[0] ?? '')).toBe(idOf(got[0] ?? ''));
    expect(journalOf(rig).match(/weekly-sen[a-z]+/g)).toEqual(['weekly-sending', 'weekly-sending', 'weekly-sent']);
  });

  it('goes on with a damaged history, and says what is missing; sent weeks that cannot be read are put aside', async () => {
    const mail = await startMailServer();
    const { rig } = await weeklyRig(mail);
    await begunEarlier(rig);
    const history = join(stateOf(rig), 'watch', 'history');
    mkdirSync(history, { recursive: true, mode: 0o700 });
    writeFileSync(
      join(history, `${new Date().toISOString().slice(0, 7)}.jsonl`),
      '{"type":"rounds","sum":"00000000"}\n',
      { mode: 0o600 },
    );
    writeFileSync(join(stateOf(rig), 'watch', 'weekly.jsonl'), '{"type":"begun","sum":"00000000"}\n', { mode: 0o600 });

    const { stdout, stderr } = await rig.icepack(['weekly']);
    await rig.mock.appliances[0]?.fail({ fullPercent: 93 });
    const watch = startRun(rig, ['watch', '--batch']);
    await until(() => readdirSync(history).length > 1 && mail.mails.length > 0);
    watch.kill('SIGTERM');
    await watch.ended;

    expect(stdout.replaceAll(/\s+/g, ' ')).toContain('1 file of what the watch wrote cannot be read');
    expect(stderr).toMatch(/jsonl:1 is damaged/);
    expect(readdirSync(history).filter((name) => name.includes('.damaged-'))).toHaveLength(1);
    expect(
      readdirSync(join(stateOf(rig), 'watch')).filter((name) => name.startsWith('weekly.jsonl.damaged-')),
    ).toHaveLength(1);
    expect(mail.mails).toHaveLength(1);
  });
});

describe('weekly: in the configuration', { timeout: 60_000 }, () => {
  it.each([
    ['no channel that mails', { to: ['it@example.org'] }, {}, 'channels has none of kind smtp'],
    ['an address that is none', { to: ['it@example.org\nBcc: x'] }, undefined, 'a mail address such as'],
    [
      'a time that is none',
      { to: ['it@example.org'], on: 'Mon-Fri 08:00' },
      undefined,
      'a day and a time such as Mon 08:00',
    ],
    [
      'a channel that is not there',
      { to: ['it@example.org'], channel: 'post' },
      undefined,
      '"post" is no channel of kind smtp; there are: mail',
    ],
  ])('refuses %s', async (_, weekly, channels, message) => {
    const rig = await startRig();
    await rig.configure((document) => {
      document.channels = channels ?? { mail: mailChannel({ url: new URL('smtp://127.0.0.1:1'), ca: '/none' }) };
      document.weekly = weekly;
    });

    const { code, stderr } = await rig.icepack(['config', 'check']);

    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
