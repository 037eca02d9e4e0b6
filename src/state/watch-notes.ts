import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { keptSighting, type Sighting, sightingSchema } from '../domain/watch-event.js';
import { exitCode, UserError } from '../errors.js';
import { createPartial, inLocalTerms, writeDurably, writeOften } from '../fs/durable.js';
import { readOwnFile } from '../fs/own-file.js';
import { type IncidentStore, openIncidents } from './incidents.js';
import { takeLock } from './lock.js';
import { makeStateFolder, refuseExposed } from './machine.js';
import { type Maintenances, openMaintenances } from './maintenances.js';
import { processSchema, stillRuns, thisProcess } from './process.js';
import { openReminded, type Reminded } from './reminded.js';
import { openReplyNotes, type ReplyNotes } from './replies.js';
import { openReported, type ReportedStore } from './reported.js';
import { openWatchHistory, type WatchHistory } from './watch-history.js';
import { openWeeklyJournal, type WeeklyJournal } from './weekly-journal.js';

/** What a watch keeps on this machine. */
export interface WatchNotes {
  /** For whoever says or asks something. @throws UserError `state-exposed` where others may read or write the state */
  refuseExposed(): Promise<void>;
  /** What was seen last; nothing where that cannot be read any more. */
  read(): Promise<Sighting>;
  write(sighting: Sighting): Promise<void>;
  /** As `write`, each minute: a power failure may leave what was kept the minute before. */
  writeOften(sighting: Sighting): Promise<void>;
  /**
   * One watch at a time. @param isPassing it ends as soon as what is due was done
   * @throws UserError `busy`, which names the other one
   */
  lock(since: Date, isPassing?: true): Promise<() => void>;
  /** The watch that is at work. */
  atWork(): Promise<AtWork | undefined>;
  readonly maintenances: Maintenances;
  readonly reminded: Reminded;
  readonly incidents: IncidentStore;
  readonly replies: ReplyNotes;
  readonly reported: ReportedStore;
  readonly history: WatchHistory;
  /** Which weekly status was sent. */
  readonly weekly: WeeklyJournal;
  /** Tries whether anything can be written. @throws UserError `local-write` */
  prove(): Promise<void>;
  readonly alarm: AlarmNote;
  readonly damage: DamageNote;
}

/** When people were told that nothing can be written. It is a time of an empty file: that can be noted on a full disk, too. */
export type AlarmNote = {
  toldAt(): Promise<Date | undefined>;
  /** @param at undefined once it is over; where it cannot be noted it is not */
  note(at: Date | undefined): Promise<void>;
};

const damageSchema = z.object({ damaged: z.array(z.string()), at: z.number(), isReached: z.boolean() });
type Damage = z.infer<typeof damageSchema>;
/** Of which damage people were told, and when. */
export type DamageNote = { read(): Promise<Damage | undefined>; write(told: Damage): Promise<void> };

const atWorkSchema = z.object({ process: processSchema, since: z.string(), passing: z.literal(true).optional() });
export type AtWork = z.infer<typeof atWorkSchema>;

export const nothingSeen: Sighting = { schema: 1, servers: {} };
const maxBytes = 64 * 1024 * 1024;
/** As much as the entries of a round take. */
const proofBytes = 64 * 1024;

export function openWatchNotes(stateFolder: string, now: () => Date): WatchNotes {
  const folder = join(stateFolder, 'watch');
  const seen = join(folder, 'seen.json');
  const atWorkPath = join(folder, 'at-work.json');
  const damagePath = join(folder, 'damage-told.json');
  const alarm = alarmNoteAt(join(folder, 'alarm'));
  const atWork = async () => {
    const note = atWorkSchema.safeParse(await readJson(atWorkPath)).data;
    return note !== undefined && (await stillRuns(note.process)) ? note : undefined;
  };
  return {
    read: async () => sightingSchema.safeParse(await readJson(seen)).data ?? nothingSeen,
    refuseExposed: () => refuseExposed(stateFolder),
    write: (sighting) => writeDurably(seen, `${JSON.stringify(keptSighting(sighting))}\n`),
    writeOften: (sighting) => writeOften(seen, `${JSON.stringify(keptSighting(sighting))}\n`),
    atWork,
    maintenances: openMaintenances(stateFolder),
    reminded: openReminded(stateFolder),
    incidents: openIncidents(stateFolder, now),
    replies: openReplyNotes(stateFolder),
    reported: openReported(stateFolder, now),
    history: openWatchHistory(stateFolder, now),
    weekly: openWeeklyJournal(stateFolder, now),
    alarm,
    damage: {
      read: async () => damageSchema.safeParse(await readJson(damagePath)).data,
      write: (told) => writeDurably(damagePath, `${JSON.stringify(told)}\n`),
    },
    prove: () => prove(join(folder, 'proof')),
    async lock(since, isPassing) {
      await makeStateFolder(folder, stateFolder);
      const release = await lockOrName(`watch ${stateFolder}`, atWork);
      const passing = isPassing ? { passing: isPassing } : {};
      const note: AtWork = { process: await thisProcess(), since: since.toISOString(), ...passing };
      await writeDurably(atWorkPath, `${JSON.stringify(note)}\n`).catch(unlessUnwritten); // it watches without that note, and tells that in its time
      await alarm.prepare().catch(unlessUnwritten);
      return release;
    },
  };
}

/** What goes on where a disk is full. */
function unlessUnwritten(error: unknown): void {
  if (!(error instanceof UserError && error.code === 'local-write')) throw error;
}

async function prove(path: string): Promise<void> {
  const partial = await createPartial(path);
  try {
    await inLocalTerms(path, async () => {
      await partial.handle.writeFile(Buffer.alloc(proofBytes));
      await partial.handle.sync();
    });
  } finally {
    await partial.discard();
  }
}

const never = new Date(0);

function alarmNoteAt(path: string): AlarmNote & { prepare(): Promise<void> } {
  const toldAt = async () => {
    const at = await stat(path).catch(() => undefined); // there is none yet
    return at === undefined || at.mtime.getTime() === 0 ? undefined : at.mtime;
  };
  return {
    toldAt,
    note: (at = never) => utimes(path, at, at).catch(() => undefined), // a disk that is read-only
    async prepare() {
      if (await stat(path).catch(() => undefined)) return;
      await writeDurably(path, '');
      await utimes(path, never, never);
    },
  };
}

async function lockOrName(name: string, atWork: WatchNotes['atWork']): Promise<() => void> {
  try {
    return await takeLock(name);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'busy') throw error;
    const other = await atWork();
    const who = other === undefined ? '' : `: process ${other.process.pid}, since ${other.since}`;
    throw new UserError('busy', `another icepack watches already${who}`, {
      exit: exitCode.busy,
      hint: error.hint ?? '',
      cause: error,
    });
  }
}

/** @returns undefined where there is none, or none that can be read: what was seen is seen again */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(String(await readOwnFile(path, maxBytes)));
  } catch {
    return undefined;
  }
}
