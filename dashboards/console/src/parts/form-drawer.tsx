import { App, Button, Drawer, Form, type FormInstance } from 'antd';
import { type ReactNode, useState } from 'react';
import { t } from '../language.ts';
import { showInForm, useForgetting } from './form-problem.ts';
import { ProblemNotice } from './problem.tsx';
import './form-drawer.css';

interface FormDrawerProps<Input extends object> {
  readonly title: string;
  readonly open: boolean;
  readonly close: () => void;
  readonly form: FormInstance<Input>;
  readonly initial: Partial<Input>;
  /** Absent = it may be looked at only. Answers false when the form is to stay open. */
  readonly save?: (input: Input) => Promise<unknown>;
  /** What the button says; absent = save. */
  readonly saveLabel?: string;
  readonly children: ReactNode;
  /** Beside the form, below it where there is no room: what it would bring about. */
  readonly aside?: ReactNode;
  /** Below the form, and no part of it. */
  readonly below?: ReactNode;
  /** At the end of the row of buttons. */
  readonly foot?: ReactNode;
  /** Pixels. */
  readonly width?: number;
}

/** A form in a drawer that stays open until the gateway took it; what is refused stands beside its field. */
export function FormDrawer<Input extends object>(props: FormDrawerProps<Input>) {
  const { title, open, close, form, initial, save, children, aside, below, foot, width = 560 } = props;
  const { message } = App.useApp();
  useForgetting(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (input: Input) => {
    setBusy(true);
    setError(undefined);
    try {
      if ((await save?.(input)) !== false) {
        void message.success(t('thing.saved'));
        close();
      }
    } catch (cause) {
      if (!showInForm(form, cause)) setError(cause);
    }
    setBusy(false);
  };
  return (
    <Drawer
      open={open}
      onClose={close}
      title={title}
      size={width}
      destroyOnHidden
      afterOpenChange={(shown) => {
        if (!shown) setError(undefined);
      }}
      footer={
        <div className="form-foot">
          {save && (
            <Button type="primary" loading={busy} onClick={() => form.submit()}>
              {props.saveLabel ?? t('thing.save')}
            </Button>
          )}
          <Button onClick={close}>{t(save ? 'thing.cancel' : 'thing.close')}</Button>
          {foot && <span className="form-foot-end">{foot}</span>}
        </div>
      }
    >
      <div className={aside ? 'form-beside' : undefined}>
        <Form<Input>
          form={form}
          layout="vertical"
          preserve={false}
          // What one thing was opened with must not be what the next one shows.
          clearOnDestroy
          disabled={!save}
          scrollToFirstError
          initialValues={initial}
          onFinish={(input) => void run(input)}
        >
          {children}
          {error !== undefined && <ProblemNotice error={error} />}
        </Form>
        {aside && <aside>{aside}</aside>}
      </div>
      {below}
    </Drawer>
  );
}
