/** What is found out about the SCP of a face; kept as long as the run, so that it is found out once. */
export type ScpManners = {
  /** How a command is sent: as it is, or behind a mark that tells it from what a login script prints. */
  wire?: 'plain' | 'marked';
  /** It sends the bytes of a file all the same that was declined. */
  ignoresNo?: true;
  /** It ends the whole connection when a file is left in the middle. */
  diesOfLeaving?: true;
};
