import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Table, Tag } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Mark } from '../../parts/mark.tsx';
import { Nothing } from '../../parts/nothing.tsx';
import { Page } from '../../parts/page.tsx';
import { Ago, exactTime, useNow } from '../../parts/time.tsx';
import { NewKey, ShownOnce } from './new-key.tsx';
import { NoVendor, useVendor } from './whose.tsx';
import './vendor.css';

type Key = Answer<'ApiKey'>;
/** The old key works on meanwhile, so that nothing stops while it is exchanged. */
const OVERLAP = '24h';

/** Keys of a vendor: what they may, when they were used last; new ones are shown once. */
export default function Keys() {
  const vendor = useVendor();
  const [made, setMade] = useState<Answer<'NewApiKey'> | null>(null);
  const [making, setMaking] = useState(false);
  const { id } = vendor;
  return (
    <Page
      title={t('keys.title')}
      guide="vendors"
      actions={
        <>
          {vendor.select}
          {id && (
            <Button type="primary" onClick={() => setMaking(true)}>
              {t('keys.new')}
            </Button>
          )}
        </>
      }
    >
      {id ? (
        <>
          {made && <ShownOnce made={made} vendorId={id} done={() => setMade(null)} />}
          <List vendorId={id} made={setMade} />
          <NewKey
            vendorId={id}
            open={making}
            close={() => setMaking(false)}
            made={(key) => {
              setMaking(false);
              setMade(key);
            }}
          />
        </>
      ) : (
        <NoVendor />
      )}
    </Page>
  );
}

function List({ vendorId, made }: { vendorId: string; made: (key: Answer<'NewApiKey'>) => void }) {
  const queries = useQueryClient();
  const now = useNow();
  const keys = useQuery({
    queryKey: ['lists', 'vendor-keys', vendorId],
    queryFn: () => body(api.GET('/api/v1/vendors/{id}/api-keys', { params: { path: { id: vendorId } } })),
  });
  const again = () => queries.invalidateQueries({ queryKey: ['lists', 'vendor-keys'] });
  const at = (keyId: string) => ({ params: { path: { id: vendorId, keyId } } });
  const rotate = async ({ id }: Key) => {
    made(
      await body(api.POST('/api/v1/vendors/{id}/api-keys/{keyId}/rotate', { ...at(id), body: { overlap: OVERLAP } })),
    );
    await again();
  };
  const remove = async ({ id }: Key) => {
    await api.DELETE('/api/v1/vendors/{id}/api-keys/{keyId}', at(id));
    await again();
  };
  const over = ({ revokedAt, expiresAt }: Key) =>
    revokedAt !== null || (expiresAt !== null && Date.parse(expiresAt) <= now);
  return (
    <Loaded query={keys}>
      {({ items }) => (
        <Table<Key>
          size="small"
          rowKey="id"
          pagination={false}
          scroll={{ x: 'max-content' }}
          dataSource={items}
          locale={{ emptyText: <Nothing title={t('keys.none')} next={t('keys.none.next')} /> }}
          columns={[
            {
              title: t('keys.name'),
              render: (_, key) => (
                <>
                  {key.name}
                  {key.description && <div className="quiet">{key.description}</div>}
                </>
              ),
            },
            {
              title: t('keys.state'),
              render: (_, key) =>
                over(key) ? (
                  <Mark tone="none" shape="cross" label={t(key.revokedAt ? 'keys.revoked' : 'keys.expired')} />
                ) : (
                  <Mark tone="good" shape="disc" label={t('keys.valid')} />
                ),
            },
            {
              title: t('keys.scopes'),
              render: (_, { scopes }) =>
                scopes === null ? t('keys.all') : scopes.map((scope) => <Tag key={scope}>{tCode('scope', scope)}</Tag>),
            },
            { title: t('keys.addresses'), render: (_, { addresses }) => addresses?.join(', ') ?? t('keys.anywhere') },
            {
              title: t('keys.used'),
              render: (_, { lastUsedAt, lastUsedAddress }) => (
                <>
                  <Ago at={lastUsedAt} /> <span className="quiet">{lastUsedAddress}</span>
                </>
              ),
            },
            {
              title: t('keys.expires'),
              render: (_, { expiresAt }) => (expiresAt ? exactTime(expiresAt) : t('keys.never')),
            },
            {
              title: t('keys.actions'),
              render: (_, key) =>
                !over(key) && (
                  <>
                    <ConfirmButton
                      size="small"
                      title={t('keys.rotate')}
                      consequence={t('keys.rotate.consequence', { name: key.name })}
                      act={() => rotate(key)}
                    >
                      {t('keys.rotate')}
                    </ConfirmButton>{' '}
                    <ConfirmButton
                      size="small"
                      danger
                      title={t('keys.remove')}
                      consequence={t('keys.remove.consequence', { name: key.name })}
                      act={() => remove(key)}
                    >
                      {t('keys.remove')}
                    </ConfirmButton>
                  </>
                ),
            },
          ]}
        />
      )}
    </Loaded>
  );
}
