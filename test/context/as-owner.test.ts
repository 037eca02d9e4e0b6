import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameIn, typedAs } from '../../src/context/as-owner.ts';
import { spelled } from '../../src/domain/command.ts';

const env = { HOME: '/home/kim', XDG_STATE_HOME: '/var/lib' };

function typed(words: string[], { more = {}, config }: { more?: object; config?: string } = {}): string {
  const around = { argv: ['node', 'icepack', ...words], env: { ...env, ...more }, cwd: '/srv' };
  return spelled(typedAs('icepack', 'ack', around), { config }).replace('Type it as its owner: ', '');
}

describe('what the owner of a state is to type', () => {
  it('has all that was typed, as a shell takes it (W89)', () => {
    expect(typed(['ack', 'I42', '--for', '2h', '--note', "it's mine"])).toBe(
      `sudo -u icepack env XDG_STATE_HOME=/var/lib icepack ack I42 --for 2h --note 'it'\\''s mine'`,
    );
    expect(typed(['--batch', 'ack', '--mail', '-'])).toBe(
      'sudo -u icepack env XDG_STATE_HOME=/var/lib icepack ack --batch --mail -',
    );
  });

  it('names the configuration once, by its whole path (W89)', () => {
    const config = '/srv/icepack.yaml';
    const named = 'sudo -u icepack env XDG_STATE_HOME=/var/lib icepack --config /srv/icepack.yaml ack I42';

    expect(typed(['ack', 'I42', '--config', 'icepack.yaml'], { config })).toBe(named);
    expect(typed(['--config=icepack.yaml', 'ack', 'I42'], { config, more: { ICEPACK_CONFIG: '/else' } })).toBe(named);
    expect(typed(['ack', 'I42'], { more: { ICEPACK_CONFIG: 'etc/icepack.yaml', XDG_STATE_HOME: '' } })).toBe(
      'sudo -u icepack env XDG_STATE_HOME=/home/kim/.local/state ICEPACK_CONFIG=/srv/etc/icepack.yaml icepack ack I42',
    );
  });

  it('keeps what stands behind -- as it is (W89)', () => {
    expect(typed(['ack', '--', '--config', 'x'])).toMatch(/ack -- --config x$/);
  });

  it('loses no word, whatever it is (W89)', () => {
    const word = fc.string({ minLength: 1 }).filter((text) => !text.startsWith('--config') && text !== '--');
    fc.assert(
      fc.property(fc.array(word), (words) => {
        const shown = words.map((each) =>
          spelled(typedAs('icepack', 'ack', { argv: ['', '', 'ack', each], env, cwd: '/' })).replace(/^.* ack /s, ''),
        );
        expect(typed(['ack', ...words]).endsWith(['ack', ...shown].join(' '))).toBe(true);
      }),
    );
  });
});

describe('the name of an account', () => {
  it('stands in the list; else sudo takes its number (W89)', () => {
    const passwd = 'root:x:0:0::/root:/bin/sh\nicepack:x:990:990::/var/lib/icepack:/usr/sbin/nologin\n';

    expect([nameIn(passwd, 990), nameIn(passwd, 99)]).toEqual(['icepack', '#99']);
  });
});
