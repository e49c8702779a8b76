import { SettingsInput } from '../../domain/settings.ts';
import type { RouteContext } from '../deps.ts';
import { route } from '../route.ts';
import { SettingsView } from '../schemas/settings.ts';

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
    summary: 'Change settings: only those named',
    body: SettingsInput,
    ok: SettingsView,
    handler: ({ caller, body }) => settings.put(caller, body),
  }),
];
