import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Gammu } from '../../src/notify/gammu.ts';
import { Smstools } from '../../src/notify/smstools.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';
import { receivedPdu, startSmstools } from '../support/sms-daemon.ts';
import { startDaemon } from '../support/sshd.ts';
import { failureOf, never, pageOf } from './pages.ts';

async function foldersOf(folder: string) {
  const folders = { outbox: join(folder, 'outbox'), sent: join(folder, 'sent'), error: join(folder, 'error') };
  for (const each of Object.values(folders)) await mkdir(each);
  return folders;
}

async function startGammu(folder: string, model: string): Promise<{ log(): string }> {
  await mkdir(join(folder, 'modem', 'sms'), { recursive: true });
  await mkdir(join(folder, 'inbox'));
  const lines = [
    ...['[gammu]', `model = ${model}`, 'connection = none', `port = ${join(folder, 'modem')}`],
    ...['[smsd]', 'service = files', 'logfile = stderr', 'debuglevel = 255', 'commtimeout = 1', 'sendtimeout = 5'],
    ...['loopsleep = 1', 'checksecurity = 0', 'checkbattery = 0', 'checksignal = 0', 'checknetwork = 0'],
    ...[`inboxpath = ${folder}/inbox/`, `outboxpath = ${folder}/outbox/`],
    ...[`sentsmspath = ${folder}/sent/`, `errorsmspath = ${folder}/error/`],
  ];
  const config = join(folder, 'smsdrc');
  await writeFile(config, `${lines.join('\n')}\n`);
  return startDaemon([programPath('gammu-smsd'), '-c', config], 'Starting phone communication');
}

describe.skipIf(lacks('gammu-smsd'))('an SMS by way of gammu-smsd', () => {
  it('is sent as one part, and known to be sent', async () => {
    const folder = await temporaryFolder();
    const folders = await foldersOf(folder);
    const modem = new Gammu({ name: 'modem', folders });
    const receipt = await modem.send(pageOf({ short: 'I42 Malmö: tyst €{} 日' }), never);
    expect(await modem.delivery(receipt)).toBe('waiting');

    const { log } = await startGammu(folder, 'dummy');
    await vi.waitUntil(async () => (await modem.delivery(receipt)) !== 'waiting', { timeout: 30_000 });

    expect(await modem.delivery(receipt)).toBe('sent');
    expect(log()).toContain('Found 1 sms to "+46701740605" with text "I42 Malmö: tyst €{} ?" cod 3');
    expect(log()).toContain('dlr: 1');
    expect(await modem.withdraw(receipt)).toBe(false);
  });

  it('is answered by one that lies in its inbox', async () => {
    const folder = await temporaryFolder();
    const modem = new Gammu({ name: 'modem', folders: { ...(await foldersOf(folder)), inbox: join(folder, 'inbox') } });
    await mkdir(join(folder, 'modem', 'sms', '1'), { recursive: true });
    const text = Buffer.from('Ack I42 q7mx', 'utf16le').swap16().toString('hex').toUpperCase();
    const lines = [
      ...['[SMSBackup000]', 'SMSC = "+46705008999"', 'Number = "+46660299200"', 'Class = -1'],
      ...['Sent = 20261130T104905', 'State = UnRead', `Text00 = ${text}`, 'Folder = 1', 'Type = Deliver'],
      'Coding = Default_No_Compression',
    ];
    await writeFile(join(folder, 'modem', 'sms', '1', '1'), `${lines.join('\n')}\n`);

    await startGammu(folder, 'dummy');
    await vi.waitUntil(async () => (await modem.replies([])).replies.length > 0, { timeout: 60_000, interval: 200 });

    const { replies, marks } = await modem.replies([]);
    expect(replies).toMatchObject([{ from: '+46660299200', text: 'Ack I42 q7mx' }]);
    expect((await modem.replies(marks)).replies).toEqual([]);
  });
});

describe.skipIf(lacks('smsd', 'python3'))('an SMS by way of smsd of SMS Server Tools', () => {
  const modemIn = async (manner: Parameters<typeof startSmstools>[1]) => {
    const folder = await temporaryFolder();
    const [outbox, taken, sent, error] = ['outgoing', 'checked', 'sent', 'failed'].map((name) => join(folder, name));
    const folders = { outbox: outbox ?? '', taken: taken ?? '', sent: sent ?? '', error: error ?? '' };
    for (const each of Object.values(folders)) await mkdir(each);
    return { folders, modem: new Smstools({ name: 'modem', folders }), daemon: await startSmstools(folder, manner) };
  };
  const settled = (modem: Smstools, receipt: string) =>
    vi.waitUntil(async () => (await modem.delivery(receipt)) !== 'waiting', { timeout: 40_000, interval: 100 });

  it('is sent as one part of GSM-7, and known to be sent', async () => {
    const { modem, daemon } = await modemIn('sending');

    const receipt = await modem.send(pageOf({ short: 'I42 Malmö €{} tyst' }), never);
    await settled(modem, receipt);

    expect(await modem.delivery(receipt)).toBe('sent');
    expect(await daemon.pdus()).toEqual(['0031000B916407710406F50000FF15499A0CD40CB3DB7CD0A6BC416D52207A7E4E07']);
    expect(await modem.send(pageOf(), never)).toBe(receipt);
  });

  it('is answered by one that lies in its folder for what came', async () => {
    const folder = await temporaryFolder();
    const at = (name: string) => join(folder, name);
    for (const name of ['outgoing', 'checked', 'sent', 'failed']) await mkdir(at(name));
    const folders = { outbox: at('outgoing'), taken: at('checked'), sent: at('sent'), error: at('failed') };
    await startSmstools(folder, 'sending', [receivedPdu('46660299200', 'Ack I42 q7mx')]);
    const modem = new Smstools({ name: 'modem', folders: { ...folders, inbox: at('incoming') } });

    await vi.waitUntil(async () => (await modem.replies([])).replies.length > 0, { timeout: 60_000, interval: 200 });

    expect((await modem.replies([])).replies).toMatchObject([{ from: '46660299200', text: 'Ack I42 q7mx' }]);
  });

  it('that the network refuses is known to have failed (W21)', async () => {
    const { modem } = await modemIn('refusing');

    const receipt = await modem.send(pageOf(), never);
    await settled(modem, receipt);

    expect(await modem.delivery(receipt)).toBe('failed');
  });

  it('that lies before a modem which says nothing is waiting, and is withdrawn (W22)', async () => {
    const { folders, modem } = await modemIn('silent');

    const receipt = await modem.send(pageOf(), never);
    await vi.waitUntil(async () => (await readdir(folders.taken)).includes(receipt), { timeout: 20_000 });

    expect(await modem.delivery(receipt)).toBe('waiting');
    expect(await modem.send(pageOf(), never)).toBe(receipt);
    const later = new Smstools({ name: 'modem', folders, now: () => new Date(Date.now() + 5 * 60_000) });
    expect((await failureOf(later.check())).message).toContain('the modem does not send');
    expect(await modem.withdraw(receipt)).toBe(true);
    expect(await readdir(folders.taken)).toEqual([]);
  });
});

describe.each([
  ['gammu', Gammu],
  ['smstools', Smstools],
] as const)('the spool of %s', (kind, Kind) => {
  const spoolIn = async (now?: () => Date) => {
    const folders = await foldersOf(await temporaryFolder());
    return { folders, modem: new Kind({ name: 'modem', folders, ...(now === undefined ? {} : { now }) }) };
  };

  it('gets a whole file under a name that tells the page', async () => {
    const { folders, modem } = await spoolIn(() => new Date('2026-11-30T10:49:00Z'));

    const receipt = await modem.send(pageOf({ short: 'Malmö: x\r\nTo: 1\x1b[31m\u202e' }), never);

    expect(await readdir(folders.outbox)).toEqual([receipt]);
    const content = await readFile(join(folders.outbox, receipt));
    expect((await stat(join(folders.outbox, receipt))).mode & 0o777).toBe(0o660);
    if (kind === 'gammu') {
      expect(receipt).toMatch(/^OUTA20261130_104900_00_\+46701740605_I42n3-[0-9a-f]{8}\.txtd$/);
      expect(content.toString('utf16le')).toBe('\ufeffMalmö: x To: 1?');
    } else {
      expect(receipt).toMatch(/^icepack_20261130_104900_I42n3-[0-9a-f]{8}$/);
      expect(content.toString()).toBe(
        'To: 46701740605\nAlphabet: UTF-8\nAutosplit: 0\nPriority: HIGH\nReport: yes\n\nMalmö: x To: 1?',
      );
    }
  });

  it('has a page once, however often it is sent, until it failed', async () => {
    const { folders, modem } = await spoolIn();
    const first = await modem.send(pageOf(), never);
    expect(await modem.send(pageOf(), never)).toBe(first);
    await rename(join(folders.outbox, first), join(folders.sent, first));
    expect(await modem.send(pageOf(), never)).toBe(first);
    expect(await readdir(folders.outbox)).toEqual([]);

    await rename(join(folders.sent, first), join(folders.error, first));
    await modem.send(pageOf(), never);

    expect(await readdir(folders.outbox)).toHaveLength(1);
  });

  it('has pages of other people and of other incidents beside it', async () => {
    const { folders, modem } = await spoolIn();
    const incident = { ...pageOf().incident, reference: 'icepack-w-ba9876543210-29385' };

    await modem.send(pageOf(), never);
    await modem.send(pageOf({ to: { key: 'lee', name: 'Lee', phone: '+46701740606' } }), never);
    await modem.send(pageOf({ incident }), never);

    expect(await readdir(folders.outbox)).toHaveLength(3);
  });

  it('tells what became of a file by the folder it lies in (W21)', async () => {
    const { folders, modem } = await spoolIn();
    const receipt = await modem.send(pageOf(), never);
    const told = [await modem.delivery(receipt)];
    await rename(join(folders.outbox, receipt), join(folders.error, receipt));
    told.push(await modem.delivery(receipt));
    await rename(join(folders.error, receipt), join(folders.sent, receipt));
    told.push(await modem.delivery(receipt));
    await rm(join(folders.sent, receipt));
    told.push(await modem.delivery(receipt));

    expect(told).toEqual(['waiting', 'failed', 'sent', 'waiting']);
  });

  it('gives back what a modem that hangs has left there, and nothing else (W22)', async () => {
    const { folders, modem } = await spoolIn();
    const receipt = await modem.send(pageOf(), never);
    await writeFile(join(folders.sent, 'kept'), '');

    expect(await modem.delivery(receipt)).toBe('waiting');
    expect(await modem.withdraw(receipt)).toBe(true);
    expect(await modem.withdraw(receipt)).toBe(false);
    expect(await modem.withdraw('../sent/kept')).toBe(false);
    expect([await readdir(folders.outbox), await readdir(folders.sent)]).toEqual([[], ['kept']]);
  });

  it('is named as that of a modem that does not send, where files lie for more than three minutes (W22)', async () => {
    const { folders, modem } = await spoolIn();
    expect(await modem.check()).toBe(`${folders.outbox} takes messages; not proven until a page is sent`);
    const receipt = await modem.send(pageOf(), never);
    expect(await modem.check()).toContain('takes messages');

    const before = new Date(Date.now() - 4 * 60_000);
    await utimes(join(folders.outbox, receipt), before, before);

    const error = await failureOf(modem.check());
    expect(error.message).toBe(`${join(folders.outbox, receipt)} lies there for 4 min: the modem does not send`);
  });

  it('is left alone where it is being sent', async () => {
    const { folders, modem } = await spoolIn();
    const receipt = await modem.send(pageOf(), never);
    await writeFile(join(folders.outbox, `${receipt}.LOCK`), '');

    expect(await modem.send(pageOf(), never)).toBe(receipt);
    expect(await modem.withdraw(receipt)).toBe(false);

    await rm(join(folders.outbox, receipt));
    await modem.send(pageOf(), never);
    expect((await readdir(folders.outbox)).filter((name) => !name.endsWith('.LOCK'))).toHaveLength(1);
  });

  it.each(['outbox', 'sent', 'error'] as const)('is not ready without its folder %s', async (folder) => {
    const { folders, modem } = await spoolIn();
    await rm(folders[folder], { recursive: true });

    expect((await failureOf(modem.check())).message).toContain(folders[folder]);
    if (folder === 'outbox')
      expect(await failureOf(modem.send(pageOf(), never))).toMatchObject({ kind: 'unavailable', maybeSent: false });
  });

  it('takes no page for who has no number', async () => {
    const { folders, modem } = await spoolIn();

    const error = await failureOf(modem.send(pageOf({ to: { key: 'mo', name: 'Mo', phone: '../../x' } }), never));

    expect(error.kind).toBe('invalid');
    expect(await readdir(folders.outbox)).toEqual([]);
  });
});
