import { writeFileSync } from 'node:fs';
import { deviceTypeJsonSchema } from '../../gateway/src/domain/device-type/json-schema.ts';

// Run after a change of the grammar: npx node tools/device-types/write-schema.ts
const file = new URL('../../device-schemas/device-type.schema.json', import.meta.url);
writeFileSync(file, deviceTypeJsonSchema());
process.stdout.write(`${file.pathname}\n`);
