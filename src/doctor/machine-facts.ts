/** What icepack runs on. */
export type MachineFacts = {
  node: string;
  state: { path: string; problem?: string; hint?: string; freeBytes?: number; doubt?: string };
  /** Variables that change how icepack talks to others; `fatal`: nothing secret is sent while it is set. */
  environment: { text: string; hint?: string; fatal?: boolean }[];
};
