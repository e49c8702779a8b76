/** CRC-16 as Modbus computes it (reflected 0xA001) and CRC-16/CCITT-FALSE (0x1021), both from 0xFFFF. */
export function crc16(type: 'crc16modbus' | 'crc16ccitt', bytes: Uint8Array): number {
  let crc = 0xffff;
  const reflected = type === 'crc16modbus';
  for (const byte of bytes) {
    crc ^= reflected ? byte : byte << 8;
    for (let bit = 0; bit < 8; bit++) {
      if (reflected) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
      else crc = ((crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff) >>> 0;
    }
  }
  return crc;
}
