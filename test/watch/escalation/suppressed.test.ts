import { describe, expect, it } from 'vitest';
import { copyOrders } from '../../../src/watch/escalation/copy-orders.ts';
import { incidentStanding } from '../../../src/watch/escalation/incident-standing.ts';
import { nextPageText } from '../../../src/watch/escalation/outlook.ts';
import { escalation, minute, night, Simulated } from './simulated.ts';

const suppress = (incident: Simulated) => incident.write({ type: 'suppressed', stamp: incident.stamp, by: 'M7' });
const release = (incident: Simulated) => incident.write({ type: 'released', stamp: incident.stamp });

describe('an incident that is suppressed after it was opened', () => {
  it('is told to nobody meanwhile, and from the first step on when that ends', () => {
    const incident = new Simulated().until(7);
    const before = incident.sent.length;
    suppress(incident);
    incident.until(100);
    const during = incident.told(before);
    release(incident);
    incident.until(106);

    expect(during).toEqual([]);
    expect(incident.told(before)).toEqual(['100 kim sms', '100 kim mail', '105 kim call', '105 desk call']);
    const routed = incident.log.entries.flatMap((entry) => (entry.type === 'routed' ? [entry.why] : []));
    expect(routed).toEqual(['opened', 'suppressed no more']);
  });

  it('before anybody was told, is told for the first time when that ends', () => {
    const incident = new Simulated();
    suppress(incident);
    incident.until(30);
    expect(incident.told()).toEqual([]);
    release(incident);
    incident.until(31);

    expect(incident.told()).toEqual(['30 kim sms', '30 kim mail']);
  });

  it('stays with whoever has it', () => {
    const incident = new Simulated().until(2);
    incident.acknowledge('kim', 60 * minute);
    suppress(incident);
    incident.until(20);
    const before = incident.sent.length;
    release(incident);
    incident.until(61);

    expect(incident.told(before)).toEqual([]);
  });

  it('and is well again meanwhile is told to be over, to people and to engines (W34)', () => {
    const steps = night.steps.map((step) => ({ ...step, by: ['pd', ...step.by] }));
    const incident = new Simulated({ escalation: escalation({ policies: new Map([['night', { ...night, steps }]]) }) });
    incident.until(2);
    const before = incident.sent.length;
    suppress(incident);
    incident.until(10);
    incident.end('cleared');
    incident.until(12);

    expect(incident.told(before)).toEqual(['10 - pd', '10 kim mail']);
    expect(incidentStanding(incident.log)?.suppressed).toBeUndefined();
  });

  it('need not be answered meanwhile: that time begins anew', () => {
    const incident = new Simulated().until(20);
    suppress(incident);
    incident.until(200);
    release(incident);
    incident.until(220);
    const missed = () => incident.log.entries.some(({ type }) => type === 'goal-missed');
    const early = missed();
    incident.until(262);

    expect([early, missed()]).toEqual([false, true]);
  });

  it('has nothing that comes next, and its customer is not told that it was opened', () => {
    const incident = new Simulated();
    incident.look();
    suppress(incident);
    incident.until(5);
    const standing = incidentStanding(incident.log);
    const copies = [{ on: ['opened' as const], by: ['mail'] }];
    const given = { ...incident.setting, escalation: { ...incident.setting.escalation, copies } };
    const setting = { ...given, customers: new Map([['ice01', { email: 'it@example.org' }]]) };

    expect(nextPageText(incident.log, setting, incident.stamp, 'UTC')).toBeUndefined();
    expect(standing && copyOrders({ log: incident.log, standing, setting, now: incident.stamp })).toEqual([]);
  });
});

describe('an incident that flaps', () => {
  it('keeps what flaps as bad until it is calm', () => {
    const incident = new Simulated();
    const thing = { server: 'ice01', check: 'silent' };
    const members = () => incidentStanding(incident.log)?.members.length;
    const counts = [members()];
    incident.write({ type: 'flapping', stamp: incident.stamp, thing });
    incident.write({ type: 'left', stamp: incident.stamp, thing, text: 'answers' });
    counts.push(members());
    incident.write({ type: 'calm', stamp: incident.stamp, thing });
    counts.push(members());

    expect(counts).toEqual([1, 1, 0]);
  });
});
