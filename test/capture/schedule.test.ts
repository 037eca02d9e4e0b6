import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { cronLines } from '../../src/capture/schedule/cron.ts';
import { systemdLines } from '../../src/capture/schedule/systemd.ts';
import type { Timer } from '../../src/capture/schedule/timer.ts';

const hour = 3_600_000;
const timer: Timer = {
  ...{ program: ['/usr/bin/node', '/opt/icepack/bin/icepack.js'], config: '/home/op/icepack.yaml', names: ['--all'] },
  ...{ stateHome: undefined, stateFolder: '/home/op/.local/state/icepack', everyMs: hour, jitterMs: 600_000 },
  ...{ machine: 'here', mailTo: undefined, asking: [] },
};

const lastOf = (given: Partial<Timer>) => cronLines({ ...timer, ...given }).at(-1) ?? '';
const timesOf = (everyMs: number) => lastOf({ everyMs }).split(' umask')[0];
const systemdOf = (given: Partial<Timer>) => systemdLines({ ...timer, ...given }).join('\n');

describe('a line for cron', () => {
  it('hands odd names to the shell as they are, and escapes what ends a line of cron (Q04)', () => {
    const config = "/home/kim's 100% $HOME/`id`.yaml";
    const line = lastOf({ config });

    const command = line
      .slice(line.indexOf('umask'))
      .replaceAll('\\%', '%')
      .replace(/'\/usr\/bin\/node'.*/, 'env');
    const said = execFileSync('sh', ['-c', command], { encoding: 'utf8' });

    expect(said.split('\n')).toContain(`ICEPACK_CONFIG=${config}`);
    expect(line.replaceAll('\\%', '')).not.toContain('%');
    expect(line).toContain(' umask 077; ');
  });

  it('comes as often as it is to: at minutes, hours, once a day, and not at the same minute on all machines', () => {
    expect(timesOf(hour / 4)).toMatch(/^(\d+),(\d+),(\d+),(\d+) \* \* \* \*$/);
    expect(timesOf(hour)).toMatch(/^\d+ \* \* \* \*$/);
    expect(timesOf(6 * hour)).toMatch(/^\d+ \*\/6 \* \* \*$/);
    expect(timesOf(24 * hour)).toMatch(/^\d+ 0 \* \* \*$/);
    const minutes = ['a', 'b', 'c', 'd', 'e', 'f'].map((machine) => lastOf({ machine }).split(' ')[0]);
    expect(new Set(minutes).size).toBeGreaterThan(1);
  });

  it('mails to nobody whose address is none, and names no path with a line feed (Q04)', () => {
    expect(cronLines({ ...timer, mailTo: 'kim@example.com' })).toContain('MAILTO=kim@example.com');
    expect(cronLines({ ...timer, mailTo: 'kim@example.com\n* * * * * id' }).join('\n')).not.toContain('id');
    for (const lines of [cronLines, systemdLines])
      expect(() => lines({ ...timer, config: '/home/op/a\n* * * * * id' })).toThrow(/a timer cannot name/);
  });
});

describe('a timer of systemd', () => {
  it('gets odd names as they are, and writes nowhere but into the state folder (Q04)', () => {
    const text = systemdOf({ config: '/home/kim/100% "x" $A.yaml', program: ['/usr/bin/node', '/opt/$A/50%.js'] });

    expect(text).toContain('Environment="ICEPACK_CONFIG=/home/kim/100%% \\"x\\" $A.yaml"');
    expect(text).toContain('ExecStart="/usr/bin/node" "/opt/$$A/50%%.js" "capture" "--all" "--batch" "--jitter" "0"');
    expect(text).toContain('ProtectSystem=strict\nReadWritePaths="-/home/op/.local/state/icepack"');
    expect(systemdOf({ everyMs: 6 * hour })).toContain('OnCalendar=*-*-* 0/6:00:00');
    expect(systemdOf({ everyMs: hour / 4 })).toContain('OnCalendar=*-*-* *:0/15:00');
  });
});
