import { type Static, Type } from 'typebox';

const count = (minimum: number, maximum: number, description: string) =>
  Type.Integer({ minimum, maximum, description });

/** What one vendor may use. Messages are those of its own login `vendor:<id>`; a device's own login has its own rate. */
const QUOTAS = {
  maxDevices: count(0, 1_000_000, 'Devices beside retired and rejected ones'),
  messagesPerSecond: count(1, 100_000, 'MQTT messages a second over its login'),
  messageBurst: count(1, 1_000_000, 'MQTT messages at once above that rate'),
  messagesPerDay: count(0, 1_000_000_000, 'MQTT messages a calendar day'),
  requestsPerMinute: count(1, 100_000, 'HTTP requests a minute of its people and keys together'),
  maxDeviceTypes: count(0, 10_000, 'Device types of its own'),
  quarantineRows: count(0, 1_000_000, 'Refused messages kept for it; the oldest go first'),
};

export const VendorQuotas = Type.Object(QUOTAS, { additionalProperties: false });
export type VendorQuotas = Static<typeof VendorQuotas>;

/** Only what differs from the defaults. */
export const VendorQuotasInput = Type.Partial(VendorQuotas, { additionalProperties: false });
export type VendorQuotasInput = Static<typeof VendorQuotasInput>;

/** What holds for a vendor until the settings or its own quotas say otherwise. */
export const DEFAULT_VENDOR_QUOTAS: VendorQuotas = {
  maxDevices: 5_000,
  messagesPerSecond: 2_000,
  messageBurst: 10_000,
  messagesPerDay: 20_000_000,
  requestsPerMinute: 1_200,
  maxDeviceTypes: 50,
  quarantineRows: 10_000,
};

/** What a vendor used on one calendar day. */
export interface VendorUsage {
  readonly messages: number;
  /** Messages acknowledged and recorded as refused because a quota was used up. */
  readonly refused: number;
  readonly requests: number;
}
