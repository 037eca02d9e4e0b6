/** What the guide asks for in a description (chapter 2, The Issue Description); the keys are placeholders of the template. */
export const guideQuestions = {
  reproducible: 'Can it be reproduced easily?',
  frequency: 'How often does it happen?',
  configurationChange: 'Does it depend on a change of the configuration?',
  siteSpecific: 'Is it specific to one site?',
  activity: 'What was going on when it appeared?',
  systemChanges: 'What was changed in the system before it?',
  networkChanges: 'What was changed in the surrounding network before it (upgrades, load, remote networks or clients)?',
} as const;

export type GuideQuestion = keyof typeof guideQuestions;
export type GuideAnswers = Partial<Record<GuideQuestion, string>>;
