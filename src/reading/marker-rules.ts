import { z } from 'zod';
import { readTemplate } from '../config/templates.js';
import { parseYaml } from '../config/yaml.js';

/** `work`: what icepack does itself at a server; of the like of others nothing is told. */
const kinds = ['exception', 'restart', 'change', 'login', 'failed-login', 'rotation', 'clock-step', 'work'] as const;

const rulesSchema = z.array(
  z.object({
    kind: z.enum(kinds),
    /** Which logs, as a regular expression of their names; every log by default. */
    log: z.string().default(''),
    pattern: z.string().min(3),
    /** A line that it is for; the tests read it. */
    line: z.string(),
  }),
);

export type MarkerRule = { kind: (typeof kinds)[number]; log: RegExp; pattern: RegExp; line: string };

let known: readonly MarkerRule[] | undefined;

/** The table `templates/markers.yaml`: which messages tell of restarts, changes, logins and the like. */
export function markerRules(): readonly MarkerRule[] {
  known ??= parseYaml(rulesSchema, readTemplate('markers.yaml'), 'markers.yaml', 'bad-config').map(
    ({ kind, log, pattern, line }) => ({ kind, log: new RegExp(log, 'i'), pattern: new RegExp(pattern, 'i'), line }),
  );
  return known;
}
