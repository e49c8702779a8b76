import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Spin } from 'antd';
import { createContext, lazy, type PropsWithChildren, Suspense, useContext, useEffect } from 'react';
import { type Answer, api, body } from '../api/client.ts';
import { Problem } from '../api/problem.ts';
import { useLanguage } from '../language.ts';
import type { Step } from '../pages/sign-in/sign-in.tsx';
import { ProblemNotice } from '../parts/problem.tsx';
import { forgetKept, sessionOrKept } from '../parts/queue/kept.ts';

type User = Answer<'CurrentUser'>;
const SignIn = lazy(() => import('../pages/sign-in/sign-in.tsx'));
const Me = createContext<User | null>(null);
const SESSION = ['session'];
/** Pages for strangers; whoever is signed in may look at them too. */
const PUBLIC = /^\/(join|invitation\/[^/]+)\/?$/;

/** Who is signed in; only asked for inside {@link SessionGate}. */
export function useMe(): User {
  const me = useContext(Me);
  if (me === null) throw new Error('nobody is signed in');
  return me;
}

export function useLeave(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await forgetKept();
    await api.DELETE('/api/v1/sessions');
    queries.clear();
    await queries.invalidateQueries({ queryKey: SESSION });
  };
}

/** The pages for whoever is signed in, the login for everybody else. */
export function SessionGate({ children }: PropsWithChildren) {
  useLanguage();
  const queries = useQueryClient();
  const session = useQuery({
    queryKey: SESSION,
    queryFn: () => sessionOrKept(() => body(api.GET('/api/v1/sessions/current'))),
    networkMode: 'always',
    staleTime: Number.POSITIVE_INFINITY,
  });
  const ask = () => queries.invalidateQueries({ queryKey: SESSION });
  useEffect(
    () =>
      queries.getQueryCache().subscribe(({ query }) => {
        const { error } = query.state;
        // A session that ended while the page was open: back to the door, once.
        if (error instanceof Problem && ENDED.has(error.code) && query.queryKey[0] !== SESSION[0]) {
          query.setState({ ...query.state, error: null });
          void queries.invalidateQueries({ queryKey: SESSION });
        }
      }),
    [queries],
  );
  if (PUBLIC.test(window.location.pathname)) return children;
  if (session.isPending) return <Spin fullscreen />;
  const user = session.data?.user ?? null;
  if (session.isError && user === null) return <ProblemNotice error={session.error} again={ask} />;
  const step = stepOf(user);
  if (step !== null || user === null) {
    return (
      <Suspense fallback={<Spin fullscreen />}>
        <SignIn step={step ?? 'login'} entered={ask} />
      </Suspense>
    );
  }
  return <Me value={user}>{children}</Me>;
}

const ENDED = new Set(['UNAUTHENTICATED', 'PASSWORD_CHANGE_REQUIRED', 'SECOND_FACTOR_ENROLMENT_REQUIRED']);

function stepOf(user: User | null): Step | null {
  if (user === null) return 'login';
  if (user.mustChangePassword) return 'password';
  return user.mustEnrol ? 'codes' : null;
}
