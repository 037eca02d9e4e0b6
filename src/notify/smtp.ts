import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';
import type SMTPConnection from 'nodemailer/lib/smtp-connection';
import { isLoopback } from '../domain/loopback.js';
import type { MailAddress } from '../domain/mail-address.js';
import { formatDuration } from '../domain/quantities.js';
import { trace } from '../domain/trace.js';
import { reasonOf } from '../errors.js';
import { type Channel, type Letter, NotifyError, type Page, type ReplyWay, type Secret } from './channel.js';
import { letterOf, type Mail, mailOf } from './mail.js';
import { type Stage, smtpFailure } from './smtp-failure.js';

export type SmtpSettings = {
  name: string;
  /** `smtp://host:587`, `smtps://host:465`. */
  url: URL;
  login?: { user: string; password: Secret };
  from: MailAddress;
  /** Whose mails are given to icepack. */
  replyTo?: MailAddress;
  /** The file of a certificate authority that is trusted besides. */
  ca?: string;
  /** How long a mail may take, all in all. */
  withinMs?: number;
};

const usualWithinMs = 60_000;
/** The library's own limits: ours comes before them. */
const never = 10 * 60_000;

/** Mail: a connection of its own for each, so that none waits for another. */
export class Smtp implements Channel {
  readonly kind = 'smtp';
  readonly needs = 'email';
  readonly name: string;
  readonly answeredBy?: ReplyWay;
  readonly #settings: SmtpSettings;

  constructor(settings: SmtpSettings) {
    this.name = settings.name;
    this.#settings = settings;
    if (settings.replyTo !== undefined) this.answeredBy = 'mail';
  }

  async send(page: Page, signal: AbortSignal): Promise<string> {
    await this.#handOver(await mailOf(page, this.#settings.from, this.#settings.replyTo), signal);
    return '';
  }

  async mail(letter: Letter, signal: AbortSignal): Promise<void> {
    await this.#handOver(await letterOf(letter, this.#settings.from), signal);
  }

  async #handOver({ envelope, raw }: Mail, signal: AbortSignal): Promise<void> {
    await this.#connected(signal, async (connection, reached) => {
      const body = Readable.from(
        (function* () {
          reached('data'); // the server asked for it
          yield raw;
        })(),
        { objectMode: false },
      );
      await called((done) => connection.send(envelope, body, done));
    });
  }

  async check(signal: AbortSignal): Promise<string> {
    const { url, login } = this.#settings;
    const isSecure = await this.#connected(signal, async (connection) => connection.secure === true);
    const known = login === undefined ? 'no login is configured' : `knows ${login.user}`;
    return `${url.host} ${isSecure ? 'speaks TLS' : 'is on this machine'}, ${known}; no mail was sent`;
  }

  /** Connects, logs in, works and quits; whatever lasts too long is cut. */
  async #connected<T>(
    signal: AbortSignal,
    work: (connection: SMTPConnection, reached: (stage: Stage) => void) => Promise<T>,
  ): Promise<T> {
    const { url, login, withinMs = usualWithinMs } = this.#settings;
    signal.throwIfAborted();
    const credentials = login && { user: login.user, pass: await login.password() };
    const connection = await this.#connection();
    let stage: Stage = 'connect';
    const cut = cutting(connection, signal, withinMs);
    const steps = async () => {
      await called((done) => connection.connect(done));
      stage = 'login';
      if (credentials !== undefined) await called((done) => connection.login({ credentials }, done));
      stage = 'envelope';
      return await work(connection, (reached) => {
        stage = reached;
      });
    };
    try {
      const done = await Promise.race([steps(), cut.failed]);
      leave(connection);
      return done;
    } catch (error) {
      connection.close();
      signal.throwIfAborted();
      throw smtpFailure(error, url.host, stage, secretsIn(credentials));
    } finally {
      cut.stop();
      trace('mail', () => `${url.protocol}//${url.host} ended at ${stage}`);
    }
  }

  async #connection(): Promise<SMTPConnection> {
    const { default: Connection } = await import('nodemailer/lib/smtp-connection');
    const { url, ca } = this.#settings;
    const secure = url.protocol === 'smtps:';
    const isHere = isLoopback(url.hostname);
    return new Connection({
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port || (secure ? 465 : 587)),
      secure,
      requireTLS: !secure && !isHere,
      tls: {
        minVersion: 'TLSv1.2',
        rejectUnauthorized: secure || !isHere, // what stays on this machine may go in clear text, too
        ...(ca === undefined ? {} : { ca: [...rootCertificates, await authority(ca)] }),
      },
      ...{ connectionTimeout: never, greetingTimeout: never, socketTimeout: never, dnsTimeout: never },
      socketCloseTimeout: 1000,
      maxResponseSize: 64 * 1024,
    });
  }
}

/** The forms in which a server may repeat a login. */
function secretsIn(credentials: { user: string; pass: string } | undefined): string[] {
  return credentials === undefined ? [] : [credentials.pass, `\0${credentials.user}\0${credentials.pass}`];
}

/** @throws NotifyError `invalid` */
function authority(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new NotifyError('invalid', `the certificate in "${path}" cannot be read: ${reasonOf(cause)}`, { cause });
  });
}

/** The mail is sent by now: a server that does not end is not waited for. */
function leave(connection: SMTPConnection): void {
  connection.quit();
  setTimeout(() => connection.close(), 1000).unref();
}

/** Fails when time is up, or nobody wants it any more. */
function cutting(connection: SMTPConnection, signal: AbortSignal, withinMs: number) {
  let stop = () => {};
  const failed = new Promise<never>((_, reject) => {
    const late = () => reject(new Error(`not done within ${formatDuration(withinMs)}`));
    const timer = setTimeout(late, withinMs);
    const aborted = () => reject(signal.reason);
    signal.addEventListener('abort', aborted);
    connection.on('error', reject); // some failures are told to nobody else
    stop = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    };
  });
  failed.catch(() => undefined); // where everything was done before
  return { failed, stop };
}

function called(work: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    work((error) => (error ? reject(error) : resolve()));
  });
}
