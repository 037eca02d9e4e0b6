/** What icepack runs on. */
export type MachineFacts = {
  node: string;
  state: { path: string; problem?: string; hint?: string; freeBytes?: number; doubt?: string };
  /** Whether two runs at once are kept apart on this system. */
  holdsLocks: boolean;
  /** Variables that change how icepack talks to others; `fatal`: nothing secret is sent while it is set. */
  environment: { text: string; hint?: string; fatal?: boolean }[];
};
