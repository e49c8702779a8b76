import Type, { type Static } from 'typebox';

/** Headers a receiver may ask for; ours and the connection's own cannot be overwritten. */
export const RESERVED_HEADERS =
  /^(host|content-length|content-type|transfer-encoding|connection|upgrade|expect|idempotency-key|x-cgw-.*)$/i;

export const WebhookConfig = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://[^\\s/@]+(/\\S*)?$',
      maxLength: 2_000,
      description: 'Where the notices are posted; without user name and password',
    }),
    timeout: Type.Optional(
      Type.Integer({ minimum: 1_000, maximum: 10_000, default: 10_000, description: 'One try, in milliseconds' }),
    ),
    headers: Type.Optional(
      Type.Record(
        Type.String({ pattern: '^[A-Za-z0-9-]{1,64}$' }),
        Type.String({ pattern: '^[\\x20-\\x7e]{0,500}$' }),
        {
          maxProperties: 20,
          description: 'Further headers, their values never shown again; reserved names are left out',
        },
      ),
    ),
  },
  { additionalProperties: false },
);
export type WebhookConfig = Static<typeof WebhookConfig>;
