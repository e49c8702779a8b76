import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Segmented } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { Lanes, LanesTable } from '../../parts/lanes.tsx';
import { offsetOf, type View } from '../../parts/lanes-view.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { zonedAt, zonedMs, zonedNow } from '../../parts/zoned-day.ts';
import { freshLanes, lanesOf } from './lane-data.ts';
import { useType } from './type.ts';

type Device = Answer<'Device'>;
const HOUR = 3_600_000;
const RANGES = [1, 6, 24, 168, 720] as const;
/** A device of many parts shows those in doubt first, then as many as are legible. */
const FEW = 8;
const POINTS = 9_000;

/** Which span of time is looked at: one of the usual ones up to now, or a free one. */
export function useRange(standard: number): {
  readonly hours: number;
  readonly free: View | null;
  readonly choose: (hours: number) => void;
  readonly zoom: (view: View | null) => void;
  readonly now: () => View;
} {
  const [{ hours: text }, filter] = useFilters();
  const [free, zoom] = useState<View | null>(null);
  const hours = Number(text) || standard;
  return {
    hours,
    free,
    zoom,
    choose: (wanted) => {
      zoom(null);
      filter({ hours: String(wanted) });
    },
    now: () => free ?? { from: Date.now() - hours * HOUR, to: Date.now() },
  };
}
export type Range = ReturnType<typeof useRange>;

export function RangeChoice({ range, most }: { range: Range; most: number }) {
  const { hours, free, choose, zoom } = range;
  const zone = useMe().timeZone;
  const now = zonedNow(zone);
  return (
    <span className="device-range">
      <Segmented
        size="small"
        value={free ? 0 : hours}
        onChange={(value) => Number(value) > 0 && choose(Number(value))}
        options={[
          ...RANGES.map((one) => ({ value: one as number, label: t(`range.${one}`) })),
          ...(free ? [{ value: 0, label: t('range.free') }] : []),
        ]}
      />
      <DatePicker.RangePicker
        size="small"
        showTime={{ format: 'HH:mm' }}
        format="MM-DD HH:mm"
        aria-label={t('range.free')}
        value={free ? [zonedAt(free.from, zone), zonedAt(free.to, zone)] : null}
        maxDate={now}
        minDate={now.subtract(most, 'day')}
        onChange={(days) =>
          zoom(
            days?.[0] && days[1]
              ? { from: zonedMs(days[0], zone), to: Math.min(zonedMs(days[1], zone), Date.now()) }
              : null,
          )
        }
      />
      {free && (
        <Button size="small" onClick={() => zoom(null)}>
          {t('range.back')}
        </Button>
      )}
    </span>
  );
}

/** What held from when to when: verdict, link or stream, data, incidents, tickets, maintenance, our own blindness. */
export function DeviceLanes({ device, camera }: { device: Device; camera: boolean }) {
  const range = useRange(24);
  const [as, setAs] = useState<'picture' | 'table'>('picture');
  const [all, setAll] = useState(false);
  const key = range.free ?? range.hours;
  const lanes = useQuery({
    queryKey: ['device-lanes', device.id, key],
    queryFn: () => {
      const { from, to } = range.now();
      const query = { from: String(Math.round(from)), to: String(Math.round(to)) };
      return body(api.GET('/api/v1/devices/{id}/lanes', { params: { path: { id: device.id }, query } }));
    },
    refetchInterval: range.free ? false : 15_000,
    placeholderData: keepPreviousData,
  });
  const fresh = useFreshness(device, range, all);
  return (
    <section className="sheet">
      <h2 className="device-line">
        {t('device.lanes')}
        <RangeChoice range={range} most={62} />
        <Segmented
          size="small"
          value={as}
          onChange={setAs}
          options={(['picture', 'table'] as const).map((one) => ({ value: one, label: t(`lanes.as.${one}`) }))}
        />
      </h2>
      <Loaded query={lanes}>
        {(data) => {
          const view = { from: Date.parse(data.from), to: Date.parse(data.to) };
          const limit = { from: Date.now() - range.hours * HOUR, to: Date.now() };
          const shown = [...lanesOf(data, camera), ...fresh.lanes(view)];
          const go = (wanted: View) => range.zoom(wanted.to - wanted.from > range.hours * HOUR * 0.98 ? null : wanted);
          return (
            <>
              {as === 'picture' ? (
                <Lanes
                  lanes={shown}
                  view={view}
                  limit={limit}
                  onView={go}
                  label={t('device.lanes')}
                  offset={offsetOf(data.from)}
                />
              ) : (
                <LanesTable lanes={shown} view={view} offset={offsetOf(data.from)} />
              )}
              <p className="device-legend">
                <Mark tone="good" shape="disc" label={t('lanes.good')} />
                <Mark tone="warning" shape="triangle" label={t('lanes.warning')} />
                <Mark tone="bad" shape="square" label={t('lanes.bad')} />
                <Mark tone="odd" shape="diamond" label={t('lanes.odd')} />
                <Mark tone="none" shape="bar" label={t('lanes.none')} />
                {data.coarse && <span className="quiet">{t('lanes.coarse')}</span>}
                {fresh.more > 0 && (
                  <Button size="small" type="link" onClick={() => setAll(!all)}>
                    {all ? t('lanes.fewer') : t('lanes.more', { n: fresh.more })}
                  </Button>
                )}
              </p>
            </>
          );
        }}
      </Loaded>
    </section>
  );
}

/** When each watched metric came in time, counted from what is stored. */
function useFreshness(device: Device, range: Range, all: boolean) {
  const may = useMay();
  const { metric } = useType(device.type);
  const health = useHealth(device.id);
  const watched = Object.entries(health.data?.facts.data ?? {})
    .map(([name, { state, evidence }]) => ({ name, state, lastsMs: Number((evidence as Evidence)?.freshWithin) || 0 }))
    .filter(({ lastsMs }) => lastsMs > 0)
    .sort((a, b) => Number(b.state === 'bad') - Number(a.state === 'bad') || (a.name < b.name ? -1 : 1));
  const shown = all ? watched : watched.slice(0, FEW);
  const key = range.free ?? range.hours;
  const length = range.free ? range.free.to - range.free.from : range.hours * HOUR;
  const each = Math.max(
    60_000,
    Math.ceil(length / Math.min(288, POINTS / Math.max(1, shown.length)) / 60_000) * 60_000,
  );
  const counts = useQuery({
    queryKey: ['device-fresh', device.id, key, shown.map(({ name }) => name).join()],
    queryFn: () => {
      const { from, to } = range.now();
      const metrics = shown.map(({ name }) => name).join();
      const query = {
        from: `${Math.round(from)}`,
        to: `${Math.round(to)}`,
        metrics,
        bucket: `${each / 1_000}s`,
        agg: 'count' as const,
        limit: 10_000,
      };
      return body(api.GET('/api/v1/devices/{id}/telemetry', { params: { path: { id: device.id }, query } }));
    },
    enabled: shown.length > 0 && may('telemetry', 'read'),
    refetchInterval: range.free ? false : 60_000,
    placeholderData: keepPreviousData,
  });
  return {
    more: watched.length - FEW,
    lanes: (view: View) =>
      freshLanes(
        shown.map((one) => ({
          ...one,
          label: metric(one.name),
          signs: (counts.data?.series.find((series) => series.metric === one.name)?.points ?? []).map(([at]) =>
            Date.parse(String(at)),
          ),
        })),
        counts.data ? each : null,
        view,
      ),
  };
}

interface Evidence {
  readonly freshWithin?: number;
}

export const useHealth = (id: string) =>
  useQuery({
    queryKey: ['device-health', id],
    queryFn: () => body(api.GET('/api/v1/devices/{id}/health', { params: { path: { id } } })),
    refetchInterval: 5_000,
  });
