import type { Collector, CollectorTools, Finding } from '../collectors/collector.js';
import { findFilesRoot, findHostRoot } from '../collectors/files-root.js';
import { readTemplate } from '../config/templates.js';
import type { Item } from '../domain/manifest.js';
import { renderTemplate } from '../domain/render.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import { openLocalFile } from '../fs/local-file.js';
import { withDeadline } from '../servers/deadline.js';
import { hostRootOf } from '../servers/host-root.js';
import { openCliSession } from '../ssh/cli/cli-session.js';
import { exec } from '../ssh/exec.js';
import { execOutput } from '../ssh/exec-output.js';
import type { Operator } from '../ui/operator.js';
import { type Redacted, redactingKeep, redactText } from './redact.js';
import type { ServerJob } from './server-job.js';

/** How long a collector may take to end once it is told to. */
const graceMs = 1500;

/** Runs one collector to its end or its deadline, and accounts for everything it was expected to bring. */
export async function runCollector(
  collector: Collector,
  job: ServerJob,
): Promise<{ items: Item[]; localFailure?: UserError }> {
  const { request, operator, signal } = job;
  const server = job.appliance.name;
  if (collector.expects.length === 0) return { items: [] };
  const skippedBy = request.wanted.skipped.get(collector.id);
  if (skippedBy !== undefined) {
    return {
      items: collector.expects.map((path) => ({ path, collector: collector.id, status: 'skipped', reason: skippedBy })),
    };
  }
  const started = operator.now().toISOString();
  operator.emit({ type: 'item-started', server, collector: collector.id });
  const found: Finding[] = [];
  const redacted = new Map<string, Redacted>();
  const over = new AbortController();
  let failure: unknown;
  try {
    await withDeadline(
      job.appliance.timeouts.collectorMs[collector.id],
      signal,
      (limited) =>
        Promise.race([
          collector.collect(toolsFor(job, collector, limited, { found, redacted })),
          abortedFor(limited, graceMs, operator, over.signal),
        ]),
      `timeouts.${collector.id}`,
    );
  } catch (error) {
    failure = error;
  } finally {
    over.abort();
  }
  const reason = signal.aborted ? 'interrupted' : failure === undefined ? 'nothing came' : reasonOf(failure);
  const secrets = await job.secrets;
  const findings = [
    ...found,
    ...missing(collector, found).map((path): Finding => ({ path, status: 'failed', reason })),
  ].map((finding) => withoutSecrets(finding, secrets));
  const ended = operator.now().toISOString();
  for (const finding of findings) operator.emit({ type: 'item-ended', server, collector: collector.id, ...finding });
  const items = findings.map(
    (finding): Item => ({
      ...finding,
      ...redacted.get(finding.path),
      collector: collector.id,
      started,
      ended,
    }),
  );
  return failure instanceof UserError && failure.exit === exitCode.local ? { items, localFailure: failure } : { items };
}

/** What a server says of a failure, and what a recipe had run, goes into the manifest and the ticket. */
function withoutSecrets(finding: Finding, secrets: readonly string[] | undefined): Finding {
  if (secrets === undefined) return finding;
  const { reason, command } = finding;
  return {
    ...finding,
    ...(reason === undefined ? {} : { reason: redactText(reason, secrets) }),
    ...(command === undefined ? {} : { command: redactText(command, secrets) }),
  };
}

/** Rejects some time after the signal: whoever does not listen to it is left behind. @param over nobody waits for it any more */
async function abortedFor(signal: AbortSignal, ms: number, operator: Operator, over: AbortSignal): Promise<never> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await operator.sleep(ms, over);
  throw signal.reason;
}

function missing(collector: Collector, found: readonly Finding[]): string[] {
  return collector.expects.filter((path) =>
    path.endsWith('/')
      ? !found.some((finding) => finding.path.startsWith(path))
      : !found.some((finding) => finding.path === path),
  );
}

function toolsFor(
  job: ServerJob,
  collector: Collector,
  signal: AbortSignal,
  { found, redacted }: { found: Finding[]; redacted: Map<string, Redacted> },
): CollectorTools {
  const { appliance, request, operator, faces } = job;
  const { traces } = job.records;
  const server = appliance.name;
  const keep: CollectorTools['keep'] = async (...evidence) => {
    const [open, known] = await Promise.all([job.staging, job.secrets]);
    if (known === undefined) return open.keep(...evidence);
    return redactingKeep(open, known, (path, what) => redacted.set(path, what))(...evidence);
  };
  return {
    appliance,
    run: job.runId,
    cliCommands: request.wanted.cliCommands,
    keepRemote: request.keepRemote,
    signal,
    openCli: async () => openCliSession(await faces.sessions('cli'), signal),
    cliFiles: () => faces.files('cli'),
    filesRoot: async () => findFilesRoot(await faces.files('cli'), appliance.filesRoot, signal),
    hostExec: async (command, { limitMs, signal: instead = signal } = {}) => {
      const sessions = await faces.sessions('hostOs');
      if (limitMs === undefined) return exec(sessions, command, instead);
      return withDeadline(limitMs, instead, (limited) => exec(sessions, command, limited));
    },
    hostFacts: () => job.hostFacts(),
    hostOutput: async (command, take, limited) =>
      execOutput(await faces.sessions('hostOs'), command, {
        take,
        signal: limited,
        maxBytes: appliance.maxOutputBytes,
      }),
    withCommandLimit: (work) => withDeadline(appliance.timeouts.commandMs, signal, work, 'timeouts.command'),
    serverIsFree: () => job.serverIsFree(),
    pause: (ms) => operator.sleep(ms, signal),
    making: (trace) => traces.making(server, trace),
    gone: (trace) => traces.gone(server, trace),
    hostFiles: () => faces.files('hostOs'),
    wasAway: faces.wasAway,
    hostFilesRoot: async () =>
      findHostRoot(await faces.files('hostOs'), await hostRootOf(appliance, job.fileRoots), signal),
    window: job.window,
    serverWindow: () => job.serverWindow(),
    localFile: openLocalFile,
    keep: (folder, name, source, options) =>
      keep(folder, name, source, {
        onProgress: (bytes) => operator.emit({ type: 'item-progress', server, collector: collector.id, bytes }),
        ...options,
      }),
    record: (finding) => found.push(finding),
    version: (component, value) => {
      job.versions[component] = value;
    },
    warn: (text) => operator.emit({ type: 'warning', server, text }),
    render: (name, values) => renderTemplate(readTemplate(name), values),
  };
}
