import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { Missing } from './missing.tsx';
import { Shell } from './shell.tsx';

type Load = () => Promise<{ default: ComponentType }>;

const root = createRootRoute({ component: Shell, notFoundComponent: Missing });

/** A page of its own file, loaded when somebody goes there. What it filters by stands in the address. */
const page = <const Path extends string>(path: Path, load: Load) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(load),
    validateSearch: (search: Record<string, unknown>): Record<string, unknown> => search,
  });

export const router = createRouter({
  routeTree: root.addChildren([
    page('/', () => import('../pages/overview/overview.tsx')),
    page('/account', () => import('../pages/account/account.tsx')),
  ]),
  defaultPreload: 'intent',
  defaultPendingMs: 200,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
