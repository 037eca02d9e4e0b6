import type { ServerFacts } from '../reading/facts/server-facts.js';
import type { DiffLine } from './line-diff.js';
import type { ServerLogs } from './server-logs.js';

/** What is known of a server, and what its logs say. */
export type Side = ServerFacts & { logs: ServerLogs };
/** Two servers, or one at two events. */
export type Pair = { label: string; left: Side | undefined; right: Side | undefined };
export type Titles = { left: string; right: string };

/** `more`: how many lines there are beyond those. */
export type Difference = { where: string; left: string; right: string; lines?: DiffLine[]; more?: number };
/** What one side does not have: nothing was removed or improved by that. */
export type NotComparable = { where: string; text: string };
export type Comparison = { differences: Difference[]; notComparable: NotComparable[] };

/** What two servers are compared for, and what was found so far. */
export type Work = { label: string; titles: Titles; all: boolean; found: Comparison };
