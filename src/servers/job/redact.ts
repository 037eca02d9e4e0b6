import type { Staging } from '../../bundle/staging.js';
import { peek } from '../../collectors/peek.js';
import type { Appliance } from '../../domain/appliance.js';
import type { Item } from '../../domain/manifest.js';
import { itemError, UserError } from '../../errors.js';
import { createRedactor } from '../../redaction/redactor.js';
import type { Redactor } from '../../redaction/redactor-type.js';
import { textForm } from '../../redaction/text-form.js';
import type { Access } from '../access.js';
import { endpointsOf } from '../server-faces.js';

/** How often secrets were masked in a file, or that it is no text. */
export type Redacted = Pick<Item, 'redactions' | 'notRedactable'>;

/** Folders whose files are in the vendor's own format, whatever they look like. */
const binaryFolders: ReadonlySet<string> = new Set(['Config', 'Techsupport']);
const headBytes = 4096;

/**
 * Keeps evidence with the secrets in its texts masked. A text that cannot be masked is withheld.
 * @param known secrets that are masked wherever they stand
 * @param tell what was done with each file
 */
export function redactingKeep(
  staging: Staging,
  known: readonly string[],
  tell: (path: string, redacted: Redacted) => void,
): Staging['store'] {
  return async (folder, name, source, options) => {
    const result: Redacted = {};
    const content = binaryFolders.has(folder)
      ? declared(source, result)
      : masked(source, known, options?.isText === true, result);
    const stored = await staging.store(folder, name, content, options);
    if (stored.cutBy instanceof UserError && stored.cutBy.code === 'not-redacted') {
      if (stored.bytes > 0) await staging.withhold(stored.path);
      throw stored.cutBy;
    }
    tell(stored.path, result);
    return stored;
  };
}

async function* declared(source: AsyncIterable<Buffer>, result: Redacted): AsyncGenerator<Buffer> {
  result.notRedactable = true;
  yield* source;
}

async function* masked(
  source: AsyncIterable<Buffer>,
  known: readonly string[],
  meant: boolean,
  result: Redacted,
): AsyncGenerator<Buffer> {
  const { head, content } = await peek(source, headBytes);
  const form = textForm(head, meant);
  if (form === undefined) return yield* declared(content, result);
  if (form === 'utf-32')
    throw itemError('not-redacted', 'it is UTF-32, in which secrets cannot be masked, so it is withheld', undefined);
  const redactor = createRedactor({ known, form });
  let failure: { error: unknown } | undefined;
  const chunks = content[Symbol.asyncIterator]();
  for (;;) {
    const next = await chunks.next().catch((error: unknown) => {
      failure = { error }; // what came before it is kept to its last byte
      return { done: true as const, value: undefined };
    });
    if (next.done) break;
    const chunk = next.value;
    yield* guarded(() => redactor.push(chunk));
  }
  yield* guarded(() => redactor.end());
  result.redactions = redactor.counts();
  if (failure !== undefined) throw failure.error;
}

function* guarded(work: () => ReturnType<Redactor['push']>): Generator<Buffer> {
  try {
    yield* work();
  } catch (error) {
    throw itemError('not-redacted', 'the secrets in it could not be masked, so it is withheld', error);
  }
}

const shortestKnown = 6;

/** The passwords a server is logged in to with; one so weak that it is a word of every log masks nothing. */
export async function knownSecrets(appliance: Appliance, access: Access): Promise<string[]> {
  const endpoints = endpointsOf([appliance]);
  const users = new Set(endpoints.map(({ login }) => login.user.toLowerCase()));
  const secrets = await Promise.all(endpoints.map((endpoint) => access.loginSecrets(endpoint)));
  return secrets
    .flatMap(({ password, privateKey }) => [password, privateKey?.passphrase])
    .filter((secret) => secret !== undefined)
    .filter((secret) => secret.length >= shortestKnown && !users.has(secret.toLowerCase()));
}
