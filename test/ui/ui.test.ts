import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { icepack, say, type Text } from '../../src/domain/command.ts';
import { openUi, type UiOptions } from '../../src/ui/ui.ts';

async function openTestUi(options: Partial<UiOptions> = {}, columns?: number) {
  const stream = () => Object.assign(new PassThrough(), { isTTY: columns !== undefined, columns });
  const [stdout, stderr] = [stream(), stream()];
  const ui = await openUi({
    json: false,
    quiet: true,
    verbose: false,
    stdout: stdout as unknown as NodeJS.WriteStream,
    stderr: stderr as unknown as NodeJS.WriteStream,
    color: { stdout: false, stderr: false },
    now: () => new Date(0),
    config: undefined,
    ...options,
  });
  return { ui, shown: () => `${stdout.read() ?? ''}${stderr.read() ?? ''}`.trimEnd() };
}

/** What a terminal with colours is sent. */
async function painted(text: string): Promise<string> {
  const { ui, shown } = await openTestUi({ color: { stdout: true, stderr: true } });
  ui.printError([{ text, tone: 'warn' }]);
  return shown();
}

const bold = (text: string) => `\x1b[1m${text}\x1b[22m`;

describe('a warning', () => {
  it.each([
    ['Warning: the clock was set', 'Warning:'],
    ['ice01: Logs/debug.log partial', 'ice01:'],
    ['     ! Logs/debug.log  partial', '     !'],
    ['warn  clock  ICE01 is 3 min ahead', 'warn'],
  ])('is marked at its beginning, and its words can be read on any background: %s', async (text, label) => {
    expect(await painted(text)).toBe(`${bold(label)}${text.slice(label.length)}`);
  });

  it('that is a sentence is bold', async () => {
    expect(await painted('The logs do not cover the whole window.')).toBe(
      '\x1b[1mThe logs do not cover the whole window.\x1b[22m',
    );
  });
});

describe('a long line', () => {
  it.each([
    [80, 80],
    [200, 100],
  ])('is wrapped at a width that can be read: of %i columns at %i', async (columns, width) => {
    const { ui, shown } = await openTestUi({}, columns);
    ui.printError([{ text: 'word '.repeat(60).trim() }]);

    const lines = shown().split('\n');
    expect(Math.max(...lines.map(({ length }) => length))).toBeGreaterThan(width - 5);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
  });
});

describe('a command', () => {
  const hint: Text = say`Check the credential, then: ${icepack('doctor', 'ice 01')}, or see: ${icepack('init', '--help')}`;
  const next = [icepack('submit', '20261120-1032-east-k3f9'), icepack('demo')];

  it.each([
    [undefined, "doctor 'ice 01'", 'icepack init --help'],
    [
      '/etc/my ice.yaml',
      "--config '/etc/my ice.yaml' doctor 'ice 01'",
      "icepack --config '/etc/my ice.yaml' init --help",
    ],
  ])('goes on with the configuration that was named (%s), in text and in the document', async (config, doctor, help) => {
    const told = `Check the credential, then: icepack ${doctor}, or see: ${help}`;
    const [text, json] = [
      await openTestUi({ config, quiet: false }),
      await openTestUi({ config, quiet: false, json: true }),
    ];

    text.ui.emit({ type: 'warning', text: 'it failed', hint });
    await text.ui.printResult([{ text: say`→ ${hint}` }], {});
    expect(text.shown()).toBe(`→ ${told}\n1970-01-01T00:00:00.000Z Warning: it failed\n  → ${told}`);

    json.ui.emit({ type: 'warning', text: 'it failed', hint });
    await json.ui.printResult([], { next, error: { message: 'it failed', hint } });
    const [document, event] = json
      .shown()
      .split('\n')
      .map((line) => JSON.parse(line));
    const place = config === undefined ? '' : `--config '${config}' `;
    expect(document).toEqual({
      next: [`icepack ${place}submit 20261120-1032-east-k3f9`, 'icepack demo'],
      error: { message: 'it failed', hint: told },
    });
    expect(event).toMatchObject({ text: 'it failed', hint: told });
  });

  it('that a server only spoke of is shown as it came', async () => {
    const { ui, shown } = await openTestUi({ config: '/etc/icepack.yaml' });

    ui.printError([{ text: 'it answered: run icepack doctor ice01' }]);

    expect(shown()).toBe('it answered: run icepack doctor ice01');
  });

  it('is kept whole on a narrow terminal, and only that (field-F06)', async () => {
    const { ui, shown } = await openTestUi({}, 40);
    const words = 'another icepack is at work on it, and it is not over yet';

    ui.printError([
      { text: say`${words}\n  → Wait for it to end, then: ${icepack('resume', '20261120-1032-east-k3f9')}` },
    ]);

    expect(shown()).toBe(
      'another icepack is at work on it, and it\nis not over yet\n  → Wait for it to end, then:\n    icepack resume 20261120-1032-east-k3f9',
    );
  });
});
