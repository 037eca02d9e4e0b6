import { describe, expect, it } from 'vitest';
import type { Reading } from '../../src/reading/reading.ts';
import { madeReading } from '../support/made-reading.ts';
import { reportHtml } from '../support/report-page.ts';

function withVersions(versions: readonly Record<string, string>[]): Reading {
  const reading = madeReading({ linesEach: 20 });
  if (reading.manifest === undefined) throw new Error('no manifest');
  const servers = versions.map((own) => ({ versions: own }) as never);
  return { ...reading, manifest: { ...reading.manifest, servers } };
}

const facts = (source: string) => /<p class="facts">(.*?)<\/p>/s.exec(source)?.[1]?.replace(/<[^>]*>/g, '');

describe('the words of a page', () => {
  it('the version of InCenter is named where it is known, and nothing else is taken for it', async () => {
    const hypervisor = { hypervisor: '(seen from inside: kvm)', kernel: 'Linux 6.1' };

    expect(facts(await reportHtml(withVersions([hypervisor])))).not.toMatch(/InCenter|kvm/);
    expect(facts(await reportHtml(withVersions([{ ...hypervisor, InCenter: '2.2.5' }])))).toMatch(
      /· InCenter 2\.2\.5\n/,
    );
    expect(facts(await reportHtml(withVersions([{ InCenter: '2.2.5' }, { InCenter: '2.2.4' }])))).toContain(
      'InCenter 2.2.5, 2.2.4',
    );
  });

  it('nothing that is not seen or turns text around is in its source, whoever wrote it (R04)', async () => {
    const source = await reportHtml(
      madeReading({ linesEach: 20, spelled: (text) => `${text}\u202e\u0007\u2028\x1b[2J` }),
    );

    expect(source).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]|\\u001b|\\u0007/);
    expect(source).toContain('VPN tunnels of site 3 dropped⟨U+202E⟩␇⟨U+2028⟩');
  });
});
