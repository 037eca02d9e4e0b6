import type {
  CliTools,
  CollectorTools,
  EvidenceTools,
  Finding,
  HostOsTools,
  LocalTools,
  ServerTools,
} from '../../collectors/collector.js';
import { findFilesRoot, findHostRoot } from '../../collectors/files-root.js';
import { readTemplate } from '../../config/templates.js';
import { withoutFaceReasons } from '../../domain/assessment.js';
import type { CollectorId } from '../../domain/collector-id.js';
import { renderTemplate } from '../../domain/render.js';
import { openLocalFile } from '../../fs/local-file.js';
import { openCliSession } from '../../ssh/cli/cli-session.js';
import { exec } from '../../ssh/exec.js';
import { execOutput } from '../../ssh/exec-output.js';
import { withDeadline } from '../deadline.js';
import { hostRootOf } from '../host-root.js';
import { type Redacted, redactingKeep } from './redact.js';
import { facesDownAt, type ServerJob } from './server-job.js';

/** What a collector reports: its findings, and what was masked in which file. */
type Reported = { found: Finding[]; redacted: Map<string, Redacted> };

/** What one collector works with. @param signal ends it */
export function toolsFor(
  job: ServerJob,
  collector: CollectorId,
  signal: AbortSignal,
  reported: Reported,
): CollectorTools {
  const { appliance, operator } = job;
  return {
    server: serverTools(job),
    cli: cliTools(job, signal),
    hostOs: hostOsTools(job, signal),
    evidence: evidenceTools(job, collector, reported),
    local: localTools,
    signal,
    pause: (ms) => operator.sleep(ms, signal),
    warn: (text) =>
      operator.emit({ type: 'warning', server: appliance.name, text: withoutFaceReasons(text, facesDownAt(job)) }),
  };
}

function serverTools(job: ServerJob): ServerTools {
  const { appliance, request, runId, faces, window } = job;
  const { traces } = job.records;
  return {
    appliance,
    runId,
    keepRemote: request.keepRemote,
    ourWindow: window,
    window: () => job.serverWindow(),
    wasAway: faces.wasAway,
    release: () => job.serverIsFree(),
    noteRemoteFile: (trace) => traces.noteRemoteFile(appliance.name, trace),
    forgetRemoteFile: (trace) => traces.forgetRemoteFile(appliance.name, trace),
  };
}

function cliTools(job: ServerJob, signal: AbortSignal): CliTools {
  const { appliance, request, faces } = job;
  return {
    commands: request.selection.cliCommands,
    open: async () => openCliSession(await faces.sessions('cli'), signal),
    withLimit: (work) => withCommandLimit(job, signal, work),
    files: () => faces.files('cli'),
    filesRoot: async () => findFilesRoot(await faces.files('cli'), appliance.filesRoot, signal),
  };
}

function hostOsTools(job: ServerJob, signal: AbortSignal): HostOsTools {
  const { appliance, faces } = job;
  const { maxOutputBytes: maxBytes } = appliance;
  return {
    exec: async (command, { limitMs, signal: instead = signal } = {}) => {
      const sessions = await faces.sessions('hostOs');
      if (limitMs === undefined) return exec(sessions, command, instead);
      return withDeadline(limitMs, instead, (limited) => exec(sessions, command, limited));
    },
    output: (command, take) =>
      withCommandLimit(job, signal, async (limited) =>
        execOutput(await faces.sessions('hostOs'), command, { take, signal: limited, maxBytes }),
      ),
    facts: () => job.hostFacts(),
    files: () => faces.files('hostOs'),
    filesRoot: async () =>
      findHostRoot(await faces.files('hostOs'), await hostRootOf(appliance, job.fileRoots), signal),
  };
}

function withCommandLimit<T>(
  { appliance }: ServerJob,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> {
  return withDeadline(appliance.timeouts.commandMs, signal, work, 'timeouts.command');
}

function evidenceTools(job: ServerJob, collector: CollectorId, { found, redacted }: Reported): EvidenceTools {
  const { appliance, operator, versions } = job;
  const keep: EvidenceTools['keep'] = async (...evidence) => {
    const [open, known] = await Promise.all([job.staging, job.secrets]);
    if (known === undefined) return open.store(...evidence);
    return redactingKeep(open, known, (path, what) => redacted.set(path, what))(...evidence);
  };
  return {
    keep: (folder, name, source, options) =>
      keep(folder, name, source, {
        onProgress: (bytes) => operator.emit({ type: 'item-progress', server: appliance.name, collector, bytes }),
        ...options,
      }),
    record: (finding) => found.push(finding),
    version: (component, value) => {
      versions[component] = value;
    },
    zone: (name) => void job.zonesOfLogs.add(name),
  };
}

const localTools: LocalTools = {
  openFile: openLocalFile,
  render: (name, values) => renderTemplate(readTemplate(name), values),
};
