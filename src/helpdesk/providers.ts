import { jira } from './jira.js';
import { portal } from './portal.js';
import type { Providers } from './provider.js';
import { redmine } from './redmine.js';
import { requestTracker } from './request-tracker.js';
import { rest } from './rest.js';
import { servicenow } from './servicenow.js';
import { zendesk } from './zendesk.js';

/** The help desks that icepack knows, in the order in which they are offered. */
export const providers: Providers = [portal, rest, requestTracker, redmine, zendesk, jira, servicenow];
