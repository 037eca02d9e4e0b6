import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openStaging } from '../../src/bundle/staging.ts';
import type { CliTools, Finding, HostOsTools, ServerTools, Trace } from '../../src/collectors/collector.ts';
import { techsupport } from '../../src/collectors/techsupport.ts';
import type { Appliance } from '../../src/domain/appliance.ts';
import { itemError } from '../../src/errors.ts';
import type { RemoteFiles } from '../../src/ssh/files/remote-files.ts';
import { toolsWith } from '../support/collector-tools.ts';
import { temporaryFolder } from '../support/rig.ts';

type File = { content: Buffer; modifiedAt: Date };

const long = new Date('2026-11-28T12:00:00Z');
const lost = () => itemError('connection-lost', 'the connection was lost');
const archive = gzipSync(Buffer.from([1, 2, 3]));
const unknown = Buffer.alloc(3000, '\u0001\u0007');

type Face = {
  files: Map<string, File>;
  /** Its techsupport folder is a link. */
  isLinked?: true;
  /** Before each call; may throw. */
  on(call: 'list' | 'find' | 'read' | 'remove', path: string): void;
};

function faceWith(on: Face['on'] = () => undefined): Face {
  return { files: new Map(), on };
}

function filesOf(face: Face): RemoteFiles {
  const entryOf = (path: string, { content, modifiedAt }: File) => ({
    name: path.slice(path.lastIndexOf('/') + 1),
    kind: 'file' as const,
    sizeBytes: content.length,
    modifiedAt,
  });
  return {
    title: 'the server',
    abilities: async () => ({ peeks: true, skips: true }),
    async list(folder) {
      face.on('list', folder);
      const inside = [...face.files].filter(([path]) => path.startsWith(`${folder}/`));
      if (inside.length === 0) throw itemError('no-such-file', `"${folder}" is not there`);
      return inside.map(([path, file]) => entryOf(path, file));
    },
    async find(path) {
      face.on('find', path);
      const file = face.files.get(path);
      if (face.isLinked && path === 'techsupport') return { name: path, kind: 'folder', isLink: true };
      return file && entryOf(path, file);
    },
    read(path) {
      const { content } = face.files.get(path) ?? { content: Buffer.alloc(0) };
      async function* chunks() {
        for (let at = 0; at < content.length; at += 1000) {
          yield content.subarray(at, at + 1000);
          face.on('read', path);
        }
      }
      return { chunks: chunks(), verdict: () => ({ kind: 'whole' }) };
    },
    async remove(path) {
      face.on('remove', path);
      if (!face.files.delete(path)) throw itemError('no-such-file', `"${path}" is not there`);
    },
    close: () => undefined,
  };
}

type Case = {
  cli?: Face | 'down';
  /** What the CLI does; what it prints. */
  run?: (cli: Face) => string;
  /** What the script does; what it prints. */
  script?: (hostOs: Face) => { stdout: string; code?: number; stderr?: string };
  hostOs?: Face;
  /** What `/proc/uptime` holds. */
  uptime?: string;
  wasAway?: boolean;
};

type Outcome = {
  found: Finding | undefined;
  failure: string | undefined;
  warnings: string[];
  /** What is still noted as ours on the server. */
  noted: Trace[];
  pausedMs: number;
  events: string[];
};

/** Collects techsupport from a server that does as the case says; what waits does not wait. */
async function collect({
  cli = faceWith(),
  run,
  script,
  hostOs = faceWith(),
  uptime = '',
  wasAway = false,
}: Case): Promise<Outcome> {
  const { store: keep } = await openStaging(await temporaryFolder());
  const outcome: Outcome = { found: undefined, failure: undefined, warnings: [], noted: [], pausedMs: 0, events: [] };
  const isSamePlace = (a: Trace, b: Trace) => a.face === b.face && a.folder === b.folder;
  if (script !== undefined)
    hostOs.files.set('/home/administrator/scripts/techsupport.sh', { content: archive, modifiedAt: long });
  const cliTools: Partial<CliTools> = {
    files: async () => {
      if (cli === 'down') throw lost();
      return filesOf(cli);
    },
    open: async () => ({
      run: async (command) => {
        outcome.events.push('techsupport is made');
        if (cli === 'down') throw lost();
        const text = run?.(cli) ?? '';
        return { prompt: '>', command, text, started: long, ended: long };
      },
      printed: () => 'Collecting',
      close: () => undefined,
    }),
  };
  const hostOsTools: Partial<HostOsTools> = {
    files: async () => filesOf(hostOs),
    exec: async (command) => {
      if (command.includes('uptime')) return { code: 0, stdout: uptime, stderr: '' };
      if (!command.includes('./techsupport.sh')) return { code: 1, stdout: '', stderr: '' };
      outcome.events.push('techsupport is made');
      return { code: 0, stderr: '', ...(script?.(hostOs) ?? { stdout: '' }) };
    },
  };
  const server: Partial<ServerTools> = {
    appliance: {
      cli: { user: 'admin', port: 22 },
      hostOs: { home: '/home/administrator', minFreeBytes: 0 },
      timeouts: { collectorMs: { techsupport: 4000 } },
    } as Appliance,
    wasAway: () => wasAway,
    noteRemoteFile: async (trace) => {
      outcome.events.push(`noted ${trace.folder}/${trace.name ?? '…'}`);
      outcome.noted = [...outcome.noted.filter((other) => !isSamePlace(other, trace)), trace];
    },
    forgetRemoteFile: async (trace) => {
      outcome.noted = outcome.noted.filter((other) => !isSamePlace(other, trace));
    },
  };
  const record = (finding: Finding) => {
    outcome.found = finding;
  };
  const tools = toolsWith({
    ...{ server, cli: cliTools, hostOs: hostOsTools, evidence: { keep, record } },
    pause: async (ms) => {
      outcome.pausedMs += ms;
      await new Promise((resolve) => setImmediate(resolve));
    },
    warn: (text) => void outcome.warnings.push(text),
  });
  try {
    await techsupport.collect(tools);
  } catch (error) {
    outcome.failure = error instanceof Error ? error.message : String(error);
  }
  return outcome;
}

const path = 'techsupport/tsf-1.tsf';
const made = 'Technical Support file created:\ntsf-1.tsf\n';

/** The CLI makes this file and says so. */
function makes(content: Buffer, words = made) {
  return (cli: Face) => {
    cli.files.set(path, { content, modifiedAt: long });
    return words;
  };
}

describe('a techsupport file that came', () => {
  it('stays, when the connection is lost right after its last byte (IO-1)', async () => {
    let read = false;
    const cli = faceWith((call) => {
      if (call === 'read') read = true;
      else if (read) throw lost();
    });

    const { found, failure, noted } = await collect({ cli, run: makes(unknown) });

    expect(failure).toBeUndefined();
    expect(found).toMatchObject({ path: 'Techsupport/tsf-1.tsf', status: 'partial', bytes: unknown.length });
    expect(found?.reason).toBe('whether it was finished could not be asked: the connection was lost');
    expect(noted).toHaveLength(1);
  });

  it('stays, when the file has grown and what is taken then is cut before that (IO-1)', async () => {
    let reads = 0;
    const cli = faceWith((call) => {
      if (call !== 'read') return;
      reads++;
      if (reads === 3) cli.files.set(path, { content: Buffer.concat([unknown, unknown]), modifiedAt: new Date() });
      if (reads === 4) throw lost();
    });

    const { found } = await collect({ cli, run: makes(unknown) });

    expect(found).toMatchObject({ status: 'partial', bytes: unknown.length });
    expect(found?.reason).toContain('could not be asked: the connection was lost');
  });

  it('is taken at once, and not waited for when its own end is there (IO-1)', async () => {
    const { found, pausedMs, noted } = await collect({ run: makes(archive) });

    expect(found).toMatchObject({ status: 'ok', bytes: archive.length });
    expect(pausedMs).toBe(0);
    expect(noted).toEqual([]);
  });

  it('is asked about once more after a moment, when its form is not known (IO-1)', async () => {
    const { found, pausedMs } = await collect({ run: makes(unknown) });

    expect(found).toMatchObject({ status: 'ok', bytes: unknown.length });
    expect(pausedMs).toBeLessThanOrEqual(100);
  });

  it('and has grown meanwhile is taken again, whole (IO-1, C27)', async () => {
    let reads = 0;
    const cli = faceWith((call) => {
      if (call !== 'read' || ++reads !== 3) return;
      cli.files.set(path, { content: Buffer.concat([unknown, unknown]), modifiedAt: new Date() });
    });

    const { found } = await collect({ cli, run: makes(unknown) });

    expect(found).toMatchObject({ status: 'ok', bytes: 2 * unknown.length });
  });

  it('and was written anew with the same size is taken again (IO-1)', async () => {
    let finds = 0;
    const cli = faceWith((call) => {
      if (call === 'find' && finds++ === 2) cli.files.set(path, { content: archive, modifiedAt: new Date() });
    });

    const { found } = await collect({ cli, run: makes(Buffer.alloc(archive.length, '\u0001')) });

    expect(found).toMatchObject({ status: 'ok', bytes: archive.length });
  });

  it('is removed, also when somebody else was faster (IO-13)', async () => {
    const cli = faceWith((call) => {
      if (call === 'remove') cli.files.clear();
    });

    const { found, warnings, noted } = await collect({ cli, run: makes(archive) });

    expect({ status: found?.status, warnings, noted }).toEqual({ status: 'ok', warnings: [], noted: [] });
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'it is empty'],
    [
      'the words of a failure',
      Buffer.from('Error: no space left on device\n'),
      'it holds nothing but: Error: no space left on device',
    ],
    ['half an archive', archive.subarray(0, -5), 'unexpected end of file: the gzip data is cut'],
  ])('and holds %s is partial, and stays on the server (field-B01)', async (_what, content, reason) => {
    const cli = faceWith();

    const { found, noted } = await collect({ cli, run: makes(content) });

    expect(found).toMatchObject({ status: 'partial', reason, bytes: content.length });
    expect(cli.files.has(path)).toBe(true);
    expect(noted).toHaveLength(1);
  });
});

describe('a techsupport folder on another disk', () => {
  it('is followed, with a word (field-A13)', async () => {
    const { found } = await collect({ cli: { ...faceWith(), isLinked: true }, run: makes(archive) });

    expect(found).toMatchObject({ status: 'ok', reason: '"techsupport" is a link to another folder' });
  });
});

describe('what the CLI says of techsupport', () => {
  it.each([
    ['behind', `${made}Warning: permission denied reading /var/x\n`],
    ['before', `Warning: permission denied reading /var/x\n${made}`],
    ['behind a short form of', 'created: tsf-1.tsf\nWarning: permission denied reading /var/x\n'],
    ['without', 'Warning: permission denied reading /var/x\n'],
  ])('is a warning %s the name of the file that was made, and no refusal (field-B02)', async (_where, words) => {
    const { found, warnings, events } = await collect({ run: makes(archive, words) });

    expect(found).toMatchObject({
      status: 'ok',
      command: 'techsupport',
      reason: 'it said: Warning: permission denied reading /var/x',
    });
    expect(warnings).toEqual([]);
    expect(events.filter((event) => event === 'techsupport is made')).toHaveLength(1);
  });

  it('is a refusal where no file was made; the script does it then (field-B02)', async () => {
    const { found } = await collect({ run: () => 'Permission denied: role Auditor\n', script: scripted() });

    expect(found).toMatchObject({ status: 'ok', command: './techsupport.sh' });
    expect(found?.reason).toContain('"admin" may not run techsupport: Permission denied: role Auditor');
  });
});

describe('a techsupport file that another machine took, which ran it in the same second (Q03)', () => {
  /** Its folder holds an older file; the first so many that are made are gone at once. */
  const takenAway = (times: number, isFolderThere = true) => {
    const cli = faceWith();
    if (isFolderThere) cli.files.set('techsupport/old.tsf', { content: archive, modifiedAt: long });
    let runs = 0;
    const run = () => (++runs > times ? makes(archive)(cli) : made);
    return { cli, run };
  };
  const isMade = (event: string) => event === 'techsupport is made';

  it('is made once more, with a word', async () => {
    const { found, warnings, events, noted } = await collect(takenAway(1));

    expect(found).toMatchObject({ status: 'ok', path: 'Techsupport/tsf-1.tsf' });
    expect(warnings).toEqual(['the techsupport file was taken by somebody else: techsupport is run once more']);
    expect(events.filter(isMade)).toHaveLength(2);
    expect(noted).toEqual([]);
  });

  it('is not made a third time, nor where the folder itself is not there', async () => {
    const [twice, elsewhere] = [await collect(takenAway(2)), await collect(takenAway(9, false))];

    expect(twice.failure).toContain('the file that techsupport made is gone; it said: Technical Support file created');
    expect(twice.events.filter(isMade)).toHaveLength(2);
    expect(twice.noted).toEqual([]);
    expect(elsewhere.failure).toContain('techsupport made no file');
    expect(elsewhere.events.filter(isMade)).toHaveLength(1);
  });
});

/** A script that makes this file and names it. */
function scripted(content = archive, more: { code?: number; stderr?: string } = {}) {
  return (hostOs: Face) => {
    hostOs.files.set('/var/tsf/tsf-2.tsf', { content, modifiedAt: long });
    return { stdout: 'Technical Support file created:\n/var/tsf/tsf-2.tsf\n', ...more };
  };
}

describe('a CLI that is cut during techsupport', () => {
  const cutsAfter = (looks: number) => {
    let listed = 0;
    const cli = faceWith((call) => {
      if (call === 'list' && ++listed === looks) cli.files.set(path, { content: archive, modifiedAt: long });
    });
    const run = () => {
      throw itemError('cli-cut', 'the CLI ended the session');
    };
    return { cli, run, looks: () => listed };
  };

  it('is no end: the file is waited for (IO-10)', async () => {
    const { cli, run } = cutsAfter(4);

    const { found, events, noted } = await collect({ cli, run, script: scripted() });

    expect(found).toMatchObject({
      path: 'Techsupport/tsf-1.tsf',
      status: 'ok',
      reason: 'the server finished it all the same: the CLI ended the session',
    });
    expect(events.filter((event) => event === 'techsupport is made')).toHaveLength(1);
    expect(noted).toEqual([]);
  });

  it('has the script do it when no file comes in time, which is said (IO-10)', async () => {
    const { cli, run, looks } = cutsAfter(Number.POSITIVE_INFINITY);

    const { found } = await collect({ cli, run, script: scripted() });

    expect(looks()).toBeGreaterThan(2);
    expect(found).toMatchObject({ path: 'Techsupport/tsf-2.tsf', status: 'ok', command: './techsupport.sh' });
    expect(found?.reason).toContain('the CLI ended the session, and no file came into being within');
  });

  it('and does not answer any more is not asked to do it in another way (B18)', async () => {
    let cut = false;
    const cli = faceWith((call) => {
      if (cut && call === 'list') throw lost();
    });
    const run = () => {
      cut = true;
      throw lost();
    };

    const { failure, events, noted } = await collect({ cli, run, script: scripted() });

    expect(failure).toContain('the connection was lost');
    expect(events.filter((event) => event === 'techsupport is made')).toHaveLength(1);
    expect(noted).toHaveLength(1);
  });
});

describe('a server that was restarted while techsupport was made', () => {
  const run = () => {
    throw lost();
  };

  it.each([
    ['was away', { wasAway: true }],
    ['came back before anybody missed it', { uptime: '0.00 12.07\n' }],
  ])('and %s does not get the script, too (B18)', async (_how, signs) => {
    const { failure, events } = await collect({ run, script: scripted(), ...signs });

    expect(failure).toContain('went away during techsupport and may have been restarted by it');
    expect(failure).toContain('the script on the host OS was not started');
    expect(events.filter((event) => event === 'techsupport is made')).toHaveLength(1);
  });

  it('and one that has been up all the time gets it (IO-10)', async () => {
    const { found } = await collect({ run, script: scripted(), uptime: '3542400.51 12.07\n' });

    expect(found).toMatchObject({ status: 'ok', command: './techsupport.sh' });
  });

  it('has its file taken, when that was made before (B18)', async () => {
    let cut = false;
    const cli = faceWith((call) => {
      if (cut && call === 'list') cli.files.set(path, { content: archive, modifiedAt: long });
    });
    const cutOff = () => {
      cut = true;
      throw lost();
    };

    const { found } = await collect({ cli, run: cutOff, wasAway: true });

    expect(found).toMatchObject({ path: 'Techsupport/tsf-1.tsf', status: 'ok' });
  });
});

describe('techsupport made by the script', () => {
  it('is noted before it is made, by its name when that is known, and struck out when it is gone (field-B03)', async () => {
    const { found, events, noted } = await collect({ cli: 'down', script: scripted() });

    expect(found?.status).toBe('ok');
    expect(events.slice(0, 3)).toEqual(['noted /…', 'techsupport is made', 'noted /var/tsf/tsf-2.tsf']);
    expect(noted).toEqual([]);
  });

  it('that cannot be fetched stays noted by its name (field-B03)', async () => {
    const hostOs = faceWith((call, where) => {
      if (call === 'find' && where.startsWith('/var')) throw itemError('transfer-failed', 'permission denied');
    });

    const { failure, noted } = await collect({ cli: 'down', hostOs, script: scripted() });

    expect(failure).toContain('cannot be fetched and was left on the server: permission denied');
    expect(noted).toContainEqual({ face: 'hostOs', folder: '/var/tsf', name: 'tsf-2.tsf' });
  });

  it('is taken, and partial, when the script does not end well but names it (field-B02)', async () => {
    const script = scripted(archive, { code: 1, stderr: 'tar: file changed as we read it' });

    const { found } = await collect({ cli: 'down', script });

    expect(found).toMatchObject({ status: 'partial', bytes: archive.length });
    expect(found?.reason).toContain('"./techsupport.sh" ended with exit status 1: tar: file changed as we read it');
  });
});
