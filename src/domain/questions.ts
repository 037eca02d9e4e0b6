export const issueTypes = ['Query', 'Bug', 'Improvement', 'New Feature', 'Task'] as const;
export type IssueType = (typeof issueTypes)[number];

type Question = {
  /** Its name in a list. */
  title: string;
  question: string;
  /** One of these is the answer. */
  choices?: readonly string[];
  /** What was answered last time says nothing of this time. */
  isNew?: true;
};

/** What support asks of an incident besides summary, severity and description, in the order of the form (guide, chapter 2). */
export const questions = {
  affected: { title: 'Affected, scope', question: 'Which server or service is affected, and how much of it?' },
  began: { title: 'Began', question: 'When did it begin?', isNew: true },
  lastWorked: { title: 'Last worked', question: 'When did it last work?', isNew: true },
  impact: { title: 'Impact', question: 'What can people not do because of it?' },
  system: { title: 'System', question: 'Which system is it: platform and software version?' },
  reproducible: { title: 'Reproducible', question: 'Can it be reproduced easily?' },
  frequency: { title: 'Frequency', question: 'How often does it happen?' },
  configurationChange: {
    title: 'Configuration change',
    question: 'Does it depend on a specific change of the configuration?',
  },
  siteSpecific: { title: 'Site specific', question: 'Is it specific to one site?' },
  activity: { title: 'Activity', question: 'What was going on in the system when it appeared?' },
  systemChanges: { title: 'System changes', question: 'What was changed in the system before it?' },
  networkChanges: { title: 'Network changes', question: 'What was changed in the surrounding network before it?' },
  networkUpgrades: { title: 'Network upgrades', question: 'Were other parts of the network upgraded before it?' },
  networkLoad: { title: 'System load', question: 'Has the load of the system changed significantly?' },
  networkRemote: { title: 'Remote networks', question: 'Have remote networks or remote clients changed?' },
  issueType: { title: 'Issue type', question: 'Of which type is the issue?', choices: issueTypes },
  ownReference: { title: 'Own ticket number', question: 'Which number has it in your own ticket system?', isNew: true },
} as const satisfies Record<string, Question>;

export type QuestionKey = keyof typeof questions;
/** Answers by the keys of questions. */
export type Answers = Readonly<Record<string, string>>;

export const questionKeys = Object.keys(questions) as QuestionKey[];

/** A question as all of them can be read. */
export function questionOf(key: QuestionKey): Question {
  return questions[key];
}

/** The type of an issue that was answered, where it is one. */
export function issueTypeIn({ issueType }: Answers): IssueType | undefined {
  return issueTypes.find((type) => type === issueType);
}
