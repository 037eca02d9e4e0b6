import { afterAll } from 'vitest';

/** A Node warning (a listener leak, a deprecated call) is a fault of ours. */
const warnings: Error[] = [];
const remember = (warning: Error) => warnings.push(warning);
process.on('warning', remember);

afterAll(() => {
  process.off('warning', remember);
  if (warnings.length > 0) throw new Error(`Node warned: ${warnings.map((warning) => warning.message).join('; ')}`);
});
