import { icepack, placeholder, say } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import type { NextStep } from '../domain/next-step.js';
import { formatSize } from '../domain/quantities.js';
import { printable, printableLine } from '../domain/text.js';
import { reopenUntil, stateText, type Ticket, type TicketComment } from '../domain/ticket.js';
import { formatLocal } from '../domain/zone.js';
import { awaitsUs, untilText } from './list.js';
import type { ShownFile, ShownTicket } from './show.js';
import { tabbed } from './tabbed.js';
import { resultOf, type TicketAnswer } from './ticket-call.js';

/** @param columns of the terminal; without one, lines of tab-separated values */
export function showAnswer(shown: ShownTicket, now: Date, zone: string, columns: number | undefined): TicketAnswer {
  const { ticket, files, comments } = shown;
  const { subject, nativeState, reference, updatedAt } = ticket;
  const until = reopenUntil(ticket)?.toISOString() ?? null;
  return {
    lines: columns === undefined ? tabbedLines(shown) : pageLines(shown, now, zone),
    fields: {
      ticket: { ...resultOf(ticket), subject, nativeState, reference: reference ?? null, updatedAt: updatedAt ?? null },
      ...{ awaitsUs: awaitsUs(ticket), reopenUntil: until, comments: comments ?? null },
      files: files.map(({ name, sizeBytes, sha256, run }) => ({
        ...{ name, bytes: sizeBytes ?? null, sha256: sha256 ?? null, run: run ?? null },
      })),
    },
    next: stepsOf(ticket, now, zone),
  };
}

function stepsOf(ticket: Ticket, now: Date, zone: string): NextStep[] {
  const { key } = ticket;
  const until = reopenUntil(ticket);
  if (awaitsUs(ticket))
    return [{ command: icepack('ticket', 'comment', key, placeholder('TEXT')), why: 'support waits for your answer' }];
  if (until === undefined || until < now) return [];
  return [{ command: icepack('ticket', 'reopen', key), why: `if it is not solved, before ${untilText(ticket, zone)}` }];
}

function tabbedLines({ ticket, files, comments = [] }: ShownTicket): OutputLine[] {
  const { key, state, nativeState, subject, updatedAt, url } = ticket;
  const rows = [
    ...[
      ['ticket', key],
      ['state', state, nativeState],
      ['awaits', awaitsUs(ticket) ? 'us' : ''],
    ],
    ...[
      ['changed', updatedAt],
      ['reopen until', reopenUntil(ticket)?.toISOString()],
      ['subject', subject],
      ['url', url],
    ],
    ...files.map(({ name, sizeBytes, sha256, run }) => ['file', name, sizeBytes, sha256, run]),
    ...comments.map(({ at, author, public: isPublic, body }) => [
      'comment',
      at,
      author,
      isPublic ? 'public' : 'internal',
      body,
    ]),
  ];
  return rows.map((row) => ({ text: tabbed(row) }));
}

const mostComments = 20;

function pageLines({ ticket, files, comments }: ShownTicket, now: Date, zone: string): OutputLine[] {
  const { key, subject, updatedAt, url } = ticket;
  const changed = updatedAt === undefined ? '' : `, changed ${formatLocal(new Date(updatedAt), zone)} ${zone}`;
  const [step] = stepsOf(ticket, now, zone);
  const earlier = (comments?.length ?? 0) - mostComments;
  return [
    { text: `${key}  ${printableLine(subject)}`, tone: 'strong' },
    { text: `${stateText(ticket)}${changed}` },
    ...fixedLines(ticket, now, zone),
    { text: url, tone: 'dim' },
    { text: '' },
    { text: files.length === 0 ? 'Nothing is attached.' : 'Attached', tone: 'strong' },
    ...files.map((file) => ({ text: fileText(file) })),
    { text: '' },
    { text: commentsTitle(comments), tone: 'strong' },
    ...(earlier > 0 ? [{ text: `  ${earlier} earlier ones: --json has all`, tone: 'dim' as const }] : []),
    ...(comments ?? []).slice(-mostComments).flatMap((comment) => commentLines(comment, zone)),
    ...(step === undefined
      ? []
      : [{ text: '' }, { text: say`Next: ${step.command}`, tone: 'strong' as const }, { text: `      ${step.why}` }]),
  ];
}

function fixedLines(ticket: Ticket, now: Date, zone: string): OutputLine[] {
  const until = reopenUntil(ticket);
  if (ticket.state !== 'fixed') return [];
  if (until === undefined) return [{ text: 'It can be reopened for two weeks; since when it is Fixed is not told.' }];
  const since = `It is Fixed since ${formatLocal(new Date(ticket.updatedAt ?? ''), zone)} at the latest`;
  const text = until < now ? 'its two weeks are over' : `it can be reopened until ${untilText(ticket, zone)}`;
  return [{ text: `${since}; ${text}.` }];
}

function fileText({ name, sizeBytes, run }: ShownFile): string {
  const size = sizeBytes === undefined ? 'size not told' : formatSize(sizeBytes);
  return `  ${printableLine(name)}  ${size}${run === undefined ? '' : `  run ${run}`}`;
}

function commentsTitle(comments: TicketComment[] | undefined): string {
  if (comments === undefined) return 'This help desk does not give its comments.';
  return comments.length === 0 ? 'No comments.' : 'Comments';
}

function commentLines({ at, author, body, public: isPublic }: TicketComment, zone: string): OutputLine[] {
  const time = Date.parse(at ?? '');
  const head = [
    ...(Number.isNaN(time) ? [] : [formatLocal(new Date(time), zone)]),
    ...(author === undefined ? [] : [printableLine(author)]),
    ...(isPublic ? [] : ['internal']),
  ].join('  ');
  const lines = printable(body).trim().split('\n');
  return [{ text: `  ${head}`, tone: 'dim' }, ...lines.map((line) => ({ text: `    ${line}`.trimEnd() }))];
}
