import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAcknowledgement } from '../../../src/watch/replies/acknowledgement.ts';
import { firstOwnLine } from '../../../src/watch/replies/first-line.ts';
import { textOfHtml } from '../../../src/watch/replies/html-text.ts';
import { mailReplyOf } from '../../../src/watch/replies/mail-reply.ts';
import { projectRoot } from '../../support/rig.ts';

const folder = join(projectRoot, 'test', 'fixtures', 'mails');
const mailsIn = (kind: string) => readdirSync(join(folder, kind)).map((name) => name.replace('.eml', ''));
const mail = (kind: string, name: string) => readFileSync(join(folder, kind, `${name}.eml`));

async function acknowledgementIn(raw: Buffer) {
  const reply = await mailReplyOf(raw);
  return 'why' in reply ? undefined : parseAcknowledgement(reply.line);
}

describe('a mail of a person', () => {
  it.each(mailsIn('answers'))('is read as their answer: %s', async (name) => {
    expect(await mailReplyOf(mail('answers', name))).toMatchObject({ from: 'kim@example.com' });
    expect(await acknowledgementIn(mail('answers', name))).toEqual({ incident: 'I42', token: 'q7mx' });
  });

  it('is known again by its id', async () => {
    const [gmail, again] = [await mailReplyOf(mail('answers', 'gmail')), await mailReplyOf(mail('answers', 'gmail'))];

    expect(again).toEqual(gmail);
    expect(await mailReplyOf(mail('answers', 'mutt'))).not.toMatchObject({ id: 'id' in gmail ? gmail.id : '' });
  });
});

describe('a mail that nobody wrote as an answer', () => {
  it.each(mailsIn('none'))('is none: %s (W29, W30)', async (name) => {
    expect(await acknowledgementIn(mail('none', name))).toBeUndefined();
  });

  it('says why, where a program wrote it (W30)', async () => {
    const whys = await Promise.all(
      ['exchange-out-of-office', 'mailing-list', 'own-mail-stripped', 'empty-envelope'].map((name) =>
        mailReplyOf(mail('none', name)),
      ),
    );

    expect(whys).toEqual([
      { why: 'it was written by a program' },
      { why: 'it is an automatic or a bulk mail' },
      { why: 'it is a mail of icepack' },
      { why: 'it is a bounce' },
    ]);
  });

  it('is none where it is no mail at all, too deep, or cut', async () => {
    const deep = 'Content-Type: multipart/mixed; boundary=a\n\n--a\n'.repeat(60);
    const noSender = 'Subject: x\n\nack I42 q7mx\n';
    for (const raw of ['', '\0\xff\n\n', 'ack I42 q7mx', deep, noSender, 'From: <\n\nack I42 q7mx'])
      expect(await acknowledgementIn(Buffer.from(raw, 'latin1'))).toBeUndefined();
  });
});

describe('what a person wrote', () => {
  const noise = fc.string({ unit: fc.constantFrom(...'ack I42q7mx\n> "<>bi/div:- \u00a0'), maxLength: 200 });

  it('never counts where the token does not stand there', () => {
    fc.assert(
      fc.property(noise, (text) => {
        fc.pre(!/q7mx/i.test(text));
        for (const own of [text, textOfHtml(text)])
          expect(parseAcknowledgement(firstOwnLine(own) ?? '')?.token).not.toBe('q7mx');
      }),
      { numRuns: 2000 },
    );
  });

  it('never counts where somebody else wrote it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('> ack I42 q7mx', '', '>> ack I42 q7mx', ' > x', '| ack I42 q7mx')),
        (lines) => {
          expect(firstOwnLine(lines.join('\n'))).toBeUndefined();
        },
      ),
    );
  });

  it('is read in no time, however it is nested', () => {
    const hostile = [
      '<div>'.repeat(50_000),
      '<blockquote>'.repeat(50_000),
      '<'.repeat(200_000),
      '&#'.repeat(100_000),
      '<!--'.repeat(50_000),
      `${'a:'.repeat(100_000)}\n`.repeat(4),
      `<p style="${'display '.repeat(50_000)}`,
    ];
    for (const text of hostile) expect(parseAcknowledgement(firstOwnLine(textOfHtml(text)) ?? '')).toBeUndefined();
  });
});

describe('an answer', () => {
  it.each([
    'ack I42 q7mx',
    ' Ack  i42   Q7MX ',
    '"ack I42 q7mx"',
    '“ack I42 q7mx”.',
    'ACK I42 q7mx!',
    "'ack\tI42\u00a0q7mx'",
  ])('is %s', (line) => {
    expect(parseAcknowledgement(line)).toEqual({ incident: 'I42', token: 'q7mx' });
  });

  it.each([
    ...[
      'ack I42',
      'ack q7mx',
      'ack I42 q7m',
      'ack I42 q7mxx',
      'ack I0 q7mx',
      'ack 42 q7mx',
      'I42 q7mx',
      'back I42 q7mx',
    ],
    ...['ack I42 q7mx please', 'please ack I42 q7mx', 'ack I42, q7mx', 'ack I1234567890 q7mx', '> ack I42 q7mx', ''],
  ])('is not %s', (line) => {
    expect(parseAcknowledgement(line)).toBeUndefined();
  });
});
