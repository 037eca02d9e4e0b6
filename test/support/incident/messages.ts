import type { Random } from './random.ts';

export type Level = 'debug' | 'info' | 'warning' | 'error' | 'critical';

/** A message that servers write, and what counting makes of it. */
export type Message = {
  level: Level;
  /** What its words alone say, where a log names no level. */
  guessed: Level | 'none';
  /** With all that changes masked. */
  template: string;
  make(random: Random): string;
};

const node = (random: Random) => 1 + random.below(40);

/** What is written all the time. */
export const usual: Record<'system' | 'audit' | 'debug', readonly Message[]> = {
  system: [
    {
      level: 'info',
      guessed: 'none',
      template: 'session # of node # established in # ms',
      make: (random) => `session ${random.hex(8)}1 of node ${node(random)} established in ${random.below(900)} ms`,
    },
    {
      level: 'info',
      guessed: 'none',
      template: 'database checkpoint done, # pages',
      make: (random) => `database checkpoint done, ${random.below(5000)} pages`,
    },
    {
      level: 'warning',
      guessed: 'none',
      template: 'queue of node # holds # entries',
      make: (random) => `queue of node ${node(random)} holds ${random.below(5000)} entries`,
    },
    {
      level: 'error',
      guessed: 'warning',
      template: 'lookup of # failed after # ms',
      make: (random) => `lookup of host${random.below(400)} failed after ${random.below(3000)} ms`,
    },
  ],
  audit: [
    {
      level: 'info',
      guessed: 'none',
      template: 'REST request GET /api/nodes/#, # bytes',
      make: (random) => `REST request GET /api/nodes/${node(random)}, ${random.below(90_000)} bytes`,
    },
    {
      level: 'info',
      guessed: 'none',
      template: 'node list opened by "#"',
      make: (random) => `node list opened by "${random.of(['anna', 'bo'], 'anna')}"`,
    },
  ],
  debug: [
    {
      level: 'debug',
      guessed: 'none',
      template: 'txn # step # took # us, digest #',
      make: (random) =>
        `txn ${random.hex(6)}4 step ${random.below(9)} took ${random.below(9000)} us, digest 0x${random.hex(32)}`,
    },
    {
      level: 'debug',
      guessed: 'none',
      template: 'poll of node # at #: # counters',
      make: (random) =>
        `poll of node ${node(random)} at 198.51.100.${random.below(250)}: ${random.below(300)} counters`,
    },
    {
      level: 'info',
      guessed: 'none',
      template: 'cache of node # swept, # entries left',
      make: (random) => `cache of node ${node(random)} swept, ${random.below(900)} entries left`,
    },
  ],
};

/** What happens once, or round the event only. */
export const told = {
  peerLost: {
    level: 'error',
    guessed: 'warning',
    template: 'connection to peer # lost: timeout after # ms',
    make: (random) =>
      `connection to peer ICE0${1 + random.below(4)} lost: timeout after ${1000 + random.below(900)} ms`,
  },
  exception: {
    level: 'critical',
    guessed: 'error',
    template: 'System exception occurred, report #.err',
    make: () => 'System exception occurred, report 4711.err',
  },
  restart: {
    level: 'info',
    guessed: 'none',
    template: 'InCenter starting, version #',
    make: () => 'InCenter starting, version 2.2.5',
  },
  change: {
    level: 'info',
    guessed: 'none',
    template: 'configuration activated by admin from #',
    make: () => 'configuration activated by admin from 192.0.2.9',
  },
  lease: {
    level: 'warning',
    guessed: 'none',
    template: 'lease of node # expired',
    make: (random) => `lease of node ${node(random)} expired`,
  },
  heartbeat: {
    level: 'info',
    guessed: 'none',
    template: 'heartbeat of node # received',
    make: (random) => `heartbeat of node ${node(random)} received`,
  },
  latency: {
    level: 'warning',
    guessed: 'none',
    template: 'latency of disk # is # ms',
    make: (random) => `latency of disk sd${random.below(4)} is ${100 + random.below(900)} ms`,
  },
  badLogin: {
    level: 'warning',
    guessed: 'warning',
    template: 'login of guest from # failed: wrong password',
    make: () => 'login of guest from 203.0.113.66 failed: wrong password',
  },
  ownLogin: {
    level: 'info',
    guessed: 'none',
    template: 'icepack-user logged in from #',
    make: () => 'icepack-user logged in from 192.0.2.77',
  },
  foreignLogin: {
    level: 'info',
    guessed: 'none',
    template: 'admin logged in from #',
    make: () => 'admin logged in from 192.0.2.9',
  },
} satisfies Record<string, Message>;

/** The lines below the line of an exception. */
export const stackTrace: readonly string[] = [
  'com.example.incenter.PeerLostException: no answer from 192.0.2.33:22',
  ...Array.from({ length: 10 }, (_, at) => `\tat com.example.incenter.peer.Link.step${at}(Link.java:${120 + at})`),
  'Caused by: java.net.SocketTimeoutException: Read timed out',
];
