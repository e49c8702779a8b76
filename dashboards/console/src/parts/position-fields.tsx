import { Form, InputNumber, Select } from 'antd';
import { t, tCode } from '../language.ts';
import { CRS } from './crs.ts';

interface PositionFieldsProps {
  /** Where in the form they stand: `location/lat` for ['location']. */
  readonly at?: readonly string[];
}

/** Longitude, latitude and what map they were read from. What is out of range is refused, never bent into it. */
export function PositionFields({ at = [] }: PositionFieldsProps) {
  const lon = [...at, 'lon'];
  const lat = [...at, 'lat'];
  return (
    <>
      <Form.Item name={lon} label={t('position.lon')} dependencies={[lat]} rules={[together(lat, 180)]}>
        <InputNumber className="wide" controls={false} />
      </Form.Item>
      <Form.Item name={lat} label={t('position.lat')} dependencies={[lon]} rules={[together(lon, 90)]}>
        <InputNumber className="wide" controls={false} />
      </Form.Item>
      <Form.Item name={[...at, 'crs']} label={t('position.crs')} extra={t('position.crs.hint')}>
        <Select options={CRS.map((value) => ({ value, label: tCode('position.crs', value) }))} />
      </Form.Item>
    </>
  );
}

const together =
  (other: readonly string[], most: number) =>
  ({ getFieldValue }: { getFieldValue: (name: string[]) => unknown }) => ({
    async validator(_: unknown, value: unknown) {
      const there = (one: unknown) => typeof one === 'number';
      if (there(getFieldValue([...other])) && !there(value)) throw new Error(t('position.together'));
      if (typeof value === 'number' && Math.abs(value) > most) throw new Error(t('position.range', { most }));
    },
  });
