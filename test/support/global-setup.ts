import { execFileSync } from 'node:child_process';
import { closeDeskFolder, openDeskFolder } from './desks/shared-desk.ts';
import { missingPrograms, requirements } from './requirements.ts';

/** In CI everything that suites need is installed first, and leaving one out is a failure. */
export async function setup(): Promise<void> {
  const inCi = process.env['CI'] === 'true';
  if (inCi && missingPrograms().length > 0) execFileSync('npm', ['run', 'test:setup'], { stdio: 'inherit' });
  const missing = missingPrograms();
  if (inCi && missing.length > 0)
    throw new Error(`not on this machine: ${missing.join(', ')}; in CI no suite is left out`);
  await openDeskFolder();
}

export async function teardown(): Promise<void> {
  await closeDeskFolder();
  const missing = missingPrograms();
  if (missing.length === 0) return;
  const lines = missing.map(
    (program) => `  ${requirements[program].suites} (needs ${program}: ${requirements[program].from})`,
  );
  process.stdout.write(
    `\nSuites left out on this machine:\n${lines.join('\n')}\nTo have them: npm run test:setup (as root, on Debian)\n`,
  );
}
