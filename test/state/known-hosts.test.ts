import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { knownHostsName, type ShownHostKey } from '../../src/domain/host-key.ts';
import { UserError } from '../../src/errors.ts';
import { openKnownHosts } from '../../src/state/known-hosts.ts';
import { lacks, programPath } from '../support/requirements.ts';
import { temporaryFolder } from '../support/rig.ts';

describe.skipIf(lacks('ssh-keygen'))('host keys in a file of OpenSSH', () => {
  let keys: ShownHostKey[];

  beforeAll(async () => {
    const kinds = [['ed25519'], ['ecdsa'], ['rsa', '-b', '2048'], ['ed25519']];
    const folder = await mkdtemp(join(tmpdir(), 'icepack-keys-'));
    keys = await Promise.all(
      kinds.map(async ([kind = '', ...options], index) => {
        const path = join(folder, `key${index}`);
        execFileSync(programPath('ssh-keygen'), ['-q', '-t', kind, ...options, '-N', '', '-f', path]);
        const [type = '', key = ''] = (await readFile(`${path}.pub`, 'utf8')).split(' ');
        const fingerprint = execFileSync(programPath('ssh-keygen'), ['-lf', `${path}.pub`])
          .toString()
          .split(' ')[1];
        return { type, key, fingerprint: fingerprint ?? '' };
      }),
    );
    await rm(folder, { recursive: true });
  });

  function key(index: number): ShownHostKey {
    const found = keys[index];
    if (found === undefined) throw new Error(`there is no key ${index}`);
    return found;
  }

  function line(hosts: string, index = 0): string {
    return `${hosts} ${key(index).type} ${key(index).key}`;
  }

  /** What OpenSSH finds: `type key` in file order, a revoked one with its mark. */
  function foundByOpenSsh(path: string, name: string): string[] {
    let output = '';
    try {
      output = execFileSync(programPath('ssh-keygen'), ['-F', name, '-f', path], { stdio: 'pipe' }).toString();
    } catch (error) {
      if (!(error instanceof Error && 'status' in error && error.status === 1)) throw error;
    }
    return output
      .split('\n')
      .filter((text) => text !== '' && !text.startsWith('#') && !text.startsWith('@cert-authority'))
      .map((text) => text.trim().split(/[ \t]+/))
      .map((fields) => (fields[0] === '@revoked' ? `@revoked ${fields[2]} ${fields[3]}` : `${fields[1]} ${fields[2]}`));
  }

  async function foundByUs(path: string, address: string, port: number): Promise<string[]> {
    const pins = await openKnownHosts(`${path}.own`, [path]).pinsOf(address, port);
    return pins.map((pin) => ('key' in pin ? `${pin.revoked ? '@revoked ' : ''}${pin.type} ${pin.key}` : 'no key'));
  }

  async function fileWith(...lines: string[]): Promise<string> {
    const path = join(await temporaryFolder(), 'known_hosts');
    await writeFile(path, lines.join('\n'));
    return path;
  }

  const places: [string, number][] = [
    ['192.0.2.10', 22],
    ['192.0.2.10', 2222],
    ['192.0.2.11', 22],
    ['ice01.example.com', 22],
    ['ICE01.Example.Com', 22],
    ['ice01.example.com', 2222],
    ['ice02.example.com', 22],
    ['other.example.org', 22],
    ['2001:db8::10', 22],
    ['2001:db8::10', 2222],
    ['fe80::1%eth0', 22],
  ];

  const files: [string, () => string[]][] = [
    ['plain names and ports', () => [line('192.0.2.10'), line('[192.0.2.10]:2222', 1), line('192.0.2.11', 2), '']],
    ['several keys of a host', () => [line('192.0.2.10'), line('192.0.2.10', 1), line('192.0.2.10', 2), '']],
    ['lists of names', () => [line('ice01.example.com,192.0.2.10,[192.0.2.10]:2222'), '']],
    ['wildcards', () => [line('*.example.com'), line('192.0.2.1?', 1), line('[*]:2222', 2), '']],
    [
      'what looks like a regular expression',
      () => [line('192.0.2.1.'), line('ice0[12].example.com', 1), line('.*', 2), ''],
    ],
    [
      'exceptions',
      () => [line('*.example.com,!ice01.example.com'), line('!*', 1), line('!192.0.2.10,192.0.2.*', 2), ''],
    ],
    ['upper case', () => [line('ICE01.EXAMPLE.COM'), line('2001:DB8::10', 1), '']],
    ['IPv6', () => [line('2001:db8::10'), line('[2001:db8::10]:2222', 1), line('fe80::1%eth0', 2), '']],
    ['revoked keys', () => [`@revoked ${line('192.0.2.10')}`, `@revoked ${line('*', 1)}`, line('192.0.2.10', 2), '']],
    ['authorities of certificates', () => [`@cert-authority ${line('*')}`, line('192.0.2.10', 1), '']],
    [
      'comments and empty lines',
      () => ['# a comment', '', '  ', `${line('192.0.2.10')} kim@here # old`, '\t# more', ''],
    ],
    ['tabs and spaces', () => [`  ${line('192.0.2.10').replaceAll(' ', ' \t ')}  `, '']],
    ['CRLF', () => [`# a comment\r`, `${line('192.0.2.10')}\r`, `\r`, `${line('[192.0.2.10]:2222', 1)} note\r`, '']],
    ['no end of the last line', () => [line('192.0.2.11'), line('192.0.2.10', 1)]],
    ['nothing', () => ['']],
  ];

  it.each(files)('are found as OpenSSH finds them: %s (G15)', async (_what, lines) => {
    const path = await fileWith(...lines());

    for (const [address, port] of places) {
      const name = knownHostsName(address, port);
      expect(await foundByUs(path, address, port), name).toEqual(foundByOpenSsh(path, name));
    }
  });

  it('are found as OpenSSH finds them when their names are hashed (G15)', async () => {
    const path = await fileWith(
      line('192.0.2.10'),
      line('[192.0.2.10]:2222', 1),
      `@revoked ${line('192.0.2.11', 2)}`,
      line('ice01.example.com,ice02.example.com', 3),
      '',
    );
    execFileSync(programPath('ssh-keygen'), ['-q', '-H', '-f', path], { stdio: 'pipe' });

    expect(await readFile(path, 'utf8')).not.toContain('192.0.2.10');
    expect(await foundByUs(path, '192.0.2.10', 22)).toEqual([`${key(0).type} ${key(0).key}`]);
    for (const [address, port] of places) {
      const name = knownHostsName(address, port);
      // ssh makes a name lower case before it looks it up; ssh-keygen leaves that to its caller.
      expect(await foundByUs(path, address, port), name).toEqual(foundByOpenSsh(path, name.toLowerCase()));
    }
  });

  it('are found as OpenSSH finds them in a hundred files of many lines (G15)', async () => {
    const part = fc.constantFrom(
      '192.0.2.10',
      '192.0.2.1?',
      '*',
      '!192.0.2.10',
      '[192.0.2.10]:2222',
      '[*]:22*',
      '2001:db8::10',
      '',
    );
    const hosts = fc
      .array(part, { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join(','))
      .filter((text) => text !== '');
    const entry = fc
      .tuple(fc.constantFrom('', '', '@revoked ', '@cert-authority '), hosts, fc.nat(3))
      .map(([marker, names, index]) => `${marker}${line(names, index)}`);
    const comment = fc.constantFrom('', ' kim@here', '\t# note');
    const other = fc.constantFrom('', '# 192.0.2.10 a comment', '  \t');
    const end = fc.constantFrom('\n', '\r\n');
    const text = fc.oneof({ weight: 5, arbitrary: fc.tuple(entry, comment, end) }, fc.tuple(other, end));
    const file = fc.array(text, { maxLength: 8 });

    await fc.assert(
      fc.asyncProperty(file, fc.boolean(), async (lines, hashed) => {
        const path = await fileWith(lines.flat().join(''));
        if (hashed) spawnSync(programPath('ssh-keygen'), ['-H', '-f', path]); // where it refuses, nothing is hashed
        for (const [address, port] of [
          ['192.0.2.10', 22],
          ['192.0.2.10', 2222],
          ['2001:db8::10', 22],
        ] as const) {
          const name = knownHostsName(address, port);
          expect(await foundByUs(path, address, port), name).toEqual(foundByOpenSsh(path, name));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are found under a hashed name in whatever case the address is written: ssh hashes it in lower case', async () => {
    const path = await fileWith(line('ice01.example.com'), '');
    execFileSync(programPath('ssh-keygen'), ['-q', '-H', '-f', path], { stdio: 'pipe' });

    expect(await foundByUs(path, 'ICE01.Example.Com', 22)).toHaveLength(1);
  });

  it('are named with their file and line, our own file first', async () => {
    const others = await fileWith('# theirs', line('192.0.2.10', 1), '');
    const own = await fileWith(line('192.0.2.10'), '');

    const pins = await openKnownHosts(own, [others, `${others}.missing`]).pinsOf('192.0.2.10', 22);

    expect(pins).toEqual([
      { type: key(0).type, key: key(0).key, source: `${own}:1` },
      { type: key(1).type, key: key(1).key, source: `${others}:2` },
    ]);
  });

  it('are none where there is no file', async () => {
    const folder = await temporaryFolder();

    expect(await openKnownHosts(join(folder, 'a'), [join(folder, 'b')]).pinsOf('192.0.2.10', 22)).toEqual([]);
  });

  const oddLines: [string, () => string][] = [
    ['a name alone', () => '192.0.2.10'],
    ['no key', () => '192.0.2.10 ssh-ed25519'],
    ['a key that is none', () => '192.0.2.10 ssh-ed25519 !!!!'],
    ['a key with a letter that is none', () => line('192.0.2.10').replace(/.{9}$/, (end) => `!${end}`)],
    ['a key of another type', () => line('192.0.2.10').replace('ssh-ed25519', 'ssh-rsa')],
    ['a key that is cut short', () => line('192.0.2.10').slice(0, -20)],
    ['a key of SSH 1', () => '192.0.2.10 1024 35 1234567890123456789012345678901234567890'],
    ['a type of key that nobody knows', () => '192.0.2.10 ssh-future AAAACnNzaC1vbGQ='],
    ['the beginning of a merge conflict', () => '<<<<<<< HEAD'],
    ['the middle of a merge conflict', () => '======='],
    ['an unknown mark', () => `@trusted ${line('192.0.2.10')}`],
    ['two marks', () => `@revoked @cert-authority ${line('192.0.2.10')}`],
    ['two lines in one', () => line('192.0.2.10') + line('192.0.2.11', 1)],
    ['NUL bytes', () => '\0\0\0\0'],
    ['UTF-16', () => Buffer.from('192.0.2.10 x', 'utf16le').toString('latin1')],
    ['some other file', () => '-----BEGIN OPENSSH PRIVATE KEY-----'],
  ];

  it.each(
    oddLines,
  )('are not looked for in a damaged file of our own, and its line is named: %s (G15)', async (_what, damaged) => {
    const path = await fileWith('# first', line('192.0.2.12'), damaged(), '');

    const looking = openKnownHosts(path, []).pinsOf('192.0.2.10', 22);

    await expect(looking).rejects.toMatchObject({
      code: 'known-hosts-damaged',
      exit: 2,
      message: expect.stringContaining(`${path}:3`),
    });
  });

  it.each(
    oddLines,
  )("are found around an odd line in the user's file, which is passed over and told: %s (field-C04)", async (_what, odd) => {
    const revoked = `@revoked ${line('192.0.2.10', 1)}`;
    const path = await fileWith(
      '# first',
      line('192.0.2.10', 3),
      `${odd()}\r`,
      revoked,
      odd(),
      line('192.0.2.10', 2),
      '',
    );

    const found = await foundByUs(path, '192.0.2.10', 22);
    const told = await openKnownHosts(`${path}.own`, [path]).oddLines();

    const kept = [3, 1, 2].map((index) => `${index === 1 ? '@revoked ' : ''}${key(index).type} ${key(index).key}`);
    expect(found).toEqual(kept);
    expect(told).toEqual([{ path, numbers: [3, 5] }]);
  });

  it('has no odd lines in marks of certificates, comments, CRLF and names that are hashed (field-C04)', async () => {
    const path = await fileWith(
      '# a',
      `@cert-authority ${line('*')}`,
      '\r',
      `|1|c2FsdA==|aGFzaA== ${key(0).type} ${key(0).key}\r`,
      '',
    );

    expect(await openKnownHosts(`${path}.own`, [path]).oddLines()).toEqual([]);
  });

  it('are not taken from a file that cannot be read', async () => {
    const folder = await temporaryFolder();

    const looking = openKnownHosts(join(folder, 'own'), [folder]).pinsOf('192.0.2.10', 22);

    await expect(looking).rejects.toBeInstanceOf(UserError);
    await expect(looking).rejects.toMatchObject({ code: 'known-hosts-unreadable' });
  });

  describe('when one is pinned', () => {
    it('is found by us and by OpenSSH, under its address and port alone', async () => {
      const own = join(await temporaryFolder(), 'state', 'known_hosts');
      const hosts = openKnownHosts(own, []);

      await hosts.pin('192.0.2.10', 22, key(0));
      await hosts.pin('192.0.2.10', 2222, key(1));

      expect(await hosts.pinsOf('192.0.2.10', 22)).toMatchObject([{ key: key(0).key, source: `${own}:1` }]);
      expect(await hosts.pinsOf('192.0.2.10', 2222)).toMatchObject([{ key: key(1).key, source: `${own}:2` }]);
      expect(foundByOpenSsh(own, '192.0.2.10')).toEqual([`${key(0).type} ${key(0).key}`]);
      expect(foundByOpenSsh(own, '[192.0.2.10]:2222')).toEqual([`${key(1).type} ${key(1).key}`]);
    });

    it('stands in a file that nobody else may read', async () => {
      const own = join(await temporaryFolder(), 'state', 'known_hosts');

      await openKnownHosts(own, []).pin('192.0.2.10', 22, key(0));
      await openKnownHosts(own, []).pin('192.0.2.10', 22, key(1), { replace: true });

      expect((await stat(own)).mode & 0o777).toBe(0o600);
      expect((await stat(join(own, '..'))).mode & 0o777).toBe(0o700);
    });

    it('is a line of its own also when the last line of the file has no end', async () => {
      const own = await fileWith(line('192.0.2.11'));
      const hosts = openKnownHosts(own, []);

      await hosts.pin('192.0.2.10', 22, key(1));

      expect(await hosts.pinsOf('192.0.2.10', 22)).toMatchObject([{ key: key(1).key }]);
      expect(await hosts.pinsOf('192.0.2.11', 22)).toMatchObject([{ key: key(0).key }]);
    });

    it('replaces what was pinned for the same address and port, and nothing else', async () => {
      const own = await fileWith('# mine', line('192.0.2.10'), line('192.0.2.11', 2), line('[192.0.2.10]:2222', 1), '');
      const hosts = openKnownHosts(own, []);

      await hosts.pin('192.0.2.10', 22, key(3), { replace: true });

      expect(await hosts.pinsOf('192.0.2.10', 22)).toMatchObject([{ key: key(3).key }]);
      expect(await hosts.pinsOf('192.0.2.10', 2222)).toMatchObject([{ key: key(1).key }]);
      expect(await hosts.pinsOf('192.0.2.11', 22)).toMatchObject([{ key: key(2).key }]);
      expect(await readFile(own, 'utf8')).toMatch(/^# mine\n/);
    });

    it('replaces nothing where nothing was pinned', async () => {
      const own = await fileWith(line('192.0.2.11'), '');

      await openKnownHosts(own, []).pin('192.0.2.10', 22, key(1), { replace: true });

      expect(await readFile(own, 'utf8')).toBe(`${line('192.0.2.11')}\n${line('192.0.2.10', 1)}\n`);
    });

    it('replaces no revocation: a revoked key stays refused', async () => {
      const own = await fileWith(`@revoked ${line('192.0.2.10')}`, line('192.0.2.10', 1), '');
      const hosts = openKnownHosts(own, []);

      await hosts.pin('192.0.2.10', 22, key(3), { replace: true });

      expect(await hosts.pinsOf('192.0.2.10', 22)).toMatchObject([
        { key: key(0).key, revoked: true },
        { key: key(3).key },
      ]);
    });

    it('leaves the files of others as they are', async () => {
      const others = await fileWith(line('192.0.2.10'), '');
      const hosts = openKnownHosts(`${others}.own`, [others]);

      await hosts.pin('192.0.2.10', 22, key(1), { replace: true });

      expect(await readFile(others, 'utf8')).toBe(`${line('192.0.2.10')}\n`);
    });
  });
});
