import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finished, type Rig, type RunOptions, runProgram, startRig } from './rig.ts';

/** A copy of a collected run, in a state folder of its own. */
export type Copy = {
  /** Its state folder, for `XDG_STATE_HOME`. */
  state: string;
  folder: string;
  submit(args: string[], options?: RunOptions): Promise<Finished>;
  /** Zips it under the name of TIC-7, without a network. */
  zip(args?: string[], options?: RunOptions): Promise<Finished>;
};

export type CollectedRun = {
  rig: Rig;
  run: string;
  copy: (name: string) => Copy;
  /** From now on the help desk is the one with an API. */
  withApi(): Promise<void>;
};

/** What stands in the place of evidence that was collected, by path. */
export type Replacements = Record<string, Buffer>;

/** A run that was collected and not submitted; its help desk has no API, so submitting it is zipping it. */
export async function collectedRun(replacements: Replacements = {}): Promise<CollectedRun> {
  const rig = await startRig();
  const { run, bundle } = (await rig.icepack(['collect', '--batch', '--at', '-45m', '--no-submit', '--json'])).json();
  rmSync(bundle.path);
  let api: unknown;
  await rig.configure((document) => {
    api = document.helpdesk;
    const { product, version, license } = document.helpdesk as Record<string, string>;
    document.helpdesk = { provider: 'portal', product, version, license };
  });
  const original = join(rig.folder, '.local', 'state', 'icepack', 'runs', run);
  replaceEvidence(original, replacements);
  return {
    rig,
    run,
    copy(name) {
      const state = join(rig.folder, 'mock', name);
      const folder = join(state, 'icepack', 'runs', run);
      cpSync(join(rig.folder, '.local', 'state'), state, { recursive: true });
      const submit: Copy['submit'] = (args, options = {}) =>
        runProgram(['submit', run, '--batch', '--json', ...args], {
          cwd: rig.folder,
          ...options,
          env: { ...rig.env, XDG_STATE_HOME: state, ...options.env },
        });
      return { state, folder, submit, zip: (args = [], options) => submit(['--ticket', '7', ...args], options) };
    },
    withApi: () =>
      rig.configure((document) => {
        document.helpdesk = api;
      }),
  };
}

/** Puts other evidence into a run, as if it had been collected. */
export function replaceEvidence(folder: string, replacements: Replacements): void {
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  for (const [name, content] of Object.entries(replacements)) {
    const [server] = manifest.servers;
    const item = server.items.find((each: { path: string }) => each.path.startsWith(name));
    writeFileSync(join(folder, 'staging', server.name, item.path), content);
    Object.assign(item, { bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') });
  }
  writeFileSync(path, JSON.stringify(manifest));
}

/** The ZIPs under final names in a folder, by name and hash. */
export function zipsIn(folder: string): Record<string, string> {
  const names = (existsSync(folder) ? readdirSync(folder) : []).filter((name) => name.endsWith('.zip'));
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

/** Whatever was left half-written below a folder. */
export function partialsIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.partial'));
}
