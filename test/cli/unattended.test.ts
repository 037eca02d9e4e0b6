import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { binary, projectRoot, type Rig, startRig } from '../support/rig.ts';

/** The block of the README that begins with a line. */
async function blockOf(first: string): Promise<string[]> {
  const readme = await readFile(join(projectRoot, 'README.md'), 'utf8');
  const begin = readme.indexOf(`\n# ${first}\n`);
  return readme.slice(begin, readme.indexOf('\n```\n', begin)).split('\n').filter(Boolean);
}

/** A user with a configuration of their own, and icepack where their PATH finds it. */
async function installedRig(): Promise<Rig> {
  const rig = await startRig({ appliances: 2, cluster: 'east' });
  const config = join(rig.folder, '.config', 'icepack', 'icepack.yaml');
  await mkdir(dirname(config), { recursive: true });
  await copyFile(rig.config, config);
  await mkdir(join(rig.folder, 'bin'));
  const program = `#!/bin/sh\nexec '${process.execPath}' '${binary}' "$@"\n`;
  await writeFile(join(rig.folder, 'bin', 'icepack'), program, { mode: 0o755 });
  return rig;
}

/** A line of a crontab or of a service, as the user of the rig would have it. */
const ownIn = (rig: Rig, text: string) =>
  text.replaceAll('/home/support', rig.folder).replaceAll('/usr/local/bin', join(rig.folder, 'bin'));

/** Runs a command with nothing but the environment that is named, by the shell of cron. */
async function unattended(rig: Rig, variables: readonly string[], command: string) {
  const words = ['-i', ...variables.map((each) => ownIn(rig, each)), '/bin/sh', '-c', ownIn(rig, command)];
  return promisify(execFile)('env', words, { cwd: rig.folder });
}

describe('unattended', () => {
  it('the crontab of the README ends with 0, without a word, and with a ticket (field-F09)', async () => {
    const rig = await installedRig();
    const lines = await blockOf('crontab -e');
    const [entry = ''] = lines.filter((line) => /^\d/.test(line));

    const said = await unattended(
      rig,
      lines.filter((line) => /^[A-Z_]+=/.test(line)),
      entry.replace(/^(?:\S+ +){5}/, ''),
    );

    expect(said).toEqual({ stdout: '', stderr: '' }); // another exit code than 0 is thrown
    expect(rig.mock.helpdesk?.tickets[0]).toMatchObject({ subject: 'Weekly check', files: [expect.anything()] });
    expect(await rig.runs()).toHaveLength(1);
  });

  it('the service of the README does the same (field-F09)', async () => {
    const rig = await installedRig();
    const lines = await blockOf('/etc/systemd/system/icepack.service');
    const valuesOf = (key: string) =>
      lines.filter((line) => line.startsWith(key)).map((line) => line.slice(key.length));

    const [start = ''] = valuesOf('ExecStart=');
    const said = await unattended(
      rig,
      valuesOf('Environment=').flatMap((line) => line.split(' ')),
      start,
    );

    expect(said).toEqual({ stdout: '', stderr: '' });
    expect(rig.mock.helpdesk?.tickets).toHaveLength(1);
    expect(lines).toContain('WantedBy=timers.target');
  });

  it('a run without --at says in one line which time it took, and what that costs (field-F09)', async () => {
    const rig = await startRig();
    const call = ['collect', '--batch', '--no-submit', '--only', 'vm'];

    const [assumed, given] = [await rig.icepack(call), await rig.icepack([...call, '--at', '-45m'])];

    expect(assumed.stderr).toMatch(/ event \d{4}-\d\d-\d\d \d\d:\d\d UTC: now, as no --at was given; [^\n]+\n/);
    expect(given.stderr).not.toContain('no --at was given');
  });
});
