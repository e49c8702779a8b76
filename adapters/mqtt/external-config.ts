import { type Static, Type } from 'typebox';

const ms = (value: number, description: string) =>
  Type.Integer({ minimum: 10, maximum: 3_600_000, default: value, description });
const seconds = (value: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 31_536_000, default: value, description });

/** Configuration of the connection to a broker that runs elsewhere. */
export const externalConfig = Type.Object(
  {
    url: Type.String({
      pattern: '^(mqtts?|wss?)://.+',
      description: 'Where it is, with our login: `mqtt://name:password@host:port`; `mqtts`, `ws` and `wss` too.',
    }),
    clientId: Type.String({
      minLength: 1,
      maxLength: 60,
      default: 'cgw',
      description: 'Client ids begin with this; must stay the same over restarts and differ between processes.',
    }),
    group: Type.String({
      pattern: '^[A-Za-z0-9_-]{1,32}$',
      default: 'cgw',
      description: 'Name of the shared subscription; all processes of one gateway share it.',
    }),
    shared: Type.Boolean({
      default: false,
      description:
        'Several processes receive, each a part. Mosquitto up to 2.0.11 forgets shared subscriptions when it restarts: what comes before we are back is lost.',
    }),
    connections: Type.Integer({
      minimum: 0,
      maximum: 16,
      default: 1,
      description:
        'Connections that receive; 0 = this process only sends. With more than one a device’s messages may overtake each other.',
    }),
    receiveMaximum: Type.Integer({
      minimum: 1,
      maximum: 65_535,
      default: 1_000,
      description: 'Messages of one connection that wait for their acknowledgement at a time.',
    }),
    sessionExpiryS: seconds(7 * 86_400, 'How long the broker keeps what comes while this process is away.'),
    keepAliveS: seconds(20, 'After one and a half of these the broker takes us for gone.'),
    connectTimeoutMs: ms(10_000, 'A connection that is not accepted by then is tried again.'),
    reconnectMs: ms(250, 'Pause before the next attempt.'),
    sendTimeoutMs: ms(10_000, 'A message to a device that the broker has not taken by then is given up.'),
    commandExpiryS: seconds(60, 'A message to a device that is away is forgotten by the broker after this.'),
    settleMs: ms(10_000, 'After the broker was away its clients have this long to come back before they are judged.'),
  },
  { additionalProperties: false },
);

export type ExternalConfig = Static<typeof externalConfig>;
