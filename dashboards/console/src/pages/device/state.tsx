import { Link } from '@tanstack/react-router';
import type { Answer } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { LivePicture } from '../../parts/live/live-picture.tsx';
import { Diagnosis } from './diagnosis.tsx';
import { DeviceLanes } from './lanes.tsx';
import { isCamera } from './type.ts';
import { Why } from './why.tsx';

/** How it is and was, and why the gateway thinks so. */
export function State({ device }: { device: Answer<'Device'> }) {
  const may = useMay();
  const camera = isCamera(device);
  const seen = camera && may('cameras', 'read');
  return (
    <>
      <div className={seen ? 'device-halves' : ''}>
        {seen && (
          <section className="sheet">
            <h2>
              {t('device.picture')}
              <Link to="/video" search={{ camera: device.id }}>
                {t('device.toVideo')}
              </Link>
            </h2>
            <LivePicture camera={device.id} />
          </section>
        )}
        <Why device={device} />
      </div>
      <DeviceLanes device={device} camera={camera} />
      {seen && <Diagnosis id={device.id} />}
    </>
  );
}
