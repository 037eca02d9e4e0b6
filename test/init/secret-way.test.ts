import { describe, expect, it } from 'vitest';
import { readSecretWay } from '../../src/init/init-answers.ts';

describe('where a secret is, as a person types it', () => {
  it.each([
    ['ICEPACK_HELPDESK_TOKEN', { kind: 'env', name: 'ICEPACK_HELPDESK_TOKEN' }],
    [' env:myToken ', { kind: 'env', name: 'myToken' }],
    ['file:/etc/icepack/token', { kind: 'file', path: '/etc/icepack/token' }],
  ])('%s is understood', (typed, way) => {
    expect(readSecretWay(typed)).toEqual(way);
  });

  it.each([
    'nVWqzN042CFLui0f',
    'glpat-x_1',
    'MY TOKEN',
    'key:~/.ssh/id',
    'ask',
    '',
  ])('%j may be the secret itself, and does not get into the configuration', (typed) => {
    expect(readSecretWay(typed)).toBeUndefined();
  });
});
