import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Segmented } from 'antd';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { lately, readStill, useAddress } from '../../parts/live/still.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Ago } from '../../parts/time.tsx';
import { type Area, MOST_AREAS } from './areas.ts';
import { Drawing, type Tool } from './drawing.tsx';

/** 隐私遮挡: areas that nobody sees, drawn on the picture; the server blackens them in everything that leaves. */
export function Masks({ camera }: { camera: string }) {
  const masks = useQuery({
    queryKey: ['masks', camera],
    queryFn: () => body(api.GET('/api/v1/cameras/{id}/masks', { params: { path: { id: camera } } })),
  });
  return (
    <Loaded query={masks}>
      {(data) => <Editor key={data.revision} camera={camera} kept={data.areas as Area[]} at={data.updatedAt} />}
    </Loaded>
  );
}

function Editor({ camera, kept, at }: { camera: string; kept: readonly Area[]; at: string | null }) {
  const may = useMay();
  const queries = useQueryClient();
  const [areas, setAreas] = useState(kept);
  const [tool, setTool] = useState<Tool>('rectangle');
  const changes = may('cameras', 'update');
  const still = useQuery({
    queryKey: ['still', camera, 'masks', at],
    queryFn: () => readStill(lately(camera, 960)),
    enabled: may('cameras', 'operate'),
    staleTime: 60_000,
    retry: false,
  });
  const address = useAddress(still.data?.jpeg);
  const dirty = areas !== kept;
  const keep = async (reason: string) => {
    await body(
      api.PUT('/api/v1/cameras/{id}/masks', {
        params: { path: { id: camera } },
        body: { areas: areas.map((area) => ({ ...area })), reason } as never,
      }),
    );
    await queries.invalidateQueries({ queryKey: ['masks', camera] });
    await queries.invalidateQueries({ queryKey: ['still', camera] });
  };
  return (
    <div className="masks">
      {changes && (
        <Segmented<Tool>
          size="small"
          value={tool}
          onChange={setTool}
          options={[
            { value: 'rectangle', label: t('video.masks.rectangle') },
            { value: 'polygon', label: t('video.masks.polygon') },
          ]}
        />
      )}
      <Drawing
        areas={areas}
        tool={changes && areas.length < MOST_AREAS ? tool : null}
        add={(area) => setAreas([...areas, area])}
        address={address}
      />
      {still.isError && <p className="quiet">{t('video.masks.noPicture')}</p>}
      {changes && <p className="quiet">{t(tool === 'rectangle' ? 'video.masks.hint' : 'video.masks.hintPolygon')}</p>}
      {areas.length === 0 ? (
        <p>{t('video.masks.none')}</p>
      ) : (
        <ol className="mask-list">
          {areas.map((area, n) => (
            <li key={JSON.stringify(area)}>
              {t(area.shape === 'rectangle' ? 'video.masks.rectangle' : 'video.masks.polygon')}
              {changes && (
                <Button size="small" type="link" onClick={() => setAreas(areas.filter((one) => one !== area))}>
                  {t('video.masks.remove', { n: n + 1 })}
                </Button>
              )}
            </li>
          ))}
        </ol>
      )}
      {at && (
        <p className="quiet">
          {t('video.masks.changed')} <Ago at={at} />
        </p>
      )}
      {changes && (
        <div className="mask-acts">
          <ConfirmButton
            type="primary"
            disabled={!dirty}
            title={t('video.masks.save')}
            consequence={t('video.masks.consequence')}
            reason
            act={keep}
          >
            {t('video.masks.save')}
          </ConfirmButton>
          <Button disabled={!dirty} onClick={() => setAreas(kept)}>
            {t('video.masks.undo')}
          </Button>
        </div>
      )}
    </div>
  );
}
