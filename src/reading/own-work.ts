import type { ServerRecord } from '../domain/manifest.js';
import { escapeRegExp } from '../domain/quoting.js';

/** A login is logged a little before or after we know of it. */
const slackMs = 5000;
const address = /\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}\b/i;

/** Which lines tell of icepack's own logins: by user, address and time, as the manifest has them. */
export class OwnWork {
  private readonly sessions: readonly { user: RegExp; from: string | undefined; since: number; until: number }[];

  constructor(server: ServerRecord | undefined) {
    this.sessions = (server?.icepackSessions ?? []).map(({ user, from, since, until }) => ({
      user: new RegExp(`(?<![\\w.-])${escapeRegExp(user)}(?![\\w-])`),
      ...{ from, since: Date.parse(since) - slackMs, until: Date.parse(until) + slackMs },
    }));
  }

  is(text: string, at: number): boolean {
    return this.sessions.some(({ user, from, since, until }) => {
      if (at < since || at > until || !user.test(text)) return false;
      return from === undefined || text.includes(from) || !address.test(text);
    });
  }
}
