import type { Actor } from '../../domain/actor.ts';
import type { Lifecycle } from '../../domain/device.ts';
import type { DeviceType, Explained } from '../../domain/device-type/index.ts';
import type { TypeVersion, TypeVersionSource, UploadedType } from '../../domain/device-type-version.ts';
import type { Scope } from '../../domain/scope.ts';
import type { FieldError } from '../../errors.ts';

/** The catalogue of device types. */
export interface DeviceTypePort {
  get(id: string): DeviceType | undefined;
  list(): readonly DeviceType[];
  isBuiltIn(id: string): boolean;
  isApproved(id: string): boolean;
  /** Whether the scope shows the type: built in, shared or one's own. */
  isVisible(id: string, scope: Scope): boolean;
}

/** Versions of uploaded types; see the registry. */
export interface TypeVersionPort {
  save(actor: Actor, source: string, options: { submit: boolean }): Promise<{ version: TypeVersion; type: DeviceType }>;
  submit(actor: Actor, id: string): Promise<TypeVersion>;
  decide(
    actor: Actor,
    id: string,
    decision: 'approve' | 'reject' | 'rollback',
    input: { reason: string; version?: number },
  ): Promise<TypeVersion>;
  retire(actor: Actor, id: string, reason: string): Promise<UploadedType>;
  share(actor: Actor, id: string, shared: boolean): Promise<UploadedType>;
  versions(actor: Actor, id: string): Promise<readonly TypeVersion[]>;
  version(actor: Actor, id: string, version: number): Promise<TypeVersionSource>;
}

/** Dry runs. */
export interface TypePreviewPort {
  decode(
    actor: Actor,
    which: { readonly id: string; readonly version?: number | undefined } | { readonly source: string },
    message: { topic: string; payload: Uint8Array },
  ): Promise<
    Explained & {
      readonly faults: readonly FieldError[];
      readonly devices: readonly ({
        readonly id: string;
        readonly lifecycle: Lifecycle;
        readonly type: string;
        readonly stored: boolean;
      } | null)[];
    }
  >;
  check(actor: Actor, source: string): { readonly type: DeviceType | null; readonly faults: readonly FieldError[] };
}
