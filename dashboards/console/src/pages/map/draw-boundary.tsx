import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, App, Button, Input, Upload } from 'antd';
import type { MapLayerMouseEvent, MapMouseEvent } from 'maplibre-gl';
import { useEffect, useMemo, useRef, useState } from 'react';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { LIGHT } from '../../look/tokens.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { area, boxOf, crossing, type Position } from '../../parts/map/geometry.ts';
import { fit, useMap } from '../../parts/map/map-canvas.tsx';
import { NamedSelect } from '../../parts/named-select.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { readBoundary } from './boundary-file.ts';
import { Corners } from './corners.tsx';
import { lineOf, pointOf, polygonOf, useDrawing } from './layers.ts';
import { useRing } from './use-ring.ts';

interface DrawBoundaryProps {
  readonly org: string | undefined;
  readonly choose: (org: string | undefined) => void;
  readonly close: () => void;
}

const LAYERS = [
  {
    id: 'draw-fill',
    type: 'fill',
    filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-color': LIGHT.accent, 'fill-opacity': 0.15 },
  },
  {
    id: 'draw-line',
    type: 'line',
    filter: ['!=', ['geometry-type'], 'Point'],
    paint: { 'line-color': LIGHT.accent, 'line-width': 2 },
  },
  {
    id: 'draw-crossing',
    type: 'line',
    filter: ['==', ['get', 'crosses'], true],
    paint: { 'line-color': LIGHT.bad, 'line-width': 4 },
  },
  {
    id: 'draw-corners',
    type: 'circle',
    filter: ['==', ['geometry-type'], 'Point'],
    paint: {
      'circle-radius': 6,
      'circle-color': LIGHT.surface,
      'circle-stroke-color': LIGHT.accent,
      'circle-stroke-width': 2.5,
    },
  },
] as const;

/** The outline of an organisation: drawn corner by corner, or taken from a file; judged by the gateway when it is saved. */
export default function DrawBoundary({ org, choose, close }: DrawBoundaryProps) {
  const handle = useMap();
  const { shift } = handle;
  const { message } = App.useApp();
  const queries = useQueryClient();
  const { ring, put, add, move, remove, undo, canUndo } = useRing();
  const [holes, setHoles] = useState<readonly (readonly Position[])[]>([]);
  const [fault, setFault] = useState<string | null>(null);
  const [pasted, setPasted] = useState('');
  const tool = useRef<HTMLElement>(null);
  /** On a phone it covers all there is: then nothing is gained by moving aside. */
  const covered = () => {
    const width = tool.current?.offsetWidth ?? 0;
    return width * 2 < handle.map.getContainer().clientWidth ? width : 0;
  };
  const crossed = useMemo(() => crossing(ring), [ring]);
  const features = useMemo(() => {
    const shown = ring.map(shift.shown);
    const [first] = shown;
    const sides = crossed
      ? crossed.map((i) =>
          lineOf(
            [shown[i], shown[(i + 1) % shown.length]].filter((one) => one !== undefined),
            { crosses: true },
          ),
        )
      : [];
    const closed = first && shown.length > 2 ? [polygonOf([...shown, first])] : shown.length > 1 ? [lineOf(shown)] : [];
    return [...closed, ...sides, ...shown.map((place, i) => pointOf(place, { i }))];
  }, [ring, shift, crossed]);
  useDrawing('draw', LAYERS as never, features);
  useCorners({ add, move, remove });

  const chosen = useQuery({
    queryKey: ['lists', 'org', org],
    queryFn: () => body(api.GET('/api/v1/orgs/{id}', { params: { path: { id: org ?? '' } } })),
    enabled: org !== undefined,
  });
  const take = (rings: readonly (readonly Position[])[]) => {
    const [outline = [], ...inner] = rings;
    put(opened(outline));
    setHoles(inner);
    setFault(null);
    const box = boxOf(outline.map(shift.shown));
    if (box) fit(handle, box, covered());
  };
  const taken = useRef(take);
  taken.current = take;
  const known = chosen.data;
  // What was drawn or imported before an organisation was chosen is meant for the one that is chosen then.
  const fresh = useRef(true);
  const drawn = useRef(false);
  drawn.current = ring.length > 0;
  useEffect(() => {
    if (!known) return;
    const keeps = fresh.current && drawn.current;
    fresh.current = false;
    if (!keeps) taken.current((known.boundary?.coordinates ?? []) as unknown as Position[][]);
  }, [known]);

  const save = useMutation({
    mutationFn: (boundary: { type: 'Polygon'; coordinates: number[][][] } | null) =>
      body(api.PATCH('/api/v1/orgs/{id}', { params: { path: { id: org ?? '' } }, body: { boundary } })),
    onSuccess: async (_, boundary) => {
      await queries.invalidateQueries({ queryKey: ['names', 'boundaries'] });
      await queries.invalidateQueries({ queryKey: ['lists', 'org', org] });
      setPasted('');
      void message.success(t(boundary === null ? 'map.draw.removed' : 'map.draw.saved'));
    },
  });
  const coordinates = () => [[...ring, ...ring.slice(0, 1)], ...holes].map((one) => one.map((place) => [...place]));
  const read = (text: string) => {
    const found = readBoundary(text);
    if (typeof found === 'string') setFault(t(`map.draw.fault.${found}`));
    else take(found.rings);
  };
  return (
    <section ref={tool} className="sheet map-tool" aria-label={t('map.draw')}>
      <h2>{t('map.draw')}</h2>
      <NamedSelect
        of="orgs"
        aria-label={t('map.draw.org')}
        placeholder={t('map.draw.org')}
        value={org ?? null}
        onChange={(id) => choose(id ?? undefined)}
      />
      <p className="quiet">{t('map.draw.how')}</p>
      {ring.length > 2 && <p>{t('map.draw.area', { corners: ring.length, area: areaWords(area(ring)) })}</p>}
      {holes.length > 0 && <p className="quiet">{t('map.draw.holes', { n: holes.length })}</p>}
      {crossed && (
        <Alert type="warning" showIcon title={t('map.draw.crosses', { a: crossed[0] + 1, b: crossed[1] + 1 })} />
      )}
      {fault && <Alert type="error" showIcon title={fault} closable={{ onClose: () => setFault(null) }} />}
      {save.isError && <ProblemNotice error={save.error} />}
      <Corners ring={ring} add={add} move={move} remove={remove} />
      <div className="map-tool-row">
        <Button size="small" onClick={undo} disabled={!canUndo}>
          {t('map.draw.undo')}
        </Button>
        <Button size="small" onClick={() => put([])} disabled={ring.length === 0}>
          {t('map.draw.clear')}
        </Button>
        <Upload
          accept=".json,.geojson,application/geo+json"
          showUploadList={false}
          beforeUpload={async (file) => {
            read(await file.text());
            return false;
          }}
        >
          <Button size="small">{t('map.draw.file')}</Button>
        </Upload>
      </div>
      <Input.TextArea
        aria-label={t('map.draw.paste')}
        placeholder={t('map.draw.paste')}
        rows={2}
        value={pasted}
        onChange={({ target }) => setPasted(target.value)}
        onBlur={() => pasted.trim() !== '' && read(pasted)}
      />
      <div className="map-tool-row">
        <Button
          type="primary"
          loading={save.isPending}
          disabled={org === undefined || ring.length < 3 || crossed !== null}
          onClick={() => save.mutate({ type: 'Polygon', coordinates: coordinates() })}
        >
          {t('map.draw.save')}
        </Button>
        {known?.boundary && (
          <ConfirmButton
            danger
            disabled={save.isPending}
            title={t('map.draw.none')}
            consequence={t('map.draw.noneConsequence', { name: known.name })}
            act={() => save.mutateAsync(null)}
          >
            {t('map.draw.none')}
          </ConfirmButton>
        )}
        <Button onClick={close}>{t('map.close')}</Button>
      </div>
    </section>
  );
}

/** Clicks add a corner, dragging moves one, the other button takes it away. */
function useCorners(tools: {
  add: (place: Position) => void;
  move: (i: number, place: Position) => void;
  remove: (i: number) => void;
}) {
  const { map, shift } = useMap();
  const held = useRef(tools);
  held.current = tools;
  useEffect(() => {
    const canvas = map.getCanvas();
    canvas.style.cursor = 'crosshair';
    let dragged: number | null = null;
    let moved = false;
    const placeOf = ({ lngLat }: MapMouseEvent) => shift.real([lngLat.lng, lngLat.lat]);
    const cornerAt = ({ point }: MapMouseEvent) => {
      const around: [[number, number], [number, number]] = [
        [point.x - 8, point.y - 8],
        [point.x + 8, point.y + 8],
      ];
      const i: unknown = map.queryRenderedFeatures(around, { layers: ['draw-corners'] })[0]?.properties.i;
      return typeof i === 'number' ? i : null;
    };
    const click = (event: MapMouseEvent) => {
      if (!moved && cornerAt(event) === null) held.current.add(placeOf(event));
      moved = false;
    };
    const down = (event: MapLayerMouseEvent) => {
      const i = cornerAt(event);
      if (i === null || event.originalEvent.button !== 0) return;
      event.preventDefault();
      dragged = i;
    };
    const up = (event: MapMouseEvent) => {
      if (dragged !== null && moved) held.current.move(dragged, placeOf(event));
      dragged = null;
    };
    const drag = () => {
      if (dragged !== null) moved = true;
    };
    const menu = (event: MapMouseEvent) => {
      const i = cornerAt(event);
      if (i !== null) held.current.remove(i);
    };
    map.on('click', click);
    map.on('mousedown', down);
    map.on('mousemove', drag);
    map.on('mouseup', up);
    map.on('contextmenu', menu);
    map.doubleClickZoom.disable();
    return () => {
      canvas.style.cursor = '';
      map.off('click', click);
      map.off('mousedown', down);
      map.off('mousemove', drag);
      map.off('mouseup', up);
      map.off('contextmenu', menu);
      map.doubleClickZoom.enable();
    };
  }, [map, shift]);
}

function opened(ring: readonly Position[]): readonly Position[] {
  const [first] = ring;
  const last = ring.at(-1);
  return first && last && ring.length > 1 && first[0] === last[0] && first[1] === last[1] ? ring.slice(0, -1) : ring;
}

const areaWords = (metres: number) =>
  metres >= 100_000
    ? t('map.area.km', { n: (metres / 1e6).toFixed(2) })
    : t('map.area.m', { n: Math.round(metres).toLocaleString() });
