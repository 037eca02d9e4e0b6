import type { Staging } from '../bundle/staging.js';
import type { Collector, CollectorTools, Finding, ServerWindow } from '../collectors/collector.js';
import { findFilesRoot, findHostRoot } from '../collectors/files-root.js';
import { readTemplate } from '../config/templates.js';
import type { Appliance } from '../domain/appliance.js';
import type { Item } from '../domain/manifest.js';
import { renderTemplate } from '../domain/render.js';
import { exitCode, reasonOf, UserError } from '../errors.js';
import { openLocalFile } from '../fs/local-file.js';
import { withDeadline } from '../servers/deadline.js';
import { hostRootOf } from '../servers/host-root.js';
import type { ServerFaces } from '../servers/server-faces.js';
import { openCliSession } from '../ssh/cli/cli-session.js';
import { exec } from '../ssh/exec.js';
import { execOutput } from '../ssh/exec-output.js';
import type { FileRoots } from '../state/file-roots.js';
import type { Operator } from '../ui/operator.js';
import type { GatherPlan } from './gather-plan.js';
import { type Redacted, redactingKeep, redactText } from './redact.js';

/** How long a collector may take to end once it is told to. */
const graceMs = 1500;

/** What collecting from one server works with. */
type Parts = {
  appliance: Appliance;
  plan: GatherPlan;
  operator: Operator;
  fileRoots: FileRoots;
  faces: ServerFaces;
  window: () => Promise<ServerWindow>;
  /** Its failure is the failure of whoever keeps something. */
  staging: Promise<Staging>;
  /** Versions seen on the server; collectors add to it. */
  versions: Record<string, string>;
  hostFacts: CollectorTools['hostFacts'];
  serverIsFree: () => void;
  /** Secrets to be masked in texts; undefined where nothing is masked. */
  secrets: Promise<string[]> | undefined;
  signal: AbortSignal;
};

/** Runs one collector to its end or its deadline, and accounts for everything it was expected to bring. */
export async function runCollector(
  collector: Collector,
  parts: Parts,
): Promise<{ items: Item[]; localFailure?: UserError }> {
  const { plan, operator, signal } = parts;
  const server = parts.appliance.name;
  if (collector.expects.length === 0) return { items: [] };
  const skippedBy = plan.skipped.get(collector.id);
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
      parts.appliance.timeouts.collectorMs[collector.id],
      signal,
      (limited) =>
        Promise.race([
          collector.collect(toolsFor(parts, collector, limited, { found, redacted })),
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
  const secrets = await parts.secrets;
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
  { appliance, plan, operator, fileRoots, faces, window, staging, versions, hostFacts, serverIsFree, secrets }: Parts,
  collector: Collector,
  signal: AbortSignal,
  { found, redacted }: { found: Finding[]; redacted: Map<string, Redacted> },
): CollectorTools {
  const server = appliance.name;
  const keep: CollectorTools['keep'] = async (...evidence) => {
    const [open, known] = await Promise.all([staging, secrets]);
    if (known === undefined) return open.keep(...evidence);
    return redactingKeep(open, known, (path, what) => redacted.set(path, what))(...evidence);
  };
  return {
    appliance,
    run: plan.run,
    cliCommands: plan.cliCommands,
    keepRemote: plan.keepRemote,
    signal,
    openCli: async () => openCliSession(await faces.sessions('cli'), signal),
    cliFiles: () => faces.files('cli'),
    filesRoot: async () => findFilesRoot(await faces.files('cli'), appliance.filesRoot, signal),
    hostExec: async (command, { limitMs, signal: instead = signal } = {}) => {
      const sessions = await faces.sessions('hostOs');
      if (limitMs === undefined) return exec(sessions, command, instead);
      return withDeadline(limitMs, instead, (limited) => exec(sessions, command, limited));
    },
    hostFacts,
    hostOutput: async (command, take, limited) =>
      execOutput(await faces.sessions('hostOs'), command, {
        take,
        signal: limited,
        maxBytes: appliance.maxOutputBytes,
      }),
    withCommandLimit: (work) => withDeadline(appliance.timeouts.commandMs, signal, work, 'timeouts.command'),
    serverIsFree,
    pause: (ms) => operator.sleep(ms, signal),
    making: (trace) => plan.traces.making(server, trace),
    gone: (trace) => plan.traces.gone(server, trace),
    hostFiles: () => faces.files('hostOs'),
    wasAway: faces.wasAway,
    hostFilesRoot: async () =>
      findHostRoot(await faces.files('hostOs'), await hostRootOf(appliance, fileRoots), signal),
    window: plan.window,
    serverWindow: window,
    localFile: openLocalFile,
    keep: (folder, name, source, options) =>
      keep(folder, name, source, {
        onProgress: (bytes) => operator.emit({ type: 'item-progress', server, collector: collector.id, bytes }),
        ...options,
      }),
    record: (finding) => found.push(finding),
    version: (component, value) => {
      versions[component] = value;
    },
    warn: (text) => operator.emit({ type: 'warning', server, text }),
    render: (name, values) => renderTemplate(readTemplate(name), values),
  };
}
