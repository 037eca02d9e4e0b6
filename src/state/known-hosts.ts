import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type HostKeyPin, knownHostsName, type ShownHostKey } from '../domain/host-key.js';
import { escapeRegExp } from '../domain/quoting.js';
import { exitCode, UserError, usageError } from '../errors.js';
import { appendDurably, isCode, makePrivateFolder, writeDurably } from '../fs/durable.js';
import { withLock } from './lock.js';
import { refuseExposed } from './machine.js';

/** Host keys pinned per address and port, in OpenSSH's `known_hosts` format. */
export interface KnownHosts {
  /**
   * The pins in icepack's own file, then those in the user's files.
   * @throws UserError `known-hosts-damaged` naming file and line of icepack's own
   */
  pinsOf(address: string, port: number): Promise<HostKeyPin[]>;
  /** Pins a key in icepack's own file. `replace` removes what was pinned there for the same address and port. */
  pin(address: string, port: number, key: ShownHostKey, options?: { replace?: boolean }): Promise<void>;
  readonly path: string;
  /** Lines in the user's files that pin nothing and that ssh skips, too, such as keys of SSH 1, or remains of a merge. */
  oddLines(): Promise<{ path: string; numbers: number[] }[]>;
}

/**
 * @param own icepack's file; it is written
 * @param others files that are only read, e.g. `~/.ssh/known_hosts`
 */
export function openKnownHosts(own: string, others: readonly string[]): KnownHosts {
  return {
    path: own,
    async pinsOf(address, port) {
      await refuseExposed(dirname(own));
      const name = knownHostsName(address, port);
      const pins: HostKeyPin[] = [];
      for (const path of [own, ...others]) {
        const { lines, odd } = await readLines(path);
        if (path === own) refuseDamaged(path, odd);
        pins.push(...lines.filter((line) => matches(line.hosts, name)).map(pinOf));
      }
      return pins;
    },
    async oddLines() {
      const files = await Promise.all(others.map(async (path) => ({ path, numbers: (await readLines(path)).odd })));
      return files.filter(({ numbers }) => numbers.length > 0);
    },
    async pin(address, port, key, { replace = false } = {}) {
      const name = knownHostsName(address, port);
      const entry = `${name} ${key.type} ${key.key}`;
      await makePrivateFolder(dirname(own));
      await refuseExposed(dirname(own));
      await withLock(own, async () => {
        const { lines, odd } = await readLines(own);
        refuseDamaged(own, odd);
        const replaced = replace ? lines.filter((line) => !line.revoked && matches(line.hosts, name)) : [];
        const text = await readText(own);
        if (replaced.length === 0 && /(^|\n)$/.test(text)) return appendDurably(own, entry);
        const kept = text.split('\n').filter((_text, index) => !replaced.some((line) => line.number === index + 1));
        return writeDurably(own, `${[...kept.filter((text) => text !== ''), entry].join('\n')}\n`);
      });
    },
  };
}

type KnownHostsLine = { path: string; number: number; hosts: string; type: string; key: string; revoked: boolean };

function pinOf(line: KnownHostsLine): HostKeyPin {
  const pin = { type: line.type, key: line.key, source: `${line.path}:${line.number}` };
  return line.revoked ? { ...pin, revoked: true } : pin;
}

async function readLines(path: string): Promise<{ lines: KnownHostsLine[]; odd: number[] }> {
  const lines: KnownHostsLine[] = [];
  const odd: number[] = [];
  for (const [index, text] of (await readText(path)).split('\n').entries()) {
    const line = parseLine(path, index + 1, text.replace(/\r$/, '').trim());
    if (line === 'odd') odd.push(index + 1);
    else if (line !== undefined) lines.push(line);
  }
  return { lines, odd };
}

function refuseDamaged(path: string, [first]: readonly number[]): void {
  if (first === undefined) return;
  throw usageError(
    'known-hosts-damaged',
    `${path}:${first} is not a line of known_hosts`,
    'Repair or remove that line',
  );
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return '';
    throw new UserError('known-hosts-unreadable', `the host keys in "${path}" cannot be read`, {
      exit: exitCode.usage,
      hint: 'Nothing is sent to servers whose keys cannot be checked: repair the file or its permission',
      cause: error,
    });
  }
}

/** @returns undefined for a line that is not meant to pin anything */
function parseLine(path: string, number: number, text: string): KnownHostsLine | 'odd' | undefined {
  if (text === '' || text.startsWith('#')) return undefined;
  const fields = text.split(/[ \t]+/);
  const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
  const [hosts, type, key = ''] = fields;
  if (marker === '@cert-authority') return undefined; // certificates are not used here: such a line pins nothing
  if (marker !== undefined && marker !== '@revoked') return 'odd';
  const blob = Buffer.from(key, 'base64');
  if (
    type === undefined ||
    hosts === undefined ||
    !/^[A-Za-z0-9+/]+={0,2}$/.test(key) ||
    fieldsOf(blob)?.[0]?.toString('latin1') !== type
  )
    return 'odd';
  return { path, number, hosts, type, key: blob.toString('base64'), revoked: marker === '@revoked' };
}

/** The fields of a key blob, each after its length (RFC 4253, 6.6); undefined when the blob does not end with a field. */
function fieldsOf(blob: Buffer): Buffer[] | undefined {
  const fields: Buffer[] = [];
  let at = 0;
  while (at + 4 <= blob.length) {
    const end = at + 4 + blob.readUInt32BE(at);
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return at === blob.length && fields.length > 1 ? fields : undefined;
}

/** Host patterns as in sshd(8): a comma list with `*`, `?` and `!`, or one hashed name. */
function matches(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) return matchesHashed(hosts, name);
  const patterns = hosts.toLowerCase().split(',');
  const lower = name.toLowerCase();
  if (patterns.some((pattern) => pattern.startsWith('!') && wildcard(pattern.slice(1)).test(lower))) return false;
  return patterns.some((pattern) => wildcard(pattern).test(lower));
}

function matchesHashed(hosts: string, name: string): boolean {
  const [, , salt = '', hash = ''] = hosts.split('|');
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name.toLowerCase()).digest('base64') === hash;
}

function wildcard(pattern: string): RegExp {
  const escaped = escapeRegExp(pattern).replaceAll('\\*', '.*').replaceAll('\\?', '.');
  return new RegExp(`^${escaped}$`);
}
