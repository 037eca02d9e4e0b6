import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { bufferFile } from '../../src/mock/files.ts';
import { programPath } from '../support/requirements.ts';
import { batch, type Rig, startRig } from '../support/rig.ts';

const newTicket = ['--batch', '--summary', 'VPN down', '--severity', 'high'];
const secret = 'Zaphod-4711-beeblebrox';

/** A server whose log and CLI show a secret, 40 minutes ago. */
async function tellingRig(redaction?: false): Promise<Rig> {
  const rig = await startRig({ replies: { 'show config': `set User kim Password=${secret}\n` } });
  await rig.configure((document) => {
    document.cliCommands = ['log -status', 'show config'];
    if (redaction === false) document.redaction = false;
  });
  const at = new Date(Date.now() - 40 * 60_000).toISOString();
  const log = `${at} ERROR radius_secret: ${secret}\n`;
  rig.mock.appliances[0]?.trees.cli.files.set('logs/system.log', bufferFile(Buffer.from(log), Date.now()));
  return rig;
}

function inZip(zip: string, name: string): string {
  return execFileSync(programPath('unzip'), ['-p', zip, `*/${name}`], { maxBuffer: 1 << 26 }).toString();
}

/** A page with what is deflated in it. */
function inflated(page: string): string {
  const blocks = [...page.matchAll(/<script type="application\/octet-stream" id="\w[^"]*">([^<]*)<\/script>/g)];
  return [page, ...blocks.map(([, text = '']) => inflateRawSync(Buffer.from(text, 'base64')).toString())].join('\n');
}

describe('collect --report', () => {
  it('puts a page into the bundle that has its hash in the manifest and is told of in README.txt', async () => {
    const rig = await startRig();

    const { bundle } = (await rig.icepack(['collect', ...batch, '--report', '--json'])).json();

    const page = inZip(bundle.path, 'report.html');
    const { texts } = JSON.parse(inZip(bundle.path, 'manifest.json'));
    const sha256 = createHash('sha256').update(page).digest('hex');
    expect(texts).toContainEqual({ path: 'report.html', bytes: Buffer.byteLength(page), sha256 });
    expect(inZip(bundle.path, 'README.txt')).toContain('report.html shows all of it on one page');
    expect(page).toMatch(/^<!doctype html>/);
    expect((await rig.icepack(['verify', bundle.path])).code).toBe(0);
  });

  it('is meant for the run: a later submit has it, too; without it there is neither page nor word of it', async () => {
    const rig = await startRig();

    const first = (await rig.icepack(['collect', ...batch, '--report', '--no-submit', '--json'])).json();
    const later = (await rig.icepack(['submit', first.run, ...newTicket, '--json'])).json();
    const plain = (await rig.icepack(['collect', ...batch, '--new-ticket', '--json'])).json();

    expect(inZip(later.bundle.path, 'report.html')).toMatch(/^<!doctype html>/);
    const names = execFileSync(programPath('unzip'), ['-Z1', plain.bundle.path]).toString();
    expect(names).not.toContain('report.html');
    expect(inZip(plain.bundle.path, 'README.txt')).not.toContain('report.html');
  });

  it('over the limit leaves with --fit before the logs do', async () => {
    const rig = await startRig();
    const whole = (await rig.icepack(['collect', ...batch, '--report', '--no-submit', '--json'])).json();
    await rig.configure((document) => {
      document.attachmentLimit = `${whole.bundle.bytes - 1000} B`;
    });

    const { bundle, exitCode } = (await rig.icepack(['submit', whole.run, ...newTicket, '--fit', '--json'])).json();

    const names = execFileSync(programPath('unzip'), ['-Z1', bundle.path]).toString();
    expect(exitCode).toBe(0);
    expect(names).not.toContain('report.html');
    expect(names).toContain('Logs/audit.log');
    expect(inZip(bundle.path, 'README.txt')).not.toContain('report.html');
  });

  it('holds no secret that was masked in the bundle, neither plain nor deflated (R06)', async () => {
    const rig = await tellingRig();

    const { bundle } = (await rig.icepack(['collect', ...batch, '--report', '--json'])).json();

    const page = inflated(inZip(bundle.path, 'report.html'));
    expect(page).toContain('radius_secret: ');
    expect(page).not.toContain(secret);
  });

  it('says in red where secrets were not masked (R06)', async () => {
    const rig = await tellingRig(false);

    const { bundle } = (await rig.icepack(['collect', ...batch, '--report', '--json'])).json();

    const page = inflated(inZip(bundle.path, 'report.html'));
    expect(page).toContain(secret);
    expect(page).toMatch(/<li class="missing">[^\n]*<strong>secrets<\/strong>/);
  });
});
