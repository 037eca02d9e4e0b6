import type { Collector, Finding } from '../../collectors/collector.js';
import { type Loss, lossesOf, withoutFaces } from '../../domain/assessment.js';
import { defined } from '../../domain/defined.js';
import type { Item } from '../../domain/manifest.js';
import type { ProgressLoss } from '../../domain/progress.js';
import { exitCode, reasonOf, UserError } from '../../errors.js';
import { redactText } from '../../redaction/redact-text.js';
import type { Operator } from '../../ui/operator.js';
import { withDeadline } from '../deadline.js';
import { toolsFor } from './collector-tools.js';
import type { Redacted } from './redact.js';
import { facesDownAt, type ServerJob } from './server-job.js';

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
  const skippedBy = request.selection.skipped.get(collector.id);
  if (skippedBy !== undefined) return { items: skippedItems(collector, skippedBy) };
  const started = operator.now().toISOString();
  const limitMs = job.appliance.timeouts.collectorMs[collector.id];
  operator.emit({ type: 'item-started', server, collector: collector.id, limitMs });
  const found: Finding[] = [];
  const redacted = new Map<string, Redacted>();
  const over = new AbortController();
  let failure: unknown;
  try {
    await withDeadline(
      limitMs,
      signal,
      (limited) =>
        Promise.race([
          collector.collect(toolsFor(job, collector.id, limited, { found, redacted })),
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
  tellOf(collector, findings, job);
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

function skippedItems({ id, expects }: Collector, reason: string): Item[] {
  return expects.map((path) => ({ path, collector: id, status: 'skipped', reason }));
}

/** Tells who looks on: each item, and the kind in one line; what an interruption cut short is told once, by its verb. */
function tellOf({ id: collector }: Collector, findings: readonly Finding[], job: ServerJob): void {
  const { operator, signal, appliance } = job;
  const server = appliance.name;
  for (const finding of findings) operator.emit({ type: 'item-ended', server, collector, ...finding });
  const items = findings.map(({ path, status, bytes, reason }) =>
    withoutFaces({ path, status, ...defined({ bytes, reason }) }, facesDownAt(job)),
  );
  const losses = signal.aborted ? [] : lossesOf(findings, facesDownAt(job)).filter(({ face }) => face === undefined);
  operator.emit({ type: 'collector-ended', server, collector, items, losses: losses.map(progressLoss) });
}

/** A loss for who looks on. */
export function progressLoss({ reason, face, also, missing, partial }: Loss): ProgressLoss {
  return {
    reason,
    ...defined({ face }),
    ...(also.length === 0 ? {} : { also: [...also] }),
    paths: [...missing, ...partial].map(({ path }) => path),
  };
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
