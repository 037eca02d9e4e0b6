import type { Maintenance } from '../../src/domain/maintenance.ts';
import { parseWeek } from '../../src/domain/week.ts';
import type { TicketRow, WeeklyStatus } from '../../src/weekly/weekly-status.ts';

export const at = (text: string) => new Date(text);
export const weekOf = (name: string) => parseWeek(name) ?? { year: 0, week: 0 };

const row: TicketRow = {
  ...{ key: 'TIC-1290', url: 'https://desk.example.com/TIC-1290', incident: 'I42', state: 'open, acknowledged' },
  ...{ isOpen: true, what: 'cluster east: server silent (ICE01)', since: at('2026-11-20T09:18Z'), until: null },
  ...{ changed: null, answeredMs: 21 * 60_000, hours: null },
};

export function maintenanceOf(more: Partial<Maintenance> = {}): Maintenance {
  return {
    ...{ schema: 1, id: 'M9', targets: ['east'], reason: 'InCenter 2.2.6', by: 'lee', zone: 'Europe/Stockholm' },
    created: '2026-11-18T09:00:00.000Z',
    when: { kind: 'once', from: '2026-11-22T01:00:00.000Z', until: '2026-11-22T03:00:00.000Z' },
    ...more,
  };
}

/** The week of the design: a bit of everything. */
export function madeWeek(more: Partial<WeeklyStatus> = {}): WeeklyStatus {
  const planned = { from: at('2026-11-22T01:00Z'), until: at('2026-11-22T03:00Z') };
  const others = [
    {
      ...row,
      ...{ key: 'TIC-1288', incident: 'I40', state: 'Fixed', isOpen: false, hours: 1.5, answeredMs: 4 * 60_000 },
      what: 'cluster west: data volume over 90 % (ICE03)',
      ...{ since: at('2026-11-19T21:10Z'), until: at('2026-11-20T08:30Z') },
    },
    {
      ...row,
      ...{ key: 'TIC-1281', incident: null, state: 'Closed', isOpen: false, what: 'Question about licences' },
      ...{ since: null, changed: at('2026-11-18T13:00Z'), answeredMs: null },
    },
    {
      ...row,
      key: null,
      url: null,
      incident: 'I43',
      state: 'open',
      what: 'cluster west: no answer (ICE03)',
      answeredMs: null,
    },
  ];
  return {
    ...{
      organization: 'Example AB',
      week: weekOf('2026-W47'),
      zone: 'Europe/Stockholm',
      isRunning: false,
      isLate: false,
    },
    asOf: at('2026-11-23T07:00Z'),
    tickets: { rows: [row, ...others], more: 0, isCut: false, began: 3, resolved: 1, open: 2, notAsked: [] },
    done: [
      {
        maintenance: maintenanceOf(),
        ...{ what: 'cluster east (ICE01, ICE02)', reason: 'InCenter 2.2.6', planned, goesOn: false, unseenMs: 0 },
        real: { from: planned.from, until: at('2026-11-22T02:10Z') },
        down: [{ server: 'ICE01', ms: 14 * 60_000 }],
      },
    ],
    next: [
      {
        maintenance: maintenanceOf({ id: 'M3' }),
        ...{ what: 'cluster west (ICE03)', reason: 'backup window' },
        span: { from: at('2026-11-25T21:00Z'), until: at('2026-11-25T21:30Z') },
      },
      {
        maintenance: maintenanceOf({ id: 'M10', downtime: true }),
        ...{ what: 'cluster east (ICE01, ICE02)', reason: 'disk exchange' },
        span: { from: at('2026-11-29T01:00Z'), until: at('2026-11-29T03:00Z') },
      },
    ],
    goals: {
      answer: { met: 2, of: 2, goalMs: 3_600_000, over: 1 },
      summary: { met: 1, of: 2, withinMs: 86_400_000, missing: ['TIC-1276'] },
    },
    suppressed: [
      { what: 'ICE04', why: 'staging', since: at('2026-11-02T08:00Z'), until: null, by: null },
      {
        what: 'ICE03, vm dc01',
        why: 'M8, until it is well: moved',
        since: at('2026-11-19T08:00Z'),
        until: null,
        by: 'lee',
      },
    ],
    watch: {
      ...{
        whole: 9997,
        others: 3,
        unread: [],
        gaps: [{ from: at('2026-11-17T10:00Z'), until: at('2026-11-17T11:00Z') }],
      },
      blind: [{ from: at('2026-11-17T02:12Z'), until: at('2026-11-17T02:19Z') }],
    },
    missed: [],
    ...more,
  };
}

/** What people and desks may write. */
export const hostile =
  '<script>alert(1)</script>\r\nBcc: eve@example.com\r\n\r\n\x1b[31mred\x1b[0m \u202eevil " onload=x';
