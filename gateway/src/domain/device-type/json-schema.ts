import { DeviceTypeSchema } from './grammar.ts';

/** The committed `device-schemas/device-type.schema.json`, for completion in editors. */
export function deviceTypeJsonSchema(): string {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $comment: 'Generated from gateway/src/domain/device-type/grammar.ts by npx node tools/device-types/write-schema.ts',
    ...(JSON.parse(JSON.stringify(DeviceTypeSchema)) as object),
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
