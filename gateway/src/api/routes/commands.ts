import Type from 'typebox';
import { COMMAND_STATES } from '../../domain/command.ts';
import { DURATION_PATTERN, parseDuration } from '../../domain/duration.ts';
import type { RouteContext } from '../deps.ts';
import { page } from '../lists.ts';
import { route } from '../route.ts';
import { Anything, Enum, Named, Nullable, Strict, TimeOut } from '../schema.ts';
import { DeviceParams } from '../schemas/device.ts';
import { rangeQuery, readRange } from './telemetry.ts';

const CommandBody = Strict({
  name: Type.String({ minLength: 1, maxLength: 100, pattern: '^[A-Za-z][A-Za-z0-9._-]*$' }),
  params: Type.Optional(Anything),
  timeout: Type.Optional(
    Type.String({
      pattern: DURATION_PATTERN,
      description: "1s to 10m; the type's, else 10s. A later answer changes nothing",
    }),
  ),
  retries: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 5,
      default: 0,
      description: 'Sent again under the same id while the deadline stands',
    }),
  ),
  reason: Type.Optional(Type.String({ minLength: 2, maxLength: 200, description: 'Required for dangerous commands' })),
});
const CommandView = Named(
  'Command',
  Type.Object({
    id: Type.String(),
    name: Type.String(),
    params: Anything,
    state: Enum(COMMAND_STATES),
    issuedBy: Type.String(),
    issuedAt: TimeOut,
    reason: Nullable(Type.String()),
    deadline: Nullable(TimeOut),
    sentAt: Nullable(TimeOut),
    attempts: Type.Integer(),
    ackedAt: Nullable(TimeOut),
    late: Type.Boolean({ description: 'The answer came after the deadline' }),
    ok: Nullable(Type.Boolean()),
    result: Anything,
  }),
);
const CommandParams = Type.Object({
  ...DeviceParams.properties,
  commandId: Type.String({ minLength: 1, maxLength: 64 }),
});

const late = <C extends { readonly ackedAt: number | null; readonly deadline: number | null }>(command: C) => ({
  ...command,
  late: command.ackedAt !== null && command.deadline !== null && command.ackedAt > command.deadline,
});

export const commandRoutes = ({ services: { commands, devices }, times }: RouteContext) => [
  route({
    method: 'POST',
    url: '/devices/:id/commands',
    access: 'commands:operate',
    operationId: 'sendCommand',
    tag: 'telemetry',
    summary: 'Send a command; the answer comes back over MQTT',
    params: DeviceParams,
    body: CommandBody,
    status: 202,
    ok: Type.Object({ id: Type.String() }),
    problems: ['NOT_FOUND', 'UNAVAILABLE'],
    async handler({ caller, params, body }) {
      const { timeout, ...command } = body;
      const device = await devices.get(caller, params.id);
      return commands.send(caller, device, {
        ...command,
        ...(timeout === undefined ? {} : { timeout: parseDuration(timeout) }),
      });
    },
  }),
  route({
    method: 'GET',
    url: '/devices/:id/commands',
    access: 'commands:read',
    operationId: 'listCommands',
    tag: 'telemetry',
    summary: 'Commands sent to a device, newest first',
    params: DeviceParams,
    query: Strict(rangeQuery),
    ok: page(CommandView),
    problems: ['NOT_FOUND'],
    async handler({ caller, params, query }) {
      const found = await commands.list(caller, await devices.get(caller, params.id), readRange(query, times));
      return { ...found, items: found.items.map(late) };
    },
  }),
  route({
    method: 'GET',
    url: '/devices/:id/commands/:commandId',
    access: 'commands:read',
    operationId: 'getCommand',
    tag: 'telemetry',
    summary: 'One command and what became of it',
    params: CommandParams,
    ok: CommandView,
    problems: ['NOT_FOUND'],
    handler: async ({ caller, params }) =>
      late(await commands.get(caller, await devices.get(caller, params.id), params.commandId)),
  }),
];
