/** What the worker is asked: first what to look for, then block by block where. */
export type Asked =
  | { type: 'search'; query: string; isRegex: boolean }
  | { type: 'block'; block: number; base64: string; count: number };

/** Which lines of a block it is in; undefined where the block cannot be read. */
export type Told = { block: number; hits: readonly number[] | undefined };
