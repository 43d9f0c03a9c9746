export {
  type CaBackend,
  type MembershipRule,
  type MeshLogging,
  type MeshMtls,
  type MeshSpec,
  type MeshTracing,
  meshSchema,
} from './mesh-schema.ts';
