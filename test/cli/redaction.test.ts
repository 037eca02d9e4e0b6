import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { bufferFile } from '../../src/mock/files.ts';
import { programPath } from '../support/requirements.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';

type Item = { path: string; status: string; redactions?: object; notRedactable?: true; reason?: string };

const canary = 'Zaphod-4711-beeblebrox';

function inZip(path: string): string {
  return execFileSync(programPath('unzip'), ['-p', path]).toString('latin1');
}

/** A server whose log, exception report and CLI show a secret. */
async function tellingRig(): Promise<Rig> {
  const rig = await startRig({ replies: { 'show config': `set User kim Password=${canary}\nset Zone lan\n` } });
  await rig.configure((document) => {
    document.cliCommands = ['log -status', 'show config'];
  });
  const files = rig.mock.appliances[0]?.trees.cli.files;
  const at = new Date(Date.now() - 40 * 60_000).toISOString();
  const log = [
    `${at} radius_secret: ${canary}`,
    `${at} -----BEGIN PRIVATE KEY-----`,
    canary,
    '-----END PRIVATE KEY-----',
    '',
  ];
  files?.set('logs/system.log', bufferFile(Buffer.from(log.join('\n')), Date.now()));
  files?.set('errors/one.err', bufferFile(Buffer.from(`{"password": "${canary}"}\n`), Date.now() - 40 * 60_000));
  return rig;
}

describe('secrets in texts', () => {
  it('are masked in every one, counted, and binary files are named (E19, I08)', async () => {
    const rig = await tellingRig();

    const done = await rig.icepack(['collect', ...batch, '--json']);

    const { servers, bundle } = done.json();
    const items: Item[] = servers[0].items;
    const binary = items.filter(({ notRedactable }) => notRedactable).map(({ path }) => path.split('/')[0]);
    expect(inZip(bundle.path)).not.toContain(canary);
    expect(inZip(bundle.path)).toContain('radius_secret: <redacted:secret>');
    expect(items.find(({ path }) => path === 'Logs/system.log')?.redactions).toMatchObject({
      secret: 1,
      'pem-block': 1,
    });
    expect(items.find(({ path }) => path === 'Logs/errors/one.err')?.redactions).toEqual({ password: 1 });
    expect(items.find(({ path }) => path === 'CLI/transcript.txt')?.redactions).toEqual({ password: 1 });
    expect(binary).toEqual(['Config', 'Techsupport']);
  });

  it('are told at the end and in the ticket, with what cannot be masked (E19)', async () => {
    const rig = await tellingRig();

    const done = await rig.icepack(['collect', ...batch]);

    const body = rig.mock.helpdesk?.tickets[0]?.body ?? '';
    for (const text of [done.stdout, body]) {
      expect(text).toMatch(/Masked in the texts: \d+ secrets \(.*password 2.*secret 1\)\./);
      expect(text).toMatch(/nothing can be masked in them: the configuration backups, the techsupport files\./);
      expect(text).not.toContain(canary);
    }
  });

  it('that the tool itself logs in with are masked wherever a server shows them', async () => {
    const rig = await startRig({ replies: { 'log -status': 'the admin typed cli-canary-pw-1 here\n' } });

    const { bundle, servers } = (await rig.icepack(['collect', ...batch, '--only', 'cli', '--json'])).json();

    expect(inZip(bundle.path)).toContain('the admin typed <redacted:known> here');
    expect(servers[0].items.find(({ path }: Item) => path === 'CLI/transcript.txt').redactions).toEqual({ known: 1 });
  });

  it('stay where the configuration says so, and that is said', async () => {
    const rig = await tellingRig();
    await rig.configure((document) => {
      document.redaction = false;
    });

    const done = await rig.icepack(['collect', ...batch]);
    const [run] = await rig.runs();

    expect(done.stdout).toContain('Secrets in texts are NOT masked');
    expect(run).toBeDefined();
  });

  it('in a text that is UTF-16 are masked, and it stays UTF-16; one of UTF-32 is withheld (I01, field-E03)', async () => {
    const rig = await startRig();
    const files = rig.mock.appliances[0]?.trees.cli.files;
    const at = Date.now() - 40 * 60_000;
    const place = (name: string, content: Buffer) => files?.set(`errors/${name}`, bufferFile(content, at));
    place('wide.err', Buffer.from(`\ufeffpassword: ${canary}\r\n`, 'utf16le'));
    place('wider.err', Buffer.from([0xff, 0xfe, 0, 0, 0x70, 0, 0, 0]));

    const { servers, bundle } = (await rig.icepack(['collect', ...batch, '--only', 'logs', '--json'])).json();

    const item = (name: string) => servers[0].items.find(({ path }: Item) => path.endsWith(name));
    expect(item('wide.err')).toMatchObject({ redactions: { password: 1 } });
    expect(JSON.stringify(servers[0])).toContain('it is UTF-32, in which secrets cannot be masked, so it is withheld');
    expect(item('wider.err')).toBeUndefined();
    expect(inZip(bundle.path)).toContain(
      Buffer.from('\ufeffpassword: <redacted:password>\r\n', 'utf16le').toString('latin1'),
    );
  });
});
