import { diagnosticsSettings } from '../src/observability/settings.ts';

// What a container engine runs beside the relay, in its container, to find out whether it still gets something done. It ends
// with 0 where it does. What it asks is /healthz: a relay whose table is gone must not be restarted, for it holds what its proxies have.
const { port, address } = diagnosticsSettings(process.env);
const host =
  { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[address] ?? (address.includes(':') ? `[${address}]` : address);
try {
  const answer = await fetch(`http://${host}:${port}/healthz`, { signal: AbortSignal.timeout(5_000) });
  process.exitCode = answer.ok ? 0 : 1;
} catch {
  process.exitCode = 1;
}
