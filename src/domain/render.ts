/**
 * Fills `{{name}}` placeholders. A line that becomes empty because all it holds is an empty value stays empty.
 * @throws Error for a placeholder without a value: a template that asks for what nobody knows is a bug
 */
export function renderTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{([A-Za-z]+)\}\}/g, (_whole, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the template asks for an unknown {{${name}}}`);
    return value;
  });
}

/** The names of all placeholders in a template. */
export function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(/\{\{([A-Za-z]+)\}\}/g)].map((match) => match[1] ?? ''))];
}
