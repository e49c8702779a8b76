import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { App, Button, Drawer, Form, type FormInstance } from 'antd';
import { type ReactNode, useState } from 'react';
import { type Resource, useMay } from '../../app/rights.ts';
import { t } from '../../language.ts';
import { ConfirmButton } from '../../parts/confirm.tsx';
import { showInForm } from '../../parts/form-problem.ts';
import { ProblemNotice } from '../../parts/problem.tsx';
import './system.css';

/** A named thing of the house that is listed, added, changed and removed. `Input` is what its form holds. */
export interface Thing<Row extends { readonly id: string }, Input extends object> {
  readonly resource: Resource;
  /** Heading of the drawer; null = a new one. */
  readonly title: (row: Row | null) => string;
  readonly initial: (row: Row | null) => Partial<Input>;
  readonly fields: (row: Row | null, form: FormInstance<Input>) => ReactNode;
  readonly create?: (input: Input) => Promise<unknown>;
  readonly change?: (row: Row, input: Input) => Promise<unknown>;
  /** What a change brings about that one would not expect; null = nothing. Asked before it is saved. */
  readonly brings?: (row: Row, input: Input) => string | null;
  readonly remove?: {
    readonly act: (row: Row) => Promise<unknown>;
    readonly consequence: (row: Row) => ReactNode;
    /** Why it cannot be removed now; the button is not shown then, the reason is. */
    readonly hindered?: (row: Row) => string | null;
  };
  /** What else belongs to one that exists, below its fields; `put` shows a newer state of it. */
  readonly beyond?: (row: Row, put: (row: Row) => void) => ReactNode;
  /** What is asked for again after a change. */
  readonly stale: readonly QueryKey[];
  /** Pixels. */
  readonly width?: number;
}

interface Editing<Row> {
  readonly open: (row: Row | null) => void;
  readonly mayCreate: boolean;
  readonly drawer: ReactNode;
}

/** One drawer to look at, add, change and remove such things; what one may not do is not offered. */
export function useThing<Row extends { readonly id: string }, Input extends object>(
  thing: Thing<Row, Input>,
): Editing<Row> {
  const may = useMay();
  const [row, setRow] = useState<Row | null>(null);
  const [shown, setShown] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [form] = Form.useForm<Input>();
  const { modal, message } = App.useApp();
  const queries = useQueryClient();
  const again = () => Promise.all(thing.stale.map((queryKey) => queries.invalidateQueries({ queryKey })));
  const mayCreate = thing.create !== undefined && may(thing.resource, 'create');
  const mayWrite = row === null ? mayCreate : thing.change !== undefined && may(thing.resource, 'update');
  const close = () => setShown(false);
  const save = async (input: Input) => {
    setBusy(true);
    setError(undefined);
    try {
      await (row === null ? thing.create?.(input) : thing.change?.(row, input));
      await again();
      void message.success(t('thing.saved'));
      close();
    } catch (cause) {
      if (!showInForm(form, cause)) setError(cause);
    }
    setBusy(false);
  };
  const ask = (input: Input) => {
    const brings = row === null ? null : (thing.brings?.(row, input) ?? null);
    if (brings === null) return void save(input);
    modal.confirm({ title: t('thing.save'), content: brings, okText: t('thing.save'), onOk: () => save(input) });
  };
  const { remove } = thing;
  const hindered = row === null ? null : (remove?.hindered?.(row) ?? null);
  const drawer = (
    <Drawer
      open={shown}
      onClose={close}
      title={shown && thing.title(row)}
      size={thing.width ?? 480}
      destroyOnHidden
      footer={
        (mayWrite || row !== null) && (
          <div className="thing-foot">
            {mayWrite && (
              <Button type="primary" loading={busy} onClick={() => form.submit()}>
                {t('thing.save')}
              </Button>
            )}
            <Button onClick={close}>{t(mayWrite ? 'thing.cancel' : 'thing.close')}</Button>
            {row !== null && remove && may(thing.resource, 'remove') && (
              <span className="thing-remove">
                {hindered === null ? (
                  <ConfirmButton
                    danger
                    title={t('thing.remove')}
                    consequence={remove.consequence(row)}
                    act={async () => {
                      await remove.act(row);
                      close();
                      await again();
                    }}
                  >
                    {t('thing.remove')}
                  </ConfirmButton>
                ) : (
                  <span className="quiet">{hindered}</span>
                )}
              </span>
            )}
          </div>
        )
      }
    >
      <Form<Input>
        key={row?.id ?? ''}
        form={form}
        layout="vertical"
        disabled={!mayWrite}
        scrollToFirstError
        initialValues={thing.initial(row)}
        onFinish={ask}
      >
        {thing.fields(row, form)}
        {error !== undefined && <ProblemNotice error={error} />}
      </Form>
      {row !== null &&
        thing.beyond?.(row, (next) => {
          setRow(next);
          void again();
        })}
    </Drawer>
  );
  return {
    open: (next) => {
      setRow(next);
      setError(undefined);
      form.resetFields();
      setShown(true);
    },
    mayCreate,
    drawer,
  };
}

/** The name in a list: opens the thing, by keyboard too. */
export function Opens({ name, onOpen }: { name: ReactNode; onOpen: () => void }) {
  return (
    <button
      type="button"
      className="opens-thing"
      onClick={(event) => {
        event.stopPropagation();
        onOpen();
      }}
    >
      {name}
    </button>
  );
}
