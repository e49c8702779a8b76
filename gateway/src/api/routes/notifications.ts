import { ChannelBody, ChannelView, RuleBody, RuleView } from '../schemas/other.ts';
import type { RouteContext } from './index.ts';
import { resource } from './resource.ts';

export const notificationRoutes = ({ services: { notifications } }: RouteContext) => [
  ...resource({
    url: '/notification-channels',
    name: 'NotificationChannel',
    plural: 'NotificationChannels',
    tag: 'notifications',
    right: 'notifications',
    what: 'notification channels; their secrets are never returned',
    view: ChannelView,
    body: ChannelBody,
    service: notifications.channels,
  }),
  ...resource({
    url: '/notification-rules',
    name: 'NotificationRule',
    plural: 'NotificationRules',
    tag: 'notifications',
    right: 'notifications',
    what: 'notification rules: which changes go to which channel',
    view: RuleView,
    body: RuleBody,
    service: notifications.rules,
  }),
];
