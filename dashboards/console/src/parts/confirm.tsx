import { App, Button, type ButtonProps, Checkbox, Form, Input } from 'antd';
import type { ReactNode } from 'react';
import { Problem } from '../api/problem.ts';
import { t } from '../language.ts';
import { ProblemNotice } from './problem.tsx';

interface ConfirmProps extends Omit<ButtonProps, 'onClick'> {
  /** What will happen, in a sentence; not "are you sure". */
  readonly consequence: ReactNode;
  readonly title: string;
  /** Asks why; the gateway wants it for its history. */
  readonly reason?: boolean;
  /** `sure` = done although a 重保 goes on; asked only after the gateway has refused for that. */
  readonly act: (reason: string, sure: boolean) => Promise<unknown>;
}

/** A button for what is not easily undone: says what it does before it does it. */
export function ConfirmButton({ consequence, title, reason = false, act, ...button }: ConfirmProps) {
  const { modal } = App.useApp();
  const [form] = Form.useForm<{ reason: string; sure?: boolean }>();
  const ask = () => {
    form.resetFields();
    const ok = (loading: boolean) => ({ okButtonProps: { danger: button.danger ?? false, loading } });
    const shown = modal.confirm({
      title,
      content: content(),
      okText: title,
      ...ok(false),
      // Taking `close` and giving back no promise keeps it open until it is done: what is refused stands within.
      onOk: (close: () => void) => void run(close),
    });
    async function run(close: () => void) {
      const typed = await form.validateFields().catch(() => null);
      if (typed === null) return;
      shown.update(ok(true));
      try {
        await act(typed.reason ?? '', typed.sure ?? false);
        close();
      } catch (error) {
        shown.update({ content: content(error), ...ok(false) });
      }
    }
    function content(error?: unknown) {
      const guarded = error instanceof Problem && typeof error.more['security'] === 'string';
      return (
        <Form form={form} layout="vertical">
          <p>{consequence}</p>
          {reason && (
            <Form.Item name="reason" label={t('confirm.reason')} rules={[{ required: true, min: 2 }]}>
              <Input.TextArea rows={2} maxLength={200} />
            </Form.Item>
          )}
          {error !== undefined && <ProblemNotice error={error} />}
          {guarded && (
            <Form.Item name="sure" valuePropName="checked">
              <Checkbox>{t('confirm.security')}</Checkbox>
            </Form.Item>
          )}
        </Form>
      );
    }
  };
  return <Button {...button} onClick={ask} />;
}
