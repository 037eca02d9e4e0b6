import { join } from 'node:path';
import { type Maintenance, maintenanceSchema } from '../domain/maintenance.js';
import { UserError } from '../errors.js';
import { createPartial, inLocalTerms, writeDurably } from '../fs/durable.js';
import { namesIn } from '../fs/names-in.js';
import { readOwnFile } from '../fs/own-file.js';
import { makeStateFolder } from './machine.js';

/** Maintenance that was announced: a file each, which is there whole or not at all. */
export interface Maintenances {
  /** All of them, the oldest first; what is damaged is named and left out. */
  list(): Promise<{ known: Maintenance[]; damaged: string[] }>;
  /** Gives it its number. */
  add(maintenance: Omit<Maintenance, 'id' | 'schema'>): Promise<Maintenance>;
  end(maintenance: Maintenance, ended: NonNullable<Maintenance['ended']>): Promise<Maintenance>;
}

const maxBytes = 64 * 1024;
const named = /^(M[1-9]\d{0,6})\.json$/;

export function openMaintenances(stateFolder: string): Maintenances {
  const folder = join(stateFolder, 'watch', 'maintenance');
  const pathOf = (id: string) => join(folder, `${id}.json`);
  const numbers = async () =>
    (await namesIn(folder)).flatMap((name) => named.exec(name)?.[1] ?? []).map((id) => Number(id.slice(1)));
  return {
    async list() {
      const ids = (await numbers()).sort((a, b) => a - b).map((number) => `M${number}`);
      const read = await Promise.all(ids.map(async (id) => ({ id, found: await readOne(pathOf(id)) })));
      return {
        known: read.flatMap(({ id, found }) => (found?.id === id ? [found] : [])),
        damaged: read.filter(({ id, found }) => found?.id !== id).map(({ id }) => pathOf(id)),
      };
    },
    async add(maintenance) {
      await makeStateFolder(folder, stateFolder);
      for (let number = Math.max(0, ...(await numbers())) + 1; ; number++) {
        const numbered: Maintenance = { schema: 1, id: `M${number}`, ...maintenance };
        if (await writeNew(pathOf(numbered.id), numbered)) return numbered;
      }
    },
    async end(maintenance, ended) {
      const after = { ...maintenance, ended };
      await writeDurably(pathOf(maintenance.id), `${JSON.stringify(after)}\n`);
      return after;
    },
  };
}

/** @returns false where somebody else has taken the number */
async function writeNew(path: string, maintenance: Maintenance): Promise<boolean> {
  const partial = await createPartial(path);
  try {
    await inLocalTerms(path, () => partial.handle.writeFile(`${JSON.stringify(maintenance)}\n`));
    await partial.commit();
    return true;
  } catch (error) {
    if (error instanceof UserError && error.code === 'target-exists') return false;
    throw error;
  } finally {
    await partial.discard();
  }
}

async function readOne(path: string): Promise<Maintenance | undefined> {
  try {
    return maintenanceSchema.parse(JSON.parse(String(await readOwnFile(path, maxBytes))));
  } catch {
    return undefined; // it is named as damaged
  }
}
