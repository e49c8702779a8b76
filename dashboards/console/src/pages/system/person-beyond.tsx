import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Button } from 'antd';
import { type Answer, api, body } from '../../api/client.ts';
import { useMay } from '../../app/rights.ts';
import { useMe } from '../../app/session.tsx';
import { t, tCode } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Ago } from '../../parts/time.tsx';
import { Identities } from './identities.tsx';

type User = Answer<'User'>;
interface PersonBeyondProps {
  readonly user: User;
  readonly put: (user: User) => void;
  readonly shown: (made: { user: User; password?: string }) => void;
}

/** What is done with an account: its password, its codes, its sessions, who it is elsewhere. */
export function PersonBeyond({ user, put, shown }: PersonBeyondProps) {
  const may = useMay();
  const self = useMe().id === user.id;
  if (!may('users', 'update')) return null;
  const { id, name, disabled, secondFactor } = user;
  const path = { params: { path: { id } } };
  const change = async (input: { disabled?: boolean; resetPassword?: true }) => {
    const answer = await body(api.PATCH('/api/v1/users/{id}', { ...path, body: input }));
    put(answer.user);
    shown(answer);
  };
  return (
    <>
      <section className="beyond">
        <h3>{t('people.account')}</h3>
        {self ? (
          <p className="quiet">
            {t('people.self')} <Link to="/account">{t('people.self.account')}</Link>
          </p>
        ) : (
          <div className="acts">
            <ConfirmButton
              title={t('people.reset')}
              consequence={t('people.reset.consequence', { name })}
              act={() => change({ resetPassword: true })}
            >
              {t('people.reset')}
            </ConfirmButton>
            {secondFactor && (
              <ConfirmButton
                reason
                title={t('people.resetCodes')}
                consequence={t('people.resetCodes.consequence', { name })}
                act={async (reason) => {
                  await api.POST('/api/v1/users/{id}/totp/reset', { ...path, body: { reason } });
                  put({ ...user, secondFactor: false });
                }}
              >
                {t('people.resetCodes')}
              </ConfirmButton>
            )}
            {disabled ? (
              <Button onClick={() => void change({ disabled: false })}>{t('people.enable')}</Button>
            ) : (
              <ConfirmButton
                danger
                title={t('people.disable')}
                consequence={t('people.disable.consequence', { name })}
                act={() => change({ disabled: true })}
              >
                {t('people.disable')}
              </ConfirmButton>
            )}
          </div>
        )}
      </section>
      <Sessions user={user} />
      <Identities userId={id} />
    </>
  );
}

function Sessions({ user: { id, name } }: { user: User }) {
  const queries = useQueryClient();
  const key = ['lists', 'sessions', id];
  const sessions = useQuery({
    queryKey: key,
    queryFn: () => body(api.GET('/api/v1/users/{id}/sessions', { params: { path: { id } } })),
  });
  const again = () => queries.invalidateQueries({ queryKey: key });
  return (
    <section className="beyond">
      <h3>{t('people.sessions')}</h3>
      <Loaded query={sessions}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">{t('people.sessions.none')}</p>
          ) : (
            <>
              <ul className="listed">
                {items.map((session) => (
                  <li key={session.id}>
                    <span>{session.address}</span>
                    <span className="quiet">
                      {tCode('account.via', session.via)} · <Ago at={session.lastSeenAt} />
                    </span>
                    <ConfirmButton
                      size="small"
                      title={t('people.session.end')}
                      consequence={t('people.session.end.consequence', { name })}
                      act={async () => {
                        await api.DELETE('/api/v1/users/{id}/sessions/{sessionId}', {
                          params: { path: { id, sessionId: session.id } },
                        });
                        await again();
                      }}
                    >
                      {t('people.session.end')}
                    </ConfirmButton>
                  </li>
                ))}
              </ul>
              {items.length > 1 && (
                <div className="acts">
                  <ConfirmButton
                    title={t('people.sessions.end')}
                    consequence={t('people.sessions.end.consequence', { name })}
                    act={async () => {
                      await api.DELETE('/api/v1/users/{id}/sessions', { params: { path: { id } } });
                      await again();
                    }}
                  >
                    {t('people.sessions.end')}
                  </ConfirmButton>
                </div>
              )}
            </>
          )
        }
      </Loaded>
    </section>
  );
}
