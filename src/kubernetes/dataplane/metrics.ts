import type { MetricsBackend } from '../../model/types/dataplane.ts';
import {
  type PrometheusConfig,
  prometheusConfigSchema,
  prometheusType,
} from '../../model/types/prometheus.ts';
import { type AnnotationReader, type Annotations, annotation, readAnnotations } from '../annotations.ts';
import { annotationRefusal } from './refusal.ts';

type Aggregate = NonNullable<PrometheusConfig['aggregate']>[number];

const prefix = 'prometheus.metrics.kuma.io/aggregate-';
/** An application is named by one of these; its `address` alone is not enough. */
const naming = /^prometheus\.metrics\.kuma\.io\/aggregate-([a-zA-Z0-9-]+)-(?:port|path|enabled)$/;
const defaultPath = '/metrics';

/**
 * Where a pod's metrics are to be had, as far as it differs from what its mesh says; undefined where it does not.
 *
 * @throws KumulusError `invalid` where an annotation is missing or has another form.
 */
export function metricsOf(values: Annotations): MetricsBackend | undefined {
  const annotations = readAnnotations(values);
  const path = annotations.text(annotation.prometheusPath) ?? '';
  const port = annotations.uint32(annotation.prometheusPort);
  const names = Object.keys(values).flatMap((name) => naming.exec(name)?.[1] ?? []);
  // In the order of names, for the reference has none.
  const aggregate = [...new Set(names)].sort().map((name) => aggregateOf(name, annotations));
  if (path === '' && port === undefined && aggregate.length === 0) {
    return undefined;
  }
  const conf = prometheusConfigSchema.parse({ path, port, aggregate });
  return { type: prometheusType, conf: { ...conf } };
}

/** Where one application in the pod has metrics that the proxy answers with beside its own. */
function aggregateOf(name: string, annotations: AnnotationReader): Aggregate {
  const enabled = annotations.enabled(`${prefix}${name}-enabled`) ?? true;
  const portName = `${prefix}${name}-port`;
  const port = annotations.uint32(portName);
  if (port === undefined && enabled) {
    throw annotationRefusal(portName, 'port needs to be specified for metrics scraping');
  }
  return {
    name,
    path: annotations.text(`${prefix}${name}-path`) ?? defaultPath,
    port: port ?? 0,
    enabled,
    address: annotations.text(`${prefix}${name}-address`) ?? '',
  };
}
