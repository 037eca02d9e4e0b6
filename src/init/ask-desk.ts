import { defined } from '../domain/defined.js';
import type { DeskQuestion, Provider, Providers } from '../helpdesk/provider.js';
import type { Prompter } from '../ui/prompter.js';
import { type DeskAnswers, readSecretWay, type SecretWay } from './init-answers.js';
import { askPath } from './missing-file.js';
import { faultOfLine, faultOfUrl } from './typed-text.js';

/** The options that concern the help desk. */
export type GivenDesk = { provider?: string; settings: Record<string, string | SecretWay> };

export const noDesk = 'none';

/** The questions of all help desks, each once: `init` has an option for each. */
export function deskQuestions(desks: Providers): DeskQuestion[] {
  const byKey = new Map<string, DeskQuestion>();
  for (const question of desks.flatMap(({ questions }) => questions))
    if (!byKey.has(question.key)) byKey.set(question.key, question);
  return [...byKey.values()];
}

/** The option of a question, as it is typed. */
export function deskFlag({ key }: DeskQuestion): string {
  return `--helpdesk-${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The options that the chosen help desk needs, but that are not given with `--batch`. */
export function missingDeskOptions({ provider, settings }: GivenDesk, desks: Providers): string[] {
  const desk = providerOf(provider, desks);
  const questions = questionsOf(desk, givenWay(desk, settings) ?? Object.keys(desk?.ways ?? {})[0]);
  return questions.filter((each) => each.question !== undefined && settings[each.key] === undefined).map(deskFlag);
}

/** The given settings that the help desk has. */
export function givenDesk({ provider = noDesk, settings }: GivenDesk, desks: Providers): DeskAnswers {
  const answers: DeskAnswers = { provider };
  for (const { key } of providerOf(provider, desks)?.questions ?? []) {
    const answer = settings[key];
    if (answer !== undefined) answers[key] = answer;
  }
  return answers;
}

/** Asks which help desk to use, the way in where it has several, and for the settings that are not given. */
export async function askDesk(given: GivenDesk, desks: Providers, ask: Prompter): Promise<DeskAnswers> {
  const provider = given.provider ?? (await askProvider(desks, ask));
  const settings = { ...given.settings };
  const desk = providerOf(provider, desks);
  const way = givenWay(desk, settings) ?? (await askWayIn(desk, ask));
  for (const question of questionsOf(desk, way))
    if (question.question !== undefined)
      settings[question.key] ??= await askSetting(question, question.question, takesToken(provider, desks), ask);
  return givenDesk({ provider, settings }, desks);
}

function questionsOf(desk: Provider | undefined, way: string | undefined): DeskQuestion[] {
  return (desk?.questions ?? []).filter((each) => each.way === undefined || each.way === way);
}

/** The way in that was begun with an option. */
function givenWay(desk: Provider | undefined, settings: GivenDesk['settings']): string | undefined {
  return desk?.questions.find(({ key, way }) => way !== undefined && settings[key] !== undefined)?.way;
}

async function askWayIn(desk: Provider | undefined, ask: Prompter): Promise<string | undefined> {
  if (desk?.ways === undefined) return undefined;
  const choices = Object.entries(desk.ways).map(([value, title]) => ({ value, title }));
  return ask.choose('How does icepack log in there?', choices);
}

async function askProvider(desks: Providers, ask: Prompter): Promise<string> {
  return ask.choose('How are tickets registered?', [
    ...desks.map(({ id, title }) => ({ value: id, title })),
    { value: noDesk, title: 'not from here: icepack only collects' },
  ]);
}

async function askSetting(
  { kind, initial }: DeskQuestion,
  text: string,
  isForToken: boolean,
  ask: Prompter,
): Promise<string | SecretWay> {
  if (kind === 'secret') return askSecretWay(text, initial, ask);
  const validate = kind === 'url' ? (typed: string) => faultOfUrl(typed, isForToken) : faultOfLine;
  return (await ask.text(text, { ...defined({ initial }), validate })).trim();
}

async function askSecretWay(text: string, initial: string | undefined, ask: Prompter): Promise<SecretWay> {
  const fault = 'The name of a variable in capitals, env:NAME or file:PATH; never the secret itself';
  const validate = (answer: string) => (readSecretWay(answer) === undefined ? fault : undefined);
  const typed = async (): Promise<SecretWay> =>
    readSecretWay(await ask.text(`${text}, or file:PATH`, { ...defined({ initial }), validate })) ?? {
      ...{ kind: 'env', name: initial ?? '' },
    };
  return askPath(typed, (way) => (way.kind === 'file' ? way.path : undefined), ask);
}

/** Whether a secret is sent to the help desk. */
function takesToken(id: string, desks: Providers): boolean {
  return providerOf(id, desks)?.questions.some(({ kind }) => kind === 'secret') ?? false;
}

/** What is wrong with a given address: what was typed at a question was looked at there. */
export function faultOfGivenDesk({ provider = noDesk, settings }: GivenDesk, desks: Providers): string | undefined {
  for (const { key, kind } of providerOf(provider, desks)?.questions ?? []) {
    const given = settings[key];
    if (kind === 'url' && typeof given === 'string') return faultOfUrl(given, takesToken(provider, desks));
  }
  return undefined;
}

function providerOf(id: string | undefined, desks: Providers): Provider | undefined {
  return desks.find((desk) => desk.id === id);
}
