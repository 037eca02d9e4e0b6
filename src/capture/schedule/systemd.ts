import { environmentOf, refuseUnprintable, type Timer, warningsOf } from './timer.js';

const folder = '~/.config/systemd/user';

/** A service and a timer of the user's own, and the commands that install them. */
export function systemdLines(timer: Timer): string[] {
  const { program, names, stateFolder } = timer;
  refuseUnprintable(...program, ...names, stateFolder, ...environmentOf(timer).flat());
  return [
    '# Two files, and the commands that start the timer. Nothing was installed.',
    ...warningsOf(timer),
    `# --- ${folder}/icepack-capture.service`,
    ...serviceOf(timer),
    `# --- ${folder}/icepack-capture.timer`,
    ...timerOf(timer),
    '# --- commands',
    '# systemctl --user daemon-reload',
    '# systemctl --user enable --now icepack-capture.timer',
    '# loginctl enable-linger    (so that it runs when you are not logged in)',
  ];
}

function serviceOf(timer: Timer): string[] {
  const { program, names, stateFolder } = timer;
  const words = [...program, 'capture', ...names, '--batch', '--jitter', '0'];
  return [
    '[Unit]',
    'Description=Capture the state of InCenter servers',
    'After=network-online.target',
    '[Service]',
    'Type=oneshot',
    ...environmentOf(timer).map(([name, value]) => `Environment=${quoted(`${name}=${value}`)}`),
    `ExecStart=${words.map((word) => quoted(word.replaceAll('$', '$$$$'))).join(' ')}`,
    'UMask=0077',
    'Nice=10',
    'IOSchedulingClass=idle',
    'CPUQuota=30%',
    'MemoryMax=512M',
    'TimeoutStartSec=30min',
    'ProtectSystem=strict',
    `ReadWritePaths=${quoted(`-${stateFolder}`)}`,
    'PrivateTmp=true',
    'NoNewPrivileges=true',
  ];
}

function timerOf(timer: Timer): string[] {
  return [
    '[Unit]',
    'Description=Captures of InCenter servers',
    '[Timer]',
    `OnCalendar=${timesOf(timer)}`,
    `RandomizedDelaySec=${timer.jitterMs / 1000}s`,
    'FixedRandomDelay=true',
    'Persistent=true',
    '[Install]',
    'WantedBy=timers.target',
  ];
}

function timesOf({ everyMs }: Timer): string {
  const minutes = everyMs / 60_000;
  if (minutes === 60) return 'hourly';
  if (minutes >= 24 * 60) return 'daily';
  return minutes < 60 ? `*-*-* *:0/${minutes}:00` : `*-*-* 0/${minutes / 60}:00:00`;
}

/** In double quotes, with what systemd would expand written twice. */
function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%')}"`;
}
