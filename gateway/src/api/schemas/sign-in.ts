import Type from 'typebox';
import { WecomInput } from '../../domain/sign-in.ts';
import { Enum, List, Named, Nullable, Secret, TimeOut } from '../schema.ts';

const Text = Type.String();

export const SignInMethodsView = Named(
  'SignInMethods',
  Type.Object({ password: Type.Boolean(), oidc: Type.Boolean(), wecom: Type.Boolean() }),
);
export const SecondFactorView = Named(
  'SecondFactor',
  Type.Object({ enabled: Type.Boolean(), recoveryCodesLeft: Type.Integer() }),
);
export const SecondFactorKey = Named(
  'SecondFactorKey',
  Type.Object({
    secret: Secret('For typing into the authenticator, base32; shown once'),
    uri: Secret('`otpauth://…`; shown once'),
    qr: Secret('The URI as a picture, `data:image/svg+xml`; shown once'),
  }),
);
export const RecoveryCodes = Named(
  'RecoveryCodes',
  Type.Object({
    recoveryCodes: Type.Optional(
      Type.Unsafe<readonly string[]>({
        type: 'array',
        items: { type: 'string' },
        description: 'Ten codes, each good once in the place of a one-time code; shown once',
        'x-secret': true,
      }),
    ),
  }),
);
export const IdentityView = Named(
  'Identity',
  Type.Object({
    provider: Enum(['oidc', 'wecom']),
    issuer: Nullable(Text),
    subject: Nullable(Text),
    claim: Nullable(Text),
    value: Nullable(Text),
    linkedAt: Nullable(TimeOut),
    lastUsedAt: Nullable(TimeOut),
  }),
);
export const IdentityList = Type.Object({ items: List(IdentityView) });

const { secret: _secret, ...shown } = WecomInput.properties;
export const WecomView = Named('WecomSignIn', Type.Object(shown));
