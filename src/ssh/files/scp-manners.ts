/** What was found out about SCP on a face; kept for the whole run, so that it is found out only once. */
export type ScpManners = {
  /** How a command is sent: plain, or after a mark that separates its output from what a login script prints. */
  wire?: 'plain' | 'marked';
  /** The server sends the bytes of a file even if it was declined. */
  ignoresNo?: true;
  /** The server ends the whole connection when a file is left in the middle. */
  diesOfLeaving?: true;
};
