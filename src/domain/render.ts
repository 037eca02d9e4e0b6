const placeholder = /\{\{([A-Za-z]+)\}\}/g;

/**
 * Fills `{{name}}` placeholders. A line whose placeholders are all empty is left out, and so is a block – lines up to an
 * empty one, with their heading – of which no such line is left.
 * @throws Error for a placeholder without a value: templates are checked when they are read
 */
export function renderTemplate(template: string, values: Readonly<Record<string, string>>): string {
  const blocks = template.split('\n\n').map((block) => filledBlock(block.split('\n'), values));
  return blocks.filter((block) => block !== undefined).join('\n\n');
}

function filledBlock(lines: readonly string[], values: Readonly<Record<string, string>>): string | undefined {
  const isLeft = (line: string) => !asks(line) || placeholdersOf(line).some((name) => valueIn(name, values) !== '');
  const left = lines.filter(isLeft);
  if (lines.some(asks) && !left.some(asks)) return undefined;
  return left.map((line) => line.replace(placeholder, (_whole, name: string) => valueIn(name, values))).join('\n');
}

function asks(line: string): boolean {
  return placeholdersOf(line).length > 0;
}

function valueIn(name: string, values: Readonly<Record<string, string>>): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value === undefined) throw new Error(`the template asks for an unknown {{${name}}}`);
  return value;
}

/** The names of all placeholders in a template. */
export function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(placeholder)].map((match) => match[1] ?? ''))];
}
