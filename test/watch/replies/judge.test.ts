import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Stamp } from '../../../src/domain/watch-event.ts';
import type { RefusedReply } from '../../../src/state/replies.ts';
import { type Heard, judged } from '../../../src/watch/replies/judge.ts';
import { ignoredForMs, refusedLately, withRefused } from '../../../src/watch/replies/refusals.ts';
import { repliesStanding } from '../../../src/watch/replies/standing.ts';
import { isToken, tokenOf } from '../../../src/watch/replies/token.ts';

const minute = 60_000;
const secret = Buffer.alloc(32, 7);
const people = new Map(
  [
    { key: 'kim', name: 'Kim Doe', email: 'Kim@Example.com', phone: '+46 660 29 92 00' },
    { key: 'lee', name: 'Lee Roe', email: 'lee@example.com', phone: '0046660299201' },
    { key: 'desk', name: 'Desk', phone: '+46660299200' },
    { key: 'mute', name: 'Mute' },
  ].map((person) => [person.key, person]),
);
const stampAt = (minutes: number): Stamp => ({ wallMs: minutes * minute, boot: 'a', upMs: minutes * minute });
const ack = (who: string, incident = 'I42') => `ack ${incident} ${tokenOf(secret, incident, who)}`;

function judge(heard: Partial<Heard>, refused: readonly RefusedReply[] = [], minutes = 0) {
  const usual: Heard = { by: 'sms', channel: 'modem', from: '+46660299200', line: ack('kim') };
  return judged({ ...usual, ...heard }, { people, secret, refused, now: stampAt(minutes) });
}

describe('a token', () => {
  it('is another one for each incident, person and machine, and reads well', () => {
    const own = tokenOf(secret, 'I42', 'kim');

    expect(own).toMatch(/^[0-9a-hjkmnp-tv-z]{4}$/);
    const others = [
      ...[tokenOf(secret, 'I43', 'kim'), tokenOf(secret, 'I42', 'lee'), tokenOf(Buffer.alloc(32, 8), 'I42', 'kim')],
    ];
    expect(others).not.toContain(own);
    expect(tokenOf(secret, 'I4', '2kim')).not.toBe(tokenOf(secret, 'I42', 'kim'));
  });

  it('is right also where letters were taken for figures', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), (number) => {
        const token = tokenOf(secret, `I${number}`, 'kim');
        expect(isToken(token.replaceAll('0', 'O').replaceAll('1', 'l'), secret, `I${number}`, 'kim')).toBe(true);
        expect(isToken(`${token}x`, secret, `I${number}`, 'kim')).toBe(false);
      }),
    );
  });
});

describe('an answer', () => {
  it('counts of whom it was sent to, by number, address or button', () => {
    expect(judge({})).toEqual({ is: 'taken', incident: 'I42', who: 'kim' });
    expect(judge({ from: '46660299200', line: ack('desk') })).toMatchObject({ who: 'desk' });
    expect(judge({ from: '+46660299201', line: ack('lee') })).toMatchObject({ who: 'lee' });
    expect(judge({ by: 'mail', from: 'kim@example.COM' })).toMatchObject({ who: 'kim' });
    expect(judge({ by: 'push', channel: 'push', from: undefined, line: ack('channel push') })).toMatchObject({
      is: 'taken',
      who: 'push',
    });
  });

  it.each<[string, Partial<Heard>, object]>([
    ['the token of somebody else', { line: ack('lee') }, { is: 'refused', why: 'token', sender: 'kim' }],
    ['the token of another incident', { line: ack('kim', 'I41').replace('I41', 'I42') }, { why: 'token' }],
    ['a number of nobody', { from: '+46660299999' }, { is: 'refused', why: 'nobody', sender: '+46660299999' }],
    ['a number that ends like one', { from: '299200' }, { why: 'nobody' }],
    ['no number', { from: 'Telia' }, { why: 'nobody' }],
    [
      'a forged sender without the token',
      { by: 'mail', from: 'kim@example.com', line: 'ack I42 aaaa' },
      { why: 'token' },
    ],
    ['an address of nobody', { by: 'mail', from: 'kim@example.com.evil.example' }, { why: 'nobody' }],
    ['a button with the token of a person', { by: 'push', channel: 'push' }, { why: 'token', sender: 'push' }],
    ['other words', { line: 'ok, on my way' }, { is: 'no answer' }],
  ])('does not count with %s (W31)', (_what, heard, expected) => {
    expect(judge(heard)).toMatchObject(expected);
  });

  it('never counts without the token', () => {
    const right = tokenOf(secret, 'I42', 'kim');
    const words = fc.constantFrom(
      ...['ack', 'I42', 'I1', 'kim', 'q7mx', '0000', 'zzzz', '"', ' ', '\n', right.slice(1)],
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 8 }), (parts) => {
        const line = parts.join(' ');
        fc.pre(!line.toLowerCase().includes(right));
        expect(judge({ line }).is).not.toBe('taken');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('who guesses', () => {
  const wrong = (minutes: number, sender = 'kim'): RefusedReply => ({
    ...{ by: 'sms', sender, why: 'token', at: stampAt(minutes) },
  });
  const five = [0, 10, 20, 30, 40].map((minutes) => wrong(minutes));

  it('is ignored for an hour after five wrong tokens within one, and heard again then (W31)', () => {
    expect(judge({}, five.slice(1), 41)).toMatchObject({ is: 'taken' });
    expect(judge({}, five, 41)).toEqual({ is: 'ignored', sender: 'kim' });
    expect(judge({}, five, 99)).toMatchObject({ is: 'ignored' });
    expect(judge({}, five, 101)).toMatchObject({ is: 'taken' });
    expect(
      judge(
        {},
        [0, 20, 40, 60, 80].map((minutes) => wrong(minutes)),
        81,
      ),
    ).toMatchObject({ is: 'taken' });
  });

  it('costs nobody else anything, nor the same person another way', () => {
    expect(judge({ from: '+46660299201', line: ack('lee') }, five, 41)).toMatchObject({ is: 'taken' });
    expect(judge({ by: 'mail', from: 'kim@example.com' }, five, 41)).toMatchObject({ is: 'taken' });
    expect(
      ignoredForMs(
        five.map((each) => ({ ...each, why: 'nobody' as const })),
        { by: 'sms', sender: 'kim' },
        stampAt(41),
      ),
    ).toBeUndefined();
  });

  it('is kept for as long as that matters, however many there are', () => {
    let kept: RefusedReply[] = [];
    for (let at = 0; at < 2000; at++) kept = withRefused(kept, wrong(at / 10, `+${at}`));

    expect(kept).toHaveLength(500);
    expect(withRefused(five, wrong(200))).toEqual([wrong(200)]);
    expect(refusedLately(five, stampAt(71))).toEqual(five.slice(2));
  });

  it('is said in the status, with how often (W31)', () => {
    const notes = { schema: 1 as const, marks: {}, faults: { modem: 'no', gone: 'x' }, refused: five };
    const nameOf = (key: string) => people.get(key)?.name ?? key;

    expect(repliesStanding(notes, ['modem'], nameOf, stampAt(41))).toEqual({
      refused: [{ by: 'sms', why: 'wrong token of Kim Doe', count: 5 }],
      ignored: [{ by: 'sms', sender: 'Kim Doe', until: new Date(100 * minute) }],
      faults: [{ channel: 'modem', why: 'no' }],
    });
    expect(repliesStanding(notes, [], nameOf, stampAt(200))).toEqual({ refused: [], ignored: [], faults: [] });
  });
});
