import type {
  CliTools,
  CollectorTools,
  EvidenceTools,
  HostOsTools,
  LocalTools,
  ServerTools,
} from '../../src/collectors/collector.ts';

type Given = {
  server?: Partial<ServerTools>;
  cli?: Partial<CliTools>;
  hostOs?: Partial<HostOsTools>;
  evidence?: Partial<EvidenceTools>;
  local?: Partial<LocalTools>;
  signal?: AbortSignal;
  pause?: CollectorTools['pause'];
  warn?: CollectorTools['warn'];
};

/** The tools of a collector, as far as the test gives them: whatever else it asks for fails. It waits for nothing. */
export function toolsWith({ server, cli, hostOs, evidence, local, ...rest }: Given): CollectorTools {
  return {
    server: { keepRemote: false, wasAway: () => false, release: () => undefined, ...server } as ServerTools,
    cli: { filesRoot: async () => '.', ...cli } as CliTools,
    hostOs: { ...hostOs } as HostOsTools,
    evidence: { zone: () => undefined, ...evidence } as EvidenceTools,
    local: { ...local } as LocalTools,
    signal: new AbortController().signal,
    pause: async () => undefined,
    warn: () => undefined,
    ...rest,
  };
}
