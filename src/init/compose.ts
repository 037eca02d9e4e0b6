import type { Providers } from '../helpdesk/provider.js';
import { noDesk } from './ask-desk.js';
import type { InitAnswers, LoginAnswers, SecretWay } from './init-answers.js';
import { usualPorts } from './typed-server.js';

/** Composes a first `icepack.yaml`: the answers, comments on what may be added, and no secret. */
export function composeConfig(answers: InitAnswers, desks: Providers): string {
  const lines = [
    '# icepack.yaml – check it with: icepack doctor',
    '#',
    '# A secret is never written here, only where it comes from:',
    '#   { env: NAME }                an environment variable',
    '#   { file: PATH }               a file that only you may read (chmod 600)',
    '#   { command: [PROGRAM, ARG] }  what a program prints, e.g. a password manager',
    '# Without one you are asked at the terminal.',
    '',
    ...about(answers),
    'appliances:',
    ...answers.servers.flatMap((server) => applianceLines(server, answers)),
    '',
    ...jumpHostLines(answers),
    'window: { before: 30m, after: 30m }   # of log lines, around the event',
    'attachmentLimit: 25MB                 # 25 000 000 bytes; exactly that is still attached',
    'cliCommands: [log -status]            # what CLI/transcript.txt shows',
    '',
    ...helpDeskLines(answers, desks),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function about({ organization, contact }: InitAnswers): string[] {
  const given = Object.entries(contact).filter(([, value]) => value !== undefined && value !== '');
  return [
    ...(organization ? [`organization: ${scalar(organization)}`] : ['# organization: Example AB']),
    given.length > 0
      ? `contact: { ${given.map(([key, value]) => `${key}: ${scalar(value)}`).join(', ')} }`
      : '# contact: { name: Kim Doe, email: kim@example.com, phone: "+46 660 29 92 00" }',
    '',
  ];
}

function applianceLines(
  { name, id, address, cliPort, hostOsPort }: InitAnswers['servers'][number],
  answers: InitAnswers,
): string[] {
  const [cli, hostOs] = [withPort(answers.cli, cliPort), withPort(answers.hostOs, hostOsPort)];
  return [
    `  ${name}:`,
    `    ${`id: ${id}`.padEnd(30)}# the server id: ICE${String(id).padStart(2, '0')}`,
    `    address: ${scalar(address)}`,
    ...(answers.cluster === undefined
      ? []
      : [`    ${`cluster: ${answers.cluster}`.padEnd(30)}# collected together: icepack collect ${answers.cluster}`]),
    ...(answers.jumpHost === undefined ? [] : ['    via: jump']),
    `    cli:                          # the InCenter CLI, port ${cli.port ?? usualPorts.cli}`,
    ...loginLines(cli, '      '),
    `    hostOs:                       # the system below, port ${hostOs.port ?? usualPorts.hostOs}`,
    ...loginLines(hostOs, '      '),
    '    # zone: Europe/Stockholm      # else asked from the host OS',
    '    # backupScript: backup.sh     # else the only script with "backup" in its name',
    '    # legacyAlgorithms: true      # for a server so old that it offers nothing newer',
    '    # hypervisor: { type: VMware ESXi, version: 8.0.2 }',
  ];
}

function withPort(login: LoginAnswers, port: number | undefined): LoginAnswers {
  return port === undefined ? login : { ...login, port };
}

function loginLines({ user, port, way }: LoginAnswers, indent: string): string[] {
  const lines = [...(port === undefined ? [] : [`${indent}port: ${port}`]), `${indent}user: ${scalar(user)}`];
  if (way.kind === 'ask') lines.push(`${indent}# no password here: it is asked for at the terminal`);
  else if (way.kind === 'agent')
    lines.push(`${indent}agent: true`, `${indent}# identity: ~/.ssh/KEY.pub   # of the agent's keys this one alone`);
  else if (way.kind === 'key') lines.push(`${indent}privateKey: ${scalar(way.path)}`);
  else lines.push(`${indent}password: ${reference(way)}`);
  return lines;
}

function reference(way: SecretWay): string {
  return way.kind === 'env' ? `{ env: ${way.name} }` : `{ file: ${scalar(way.path)} }`;
}

function jumpHostLines({ jumpHost }: InitAnswers): string[] {
  if (jumpHost === undefined) return [];
  return ['jumpHosts:', '  jump:', `    address: ${scalar(jumpHost.address)}`, ...loginLines(jumpHost, '    '), ''];
}

function helpDeskLines({ helpdesk, product, version, license }: InitAnswers, desks: Providers): string[] {
  const { provider, ...settings } = helpdesk;
  if (provider === noDesk)
    return ['# helpdesk:                    # without one, collect with --no-submit', `#   provider: ${desks[0].id}`];
  const remark = desks.find(({ id }) => id === provider)?.remark;
  return [
    'helpdesk:',
    remark === undefined ? `  provider: ${provider}` : `${`  provider: ${provider}`.padEnd(32)}# ${remark}`,
    ...Object.entries(settings).map(
      ([key, value]) => `  ${key}: ${typeof value === 'string' ? scalar(value) : reference(value)}`,
    ),
    `  product: ${scalar(product ?? 'InCenter')}`,
    version === undefined ? '  # version: 2.2.5' : `  version: ${scalar(version)}`,
    license === undefined ? '  # license: 1234-5678-9012' : `  license: ${scalar(license)}`,
  ];
}

/** A text as YAML that reads back as the same text; unquoted only where that is beyond doubt. */
function scalar(text: string): string {
  return /^[A-Za-z/~][A-Za-z0-9 ._/@-]*$/.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n)$|\s$/i.test(text)
    ? text
    : JSON.stringify(text);
}
