import { type ChaosProxy, startChaosProxy } from './chaos-proxy.ts';
import type { Rig } from './rig.ts';

export type ProxiedServer = { cli: ChaosProxy; hostOs: ChaosProxy };

/** What the program of a rig reaches its servers and its help desk through. */
export type Proxies = { servers: Record<string, ProxiedServer>; desk: ChaosProxy };

/** Puts a cable that can be cut before everything the program connects to. */
export async function behindProxies(rig: Rig): Promise<Proxies> {
  const servers: Record<string, ProxiedServer> = {};
  for (const { name, cli, hostOs } of rig.mock.appliances)
    servers[name] = { cli: await startChaosProxy(cli.port), hostOs: await startChaosProxy(hostOs.port) };
  const desk = await startChaosProxy(Number(new URL(rig.mock.helpdesk?.url ?? '').port));
  await rig.configure((document) => {
    for (const [name, { cli, hostOs }] of Object.entries(servers)) {
      document.appliances[name].cli.port = cli.port;
      document.appliances[name].hostOs.port = hostOs.port;
    }
    document.helpdesk.url = `http://127.0.0.1:${desk.port}/api/v1`;
  });
  return { servers, desk };
}
