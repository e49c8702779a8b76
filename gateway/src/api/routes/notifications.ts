import Type from 'typebox';
import { withoutSecrets } from '../../domain/channel-config.ts';
import { type Notice, OF_NO_DEVICE } from '../../domain/notice.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { IdParams, List } from '../schema.ts';
import {
  ChannelInput,
  ChannelPatch,
  ChannelView,
  ChannelWithSecret,
  RuleInput,
  RulePatch,
  RuleTestInput,
  RuleTestView,
  RuleView,
  SendOutcome,
} from '../schemas/notification.ts';

const tag = 'notifications';

export const notificationRoutes = ({ clock, times, services: { notifications } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/notification-channels',
    access: 'notifications:read',
    operationId: 'listNotificationChannels',
    tag,
    summary: 'Channels; their secrets are never returned',
    ok: Type.Object({ items: List(ChannelView) }),
    handler: async () => ({ items: (await notifications.channels()).map(withoutSecrets) }),
  }),
  route({
    method: 'POST',
    url: '/notification-channels',
    access: 'notifications:create',
    operationId: 'createNotificationChannel',
    tag,
    summary: 'Add a channel; its signing secret is shown once',
    body: ChannelInput,
    status: 201,
    ok: ChannelWithSecret,
    async handler({ caller, body }) {
      const made = await notifications.createChannel(caller, body);
      return { channel: withoutSecrets(made.channel), secret: made.secret };
    },
  }),
  route({
    method: 'PATCH',
    url: '/notification-channels/:id',
    access: 'notifications:update',
    operationId: 'updateNotificationChannel',
    tag,
    summary: 'Change a channel; without `secret` it keeps the one it has',
    params: IdParams,
    body: ChannelPatch,
    ok: ChannelView,
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params, body }) =>
      withoutSecrets(await notifications.changeChannel(caller, params.id, body)),
  }),
  route({
    method: 'DELETE',
    url: '/notification-channels/:id',
    access: 'notifications:remove',
    operationId: 'deleteNotificationChannel',
    tag,
    summary: 'Remove a channel with its rules',
    params: IdParams,
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params }) {
      await notifications.removeChannel(caller, params.id);
      return undefined;
    },
  }),
  route({
    method: 'GET',
    url: '/notification-rules',
    access: 'notifications:read',
    operationId: 'listNotificationRules',
    tag,
    summary: 'Rules: what goes to which channel; without a rule nothing is sent',
    ok: Type.Object({ items: List(RuleView) }),
    handler: async () => ({ items: await notifications.rules() }),
  }),
  route({
    method: 'POST',
    url: '/notification-rules',
    access: 'notifications:create',
    operationId: 'createNotificationRule',
    tag,
    summary: 'Add a rule; a list that is null does not narrow',
    body: RuleInput,
    status: 201,
    ok: RuleView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, body }) => notifications.createRule(caller, body),
  }),
  route({
    method: 'PATCH',
    url: '/notification-rules/:id',
    access: 'notifications:update',
    operationId: 'updateNotificationRule',
    tag,
    summary: 'Change a rule',
    params: IdParams,
    body: RulePatch,
    ok: RuleView,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, body }) => notifications.changeRule(caller, params.id, body),
  }),
  route({
    method: 'DELETE',
    url: '/notification-rules/:id',
    access: 'notifications:remove',
    operationId: 'deleteNotificationRule',
    tag,
    summary: 'Remove a rule',
    params: IdParams,
    status: 204,
    problems: ['NOT_FOUND'],
    async handler({ caller, params }) {
      await notifications.removeRule(caller, params.id);
      return undefined;
    },
  }),
  route({
    method: 'POST',
    url: '/notification-channels/:id/test',
    access: 'notifications:update',
    operationId: 'testNotificationChannel',
    tag,
    summary: 'Send a test message now; answers what the receiver said',
    params: IdParams,
    ok: SendOutcome,
    problems: ['NOT_FOUND'],
    handler: ({ caller, params, language }) => notifications.testChannel(caller, params.id, language),
  }),
  route({
    method: 'POST',
    url: '/notification-rules/test',
    access: 'notifications:read',
    operationId: 'testNotificationRules',
    tag,
    summary: 'How the rules would read a notice; nothing is sent',
    body: RuleTestInput,
    ok: RuleTestView,
    handler({ body }) {
      const at = body.at === undefined ? clock.now() : times.parse(body.at, 'at');
      const { at: _at, ...given } = body;
      const made = {
        key: 'test',
        subject: 'test',
        severity: 'major',
        priority: 'normal',
        reason: null,
        advice: null,
        at,
      };
      return notifications.tryOut({ ...OF_NO_DEVICE, ...made, ...given } as Notice, at);
    },
  }),
];
