import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { defined } from '../domain/defined.js';
import type { Endpoint } from '../domain/endpoint.js';
import type { HostKeyPin } from '../domain/host-key.js';
import type { LoginSecrets } from '../domain/login.js';
import type { Access } from '../servers/access.js';
import type { Workplace } from '../servers/workplace.js';
import type { Dialer } from '../ssh/dialer.js';
import { openCaptureStore } from '../state/captures.js';
import { openFileRoots } from '../state/file-roots.js';
import { openHypervisors } from '../state/hypervisors.js';
import { type KnownHosts, openKnownHosts } from '../state/known-hosts.js';
import { openRunStore } from '../state/runs.js';
import { openTicketJournals } from '../state/ticket-journals.js';
import { openWatchNotes } from '../state/watch-notes.js';
import type { Operator } from '../ui/operator.js';
import type { Prompter } from '../ui/prompter.js';
import type { Ui } from '../ui/ui.js';
import { editorOf } from './editor.js';
import { handoverOf } from './handover.js';
import { heartbeatOf } from './heartbeat.js';
import { deskFactsOf } from './open-desk.js';
import { operatorZone } from './operator-zone.js';
import { type GlobalOptions, homeOf, packageVersion, type Surroundings, stateFolderOf } from './surroundings.js';

type MaskSecret = (secret: string) => void;

/** Makes what the verbs work with, once. */
export async function makeWorkplace(
  options: GlobalOptions,
  around: Surroundings,
  ui: Ui,
  signal: AbortSignal,
  maskSecret: MaskSecret,
): Promise<Workplace> {
  const stateFolder = stateFolderOf(around.env);
  const operator = await operatorAt(options, around, ui, signal);
  return {
    operator,
    access: accessOf(around, operator, maskSecret),
    runs: openRunStore(stateFolder, operator.now),
    tickets: openTicketJournals(stateFolder, operator.now),
    fileRoots: openFileRoots(join(stateFolder, 'file-roots.json'), operator.now),
    deskFacts: deskFactsOf(around.env, operator.now),
    hypervisors: openHypervisors(join(stateFolder, 'hypervisors.json'), operator.now),
    captures: openCaptureStore(stateFolder, operator.now),
    watch: openWatchNotes(stateFolder, operator.now),
    heartbeat: heartbeatOf(around, maskSecret),
    program: { name: 'icepack', version: packageVersion(), node: around.nodeVersion, argv: around.argv.slice(2) },
  };
}

async function operatorAt(
  options: GlobalOptions,
  around: Surroundings,
  ui: Ui,
  signal: AbortSignal,
): Promise<Operator> {
  const { env, stdin, stderr } = around;
  const isAlone = options.batch === true || options.json === true || !stdin.isTTY || !stderr.isTTY;
  const now = () => new Date();
  const zone = operatorZone(env, now());
  return {
    emit: ui.emit,
    ask: isAlone ? undefined : await prompterOf(around, ui, signal),
    handover: handoverOf(around, isAlone),
    now,
    sleep: (ms, until) => delay(ms, undefined, { signal: until }).catch(() => undefined), // ended early: the caller looks at its signal
    zone: zone.name,
    ...defined({ zoneDoubt: zone.doubt }),
  };
}

function accessOf({ env }: Surroundings, { ask, emit }: Operator, maskSecret: MaskSecret): Access {
  const home = homeOf(env);
  const known = knownHostsOf(env);
  /** By their keys; those of the configuration as it was under a stamp, those that were typed for good. */
  const secrets = new Map<string, { under?: string; login: Promise<LoginSecrets> }>();
  const warn = (text: string) => emit({ type: 'warning', text });
  const resolve = async (endpoint: Endpoint): Promise<LoginSecrets> => {
    const { resolveLogin } = await import('../config/login.js');
    return resolveLogin(endpoint, { env, home, canAsk: ask !== undefined, warn });
  };
  const stampOf = async (endpoint: Endpoint) => (await import('../config/stamp.js')).loginStamp(endpoint, home);
  return {
    dialer: lazyDialer(),
    newDialer: lazyDialer,
    loginSecrets: async (endpoint) => {
      const under = await stampOf(endpoint); // whoever goes on for long sees that a password was changed
      const known = secrets.get(endpoint.key);
      const isCurrent = known !== undefined && (known.under ?? under) === under;
      const resolving = isCurrent ? known.login : resolve(endpoint);
      if (!isCurrent) secrets.set(endpoint.key, { under, login: resolving });
      const login = await resolving;
      for (const secret of [login.password, login.privateKey?.passphrase]) if (secret !== undefined) maskSecret(secret);
      return login;
    },
    forgetSecrets: (key) => {
      if (secrets.get(key)?.under !== undefined) secrets.delete(key);
    },
    setTypedPassword: ({ key }, password) => {
      maskSecret(password);
      secrets.set(key, { login: Promise.resolve({ password, typed: true }) });
    },
    withholdPassword: ({ key }) => void secrets.set(key, { login: Promise.resolve({ withheld: true }) }),
    stampOf,
    knownHosts: known,
    pinsOf: async (endpoint) => pinInConfig(endpoint) ?? known.pinsOf(endpoint.address, endpoint.login.port),
  };
}

export function knownHostsOf(env: Surroundings['env']): KnownHosts {
  const home = homeOf(env);
  const others = home === undefined ? [] : [join(home, '.ssh', 'known_hosts')];
  return openKnownHosts(join(stateFolderOf(env), 'known_hosts'), others);
}

/** Loads the SSH library only when it is needed: that takes time, and not every verb needs it. */
function lazyDialer(): Dialer {
  let opened: Promise<Dialer> | undefined;
  const dialer = () => {
    opened ??= import('../ssh/dialer.js').then(({ openDialer }) => openDialer());
    return opened;
  };
  return {
    dial: async (...call) => (await dialer()).dial(...call),
    askHostKey: async (...call) => (await dialer()).askHostKey(...call),
    holdJumpHost: async (...call) => (await dialer()).holdJumpHost(...call),
  };
}

async function prompterOf(around: Surroundings, ui: Ui, signal: AbortSignal): Promise<Prompter> {
  const { stdin, stderr } = around;
  const { openPrompter } = await import('../ui/inquirer-prompter.js');
  const { TypedAhead } = await import('../ui/typed-ahead.js');
  const typedAhead = new TypedAhead(stdin);
  const prompter = openPrompter(stdin, stderr, signal, editorOf(around));
  const asking = <T>(ask: () => Promise<T>) =>
    ui.withTerminal(async (worked) => {
      if (worked || typedAhead.isHidden) await typedAhead.forget();
      return ask();
    });
  const secret = async (question: string) => {
    const typed = await prompter.secret(question);
    typedAhead.hide();
    return typed;
  };
  return {
    text: (...question) => asking(() => prompter.text(...question)),
    long: (...question) => asking(() => prompter.long(...question)),
    secret: (question) => asking(() => secret(question)),
    choose: (...question) => asking(() => prompter.choose(...question)),
    confirm: (...question) => asking(() => prompter.confirm(...question)),
    form: (...question) => asking(() => prompter.form(...question)),
  };
}

function pinInConfig({ login, key }: Endpoint): HostKeyPin[] | undefined {
  const { hostKey } = login;
  return hostKey === undefined ? undefined : [{ fingerprint: hostKey, source: `${key}.hostKey` }];
}
