/** A field that a help desk asks for in every ticket, and that nobody fills yet. */
export type RequiredField = {
  /** What the configuration calls it, below `helpdesk.fields`. */
  field: string;
  /** What people see. */
  label: string;
  /** What it may be, where not anything. */
  choices?: readonly string[];
};

/** Fields of one ticket, by their name or id there. */
export type GivenFields = Readonly<Record<string, string>>;

/** Those that nothing is given for; people may write the label instead of the name. */
export function unfilled(required: readonly RequiredField[], given: Iterable<string>): RequiredField[] {
  const names = new Set([...given].map((name) => name.toLowerCase()));
  return required.filter(({ field, label }) => !names.has(field.toLowerCase()) && !names.has(label.toLowerCase()));
}

/** What people read of a field: `"Site" (customfield_10060): Malmö or Lund`. */
export function fieldText({ field, label, choices = [] }: RequiredField): string {
  const name = field === label ? `"${label}"` : `"${label}" (${field})`;
  return choices.length === 0 ? name : `${name}: ${listed(choices)}`;
}

const mostListed = 12;

function listed(choices: readonly string[]): string {
  const some = choices.slice(0, mostListed);
  if (choices.length > mostListed) return `${some.join(', ')}, and ${choices.length - mostListed} more`;
  return [some.slice(0, -1).join(', '), ...some.slice(-1)].filter(Boolean).join(' or ');
}

/** What to write below `helpdesk:`, on one line; a value that is not known is for the operator to put in. */
export function fieldsLine(fields: GivenFields): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  return `fields: {${pairs.join(', ')}}`;
}

/** The line for fields whose values are not known yet: the first choice, where there are some. */
export function lineToFill(required: readonly RequiredField[]): string {
  return fieldsLine(Object.fromEntries(required.map(({ field, choices }) => [field, choices?.[0] ?? '…'])));
}
