import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eximPipe, mailLogin, startMailServer } from '../support/mail-server.ts';
import { lacks } from '../support/requirements.ts';
import { binary, type Rig, startRig, startRun, until } from '../support/rig.ts';

/** A server whose volume is full, a modem with an inbox, and a mail server whose answers come to icepack. */
async function answeringRig(steps: object[], { sms = {}, mail = {} }: { sms?: object; mail?: object } = {}) {
  const server = await startMailServer();
  const rig = await startRig({ cluster: 'east' });
  const at = (name: string) => join(rig.folder, 'sms', name);
  for (const name of ['outbox', 'sent', 'error', 'inbox']) mkdirSync(at(name), { recursive: true });
  await rig.configure((document) => {
    Object.assign(document, {
      watch: {
        ...{ every: '3s', retry: '1s', bundles: false, flood: { wait: '1s' } },
        checks: { data: { every: '3s', for: '2s', clearFor: '1s' } },
      },
      people: {
        kim: { name: 'Kim Doe', email: 'kim@example.com', phone: '+46 660 29 92 00' },
        lee: { name: 'Lee Roe', email: 'lee@example.com', phone: '+46 660 29 92 01' },
      },
      roles: { primary: 'kim', secondary: 'lee' },
      channels: {
        mail: {
          ...{ kind: 'smtp', url: server.url.href, ca: server.ca, from: 'icepack@example.com' },
          ...{ user: mailLogin.user, password: { env: 'SMTP_PW' }, ...mail },
        },
        sms: { kind: 'gammu', outbox: at('outbox'), sent: at('sent'), error: at('error'), inbox: at('inbox'), ...sms },
      },
      escalation: { routes: [{ policy: 'all' }], policies: { all: { steps } } },
    });
  });
  Object.assign(rig.env, { SMTP_PW: mailLogin.password });
  await rig.mock.appliances[0]?.fail({ fullPercent: 93 });
  const outbox = () => {
    const whole = readdirSync(at('outbox')).filter((name) => name.startsWith('OUT'));
    return whole.map((name) => readFileSync(join(at('outbox'), name), 'utf16le').replace('\ufeff', ''));
  };
  let count = 0;
  /** As a daemon does that got an SMS some seconds ago. */
  const receive = (from: string, text: string) => {
    const path = join(at('inbox'), `IN20261130_1049${String(10 + count++)}_00_${from}_00.txt`);
    writeFileSync(path, text);
    const before = new Date(Date.now() - 5000);
    utimesSync(path, before, before);
  };
  return { rig, outbox, receive, mails: server.mails, inbox: () => readdirSync(at('inbox')) };
}

const soon = [{ at: '0m', to: ['primary'], by: ['sms'] }];
const thenLee = [...soon, { at: '4m', to: ['secondary'], by: ['sms'] }];

async function watching(rig: Rig, work: () => Promise<void>): Promise<string> {
  const watch = startRun(rig, ['watch', '--batch']);
  try {
    await work();
  } finally {
    watch.kill('SIGTERM');
  }
  return (await watch.ended).stderr;
}

const stateOf = (rig: Rig) => join(rig.env['HOME'] ?? '', '.local', 'state', 'icepack');

function entriesOf(rig: Rig): { type: string; by?: string; how?: string }[] {
  const folder = join(stateOf(rig), 'watch', 'open', 'I1');
  return ['journal.jsonl', 'said.jsonl'].flatMap((name) => {
    const lines = readdirSync(folder).includes(name) ? readFileSync(join(folder, name), 'utf8').trim().split('\n') : [];
    return lines.map((line) => JSON.parse(line));
  });
}
const acknowledged = (rig: Rig) => entriesOf(rig).filter(({ type }) => type === 'acknowledged');

describe('a page by SMS', { timeout: 120_000 }, () => {
  it('is answered by SMS: nobody else is told, and it counts once, also over a restart (W27)', async () => {
    const { rig, outbox, receive, inbox } = await answeringRig(thenLee);
    const told = await watching(rig, async () => {
      await until(() => outbox().length > 0);
      const [page = ''] = outbox();
      expect(page).toMatch(/^I1 Example AB east: .* Reply: ack I1 [0-9a-z]{4} \(1\)$/);
      receive('+46660299200', `Ack i1 ${/ack I1 (\w{4})/.exec(page)?.[1]}`);
      await until(() => acknowledged(rig).length > 0);
    });
    const status = await rig.icepack(['watch', 'status']);
    await watching(rig, async () => {
      const round = () => JSON.parse(readFileSync(join(stateOf(rig), 'watch', 'seen.json'), 'utf8')).round?.at.wallMs;
      const before = round();
      await until(() => round() > before);
    });

    expect(told).toContain('Kim Doe has I1, by SMS.');
    expect(acknowledged(rig)).toMatchObject([{ by: 'kim', how: 'sms' }]);
    expect(status.stdout).toMatch(/acknowledged since .*; kim has it/);
    expect(inbox()).toHaveLength(1);
    expect(outbox()).toHaveLength(1);
  });

  it('is not answered by a wrong token or a stranger; five wrong ones are too many, which the status says (W31)', async () => {
    const { rig, outbox, receive } = await answeringRig(soon);
    await watching(rig, async () => {
      await until(() => outbox().length > 0);
      const token = /ack I1 (\w{4})/.exec(outbox()[0] ?? '')?.[1];
      receive('+46660299209', `ack I1 ${token}`);
      for (const guess of ['u111', 'u222', 'u333', 'u444', 'u555']) receive('+46660299200', `ack I1 ${guess}`);
      receive('+46660299200', `ack I1 ${token}`);
      const replies = join(stateOf(rig), 'watch', 'replies.json');
      await until(() => readdirSync(join(stateOf(rig), 'watch')).includes('replies.json'));
      await until(() => (JSON.parse(readFileSync(replies, 'utf8')).marks.sms ?? []).length === 7);
    });

    expect(acknowledged(rig)).toEqual([]);
    const [text, json] = [await rig.icepack(['watch', 'status']), await rig.icepack(['watch', 'status', '--json'])];
    expect(text.stdout).toContain(
      'answers that did not count in the last hour: 1 by SMS (nobody in people: is +46660299209), 5 by SMS (wrong token of Kim Doe)',
    );
    expect(text.stdout).toMatch(/answers of Kim Doe by SMS are ignored until .*: too many wrong tokens/);
    expect(json.json().replies.ignored).toMatchObject([{ by: 'sms', sender: 'Kim Doe' }]);
    const page = await rig.icepack(['watch', 'status', '--html', join(rig.folder, 'page.html')]);
    expect([page.code, readFileSync(join(rig.folder, 'page.html'), 'utf8').includes('46660299209')]).toEqual([
      0,
      false,
    ]);
  });

  it('says what to type where nobody reads answers', async () => {
    const { rig, outbox } = await answeringRig(soon, { sms: { inbox: undefined } });
    await watching(rig, () => until(() => outbox().length > 0));

    expect(outbox()[0]).toMatch(/ icepack ack I1 \(1\)$/);
  });
});

describe('a page by mail', { timeout: 120_000 }, () => {
  const byMail = [{ at: '0m', to: ['primary'], by: ['mail', 'sms'] }];

  it('is answered by mail; mails of programs and of others are read, and nothing is printed (W29, W30)', async () => {
    const mail = { replyTo: 'icepack <ack@example.com>' };
    const { rig, mails } = await answeringRig(byMail, { mail });
    await watching(rig, () => until(() => mails.length > 0));
    const page = (mails[0] ?? '').replaceAll(/=\r?\n/g, '');
    const answer = /Answer with "(ack I1 \w{4})" in the first line/.exec(page)?.[1] ?? '';
    expect(page).toMatch(/^Reply-To: icepack <ack@example\.com>/m);
    expect(answer).not.toBe('');
    const give = (input: string, ...args: string[]) => rig.icepack(['ack', '--mail', '-', ...args], { input });
    const written = (more = '', from = 'Kim Doe <kim@example.com>') =>
      `From: ${from}\nMessage-ID: <${more}${from}>\n${more}\n${answer}\n\nOn Mon, 30 Nov 2026 at 10:34, icepack wrote:\n> x\n`;

    const refused = [
      await give(written('Auto-Submitted: auto-replied\n')),
      await give(written('', 'eve@example.com')),
      await give(page),
      await give(''),
    ];
    expect(acknowledged(rig)).toEqual([]);
    const why = await give(written('List-Id: <x.example.com>\n'), '--verbose');
    const taken = await give(written());
    const again = await give(written(), '--json');

    for (const { code, stdout, stderr } of [...refused, taken]) expect([code, stdout, stderr]).toEqual([0, '', '']);
    expect([why.code, why.stdout]).toEqual([0, 'the mail is no answer: it came over a list\n']);
    expect(acknowledged(rig)).toMatchObject([{ by: 'kim', how: 'mail' }]);
    expect(again.json()).toMatchObject({ exitCode: 0, mail: { is: 'told again', who: 'kim' } });
  });

  it('is kept by the mail server where its answer cannot be noted now', async () => {
    const { rig } = await answeringRig(byMail);
    const give = (...args: string[]) =>
      rig.icepack([...args, 'ack', '--mail', '-'], { input: 'From: kim@example.com\n\nack I1 q7mx\n' });
    writeFileSync(join(rig.folder, 'broken.yaml'), 'people: [');

    const broken = await give('--config', join(rig.folder, 'broken.yaml'));
    rmSync(stateOf(rig), { recursive: true, force: true });
    mkdirSync(dirname(stateOf(rig)), { recursive: true });
    writeFileSync(stateOf(rig), '');
    const unwritable = await give();
    const said = await give('--verbose');

    expect([broken.code, broken.stdout, broken.stderr]).toEqual([75, '', '']);
    expect([unwritable.code, unwritable.stdout, unwritable.stderr]).toEqual([75, '', '']);
    expect(said.stdout).toMatch(/icepack.*is no folder/);
  });

  it.skipIf(lacks('exim'))('is answered through a real mail server, which sends nothing back (W30)', async () => {
    const { rig, mails } = await answeringRig(byMail, { mail: { replyTo: 'ack@example.com' } });
    await watching(rig, () => until(() => mails.length > 0));
    const answer = /ack I1 \w{4}/.exec((mails[0] ?? '').replaceAll(/=\r?\n/g, ''))?.[0] ?? '';
    execFileSync('chown', ['-R', 'Debian-exim:Debian-exim', rig.folder]);
    chmodSync(rig.folder, 0o755);
    const env = `/usr/bin/env -i HOME=${rig.env['HOME']} PATH=/usr/bin:/bin`;
    const deliver = await eximPipe(`${env} ${process.execPath} ${binary} --config ${rig.config} ack --mail -`);
    const mail = (text: string) => `From: Kim Doe <kim@example.com>\nSubject: Re: I1\n\n${text}\n`;

    const other = deliver(mail('I am away.'));
    expect(acknowledged(rig)).toEqual([]);
    const taken = deliver(mail(answer));
    expect(acknowledged(rig)).toMatchObject([{ by: 'kim', how: 'mail' }]);
    chmodSync(stateOf(rig), 0o755);
    const later = deliver(mail(answer));

    for (const log of [other, taken]) {
      expect(log).toMatch(/ => ack <ack@example\.com> /);
      expect(log).toMatch(/ Completed$/m);
      expect(log).not.toMatch(/ \*\* | <= <> /);
    }
    expect(later).toMatch(/ == ack@example\.com .* defer /);
    expect(later).not.toMatch(/ <= <> /);
  });

  it('needs the number of an incident, or a mail, and not both', async () => {
    const { rig } = await answeringRig(byMail);
    const ends = [
      await rig.icepack(['ack']),
      await rig.icepack(['ack', 'I1', '--mail', '-'], { input: '' }),
      await rig.icepack(['ack', '--mail', './mail.eml']),
    ];

    expect(ends.map(({ code }) => code)).toEqual([2, 2, 2]);
    expect(ends.map(({ stderr }) => stderr.split('\n')[0])).toEqual([
      'ack needs the number of an incident',
      '--mail goes with nothing else',
      expect.stringContaining('Only - is possible'),
    ]);
  });
});
