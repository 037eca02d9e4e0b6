import { readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { OutputLine } from '../../../src/domain/line.ts';
import type { Stamp } from '../../../src/domain/watch-event.ts';
import {
  type Channel,
  type Replies as Found,
  NotifyError,
  type Reply,
  type ReplyWay,
} from '../../../src/notify/channel.ts';
import { openWatchNotes } from '../../../src/state/watch-notes.ts';
import { Replies } from '../../../src/watch/replies/replies.ts';
import { takeMail } from '../../../src/watch/replies/take-mail.ts';
import { tokenOf } from '../../../src/watch/replies/token.ts';
import { never } from '../../notify/pages.ts';
import { temporaryFolder } from '../../support/rig.ts';
import { escalation } from '../escalation/simulated.ts';

const minute = 60_000;

/** An incident, and a channel over which somebody answers. */
async function answering(by: ReplyWay = 'sms') {
  const state = join(await temporaryFolder(), 'icepack');
  const clock = { stamp: { wallMs: Date.parse('2026-11-30T10:00:00Z'), boot: 'a', upMs: 0 } satisfies Stamp };
  const now = () => new Date(clock.stamp.wallMs);
  const notes = openWatchNotes(state, now);
  const opened = { stamp: clock.stamp, kind: 'ticket' as const, group: 'g', place: 'p', event: 'e', reference: 'r' };
  const { id } = await notes.incidents.create(opened, []);
  const told: OutputLine[] = [];
  let sent: Reply[] | Error = [];
  let asked = 0;
  const channel: Channel = {
    ...{ name: 'modem', kind: 'gammu', needs: 'phone', answeredBy: by },
    send: async () => '',
    check: async () => '',
    replies: async (marks): Promise<Found> => {
      asked += 1;
      if (sent instanceof Error) throw sent;
      return { replies: sent.filter((each) => !marks.includes(each.id)), marks: sent.map((each) => each.id) };
    },
  };
  const tools = {
    watch: notes,
    stamp: async () => clock.stamp,
    tell: (line: OutputLine) => void told.push(line),
    signal: never,
  };
  const start = () => {
    const replies = new Replies(tools);
    return (isWaiting = true) => replies.look([channel], escalation(), isWaiting);
  };
  const token = async (who: string) => tokenOf(await notes.replies.secret(), id, who);
  const answers = async () => {
    const incident = await notes.incidents.find(id);
    return (incident?.log.entries ?? []).filter((entry) => entry.type === 'acknowledged');
  };
  const pass = (ms: number) => {
    clock.stamp = { ...clock.stamp, wallMs: clock.stamp.wallMs + ms, upMs: clock.stamp.upMs + ms };
  };
  return {
    ...{ state, notes, id, told, start, token, answers, pass },
    asked: () => asked,
    sends: (replies: Reply[] | Error) => {
      sent = replies;
    },
  };
}

const kim = '+46660299200';

describe('an answer by SMS', () => {
  it('is taken as if the person had typed it', async () => {
    const { sends, start, token, answers, told } = await answering();
    sends([{ id: 'a', from: kim, text: `\nAck i1 ${(await token('lee')).toUpperCase()}\n` }]);

    await start()();

    expect(await answers()).toMatchObject([{ by: 'lee', how: 'sms', forMs: 240 * minute, reply: 'a' }]);
    expect(told).toEqual([{ text: 'lee doe has I1, by SMS.', tone: 'good' }]);
  });

  it('counts once: over looks, restarts, and where what was handled is lost or was not noted any more', async () => {
    const { state, sends, start, token, answers } = await answering();
    sends([{ id: 'a', from: kim, text: `ack I1 ${await token('kim')}` }]);
    const look = start();
    await look();
    await look();
    await start()();
    await rm(join(state, 'watch', 'replies.json')); // as by a kill between the answer and its note
    await start()();

    expect(await answers()).toHaveLength(1);
    sends([{ id: 'b', from: kim, text: `ack I1 ${await token('kim')}` }]);
    await start()();
    expect(await answers()).toHaveLength(2);
  });

  it('does not count with a wrong token, and is counted and said, once (W31)', async () => {
    const { notes, sends, start, answers, told } = await answering();
    sends([
      { id: 'a', from: kim, text: 'ack I1 zzzz' },
      { id: 'b', from: '+46700000000', text: 'ack I1 zzzz' },
      { id: 'c', from: kim, text: 'call me' },
    ]);
    await start()();
    await start()();

    expect(await answers()).toEqual([]);
    expect((await notes.replies.read()).refused).toMatchObject([
      { by: 'sms', sender: 'kim', why: 'token' },
      { by: 'sms', sender: '+46700000000', why: 'nobody' },
    ]);
    expect(told.map(({ text }) => text)).toEqual([
      'an answer by SMS does not count: wrong token of kim doe',
      'an answer by SMS does not count: nobody in people: is +46700000000',
    ]);
  });

  it('is not heard of who guesses, for an hour, also after a restart (W31)', async () => {
    const { sends, start, token, answers, pass, told } = await answering();
    const right = `ack I1 ${await token('kim')}`;
    const wrong = ['2222', '3333', '4444', '5555', '6666'].map((guess, at) => ({
      id: `w${at}`,
      from: kim,
      text: `ack I1 ${guess}`,
    }));
    sends([...wrong, { id: 'a', from: kim, text: right }]);
    await start()();
    expect(await answers()).toEqual([]);
    expect(told.at(-1)?.text).toBe('an answer by SMS does not count: kim doe sent too many wrong tokens');

    pass(59 * minute);
    sends([{ id: 'b', from: kim, text: right }]);
    await start()();
    expect(await answers()).toEqual([]);

    pass(2 * minute);
    sends([{ id: 'c', from: kim, text: right }]);
    await start()();
    expect(await answers()).toHaveLength(1);
  });

  it('of an incident that is not open changes nothing, and is no guess', async () => {
    const { notes, sends, start, token, told, id } = await answering();
    const incident = await notes.incidents.find(id);
    sends([{ id: 'a', from: kim, text: `ack I1 ${await token('kim')}` }]);
    if (incident !== undefined) await notes.incidents.close(incident, 'it is over');

    await start()();

    expect((await notes.replies.read()).refused).toEqual([]);
    expect(told.map(({ text }) => text)).toEqual(['kim doe would have I1, which is not open, by SMS']);
  });

  it('that cannot be read is said once, stands in the notes, and ends nothing', async () => {
    const { notes, sends, start, token, answers, told } = await answering();
    const look = start();
    sends(new NotifyError('unavailable', 'EACCES: permission denied'));
    await look();
    await look();

    expect(told.map(({ text }) => text)).toEqual(['answers over modem cannot be read: EACCES: permission denied']);
    expect((await notes.replies.read()).faults).toEqual({ modem: 'EACCES: permission denied' });

    sends([{ id: 'a', from: kim, text: `ack I1 ${await token('kim')}` }]);
    await look();
    expect(await answers()).toHaveLength(1);
    expect((await notes.replies.read()).faults).toEqual({});
  });
});

describe('an answer by a button', () => {
  it('is asked for every ten seconds while somebody is to answer, and is that of the channel', async () => {
    const { sends, start, token, answers, pass, asked } = await answering('push');
    sends([{ id: 'a', text: `ack I1 ${await token('channel modem')}` }]);
    const look = start();
    await look(false);
    expect(asked()).toBe(0);
    await look();
    await look();
    expect(asked()).toBe(1);
    pass(10_000);
    await look();

    expect(asked()).toBe(2);
    expect(await answers()).toMatchObject([{ by: 'modem', how: 'push' }]);
  });
});

describe('an answer by mail', () => {
  const mail = (line: string, from = 'Kim <KIM@example.com>', more = '') =>
    Buffer.from(`From: ${from}\nMessage-ID: <${line.replaceAll(' ', '.')}@example.com>\n${more}\n${line}\n`);

  it('counts with the token, and once, however often it is delivered', async () => {
    const { notes, token, answers } = await answering();
    const raw = mail(`ack I1 ${await token('kim')}`);

    const outcomes = [await takeMail(raw, escalation(), notes), await takeMail(raw, escalation(), notes)];

    expect(outcomes).toEqual([
      { is: 'taken', incident: 'I1', who: 'kim' },
      { is: 'told again', incident: 'I1', who: 'kim' },
    ]);
    expect(await answers()).toMatchObject([{ by: 'kim', how: 'mail' }]);
  });

  it('does not count forged, or written by a program (W29, W30, W31)', async () => {
    const { notes, token, answers } = await answering();
    const right = `ack I1 ${await token('kim')}`;
    const outcomes = [
      await takeMail(mail('ack I1 zzzz'), escalation(), notes),
      await takeMail(mail(right, 'Eve <eve@example.com>'), escalation(), notes),
      await takeMail(mail(right, 'Lee <lee@example.com>'), escalation(), notes),
      await takeMail(mail(right, undefined, 'Auto-Submitted: auto-replied\n'), escalation(), notes),
      await takeMail(mail(`> ${right}`), escalation(), notes),
    ];

    expect(outcomes.map(({ is }) => is)).toEqual(['refused', 'refused', 'refused', 'no answer', 'no answer']);
    expect(await answers()).toEqual([]);
  });
});

describe('the secret of tokens', () => {
  it('is made once, for nobody else to read, and anew where it is damaged', async () => {
    const { notes, state } = await answering();
    const path = join(state, 'watch', 'secret');

    const [one, other] = await Promise.all([notes.replies.secret(), notes.replies.secret()]);

    expect(one).toEqual(other);
    expect([(await stat(path)).mode & 0o777, (await readFile(path)).length]).toEqual([0o600, 32]);
    await writeFile(path, 'short');
    const anew = await notes.replies.secret();
    expect([anew.length, await notes.replies.secret()]).toEqual([32, anew]);
    await rm(path);
    await symlink('/etc/hostname', path);
    expect((await notes.replies.secret()).length).toBe(32);
    expect((await stat(path)).size).toBe(32);
  });
});
