import Type from 'typebox';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { Enum, Named, Strict } from '../schema.ts';

const Text = (maxLength: number, description: string) => Type.String({ maxLength, description });

const LoginBody = Strict({
  username: Text(300, 'A device id, or `vendor:<id>`'),
  password: Text(1_000, 'Its secret'),
  clientid: Type.Optional(Text(65_535, 'Client id')),
  peerhost: Type.Optional(Text(100, 'Address of the client')),
});
const TopicBody = Strict({
  username: Text(300, 'A device id, or `vendor:<id>`'),
  action: Enum(['publish', 'subscribe']),
  topic: Text(65_535, 'Topic, or filter of a subscription'),
  clientid: Type.Optional(Text(65_535, 'Client id')),
});
const VerdictView = Named(
  'BrokerVerdict',
  Type.Object({
    result: Enum(['allow', 'deny', 'ignore']),
    is_superuser: Type.Optional(Type.Boolean({ description: 'Always false' })),
  }),
);

/** For a broker elsewhere that asks over HTTP who may connect and speak (EMQX 5 and what is made like it). */
export const mqttAuthRoutes = ({ services: { mqttAuth } }: RouteContext) => [
  route({
    method: 'POST',
    url: '/mqtt/auth',
    access: 'devices:operate',
    operationId: 'authenticateMqttClient',
    tag: 'system',
    summary: 'A broker elsewhere asks whether a client may connect (HTTP authenticator of EMQX 5)',
    description: 'Wrong secrets wait up to 5 s for their answer, as at the embedded broker.',
    body: LoginBody,
    ok: VerdictView,
    async handler({ caller, body: { username, password, clientid = '', peerhost = '' } }) {
      const result = await mqttAuth.login(caller, { username, password, clientId: clientid, address: peerhost });
      return { result, is_superuser: false };
    },
  }),
  route({
    method: 'POST',
    url: '/mqtt/acl',
    access: 'devices:operate',
    operationId: 'authorizeMqttClient',
    tag: 'system',
    summary: 'A broker elsewhere asks whether a client may publish or subscribe (HTTP authorizer of EMQX 5)',
    body: TopicBody,
    ok: VerdictView,
    async handler({ caller, body: { username, action, topic } }) {
      return { result: await mqttAuth.topic(caller, { username, action, topic }) };
    },
  }),
];
