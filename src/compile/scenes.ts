import type { Protocol } from '../model/protocol.ts';
import type { MeshFacts } from './mesh-facts.ts';
import type { OutboundSetting } from './outbound.ts';
import type { ProxyFlags } from './proxy-flags.ts';

/** The settings of outbounds of proxies with the same flags, in a mesh as it is at the moment. */
export interface Scene {
  setting(protocol: Protocol, tls: boolean): OutboundSetting;
}

/** Hands out scenes; equal ones are one object. There are no more than ways to set up a mesh and its proxies. */
export function createScenes(): (mesh: MeshFacts, flags: ProxyFlags) => Scene {
  const scenes = new Map<string, Scene>();
  return (mesh, flags) => {
    const key = `${mesh.key} ${flags.key}`;
    let scene = scenes.get(key);
    if (scene === undefined) {
      scene = createScene(mesh.name, flags);
      scenes.set(key, scene);
    }
    return scene;
  };
}

function createScene(mesh: string, flags: ProxyFlags): Scene {
  const plain = new Map<Protocol, OutboundSetting>();
  const encrypted = new Map<Protocol, OutboundSetting>();
  return {
    setting(protocol, tls) {
      const settings = tls ? encrypted : plain;
      let setting = settings.get(protocol);
      if (setting === undefined) {
        setting = { mesh, protocol, tls, flags };
        settings.set(protocol, setting);
      }
      return setting;
    },
  };
}
