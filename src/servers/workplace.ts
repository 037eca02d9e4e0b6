import type { Program } from '../domain/program.js';
import type { Heartbeat } from '../heartbeat/heartbeat.js';
import type { CaptureStore } from '../state/captures.js';
import type { DeskFacts } from '../state/desk-facts.js';
import type { FileRoots } from '../state/file-roots.js';
import type { Hypervisors } from '../state/hypervisors.js';
import type { RunStore } from '../state/runs.js';
import type { TicketJournals } from '../state/ticket-journals.js';
import type { WatchNotes } from '../state/watch-notes.js';
import type { Operator } from '../ui/operator.js';
import type { Access } from './access.js';

/** What the composition root makes for a verb. Functions take what they need of it. */
export type Workplace = {
  operator: Operator;
  access: Access;
  runs: RunStore;
  /** What was written to tickets. */
  tickets: TicketJournals;
  /** What `icepack doctor` found out about where the files of port 22 lie on the host OS. */
  fileRoots: FileRoots;
  /** What help desks said they ask for in a ticket. */
  deskFacts: DeskFacts;
  /** What was answered about the hypervisor under each server. */
  hypervisors: Hypervisors;
  /** What was captured of servers ahead of incidents. */
  captures: CaptureStore;
  /** What a watch of servers keeps. */
  watch: WatchNotes;
  /** How a watch is heard, and finds out whether it hears. */
  heartbeat: Heartbeat;
  program: Program;
};
