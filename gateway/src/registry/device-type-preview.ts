import type { Clock } from '../../../adapters/adapter.ts';
import type { Actor } from '../domain/actor.ts';
import { type DeviceBrief, LIFECYCLE_RIGHTS, type Lifecycle } from '../domain/device.ts';
import {
  compileDeviceType,
  type DeviceType,
  type Explained,
  explainMessage,
  type Identity,
  runExamples,
} from '../domain/device-type/index.ts';
import { requireRight } from '../domain/permission.ts';
import { type FieldError, GatewayError, isGatewayError } from '../errors.ts';
import type { Parsed } from './device-type-source.ts';
import { parseSource } from './device-type-source.ts';
import type { DeviceTypeVersions } from './device-type-versions.ts';
import type { DeviceTypeCatalogue } from './device-types.ts';

/** Which text of a type: what is served, a version of it, or a text nobody has saved. */
export type PreviewOf = { readonly id: string; readonly version?: number | undefined } | { readonly source: string };

export interface Attribution {
  readonly id: string;
  readonly lifecycle: Lifecycle;
  readonly type: string;
  /** Whether a message of this type would be stored for it. */
  readonly stored: boolean;
}

export interface Preview extends Explained {
  /** What is still wrong with a text that could be read: examples that come out otherwise. */
  readonly faults: readonly FieldError[];
  /** The device of each item, null when no device of the actor's bears the identity. */
  readonly devices: readonly (Attribution | null)[];
}

export interface TypePreview {
  /** Dry run of one message. */
  decode(actor: Actor, which: PreviewOf, message: { topic: string; payload: Uint8Array }): Promise<Preview>;
  /** Every fault of a text with line and column; empty = it would be taken. */
  check(actor: Actor, source: string): { readonly type: DeviceType | null; readonly faults: readonly FieldError[] };
}

/** Shows what a type makes of a message before anybody relies on it. */
export function createTypePreview(deps: {
  readonly types: DeviceTypeCatalogue;
  readonly versions: Pick<DeviceTypeVersions, 'version'>;
  readonly directory: {
    byId(id: string): DeviceBrief | undefined;
    bySerial(serial: string, vendorId: string | null): DeviceBrief | undefined;
    byExternalId(externalId: string, vendorId: string | null): DeviceBrief | undefined;
  };
  readonly window: () => { readonly pastMs: number; readonly futureMs: number };
  readonly clock: Clock;
}): TypePreview {
  const { types, directory } = deps;

  const typeOf = async (
    actor: Actor,
    which: PreviewOf,
  ): Promise<{ type: DeviceType; faults: readonly FieldError[] }> => {
    if ('source' in which) {
      const { type, faults } = compileSource(which.source);
      if (type) return { type, faults };
      throw new GatewayError('INVALID_INPUT', faults[0]?.message, { errors: faults });
    }
    if (which.version !== undefined) {
      const { source } = await deps.versions.version(actor, which.id, which.version);
      const { type, faults } = compileSource(source);
      if (type) return { type, faults };
      throw new GatewayError('INVALID_INPUT', faults[0]?.message, { errors: faults });
    }
    const type = types.isVisible(which.id, actor.scope) ? types.get(which.id) : undefined;
    if (!type) throw new GatewayError('NOT_FOUND');
    return { type, faults: [] };
  };

  const attribute = (actor: Actor, type: DeviceType, identity: Identity | null): Attribution | null => {
    if (!identity) return null;
    const vendorId = actor.scope.kind === 'vendor' ? actor.scope.vendorId : null;
    const { match, value } = identity;
    const found =
      match === 'id'
        ? directory.byId(value)
        : match === 'serial'
          ? directory.bySerial(value, vendorId)
          : directory.byExternalId(value, vendorId);
    if (!found || (vendorId !== null && found.vendorId !== vendorId)) return null;
    const stored = found.type === type.id && LIFECYCLE_RIGHTS[found.lifecycle].stored;
    return { id: found.id, lifecycle: found.lifecycle, type: found.type, stored };
  };

  return {
    async decode(actor, which, { topic, payload }) {
      requireRight(actor, 'deviceTypes', 'read');
      const { type, faults } = await typeOf(actor, which);
      const explained = explainMessage(type, { topic, payload, receivedAt: deps.clock.now() }, deps.window());
      const devices = explained.items.map(({ identity }) => attribute(actor, type, identity));
      return { ...explained, faults, devices };
    },
    check(actor, source) {
      requireRight(actor, 'deviceTypes', 'read');
      const { type, faults } = compileSource(source);
      const taken = type && types.isBuiltIn(type.id);
      const message = `${type?.id} 是内置类型，请换一个 id / ${type?.id} is built in; choose another id`;
      return { type, faults: taken ? [...faults, { path: '/id', code: 'CONFLICT', message }] : faults };
    },
  };
}

/** The type although its examples may not hold; null when the text cannot be read as one. */
function compileSource(source: string): { type: DeviceType | null; faults: readonly FieldError[] } {
  const parsed = parseSource(source);
  if (parsed.errors.length > 0) return { type: null, faults: parsed.errors };
  try {
    const type = compileDeviceType(parsed.value);
    return { type, faults: placed(runExamples(type), parsed) };
  } catch (error) {
    if (isGatewayError(error, 'INVALID_INPUT')) return { type: null, faults: placed(error.errors, parsed) };
    throw error;
  }
}

function placed(faults: readonly FieldError[], parsed: Parsed): FieldError[] {
  return faults.map((fault) => ({ ...fault, ...parsed.placeOf(fault.path) }));
}
