import type { ReactNode } from 'react';
import { useMe } from '../../app/session.tsx';
import { t } from '../../language.ts';
import { useFilters } from '../../parts/filters.ts';
import { NamedSelect } from '../../parts/named-select.tsx';
import { Nothing } from '../../parts/nothing.tsx';

/** Which vendor a page is about: one's own; people of the house choose. */
export function useVendor(): { readonly id: string | null; readonly select: ReactNode; readonly own: boolean } {
  const { vendorId } = useMe();
  const [{ vendor }, change] = useFilters();
  if (vendorId !== null) return { id: vendorId, select: null, own: true };
  const select = (
    <NamedSelect
      of="vendors"
      value={vendor}
      placeholder={t('vendor.choose')}
      aria-label={t('vendor.choose')}
      onChange={(id) => change({ vendor: id })}
      style={{ minWidth: 200 }}
    />
  );
  return { id: vendor ?? null, select, own: false };
}

export const NoVendor = () => <Nothing title={t('vendor.chooseFirst')} />;
