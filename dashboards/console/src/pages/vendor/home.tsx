import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { Page } from '../../parts/page.tsx';
import { Company } from './company.tsx';
import { OwnDevices } from './own-devices.tsx';
import { RecentRefusals } from './recent-refusals.tsx';
import { Steps } from './steps.tsx';
import { NoVendor, useVendor } from './whose.tsx';
import './vendor.css';

/** Where a vendor stands between its application and devices in service, and what comes next. */
export default function Home() {
  const { id, own, select } = useVendor();
  const vendor = useQuery({
    queryKey: ['lists', 'vendor', id],
    enabled: id !== null,
    queryFn: () =>
      own
        ? body(api.GET('/api/v1/vendors/me'))
        : body(api.GET('/api/v1/vendors/{id}', { params: { path: { id: id ?? '' } } })),
  });
  return (
    <Page
      title={t('vendor.home')}
      guide="vendor-guide"
      actions={
        <>
          {select}
          <Link to="/help/$guide" params={{ guide: 'vendor.quickstart' }}>
            <Button>{t('vendor.quickstart')}</Button>
          </Link>
          <Button href="/api/openapi.json" download="chengyun-gateway-openapi.json">
            {t('vendor.openapi')}
          </Button>
        </>
      }
    >
      {id === null ? (
        <NoVendor />
      ) : (
        <Loaded query={vendor}>
          {(data) => (
            <>
              <div className="vendor-halves">
                <Steps vendor={data} />
                <div className="vendor-side">
                  <RecentRefusals own={own} />
                  <Company vendor={data} own={own} />
                </div>
              </div>
              <OwnDevices vendorId={data.id} />
            </>
          )}
        </Loaded>
      )}
    </Page>
  );
}
