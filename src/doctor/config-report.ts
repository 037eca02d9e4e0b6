import { guideMs } from '../collect/selection.js';
import type { Config } from '../config/load.js';
import { ownTemplates } from '../config/own-templates.js';
import { placeOf } from '../config/routes.js';
import { type Appliance, serverTitle } from '../domain/appliance.js';
import type { OutputLine } from '../domain/line.js';
import { formatDuration, formatSize } from '../domain/quantities.js';
import { type UnattendedLogin, unattendedLogins } from '../servers/unattended-logins.js';
import { type SecretState, secretStates } from './secret-state.js';

/** What a configuration says, and what is taken where it says nothing. */
export type ConfigReport = {
  config: string;
  servers: { name: string; title: string; address: string; cluster: string | null; via: string[] }[];
  helpdesk: string;
  routes: { name: string; when: string; severity: string[]; place: string }[];
  inForce: string[];
  /** Logins that a timer cannot make. */
  asking: UnattendedLogin[];
  secrets: SecretState[];
};

/** Looks at a configuration that was read; connects to nothing, and runs nothing. @throws UserError `bad-template` */
export async function configReport(
  config: Config,
  sources: { env: Record<string, string | undefined>; home: string | undefined },
): Promise<ConfigReport> {
  await ownTemplates(config.path);
  const routed = config.routes.map(({ name, helpdesk }) => [`routes.${name}.helpdesk`, helpdesk]);
  return {
    config: config.path,
    servers: config.appliances.map(serverOf),
    helpdesk: placeOf(config.helpdesk),
    routes: config.routes.map(({ name, when, severity, place }) => ({ name, when, severity: [...severity], place })),
    inForce: inForce(config),
    asking: unattendedLogins(config.appliances),
    secrets: await secretStates(
      config.appliances,
      { helpdesk: config.helpdesk, ...Object.fromEntries(routed), channels: config.channels },
      sources,
    ),
  };
}

function serverOf({ name, id, address, cluster, via }: Appliance): ConfigReport['servers'][number] {
  return { name, title: serverTitle(id), address, cluster: cluster ?? null, via: via.map((hop) => hop.name) };
}

const dayMs = 86_400_000;

/** What most configurations leave out. */
function inForce({ window, attachmentLimit, keep, redaction, contact, appliances }: Config): string[] {
  const { beforeMs = guideMs, afterMs = guideMs } = window;
  const withoutZone = appliances.filter(({ zone }) => zone === undefined).map(({ name }) => name);
  return [
    `logs of ${formatDuration(beforeMs)} before and ${formatDuration(afterMs)} after an event`,
    `a ZIP of at most ${formatSize(attachmentLimit)} is attached`,
    `runs are kept for ${Math.round(keep.age / dayMs)} days, and up to ${formatSize(keep.size)}`,
    redaction ? 'secrets in texts are masked' : 'texts are left as they are, with their secrets',
    ...(contact?.email === undefined ? ['nobody is named whom support may ask (contact)'] : []),
    ...(withoutZone.length === 0 ? [] : [`the zone of ${withoutZone.join(', ')} is asked from the server`]),
  ];
}

export function configLines({
  config,
  servers,
  helpdesk,
  routes,
  inForce: rules,
  asking,
  secrets,
}: ConfigReport): OutputLine[] {
  const missing = secrets.filter(({ state }) => state !== 'there');
  return [
    { text: `${config} is well formed.`, tone: 'good' },
    { text: '' },
    ...servers.map(({ name, title, address, cluster, via }) => ({
      text: [
        title,
        name,
        address,
        ...(cluster === null ? [] : [`cluster ${cluster}`]),
        ...via.map((hop) => `via ${hop}`),
      ].join('  '),
    })),
    { text: `Help desk: ${helpdesk}` },
    ...routes.map(({ name, when, severity, place }) => ({
      text: `Route ${name}: ${when}, ${severity.join(', ')}: ${place}`,
    })),
    { text: `In force: ${rules.join('; ')}.` },
    ...asking.map(({ key, why }) => ({ text: `${key} ${why}` })),
    ...(missing.length === 0
      ? [{ text: asking.length === 0 ? 'All secrets are there.' : 'All others are there.' }]
      : [{ text: '' }, ...missing.map(secretLine)]),
  ];
}

function secretLine({ key, from, state, reason }: SecretState): OutputLine {
  if (state === 'not-run') return { text: `${key}: ${from} is not run here` };
  return {
    text: `! ${key}: ${reason?.replace(`${key} is not there: `, '').replace(`${key}: `, '') ?? from}`,
    tone: 'warn',
  };
}
