import { describe, expect, it } from 'vitest';
import { injectorEnvironment } from './environment.ts';
import { defaultInjectorSettings } from './settings.ts';

const injector = 'KUMA_RUNTIME_KUBERNETES_INJECTOR_';

describe('what the environment says of injection', () => {
  it.each([{}, { [`${injector}CNI_ENABLED`]: '', KUMULUS_INJECTOR_CONTAINER_PATCHES: '' }])(
    'is Kuma’s default where it says nothing: %j',
    (environment) => {
      expect(injectorEnvironment(environment)).toEqual({
        settings: defaultInjectorSettings,
        sidecarContainers: false,
        adminPort: 9901,
        containerPatches: new Map(),
        controlPlaneUrl: undefined,
        controlPlaneCaCert: '',
      });
    },
  );

  it('is read in the forms of Kuma', () => {
    const { settings, ...others } = injectorEnvironment({
      [`${injector}SIDECAR_CONTAINER_DRAIN_TIME`]: '1m',
      [`${injector}SIDECAR_CONTAINER_GUI`]: '7',
      [`${injector}SIDECAR_CONTAINER_ENV_VARS`]: 'A:1,B:x:y',
      [`${injector}SIDECAR_CONTAINER_READINESS_PROBE_INITIAL_DELAY_SECONDS`]: '9',
      [`${injector}CONTAINER_PATCHES`]: 'one,two',
      [`${injector}CNI_ENABLED`]: 'T',
      KUMA_RUNTIME_KUBERNETES_SIDECAR_TRAFFIC_EXCLUDE_INBOUND_PORTS: '80,81',
      KUMA_INJECTOR_SIDECAR_CONTAINER_RESOURCES_LIMITS_CPU: '2',
      KUMA_INJECTOR_INIT_CONTAINER_IMAGE: 'init',
      KUMA_EXPERIMENTAL_SIDECAR_CONTAINERS: 'true',
      KUMULUS_INJECTOR_CONTROL_PLANE_URL: 'https://{tenant}.example.com:5678',
      KUMULUS_INJECTOR_CONTAINER_PATCHES: '{"one":{"initPatch":[{"op":"remove","path":"/env"}]}}',
    });
    expect(settings).toMatchObject({
      sidecarContainer: {
        drainTime: '1m',
        gid: 7,
        envVars: { A: '1', B: 'x:y' },
        readinessProbe: { initialDelaySeconds: 9, periodSeconds: 5 },
        resources: { limits: { cpu: '2', memory: '512Mi' } },
      },
      initContainer: { image: 'init' },
      containerPatches: ['one', 'two'],
      cniEnabled: true,
      sidecarTraffic: { excludeInboundPorts: [80, 81] },
    });
    expect(others).toMatchObject({
      sidecarContainers: true,
      controlPlaneUrl: 'https://{tenant}.example.com:5678',
      containerPatches: new Map([['one', { initPatch: [{ op: 'remove', path: '/env' }] }]]),
    });
  });

  it.each([
    [`${injector}CNI_ENABLED`, 'yes', 'takes true or false'],
    [`${injector}SIDECAR_CONTAINER_UID`, '-1', 'takes a whole number from 0'],
    [`${injector}BUILTIN_DNS_PORT`, '65536', 'takes a whole number from 0 to 65535'],
    [`${injector}SIDECAR_CONTAINER_DRAIN_TIME`, '0s', 'takes a duration such as 30s'],
    [`${injector}SIDECAR_CONTAINER_ENV_VARS`, 'A=1', 'takes pairs such as NAME:value,OTHER:value'],
    ['KUMA_INJECTOR_SIDECAR_CONTAINER_RESOURCES_LIMITS_CPU', 'all', 'takes a quantity such as 500m or 64Mi'],
    [
      'KUMA_RUNTIME_KUBERNETES_SIDECAR_TRAFFIC_EXCLUDE_OUTBOUND_PORTS',
      '1,x',
      'takes ports with commas between',
    ],
    ['KUMULUS_INJECTOR_CONTROL_PLANE_URL', 'mesh.example.com', 'takes an address such as'],
    ['KUMULUS_INJECTOR_CONTAINER_PATCHES', '{"one":{"sidecar":[]}}', 'takes a JSON object'],
    ['KUMULUS_INJECTOR_CONTAINER_PATCHES', '{', 'takes a JSON object'],
  ])('names %s where it cannot take %s', (name, value, message) => {
    expect(() => injectorEnvironment({ [name]: value })).toThrow(`${name} ${message}`);
  });
});
