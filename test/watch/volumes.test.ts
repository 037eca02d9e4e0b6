import { describe, expect, it } from 'vitest';
import { fillAnswer, matching, volumesIn } from '../../src/watch/core/volumes.ts';

const head = 'Filesystem     1024-blocks     Used Available Capacity Mounted on\n';

describe('what df says', () => {
  it('is read with spaces in names, and with a disk that is over its limit (W70)', () => {
    const volumes = volumesIn(
      `${head}/dev/vda1 100 40 60 40% /\n/dev/mapper/a b 200 190 -5 103% /srv/my share\n//nas/x y 50 10 40 20% /mnt/x\n`,
    );

    expect([...volumes.values()]).toEqual([
      { mount: '/', usedKb: 40, freeKb: 60 },
      { mount: '/srv/my share', usedKb: 190, freeKb: 0 },
      { mount: '/mnt/x', usedKb: 10, freeKb: 40 },
    ]);
  });

  it.each([
    ['without blocks', 'proc 0 0 0 - /proc'],
    ['without numbers', 'udev - - - - /dev'],
    ['with a number that no file system has', `/dev/a 9007199254740993 9007199254740993 1 99% /data`],
    ['that is cut', '/dev/a 100 99 1'],
    ['that is no line of it', 'df: /data: Transport endpoint is not connected'],
  ])('is no number where there is a line %s (W70)', (_, line) => {
    expect(volumesIn(`${head}${line}\n`).size).toBe(0);
  });

  it('is not believed of a mount point of which two lines tell different things (W70)', () => {
    const volumes = volumesIn(
      `${head}/dev/a 100 10 90 10% /mnt/x\n/dev/b 100 99 1 99% /data\n/dev/c 100 1 99 1% /data\n`,
    );

    expect(volumes.get('/data')).toBeUndefined();
    expect(volumes.has('/data')).toBe(true);
    expect(volumes.get('/mnt/x')).toMatchObject({ usedKb: 10 });
  });
});

describe('a pattern of mount points', () => {
  it.each([
    ['/data*', ['/data', '/data2']],
    ['/var/lib/*', ['/var/lib/incenter']],
    ['/var/**', ['/var/lib/incenter', '/var/lib/x/y']],
    ['/data', ['/data']],
    ['/dat[a]', []],
  ])('%s means %j', (pattern, expected) => {
    expect(matching(['/', '/data', '/data2', '/var/lib/incenter', '/var/lib/x/y'], pattern)).toEqual(expected);
  });
});

describe('how full a volume is', () => {
  const limits = { abovePercent: 90, clearPercent: 87 };
  const of = (usedKb: number, wasBad: boolean) =>
    fillAnswer({ mount: '/', usedKb, freeKb: 1000 - usedKb }, limits, wasBad);

  it('is bad above one limit, and well again below the other (W51)', () => {
    expect([899, 900, 901].map((used) => of(used, false).is)).toEqual(['ok', 'ok', 'bad']);
    expect([899, 871, 870].map((used) => of(used, true).is)).toEqual(['bad', 'bad', 'ok']);
  });

  it('is never said to be more than it is', () => {
    expect(of(900.99, false)).toEqual({ is: 'bad', text: '90.0 % used' });
    expect(fillAnswer({ mount: '/', usedKb: 899_999, freeKb: 100_001 }, limits, false).text).toBe('89.9 % used');
  });
});
