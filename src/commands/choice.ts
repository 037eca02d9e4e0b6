import { Option } from 'commander';

/**
 * An option that takes one of fixed values, or several of them where the flags say `,...`, so that completions know them.
 * @param parse refuses others in our words
 */
export function choice(
  flags: string,
  description: string,
  values: readonly string[],
  parse: (value: string) => unknown,
): Option {
  return new Option(flags, description).choices(values).argParser(parse);
}
