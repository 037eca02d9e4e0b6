import { HelpDeskError } from '../help-desk.js';
import { bulkSchema, type Issue, issueFields, issueSchema, keySchema } from './answers.js';
import type { JiraApi } from './api.js';
import { numberIn } from './keys.js';
import { labelOf, quoted } from './text.js';

/** So many keys after the newest one are looked at for a ticket whose answer was lost. */
const probed = 50;
const mostFound = 1000;

/** Finds issues by the reference in their labels, also such that search does not show yet. */
export class JiraReferences {
  private readonly api: JiraApi;
  private readonly project: string;
  /** Those that were asked about: of several in one issue, one of these is ours. */
  readonly known = new Set<string>();
  /** The newest number that was there before the first request for a ticket. */
  private readonly newestBefore = new Map<string, number>();

  constructor(api: JiraApi, project: string) {
    this.api = api;
    this.project = project;
  }

  /** Exact matches only, oldest first. */
  async find(reference: string, signal: AbortSignal): Promise<Issue[]> {
    this.known.add(reference);
    const jql = `project = ${quoted(this.project)} AND labels = ${quoted(labelOf(reference))}`;
    const listed = await this.api.search(issueSchema, { jql, fields: issueFields, limit: mostFound }, signal);
    const all = [...listed, ...(await this.madeSince(reference, signal))];
    return [...new Map(all.map((issue) => [issue.id, issue])).values()]
      .filter(({ fields }) => fields.labels?.includes(labelOf(reference)))
      .sort((a, b) => Number(a.id) - Number(b.id));
  }

  /** To be called before a ticket is asked for. */
  async noteNewest(reference: string, signal: AbortSignal): Promise<void> {
    this.known.add(reference);
    // Data Center has no call for many keys. A ticket of the first request is after the first newest one.
    if (!this.api.isCloud || this.newestBefore.has(reference)) return;
    const jql = `project = ${quoted(this.project)} ORDER BY key DESC`;
    const [newest] = await this.api.search(keySchema, { jql, fields: ['created'], limit: 1 }, signal);
    const number = newest === undefined ? 0 : numberIn(newest.key, this.project);
    if (number !== undefined) this.newestBefore.set(reference, number);
  }

  /**
   * What was made since a ticket was asked for, by key: search shows it late, reading by key does not. Issues that are
   * not there and such that we may not see are left out alike: a hit proves something, a miss does not.
   */
  private async madeSince(reference: string, signal: AbortSignal): Promise<Issue[]> {
    const newest = this.newestBefore.get(reference);
    if (newest === undefined) return [];
    const issueIdsOrKeys = Array.from({ length: probed }, (_, n) => `${this.project}-${newest + 1 + n}`);
    const call = this.api.question('3/issue/bulkfetch', { issueIdsOrKeys, fields: issueFields });
    try {
      return (await this.api.ask(bulkSchema, call, signal)).issues;
    } catch (error) {
      // Search has answered: a site without this call, or a token that may not use it, is no worse than before.
      if (error instanceof HelpDeskError && ['forbidden', 'not-found', 'invalid'].includes(error.kind)) return [];
      throw error;
    }
  }
}
