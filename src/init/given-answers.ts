import type { GivenDesk } from './ask-desk.js';
import type { NamedServer } from './ask-servers.js';
import type { InitAnswers, LoginWay } from './init-answers.js';

/** Answers given as options; the rest is asked for, or is missing. */
export type GivenAnswers = {
  organization?: string;
  contact: InitAnswers['contact'];
  servers: NamedServer[];
  cluster?: string;
  jumpHost?: { user: string; address: string; port: number };
  jumpLogin?: LoginWay;
  cliUser?: string;
  cliPort?: number;
  cliLogin?: LoginWay;
  hostOsUser?: string;
  hostOsPort?: number;
  hostOsLogin?: LoginWay;
  helpdesk: GivenDesk;
  product?: string;
  version?: string;
  license?: string;
};
