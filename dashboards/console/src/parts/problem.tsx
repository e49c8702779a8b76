import { Alert, Button } from 'antd';
import { lazy, Suspense } from 'react';
import { besideField, Problem } from '../api/problem.ts';
import { t } from '../language.ts';

/** What went wrong, of which field, the remedy, and the id to tell to whoever looks after the gateway. */
export function ProblemNotice({ error, again }: { error: unknown; again?: () => void }) {
  const problem = error instanceof Problem ? error : null;
  // What the title says already is not said again.
  const more = problem?.fields.filter(({ message, row }) => row !== undefined || message !== problem.message) ?? [];
  // One field's words need no path before them: it is beside them or the only one there is.
  const [only, ...others] = problem?.fields ?? [];
  const said = problem && only && others.length === 0 ? besideField({ ...only, message: problem.message }) : null;
  return (
    <Alert
      type="error"
      showIcon
      title={said ?? problem?.message ?? t('problem.noAnswer')}
      description={
        problem && (
          <>
            {more.length > 0 && (
              <ul className="fields">
                {more.map(({ path, message, row }) => (
                  <li key={`${row ?? ''}${path}${message}`}>
                    {row !== undefined && `${t('problem.row', { row })} `}
                    {message}
                  </li>
                ))}
              </ul>
            )}
            {problem.requestId && <RequestId id={problem.requestId} />}
          </>
        )
      }
      action={again && <Button onClick={again}>{t('problem.again')}</Button>}
    />
  );
}

const Copyable = lazy(() => import('./copyable.tsx'));

function RequestId({ id }: { id: string }) {
  const words = t('problem.id', { id });
  return (
    <Suspense fallback={words}>
      <Copyable text={id} words={words} />
    </Suspense>
  );
}
