import { setTimeout as delay } from 'node:timers/promises';

/** More than enough time for the terminal to hand over what it holds. */
const handOverMs = 30;
/** After this the terminal is as it was: whoever waits that long for a question sees what they type. */
const longestHiddenMs = 10_000;

/**
 * What is typed while no question is asked: an Enter pressed to see whether icepack is still alive must not answer a
 * question that comes minutes later, and what is typed behind a password may be one, too. Ctrl-C still counts.
 */
export class TypedAhead {
  private readonly input: NodeJS.ReadStream;
  private shownAgain: NodeJS.Timeout | undefined;

  constructor(input: NodeJS.ReadStream) {
    this.input = input;
  }

  /** From now on nothing that is typed is shown, and all of it is dropped; until the next question, or for some seconds. */
  hide(): void {
    if (!this.input.isTTY || this.shownAgain !== undefined) return;
    this.shownAgain = setTimeout(() => this.show(), longestHiddenMs).unref();
    this.input.setRawMode(true); // also what has no Enter yet
    this.input.on('data', heed);
    this.input.resume();
    this.input.unref(); // it is nothing to stay for
  }

  /** Drops what was typed until now. */
  async forget(): Promise<void> {
    if (!this.input.isTTY) return;
    this.hide();
    await delay(handOverMs);
    this.show();
  }

  /** Whether what is typed is hidden at the moment. */
  get isHidden(): boolean {
    return this.shownAgain !== undefined;
  }

  private show(): void {
    clearTimeout(this.shownAgain);
    this.shownAgain = undefined;
    this.input.ref();
    this.input.pause();
    this.input.off('data', heed);
    this.input.setRawMode(false);
  }
}

function heed(typed: Buffer): void {
  if (typed.includes(0x03)) process.kill(process.pid, 'SIGINT');
}
