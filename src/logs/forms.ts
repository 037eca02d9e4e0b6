import { monthNames } from '../domain/month-names.js';

/** The order of year, month and day in a date of numbers. */
export type Order = 'ymd' | 'dmy' | 'mdy';

/** One way in which programs write the time at the head of a line. */
export type Form = {
  /** The programs that write it. */
  name: string;
  /** An example line, at 2026-11-20 10:32:05 of its clock. */
  example: string;
  /** A regular expression of lower-case letters in which `{…}` stand for the parts of a time, see `parts`. */
  pattern: string;
  /** The possible orders of its numbers; the log itself shows which one it is. */
  orders?: readonly Order[];
  /** Many numbers look like this form, so it counts as a time only if others near it, or the file's own time, agree. */
  weak?: true;
  /** The time is UTC, although it does not say so. */
  utc?: true;
};

/** The parts of a time. Each part has exactly the groups in its list; the name of a group says what its digits mean. */
export const parts: Record<string, { source: string; groups: readonly Group[] }> = {
  lead: {
    source: String.raw`(?:\xef\xbb\xbf)?(?:\x1b\[[0-9;]{0,12}m){0,2}[ \t\[("'*.#<]{0,8}(?:<\d{1,3}>(?:\d )?[ \t\[*.]{0,4})?(?:\d{1,9}: [*.]?)?`,
    groups: [],
  },
  level: {
    source: String.raw`[\[<(]?(?:trace|debug|fine|finer|finest|config|info|information|notice|warn|warning|err|error|severe|crit|critical|alert|emerg|fatal|panic|all)[ \t]{0,4}[\])>]?[:,]?[ \t\[(|-]{1,8}`,
    groups: [],
  },
  Y: { source: String.raw`(\d{4})`, groups: ['year'] },
  M: { source: String.raw`(\d\d?)`, groups: ['month'] },
  MM: { source: String.raw`(\d\d)`, groups: ['month'] },
  D: { source: String.raw`(\d\d?)`, groups: ['day'] },
  DD: { source: String.raw`(\d\d)`, groups: ['day'] },
  B: { source: `(${monthNames.join('|')})\\.?`, groups: ['monthName'] },
  W: { source: String.raw`(?:[a-z\xc0-\xff]{2,10}[.,]{0,2}[ \t]{1,2})`, groups: [] },
  a: { source: String.raw`(\d\d?)`, groups: ['first'] },
  b: { source: String.raw`(\d\d?)`, groups: ['second'] },
  aa: { source: String.raw`(\d\d)`, groups: ['first'] },
  bb: { source: String.raw`(\d\d)`, groups: ['second'] },
  c: { source: String.raw`(\d\d)`, groups: ['third'] },
  sep: { source: '([-/.])', groups: ['separator'] },
  glue: {
    source: String.raw`(?:[t_;|/]|,? {1,2}(?:kl\.? |um |at |- )?|\t|["']?[,;\t] ?["']?|::?|-)`,
    groups: [],
  },
  time: {
    source: String.raw`(\d\d?):(\d\d)(?::(\d\d)|(?!:\d))(?:[.,](\d{1,9})(?!\d)|:(\d{3})(?!\d))?(?:[ \t,"(\[-]{0,3}(?:\xe2\x80\xaf|\xc2\xa0|\xa0)?([apfe])\.?(?: |\xa0)?m\b(?!:)\.?[)\]"]?|([ap])(?![a-z0-9.:]))?`,
    groups: ['hour', 'minute', 'secondOf', 'fraction', 'fraction', 'half', 'half'],
  },
  dots: {
    source: String.raw`(\d\d?)\.(\d\d)\.(\d\d)(?:[.,](\d+))?(?!\d)(?:[ \t]{0,2}([apfe])\.?m\b\.?)?`,
    groups: ['hour', 'minute', 'secondOf', 'fraction', 'half'],
  },
  digits: {
    source: String.raw`(\d\d)(\d\d)(\d\d)(?:[.,]?(\d{3,9}))?(?!\d)`,
    groups: ['hour', 'minute', 'secondOf', 'fraction'],
  },
  zone: { source: String.raw`(?:([a-z]{1,5}|[+-]\d\d:?\d\d) )?`, groups: ['zone'] },
  unix: { source: String.raw`(\d{19}|\d{16}|\d{13}|\d{10})(?![\w])`, groups: ['unix'] },
};

export type Group =
  | 'year'
  | 'month'
  | 'day'
  | 'monthName'
  | 'first'
  | 'second'
  | 'third'
  | 'separator'
  | 'hour'
  | 'minute'
  | 'secondOf'
  | 'fraction'
  | 'half'
  | 'zone'
  | 'unix';

const json = String.raw`\{.{0,400}?"(?:@?timestamp|time|ts|@t|date|datetime|asctime|eventtime|epochsecond)"\s*:\s*"?`;
const logfmt = String.raw`(?:\S{1,40} ){0,3}(?:time|ts|t|timestamp|date)=["\[]?`;

/** All forms in the order in which they are tried; the form that a log used before is tried first. */
export const forms: readonly Form[] = [
  {
    name: 'cOS Core syslog, always in UTC',
    example: '<134>[2026-11-20 10:32:05] EFW: SYSTEM: prio=2 id=03200021',
    pattern: String.raw`{lead}{Y}-{MM}-{DD} {time}\](?= (?:\S{1,64} )?efw:)`,
    utc: true,
  },
  {
    name: 'ISO 8601, Log4j, Logback, PostgreSQL, Go',
    example: '2026-11-20T10:32:05 message',
    pattern: String.raw`{lead}(?!.{16,40}\] (?:\S{1,64} )?efw:){Y}{sep}{MM}{sep}{DD}{glue}{time}`,
  },
  {
    name: 'a level before the time',
    example: 'INFO  2026-11-20 10:32:05,000 message',
    pattern: '{lead}{level}{Y}{sep}{MM}{sep}{DD}{glue}{time}',
  },
  { name: 'BSD syslog', example: 'Nov 20 10:32:05 host app: message', pattern: '{lead}{B} {1,2}{D} {time}' },
  {
    name: 'Unix time',
    example: '1795170725 message',
    pattern: '{lead}{unix}',
    weak: true,
  },
  {
    name: 'RFC 5424 without a priority',
    example: '1 2026-11-20T10:32:05Z fw EFW - - - CONN: message',
    pattern: '{lead}\\d {Y}-{MM}-{DD}t{time}',
  },
  {
    name: 'Java, Cisco, Clavister: month, day and year',
    example: 'Nov 20, 2026 10:32:05 AM com.example.Main run',
    pattern: '{lead}{W}?{B}[ -]{1,2}{D},? {1,2}{Y}{glue}{time}',
  },
  {
    name: 'BIND, Tomcat, Apache: day, name of the month, year',
    example: '20-Nov-2026 10:32:05.000 INFO [main] message',
    pattern: '{lead}{level}?(?:den )?{W}?{D}\\.?[-/ ]?{B}[-/ ,]{0,2}{Y}{glue}{time}',
  },
  {
    name: 'access logs',
    example: '192.0.2.1 - - [20/Nov/2026:10:32:05 +0100] "GET / HTTP/1.1" 200',
    pattern: String.raw`\S{1,64} \S{1,64} .{1,64}?\[{D}/{B}/{Y}:{time}`,
  },
  {
    name: 'day or month first, in numbers',
    example: '20/11/2026 10:32:05 message',
    pattern: '{lead}{level}?{a}{sep}{b}{sep}{Y}{glue}{time}',
    orders: ['dmy', 'mdy'],
  },
  {
    name: 'a year of two digits',
    example: '20.11.26 10:32:05 message',
    pattern: '{lead}{level}?{a}{sep}{b}{sep}{c}{glue}{time}',
    orders: ['dmy', 'mdy', 'ymd'],
  },
  {
    name: 'ISO 8601 with one digit',
    example: '2026-11-20 10:32:05 message',
    pattern: '{lead}{level}?{Y}{sep}{M}{sep}{D}{glue}{time}',
  },
  {
    name: 'year, name of the month, day',
    example: '2026-Nov-20 10:32:05 message',
    pattern: '{lead}{level}?{Y}[-/ ]{B}[-/ ]{D}{glue}{time}',
  },
  {
    name: 'the year at the end: date, ctime, Apache',
    example: '[Fri Nov 20 10:32:05.000000 2026] [core:notice] message',
    pattern: '{lead}{W}{B} {1,2}{D} {time} {zone}{Y}(?!\\d)',
  },
  {
    name: 'BSD syslog with a weekday',
    example: 'Fri Nov 20 10:32:05 message',
    pattern: '{lead}{W}{B} {1,2}{D} {time}(?! {1,2}(?:[a-z]{1,5} )?\\d{4}\\b)',
  },
  {
    name: 'day and name of the month',
    example: '20 okt 10:32:05 message',
    pattern: '{lead}{W}?{D}\\.? {B} {time}',
  },
  {
    name: 'a weekday before the date: systemd',
    example: 'Fri 2026-11-20 10:32:05 CET host app: message',
    pattern: '{lead}{W}{Y}{sep}{MM}{sep}{DD} {time}',
  },
  {
    name: 'clock with dots',
    example: '2026-11-20 10.32.05 message',
    pattern: '{lead}{level}?{Y}{sep}{MM}{sep}{DD}{glue}{dots}',
  },
  {
    name: 'day first, clock with dots',
    example: '20.11.2026 10.32.05 message',
    pattern: '{lead}{level}?{a}{sep}{b}{sep}{Y}{glue}{dots}',
    orders: ['dmy', 'mdy'],
  },
  {
    name: 'name of the month, clock with dots',
    example: '20-Nov-2026 10.32.05 message',
    pattern: '{lead}{level}?(?:den )?{W}?{D}\\.?[-/ ]?{B}[-/ ,]{0,2}{Y}{glue}{dots}',
  },
  {
    name: 'digits alone, ISO 8601 basic',
    example: '20261120T103205 message',
    pattern: '{lead}{level}?{Y}{MM}{DD}[t _-]?{digits}',
  },
  {
    name: 'date of digits alone',
    example: '20261120 10:32:05 message',
    pattern: '{lead}{level}?{Y}{MM}{DD}[t _-]{1,2}{time}',
  },
  {
    name: 'MySQL of before 5.7',
    example: '261120 10:32:05 [Note] message',
    pattern: '{lead}{aa}{bb}{c} {1,2}{time}',
    orders: ['ymd', 'dmy'],
  },
  {
    name: 'glog, klog',
    example: 'I1120 10:32:05.000000    1 main.go:12] message',
    pattern: '[iwef]{MM}{DD} {time}',
  },
  {
    name: 'glog with the year, Ruby',
    example: 'I, [2026-11-20T10:32:05.000000 #12]  INFO -- : message',
    pattern: '(?:[a-z], \\[|[iwef]){Y}-?{MM}-?{DD}[t ]{time}',
  },
  {
    name: 'JSON lines',
    example: '{"time":"2026-11-20T10:32:05","msg":"message"}',
    pattern: `${json}{Y}[-/]{MM}[-/]{DD}[t ]{time}`,
  },
  { name: 'JSON lines with Unix time', example: '{"level":"info","ts":1795170725}', pattern: `${json}{unix}` },
  {
    name: 'logfmt',
    example: 'time="2026-11-20T10:32:05" level=info msg=message',
    pattern: `${logfmt}{Y}[-/]{MM}[-/]{DD}[t ]{time}`,
  },
  { name: 'logfmt with Unix time', example: 'level=info ts=1795170725 msg=message', pattern: `${logfmt}{unix}` },
  {
    name: 'Snare: columns before the time',
    example: 'host\tMSWinEventLog\t1\tSecurity\t123\tFri Nov 20 10:32:05 2026\t4624\tmessage',
    pattern: String.raw`(?:[^\t]{0,64}\t){1,8}{W}{B} {1,2}{D} {time} {zone}{Y}`,
  },
  {
    name: 'columns before the date',
    example: 'Local7.Debug\t192.0.2.1\t2026-11-20 10:32:05\tmessage',
    pattern: String.raw`(?:[^\t]{0,64}\t){1,8}{Y}{sep}{MM}{sep}{DD}{glue}{time}`,
  },
  {
    name: 'Erlang',
    example: '=INFO REPORT==== 20-Nov-2026::10:32:05 ===',
    pattern: '=[a-z]{1,12} report=+ {D}-{B}-{Y}::{time}',
  },
  {
    name: 'Linux audit',
    example: 'type=SYSCALL msg=audit(1795170725.123:456): arch=c000003e',
    pattern: String.raw`(?:node=\S{1,64} )?type=\S{1,32} msg=audit\({unix}`,
  },
  {
    name: 'what a container, a thread or a process is called, in brackets or numbers',
    example: '[main] INFO 2026-11-20 10:32:05,000 message',
    pattern: String.raw`{lead}(?:[^\]\[]{1,60}\][ \t]{1,2}\[?|\d{1,10}[:, ]{1,2}|\S{1,40} {0,12}\| )(?:\[[^\]]{1,60}\] )?{level}?{Y}{sep}{MM}{sep}{DD}{glue}{time}`,
  },
  {
    name: 'Python: name, level, time',
    example: 'app.main - INFO - 2026-11-20 10:32:05,000 - message',
    pattern: String.raw`(?:\S{1,60} ?[:-] ?)?{level}(?:\S{1,60} ?[:-] ?)?{Y}{sep}{MM}{sep}{DD}{glue}{time}`,
  },
  {
    name: 'FortiGate, Sophos: date and time as fields',
    example: 'date=2026-11-20 time=10:32:05 devname="fw" logid="0000000013"',
    pattern: String.raw`{lead}(?:\S{1,60} ){0,3}(?:device="\S{1,60}" )?date="?{Y}-{MM}-{DD}"? time="?{time}`,
  },
  {
    name: 'Palo Alto and others: a number or a word, then the date with slashes',
    example: '1,2026/11/20 10:32:05,007251000000001,TRAFFIC',
    pattern: '{lead}(?:[^,]{0,40},){1,2}"?{Y}[/-]{MM}[/-]{DD}{glue}{time}',
  },
  {
    name: 'Windows: columns before a date in numbers',
    example: 'Information,11/20/2026 10:32:05 AM,Service Control Manager,7036',
    pattern: String.raw`"?(?:[^,\t]{0,40}[,\t] ?"?){1,3}{a}{sep}{b}{sep}{Y}{glue}{time}`,
    orders: ['mdy', 'dmy'],
  },
  {
    name: 'MikroTik',
    example: 'nov/20/2026 10:32:05 system,info message',
    pattern: '{lead}{B}[/-]{DD}[/-]{Y}{glue}{time}',
  },
  {
    name: 'MongoDB',
    example: '{"t":{"$date":"2026-11-20T10:32:05.000+00:00"},"s":"I","msg":"x"}',
    pattern: String.raw`\{"t":\{"\$date":"{Y}-{MM}-{DD}t{time}`,
  },
  {
    name: 'Redis: process and role before the date',
    example: '123:M 20 Nov 2026 10:32:05.000 * message',
    pattern: String.raw`{lead}\d{1,9}(?::[a-z])?\]? {1,2}{D} {B} {Y} {time}`,
  },
  {
    name: 'CUPS: a level, then the date of access logs',
    example: 'I [20/Nov/2026:10:32:05 +0000] message',
    pattern: String.raw`[a-z] \[{D}/{B}/{Y}:{time}`,
  },
  {
    name: 'MySQL slow log',
    example: '# Time: 2026-11-20T10:32:05.000000Z',
    pattern: '# time: {Y}-{MM}-{DD}t{time}',
  },
  {
    name: 'Zabbix',
    example: '  1234:20261120:103205.000 message',
    pattern: String.raw`[ \t]{0,8}\d{1,9}:{Y}{MM}{DD}:{digits}`,
  },
  {
    name: 'name of the month, year of two digits: Oracle',
    example: '20-NOV-26 10:32:05 message',
    pattern: '{lead}{D}-{B}-{c}(?!\\d){glue}{time}',
  },
];

/** The text before a date, which is left out when minutes are compared: the priority in it changes from line to line. */
const leads = new RegExp(`^${parts['lead']?.source ?? ''}(?:${parts['level']?.source ?? ''})?`, 'i');

/** @returns how many characters stand before a time */
export function leadLength(text: string): number {
  return leads.exec(text)?.[0].length ?? 0;
}
