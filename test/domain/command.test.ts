import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { commandsIn, icepack, linesOf, placeholder, say, spelled } from '../../src/domain/command.ts';

const hostile = 'it\'s; rm -rf ~ $(reboot) `id` "x" \\ ö';

/** The words a shell makes of a command. */
function wordsOf(command: string): string[] {
  const script = `icepack() { printf '%s\\n' icepack "$@"; }; ${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\n').slice(0, -1);
}

describe('a command', () => {
  it('is spelled as it was always typed', () => {
    expect(spelled(icepack('collect', 'ice01', 'ice02', '--at', '2026-11-20T09:32:00Z', '--event', 2))).toBe(
      'icepack collect ice01 ice02 --at 2026-11-20T09:32:00Z --event 2',
    );
  });

  it.each([hostile, 'two words', '', '~', "'", '$HOME', '*'])('hands %j to the program as it is', (word) => {
    expect(wordsOf(spelled(icepack('submit', word, '--ticket', word)))).toEqual([
      'icepack',
      'submit',
      word,
      '--ticket',
      word,
    ]);
  });

  it('goes on with the configuration that was named, whatever its path is', () => {
    const path = `/home/${hostile}/icepack.yaml`;

    expect(spelled(icepack('runs'), { config: '/etc/icepack.yaml' })).toBe('icepack --config /etc/icepack.yaml runs');
    expect(wordsOf(spelled(icepack('doctor', 'ice01'), { config: path }))).toEqual([
      'icepack',
      '--config',
      path,
      'doctor',
      'ice01',
    ]);
  });

  it('goes on at the help desk of the route that was named, where it is one about a ticket', () => {
    expect(spelled(icepack('ticket', 'show', 'SUP-7'), { route: 'night' })).toBe(
      'icepack ticket show SUP-7 --route night',
    );
    expect(spelled(icepack('ticket', 'list', '--route', 'day'), { route: 'night' })).toBe(
      'icepack ticket list --route day',
    );
    expect(spelled(icepack('runs'), { route: 'night' })).toBe('icepack runs');
  });

  it.each([
    'init',
    'collect',
    'runs',
    'resume',
    'submit',
    'upload',
    'doctor',
  ] as const)('%s takes a configuration', (verb) => {
    expect(spelled(icepack(verb), { config: 'a.yaml' })).toBe(`icepack --config a.yaml ${verb}`);
  });

  it.each(['mock', 'demo', '--help', '--version'] as const)('%s takes none', (first) => {
    expect(spelled(icepack(first), { config: 'a.yaml' })).toBe(`icepack ${first}`);
  });

  it('shows what is to be replaced without quotes', () => {
    const severity = placeholder('low|medium|high|emergency');

    expect(spelled(icepack('submit', 'r', '--summary', placeholder('"…"'), '--severity', severity))).toBe(
      'icepack submit r --summary "…" --severity low|medium|high|emergency',
    );
    expect(spelled(icepack(placeholder('VERB'), '--help'), { config: 'a.yaml' })).toBe('icepack VERB --help');
  });

  it('stays as it is when another is made of it', () => {
    const doctor = icepack('doctor', 'ice01');

    expect(spelled(doctor.with('--pin'))).toBe('icepack doctor ice01 --pin');
    expect(spelled(doctor)).toBe('icepack doctor ice01');
  });
});

describe('a text', () => {
  const fit = say`Make it fit: ${icepack('submit', 'r', '--fit')}, or `;
  const text = say`It is kept. ${fit}later: ${icepack('upload', 'r')}. ${3} files`;

  it('has its commands in their places, also those of a text in it', () => {
    expect(spelled(text)).toBe('It is kept. Make it fit: icepack submit r --fit, or later: icepack upload r. 3 files');
    expect(spelled(text, { config: 'a.yaml' })).toBe(
      'It is kept. Make it fit: icepack --config a.yaml submit r --fit, or later: icepack --config a.yaml upload r. 3 files',
    );
    expect(commandsIn(text).map(({ verb }) => verb)).toEqual(['submit', 'upload']);
  });

  it('that only looks like a command, as what a server said, is none', () => {
    const said = say`it said "${'icepack doctor ice01'}"`;

    expect(spelled(said, { config: 'a.yaml' })).toBe('it said "icepack doctor ice01"');
    expect(commandsIn(said)).toEqual([]);
    expect(commandsIn('icepack doctor ice01')).toEqual([]);
  });

  it('knows of each of its lines which commands are in it', () => {
    const lines = linesOf(say`Warning: a\nb${say`\n  → ${icepack('runs')} shows it`}`);

    expect(lines.map((line) => spelled(line))).toEqual(['Warning: a', 'b', '  → icepack runs shows it']);
    expect(lines.map((line) => commandsIn(line).length)).toEqual([0, 0, 1]);
  });
});
