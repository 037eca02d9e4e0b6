import type { OutputLine } from '../domain/line.js';
import { weekName } from '../domain/week.js';
import { dueWeek, missedWeeks, type SentWeeks, type Weekly } from '../domain/weekly.js';
import { reasonOf } from '../errors.js';
import type { ConfiguredChannel } from '../notify/channel.js';
import { stampNow } from '../state/boot-clock.js';
import type { WeeklyJournal } from '../state/weekly-journal.js';
import { Pace } from '../watch/incident/pace.js';
import { type Sources, weeklyStatus } from './gather.js';
import { sendStatus } from './send.js';
import { writePages } from './write-pages.js';

type Tools = {
  weekly: Weekly;
  sources: Omit<Sources, 'signal'>;
  journal: WeeklyJournal;
  channels: readonly ConfiguredChannel[];
  /** Tells whoever reads the messages of a watch. */
  tell(line: OutputLine): void;
};

type Due = NonNullable<ReturnType<typeof dueWeek>>;

/** Sends the status of a week when that is due, once; where that fails it is tried again, later each time. */
export class WeeklyRound {
  private readonly tools: Tools;
  private readonly pace = new Pace();
  private known: SentWeeks | undefined;

  constructor(tools: Tools) {
    this.tools = tools;
  }

  async look(signal: AbortSignal): Promise<void> {
    const { journal, tell } = this.tools;
    if (this.known !== undefined && this.dueNow(this.known) === undefined) return;
    await this.pace.at(await stampNow(), async () => {
      this.known ??= await journal.begin();
      const owed = this.dueNow(this.known);
      if (owed !== undefined) await this.send(owed, this.known, signal);
    });
    const failure = this.pace.newFailure();
    if (failure !== undefined) tell({ text: reasonOf(failure), tone: 'bad' });
  }

  private get time() {
    const { weekly, sources } = this.tools;
    return { ...weekly, zone: sources.about.zone };
  }

  private dueNow(known: SentWeeks): Due | undefined {
    return dueWeek(this.time, known, this.tools.sources.operator.now());
  }

  private async send({ week, isLate }: Due, known: SentWeeks, signal: AbortSignal): Promise<void> {
    const { weekly, sources, journal, channels, tell } = this.tools;
    const missed = missedWeeks(week, this.time, known);
    const status = await weeklyStatus({ week, isLate, missed }, { ...sources, signal });
    if (weekly.html !== undefined)
      await writePages(weekly.html, status).catch((error: unknown) => tell({ text: reasonOf(error), tone: 'bad' }));
    const name = weekName(week);
    const isSent = await journal.sendOnce(name, false, () => sendStatus(status, weekly, channels, signal));
    this.known = await journal.read();
    if (isSent) tell({ text: `the weekly status of ${name} was sent to ${weekly.to.join(', ')}`, tone: 'good' });
  }
}
