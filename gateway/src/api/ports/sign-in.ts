import type { SessionInfo } from '../../domain/access-input.ts';
import type { Actor } from '../../domain/actor.ts';
import type {
  CodeInput,
  DisableInput,
  IdentitiesInput,
  Identity,
  ReasonInput,
  SecondFactorState,
  SignInMethods,
  SsoProvider,
  WecomConfig,
  WecomInput,
} from '../../domain/sign-in.ts';
import type { LoggedIn } from './people.ts';

/** Sessions of others. */
export interface SessionAdminPort {
  listOf(actor: Actor, userId: string): Promise<readonly SessionInfo[]>;
  /** Without an id all of them. */
  revokeOf(actor: Actor, userId: string, sessionId?: string): Promise<void>;
}

/** One-time codes. */
export interface SecondFactorPort {
  state(actor: Actor): Promise<SecondFactorState>;
  begin(actor: Actor): Promise<{ secret: string; uri: string; qr: string }>;
  confirm(actor: Actor, input: CodeInput): Promise<{ recoveryCodes: string[] }>;
  disable(actor: Actor, input: DisableInput): Promise<void>;
  reset(actor: Actor, userId: string, input: ReasonInput): Promise<void>;
}

export interface SingleSignOnPort {
  methods(): Promise<SignInMethods>;
  start(
    provider: SsoProvider,
    from: { readonly address: string; readonly agent?: string | undefined },
  ): Promise<{ location: string; flow: string }>;
  finish(
    provider: SsoProvider,
    callback: {
      readonly query: URLSearchParams;
      readonly flow: string | undefined;
      readonly address: string;
      readonly agent?: string | undefined;
    },
  ): Promise<LoggedIn>;
}

export interface IdentityLinkPort {
  listOf(actor: Actor, userId: string): Promise<readonly Identity[]>;
  replace(actor: Actor, userId: string, input: IdentitiesInput): Promise<readonly Identity[]>;
}

export interface WecomSettingsPort {
  get(actor: Actor): Promise<WecomConfig>;
  put(actor: Actor, input: WecomInput): Promise<WecomConfig>;
  remove(actor: Actor): Promise<void>;
}
