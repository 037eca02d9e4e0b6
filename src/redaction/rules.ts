import { accountPatterns } from './account-patterns.js';
import { commandPatterns } from './command-patterns.js';
import { devicePatterns } from './device-patterns.js';
import { keyKinds } from './key-name.js';
import { keyRule } from './key-rule.js';
import { patternRule } from './pattern-rules.js';
import { pemRule } from './pem.js';
import type { Rule } from './rule.js';
import { shapeRules } from './shape-rules.js';
import { sqlInsertRule } from './sql-insert.js';
import { tokenPatterns } from './token-patterns.js';

/** The rules for every text file; where two find the same text, the earlier rule names it. */
export const defaultRules: readonly Rule[] = [
  pemRule,
  ...shapeRules,
  sqlInsertRule,
  ...keyKinds.map(keyRule),
  ...[...tokenPatterns, ...commandPatterns, ...devicePatterns, ...accountPatterns].map(patternRule),
];
