import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { isCode, makePrivateFolder, writeDurably } from '../fs/durable.js';
import { refuseExposed } from './machine.js';

const file = z.object({ schema: z.literal(1), opens: z.boolean() });

/** Whether pages are opened in a browser, as it was answered once; undefined where it was not. @throws UserError `state-exposed` */
export async function browserAnswer(path: string): Promise<boolean | undefined> {
  await refuseExposed(dirname(path));
  try {
    return file.parse(JSON.parse(await readFile(path, 'utf8'))).opens;
  } catch (error) {
    // damaged: it is asked for again
    if (isCode(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** @throws UserError `state-exposed`, `local-write` */
export async function keepBrowserAnswer(path: string, opens: boolean): Promise<void> {
  await makePrivateFolder(dirname(path));
  await refuseExposed(dirname(path));
  await writeDurably(path, `${JSON.stringify({ schema: 1, opens })}\n`);
}
