import { Button, Drawer, Form, type FormInstance } from 'antd';
import { type ReactNode, useState } from 'react';
import { showInForm } from './form-problem.ts';
import { ProblemNotice } from './problem.tsx';

interface FormDrawerProps<Input extends object> {
  readonly title: string;
  readonly open: boolean;
  readonly close: () => void;
  readonly form: FormInstance<Input>;
  readonly initial: Partial<Input>;
  readonly save: (input: Input) => Promise<unknown>;
  readonly saveLabel: string;
  readonly children: ReactNode;
  /** Beside the form, below it where there is no room: what it would bring about. */
  readonly aside?: ReactNode;
  /** Pixels. */
  readonly width?: number;
}

/** A form in a drawer that stays open until the gateway took it; what is refused stands beside its field. */
export function FormDrawer<Input extends object>(props: FormDrawerProps<Input>) {
  const { title, open, close, form, initial, save, saveLabel, children, aside, width = 560 } = props;
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const run = async (input: Input) => {
    setBusy(true);
    setError(undefined);
    try {
      await save(input);
      close();
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
        <Button type="primary" loading={busy} onClick={() => form.submit()}>
          {saveLabel}
        </Button>
      }
    >
      <div className={aside ? 'form-beside' : undefined}>
        <Form<Input>
          form={form}
          layout="vertical"
          preserve={false}
          scrollToFirstError
          initialValues={initial}
          onFinish={(input) => void run(input)}
        >
          {children}
          {error !== undefined && <ProblemNotice error={error} />}
        </Form>
        {aside && <aside>{aside}</aside>}
      </div>
    </Drawer>
  );
}
