import type { IncidentServer } from '../incident-maker.ts';
import { minutesEast } from '../incident-maker.ts';
import { cutShown, hostileLines, longLine } from './hostile.ts';
import { FileWriter, Known } from './log-writer.ts';
import { type Level, type Message, stackTrace, usual } from './messages.ts';
import type { Random } from './random.ts';
import type { Break, StoryEntry } from './story.ts';
import { levelIn, type Style } from './styles.ts';
import type { LogTruth } from './truth.ts';

export type LogPlan = {
  server: IncidentServer;
  index: number;
  name: string;
  path: string;
  file: string;
  kind: 'system' | 'audit' | 'debug';
  style: Style;
  count: number;
  own: readonly StoryEntry[];
  breaks: readonly Break[];
  window: { since: number; until: number };
  random: Random;
  isHostile: boolean;
  isOwnClock: boolean;
  setBack: { at: number; byMs: number } | undefined;
};

/** Up to so much a line may be behind the one before it: threads that write at once. */
const disorderMs = 1800;

/** Writes one log, line by line. */
export async function writeLog(plan: LogPlan): Promise<LogTruth> {
  const writing = new LogWriting(plan);
  const { window, count, random, own, breaks } = plan;
  const step = (window.until - window.since) / (count + 1);
  let next = 0;
  let time = window.since;
  for (let n = 0; n < count; n++) {
    time += step * (0.5 + random.next());
    if (time >= window.until) break;
    for (let entry = own[next]; entry !== undefined && entry.at <= time; entry = own[++next]) writing.tell(entry);
    const at = Math.floor(time);
    if (!breaks.some(({ since, until }) => at >= since && at < until)) writing.entry(at, usualMessage(plan));
    if (plan.isHostile && n === Math.floor(count / 2)) writing.hostile(at);
    await writing.file.flush();
  }
  for (const entry of own.slice(next)) writing.tell(entry);
  return writing.end();
}

function usualMessage({ kind, random }: LogPlan): Message {
  const list = usual[kind];
  const [first] = list;
  if (first === undefined) throw new Error('no messages');
  return list[Math.floor(random.next() ** 2 * list.length)] ?? first;
}

class LogWriting {
  readonly file: FileWriter;
  private readonly plan: LogPlan;
  private readonly known = new Known();
  private readonly counts: LogTruth['counts'] = new Map();
  private readonly shown: LogTruth['shown'] = new Map();
  private readonly marks: LogTruth['marks'] = [];
  private cutLines = 0;
  private last = { at: Number.NEGATIVE_INFINITY, raw: 0, level: 'none' as Level | 'none' };
  private isSetBack = false;
  private hour = Number.NaN;
  private east = 0;

  constructor(plan: LogPlan) {
    this.plan = plan;
    this.file = new FileWriter(plan.file);
  }

  tell(entry: StoryEntry): void {
    this.entry(entry.at, entry.message, entry.kind);
    if (entry.hasTrace) for (const line of stackTrace) this.continued(Buffer.from(line));
  }

  /** @param at the true time; a thread may write it a little late, by then others have gone on */
  entry(at: number, message: Message, kind?: string, text = message.make(this.plan.random)): void {
    const { style, server, setBack } = this.plan;
    const late = kind === undefined && this.plan.random.next() < 0.01 ? this.plan.random.below(disorderMs) : 0;
    const isBack = setBack !== undefined && at >= setBack.at;
    const clock = at - late + server.offsetMs - (isBack ? setBack.byMs : 0);
    const raw = Math.floor(clock / style.stepMs) * style.stepMs;
    const level = levelIn(style, message.level);
    const offset = this.minutesEast(raw);
    this.file.write(
      `${style.line({ ms: raw + offset * 60_000, offsetMinutes: offset }, level, text, 1000 + (this.known.count % 9000))}\n`,
    );
    if (isBack !== this.isSetBack) this.last.at = Number.NEGATIVE_INFINITY;
    this.isSetBack = isBack;
    const corrected = this.plan.isOwnClock ? raw : raw - server.offsetMs;
    const seen = style.isGuessed ? message.guessed : level;
    this.last = { at: Math.max(this.last.at, corrected), raw, level: seen };
    if (kind !== undefined) this.marks.push({ kind, number: this.known.count + 1, at: this.last.at });
    this.known.add({ ...this.last, isContinued: false });
    this.count(message, seen, kind);
  }

  continued(line: Buffer): void {
    this.file.write(line);
    this.file.write('\n');
    this.known.add({ ...this.last, isContinued: true });
  }

  hostile(at: number): void {
    for (const { bytes, shown } of hostileLines) {
      this.continued(bytes);
      this.shown.set(this.known.count, shown);
    }
    for (const size of [4097, 1_000_000]) {
      const line = longLine('a long line ', size);
      this.continued(line);
      const { text, more } = cutShown(line);
      this.shown.set(this.known.count, `${text}… ${more}`);
      this.cutLines++;
    }
    this.continued(Buffer.alloc(0));
    this.shown.set(this.known.count, '');
    this.entry(at, {
      level: 'info',
      guessed: 'none',
      template: 'hostile <b>bold</b> done',
      make: () => 'hostile <b>bold</b> done',
    });
  }

  async end(): Promise<LogTruth> {
    const { server, index, name, path, style, isOwnClock } = this.plan;
    const { known, counts, shown, marks, cutLines } = this;
    return {
      ...{ server: index, name, path, style, zone: server.zone, isOnCommonClock: !isOwnClock },
      ...{ known, counts, shown, marks, cutLines },
      ...(await this.file.end()),
    };
  }

  private count({ template }: Message, level: Level | 'none', kind: string | undefined): void {
    if (level === 'debug' || kind === 'icepack') return;
    const key = `${this.plan.style.prefix}${template}`;
    const counted = this.counts.get(key) ?? { level, before: 0, round: 0, after: 0 };
    const { window } = this.plan;
    const distance = this.last.at - (window.since + window.until) / 2;
    counted[distance < -120_000 ? 'before' : distance <= 300_000 ? 'round' : 'after']++;
    this.counts.set(key, counted);
  }

  private minutesEast(at: number): number {
    const hour = Math.floor(at / 900_000);
    if (hour !== this.hour) this.east = minutesEast(this.plan.server.zone, at);
    this.hour = hour;
    return this.east;
  }
}
