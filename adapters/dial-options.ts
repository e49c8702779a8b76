import { Type } from 'typebox';

/** How cameras are dialled, whatever they speak: part of the configuration of each adapter that does. */
export const DIAL_OPTIONS = {
  allowedTargets: Type.Optional(
    Type.Array(Type.String(), {
      title: '允许访问的地址 / allowed targets',
      description: 'cidr[:port] entries (CGW_ALLOWED_TARGETS); absent or empty = RFC 1918 and ULA.',
    }),
  ),
  verifyTls: Type.Boolean({
    default: false,
    title: '校验证书 / verify certificates',
    description: 'Off by default: cameras ship with self-signed certificates. On: TLS needs a trusted chain.',
  }),
  userAgent: Type.String({ default: 'chengyun-gateway', pattern: '^[ -~]{1,80}$', title: 'User-Agent' }),
};

export const DIAL_DEFAULTS = { verifyTls: false, userAgent: 'chengyun-gateway' };
