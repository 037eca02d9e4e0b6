import type { Level } from './messages.ts';

/** The wall clock of a server, cut to what a stamp can say. */
export type Wall = { ms: number; offsetMinutes: number };

/** How a program writes its lines. */
export type Style = {
  name: string;
  /** How exact its stamps are, in ms. */
  stepMs: number;
  /** Its lines name no level. */
  isGuessed?: true;
  /** What stands before each message and does not change. */
  prefix: string;
  line(wall: Wall, level: Level, message: string, number: number): string;
};

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number) => (value < 10 ? `0${value}` : `${value}`);

let minuteMs = Number.NaN;
let minuteText = '';

/** e.g. `2026-11-20 10:32`; the last one is kept, because most lines have it. */
function minuteOf(ms: number): string {
  const whole = Math.floor(ms / 60_000) * 60_000;
  if (whole !== minuteMs) {
    minuteMs = whole;
    minuteText = new Date(whole).toISOString().slice(0, 16).replace('T', ' ');
  }
  return minuteText;
}

function local({ ms }: Wall, mark = '.'): string {
  const rest = ms - Math.floor(ms / 60_000) * 60_000;
  return `${minuteOf(ms)}:${two(Math.floor(rest / 1000))}${mark}${String(rest % 1000).padStart(3, '0')}`;
}

const second = (wall: Wall) => local(wall).slice(0, 19);
const utc = (wall: Wall): Wall => ({ ms: wall.ms - wall.offsetMinutes * 60_000, offsetMinutes: 0 });

function bsd(wall: Wall): string {
  const text = local(wall);
  const month = months[Number(text.slice(5, 7)) - 1];
  return `${month} ${String(Number(text.slice(8, 10))).padStart(2)} ${text.slice(11, 19)}`;
}

function offsetText(minutes: number): string {
  const absolute = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`;
}

const priority: Record<Level, number> = { debug: 135, info: 134, warning: 132, error: 131, critical: 130 };
const short: Record<Level, string> = {
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
  critical: 'crit',
};
const letter: Record<Level, string> = { debug: 'I', info: 'I', warning: 'W', error: 'E', critical: 'F' };

export const styles: readonly Style[] = [
  {
    name: 'level behind the time',
    stepMs: 1,
    prefix: '',
    line: (wall, level, message, number) => `${local(wall)} ${level.toUpperCase()} system[${number}]: ${message}`,
  },
  {
    name: 'Log4j',
    stepMs: 1,
    prefix: 'com.example.Main - ',
    line: (wall, level, message) =>
      `${local(wall, ',')} [main] ${short[level].toUpperCase()}  com.example.Main - ${message}`,
  },
  {
    name: 'BSD syslog with a priority',
    stepMs: 1000,
    prefix: '',
    line: (wall, level, message, number) => `<${priority[level]}>${bsd(wall)} ice system[${number}]: ${message}`,
  },
  {
    name: 'ISO 8601 with an offset',
    stepMs: 1,
    prefix: '',
    line: (wall, level, message, number) =>
      `${local(wall).replace(' ', 'T')}${offsetText(wall.offsetMinutes)} ice system[${number}]: ${short[level]}: ${message}`,
  },
  {
    name: 'JSON lines',
    stepMs: 1,
    prefix: '',
    line: (wall, level, message) =>
      JSON.stringify({ time: `${local(utc(wall)).replace(' ', 'T')}Z`, level: short[level], msg: message }),
  },
  {
    name: 'logfmt',
    stepMs: 1000,
    prefix: '',
    line: (wall, level, message) =>
      `time="${second(wall).replace(' ', 'T')}" level=${short[level]} msg=${JSON.stringify(message)}`,
  },
  {
    name: 'glog',
    stepMs: 1,
    prefix: 'main.go:#] ',
    line: (wall, level, message) => {
      const text = local(wall);
      return `${letter[level]}${text.slice(5, 7)}${text.slice(8, 10)} ${text.slice(11)}000   12 main.go:40] ${message}`;
    },
  },
  {
    name: 'no level',
    stepMs: 1,
    isGuessed: true,
    prefix: 'system: ',
    line: (wall, _level, message) => `${local(wall)} system: ${message}`,
  },
  {
    name: 'brackets',
    stepMs: 1000,
    prefix: '',
    line: (wall, level, message) => `[${second(wall)}] [${short[level]}] ${message}`,
  },
  {
    name: 'cOS Core',
    stepMs: 1000,
    prefix: 'EFW: SYSTEM: prio=# id=# event=',
    line: (wall, level, message) =>
      `<${priority[level]}>[${second(utc(wall))}] EFW: SYSTEM: prio=${priority[level] & 7} id=03200021 event=${message}`,
  },
];

/** What glog calls by the letter I has no level below info. */
export function levelIn(style: Style, level: Level): Level {
  return style.name === 'glog' && level === 'debug' ? 'info' : level;
}
