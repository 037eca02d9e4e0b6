import type { Trace } from '../../collectors/collector.js';
import { endScript } from '../../collectors/host-os.js';
import { listOrNothing, removeFile } from '../../collectors/remove-file.js';
import type { Appliance } from '../../domain/appliance.js';
import { defined } from '../../domain/defined.js';
import type { JournalEntry } from '../../domain/journal.js';
import { printableLine } from '../../domain/text.js';
import { reasonOf } from '../../errors.js';
import { exec } from '../../ssh/exec.js';
import type { RemoteFiles } from '../../ssh/files/remote-files.js';
import { type CaptureStore, leftOn } from '../../state/captures.js';
import type { Journal } from '../../state/journal.js';
import type { RunStore } from '../../state/runs.js';
import type { Operator } from '../../ui/operator.js';
import { withDeadline } from '../deadline.js';
import type { ServerFaces } from '../server-faces.js';

/** Where a run notes what it makes on servers, and that it is gone again. */
export interface Traces {
  noteRemoteFile(server: string, trace: Trace): Promise<void>;
  forgetRemoteFile(server: string, trace: Trace, run?: string): Promise<void>;
}

/** What a run or capture that was cut made on a server and could not take away. */
export type Leftover = Extract<JournalEntry, { type: 'making' }> & {
  /** e.g. `run 20261120-1032-east-k3f9` */
  by: string;
  /** Notes that it is gone. @param traces of who took it away */
  forget(traces: Traces): Promise<void>;
};

const runsLookedBackOn = 100;
const clearingLimitMs = 20_000;
/** A file that does not show up within this time was never made. */
const appearsWithinMs = 2 * 3_600_000;

export function tracesIn(journal: Journal): Traces {
  return {
    noteRemoteFile: (server, trace) => journal.write({ type: 'making', server, ...trace }),
    forgetRemoteFile: (server, { face, folder }, run) =>
      journal.write({ type: 'gone', server, face, folder, ...defined({ run }) }),
  };
}

/** Reads from the journals what runs that are no longer going on have left on these servers. */
export async function leftoversOf(
  appliances: readonly Appliance[],
  thisRun: string | undefined,
  runs: RunStore,
): Promise<Leftover[]> {
  const servers = new Set(appliances.map((appliance) => appliance.name));
  const open = new Map<string, Leftover>();
  const ids = (await runs.ids()).slice(-runsLookedBackOn).filter((id) => id !== thisRun);
  for await (const { id, journal } of runs.each(ids)) {
    if (await runs.isGoingOn(id)) continue;
    for (const entry of journal.entries) {
      if (entry.type === 'making' && servers.has(entry.server)) open.set(keyOf(id, entry), leftByRun(id, entry));
      if (entry.type === 'gone') open.delete(keyOf(entry.run ?? id, entry));
    }
  }
  return [...open.values()];
}

function leftByRun(run: string, entry: Making): Leftover {
  const { server, face, folder } = entry;
  const forget = (traces: Traces) => traces.forgetRemoteFile(server, { face, folder }, run);
  return { ...entry, by: `run ${run}`, forget };
}

type Making = Extract<JournalEntry, { type: 'making' }>;

/** What captures of these servers have left that were cut. */
export async function leftByCaptures(appliances: readonly Appliance[], captures: CaptureStore): Promise<Leftover[]> {
  const left: Leftover[] = [];
  for (const { name } of appliances) {
    const atWork = (await captures.atWork.find(name))?.capture;
    for (const { id, journal } of await captures.journals(name))
      if (id !== atWork) left.push(...leftOn(journal).map((entry) => leftByCapture(id, entry, journal)));
  }
  return left;
}

function leftByCapture(id: string, entry: Making, journal: Journal): Leftover {
  const { server, face, folder } = entry;
  const forget = () => journal.write({ type: 'gone', server, face, folder });
  return { ...entry, by: `capture ${id}`, forget };
}

function keyOf(run: string, { server, face, folder }: { server: string; face: string; folder: string }): string {
  return JSON.stringify([run, server, face, folder]);
}

/** @returns e.g. `/home/administrator/icepack-….tar.gz on ice01, left by run …` */
export function describeLeftover({ server, folder, name, by }: Leftover): string {
  const where = folder === '' ? 'a folder that only its script knows' : folder;
  const what = name === undefined ? `a techsupport file in ${where}` : `${folder}/${name}`;
  return `${what} on ${server}, left by ${by}`;
}

/** Takes away what earlier runs and captures left on a server. What cannot be removed is said, and stays noted. */
export async function removeLeftovers(
  { leftovers, traces }: { leftovers: readonly Leftover[]; traces: Traces },
  faces: ServerFaces,
  operator: Operator,
  signal: AbortSignal,
): Promise<void> {
  for (const leftover of leftovers) {
    const { server, face, folder, by } = leftover;
    try {
      const files = await faces.files(face);
      const ended = await withDeadline(clearingLimitMs, signal, (limited) => scriptEnded(leftover, faces, limited));
      const found = await withDeadline(clearingLimitMs, signal, (limited) => find(leftover, files, limited));
      if (found.length > 1) {
        const names = found.map((name) => printableLine(name, 80)).join(', ');
        operator.emit({
          type: 'warning',
          server,
          text: `${by} was cut during techsupport; one of these files in "${folder}" is its: ${names}`,
          hint: 'Remove it by hand when nobody needs it',
        });
        continue;
      }
      const [only] = found;
      if (only !== undefined) {
        await removeFile(files, `${folder}/${only}`, signal);
        operator.emit({
          type: 'note',
          text: `${server}: removed "${folder}/${printableLine(only, 80)}", left by ${by}`,
        });
      }
      const late = operator.now().getTime() - new Date(leftover.at).getTime() > appearsWithinMs;
      if (folder === '' && !late)
        operator.emit({
          type: 'warning',
          server,
          text: `${by} was cut while a script made techsupport; its file may lie on the host OS`,
          hint: 'Name its folder in the configuration (hostOs.techsupportFolder), or look for it by hand',
        });
      if (ended && (only !== undefined || late)) await leftover.forget(traces);
    } catch (error) {
      if (signal.aborted) return;
      operator.emit({
        type: 'warning',
        server,
        text: `${describeLeftover(leftover)}, is still there: ${reasonOf(error)}`,
      });
    }
  }
}

/** A backup script that the cut run left running would write its file again. @returns whether it is over now */
async function scriptEnded({ face, name }: Leftover, faces: ServerFaces, signal: AbortSignal): Promise<boolean> {
  if (face !== 'hostOs' || name === undefined || !/^icepack-[A-Za-z0-9._-]+$/.test(name)) return true;
  const run = async (command: string) => exec(await faces.sessions('hostOs'), command, signal);
  return endScript({ exec: run }, name, signal);
}

/** A file made at another time is somebody else's. */
async function find(
  { folder, name, before, at }: Leftover,
  files: RemoteFiles,
  signal: AbortSignal,
): Promise<string[]> {
  if (folder === '') return [];
  if (name !== undefined) return (await files.find(`${folder}/${name}`, signal))?.kind === 'file' ? [name] : [];
  const known = new Set(before);
  const listing = await listOrNothing(files, folder, signal);
  const begunMs = new Date(at).getTime();
  return listing
    .filter((entry) => entry.kind === 'file' && !known.has(entry.name))
    .filter(({ modifiedAt }) => modifiedAt === undefined || Math.abs(modifiedAt.getTime() - begunMs) < appearsWithinMs)
    .map((entry) => entry.name);
}
