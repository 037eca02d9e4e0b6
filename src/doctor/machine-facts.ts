/** The environment that icepack runs in. */
export type MachineFacts = {
  node: string;
  state: { path: string; problem?: string; hint?: string; freeBytes?: number; doubt?: string };
  /** Whether this system can keep two runs apart. */
  holdsLocks: boolean;
  /** Variables that change how icepack talks to others; `fatal`: nothing secret is sent while it is set. */
  environment: { text: string; hint?: string; fatal?: boolean }[];
};
