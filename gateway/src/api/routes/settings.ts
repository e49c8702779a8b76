import Type from 'typebox';
import { route } from '../route.ts';
import { Anything } from '../schema.ts';
import { SettingsView } from '../schemas/other.ts';
import type { RouteContext } from './index.ts';

const SettingsBody = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  minProperties: 1,
  maxProperties: 100,
  description: 'Only the settings named are changed, e.g. `{"groupHold":"60s"}`',
  additionalProperties: Anything,
});

export const settingRoutes = ({ services: { settings } }: RouteContext) => [
  route({
    method: 'GET',
    url: '/settings',
    access: 'settings:read',
    operationId: 'getSettings',
    tag: 'settings',
    summary: 'Settings of the whole system',
    ok: SettingsView,
    handler: ({ caller }) => settings.get(caller),
  }),
  route({
    method: 'PUT',
    url: '/settings',
    access: 'settings:update',
    operationId: 'putSettings',
    tag: 'settings',
    summary: 'Change settings',
    body: SettingsBody,
    ok: SettingsView,
    handler: ({ caller, body }) => settings.put(caller, body),
  }),
];
