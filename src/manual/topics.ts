import { exitCodeMeaning, urgency } from '../errors.js';

/** Terms, each with what it means. */
export type Rows = ReadonlyArray<readonly [term: string, meaning: string]>;

/** A section of the manual; `icepack help NAME` prints it. */
export type Topic = { name: string; title: string; blocks: ReadonlyArray<string | Rows> };

/** The variables that are icepack's own, or that everybody sets. */
export const environment: Rows = [
  ['ICEPACK_CONFIG=FILE', 'the configuration, where --config names none'],
  ['ICEPACK_DEBUG=FILE', 'what is done and answered goes to FILE, as with --log-file'],
  ['NO_COLOR=1', 'no colours'],
  ['TZ=ZONE', 'your time zone'],
  ['XDG_CONFIG_HOME=DIR', 'where icepack/icepack.yaml is looked for (default: ~/.config)'],
  ['XDG_STATE_HOME=DIR', 'where icepack/ with all runs is kept (default: ~/.local/state)'],
  ['XDG_CACHE_HOME=DIR', 'where icepack/ with the names for completions is kept (default: ~/.cache)'],
];

const others: Rows = [
  ['HOME=DIR', 'your home folder (default: that of the account)'],
  ['SSH_AUTH_SOCK=PATH', 'the SSH agent with your keys'],
  ['VISUAL=EDITOR, EDITOR=EDITOR', 'in what the description of a ticket is written'],
  ['NODE_EXTRA_CA_CERTS=FILE', 'certificates (PEM) to trust besides, as of a help desk in your house'],
];

/** The ways to say when it happened. */
export const times: Rows = [
  ['10:32', 'the last time it was 10:32'],
  ['1:32pm', 'the same with a 12-hour clock'],
  ['"yesterday 10:32"', 'the day before'],
  ['"2h ago"', 'so long ago; also -45m'],
  ['now', 'this moment, which is the default'],
  ['"2026-11-20 10:32 CET"', 'a day, and a zone'],
  ['2026-11-20T09:32:05Z', 'as ISO 8601 has it'],
  ['"2026-11-20 10:32:05,123"', 'as a log has it'],
  ['"20/Nov/2026:10:32:05 +0100"', 'as a web server has it'],
  ['"Nov 20 10:32:05"', 'as syslog has it'],
  ['1795167125', 'seconds since 1970'],
];

const configurationFiles: Rows = [
  ['./icepack.yaml', 'the configuration, where it is yours alone to write'],
  ['$XDG_CONFIG_HOME/icepack/icepack.yaml', 'the configuration else'],
  ['recipes/NAME.yaml', 'beside the configuration: recipes for --recipe NAME'],
  ['templates/ticket-description.txt', 'beside the configuration: yours in the place of ours'],
  ['templates/bundle-readme.txt', 'the same, for the README of a bundle'],
  ['~/.ssh/known_hosts', 'host keys that ssh knows; read only'],
];

const stateFiles: Rows = [
  ['runs/ID/', 'journal, evidence and ZIPs of a run; log-tail.jsonl where it failed with --log-file'],
  ['captures/SERVER/', 'the ring of a server: what was captured ahead of incidents'],
  ['known_hosts', 'the host keys that are pinned'],
  ['file-roots.json', 'where doctor found the files of port 22 on the host OS'],
  ['help-desks.json', 'the fields that help desks ask for'],
  ['hypervisors.json', 'what was answered about virtual machines'],
  ['watch/seen.json', 'what a watch saw last'],
  ['watch/maintenance/', 'the maintenance that was announced, a file each'],
  ['watch/reminded.json', 'when people were reminded of what nobody is told of until it is well'],
  ['watch/reported/', 'what other monitors reported, a file for each thing'],
  ['watch/open/, closed/', 'incidents: what became of each, and of its ticket'],
  ['watch/damage-told.json', 'when somebody was told that incidents cannot be read'],
  ['watch/replies.json', 'which answers to pages were read, and which did not count'],
  ['watch/secret', 'of which the tokens of pages are made'],
];

const codes = urgency.filter((code) => code !== 0).join(', ');

const checkKinds: Rows = [
  ['reach', 'SSH answers; faces: [cli, hostOs], bad: all or any'],
  ['hostKey', 'the pinned host keys are shown'],
  [
    'service',
    'prompt: true (the InCenter CLI gives its prompt), or what command: prints on the host OS is as ok: says',
  ],
  ['volume', 'no mount point of mounts: is fuller than above:, until it is down to clear:'],
  ['vm', 'each machine that command: lists runs: each: prints of {name} what ok: says; stopped: on purpose'],
];

/** What a mail server does with mails that answer pages, in the words of Postfix. */
const mailPipe: Rows = [
  [
    'icepack unix - n n - - pipe',
    'flags=R user=icepack argv=/usr/bin/env XDG_STATE_HOME=/var/lib /usr/bin/icepack --config /etc/icepack/icepack.yaml ack --mail -',
  ],
];

const standardChecks: Rows = [
  ['silent', 'reach: neither face greets, for 15 min; emergency'],
  ['key', 'hostKey: another host key than the pinned one, for 5 min; high'],
  ['incenter', 'service: no prompt of the InCenter CLI while the host OS answers, for 5 min; high'],
  ['data', 'volume: /data* or /var/lib/* over 90 %, until 87 %, for 10 min; medium'],
  ['share', 'volume: /srv/share* over 90 %, the same'],
];

/** What the label `severity` of an alert means here. */
const severityLabels: Rows = [
  ['emergency', 'emergency, disaster, fatal, p1'],
  ['high', 'critical, page, high, error, major, p2, and what is not known'],
  ['medium', 'warning, warn, medium, average, minor, p3'],
  ['low', 'info, information, notice, low, none, p4, p5'],
];

/** The one source of these sections: `icepack help`, the man page, and what the README repeats. */
export const topics: readonly Topic[] = [
  {
    name: 'exit-codes',
    title: 'Exit codes',
    blocks: [
      exitCodeMeaning,
      `Where two apply, it is the one that needs you sooner: ${codes}. An interruption comes before all. With --json, error.code says more.`,
    ],
  },
  {
    name: 'files',
    title: 'Files',
    blocks: [
      'The configuration that is used is --config FILE, else $ICEPACK_CONFIG, else the first of these that is there:',
      configurationFiles.slice(0, 2),
      'Besides:',
      configurationFiles.slice(2),
      'In $XDG_STATE_HOME/icepack, else ~/.local/state/icepack, readable by you alone:',
      stateFiles,
      'In $XDG_CACHE_HOME/icepack, else ~/.cache/icepack:',
      [['names', 'names of servers, clusters and runs, which completions offer']],
    ],
  },
  {
    name: 'times',
    title: 'Times',
    blocks: [
      'An option such as --at takes a time in any of these forms:',
      times,
      'Without a zone it is your time; --zone Europe/Stockholm is another one. How a time was understood is shown.',
      'What may be several times – 11/12/2026, IST, the hour that comes twice – is refused with each of them as it can be typed.',
      'Logs are taken of 30 minutes before and after it, shifted by what the clock of the server is off; window: in the configuration is another length, such as 90s, 45m or 1h30m.',
    ],
  },
  {
    name: 'environment',
    title: 'Environment',
    blocks: [
      environment,
      'Others that are read:',
      others,
      'A proxy of the environment is not used: the help desk is contacted directly.',
    ],
  },
  {
    name: 'watch',
    title: 'Watch',
    blocks: [
      'Below watch: checks: of the configuration stands what is looked at, each check by its name; below appliances: NAME: watch: checks: what is otherwise at one server. A key that is given changes the check, false takes it away. Without any of it these are looked at:',
      standardChecks,
      'A new name needs a kind:',
      checkKinds,
      'event: and severity: say what it is called; for: how long it must be bad, clearFor: how long well again, every: how often it is looked at (default: that of watch:). Only time in which it was watched counts, and three looks at least. What has no answer neither begins an event nor ends one; no answer for watch: blind: for: (30m) is said by itself. A named mount point has to be there; a pattern (* within a name, ** over several) means those that are.',
      'Events of one kind in one cluster are an incident, and get one ticket; servers of five clusters or more that fall silent within three times the time between looks (6 min) are one, too. It is assigned to primaryContact: of the server, else to who has the role primary, where atDesk: of people: says what the help desk calls them. Below watch: stands tickets: false for none, bundles: false for nothing to be collected, and below flood: group: cluster or server, wait: (1m) for how long others of its kind are waited for, tickets: (10/h) after how many the rest becomes one, reopen: (2h) how long after it was resolved what happens again belongs to it, flapping: { cycles: 4, within: 2h, calm: 30m } how often something comes and goes before it is one event, which counts as bad until it has stayed as it is for so long. A help desk that refuses the credential is a low incident without a ticket, until it lets icepack in.',
      'watch: self: is about the watch itself. canaries: names places outside that take connections (tcp://192.0.2.1:53). When many servers at once do not answer, these are asked; where none answers, the own network is down, and no server is silent. deadman: url: is a URL as of Healthchecks, pinged after whole rounds, once a minute at most; /fail is added where what was seen cannot be kept. It alarms when the pings end. watch: html: FILE is the status as a page after each round, with status.json beside it.',
      'Where the state cannot be written, as on a full disk, incidents are not followed: no ticket and no page goes out that could not be noted. The people of the first step are told that, each by the first way that works, once an hour, and /fail is pinged. A watch that goes on tries again every ten seconds, and does then what was left; --once ends with 8. On a disk that is read-only nothing can be noted at all: each process tells it anew.',
      'An incident whose journal is damaged, or was written by a newer icepack, is left alone: nothing is done on a guess. Who has the role primary is told that, once and then once a day, with what is damaged; all others go on. icepack watch status shows it. Put the file back from a copy, or move the folder of the incident away, and start the watch again.',
      'weekly: on: (Mon 08:00), zone:, to: and cc: have the watch mail what there is to tell of the week that has ended, once, by the channel of kind smtp (channel: where there are several); html: FOLDER has a page for each week. A watch that was not at work then sends it up to three days late; later, the next one tells of that week in short. What is not known is said: a history of what was seen is kept for a year. icepack weekly shows it at any time.',
      'A watch that goes on takes up a changed configuration by itself; a broken one is told, and the last one stays. templates/icepack-watch.service of the package is its unit for systemd.',
    ],
  },
  {
    name: 'maintenance',
    title: 'Maintenance',
    blocks: [
      'In maintenance nobody is told of events; they are seen, and shown with who said so. icepack maintenance add names servers and clusters (default: all), --check one check of them, or one thing of it: data:/data.',
      'It is once (--from, --for or --until), comes again (--every "Sun 02:00-04:00", "2nd Tue 20:00-23:00", "last Sun 01:00-03:00", --skip DATE), or lasts until a check is well (--until-ok). Times are those of --zone. A beginning that the clocks skip is the moment of the change; of an hour that comes twice the longer reading counts.',
      'Each has an end: 7 days, 30 with --long. What is still bad then is told after two more looks; the end of what was told before is told also in maintenance.',
      'What lasts until it is well may never end: once a day a mail (channels: of kind smtp) reminds whoever announced it, where that is a key of people:, and the primary contacts of its servers; icepack watch status and the weekly status show it. After 30 days at the latest it ends by itself, which is said; what is still bad then is told. So it is with a machine that somebody stopped.',
      'An incident that is open pauses while all that is bad of it is suppressed: its ticket gets a comment, nobody is told, the time to answer stands. When that ends and it is still bad, people are told from the first step on, but where somebody has it. A system that takes pages goes on by its own rules, and hears the end. Maintenance that would silence an emergency that nobody has is asked about at a terminal, and refused else without --also-open.',
      'A server with staging: true is being set up: nobody is told of it until the line goes, and then what is bad there begins from the start. A machine that somebody stopped (stopped: of a check of kind vm) is suppressed until it runs again.',
    ],
  },
  {
    name: 'escalation',
    title: 'Escalation',
    blocks: [
      'people: are those who are told, each with email: and phone:. roles: is who they are: a person, several, or people who take turns (rota:, from:, every:, zone:). channels: are the ways, each with its kind:, and with orElse: for what is next where it fails, or where nothing was sent within: (3m).',
      'escalation: routes: chooses a policy by severity and hour (when: business is inside hours: business:). policies: have steps:, each at: a time after the incident began, to: roles and people, by: channels; and again: for how often all are told when no step is left – after eight times once an hour.',
      'A page is answered where it came, where the configuration has a way in; it says how then. By SMS: inbox: of a modem of kind gammu (incoming: of smstools) is the folder in which its daemon puts what came; its files are read by the watch, and left alone. By mail: replyTo: of a channel of kind smtp is the address whose mails are given to icepack ack --mail -, each on standard input. By a button: ackTopic: of a channel of kind ntfy is the topic to which it publishes, which everybody who has the push must be able to write to, and the token of the channel to read.',
      'What counts is the first line that the sender has written, ack I42 q7mx: the incident, and four letters that only who got the page knows; and that the number or address is that of the same person in people:. What is quoted does not count, nor what a program, a list or a bounce says. After five wrong tokens of somebody within an hour theirs are ignored for an hour; icepack watch status says so. Nothing is ever sent in answer to an answer.',
      'A mail server runs icepack as the user of the watch, with its state and its configuration. For Postfix, in master.cf:',
      mailPipe,
      'and a line of its transport map that sends the address there. For an alias: "|sudo -u icepack /usr/bin/env XDG_STATE_HOME=/var/lib icepack --config /etc/icepack/icepack.yaml ack --mail -", which sudo must allow without a password. It ends with 0 for every mail that it could read, and prints nothing; with 75, for which mail servers keep the mail and try again, where an answer cannot be noted.',
      'It ends when somebody answers or says icepack ack, when the ticket is Awaiting Information, Fixed or Closed at the help desk, or when all is well again, which is told too. An answer holds for ackFor: (4h); if it still lasts then, whoever had it is asked, and after ten minutes everybody from the start. answer: of a route (60m) is how soon somebody is to answer; a missed one is told to management.',
      'A person gets at most one page a minute by each channel, five in 15 minutes, eleven in an hour; what is held back stands in the next one. The first page of an emergency is not held back by others; nor is that of any incident for a minute where icepack event or watch --once sends it. What was due while the watch was off is not sent later: the step that is due now is, and says so.',
      'copies: go to the customer: of a server. summary: is how soon after it was resolved what was done is to be written down: icepack resolved --summary.',
      'icepack doctor shows who has each role now and tries each channel without telling anybody; icepack watch test tells everybody that it is a test.',
    ],
  },
  {
    name: 'monitors',
    title: 'Monitors',
    blocks: [
      'icepack event takes what Prometheus, Icinga or Zabbix reports of a server; icepack watch is not needed for it. Server, --event and --key are one thing: one incident and one ticket with the evidence, however often it is reported. It is bad until it is reported as ok, and never ends by itself.',
      'Maintenance, staging, grouping, pages, icepack ack and icepack resolved are as with what the watch sees; --check of maintenance names the event, or one key of it: "VM outage:dc01". Nothing is waited for: the monitor has decided that it lasts.',
      'Where a watch is at work, it takes up what is reported. Else the command does what follows, and what is due later is done by the next one, or by icepack watch --once from cron: the later steps of escalation:, what is still bad when maintenance is over, and a ticket that is owed (exit code 6).',
      'icepack event --alertmanager FILE, or - for standard input, takes what Alertmanager posts to a webhook, version 4. The server is what --server-label names, else the label server, else instance without its port: a name, ICE01, or an address of appliances:. The event is alertname, all other labels are the key, the message is summary and description. The label severity counts so:',
      severityLabels,
      'An alert of no server that is known is named with its labels, and the exit code is 3; the others are taken. The README has the configuration of Alertmanager and webhook, and scripts for Icinga and Zabbix.',
    ],
  },
];

export function topicNamed(name: string): Topic | undefined {
  return topics.find((topic) => topic.name === name);
}
