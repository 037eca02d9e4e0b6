/** The tool itself, as manifests and journals name it. */
export type Program = { name: string; version: string; node: string; argv: string[] };
