import type { Actor } from '../domain/actor.ts';
import type { CommandInput } from '../domain/command.ts';
import type { Device } from '../domain/device-record.ts';
import { commandFaults, type DeviceTypeDefinition } from '../domain/device-type/index.ts';
import { parseDuration } from '../domain/duration.ts';
import { fieldError, refuseIf } from '../domain/input.ts';
import { GatewayError } from '../errors.ts';
import { bilingual, bothNames } from '../messages/index.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
const MIN_TIMEOUT_MS = 1_000;
const MAX_TIMEOUT_MS = 600_000;
const MAX_RETRIES = 5;
const MAX_PARAMS = 16_384;

export interface CommandTypes {
  get(id: string): { readonly definition?: Pick<DeviceTypeDefinition, 'commands'> } | undefined;
}

/** Who may tell this device what; answers timeout (milliseconds) and retries, throws for everything else. */
export function checkCommand(
  actor: Actor,
  device: Device,
  input: CommandInput,
  types: CommandTypes,
): { timeout: number; retries: number } {
  // A vendor tries its own device out; in service only the operations centre commands.
  if (actor.scope.kind === 'vendor' && device.lifecycle !== 'trial') {
    throw new GatewayError(
      'FORBIDDEN',
      bilingual('command.vendorTrialOnly', { lifecycle: bothNames('lifecycle', [device.lifecycle]) }),
    );
  }
  const { name, timeout: asked, retries = 0 } = input;
  const declared = types.get(device.type)?.definition?.commands;
  const definition = declared && Object.hasOwn(declared, name) ? declared[name] : undefined;
  // A type that declares nothing takes any name, as ever; one that does is closed to what it does not declare.
  if (declared && !definition && actor.role !== 'admin') {
    const allowed = Object.keys(declared).join(', ');
    refuseIf([fieldError('/name', 'enum', 'command.undeclared', { name, allowed })]);
  }
  if (definition) refuseIf(commandFaults(definition, input.params));
  if (definition?.danger) {
    if (actor.scope.kind === 'vendor') throw new GatewayError('FORBIDDEN', bilingual('command.danger', { name }));
    if (!input.reason) refuseIf([fieldError('/reason', 'required', 'command.dangerReason', { name })]);
  }
  if (JSON.stringify(input.params ?? null).length > MAX_PARAMS) {
    refuseIf([fieldError('/params', 'tooLong', 'input.tooLong', { limit: MAX_PARAMS })]);
  }
  const timeout = asked ?? parseDuration(definition?.timeout ?? '') ?? DEFAULT_TIMEOUT_MS;
  if (timeout < MIN_TIMEOUT_MS || timeout > MAX_TIMEOUT_MS)
    refuseIf([fieldError('/timeout', 'range', 'command.timeout')]);
  if (!Number.isInteger(retries) || retries < 0 || retries > MAX_RETRIES) {
    refuseIf([fieldError('/retries', 'range', 'input.maximum', { limit: MAX_RETRIES })]);
  }
  return { timeout, retries };
}
