import type * as z from 'zod';
import * as proto from '../../../model/proto-json.ts';
import { connectionFields } from '../common/connection.ts';

/** Kuma's `TrafficPermission` (`api/mesh/v1alpha1/traffic_permission.proto`): who may call whom. */
export const trafficPermissionSchema = proto.message(connectionFields);

export type TrafficPermissionSpec = z.output<typeof trafficPermissionSchema>;
