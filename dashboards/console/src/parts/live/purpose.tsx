import { Button, Form, Input } from 'antd';
import { createContext, type PropsWithChildren, useContext, useMemo, useState } from 'react';
import { t, tCode } from '../../language.ts';

const USUAL = ['patrol', 'incident', 'repair', 'evidence'] as const;
/** The last purpose given in this window is offered again. */
let last = '';

interface Shared {
  /** null = nobody was asked yet. */
  readonly purpose: string | null;
  readonly give: (purpose: string | null) => void;
}
const SharedPurpose = createContext<Shared | null>(null);

/** Pictures inside share one purpose: asked once, said at every view. */
export function OnePurpose({ children }: PropsWithChildren) {
  const [purpose, give] = useState<string | null>(null);
  const shared = useMemo(() => ({ purpose, give }), [purpose]);
  return <SharedPurpose value={shared}>{children}</SharedPurpose>;
}
export const useSharedPurpose = (): Shared | null => useContext(SharedPurpose);

interface PurposeProps {
  readonly go: (purpose: string) => void;
  readonly cancel?: () => void;
  /** What the button does. */
  readonly label: string;
}

/** Asks why somebody looks; what is usual is one click. */
export function PurposeForm({ go, cancel, label }: PurposeProps) {
  const [form] = Form.useForm<{ purpose: string }>();
  const give = (purpose: string) => {
    last = purpose.trim();
    go(last);
  };
  return (
    <Form
      form={form}
      layout="vertical"
      className="purpose"
      initialValues={{ purpose: last }}
      onFinish={({ purpose }) => give(purpose)}
      onKeyDown={(event) => event.key === 'Escape' && cancel?.()}
    >
      <Form.Item
        name="purpose"
        label={t('live.purpose')}
        rules={[{ required: true, min: 2, max: 200, whitespace: true, message: t('live.purpose.rule') }]}
      >
        <Input autoFocus maxLength={200} />
      </Form.Item>
      <div className="purpose-usual">
        {USUAL.map((key) => (
          <Button key={key} size="small" onClick={() => give(tCode('purpose', key))}>
            {tCode('purpose', key)}
          </Button>
        ))}
      </div>
      <p className="purpose-note">{t('live.logged')}</p>
      <div className="purpose-acts">
        {cancel && <Button onClick={cancel}>{t('live.cancel')}</Button>}
        <Button type="primary" htmlType="submit">
          {label}
        </Button>
      </div>
    </Form>
  );
}
