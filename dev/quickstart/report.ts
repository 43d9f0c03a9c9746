import type { ControlPlaneEvidence, EnvoyEvidence } from './evidence.ts';
import type { Terminal } from './terminal.ts';

/** What is known of one proxy, from both sides. */
export interface ProxyReport {
  readonly name: string;
  readonly envoy: EnvoyEvidence | undefined;
  readonly controlPlane: ControlPlaneEvidence | undefined;
}

/** Shows one proxy. */
export function showProxy(terminal: Terminal, { name, envoy, controlPlane }: ProxyReport): void {
  terminal.heading(name);
  if (envoy === undefined) terminal.fact('Envoy', 'does not answer');
  else {
    const expires = envoy.certificateExpires === undefined ? '' : `, valid until ${envoy.certificateExpires}`;
    terminal.fact('presents', `${envoy.identities.join(', ') || 'no certificate'}${expires}`);
    terminal.fact('TLS handshakes', `${envoy.handshakes} (${envoy.tlsVersions.join(', ') || 'none'})`);
    if (envoy.allowed + envoy.denied > 0) {
      terminal.fact('permissions', `${envoy.allowed} connections let in, ${envoy.denied} kept out`);
    }
  }
  if (controlPlane === undefined) {
    terminal.fact('control plane', 'does not know it');
    return;
  }
  const versions = controlPlane.versions.map((one) => `${one.kind} ${one.acknowledged} of ${one.sent}`);
  terminal.fact('control plane', controlPlane.online ? 'online' : 'offline');
  terminal.fact('acknowledged', `${versions.join(', ') || 'nothing yet'}; ${controlPlane.rejected} rejected`);
  if (controlPlane.certificateExpires !== undefined) {
    terminal.fact('certificate until', controlPlane.certificateExpires);
  }
}
