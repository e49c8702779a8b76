import { Alert } from 'antd';
import { t } from '../../language.ts';

/** A browser gives neither the place nor pages kept in the phone to an address that is not encrypted: said, not found out on site. */
export function PlainLine() {
  return window.isSecureContext ? null : <Alert type="warning" showIcon title={t('field.plainLine')} />;
}
