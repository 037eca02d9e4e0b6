import { basename, join, resolve } from 'node:path';
import { hashFile } from '../bundle/zip.js';
import type { Bundle } from '../domain/bundle-layout.js';
import { type Command, commandsIn, icepack, say, type Text } from '../domain/command.js';
import { latest } from '../domain/journal.js';
import type { Manifest } from '../domain/manifest.js';
import { type NextStep, nextSteps } from '../domain/next-step.js';
import { formatSize } from '../domain/quantities.js';
import type { BundleResult, TicketResult } from '../domain/result.js';
import { type ErrorCode, type ExitCode, exitCode, UserError, usageError } from '../errors.js';
import type { DeskSettings } from '../helpdesk/desk-settings.js';
import { lockReference } from '../runs/locks.js';
import type { Access } from '../servers/access.js';
import type { Run, RunStore } from '../state/runs.js';
import { refuseChanged } from '../tickets/attach.js';
import { interruption, limitAt } from '../tickets/ended-early.js';
import type { Operator } from '../ui/operator.js';
import { type Arrived, sendBundle, uploadedBefore } from './send-bundle.js';
import { isTold, type Telling, tellTicket, ticketToTell, uploadText } from './tell-upload.js';
import { openerOf, type UploadLogin } from './upload-server.js';
import type { UploadTarget } from './upload-target.js';

export type UploadRequest = {
  /** What was typed: the id of a run, or the path of a ZIP. */
  what: string;
  run: Run;
  manifest: Manifest;
  target: UploadTarget;
  login: UploadLogin;
  /** The command that repeats the upload. */
  command: Command;
  settings: DeskSettings | undefined;
  operator: Operator;
  access: Access;
  runs: RunStore;
  signal: AbortSignal;
};

export type UploadResult = {
  exitCode: ExitCode;
  manifest: Manifest;
  ticket: TicketResult | null;
  bundle: BundleResult;
  upload: (Arrived & { to: string; told: boolean }) | null;
  /** The comment for a person to add to the ticket, where icepack cannot. */
  text: string | null;
  next: NextStep[];
  error: { code: ErrorCode; message: string; hint: Text | null } | null;
};

/** Uploads the ZIP of a run and comments on the ticket. After any failure, the same command goes on. */
export async function uploadRun(request: UploadRequest): Promise<UploadResult> {
  const { run, manifest, target, settings, operator, runs, signal } = request;
  const zip = await zipOf(request);
  const unlock = await lockReference(manifest.reference, run.id, runs);
  const telling: Telling = { ...request, zip, to: target.text, desk: settings?.desk };
  const ticket = ticketToTell(telling);
  const { path, name, bytes, sha256 } = zip;
  const attached = latest(run.journal, 'attached')?.sha256 === sha256;
  const result = { manifest, ticket: ticket ?? null, bundle: { path, name, bytes, sha256, attached } };
  let arrived: Arrived | undefined;
  try {
    arrived = await bring(request, zip, ticket !== undefined && !isTold(telling, ticket));
    if (ticket !== undefined) await tellTicket(telling, ticket, arrived);
    const upload = { ...arrived, to: target.text, told: ticket !== undefined };
    const text = ticket === undefined ? uploadText(telling, arrived) : null;
    return { ...result, exitCode: exitCode.ok, upload, text, next: stepsOf(request), error: null };
  } catch (error) {
    const known = signal.aborted ? interruption(signal) : error;
    if (!(known instanceof UserError)) throw error;
    const { code, message } = known;
    const hint = hintOf(known, request.command);
    const upload = arrived === undefined ? null : { ...arrived, to: target.text, told: false };
    const again = { command: request.command, why: 'goes on where it stopped' };
    const next = known.exit === exitCode.usage ? [] : [again, ...stepsOf(request).filter(isNoUpload)];
    operator.emit({ type: 'note', text: `${zip.path}, ${formatSize(bytes)}, is kept` });
    return { ...result, exitCode: known.exit, upload, text: null, next, error: { code, message, hint } };
  } finally {
    unlock();
  }
}

function stepsOf({ run, manifest, settings, operator }: UploadRequest): NextStep[] {
  const limit = settings === undefined ? undefined : limitAt(settings);
  return nextSteps({ run: run.id, journal: run.journal, manifest, now: operator.now(), limit });
}

function isNoUpload({ command }: NextStep): boolean {
  return command.verb !== 'upload';
}

async function bring(request: UploadRequest, zip: Bundle, untold: boolean): Promise<Arrived> {
  const { run, target, login, command, operator, access, signal } = request;
  const before = uploadedBefore(run, target.text, zip);
  if (before !== undefined && untold) return before; // only the ticket was missing
  if (target.scheme === 'ftp') warnOfPlain(target, operator);
  const open = openerOf(target, login, command, operator, access, signal);
  const arrived = await sendBundle({ run, zip, to: target.text, open, operator, signal });
  const { name, verified } = arrived;
  if (!verified)
    operator.emit({ type: 'warning', text: `${target.text} took all of it, but shows no size to compare with` });
  await run.journal.write({ type: 'uploaded', to: target.text, name, sha256: zip.sha256, verified });
  const how = arrived.resumedAt === zip.bytes ? 'is there already' : 'uploaded';
  operator.emit({ type: 'step-ended', step: 'upload', text: `${name} ${how}, ${formatSize(zip.bytes)}` });
  return arrived;
}

function warnOfPlain({ user, host }: UploadTarget, operator: Operator): void {
  const what = user === undefined ? 'the ZIP' : 'the password and the ZIP';
  operator.emit({
    type: 'warning',
    text: `ftp:// is not encrypted: ${what} can be read on the way to ${host}`,
    hint: 'Use ftps:// or sftp:// where the server has it',
  });
}

/** @throws UserError `not-zipped`, `bundle-changed`, `bad-name` */
async function zipOf({ what, run, signal }: UploadRequest): Promise<Bundle> {
  const zip = await givenZip(what, signal);
  if (zip !== undefined) return zip;
  const bundled = latest(run.journal, 'bundled');
  if (bundled === undefined) throw notZipped(run, `run ${run.id} was never zipped`);
  const { name, bytes, sha256 } = bundled;
  const own = { path: join(run.folder, name), name, bytes, sha256 };
  try {
    await refuseChanged(own, signal);
  } catch (error) {
    if (error instanceof UserError && error.code === 'bundle-changed') throw error;
    throw notZipped(run, `the ZIP of run ${run.id} is not there any more`);
  }
  return own;
}

async function givenZip(what: string, signal: AbortSignal): Promise<Bundle | undefined> {
  if (!/\.zip$/i.test(what)) return undefined;
  const path = resolve(what);
  const name = basename(path);
  if (!/^[A-Za-z0-9][A-Za-z0-9 ._()-]{0,200}$/.test(name))
    throw usageError('bad-name', 'a server may not understand the name of that ZIP', 'Give it a plain name');
  return { path, name, ...(await hashFile(path, signal)) };
}

function notZipped(run: Run, message: string): UserError {
  return usageError(
    'not-zipped',
    message,
    say`Register or name its ticket, which writes the ZIP: ${icepack('submit', run.id)}`,
  );
}

const advice: Record<string, string> = {
  unreachable: 'Check the address and the network, then',
  'login-refused': 'Check user and credential, then',
  'upload-refused': 'Ask support for the right folder, or for room in it, then',
  'upload-not-whole': 'What lies there is not renamed. Look at it, then',
  'certificate-refused': 'If an authority of its own signed it, name that with --ca FILE, and',
  'no-tls': 'Nothing was sent. Ask support for another way, or',
};

/** The hint with the command of this verb; the hints of other verbs name other commands. */
function hintOf({ code, hint, exit }: UserError, command: Command): Text | null {
  if (advice[code] !== undefined) return say`The ZIP is kept. ${advice[code]}: ${command}`;
  if (code === 'key-unusable')
    return 'Name a key without a passphrase, or load it into the SSH agent (ssh-add) and leave --private-key out';
  if (code === 'upload-interrupted')
    return say`The ZIP is kept, and what has arrived stays there. Go on with: ${command}`;
  if (exit === exitCode.unreachable && (hint === undefined || commandsIn(hint).some(({ verb }) => verb === 'doctor')))
    return say`The ZIP is kept. Later: ${command}`;
  return hint ?? (exit > 128 ? say`Go on with: ${command}` : null);
}
