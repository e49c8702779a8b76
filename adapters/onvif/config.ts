import { type Static, Type } from 'typebox';
import { DIAL_DEFAULTS, DIAL_OPTIONS } from '../dial-options.ts';

const ms = (title: string, fallback: number, minimum = 1) =>
  Type.Integer({ title, default: fallback, minimum, maximum: 600_000 });

export const onvifConfig = Type.Object(
  {
    ...DIAL_OPTIONS,
    threads: Type.Integer({
      default: 2,
      minimum: 1,
      maximum: 8,
      title: '解析线程数 / parser threads',
      description: 'Answers of cameras are parsed there, never on the thread that serves devices.',
    }),
    interfaces: Type.Optional(
      Type.Array(Type.String(), {
        title: '发现所用网卡地址 / discovery interfaces',
        description:
          'IPv4 addresses of our own interfaces to search from; absent = every interface, loopback only when allowedTargets lists it.',
      }),
    ),
    discoveryPort: Type.Integer({ default: 3702, minimum: 1, maximum: 65_535, title: 'WS-Discovery 端口 / port' }),
    discoveryPauseMs: ms('探测重发间隔 / pause between probe messages', 500),
  },
  { additionalProperties: false },
);

export type OnvifConfig = Static<typeof onvifConfig>;

export const ONVIF_DEFAULTS: OnvifConfig = {
  ...DIAL_DEFAULTS,
  threads: 2,
  discoveryPort: 3702,
  discoveryPauseMs: 500,
};
