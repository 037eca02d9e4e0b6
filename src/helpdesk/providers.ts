import { jira } from './jira/provider.js';
import { portal } from './portal.js';
import type { Providers } from './provider.js';
import { redmine } from './redmine/provider.js';
import { requestTracker } from './request-tracker/provider.js';
import { rest } from './rest/provider.js';
import { servicenow } from './servicenow/provider.js';
import { zendesk } from './zendesk/provider.js';

/** The help desks that icepack knows, in the order in which they are offered. */
export const providers: Providers = [portal, rest, requestTracker, redmine, zendesk, jira, servicenow];
