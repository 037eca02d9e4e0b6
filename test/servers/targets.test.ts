import { describe, expect, it } from 'vitest';
import type { Appliance } from '../../src/domain/appliance.ts';
import type { UserError } from '../../src/errors.ts';
import { chooseTargets, serversOfRun } from '../../src/servers/targets.ts';
import type { Operator } from '../../src/ui/operator.ts';
import { hintOf } from '../support/hint.ts';

function server(name: string, id: number, cluster?: string): Appliance {
  return { name, id, ...(cluster === undefined ? {} : { cluster }) } as Appliance;
}

const configured = [server('ic-a', 1, 'East'), server('ic-b', 2, 'East'), server('lab', 3)];
const operator: Operator = {
  ask: undefined,
  emit: () => undefined,
  now: () => new Date(),
  sleep: async () => undefined,
  zone: 'UTC',
};
const chosen = async (names: string[], servers = configured) => {
  const { appliances, label } = await chooseTargets(names, false, servers, operator);
  return [label, ...appliances.map(({ name }) => name)];
};

describe('a server is named', () => {
  it.each([
    ['by its name', 'ic-a', ['ic-a', 'ic-a']],
    ['by its cluster', 'East', ['East', 'ic-a', 'ic-b']],
    ['as bundles have it', 'ICE02', ['ic-b', 'ic-b']],
    ['in other letters', 'LAB', ['lab', 'lab']],
    ['by its cluster in other letters', 'east', ['East', 'ic-a', 'ic-b']],
  ])('%s', async (_how, name, expected) => {
    expect(await chosen([name])).toEqual(expected);
  });

  it('once, whatever it is called', async () => {
    expect(await chosen(['ic-a', 'ICE01', 'east'])).toEqual(['ic-a-and-2-more', 'ic-a', 'ic-b']);
  });

  it('by its name first, whatever number it has', async () => {
    const crossed = [server('ice02', 1), server('ice01', 2)];

    expect(await chosen(['ice02'], crossed)).toEqual(['ice02', 'ice02']);
    await expect(chosen(['ICE02'], crossed)).rejects.toMatchObject({
      code: 'unknown-target',
      message: '"ICE02" may be ice02 or ice01',
    });
  });

  it('or nothing is done, and what there is is listed', async () => {
    await expect(chosen(['ic-c'])).rejects.toMatchObject({
      code: 'unknown-target',
      message: 'no server or cluster is called "ic-c"',
      hint: 'Did you mean "ic-a"? There are: ic-a, East, ic-b, lab',
    });
  });
});

describe('a time where servers are named', () => {
  it.each([
    [['East', 'at', '18:00'], '"at 18:00" is no server or cluster', 'icepack collect East --at 18:00'],
    [
      ['lab', 'ic-a', 'yesterday', '10:32'],
      '"yesterday 10:32" is no',
      "icepack collect lab ic-a --at 'yesterday 10:32'",
    ],
    [['at', '18:00'], '"at 18:00" is no server or cluster', 'icepack collect --at 18:00'],
    [['East', 'now'], '"now" is no server or cluster', 'icepack collect East --at now'],
  ])('is refused with the command that has it: %j', async (names, message, command) => {
    const error: unknown = await chosen(names).catch((thrown) => thrown);

    expect(error).toMatchObject({ code: 'unknown-target', message: expect.stringContaining(message) });
    expect(hintOf(error as UserError)).toBe(`Did you mean: ${command}`);
  });

  it('is looked for only behind what is no server', async () => {
    await expect(chosen(['East', 'at', 'night'])).rejects.toMatchObject({
      message: 'no server or cluster is called "at"',
    });
  });
});

describe('the servers of a run', () => {
  it('are found by their names', () => {
    expect(serversOfRun(['lab', 'ic-b'], configured)).toEqual({
      label: 'lab-and-1-more',
      appliances: [configured[2], configured[1]],
    });
  });

  it.each(['ICE01', 'LAB', 'East'])('are no others that may be meant by %s', (name) => {
    expect(() => serversOfRun([name], configured)).toThrow(`no server or cluster is called "${name}"`);
  });
});
