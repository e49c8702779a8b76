import type { SsoProvider } from '../../domain/sign-in.ts';

/** Somebody a provider vouches for. */
export interface Person {
  readonly provider: SsoProvider;
  /** Issuer URL, or the corporation's id. */
  readonly issuer: string;
  /** The provider's own id of the person. */
  readonly subject: string;
  /** What else the provider says, for the first sign-in; asked for only then. */
  claims(): Promise<Readonly<Record<string, string>>>;
}
