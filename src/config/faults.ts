import type { z } from 'zod';
import { nearest, printableLine } from '../domain/text.js';

type Fault = { line: number; text: string };

type LineOf = (keys: PropertyKey[]) => number;

/** The faults of a file in our words, from its first line to its last. */
export function faultsOf(
  issues: readonly z.core.$ZodIssue[],
  schema: z.ZodType,
  lineOf: LineOf,
  root: unknown,
): Fault[] {
  return issues.flatMap((issue) => describe(issue, schema, lineOf, root)).toSorted((a, b) => a.line - b.line);
}

function describe(issue: z.core.$ZodIssue, schema: z.ZodType, lineOf: LineOf, root: unknown): Fault[] {
  const path = issue.path;
  const name = printableLine(path.join('.')) || 'the file';
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const near = nearest(key, knownKeysAt(schema, path, root));
      return {
        line: lineOf([...path, key]),
        text: `unknown key "${printableLine([...path, key].join('.'))}"${near ? `; did you mean "${near}"?` : ''}`,
      };
    });
  }
  const missing =
    issue.code === 'invalid_type' && issue.input === undefined && /received undefined/.test(issue.message);
  return [{ line: lineOf(path), text: missing ? `"${name}" is missing` : `"${name}": ${issue.message}` }];
}

/** The keys that the schema has at a place, read from its shape. */
function knownKeysAt(whole: z.ZodType, path: readonly PropertyKey[], root: unknown): string[] {
  let schema: unknown = whole;
  let value: unknown = root;
  for (const key of path) {
    value = (value as Record<PropertyKey, unknown> | undefined)?.[key];
    schema = childOf(schema, key, value);
  }
  return Object.keys(shapeOf(schema) ?? {});
}

type Def = {
  shape?: Record<string, unknown>;
  innerType?: unknown;
  valueType?: unknown;
  element?: unknown;
  options?: unknown[];
  in?: unknown;
};

function definition(schema: unknown): Def {
  return (schema as { _zod?: { def: Def } } | undefined)?._zod?.def ?? {};
}

function shapeOf(schema: unknown): Record<string, unknown> | undefined {
  const def = definition(schema);
  if (def.shape !== undefined) return def.shape;
  if (def.options !== undefined) return Object.assign({}, ...def.options.map((option) => shapeOf(option) ?? {}));
  const inner = def.innerType ?? def.in;
  return inner === undefined ? undefined : shapeOf(inner);
}

function childOf(schema: unknown, key: PropertyKey, _value: unknown): unknown {
  const def = definition(schema);
  if (def.valueType !== undefined) return def.valueType;
  if (def.element !== undefined) return def.element;
  const shape = shapeOf(schema);
  if (shape !== undefined) return shape[String(key)];
  return def.innerType === undefined ? undefined : childOf(def.innerType, key, _value);
}
