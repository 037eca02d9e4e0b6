import ssh2 from 'ssh2';
import { expect, it } from 'vitest';
import { makeHostKey } from '../../src/mock/ssh-server.ts';

it('every host key of a mock server can be used, though ssh2 makes some that it cannot read', () => {
  const keys = Array.from({ length: 1500 }, makeHostKey);

  expect(keys.filter(({ privateKey }) => ssh2.utils.parseKey(privateKey) instanceof Error)).toEqual([]);
});
