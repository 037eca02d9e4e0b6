import type { AtWorkNotes } from '../state/capture-at-work.js';
import type { Operator } from '../ui/operator.js';

const lookEveryMs = 250;

/**
 * A capture at work at a server, which gives way to a run that wants it: at once, or, where techsupport runs, when that is
 * done. A second techsupport would only double the load.
 */
export class GivingWay {
  /** Aborted when the server is wanted and the capture is to end. */
  readonly signal: AbortSignal;
  private readonly yielding = new AbortController();
  private readonly over = new AbortController();
  private readonly server: string;
  private readonly note: { capture: string; since: string };
  private readonly notes: AtWorkNotes;
  private readonly freeServer: () => void;
  private runsTechsupport = false;
  private isHandingOver = false;

  /** @param freeServer lets the run at the server while techsupport ends */
  constructor(server: string, note: { capture: string; since: string }, notes: AtWorkNotes, freeServer: () => void) {
    this.server = server;
    this.note = note;
    this.notes = notes;
    this.freeServer = freeServer;
    this.signal = this.yielding.signal;
  }

  async begin(operator: Operator): Promise<void> {
    await this.notes.note(this.server, this.note);
    void this.watch(operator);
  }

  /** From now on techsupport runs at the server. @throws where the capture has given way before */
  noteTechsupport(): void {
    this.signal.throwIfAborted();
    this.runsTechsupport = true;
  }

  get hasGivenWay(): boolean {
    return this.signal.aborted;
  }

  async end(): Promise<void> {
    this.over.abort();
    await this.notes.end(this.server);
  }

  private async watch(operator: Operator): Promise<void> {
    while (!this.over.signal.aborted && !this.isHandingOver && !this.signal.aborted) {
      if (await this.notes.isWanted(this.server)) await this.giveWay();
      else await operator.sleep(lookEveryMs, this.over.signal);
    }
  }

  private async giveWay(): Promise<void> {
    if (this.over.signal.aborted) return;
    if (!this.runsTechsupport) return this.yielding.abort();
    this.isHandingOver = true;
    await this.notes.note(this.server, { ...this.note, handsOver: true }).catch(() => undefined); // the run goes on beside
    this.freeServer();
  }
}
