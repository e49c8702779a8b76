import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { type Answer, api, body } from '../../api/client.ts';
import { t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { ProblemNotice } from '../../parts/problem.tsx';
import { Ago, exactTime, useNow } from '../../parts/time.tsx';
import { invitationOnce } from './invite.tsx';
import type { Once } from './once.tsx';

type Invitation = Answer<'VendorInvitation'>;

/** Who was asked to join for a vendor; the link of a new one is shown once. */
export function VendorInvitations({
  vendor: { id, name },
  shown,
}: {
  vendor: Answer<'Vendor'>;
  shown: (once: Once) => void;
}) {
  const queries = useQueryClient();
  const now = useNow();
  const key = ['lists', 'invitations', id];
  const path = { params: { path: { id } } };
  const query = useQuery({ queryKey: key, queryFn: () => body(api.GET('/api/v1/vendors/{id}/invitations', path)) });
  const [email, setEmail] = useState('');
  const [error, setError] = useState<unknown>();
  const again = () => queries.invalidateQueries({ queryKey: key });
  const invite = async () => {
    setError(undefined);
    try {
      const made = await body(
        api.POST('/api/v1/vendors/{id}/invitations', {
          ...path,
          body: email.trim() ? { email: email.trim() } : {},
        }),
      );
      shown(invitationOnce(name, made));
      setEmail('');
      await again();
    } catch (cause) {
      setError(cause);
    }
  };
  const words = ({ usedAt, revokedAt, expiresAt }: Invitation) => {
    if (usedAt) return t('invitations.used', { at: exactTime(usedAt) });
    if (revokedAt) return t('invitations.revoked');
    return Date.parse(expiresAt) <= now
      ? t('invitations.expired')
      : t('invitations.until', { at: exactTime(expiresAt).slice(0, 16) });
  };
  return (
    <section className="beyond">
      <h3>{t('invitations.title')}</h3>
      <Loaded query={query}>
        {({ items }) => (
          <ul className="listed">
            {items.map((one) => (
              <li key={one.id}>
                <span>{one.email ?? t('invitations.anybody')}</span>
                <span className="quiet">
                  {words(one)} · <Ago at={one.createdAt} />
                </span>
                {!one.usedAt && !one.revokedAt && Date.parse(one.expiresAt) > now && (
                  <ConfirmButton
                    size="small"
                    title={t('invitations.revoke')}
                    consequence={t('invitations.revoke.consequence')}
                    act={async () => {
                      await api.DELETE('/api/v1/vendors/{id}/invitations/{invitationId}', {
                        params: { path: { id, invitationId: one.id } },
                      });
                      await again();
                    }}
                  >
                    {t('invitations.revoke')}
                  </ConfirmButton>
                )}
              </li>
            ))}
          </ul>
        )}
      </Loaded>
      <div className="acts">
        <Input
          className="filter-search"
          value={email}
          maxLength={200}
          placeholder={t('invitations.email')}
          aria-label={t('invitations.email')}
          onChange={({ target }) => setEmail(target.value)}
        />
        <Button onClick={() => void invite()}>{t('invitations.make')}</Button>
      </div>
      <p className="quiet">{t('invitations.rule')}</p>
      {error !== undefined && <ProblemNotice error={error} />}
    </section>
  );
}
