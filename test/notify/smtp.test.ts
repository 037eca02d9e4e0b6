import { describe, expect, it, vi } from 'vitest';
import { parseMailAddress } from '../../src/domain/mail-address.ts';
import { Smtp, type SmtpSettings } from '../../src/notify/smtp.ts';
import {
  type MailServer,
  mailLogin,
  startExim,
  startMailServer,
  startScriptedSmtp,
  startWire,
} from '../support/mail-server.ts';
import { lacks } from '../support/requirements.ts';
import { failureOf, never, pageOf } from './pages.ts';

const from = { name: 'icepack', address: 'icepack@example.com' };

function smtpTo({ url, ca }: Pick<MailServer, 'url'> & { ca?: string }, changes: Partial<SmtpSettings> = {}): Smtp {
  return new Smtp({
    ...{ name: 'mail', url, from, login: loginWith(mailLogin.password) },
    ...(ca === undefined ? {} : { ca }),
    ...changes,
  });
}

const loginWith = (password: string) => ({ user: mailLogin.user, password: async () => password });

/** A header of a mail, in one line. */
function header(mail: string, name: string): string | undefined {
  const head = (mail.split(/\r?\n\r?\n/)[0] ?? '').replace(/\r?\n[ \t]+/g, ' ');
  return new RegExp(`^${name}: (.*?)\r?$`, 'im').exec(head)?.[1];
}

describe.skipIf(lacks('exim', 'openssl'))('mail to a real mail server', () => {
  it('is taken and delivered, with what keeps machines from answering', async () => {
    const exim = await startExim();
    const page = pageOf({ subject: 'Cluster öst: tyst', html: '<p>silent</p>' });

    const receipt = await smtpTo(exim).send(page, never);
    const mail = await exim.box();

    expect(receipt).toBe('');
    expect(mail).toMatch(/^From icepack@example\.com /);
    expect(header(mail, 'To')).toBe('Kim Doe <kim@example.com>');
    expect(header(mail, 'Subject')).toContain('=?UTF-8?');
    expect(header(mail, 'Message-ID')).toBe('<I42.3.kim.icepack-w-0123456789ab-29384@example.com>');
    expect(header(mail, 'In-Reply-To')).toBe('<I42.icepack-w-0123456789ab-29384@example.com>');
    expect(header(mail, 'Auto-Submitted')).toBe('auto-generated');
    expect(header(mail, 'X-Auto-Response-Suppress')).toBe('All');
    expect(header(mail, 'Content-Type')).toContain('multipart/alternative');
    expect(header(mail, 'Received')).toContain('with esmtpsa');
  });

  it('is proven to be possible without one, by the login', async () => {
    const exim = await startExim();

    expect(await smtpTo(exim).check(never)).toMatch(/speaks TLS, knows icepack; no mail was sent$/);
    expect((await failureOf(smtpTo(exim, { login: loginWith('wrong') }).check(never))).kind).toBe('auth');
  });

  it('is refused where nobody logs in, and not tried again for that', async () => {
    const exim = await startExim();
    const smtp = new Smtp({ name: 'mail', from, url: exim.url, ca: exim.ca });

    const error = await failureOf(smtp.send(pageOf(), never));

    expect(error).toMatchObject({ kind: 'refused', maybeSent: false });
    expect(error.message).toContain('relay not permitted');
  });
});

describe.skipIf(lacks('openssl'))('mail', () => {
  it.each([
    ['with TLS from the start', true],
    ['with STARTTLS', false],
  ])('is sent %s', async (_how, secure) => {
    const server = await startMailServer({ secure });

    await smtpTo(server).send(pageOf(), never);

    expect(server.mails).toHaveLength(1);
  });

  it('goes in clear text only to this machine, and protected where that speaks TLS', async () => {
    const plain = await startMailServer({ host: '127.0.0.1', disabledCommands: ['STARTTLS'] });
    const own = await startMailServer({ host: '127.0.0.1' });

    await smtpTo({ url: plain.url }).send(pageOf(), never);
    await smtpTo({ url: own.url }).send(pageOf(), never);

    expect([plain.mails.length, own.mails.length]).toEqual([1, 1]);
    expect(await smtpTo({ url: own.url }).check(never)).toContain('speaks TLS');
    expect(await smtpTo({ url: plain.url }).check(never)).toContain('is on this machine');
  });

  it('sends no credential to a server that offers no TLS, or whose certificate nobody vouches for (W17)', async () => {
    const plain = await startMailServer({ disabledCommands: ['STARTTLS'], authMethods: ['PLAIN', 'LOGIN'] });
    const stranger = await startMailServer();
    const another = await startMailServer({ names: 'DNS:mail.example.org' });

    const failures = await Promise.all([
      failureOf(smtpTo(plain).send(pageOf(), never)),
      failureOf(smtpTo({ url: stranger.url }).send(pageOf(), never)),
      failureOf(smtpTo(another).send(pageOf(), never)),
    ]);

    expect(failures.map(({ kind, maybeSent }) => [kind, maybeSent])).toEqual(Array(3).fill(['refused', false]));
    expect([plain, stranger, another].map(({ logins, mails }) => [logins, mails.length])).toEqual(
      Array(3).fill([0, 0]),
    );
  });

  it('is refused by a port where nobody listens, by broken TLS, and by silence, in words (W17)', async () => {
    const broken = await startWire((client) => client.end('\x15\x03\x01\x00\x02\x02\x28'));
    const silent = await startWire(() => {});
    const withTls = new URL(broken.url.href.replace('smtp:', 'smtps:'));

    const refused = await failureOf(smtpTo({ url: new URL('smtp://127.0.0.1:1') }).send(pageOf(), never));
    const torn = await failureOf(smtpTo({ url: withTls }).send(pageOf(), never));
    const late = await failureOf(smtpTo(silent, { withinMs: 300 }).send(pageOf(), never));

    expect(refused).toMatchObject({ kind: 'unavailable', maybeSent: false });
    expect(refused.message).toContain('ECONNREFUSED');
    expect(torn.maybeSent).toBe(false);
    expect(late).toMatchObject({ kind: 'unavailable', maybeSent: false });
    expect(late.message).toContain('not done within 0.3 s');
  });

  it('may have been sent where the connection is cut after its end, and is the same when it is sent again (W18)', async () => {
    let cut = true;
    const ids: (string | undefined)[] = [];
    const server = await startMailServer({
      onData(stream, _session, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          ids.push(header(Buffer.concat(chunks).toString(), 'Message-ID'));
          if (!cut) return done();
          cut = false;
          server.cut();
        });
      },
    });
    const smtp = smtpTo(server);

    const error = await failureOf(smtp.send(pageOf(), never));
    await smtp.send(pageOf(), never);

    expect(error).toMatchObject({ kind: 'unavailable', maybeSent: true });
    expect(ids).toEqual(Array(2).fill('<I42.3.kim.icepack-w-0123456789ab-29384@example.com>'));
  });

  it('is given up at its deadline where the server sends one byte at a time, while another is sent (W19)', async () => {
    const tarpit = await startWire((client) => {
      const timer = setInterval(() => client.write('2'), 20);
      client.on('close', () => clearInterval(timer));
    });
    const server = await startMailServer();
    const started = performance.now();

    const [error] = await Promise.all([
      failureOf(smtpTo(tarpit, { withinMs: 500 }).send(pageOf(), never)),
      smtpTo(server).send(pageOf(), never),
    ]);

    expect(error).toMatchObject({ kind: 'unavailable', maybeSent: false });
    expect(performance.now() - started).toBeLessThan(10_000);
    expect(server.mails).toHaveLength(1);
  });

  it('may have been sent where the server takes it and says nothing more (W18)', async () => {
    const wire = await startScriptedSmtp({ '.': undefined });

    const error = await failureOf(smtpTo(wire, { withinMs: 500 }).send(pageOf(), never));

    expect(error).toMatchObject({ kind: 'unavailable', maybeSent: true });
    expect(error.message).toContain('not done within 0.5 s');
    expect(wire.received()).toContain('server silent');
  });

  it('is sent once the server says so, and a server that does not end is left', async () => {
    const wire = await startScriptedSmtp({ QUIT: undefined });

    await smtpTo(wire).send(pageOf(), never);

    await vi.waitUntil(() => wire.open() === 0, { timeout: 10_000 });
    expect(wire.received()).toContain('QUIT');
  });

  it.each([
    ['the sender', 'onMailFrom', 451, 'unavailable'],
    ['the recipient', 'onRcptTo', 550, 'refused'],
    ['the recipient for now', 'onRcptTo', 450, 'unavailable'],
    ['the mail', 'onData', 554, 'refused'],
    ['the mail for now', 'onData', 452, 'unavailable'],
  ] as const)('was surely not sent where %s is refused', async (_what, verb, responseCode, kind) => {
    const refuse = (...args: unknown[]) => {
      const done = args.at(-1) as (error: Error) => void;
      const [stream] = args as [{ resume?(): void }];
      stream.resume?.();
      done(Object.assign(new Error('not you'), { responseCode }));
    };
    const server = await startMailServer({ [verb]: refuse });

    const error = await failureOf(smtpTo(server).send(pageOf(), never));

    expect(error).toMatchObject({ kind, maybeSent: false });
    expect(error.message).toContain('not you');
  });

  it('that is refused for its login says so, without the secret', async () => {
    const server = await startMailServer();

    const error = await failureOf(smtpTo(server, { login: loginWith('wrong-canary') }).send(pageOf(), never));

    expect(error).toMatchObject({ kind: 'auth', maybeSent: false });
    expect(error.message).toContain('no such login: ***');

    const pair = Buffer.from(`\0${mailLogin.user}\0${mailLogin.password}`).toString('base64');
    const echo = await startScriptedSmtp({ AUTH: `535 unknown ${pair}` });
    expect((await failureOf(smtpTo(echo).send(pageOf(), never))).message).toMatch(/535 unknown \*\*\*=*$/);
  });

  it('that is refused for its login in whatever words is not tried again', async () => {
    const locked = await startScriptedSmtp({ AUTH: '550 account locked' });
    const busy = await startScriptedSmtp({ AUTH: '454 try later' });

    const errors = [
      await failureOf(smtpTo(locked).send(pageOf(), never)),
      await failureOf(smtpTo(busy).send(pageOf(), never)),
    ];

    expect(errors.map(({ kind }) => kind)).toEqual(['auth', 'unavailable']);
  });

  it('ends when nobody wants it any more', async () => {
    const silent = await startWire(() => {});
    const stopping = new AbortController();
    const sending = smtpTo(silent).send(pageOf(), stopping.signal);
    sending.catch(() => undefined);
    await vi.waitUntil(() => silent.open() === 1);

    stopping.abort(new Error('stopped'));

    await expect(sending).rejects.toThrow('stopped');
  });

  it('takes no header, recipient or command from what a server said (W72)', async () => {
    const server = await startMailServer();
    const hostile = 'silent\r\nBcc: mallory@example.org\r\n\r\n\x1b[31m\u202e<script>';
    const page = pageOf({
      ...{ subject: hostile, text: `${hostile}\r\n.\r\nMAIL FROM:<x@example.org>\r\n`, id: 'I42.3>\r\nX-Evil: 1' },
      to: { key: 'kim', name: 'Kim\r\nBcc: eve@example.org', email: 'kim@example.com' },
    });

    await smtpTo(server).send(page, never);

    const [mail = ''] = server.mails;
    const head = mail.split('\r\n\r\n')[0] ?? '';
    expect(server.mails).toHaveLength(1);
    expect(head).not.toMatch(/^(bcc|x-evil):/im);
    expect(mail).not.toMatch(/\x1b|\u202e|=1B|=E2=80=AE/i);
    expect(header(mail, 'Message-ID')).toMatch(/^<[A-Za-z0-9._-]+@example\.com>$/);
  });

  it('goes to nobody whose address is none', async () => {
    const addresses = [
      '',
      'kim',
      'kim@example.com, eve@example.org',
      'kim@example.com\r\nRCPT TO:<eve@example.org>',
      'a>b@x',
    ];

    const failures = await Promise.all(
      addresses.map((email) =>
        failureOf(
          smtpTo({ url: new URL('smtp://127.0.0.1:1') }).send(pageOf({ to: { key: 'k', name: 'K', email } }), never),
        ),
      ),
    );

    expect(failures.map(({ kind }) => kind)).toEqual(addresses.map(() => 'invalid'));
  });

  it('begins a thread, and goes on with it', async () => {
    const server = await startMailServer();
    const first = { ...pageOf().incident, threadStart: true };

    await smtpTo(server).send(pageOf({ id: 'I42.1', incident: first }), never);
    await smtpTo(server).send(pageOf(), never);

    const heads = server.mails.map((mail) => [header(mail, 'References'), header(mail, 'In-Reply-To')]);
    const thread = '<I42.icepack-w-0123456789ab-29384@example.com>';
    expect(heads).toEqual([
      [thread, undefined],
      [thread, thread],
    ]);
  });
});

describe('the address of a sender', () => {
  it('is read with its name, or alone', () => {
    expect(parseMailAddress('icepack <icepack@example.com>')).toEqual({
      name: 'icepack',
      address: 'icepack@example.com',
    });
    expect(parseMailAddress('icepack@example.com')).toEqual({ name: '', address: 'icepack@example.com' });
    expect(parseMailAddress('icepack')).toBeUndefined();
  });
});
