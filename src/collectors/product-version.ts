const number = '[vV]?(\\d{1,4}(?:\\.\\d{1,5}){1,4}(?:-[A-Za-z0-9.]{1,20})?)';
/** A version next to the name of the product, e.g. `InCenter 2.2.5`, `Clavister InCenter, version 2.2.5-1234`. */
const named = new RegExp(
  `\\bInCenter(?:[ \\t,(:-]{1,3}(?:server|software|version|release|ver\\.|build))*[ \\t,(:=-]{1,3}${number}(?![\\w.:-])`,
  'i',
);
const labelled = new RegExp(
  `^[ \\t]*(?:(?:product|software|system) )?version[ \\t]*[:=]?[ \\t]*${number}[ \\t]*$`,
  'im',
);
/** Commands whose `Version:` is the product's own; elsewhere InCenter may mention the version of anything. */
const aboutItself = /^(?:about|version|show version)$/i;

/** The version of InCenter in the output of its CLI, only where the wording leaves no doubt. */
export function productVersionIn(command: string, output: string): string | undefined {
  if (!aboutItself.test(command.trim())) return undefined;
  return named.exec(output)?.[1] ?? labelled.exec(output)?.[1];
}
