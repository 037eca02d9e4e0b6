import { describe, expect, it } from 'vitest';
import { ordinaryLogs } from '../bench/ordinary-logs.ts';
import { redactChunks } from './redact.ts';

describe('ordinary logs', () => {
  it('lose next to nothing: at most one mask in 1000 lines that speak of passwords, keys and tokens (field-E02)', () => {
    const logs = ordinaryLogs(2_000_000);
    const lines = logs.toString().split('\n');

    const clean = redactChunks([logs]).clean.toString().split('\n');
    const changed = lines.flatMap((line, index) => (line === clean[index] ? [] : [clean[index]]));

    expect(changed.length).toBeLessThanOrEqual(lines.length / 1000);
  });
});
