import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { operatorZone } from '../../src/context/operator-zone.ts';
import { temporaryFolder } from '../support/rig.ts';

const now = new Date('2026-11-28T12:00:00Z');

describe("the operator's zone", () => {
  it.each([
    ['Europe/Stockholm', 'Europe/Stockholm'],
    [':Europe/Stockholm', 'Europe/Stockholm'],
    ['posix/Europe/Stockholm', 'Europe/Stockholm'],
    ['right/Europe/Stockholm', 'Europe/Stockholm'],
    ['/usr/share/zoneinfo/Europe/Stockholm', 'Europe/Stockholm'],
    [':/usr/share/zoneinfo/Europe/Stockholm', 'Europe/Stockholm'],
    [':/usr/share/zoneinfo/posix/America/Argentina/Buenos_Aires', 'America/Argentina/Buenos_Aires'],
    ['/usr/share/zoneinfo.default/Europe/Berlin', 'Europe/Berlin'],
    ['CET-1CEST,M3.5.0,M10.5.0/3', 'Europe/Stockholm'],
    [':CET-1CEST,M3.5.0,M10.5.0/3', 'Europe/Stockholm'],
    ['CET', 'CET'],
    ['UTC', 'UTC'],
    ['UTC0', 'UTC'],
    ['', 'UTC'],
  ])('by TZ=%s is %s (field-C08)', (TZ, name) => {
    expect(operatorZone({ TZ }, now)).toEqual({ name });
  });

  it('is that of the file which a path links to (field-C08)', async () => {
    const path = join(await temporaryFolder(), 'localtime');
    await symlink('/usr/share/zoneinfo/Europe/Stockholm', path);

    expect(operatorZone({ TZ: `:${path}` }, now)).toEqual({ name: 'Europe/Stockholm' });
  });

  it.each([
    'foo',
    'Mars/Olympus',
    '/nowhere/localtime',
    ':',
    'CET-1CEST',
    '+05:30',
    'Etc/Unknown',
  ])('by TZ=%s is not known, and that is said (field-C08)', (TZ) => {
    const zone = operatorZone({ TZ }, now);

    expect(zone.name).toBe('UTC');
    expect(zone.doubt).toContain(`TZ=${JSON.stringify(TZ)}`);
  });
});
