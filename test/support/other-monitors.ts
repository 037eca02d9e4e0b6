import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { binary, projectRoot, type Rig } from './rig.ts';

/** The examples of the README for other monitors, whose programs lie in a folder of the rig. */
export type Examples = {
  /** What is run with it finds icepack, the scripts, and a sudo that only does as it is told. */
  env: Record<string, string>;
  /** The program of a script. */
  script(name: string): string;
  /** The one block of the README that has this, with those programs. */
  block(sign: string): string;
};

const placeOfScripts = '/usr/local/bin';

export function otherMonitorExamples(rig: Rig): Examples {
  const readme = readFileSync(join(projectRoot, 'README.md'), 'utf8');
  const bin = join(rig.folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const make = (name: string, text: string) => writeFileSync(join(bin, name), text, { mode: 0o755 });
  make('icepack', `#!/bin/sh\nexec '${process.execPath}' '${binary}' "$@"\n`);
  make('sudo', '#!/bin/sh\nshift 3\nexec "$@"\n');
  const blocks = [...readme.matchAll(/^```\w*\n(.*?)^```/gms)].map(([, text = '']) =>
    text.replaceAll(placeOfScripts, bin),
  );
  for (const text of blocks) {
    const name = new RegExp(`^#!.*\n# ${bin}/([\\w-]+)`).exec(text)?.[1];
    if (name !== undefined) make(name, text);
  }
  return {
    env: { ...rig.env, PATH: `${bin}:${rig.env['PATH']}` },
    script: (name) => join(bin, name),
    block(sign) {
      const found = blocks.filter((text) => text.includes(sign));
      if (found.length !== 1) throw new Error(`${found.length} blocks of the README have ${sign}`);
      return found[0] ?? '';
    },
  };
}

/** What begins a command that is run in this environment alone. */
export function withEnv(env: Record<string, string>): string[] {
  return ['env', '-i', ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
}
