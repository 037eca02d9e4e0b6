import type { IncomingMessage } from 'node:http';

/** What this Jira does besides answering; each is a documented or reported trap. */
export type JiraTraps = {
  /** Data Center: a personal token, `/search`, no `bulkfetch`. */
  dataCenter: boolean;
  /** Search does not learn of anything new. */
  searchLags: boolean;
  /** The token: good, expired (everything is answered as to anybody), with scopes (gateway only), or locked out. */
  token: 'good' | 'expired' | 'scoped' | 'locked';
  tenantInfo: boolean;
  /** Every request for more is 429 with this reason. */
  limited: string | undefined;
  attachments: { enabled: boolean; uploadLimit: number };
  /** The next file is answered as taken: not kept, or only its half. */
  nextFile: 'kept' | 'dropped' | 'halved';
  /** The next transition: done, refused with 400 or 409, or answered as done. */
  nextTransition: 'done' | 'forbidden' | 'concurrent' | 'ignored';
  /** Labels of new issues are dropped; for good where they are dropped at each change. */
  labels: 'kept' | 'dropped at creation' | 'never kept';
  /** Fields of new issues that a rule empties. */
  emptied: Set<string>;
  /** Accounts that cannot be assigned issues, by id or name. */
  unassignable: Set<string>;
  /** Issues that this account must not see. */
  hidden: Set<string>;
  /** Rights that the account does not have. */
  denied: Set<string>;
  bulkFetch: boolean;
  /** The next comment is answered as taken, and is not kept. */
  dropComment: boolean;
  timeTracking: boolean;
};

/** A Jira without any of them. */
export function noTraps(): JiraTraps {
  return {
    ...{ dataCenter: false, searchLags: false, token: 'good', tenantInfo: true, limited: undefined },
    ...{ attachments: { enabled: true, uploadLimit: 1_000_000_000 }, nextFile: 'kept', nextTransition: 'done' },
    ...{
      labels: 'kept',
      emptied: new Set(),
      unassignable: new Set(),
      hidden: new Set(),
      denied: new Set(),
      bulkFetch: true,
      dropComment: false,
      timeTracking: true,
    },
  };
}

export type Asked = {
  method: string;
  url: URL;
  path: string;
  headers: IncomingMessage['headers'];
  raw: Buffer;
  body: unknown;
};
export type Answer = { status: number; body?: unknown; headers?: Record<string, string> };

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

export function error(status: number, text: string): Answer {
  return { status, body: { errorMessages: [text], errors: {} } };
}

export function fieldError(field: string, text: string): Answer {
  return { status: 400, body: { errorMessages: [], errors: { [field]: text } } };
}
