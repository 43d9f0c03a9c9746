import type { KumulusError } from '../../model/errors.ts';
import type { ProxyMetadata } from '../../model/proxy-metadata.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { DataplaneSpec } from '../../model/types/dataplane.ts';

/** Who a stream of health checks says it is. Nothing of it is believed before the token was checked. */
export interface HealthHello {
  readonly tenant: TenantId;
  readonly token: string | undefined;
  readonly mesh: string;
  readonly name: string;
  readonly metadata: ProxyMetadata;
  readonly peer: string;
}

/** What Envoy found. */
export interface HealthReport {
  /** Envoy itself takes traffic; false while it drains. */
  readonly envoy: boolean;
  /** Of each port of the workload that is probed, whether it answers. */
  readonly ports: ReadonlyMap<number, boolean>;
}

/** One proxy's open stream of health checks, seen from the stream. */
export interface HealthSession {
  /** Called with the Dataplane whose ports are to be checked, and with each newer state of it. At most one listener. */
  onDataplane(listener: (dataplane: DataplaneSpec) => void): void;
  /** Called once where the control plane ends the stream. */
  onEnd(listener: (reason: KumulusError) => void): void;
  /** Resolves once what was found is kept; rejects where it could not be, and is then told again. */
  report(report: HealthReport): Promise<void>;
  /** The stream is gone; idempotent. */
  close(): void;
}

/** Where health goes to. */
export interface HealthSource {
  /**
   * Lets a proxy report. Its Dataplane may not be there yet, for streams of health checks open beside the one that
   * brings it.
   *
   * @throws KumulusError `unauthenticated` or `forbidden` for the token, `not_found` for the mesh.
   */
  open(hello: HealthHello): Promise<HealthSession>;
}
