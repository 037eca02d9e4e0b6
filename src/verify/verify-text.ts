import { icepack, placeholder, say } from '../domain/command.js';
import type { OutputLine } from '../domain/line.js';
import type { NextStep } from '../domain/next-step.js';
import { nextSteps } from '../domain/next-step.js';
import { formatSize } from '../domain/quantities.js';
import { folded, printableLine } from '../domain/text.js';
import { formatLocal, formatOffset } from '../domain/zone.js';
import { exitCode } from '../errors.js';
import type { Layout } from '../reading/layout.js';
import type { OpenBundle } from '../reading/open-bundle.js';
import type { Run } from '../state/runs.js';
import { type Check, type CheckState, counted, exitOf } from './check.js';

const marks: Record<CheckState, { mark: string; tone?: OutputLine['tone'] }> = {
  ok: { mark: '✓', tone: 'good' },
  objection: { mark: '!', tone: 'warn' },
  missing: { mark: '✗', tone: 'bad' },
  unsafe: { mark: '✗', tone: 'bad' },
  unknown: { mark: '?', tone: 'dim' },
};
const whereColumns = 19;
const lineColumns = 80;

/** What was found, for people. */
export function verifyLines(
  bundle: OpenBundle,
  layout: Layout,
  checks: readonly Check[],
  steps: readonly NextStep[],
): OutputLine[] {
  return [
    ...headline(bundle, layout).map((text): OutputLine => ({ text, tone: 'strong' })),
    ...checks.flatMap(linesOf),
    ...folded(closing(checks), lineColumns).map(
      (text): OutputLine => ({ text, tone: exitOf(checks) === exitCode.ok ? 'good' : 'strong' }),
    ),
    ...steps.slice(0, 1).map(({ command }): OutputLine => ({ text: say`  → ${command}` })),
  ];
}

function headline({ name, bytes, manifest, manifestState }: OpenBundle, { zone }: Layout): string[] {
  const start = `${printableLine(name)}  ${formatSize(bytes)}`;
  if (manifestState === 'unsafe') return [`${start}, not opened`];
  if (manifest === undefined) {
    const why = manifestState === 'none' ? 'no manifest.json' : 'no manifest.json of icepack that can be read';
    return inOneLine(start, `${why}: judged by the guide's chapter 3`);
  }
  const created = new Date(manifest.created);
  const { tool } = manifest;
  const maker = printableLine(`${tool.name} ${tool.version}`, 60);
  return inOneLine(start, `made by ${maker}, ${formatLocal(created, zone)} (${formatOffset(created, zone)})`);
}

/** In two where there is no room. */
function inOneLine(start: string, more: string): string[] {
  const line = `${start}, ${more}`;
  return line.length <= lineColumns ? [line] : [start, `  ${more}`];
}

/** The text stands behind what it is about, also where it goes on. */
function linesOf({ state, where, text }: Check): OutputLine[] {
  const { mark, tone } = marks[state];
  const about = printableLine(where, 40);
  const before = `${mark} ${about.padEnd(whereColumns)} `;
  const [first = '', ...more] = folded(withoutEndlessWords(text), lineColumns - whereColumns - 3);
  const isWide = before.length + first.length > lineColumns;
  const lines = isWide ? [`${mark} ${about}`, first, ...more] : [`${before}${first}`, ...more];
  return lines.map((line, at) => {
    const indent = Math.max(2, Math.min(whereColumns + 3, lineColumns - line.length)); // a hash is wide
    const shown = at === 0 ? line : `${' '.repeat(indent)}${line}`;
    return tone === undefined ? { text: shown } : { text: shown, tone };
  });
}

/** A name that is wider than a line goes on in the next one. */
function withoutEndlessWords(text: string): string {
  return printableLine(text, 400).replace(/\S{78}(?=\S)/gu, '$& ');
}

function closing(checks: readonly Check[]): string {
  const exit = exitOf(checks);
  const count = (state: CheckState) => checks.filter((check) => check.state === state).length;
  if (exit === exitCode.notAsItShouldBe)
    return `Not what it should be: ${counted(count('unsafe'), 'finding')}. (exit ${exit})`;
  if (exit === exitCode.incomplete) return `Incomplete: ${missingText(checks)}. (exit ${exit})`;
  if (exit === exitCode.partial) return `Complete, with ${counted(count('objection'), 'objection')}. (exit ${exit})`;
  const unknown = count('unknown');
  return unknown === 0
    ? 'Nothing to object to.'
    : `Nothing to object to; ${counted(unknown, 'thing')} could not be checked.`;
}

function missingText(checks: readonly Check[]): string {
  const all = checks.filter(({ state }) => state === 'missing').map(({ where }) => printableLine(where, 40));
  const missing = [...new Set(all)];
  return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing or not what it should be`;
}

/** A run that is on this machine, and what may be done about it. */
type OwnRun = { run: Run; now: Date; limit: number | undefined };

/** What can be done about it here. */
export function verifySteps(bundle: OpenBundle, layout: Layout, own: OwnRun | undefined): NextStep[] {
  if (bundle.flaws.length > 0) return [];
  if (own !== undefined) {
    const { run, now, limit } = own;
    return nextSteps({ run: run.id, journal: run.journal, manifest: bundle.manifest, now, limit });
  }
  if (bundle.manifest !== undefined || layout.event !== undefined || layout.servers.length === 0) return [];
  const command = icepack('verify', bundle.given, '--event', placeholder('TIME'), '--zone', placeholder('ZONE'));
  return [{ command, why: 'says when the event was, so that the logs can be judged' }];
}
