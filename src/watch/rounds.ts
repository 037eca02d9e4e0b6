/** The rounds of a watch that goes on: they overlap, as each server has its time. */
export class Rounds {
  private readonly running = new Set<Promise<void>>();
  /** Those that began before the last time all was well: as long as one goes on, nobody may say that all is well. */
  private owed = new Set<Promise<void>>();
  private isFirst = true;

  begin(round: Promise<void>): void {
    this.running.add(round);
    if (this.isFirst) this.owed.add(round);
    this.isFirst = false;
    void round.finally(() => {
      this.running.delete(round);
      this.owed.delete(round);
    });
  }

  /** Whether all rounds were whole that began before the last time this was so: one that hangs ends it. */
  areWhole(): boolean {
    if (this.isFirst || this.owed.size > 0) return false;
    this.owed = new Set(this.running);
    return true;
  }

  async ended(): Promise<void> {
    await Promise.all(this.running);
  }
}
