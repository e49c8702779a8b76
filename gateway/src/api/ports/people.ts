import type {
  ApiKey,
  ApiKeyInput,
  LoginInput,
  PasswordChange,
  SessionInfo,
  User,
  UserInput,
  UserPatch,
} from '../../domain/access-input.ts';
import type { Actor } from '../../domain/actor.ts';
import type { Page } from '../../domain/page.ts';

export interface LoggedIn {
  readonly token: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
  readonly user: User;
  readonly mustChangePassword: boolean;
}

/** Who may speak. */
export interface SessionPort {
  /** Throws BAD_CREDENTIALS or TOO_MANY_REQUESTS. */
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
  list(actor: Actor, query: { limit?: number; cursor?: string; q?: string; role?: string }): Promise<Page<User>>;
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
}
