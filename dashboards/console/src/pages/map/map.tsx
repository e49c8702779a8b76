import { Link } from '@tanstack/react-router';
import { Alert, Button } from 'antd';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import type { Box } from '../../parts/map/geometry.ts';
import { MapCanvas } from '../../parts/map/map-canvas.tsx';
import { Page } from '../../parts/page.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { MapFilters } from './filters.tsx';
import { InView } from './in-view.tsx';
import { Legend } from './legend.tsx';
import { Panel } from './panel.tsx';
import { type Place, placesOf, useMapPoints } from './points.ts';
import { PointsLayer } from './points-layer.tsx';
import { View } from './view.tsx';
import './map.css';

/** Tools few people use, loaded when they are. */
const DrawBoundary = lazy(() => import('./draw-boundary.tsx'));
const PlaceCamera = lazy(() => import('./place-camera.tsx'));

const NO_PLACES: readonly Place[] = [];

/** Where what is, and how it does: a hundred thousand devices, filtered as their list is. */
export default function DeviceMap() {
  const may = useMay();
  const [filters, change] = useFilters();
  const query = useMapPoints(filters);
  const points = query.data;
  const [box, setBox] = useState<Box | null>(null);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const mode = filters.mode === 'draw' || filters.mode === 'place' ? filters.mode : 'look';
  const states = useMemo(() => new Set((filters.healthState ?? '').split(',').filter(Boolean)), [filters.healthState]);
  const places = useMemo(() => (points ? placesOf(points, states) : NO_PLACES), [points, states]);
  const first = chosen[0];
  const chosenIndex = useMemo(
    () => (first === undefined || !points ? null : points.ids.indexOf(first)),
    [first, points],
  );
  const { mode: _mode, org: _org, ...listed } = filters;
  const open = (next: 'draw' | 'place' | undefined) => change({ mode: next === mode ? undefined : next });
  return (
    <Page
      title={t('map.title')}
      guide="map"
      actions={
        <>
          <Link to="/devices" search={listed}>
            <Button>{t('map.toList')}</Button>
          </Link>
          {may('cameras', 'read') && (
            <Button
              type={mode === 'place' ? 'primary' : 'default'}
              aria-pressed={mode === 'place'}
              onClick={() => open('place')}
            >
              {t('map.place')}
            </Button>
          )}
          {may('orgs', 'update') && (
            <Button
              type={mode === 'draw' ? 'primary' : 'default'}
              aria-pressed={mode === 'draw'}
              onClick={() => open('draw')}
            >
              {t('map.draw')}
            </Button>
          )}
        </>
      }
    >
      <MapFilters filters={filters} change={change} />
      {query.isError && <ProblemNotice error={query.error} again={() => query.refetch()} />}
      {points && points.unplaced > 0 && (
        <Alert
          type="info"
          showIcon
          title={
            points.ids.length === 0
              ? t('map.nonePlaced', { n: points.unplaced })
              : t('map.unplaced', { n: points.unplaced })
          }
        />
      )}
      <div className={`map-desk map-desk-${mode}${chosen.length > 0 ? ' map-desk-open' : ''}`}>
        <aside className="sheet map-side" aria-label={t('map.inView')}>
          <Legend
            points={points}
            box={box}
            chosen={states}
            choose={(next) => change({ healthState: [...next].join(',') })}
          />
          <InView points={points} box={box} states={states} chosen={first} onChoose={(id) => setChosen([id])} />
        </aside>
        <MapCanvas label={t('map.canvas')}>
          <PointsLayer
            places={places}
            chosen={chosenIndex}
            quiet={mode !== 'look'}
            onChoose={(place) => setChosen(place.members.map((i) => points?.ids[i] ?? ''))}
          />
          <View
            places={places}
            onMove={setBox}
            go={chosen.length === 1 && points && chosenIndex !== null ? chosenIndex : null}
            points={points}
          />
          <Suspense>
            {mode === 'draw' && (
              <DrawBoundary
                org={filters.org}
                choose={(org) => change({ org })}
                close={() => change({ mode: undefined, org: undefined })}
              />
            )}
            {mode === 'place' && <PlaceCamera close={() => change({ mode: undefined })} />}
          </Suspense>
        </MapCanvas>
        {mode === 'look' && chosen.length > 0 && points && (
          <Panel ids={chosen} points={points} onChoose={(ids) => setChosen(ids)} close={() => setChosen([])} />
        )}
      </div>
    </Page>
  );
}
