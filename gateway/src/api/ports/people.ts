import type {
  ApiKey,
  ApiKeyInput,
  KeyRotation,
  LoginInput,
  PasswordChange,
  SessionInfo,
  User,
  UserFilter,
  UserInput,
  UserPatch,
} from '../../domain/access-input.ts';
import type { RoleChange } from '../../domain/access-rows.ts';
import type { Actor } from '../../domain/actor.ts';
import type { Page, TimedPage } from '../../domain/page.ts';
import type { Action } from '../../domain/permission.ts';
import type { RoleResetInput, RoleRightsInput } from '../../domain/rights-table.ts';

export interface LoggedIn {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly user: User;
  readonly mustChangePassword: boolean;
}

/** Who may speak. */
export interface SessionPort {
  /** Throws BAD_CREDENTIALS, SECOND_FACTOR_REQUIRED or TOO_MANY_REQUESTS. */
  login(input: LoginInput, address: string, agent?: string): Promise<LoggedIn>;
  /** The actor behind a session token or API key; null when it is none. Throws UNAVAILABLE when it cannot know. */
  authenticate(token: string, address: string): Promise<Actor | null>;
  logout(actor: Actor): Promise<void>;
  list(actor: Actor): Promise<readonly SessionInfo[]>;
  revoke(actor: Actor, id: string): Promise<void>;
}

export interface UserPort {
  me(actor: Actor): Promise<User>;
  changePassword(actor: Actor, input: PasswordChange): Promise<void>;
  /** Phones are masked for who may not change users. */
  list(actor: Actor, query: UserFilter & { limit?: number; cursor?: string }): Promise<Page<User>>;
  get(actor: Actor, id: string): Promise<User>;
  create(actor: Actor, input: UserInput): Promise<{ user: User; password?: string }>;
  update(actor: Actor, id: string, patch: UserPatch): Promise<{ user: User; password?: string }>;
}

export interface ApiKeyPort {
  createOwn(actor: Actor, input: ApiKeyInput): Promise<ApiKey & { readonly key: string }>;
  listOwn(actor: Actor): Promise<readonly ApiKey[]>;
  revokeOwn(actor: Actor, id: string): Promise<void>;
  createForVendor(actor: Actor, vendorId: string, input: ApiKeyInput): Promise<ApiKey & { readonly key: string }>;
  listForVendor(actor: Actor, vendorId: string): Promise<readonly ApiKey[]>;
  revokeForVendor(actor: Actor, vendorId: string, id: string): Promise<void>;
  rotateOwn(actor: Actor, id: string, input: KeyRotation): Promise<ApiKey & { readonly key: string }>;
  rotateForVendor(
    actor: Actor,
    vendorId: string,
    id: string,
    input: KeyRotation,
  ): Promise<ApiKey & { readonly key: string }>;
}

export interface ExportQuery {
  readonly purpose: string;
  readonly format: 'csv' | 'xlsx';
}
interface ExportFile {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}
export type UserExportPort = (actor: Actor, query: ExportQuery, filter: UserFilter) => Promise<ExportFile>;

interface Titled {
  readonly id: string;
  readonly name: { readonly zh: string; readonly en: string };
}
type ActionsOf = Readonly<Record<string, readonly Action[]>>;
export interface RoleView extends Titled {
  readonly rights: ActionsOf;
  readonly shipped: ActionsOf;
  readonly changeable: boolean;
  readonly never: ActionsOf;
}

/** The table role × resource × action. */
export interface RolePort {
  table(actor: Actor): Promise<{
    readonly roles: readonly RoleView[];
    readonly resources: readonly Titled[];
    readonly actions: readonly Titled[];
  }>;
  put(actor: Actor, role: string, input: RoleRightsInput): Promise<RoleView>;
  reset(actor: Actor, role: string, input: RoleResetInput): Promise<RoleView>;
  history(actor: Actor, query: { limit?: number; cursor?: string }): Promise<TimedPage<RoleChange>>;
  exportFile(actor: Actor, query: ExportQuery): Promise<ExportFile>;
}
