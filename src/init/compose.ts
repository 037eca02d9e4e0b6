import type { LoginSetup, LoginWay, Setup } from './setup.js';

/** Writes a first `icepack.yaml`: what was answered, what may be added as comments, and no secret. */
export function composeConfig(setup: Setup): string {
  const lines = [
    '# icepack.yaml – check it with: icepack doctor',
    '#',
    '# A secret is never written here, only where it comes from:',
    '#   { env: NAME }                an environment variable',
    '#   { file: PATH }               a file that only you may read (chmod 600)',
    '#   { command: [PROGRAM, ARG] }  what a program prints, e.g. a password manager',
    '# Without one you are asked at the terminal.',
    '',
    ...about(setup),
    'appliances:',
    ...setup.servers.flatMap((server) => applianceLines(server, setup)),
    '',
    ...jumpHostLines(setup),
    'window: { before: 30m, after: 30m }   # of log lines, around the event',
    'attachmentLimit: 25MB                 # 25 000 000 bytes; exactly that is still attached',
    'cliCommands: [log -status]            # what CLI/transcript.txt shows',
    '',
    ...helpDeskLines(setup),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function about({ organization, contact }: Setup): string[] {
  const given = Object.entries(contact).filter(([, value]) => value !== undefined && value !== '');
  return [
    ...(organization ? [`organization: ${scalar(organization)}`] : ['# organization: Example AB']),
    given.length > 0
      ? `contact: { ${given.map(([key, value]) => `${key}: ${scalar(value)}`).join(', ')} }`
      : '# contact: { name: Kim Doe, email: kim@example.com, phone: "+46 660 29 92 00" }',
    '',
  ];
}

function applianceLines({ name, id, address }: Setup['servers'][number], setup: Setup): string[] {
  return [
    `  ${name}:`,
    `    ${`id: ${id}`.padEnd(30)}# the server id: ICE${String(id).padStart(2, '0')}`,
    `    address: ${scalar(address)}`,
    ...(setup.cluster === undefined
      ? []
      : [`    ${`cluster: ${setup.cluster}`.padEnd(30)}# collected together: icepack collect ${setup.cluster}`]),
    ...(setup.jumpHost === undefined ? [] : ['    via: jump']),
    '    cli:                          # the InCenter CLI, port 22',
    ...loginLines(setup.cli, '      '),
    '    hostOs:                       # the system below, port 2222',
    ...loginLines(setup.hostOs, '      '),
    '    # zone: Europe/Stockholm      # else asked from the host OS',
    '    # backupScript: backup.sh     # else the only script with "backup" in its name',
    '    # legacyAlgorithms: true      # for a server so old that it offers nothing newer',
    '    # hypervisor: { type: VMware ESXi, version: 8.0.2 }',
  ];
}

function loginLines({ user, port, way }: LoginSetup, indent: string): string[] {
  const lines = [...(port === undefined ? [] : [`${indent}port: ${port}`]), `${indent}user: ${scalar(user)}`];
  if (way.kind === 'ask') lines.push(`${indent}# no password here: it is asked for at the terminal`);
  else if (way.kind === 'agent')
    lines.push(`${indent}agent: true`, `${indent}# identity: ~/.ssh/KEY.pub   # of the agent's keys this one alone`);
  else if (way.kind === 'key') lines.push(`${indent}privateKey: ${scalar(way.path)}`);
  else lines.push(`${indent}password: ${reference(way)}`);
  return lines;
}

function reference(way: LoginWay): string {
  if (way.kind === 'env') return `{ env: ${way.name} }`;
  return 'path' in way ? `{ file: ${scalar(way.path)} }` : '{ env: ICEPACK_HELPDESK_TOKEN }';
}

function jumpHostLines({ jumpHost }: Setup): string[] {
  if (jumpHost === undefined) return [];
  return ['jumpHosts:', '  jump:', `    address: ${scalar(jumpHost.address)}`, ...loginLines(jumpHost, '    '), ''];
}

function helpDeskLines({ helpdesk, product, version, license }: Setup): string[] {
  if (helpdesk.provider === 'none')
    return ['# helpdesk:                    # without one, collect with --no-submit', '#   provider: portal'];
  return [
    'helpdesk:',
    helpdesk.provider === 'portal'
      ? '  provider: portal              # a web form: texts are prepared, you attach the ZIP'
      : '  provider: rest',
    ...(helpdesk.url === undefined ? [] : [`  url: ${scalar(helpdesk.url)}`]),
    ...(helpdesk.provider === 'rest' ? [`  token: ${reference(helpdesk.token)}`] : []),
    `  product: ${scalar(product ?? 'InCenter')}`,
    version === undefined ? '  # version: 2.2.5' : `  version: ${scalar(version)}`,
    license === undefined ? '  # license: 1234-5678-9012' : `  license: ${scalar(license)}`,
  ];
}

/** A text as YAML that is read as the same text: plain where that is beyond doubt. */
function scalar(text: string): string {
  return /^[A-Za-z/~][A-Za-z0-9 ._/@-]*$/.test(text) && !/^(?:true|false|yes|no|on|off|null|y|n)$|\s$/i.test(text)
    ? text
    : JSON.stringify(text);
}
