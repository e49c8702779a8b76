import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Problem } from '../api/problem.ts';
import { Look } from '../look/theme.tsx';
import { router } from './router.tsx';
import { SessionGate } from './session.tsx';

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // A refusal stays one; only what got no answer is asked again.
      retry: (count, error) => count < 2 && !(error instanceof Problem && error.status < 500),
      refetchOnWindowFocus: true,
    },
  },
});

export function App() {
  return (
    <Look>
      <QueryClientProvider client={queries}>
        <SessionGate>
          <RouterProvider router={router} />
        </SessionGate>
      </QueryClientProvider>
    </Look>
  );
}
