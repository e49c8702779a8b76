import { type Static, Type } from 'typebox';
import { PASSWORD_MAX_LENGTH } from './password-policy.ts';

/** How a session was opened. */
export const SIGN_IN_WAYS = ['password', 'oidc', 'wecom'] as const;
export type SignInWay = (typeof SIGN_IN_WAYS)[number];
export type SsoProvider = Exclude<SignInWay, 'password'>;

/** Claims by which a provider may name a person at the first sign-in; phone and e-mail count only when it verified them. */
export const LINK_CLAIMS = ['preferred_username', 'phone_number', 'email'] as const;
export type LinkClaim = (typeof LINK_CLAIMS)[number];

/** Six digits of the authenticator, or a recovery code such as `k3tq7-xm2pd`. */
export const OneTimeCode = Type.String({ minLength: 6, maxLength: 20, pattern: '^[0-9A-Za-z -]+$' });

const Password = Type.String({ minLength: 1, maxLength: PASSWORD_MAX_LENGTH });

/** Body of `POST /users/me/totp/confirm`. */
export const CodeInput = Type.Object({ code: OneTimeCode }, { additionalProperties: false });
/** Body of `POST /users/me/totp/disable`. */
export const DisableInput = Type.Object({ password: Password, code: OneTimeCode }, { additionalProperties: false });
/** Body of acts upon another's account that must say why. */
export const ReasonInput = Type.Object(
  { reason: Type.String({ minLength: 2, maxLength: 200, pattern: '\\S' }) },
  { additionalProperties: false },
);
export type CodeInput = Static<typeof CodeInput>;
export type DisableInput = Static<typeof DisableInput>;
export type ReasonInput = Static<typeof ReasonInput>;

const Subject = Type.String({ minLength: 1, maxLength: 255, pattern: '^\\S(.*\\S)?$' });
const Url = Type.String({ minLength: 8, maxLength: 500, pattern: '^https?://[^\\s#]+$' });

/** Body of `PUT /users/{id}/identities`: all of them. `subject` links now; `claim` and `value` link at the first sign-in. */
export const IdentitiesInput = Type.Object(
  {
    identities: Type.Array(
      Type.Union([
        Type.Object(
          { provider: Type.Enum(['oidc', 'wecom']), subject: Subject, issuer: Type.Optional(Url) },
          { additionalProperties: false },
        ),
        Type.Object(
          { provider: Type.Literal('oidc'), claim: Type.Enum([...LINK_CLAIMS]), value: Subject },
          { additionalProperties: false },
        ),
      ]),
      { maxItems: 10 },
    ),
  },
  { additionalProperties: false },
);
export type IdentitiesInput = Static<typeof IdentitiesInput>;

/** Who a user is to a provider. Times in epoch milliseconds. */
export interface Identity {
  readonly provider: SsoProvider;
  /** Issuer URL, or the corporation's id; null until the first sign-in. */
  readonly issuer: string | null;
  /** The provider's own id of the person; null until the first sign-in. */
  readonly subject: string | null;
  /** What the provider must say at the first sign-in; null when the subject was given. */
  readonly claim: string | null;
  readonly value: string | null;
  readonly linkedAt: number | null;
  readonly lastUsedAt: number | null;
}

/** Body of `PUT /sign-in/wecom`. Private 政务微信 hosts differ, so no host is taken for granted. */
export const WecomInput = Type.Object(
  {
    /** Of the calls `/cgi-bin/…`. */
    baseUrl: Url,
    /** OAuth2 page inside the app; absent = `{baseUrl}/connect/oauth2/authorize`. */
    authorizeUrl: Type.Optional(Url),
    /** Page with the QR code for a desktop browser; absent = `{baseUrl}/wwopen/sso/qrConnect`. */
    qrUrl: Type.Optional(Url),
    /** Absent = `/cgi-bin/auth/getuserinfo`; older private hosts have `/cgi-bin/user/getuserinfo`. */
    userInfoPath: Type.Optional(Type.String({ pattern: '^/[A-Za-z0-9/_-]{1,100}$' })),
    corpId: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
    agentId: Type.String({ pattern: '^[0-9]{1,20}$' }),
    /** Address of this gateway as browsers see it, ending in `/api/v1/sessions/wecom/callback`. */
    redirectUrl: Url,
    enabled: Type.Optional(Type.Boolean()),
    /** Absent = the one there is stays. */
    secret: Type.Optional(Type.String({ minLength: 8, maxLength: 200, pattern: '^[!-~]+$' })),
  },
  { additionalProperties: false },
);
export type WecomInput = Static<typeof WecomInput>;

/** The same as it is kept and shown; the secret is never shown. */
export type WecomConfig = Omit<WecomInput, 'secret' | 'enabled'> & { readonly enabled: boolean };

/** What the login page may offer. */
export interface SignInMethods {
  readonly password: true;
  readonly oidc: boolean;
  readonly wecom: boolean;
}

/** One-time codes of a user, without the secret. */
export interface SecondFactorState {
  readonly enabled: boolean;
  /** Recovery codes not used yet. */
  readonly recoveryCodesLeft: number;
}

/** What stands in the table; only the access stage may see it. */
export interface SecondFactorRow {
  readonly secret: string;
  readonly confirmedAt: number | null;
  readonly lastStep: number;
  readonly recoveryCodesLeft: number;
}
