/** The exit codes scripts rely on. Never renumbered; an unknown code is a failure. */
export const exitCode = {
  ok: 0,
  bug: 1,
  usage: 2,
  partial: 3,
  incomplete: 4,
  unreachable: 5,
  helpDesk: 6,
  overLimit: 7,
  local: 8,
  busy: 9,
  notAsItShouldBe: 10,
  /** What mail servers know as EX_TEMPFAIL. */
  later: 75,
  hangup: 129,
  interrupted: 130,
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** What each code means, as `--help` and the README say it. */
export const exitCodeMeaning: ReadonlyArray<readonly [code: string, meaning: string]> = [
  ['0', 'all that was asked for was collected, and submitted where asked'],
  ['1', 'a bug in icepack: the stack is printed'],
  ['2', 'usage or configuration'],
  ['3', 'partial: something optional is missing, the reason is in the manifest'],
  ['4', 'incomplete: the configuration backup or the techsupport file of a server is missing'],
  ['5', 'no server could be reached or logged in to; no ticket was opened, or the upload did not get through'],
  ['6', 'the help desk failed; the bundle is kept, the command to continue is printed'],
  ['7', 'the bundle is over the limit and was not attached; upload instructions were asked for'],
  ['8', 'this machine: disk full, permission, damaged local state'],
  ['9', 'busy for now: another run is at work, or the help desk asks to wait; run it again later'],
  ['10', 'looked at, and not what it should be: damaged, changed, unsafe to unpack; `diff --exit-code`: they differ'],
  ['75', '`ack --mail`: the answer cannot be noted now; the mail server is to keep the mail and try again'],
  ['129 / 130 / 143', 'interrupted; what was collected is kept, the command to continue is printed'],
];

/** Where two codes apply, the one that needs the user sooner comes first. */
export const urgency: readonly ExitCode[] = [1, 8, 10, 6, 7, 9, 5, 4, 3, 0];

/** @returns the code that needs the user soonest. */
export function mostUrgent(codes: readonly ExitCode[]): ExitCode {
  return urgency.find((code) => codes.includes(code)) ?? exitCode.ok;
}
