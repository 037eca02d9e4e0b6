import { describe, expect, it } from 'vitest';
import { productVersionIn } from '../../src/collectors/product-version.ts';

describe('the version of InCenter', () => {
  it.each([
    ['about', 'InCenter 2.2.5\n', '2.2.5'],
    ['about', 'Clavister InCenter, version 2.2.5-1234\nLicense: 1234-5678-9012\n', '2.2.5-1234'],
    ['version', 'InCenter v4.00.01.15', '4.00.01.15'],
    ['show version', 'Product: InCenter\nVersion: 2.2.5\n', '2.2.5'],
    [' ABOUT ', 'Software version = 2.3', '2.3'],
  ])('is found in what %j says (field-F18)', (command, output, version) => {
    expect(productVersionIn(command, output)).toBe(version);
  });

  it.each([
    ['log -status', 'InCenter 2.2.5 was upgraded\n'],
    ['about', 'Unknown command: about\n'],
    ['about', 'InCenter at 192.0.2.1:8080\n'],
    ['about', 'InCenter at 192.0.2.1\n'],
    ['about', 'InCenter\nKernel version 5.10.0-7 of the host\n'],
    ['about', 'InCenter started 2026-11-28 13:00:05\n'],
    ['about', 'Version: unknown\n'],
  ])('is not made up from what %j says: %j (field-F18)', (command, output) => {
    expect(productVersionIn(command, output)).toBeUndefined();
  });
});
