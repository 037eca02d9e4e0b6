import { z } from 'zod';
import { configSchema, type DeskList } from './schema.js';

/** The JSON Schema of `icepack.yaml`, as it is written: an editor knows its keys by that. */
export function configJsonSchema(desks: DeskList): object {
  return z.toJSONSchema(configSchema(desks), {
    io: 'input',
    override: ({ jsonSchema }) => dropInnerDefault(jsonSchema),
  });
}

/** A duration is written `30m`, and its default is known in milliseconds. */
function dropInnerDefault(schema: { type?: unknown; default?: unknown }): void {
  if (schema.type === 'string' && typeof schema.default === 'number') delete schema.default;
}
