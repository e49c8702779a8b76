import { type Static, Type } from 'typebox';

const port = (options: object) => Type.Integer({ minimum: 0, maximum: 65_535, ...options });
const ms = (value: number, description: string) =>
  Type.Integer({ minimum: 10, maximum: 3_600_000, default: value, description });
const count = (value: number, description: string) =>
  Type.Integer({ minimum: 1, maximum: 1_000_000, default: value, description });

/** Configuration of the embedded broker. Durations in milliseconds, sizes in bytes. */
export const mqttConfig = Type.Object(
  {
    host: Type.String({ default: '0.0.0.0', minLength: 1, description: 'Address to listen on.' }),
    port: port({ default: 1883, description: 'Port without TLS; 0 = any free one.' }),
    tls: Type.Optional(
      Type.Object(
        {
          port: port({ description: 'Port with TLS; 0 = any free one.' }),
          certFile: Type.String({ minLength: 1, description: 'PEM file of the certificate chain.' }),
          keyFile: Type.String({ minLength: 1, description: 'PEM file of the private key.' }),
        },
        { additionalProperties: false, description: 'Second listener with TLS; absent = none.' },
      ),
    ),
    maxMessageBytes: Type.Integer({
      minimum: 128,
      maximum: 16_777_216,
      default: 262_144,
      description: 'A larger payload is acknowledged and recorded as refused, and never held in memory.',
    }),
    maxPacketBytes: Type.Integer({
      minimum: 1_024,
      maximum: 268_435_455,
      default: 16_777_216,
      description: 'A larger packet closes the connection as soon as its header is seen.',
    }),
    maxControlBytes: Type.Integer({
      minimum: 1_024,
      maximum: 1_048_576,
      default: 131_072,
      description: 'The same for everything but PUBLISH (CONNECT with its will, SUBSCRIBE …).',
    }),
    maxClientIdLength: Type.Integer({
      minimum: 23,
      maximum: 65_535,
      default: 256,
      description: 'Characters; a longer client id is refused with CONNACK 2.',
    }),
    connectTimeoutMs: ms(10_000, 'A connection that has not sent CONNECT by then is closed.'),
    authenticateTimeoutMs: ms(10_000, 'A login that could not be checked by then is refused with CONNACK 3.'),
    packetTimeoutMs: ms(60_000, 'A packet that was begun must be complete by then.'),
    drainTimeoutMs: ms(5_000, 'A client that does not read what is sent to it is closed after this.'),
    holdMs: ms(20_000, 'Longest time a PUBACK is withheld while the spool is full, and the time for keepalive 0.'),
    maxConnections: count(20_000, 'Connections in all.'),
    maxConnectionsPerAddress: count(5_000, 'Connections from one address; a whole site may sit behind one.'),
    maxPendingPerAddress: count(1_000, 'Connections from one address that have not logged in yet.'),
    maxSubscriptions: count(1_000, 'Topic filters of one connection; further ones are answered 0x80.'),
  },
  { additionalProperties: false },
);

export type MqttConfig = Static<typeof mqttConfig>;
