import { type Static, Type } from 'typebox';

export const rtspConfig = Type.Object(
  {
    allowedTargets: Type.Optional(
      Type.Array(Type.String(), {
        title: '允许访问的地址 / allowed targets',
        description: 'cidr[:port] entries (CGW_ALLOWED_TARGETS); absent or empty = RFC 1918 and ULA.',
      }),
    ),
    verifyTls: Type.Boolean({
      default: false,
      title: '校验证书 / verify certificates',
      description: 'Off by default: cameras ship with self-signed certificates. On: rtsps needs a trusted chain.',
    }),
    userAgent: Type.String({ default: 'chengyun-gateway', pattern: '^[ -~]{1,80}$', title: 'User-Agent' }),
  },
  { additionalProperties: false },
);

export type RtspConfig = Static<typeof rtspConfig>;

export const RTSP_DEFAULTS: RtspConfig = { verifyTls: false, userAgent: 'chengyun-gateway' };
