import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { LoginSources } from '../config/login.js';
import type { Endpoint } from '../domain/endpoint.js';
import type { HostKeyPin } from '../domain/host-key.js';
import type { LoginSecrets } from '../domain/login.js';
import type { Edges } from '../flows/edges.js';
import type { PagerHabit } from '../ssh/cli/pager.js';
import type { SessionSource } from '../ssh/connection.js';
import type { Dialer } from '../ssh/dialer.js';
import type { Ui } from '../ui/ui.js';
import { operatorZone } from './operator-zone.js';
import {
  type GlobalOptions,
  homeOf,
  packageRoot,
  packageVersion,
  type Surroundings,
  stateFolderOf,
} from './surroundings.js';

const zipIsLoadedAfterMs = 1000;

/** Everything a flow touches the world with; the libraries behind it are loaded when they are used. */
export async function makeEdges(
  options: GlobalOptions,
  around: Surroundings,
  ui: Ui,
  signal: AbortSignal,
  learn: (secret: string) => void,
): Promise<Edges> {
  const { env, stdin, stderr } = around;
  const home = homeOf(env);
  const stateFolder = stateFolderOf(env);
  const [{ probeOf }, { openSessions }, { exec }, { openCliSession }, { steadyFiles }] = await Promise.all([
    import('../ssh/probe.js'),
    import('../ssh/sessions.js'),
    import('../ssh/exec.js'),
    import('../ssh/cli/cli-session.js'),
    import('../ssh/files/steady-files.js'),
  ]);
  const [staging, durable, knownHosts, runs] = await Promise.all([
    import('../bundle/staging.js'),
    import('../fs/durable.js'),
    import('../state/known-hosts.js'),
    import('../state/runs.js'),
  ]);
  // The libraries behind these take time to load, and not every verb needs them.
  let opened: Promise<Dialer> | undefined;
  const dialer = () => {
    opened ??= import('../ssh/dialer.js').then(({ openDialer }) => openDialer());
    return opened;
  };
  const habits = new WeakMap<SessionSource, PagerHabit>();
  const habitOf = (face: SessionSource) => {
    const habit = habits.get(face) ?? {};
    habits.set(face, habit);
    return habit;
  };
  const zip = () => import('../bundle/zip.js');
  const unzip = () => import('../bundle/unzip.js');
  const { resolveLogin } = await import('../config/login.js');
  const { copyInto } = await import('../bundle/copy.js');
  const { takeLock } = await import('../state/lock.js');
  const { openFileRoots } = await import('../state/file-roots.js');
  const now = () => new Date();
  const zone = operatorZone(env, now());
  const known = knownHosts.openKnownHosts(
    join(stateFolder, 'known_hosts'),
    home === undefined ? [] : [join(home, '.ssh', 'known_hosts')],
  );
  const ask =
    options.batch || options.json || !stdin.isTTY || !stderr.isTTY ? undefined : await prompterOf(around, ui, signal);
  const secrets = new Map<string, Promise<LoginSecrets>>();
  const warn = (text: string) => ui.report({ type: 'warning', text });
  const askPassword = ask && askOrRepeat(ask.secret);
  return {
    report: ui.report,
    ask,
    now,
    sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined), // ended early: the caller looks at its signal
    zone: zone.name,
    ...(zone.doubt === undefined ? {} : { zoneDoubt: zone.doubt }),
    tool: { name: 'icepack', version: packageVersion(), node: around.nodeVersion },
    argv: around.argv.slice(2),
    ssh: {
      dialer: {
        dial: async (...call) => (await dialer()).dial(...call),
        askHostKey: async (...call) => (await dialer()).askHostKey(...call),
      },
      probeOf,
      openSessions,
      exec,
      openCliSession: (face, limited) => openCliSession(face, limited, habitOf(face)),
      execOutput: async (...call) => (await import('../ssh/exec-output.js')).execOutput(...call),
      openFiles: async (...call) => (await import('../ssh/files/open-files.js')).openFiles(...call),
      steadyFiles,
    },
    loginSecrets: (endpoint) => {
      const resolving = secrets.get(endpoint.key) ?? resolveLogin(endpoint, { env, home, askPassword, warn });
      secrets.set(endpoint.key, resolving);
      return resolving.then((login) => {
        for (const secret of [login.password, login.privateKey?.passphrase]) if (secret !== undefined) learn(secret);
        return login;
      });
    },
    setTypedPassword: ({ key }, password) => {
      learn(password);
      secrets.set(key, Promise.resolve({ password, typed: true }));
    },
    knownHosts: known,
    pinsOf: async (endpoint) => pinInConfig(endpoint) ?? known.pinsOf(endpoint.address, endpoint.login.port),
    fileRoots: openFileRoots(join(stateFolder, 'file-roots.json'), now),
    runs: runs.openRunStore(stateFolder, now),
    takeLock: (what) => takeLock(`${stateFolder} ${what}`),
    machine: async () => {
      const { inspectStateFolder } = await import('../state/machine.js');
      const { environmentNotes, oddLineNotes, zoneNotes } = await import('../config/environment.js');
      return {
        node: around.nodeVersion,
        state: await inspectStateFolder(stateFolder, process.getuid?.()),
        environment: [...environmentNotes(env), ...zoneNotes(zone), ...oddLineNotes(await known.oddLines())],
      };
    },
    bundle: {
      openStaging: (root) => {
        setTimeout(() => zip().catch(() => undefined), zipIsLoadedAfterMs).unref(); // while servers are waited for
        return staging.openStaging(root);
      },
      writeZip: async (path, entries, onProgress, level) =>
        (await zip()).writeZip(path, entries, onProgress, level, signal),
      hashFile: async (path) => (await zip()).hashFile(path, signal),
      listBundle: async (...call) => (await unzip()).listBundle(...call),
      readBundleManifest: async (...call) => (await unzip()).readBundleManifest(...call),
      extractBundle: async (...call) => (await unzip()).extractBundle(...call),
      parseManifest: runs.parseManifest,
      writeText: async (path, text) => {
        await durable.makePrivateFolder(dirname(path));
        await durable.writeDurably(path, text);
      },
      copyTo: copyInto,
    },
    upload: {
      openFtpDrop: async (...call) => (await import('../drops/ftp-drop.js')).openFtpDrop(...call),
      openSftpDrop: async (connection, folder, wanted) => {
        const { openSftpDrop } = await import('../drops/sftp-drop.js');
        const { callsOn } = await import('../ssh/files/sftp-calls.js');
        return openSftpDrop(connection, folder, callsOn, wanted);
      },
      readPart: async (...call) => (await import('../drops/read-part.js')).readPart(...call),
    },
    localFile: async (path) => (await import('../fs/local-file.js')).openLocalFile(path),
    template: (name) => readFileSync(join(packageRoot, 'templates', name), 'utf8'),
  };
}

async function prompterOf(
  { stdin, stderr }: Surroundings,
  ui: Ui,
  signal: AbortSignal,
): Promise<NonNullable<Edges['ask']>> {
  const { openPrompter } = await import('../ui/inquirer-prompter.js');
  const { forgetTypedAhead } = await import('../ui/typed-ahead.js');
  const prompter = openPrompter(stdin, stderr, signal);
  const asking = <T>(ask: () => Promise<T>) =>
    ui.withTerminal(async (worked) => {
      if (worked) await forgetTypedAhead(stdin);
      return ask();
    });
  return {
    text: (...question) => asking(() => prompter.text(...question)),
    secret: (question) => asking(() => prompter.secret(question)),
    choose: (...question) => asking(() => prompter.choose(...question)),
    confirm: (...question) => asking(() => prompter.confirm(...question)),
  };
}

/** Servers often share a password: nobody has to type it for each of them. Another user's is never offered. */
function askOrRepeat(ask: (question: string) => Promise<string>): NonNullable<LoginSources['askPassword']> {
  const typed = new Map<string, string>();
  return async (question, { key, login }) => {
    const kin = `${login.user} ${key.split('.')[0]}`;
    const last = typed.get(kin) ?? '';
    const password = (await ask(last === '' ? question : `${question} (Enter: the same)`)) || last;
    typed.set(kin, password);
    return password;
  };
}

function pinInConfig({ login, key }: Endpoint): HostKeyPin[] | undefined {
  const { hostKey } = login;
  return hostKey === undefined ? undefined : [{ fingerprint: hostKey, source: `${key}.hostKey` }];
}
