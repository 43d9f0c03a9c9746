import { expect, it } from 'vitest';
import { relaySizes } from '../../dev/cost/relay-items.ts';
import { readTemplate } from './template.ts';

it('the bill is reckoned with the sizes of relays that there are', () => {
  const wanted = relaySizes.map(({ name, proxies, vcpu, gigabytes }) => [
    name,
    { Cpu: String(vcpu * 1_024), Memory: String(gigabytes * 1_024), Streams: proxies },
  ]);
  expect(readTemplate('relay.yml').Mappings.Sizes).toMatchObject(Object.fromEntries(wanted));
});
