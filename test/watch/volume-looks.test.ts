import { describe, expect, it } from 'vitest';
import type { WatchCheck } from '../../src/domain/watch-check.ts';
import { volumeLooks } from '../../src/watch/volume-looks.ts';

const check: Extract<WatchCheck, { kind: 'volume' }> = {
  ...{ name: 'data', event: 'data volume over 90 %', severity: 'medium', kind: 'volume' },
  ...{ everyMs: 0, forMs: 0, clearForMs: 0, abovePercent: 90, clearPercent: 87 },
  mounts: ['/data*', '/srv/share'],
};
const head = 'Filesystem 1024-blocks Used Available Capacity Mounted on\n';
const line = (mount: string, used: number) => `/dev/x 1000 ${used} ${1000 - used} 1% ${mount}\n`;

/** What is seen, by mount point, of what `df` printed of the own disks, and of single mount points. */
function seen(local: string, named: Record<string, string> = {}, code = 0) {
  const asked = {
    local: { text: local, code },
    named: new Map(Object.entries(named).map(([mount, text]) => [mount, { text, code: 0 }])),
  };
  const looks = volumeLooks(check, asked, () => false);
  return Object.fromEntries(looks.map(({ instance = '', answer }) => [instance, `${answer.is}: ${answer.text}`]));
}

describe('the volumes of a server', () => {
  it('are those of its own disks that are meant, and the named one of another server', () => {
    expect(
      seen(head + line('/', 990) + line('/data', 950) + line('/data2', 10), {
        '/srv/share': head + line('/srv/share', 910),
      }),
    ).toEqual({
      '': 'ok: 2 mount points',
      '/data': 'bad: 95.0 % used',
      '/data2': 'ok: 1.0 % used',
      '/srv/share': 'bad: 91.0 % used',
    });
  });

  it('are bad where a named one is not mounted; a pattern means only what is there (W71)', () => {
    expect(seen(head + line('/', 1), { '/srv/share': head + line('/', 1) })).toEqual({
      '': 'ok: no mount point is /data*',
      '/srv/share': 'bad: not mounted',
    });
    expect(seen(head + line('/', 1), { '/srv/share': 'df: /srv/share: No such file or directory' })).toMatchObject({
      '/srv/share': 'bad: not mounted',
    });
  });

  it('are not known where df says nothing, or did not answer for a named one (W70)', () => {
    expect(seen(head + line('/', 1))).toMatchObject({
      '/srv/share': expect.stringMatching(/^unknown: df did not answer/),
    });
    expect(seen('', {}, 124)).toEqual({ '': 'unknown: df: it did not end within 20 s' });
    expect(seen('')).toEqual({ '': 'unknown: df: it lists no file system' });
  });
});
