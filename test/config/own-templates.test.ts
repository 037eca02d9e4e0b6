import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownTemplates } from '../../src/config/own-templates.ts';
import { templateFor } from '../../src/config/templates.ts';
import { questionKeys } from '../../src/domain/questions.ts';
import { readmeWords } from '../../src/domain/template-words.ts';
import { projectRoot, temporaryFolder } from '../support/rig.ts';

async function withTemplate(text: string, name = 'ticket-description.txt') {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'templates'));
  const path = join(folder, 'templates', name);
  await writeFile(path, text);
  return { path, read: () => ownTemplates(join(folder, 'icepack.yaml')) };
}

describe('a template beside the configuration', () => {
  it('takes the place of ours; without one, ours is used', async () => {
    const { read } = await withTemplate('\ufeffOURS\r\n{{impact}}\r\n');
    const own = await read();

    expect(templateFor('ticket-description.txt', own)).toBe('OURS\n{{impact}}\n');
    expect(templateFor('bundle-readme.txt', own)).toContain('HOW TO READ IT');
    expect(await ownTemplates(join(await temporaryFolder(), 'icepack.yaml'))).toEqual({});
  });

  it.each([
    ['one\n{{impcat}}', ':2: unknown {{impcat}}; did you mean {{impact}}?'],
    ['{{ impact }}', ':1: unknown {{ impact }}; did you mean {{impact}}?'],
    ['{{folders}}', ':1: unknown {{folders}}'],
    ['  \n', ' is empty'],
  ])('is refused with its line and the words that are allowed: %j', async (text, fault) => {
    const { path, read } = await withTemplate(text);

    await expect(read()).rejects.toMatchObject({
      code: 'bad-template',
      exit: 2,
      message: expect.stringContaining(`${path}${fault}`),
    });
  });

  it.each([
    ['a pipe', 'mkfifo'],
    ['a device without an end', 'ln -s /dev/zero'],
  ])('is refused where it is %s, and nobody waits for it', async (_what, command) => {
    const { path, read } = await withTemplate('');
    await rm(path);
    execFileSync('sh', ['-c', `${command} "$1"`, 'sh', path]);

    await expect(read()).rejects.toMatchObject({ code: 'bad-template', message: `${path} is no plain file` });
  });

  it('is refused where it is not UTF-8', async () => {
    const { path, read } = await withTemplate('');
    await writeFile(path, Buffer.from('St\xe4rna {{description}}', 'latin1'));

    await expect(read()).rejects.toMatchObject({ code: 'bad-template', message: expect.stringContaining('not UTF-8') });
  });

  it('names the words that are allowed', async () => {
    const { read } = await withTemplate('{{x}}', 'bundle-readme.txt');

    await expect(read()).rejects.toMatchObject({ hint: expect.stringMatching(/description.*impact.*folders/) });
  });

  it('has its words explained in the README', async () => {
    const readme = await readFile(join(projectRoot, 'README.md'), 'utf8');
    const keys = questionKeys as readonly string[];

    for (const word of readmeWords.filter((each) => !keys.includes(each))) expect(readme).toContain(`\`${word}\``);
  });

  it.skipIf(process.getuid?.() === 0)('that cannot be read is refused, and ours does not take its place', async () => {
    const { path, read } = await withTemplate('x');
    await chmod(path, 0);

    await expect(read()).rejects.toMatchObject({ code: 'bad-template' });
  });

  it('that is a folder is refused, and ours does not take its place', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'templates', 'ticket-description.txt'), { recursive: true });

    await expect(ownTemplates(join(folder, 'icepack.yaml'))).rejects.toMatchObject({ code: 'bad-template' });
  });
});
