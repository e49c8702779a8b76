import { GatewayError } from '../errors.ts';
import { bilingual, type MessageKey } from '../messages/index.ts';

type Values = Readonly<Record<string, string | number>>;

/** Why a file as a whole cannot be read; crosses from the reading thread as plain data. */
export interface SheetRefusal {
  readonly code: 'INVALID_INPUT' | 'PAYLOAD_TOO_LARGE';
  readonly key: MessageKey;
  readonly values: Values;
}

export class SheetFault extends Error {
  readonly refusal: SheetRefusal;
  constructor(key: MessageKey, values: Values = {}, code: SheetRefusal['code'] = 'INVALID_INPUT') {
    super(key);
    this.refusal = { code, key, values };
  }
}

export function refusalError({ code, key, values }: SheetRefusal): GatewayError {
  const message = bilingual(key, values);
  return new GatewayError(code, message, { errors: [{ path: '/', code: key.split('.').at(-1) ?? key, message }] });
}
