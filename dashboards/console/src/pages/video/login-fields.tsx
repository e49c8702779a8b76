import { Form, Input } from 'antd';
import { t } from '../../language.ts';

/** User and password of a camera; browsers are told not to keep them as somebody's own. */
export function LoginFields() {
  return (
    <div className="onboard-login">
      <Form.Item name="username" label={t('onboard.username')}>
        <Input autoComplete="off" maxLength={64} />
      </Form.Item>
      <Form.Item name="password" label={t('onboard.password')} extra={t('onboard.password.hint')}>
        <Input.Password autoComplete="new-password" maxLength={128} visibilityToggle={false} />
      </Form.Item>
    </div>
  );
}
